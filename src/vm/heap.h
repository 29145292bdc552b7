/* heap.h — how much of the Java heap is in use, out of the collectors' own structures.
 *
 * Sources: HotSpot gc/{g1,parallel,serial,shared}. For the collectors whose structures are not
 * exported (Z, Shenandoah from JDK 21 on, Serial of JDK 8) the JVM's counters (perf_data.h) are
 * taken, which are as of the last collection or, for Serial, up to 50 ms old.
 * Opening: normal side. Asking: any context, at a safepoint when an exact answer is wanted. */
#ifndef VM_HEAP_H
#define VM_HEAP_H

#include <stdbool.h>
#include <stdint.h>

#include "vm/perf_data.h"

enum vm_heap_kind { HEAP_COUNTERS, HEAP_G1, HEAP_PARALLEL, HEAP_SERIAL };

enum { VM_HEAP_SPACES = 3 }; /* eden, from, old */

struct vm_heap {
    enum vm_heap_kind kind;
    const struct perf_data *perf; /* NULL: none */
    uintptr_t used_at;            /* G1: address of the number of bytes */
    struct {
        uintptr_t bottom_at, top_at; /* addresses of the space's bounds */
    } spaces[VM_HEAP_SPACES];        /* Parallel, Serial */
    /* CollectedHeap::_reserved; 0 if unknown */
    uintptr_t reserved_start;
    uint64_t reserved_bytes;
};

/* collector: which one the flags chose; HEAP_COUNTERS for all others. perf: NULL or borrowed. */
void vm_heap_open(struct vm_heap *h, enum vm_heap_kind collector, const struct perf_data *perf);
/* Bytes in use; 0 if unknown. G1: without what was allocated in its current region. */
uint64_t vm_heap_used(const struct vm_heap *h);
uint64_t vm_heap_committed(const struct vm_heap *h);

#endif
