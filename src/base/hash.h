/* hash.h — mixing 64-bit words into hashes; not for keys an adversary chooses. Any context. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

#include "base/attrs.h"

/* A bijection whose every output bit depends on every input bit (the finalizer of splitmix64). */
SIGSAFE static inline uint64_t hash_mix64(uint64_t x)
{
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

/* Add one word to a running hash (for fixed h a bijection of word); end with hash_mix64(). */
SIGSAFE static inline uint64_t hash_add64(uint64_t h, uint64_t word)
{
    h = (h ^ word) * UINT64_C(0x9e3779b97f4a7c15);
    return h ^ (h >> 32);
}

/* Of n bytes, for tables of strings. */
SIGSAFE static inline uint64_t hash_bytes(const void *bytes, size_t n)
{
    const unsigned char *p = (const unsigned char *)bytes;
    uint64_t h = n;
    for (size_t i = 0; i < n; i++)
        h = hash_add64(h, p[i]);
    return hash_mix64(h);
}

#endif
