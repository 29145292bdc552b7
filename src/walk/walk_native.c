/* walk_native.c — native frames by the chain of saved frame pointers. Signal context.
 *
 * libjvm and most JNI libraries are built with frame pointers, libc is not: there the chain skips a
 * frame or ends. A step is taken only to an address in mapped code, so a broken chain gives fewer
 * frames, never invented ones. (Unwind tables come with cstack=dwarf.) */
#include <stddef.h>

#include "walk/cursor.h"

enum { NATIVE_FRAMES_MAX = 256 };

static bool is_native_code(const struct walk_cursor *c, uintptr_t pc)
{
    const struct code_ranges *ranges =
        load_acquire(&((struct walker *)(uintptr_t)c->walker)->ranges);
    return ranges && code_ranges_contain(ranges, pc);
}

static bool is_java_code(const struct walk_cursor *c, uintptr_t pc)
{
    return c->vm && code_cache_contains(c->vm, pc);
}

SIGSAFE bool walk_native(struct walk_cursor *c, uintptr_t limit)
{
    uint64_t pc = c->pc;
    uintptr_t method;
    if (pc < 4096)
        return walk_stop(c, WALK_UNKNOWN_PC);
    for (int i = 0; i < NATIVE_FRAMES_MAX; i++) {
        /* a return address may be the first byte of the next function: name its call instruction */
        if (!walk_push(c, c->is_top ? pc : pc - 1, 0, FRAME_CPP))
            return false;
        uintptr_t fp = c->fp;
        if (!walk_on_stack(c, fp) || (limit && fp + 16 > limit))
            return false;
        /* code without frame pointers leaves rbp as it found it: here the interpreter's, whose
         * method would be skipped; compiled code may lie between */
        if (!limit && c->vm && walk_is_interpreted(c, fp, &method))
            return walk_scan(c, WALK_SCAN_WORDS_MAX);
        pc = safe_load64(fp + 8, &c->faulted);
        uintptr_t caller_fp = safe_load64(fp, &c->faulted);
        if (is_java_code(c, pc))
            return walk_to_caller(c, pc, fp + 16, caller_fp);
        if (c->faulted || !is_native_code(c, pc)) {
            c->faulted = false; /* the end of the chain, not a failure */
            return false;
        }
        c->sp = fp + 16;
        c->fp = caller_fp;
        c->is_top = false;
    }
    return false;
}
