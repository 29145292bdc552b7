/* walk.c — one walk from the interrupted instruction to the root. Signal context, called by
 * sample_take().
 *
 *   in Java code      ─────────────────────────▶ walk_java
 *   in native code    walk_native (frame pointers) ──▶ walk_java, from
 *                       the JavaFrameAnchor, if the thread left Java properly (JNI, VM call);
 *                       the frame pointers, if they lead into the code cache (leaf calls);
 *                       a search of the stack, if the thread is "in Java" but nothing else is left.
 */
#include "walk/walk.h"

#include <stddef.h>

#include "walk/cursor.h"

enum {
    STACK_BYTES_MAX = 1 << 30, /* bound where the stack's end is not known */
};

SIGSAFE bool walk_push(struct walk_cursor *c, uint64_t id, int32_t bci, enum frame_type type)
{
    if (c->result.n_frames == c->max_frames)
        return walk_stop(c, WALK_TRUNCATED);
    c->frames[c->result.n_frames++] = (struct frame){.id = id, .bci = bci, .type = type};
    return true;
}

SIGSAFE bool walk_stop(struct walk_cursor *c, enum walk_status status)
{
    c->result.status = c->faulted && status != WALK_TRUNCATED ? WALK_FAULT : status;
    return false;
}

SIGSAFE bool walk_on_stack(const struct walk_cursor *c, uintptr_t at)
{
    return at >= c->sp && at <= c->stack_end - 8 && (at & 7) == 0;
}

SIGSAFE bool walk_to_caller(struct walk_cursor *c, uintptr_t pc, uintptr_t sp, uintptr_t fp)
{
    if (c->faulted || sp <= c->sp || sp > c->stack_end || (sp & 7) != 0)
        return walk_stop(c, WALK_BAD_FRAME);
    c->pc = pc;
    c->sp = sp;
    c->fp = fp;
    c->is_top = false;
    return true;
}

static void find_stack_end(struct walk_cursor *c, uintptr_t thread)
{
    c->stack_end = 0;
    if (thread)
        c->stack_end = vm_get(c->vm->thread_stack_base, thread, &c->faulted);
    /* not this thread's stack (or not known): bound it all the same */
    if (c->stack_end <= c->sp || c->stack_end - c->sp > STACK_BYTES_MAX)
        c->stack_end = c->sp + STACK_BYTES_MAX;
}

/* Continue at the last Java frame that the thread itself has noted; false if it has not. */
static bool go_to_anchor(struct walk_cursor *c, uintptr_t thread)
{
    uintptr_t anchor = thread + (uintptr_t)c->vm->thread_anchor.offset;
    uintptr_t sp = vm_get(c->vm->anchor_sp, anchor, &c->faulted);
    uintptr_t pc = vm_get(c->vm->anchor_pc, anchor, &c->faulted);
    uintptr_t fp = vm_get(c->vm->anchor_fp, anchor, &c->faulted);
    if (c->faulted || !walk_on_stack(c, sp - 8) || sp == 0)
        return false;
    if (pc == 0) /* the call pushed it just below (HotSpot frame::frame(sp, fp)) */
        pc = safe_load64(sp - 8, &c->faulted);
    if (!code_cache_contains(c->vm, pc))
        return false;
    c->pc = pc;
    c->sp = sp;
    c->fp = fp;
    c->is_top = false;
    return true;
}

static bool thread_in_java(struct walk_cursor *c, uintptr_t thread)
{
    return (int32_t)vm_get(c->vm->thread_state, thread, &c->faulted) == c->vm->state_in_java;
}

/* The interrupted pc is native and the thread is a Java thread: native frames, then the way to
 * Java. */
static void walk_from_native(struct walk_cursor *c, uintptr_t thread)
{
    struct walk_cursor java = *c;
    bool has_anchor = go_to_anchor(&java, thread);
    bool arrived = walk_native(c, has_anchor ? java.sp : 0);
    if (c->result.status != WALK_OK)
        return;
    if (has_anchor) {
        c->pc = java.pc;
        c->sp = java.sp;
        c->fp = java.fp;
        c->is_top = false;
        arrived = true;
    }
    /* the native chain may have ended early; search from where the thread was interrupted */
    if (!arrived && thread_in_java(c, thread)) {
        c->sp = c->cpu->sp;
        c->fp = c->cpu->fp;
        if (!walk_scan(c, WALK_SCAN_WORDS_MAX)) {
            walk_stop(c, WALK_NO_ANCHOR);
            return;
        }
        arrived = true;
    }
    if (arrived)
        walk_java(c);
}

/* Leave Java frames only; of a thread without any the interrupted function, so that its time has a
 * name. */
static void drop_native(struct walk_cursor *c)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < c->result.n_frames; i++)
        if (c->frames[i].type != FRAME_CPP || (!c->result.has_java && i == 0))
            c->frames[kept++] = c->frames[i];
    c->result.n_frames = kept;
}

SIGSAFE struct walk_result walk_stack(struct walker *w, const struct cpu_context *cpu,
                                      void *java_thread, struct frame *frames, uint32_t max_frames)
{
    struct walk_cursor c = {
        .walker = w,
        .vm = w->vm,
        .cpu = cpu,
        .frames = frames,
        .max_frames = max_frames,
        .pc = cpu->pc,
        .sp = cpu->sp,
        .fp = cpu->fp,
        .is_top = true,
    };
    uintptr_t thread = c.vm ? (uintptr_t)java_thread : 0;
    find_stack_end(&c, thread);
    if (!thread)
        walk_native(&c, 0);
    else if (code_cache_contains(c.vm, cpu->pc))
        walk_java(&c);
    else
        walk_from_native(&c, thread);
    if (w->no_native)
        drop_native(&c);
    return c.result;
}

SIGSAFE const char *walk_status_name(enum walk_status status)
{
    static const char *const names[] = {
        [WALK_OK] = "ok",
        [WALK_TRUNCATED] = "truncated",
        [WALK_UNKNOWN_PC] = "unknown pc",
        [WALK_NO_ANCHOR] = "no anchor",
        [WALK_BAD_FRAME] = "bad frame",
        [WALK_BAD_METHOD] = "bad method",
        [WALK_FAULT] = "fault",
        [WALK_METHODS_FULL] = "methods full",
    };
    return (size_t)status < COUNT_OF(names) ? names[status] : "?";
}
