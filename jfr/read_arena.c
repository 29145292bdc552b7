/* read_arena.c — memory of one open chunk: bump allocation, freed all at once. */
#include "jfr/read_internal.h"

#include <stdalign.h>
#include <stdlib.h>

struct jfr_arena_block {
    struct jfr_arena_block *next;
    size_t used, cap;
    alignas(max_align_t) unsigned char bytes[];
};

enum { BLOCK_BYTES = 64 << 10 };

void *jfr_arena_alloc(struct jfr_arena *arena, size_t n_bytes)
{
    size_t align = alignof(max_align_t);
    if (n_bytes > SIZE_MAX / 2)
        return NULL;
    size_t need = (n_bytes + align - 1) / align * align;
    struct jfr_arena_block *b = arena->head;
    if (!b || b->cap - b->used < need) {
        size_t cap = need > BLOCK_BYTES ? need : BLOCK_BYTES;
        b = calloc(1, sizeof *b + cap);
        if (!b)
            return NULL;
        b->cap = cap;
        b->next = arena->head;
        arena->head = b;
    }
    void *p = b->bytes + b->used;
    b->used += need;
    return p;
}

void jfr_arena_fini(struct jfr_arena *arena)
{
    while (arena->head) {
        struct jfr_arena_block *next = arena->head->next;
        free(arena->head);
        arena->head = next;
    }
}
