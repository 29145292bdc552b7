/* arena.h — append-only memory for the signal path: one reserved range, an atomic bump pointer.
 *
 * Signal side: arena.c (alloc, used). Normal side: arena_map.c (init, fini, reset).
 * arena_alloc() is async-signal-safe and lock-free. The range is mapped once (MAP_NORESERVE), so
 * only touched pages cost memory and the cap is hard. Nothing is freed singly; arena_reset() gives
 * all pages back and needs every user excluded. alloc  used  reset        X = caller must exclude
 * - = safe together alloc      -     -     X reset      X     X     X */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

#include "base/atomics.h"
#include "base/attrs.h"

struct arena {
    char *base; /* owned mapping */
    size_t cap_bytes;
    atomic_u64 used_bytes; /* may run past cap when full; arena_used() clamps */
};

/* 0 or -errno (of mmap). A failed init leaves nothing to undo. cap_bytes is rounded up to pages. */
int arena_init(struct arena *a, size_t cap_bytes);
void arena_fini(struct arena *a);
/* n_bytes of zeroed memory, 8-byte aligned; NULL when full (a later, smaller request may fit or
 * not). */
SIGSAFE void *arena_alloc(struct arena *a, size_t n_bytes);
SIGSAFE size_t arena_used(const struct arena *a);
void arena_reset(struct arena *a);

#endif
