/* code_cache.c — finds the code blob of an address by HotSpot's segment map. Signal context. */
#include "vm/code_cache.h"

#include <string.h>

enum {
    SEGMENT_FREE = 0xff,     /* HotSpot CodeHeap::free_sentinel */
    SEGMENT_HOPS_MAX = 8192, /* each hop covers up to 254 segments */
};

static const struct vm_code_heap *find_heap(const struct vm *vm, uintptr_t pc)
{
    for (int i = 0; i < vm->n_heaps; i++)
        if (pc >= vm->heaps[i].low && pc < vm->heaps[i].high)
            return &vm->heaps[i];
    return NULL;
}

SIGSAFE bool code_cache_contains(const struct vm *vm, uintptr_t pc)
{
    return find_heap(vm, pc) != NULL;
}

/* The segment map has, for each segment, the distance back towards the first one of its block
 * (HotSpot memory/heap.hpp); 0 marks that first segment. */
static uintptr_t find_block(const struct vm *vm, uintptr_t pc, bool *faulted)
{
    const struct vm_code_heap *heap = find_heap(vm, pc);
    if (!heap)
        return 0;
    uintptr_t segment = (pc - heap->low) >> heap->log2_segment_size;
    uint8_t back = safe_load8(heap->segment_map + segment, faulted);
    if (back == SEGMENT_FREE)
        return 0;
    for (int hops = 0; back > 0; hops++) {
        if (back > segment || hops == SEGMENT_HOPS_MAX)
            return 0;
        segment -= back;
        back = safe_load8(heap->segment_map + segment, faulted);
    }
    uintptr_t block = heap->low + (segment << heap->log2_segment_size);
    return vm_get(vm->block_used, block, faulted) && !*faulted ? block : 0;
}

/* Compiled methods are known by the blob's name in every JDK (CodeBlob kinds are not exported
 * before 23). */
static enum blob_kind blob_kind_of(const struct vm *vm, uintptr_t blob, uintptr_t pc, bool *faulted)
{
    if (code_is_interpreter(vm, pc))
        return BLOB_INTERPRETER;
    uintptr_t name = vm_get(vm->blob_name, blob, faulted);
    uint64_t head = name ? safe_load64(name, faulted) : 0;
    if (memcmp(&head, "nmethod", 8) == 0)
        return BLOB_NMETHOD;
    if (memcmp(&head, "native nmethod", 8) == 0)
        return BLOB_NATIVE_WRAPPER;
    if (memcmp(&head, "I2C/C2I adapters", 8) == 0)
        return BLOB_ADAPTER;
    return BLOB_STUB;
}

SIGSAFE bool code_cache_find(const struct vm *vm, uintptr_t pc, struct code_blob *out,
                             bool *faulted)
{
    uintptr_t block = find_block(vm, pc, faulted);
    if (!block)
        return false;
    uintptr_t blob = block + vm->heap_block_bytes;
    uintptr_t begin = vm_has(vm->blob_code_begin)
                          ? vm_get(vm->blob_code_begin, blob, faulted)
                          : blob + vm_get(vm->blob_code_offset, blob, faulted);
    int64_t frame_words = (int64_t)vm_get(vm->blob_frame_size, blob, faulted);
    *out = (struct code_blob){
        .address = blob,
        .code_begin = begin,
        .end = blob + vm_get(vm->blob_size, blob, faulted),
        .kind = blob_kind_of(vm, blob, pc, faulted),
        .frame_bytes = frame_words > 0 && frame_words < 1 << 16 ? (uint32_t)frame_words * 8 : 0,
        .frame_complete = (int32_t)vm_get(vm->blob_frame_complete, blob, faulted),
    };
    return !*faulted && pc >= blob && pc < out->end;
}
