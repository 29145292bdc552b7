/* arena_map.c — append-only memory, normal side: map, unmap, reset. Contract: arena.h. */
#include "base/arena.h"

#include <errno.h>

#include "base/pages.h"

int arena_init(struct arena *a, size_t cap_bytes)
{
    *a = (struct arena){.base = NULL};
    size_t cap = pages_round_up(cap_bytes);
    if (cap == 0)
        return -EINVAL;
    char *base = pages_map(cap);
    if (!base)
        return -errno;
    a->base = base;
    a->cap_bytes = cap;
    return 0;
}

void arena_fini(struct arena *a)
{
    pages_unmap(a->base, a->cap_bytes);
    *a = (struct arena){.base = NULL};
}

void arena_reset(struct arena *a)
{
    size_t used = arena_used(a);
    if (used > 0)
        pages_clear(a->base, used);
    store_relaxed(&a->used_bytes, 0);
}
