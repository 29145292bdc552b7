/* nmethod.c — compiled method + pc -> chain of inlined methods with bytecode indexes. Signal
 * context. Sources: HotSpot code/nmethod.hpp, code/pcDesc.hpp, code/scopeDesc.cpp,
 * utilities/unsigned5.hpp. */
#include "vm/code_cache.h"

enum {
    PCDESC_SEARCH_MAX = 32,    /* binary search steps: 2^32 entries */
    INVOCATION_ENTRY_BCI = -1, /* HotSpot InvocationEntryBci, the bias of encoded bcis */
    COMP_LEVEL_FULL_OPTIMIZATION = 4,
};

SIGSAFE uintptr_t nmethod_method(const struct vm *vm, uintptr_t nmethod, bool *faulted)
{
    return vm_get(vm->nm_method, nmethod, faulted);
}

SIGSAFE bool nmethod_is_c1(const struct vm *vm, uintptr_t nmethod, bool *faulted)
{
    uint64_t level = vm_get(vm->nm_comp_level, nmethod, faulted) & 0xff;
    return level > 0 && level < COMP_LEVEL_FULL_OPTIMIZATION;
}

/* --- deoptimization --------------------------------------------------------------------------- */

static bool is_deopt_handler(const struct vm *vm, const struct code_blob *blob, uintptr_t pc,
                             bool *faulted)
{
    if (vm_has(vm->nm_deopt))
        return pc == vm_get(vm->nm_deopt, blob->address, faulted) ||
               (vm_has(vm->nm_deopt_mh) && pc == vm_get(vm->nm_deopt_mh, blob->address, faulted));
    uintptr_t at = pc - blob->address;
    return (vm_has(vm->nm_deopt_offset) &&
            at == vm_get(vm->nm_deopt_offset, blob->address, faulted)) ||
           (vm_has(vm->nm_deopt_mh_offset) &&
            at == vm_get(vm->nm_deopt_mh_offset, blob->address, faulted));
}

SIGSAFE uintptr_t nmethod_original_pc(const struct vm *vm, const struct code_blob *blob,
                                      uintptr_t pc, uintptr_t frame_sp, bool *faulted)
{
    if (!is_deopt_handler(vm, blob, pc, faulted))
        return pc;
    uint64_t offset = vm_get(vm->nm_orig_pc, blob->address, faulted);
    uintptr_t original = offset < blob->frame_bytes ? safe_load64(frame_sp + offset, faulted) : 0;
    return original >= blob->code_begin && original < blob->end ? original : pc;
}

/* --- debug info ------------------------------------------------------------------------------- */

struct debug_info {
    uintptr_t pcs, pcs_end; /* PcDesc array, sorted by pc offset, with a sentinel at each end */
    uintptr_t scopes_data;
    uintptr_t metadata;
};

static bool find_debug_info(const struct vm *vm, uintptr_t nm, struct debug_info *out,
                            bool *faulted)
{
    /* where offsets count from: the nmethod itself, or its read-only data apart (JDK 23+) */
    uintptr_t base = vm_has(vm->nm_immutable) ? vm_get(vm->nm_immutable, nm, faulted) : nm;
    out->pcs = base + vm_get(vm->nm_scopes_pcs, nm, faulted);
    out->scopes_data = vm_has(vm->nm_scopes_data)
                           ? vm_get(vm->nm_scopes_data, nm, faulted)
                           : base + vm_get(vm->nm_scopes_data_offset, nm, faulted);
    out->pcs_end = vm_has(vm->nm_dependencies) ? base + vm_get(vm->nm_dependencies, nm, faulted)
                                               : out->scopes_data;
    out->metadata = vm_has(vm->nm_metadata) ? nm + vm_get(vm->nm_metadata, nm, faulted)
                                            : vm_get(vm->blob_mutable_data, nm, faulted) +
                                                  vm_get(vm->blob_relocation_size, nm, faulted);
    return !*faulted && base && out->pcs < out->pcs_end;
}

/* The first PcDesc whose pc offset is >= offset: the one that describes the code up to there. */
static uintptr_t find_pcdesc(const struct vm *vm, const struct debug_info *info, int32_t offset,
                             bool *faulted)
{
    uint64_t low = 0, high = (info->pcs_end - info->pcs) / vm->pcdesc_bytes;
    uint64_t n = high;
    for (int i = 0; low < high && i < PCDESC_SEARCH_MAX; i++) {
        uint64_t mid = low + (high - low) / 2;
        uintptr_t desc = info->pcs + mid * vm->pcdesc_bytes;
        if ((int32_t)vm_get(vm->pcdesc_pc, desc, faulted) < offset)
            low = mid + 1;
        else
            high = mid;
    }
    return low < n ? info->pcs + low * vm->pcdesc_bytes : 0;
}

SIGSAFE bool nmethod_scopes(const struct vm *vm, const struct code_blob *blob, uintptr_t pc,
                            bool is_top, struct scope_cursor *out, bool *faulted)
{
    struct debug_info info;
    if (!find_debug_info(vm, blob->address, &info, faulted))
        return false;
    /* A PcDesc describes the instructions that end at its offset; the interrupted one begins at pc.
     */
    int32_t offset = (int32_t)(pc - blob->code_begin) + (is_top ? 1 : 0);
    uintptr_t desc = find_pcdesc(vm, &info, offset, faulted);
    if (!desc || *faulted)
        return false;
    *out = (struct scope_cursor){
        .nmethod = blob->address,
        .scopes_data = info.scopes_data,
        .metadata = info.metadata,
        .next = (uint32_t)vm_get(vm->pcdesc_scope, desc, faulted),
    };
    return !*faulted && out->next != 0;
}

/* One UNSIGNED5 number of a compressed stream. */
static uint32_t read_number(const struct vm *vm, uintptr_t *at, bool *faulted)
{
    uint32_t sum = 0;
    for (int i = 0; i < 5; i++) {
        uint32_t b = safe_load8((*at)++, faulted);
        sum += (b - vm->number_bias) << (6 * i);
        if (b < 192) /* in both: the codes below are bias .. 191 */
            break;
    }
    return sum;
}

SIGSAFE bool nmethod_next_scope(const struct vm *vm, struct scope_cursor *cursor, uintptr_t *method,
                                int32_t *bci, bool *faulted)
{
    if (cursor->next == 0)
        return false;
    uintptr_t at = cursor->scopes_data + cursor->next;
    uint32_t sender = read_number(vm, &at, faulted);
    uint32_t method_index = read_number(vm, &at, faulted);
    *bci = (int32_t)(read_number(vm, &at, faulted) + (uint32_t)INVOCATION_ENTRY_BCI);
    /* senders are recorded before their callees: offsets fall, so the chain ends */
    cursor->next = sender < cursor->next ? sender : 0;
    *method = method_index
                  ? safe_load64(cursor->metadata + (uintptr_t)(method_index - 1) * 8, faulted)
                  : 0;
    return !*faulted && *method != 0;
}
