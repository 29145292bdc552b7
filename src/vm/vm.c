/* vm.c — the JVM as a whole: opened once per process, ready when its code heaps exist. Normal side.
 */
#include "vm/vm.h"

#include <errno.h>
#include <string.h>

#include "vm/layout.h"

/* HotSpot lives once in a process and never goes: so does what we know of it. */
static struct vm g_vm;
static bool g_vm_open;

int vm_open(const struct vm **out, struct err *e)
{
    if (!g_vm_open) {
        struct vm fresh = {0};
        int rc = vm_structs_read(&fresh, e);
        if (rc)
            return rc;
        g_vm = fresh;
        g_vm_open = true;
    }
    *out = &g_vm;
    return 0;
}

int vm_major(const struct vm *vm)
{
    return vm->major;
}

const char *vm_info_string(const struct vm *vm)
{
    const char *const *p = (const char *const *)vm->info_string_at;
    return p && *p ? *p : "";
}

pid_t vm_thread_tid(const struct vm *vm, const void *java_thread)
{
    bool faulted = false;
    uintptr_t os_thread = vm_get(vm->thread_osthread, (uintptr_t)java_thread, &faulted);
    if (!os_thread)
        return 0;
    pid_t tid = (pid_t)vm_get(vm->osthread_id, os_thread, &faulted);
    return faulted ? 0 : tid;
}

/* --- code heaps ------------------------------------------------------------------------------- */

static bool read_heap(const struct vm *vm, uintptr_t heap, struct vm_code_heap *out, bool *faulted)
{
    uintptr_t memory = heap + (uintptr_t)vm->heap_memory.offset;
    uintptr_t segmap = heap + (uintptr_t)vm->heap_segmap.offset;
    *out = (struct vm_code_heap){
        .low = vm_get(vm->space_low, memory, faulted),
        .high = vm_get(vm->space_high_boundary, memory, faulted),
        .segment_map = vm_get(vm->space_low, segmap, faulted),
        .log2_segment_size = (int)vm_get(vm->heap_log2_segment, heap, faulted),
    };
    return !*faulted && out->low && out->high > out->low && out->segment_map &&
           out->log2_segment_size > 0 && out->log2_segment_size < 24;
}

static bool read_heaps(struct vm *vm, bool *faulted)
{
    if (vm->single_code_heap_at) { /* JDK 8 */
        uintptr_t heap = safe_load64(vm->single_code_heap_at, faulted);
        vm->n_heaps = 1;
        return heap && read_heap(vm, heap, &vm->heaps[0], faulted);
    }
    uintptr_t array = safe_load64(vm->code_heaps_at, faulted);
    if (!array)
        return false;
    uint64_t n = vm_get(vm->array_length, array, faulted);
    uintptr_t data = vm_get(vm->array_data, array, faulted);
    if (*faulted || n == 0 || n > VM_MAX_CODE_HEAPS || !data)
        return false;
    for (uint64_t i = 0; i < n; i++)
        if (!read_heap(vm, safe_load64(data + i * 8, faulted), &vm->heaps[i], faulted))
            return false;
    vm->n_heaps = (int)n;
    return true;
}

static bool read_interpreter(struct vm *vm, bool *faulted)
{
    uintptr_t queue = safe_load64(vm->interpreter_code_at, faulted);
    if (!queue)
        return false;
    vm->interp_low = vm_get(vm->queue_buffer, queue, faulted);
    vm->interp_high = vm->interp_low + vm_get(vm->queue_limit, queue, faulted);
    vm->call_stub_return = safe_load64(vm->call_stub_return_at, faulted);
    return !*faulted && vm->interp_high > vm->interp_low && vm->call_stub_return;
}

bool vm_is_ready(const struct vm *vm)
{
    if (vm->ready)
        return true;
    bool faulted = false;
    g_vm.ready = read_heaps(&g_vm, &faulted) && read_interpreter(&g_vm, &faulted);
    return g_vm.ready;
}

/* --- flags ------------------------------------------------------------------------------------ */

/* JVMFlag::_flags: the low four bits say where the value comes from, 0 = default
 * (runtime/flags/jvmFlag.hpp). */
enum { FLAG_ORIGIN_MASK = 15, FLAG_MAX_COUNT = 1 << 14 };

static uintptr_t find_flag(const struct vm *vm, const char *name)
{
    if (!vm->flags_at || !vm->flags_count_at || !vm->flag_bytes || !vm_has(vm->flag_name))
        return 0;
    bool faulted = false;
    uintptr_t flags = safe_load64(vm->flags_at, &faulted);
    uint64_t n = safe_load64(vm->flags_count_at, &faulted);
    for (uint64_t i = 0; !faulted && flags && i < n && i < FLAG_MAX_COUNT; i++) {
        uintptr_t flag = flags + i * vm->flag_bytes;
        const char *flag_name = (const char *)vm_get(vm->flag_name, flag, &faulted);
        if (flag_name && strcmp(flag_name, name) == 0)
            return flag;
    }
    return 0;
}

bool vm_debug_non_safepoints(const struct vm *vm)
{
    uintptr_t flag = find_flag(vm, "DebugNonSafepoints");
    if (!flag)
        return false;
    bool faulted = false;
    bool *value = (bool *)vm_get(vm->flag_addr, flag, &faulted);
    uint32_t origin =
        safe_load32(flag + (uintptr_t)vm->flag_flags.offset, &faulted) & FLAG_ORIGIN_MASK;
    if (faulted || !value)
        return false;
    if (origin == 0)
        *value = true;
    return true;
}

bool vm_has_non_safepoints(const struct vm *vm)
{
    bool faulted = false;
    uintptr_t flag = find_flag(vm, "DebugNonSafepoints");
    const bool *value = flag ? (const bool *)vm_get(vm->flag_addr, flag, &faulted) : NULL;
    return value && !faulted && *value;
}
