/* map.c — open addressing with linear probing, at most 5/8 full. */
#include "jfr2flame/map.h"

#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

uint64_t map_random_seed(void)
{
    uint64_t seed;
    if (getrandom(&seed, sizeof seed, GRND_NONBLOCK) != (ssize_t)sizeof seed)
        seed = (uint64_t)time(NULL) * 0x9e3779b97f4a7c15u;
    return seed | 1;
}

static size_t map_home(const struct map *m, uint64_t key)
{
    uint64_t h = (key ^ m->seed) * 0xff51afd7ed558ccdu;
    h = (h ^ h >> 32) * m->seed;
    return (size_t)(h ^ h >> 29) & (m->cap - 1);
}

static struct map_slot *map_probe(const struct map *m, uint64_t key)
{
    size_t i = map_home(m, key);
    while (m->slots[i].is_used && m->slots[i].key != key)
        i = (i + 1) & (m->cap - 1);
    return &m->slots[i];
}

static bool map_grow(struct map *m)
{
    struct map bigger = {.cap = m->cap ? m->cap * 2 : 1024, .n = m->n};
    bigger.seed = m->seed ? m->seed : map_random_seed();
    bigger.slots = calloc(bigger.cap, sizeof *bigger.slots);
    if (!bigger.slots)
        return false;
    for (size_t i = 0; i < m->cap; i++)
        if (m->slots[i].is_used)
            *map_probe(&bigger, m->slots[i].key) = m->slots[i];
    free(m->slots);
    *m = bigger;
    return true;
}

uint32_t *map_put(struct map *map, uint64_t key, uint32_t fresh, bool *is_new)
{
    if (map->n >= map->cap / 8 * 5 && !map_grow(map))
        return NULL;
    struct map_slot *slot = map_probe(map, key);
    *is_new = !slot->is_used;
    if (*is_new) {
        *slot = (struct map_slot){.key = key, .value = fresh, .is_used = true};
        map->n++;
    }
    return &slot->value;
}

void map_fini(struct map *map)
{
    free(map->slots);
    *map = (struct map){0};
}
