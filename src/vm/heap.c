/* heap.c — bytes in use of the Java heap. Contract: heap.h. */
#include "vm/heap.h"

#include "base/attrs.h"
#include "os/safe_load.h"
#include "vm/lookup.h"

enum entry {
    COLLECTED_HEAP,
    RESERVED,
    G1_USED,
    PS_YOUNG,
    PS_OLD,
    PS_EDEN,
    PS_FROM,
    PS_OBJECTS,
    MUTABLE_BOTTOM,
    IMMUTABLE_BOTTOM,
    MUTABLE_TOP,
    GEN_YOUNG,
    GEN_OLD,
    SERIAL_YOUNG,
    SERIAL_OLD,
    DEFNEW_EDEN,
    DEFNEW_FROM,
    TENURED,
    SPACE_BOTTOM,
    CONTIGUOUS_BOTTOM,
    CONTIGUOUS_TOP,
    N_ENTRIES
};

static const struct vm_entry k_entries[N_ENTRIES] = {
    [COLLECTED_HEAP] = {.type = "Universe", .field = "_collectedHeap"},
    [RESERVED] = {.type = "CollectedHeap", .field = "_reserved"},
    [G1_USED] = {.type = "G1CollectedHeap", .field = "_summary_bytes_used"},
    [PS_YOUNG] = {.type = "ParallelScavengeHeap", .field = "_young_gen"},
    [PS_OLD] = {.type = "ParallelScavengeHeap", .field = "_old_gen"},
    [PS_EDEN] = {.type = "PSYoungGen", .field = "_eden_space"},
    [PS_FROM] = {.type = "PSYoungGen", .field = "_from_space"},
    [PS_OBJECTS] = {.type = "PSOldGen", .field = "_object_space"},
    [MUTABLE_BOTTOM] = {.type = "MutableSpace", .field = "_bottom"},
    [IMMUTABLE_BOTTOM] = {.type = "ImmutableSpace", .field = "_bottom"}, /* up to JDK 11 or so */
    [MUTABLE_TOP] = {.type = "MutableSpace", .field = "_top"},
    [GEN_YOUNG] = {.type = "GenCollectedHeap", .field = "_young_gen"}, /* JDK 9 .. 21 */
    [GEN_OLD] = {.type = "GenCollectedHeap", .field = "_old_gen"},
    [SERIAL_YOUNG] = {.type = "SerialHeap", .field = "_young_gen"},
    [SERIAL_OLD] = {.type = "SerialHeap", .field = "_old_gen"},
    [DEFNEW_EDEN] = {.type = "DefNewGeneration", .field = "_eden_space"},
    [DEFNEW_FROM] = {.type = "DefNewGeneration", .field = "_from_space"},
    [TENURED] = {.type = "TenuredGeneration", .field = "_the_space"},
    [SPACE_BOTTOM] = {.type = "Space", .field = "_bottom"},
    [CONTIGUOUS_BOTTOM] = {.type = "ContiguousSpace", .field = "_bottom"},
    [CONTIGUOUS_TOP] = {.type = "ContiguousSpace", .field = "_top"},
};

/* What *(object + the field's offset) is; 0 if the field, the object or the memory is not there. */
static uintptr_t follow(const struct vm_entry *e, uintptr_t object)
{
    bool faulted = false;
    if (!e->found || (!e->is_static && !object))
        return 0;
    uintptr_t value = safe_load64(e->is_static ? e->value : object + e->value, &faulted);
    return faulted ? 0 : value;
}

static bool take_space(struct vm_heap *h, int i, uintptr_t space, const struct vm_entry *bottom,
                       const struct vm_entry *top)
{
    if (!space || !bottom->found || !top->found)
        return false;
    h->spaces[i].bottom_at = space + bottom->value;
    h->spaces[i].top_at = space + top->value;
    return true;
}

static bool open_parallel(struct vm_heap *h, const struct vm_entry *e)
{
    uintptr_t young = follow(&e[PS_YOUNG], 0), old = follow(&e[PS_OLD], 0);
    const struct vm_entry *bottom =
        e[MUTABLE_BOTTOM].found ? &e[MUTABLE_BOTTOM] : &e[IMMUTABLE_BOTTOM];
    return take_space(h, 0, follow(&e[PS_EDEN], young), bottom, &e[MUTABLE_TOP]) &&
           take_space(h, 1, follow(&e[PS_FROM], young), bottom, &e[MUTABLE_TOP]) &&
           take_space(h, 2, follow(&e[PS_OBJECTS], old), bottom, &e[MUTABLE_TOP]);
}

