/* arena.c — append-only memory, signal side: the atomic bump pointer. Called by the stores in
 * signal context, by any number of threads at once. Mapping and reset are arena_map.c. Contract:
 * arena.h. */
#include "base/arena.h"

void *arena_alloc(struct arena *a, size_t n_bytes)
{
    if (n_bytes == 0 || n_bytes > a->cap_bytes)
        return NULL; /* also keeps the rounding below and the counter from overflowing */
    uint64_t n = (n_bytes + 7) & ~(size_t)7;
    uint64_t at = add_relaxed(&a->used_bytes, n);
    if (at > a->cap_bytes || n > a->cap_bytes - at)
        return NULL;
    return a->base + at;
}

size_t arena_used(const struct arena *a)
{
    uint64_t used = load_relaxed(&a->used_bytes);
    return used < a->cap_bytes ? (size_t)used : a->cap_bytes;
}
