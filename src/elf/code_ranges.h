/* code_ranges.h — where native code is mapped: an immutable snapshot, searched in signal context.
 * Made by codemap_refresh() (normal side) and never freed while a handler may look at it. */
#ifndef ELF_CODE_RANGES_H
#define ELF_CODE_RANGES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attrs.h"

struct code_range {
    uintptr_t start, end;
};

struct code_ranges {
    uint32_t n;
    struct code_range r[]; /* sorted, disjoint */
};

static inline bool code_ranges_contain(const struct code_ranges *c, uintptr_t pc)
{
    uint32_t low = 0, high = c->n;
    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        if (pc < c->r[mid].start)
            high = mid;
        else if (pc >= c->r[mid].end)
            low = mid + 1;
        else
            return true;
    }
    return false;
}

#endif
