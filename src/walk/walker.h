/* walker.h — what the walker needs to know, set up by the normal side. */
#ifndef WALK_WALKER_H
#define WALK_WALKER_H

#include <stdbool.h>

#include "base/atomics.h"
#include "elf/code_ranges.h"
#include "vm/vm.h"
#include "walk/walk.h"

struct walker {
    const struct vm *vm; /* borrowed; NULL: a JVM without tables, so native frames only */
    atomic_ptr ranges;   /* const struct code_ranges *, borrowed; NULL until they are known */
    bool no_native;      /* cstack=no: no native frames where there are Java frames */
};

#endif
