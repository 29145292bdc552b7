/* walker.h — what the walker needs to know, set up by the normal side. */
#ifndef WALK_WALKER_H
#define WALK_WALKER_H

#include "base/atomics.h"
#include "elf/code_ranges.h"
#include "vm/vm.h"
#include "walk/walk.h"

struct walker {
    const struct vm
        *vm;           /* borrowed; NULL: native frames only (cstack=no, or a JVM without tables) */
    atomic_ptr ranges; /* const struct code_ranges *, borrowed; NULL until they are known */
};

#endif
