/* map.h — a hash map from 64-bit keys to 32-bit values: the tree's children, the samples of a
 * chunk, the names of frames. Its seed is random, so that a crafted recording can't make it slow;
 * nothing may depend on its order. One thread. */
#ifndef JFR2FLAME_MAP_H
#define JFR2FLAME_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct map_slot {
    uint64_t key;
    uint32_t value;
    bool is_used;
};

struct map {
    struct map_slot *slots;
    size_t n, cap; /* cap: a power of two, or 0 */
    uint64_t seed;
};

/* The slot of key, made with value `fresh` when it is new (*is_new). NULL: out of memory.
 * Valid until the next call. A zeroed map is an empty one. */
uint32_t *map_put(struct map *map, uint64_t key, uint32_t fresh, bool *is_new);
void map_fini(struct map *map);

uint64_t map_random_seed(void);

#endif