static bool open_serial(struct vm_heap *h, const struct vm_entry *e, uintptr_t heap)
{
    uintptr_t young = follow(e[SERIAL_YOUNG].found ? &e[SERIAL_YOUNG] : &e[GEN_YOUNG], heap);
    uintptr_t old = follow(e[SERIAL_OLD].found ? &e[SERIAL_OLD] : &e[GEN_OLD], heap);
    const struct vm_entry *bottom =
        e[CONTIGUOUS_BOTTOM].found ? &e[CONTIGUOUS_BOTTOM] : &e[SPACE_BOTTOM];
    return take_space(h, 0, follow(&e[DEFNEW_EDEN], young), bottom, &e[CONTIGUOUS_TOP]) &&
           take_space(h, 1, follow(&e[DEFNEW_FROM], young), bottom, &e[CONTIGUOUS_TOP]) &&
           take_space(h, 2, follow(&e[TENURED], old), bottom, &e[CONTIGUOUS_TOP]);
}

/* MemRegion: first word and number of words (memory/memRegion.hpp). */
static void read_reserved(struct vm_heap *h, const struct vm_entry *e, uintptr_t heap)
{
    bool faulted = false;
    if (!e[RESERVED].found || !heap)
        return;
    uintptr_t start = safe_load64(heap + e[RESERVED].value, &faulted);
    uint64_t n_words = safe_load64(heap + e[RESERVED].value + 8, &faulted);
    if (faulted || n_words > UINT64_MAX / 8)
        return;
    h->reserved_start = start;
    h->reserved_bytes = n_words * 8;
}

void vm_heap_open(struct vm_heap *h, enum vm_heap_kind collector, const struct perf_data *perf)
{
    struct vm_entry e[N_ENTRIES];
    bool is_open = false;
    for (int i = 0; i < N_ENTRIES; i++)
        e[i] = k_entries[i];
    *h = (struct vm_heap){.perf = perf};
    vm_lookup(e, N_ENTRIES);
    uintptr_t heap = follow(&e[COLLECTED_HEAP], 0);
    read_reserved(h, e, heap);
    switch (collector) {
    case HEAP_G1:
        is_open = heap && e[G1_USED].found;
        h->used_at = is_open ? heap + e[G1_USED].value : 0;
        break;
    case HEAP_PARALLEL: is_open = open_parallel(h, e); break;
    case HEAP_SERIAL: is_open = open_serial(h, e, heap); break;
    case HEAP_COUNTERS: break;
    }
    h->kind = is_open ? collector : HEAP_COUNTERS;
}

/* --- asking ----------------------------------------------------------------------------------- */

static uint64_t counter_sum(const struct vm_heap *h, enum perf_counter first,
                            enum perf_counter last)
{
    uint64_t sum = 0;
    for (int c = (int)first; h->perf && c <= (int)last; c++)
        sum += (uint64_t)perf_data_get(h->perf, (enum perf_counter)c);
    return sum;
}

static uint64_t spaces_sum(const struct vm_heap *h)
{
    bool faulted = false;
    uint64_t sum = 0;
    for (int i = 0; i < VM_HEAP_SPACES; i++) {
        uint64_t bottom = safe_load64(h->spaces[i].bottom_at, &faulted);
        uint64_t top = safe_load64(h->spaces[i].top_at, &faulted);
        sum += top > bottom ? top - bottom : 0;
    }
    return faulted ? 0 : sum;
}

uint64_t vm_heap_used(const struct vm_heap *h)
{
    bool faulted = false;
    switch (h->kind) {
    case HEAP_G1: return safe_load64(h->used_at, &faulted);
    case HEAP_PARALLEL:
    case HEAP_SERIAL: return spaces_sum(h);
    case HEAP_COUNTERS: break;
    }
    return counter_sum(h, PERF_YOUNG_0_USED, PERF_OLD_USED);
}

uint64_t vm_heap_committed(const struct vm_heap *h)
{
    return counter_sum(h, PERF_YOUNG_CAPACITY, PERF_OLD_CAPACITY);
}
