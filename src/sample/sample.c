/* sample.c — one sample, from the signal to the event. Signal context, in any thread of the JVM.
 * admit -> timestamp -> walk -> store -> record. Every way out that writes no event has its
 * counter. */
#include "sample/sample.h"

#include <stddef.h>

#include "base/atomics.h"
#include "os/clock.h"
#include "os/context.h"
#include "os/safe_load.h"
#include "record/event.h"

/* The gate. A handler first announces itself, then looks whether it may come in; the closing side
 * first shuts the door, then looks whether anybody is inside. Both sides sequentially consistent,
 * so at least one of them sees the other. */
static atomic_ptr g_sampler;
static atomic_u32 g_inside;

SIGSAFE static void count_failure(struct counters *c, enum walk_status status)
{
    switch (status) {
    case WALK_OK: break;
    case WALK_TRUNCATED: counter_inc(c, truncated_stacks); break;
    case WALK_UNKNOWN_PC: counter_inc(c, failed_unknown_pc); break;
    case WALK_NO_ANCHOR: counter_inc(c, failed_no_anchor); break;
    case WALK_BAD_FRAME: counter_inc(c, failed_bad_frame); break;
    case WALK_BAD_METHOD: counter_inc(c, failed_bad_method); break;
    case WALK_FAULT: counter_inc(c, failed_fault); break;
    case WALK_METHODS_FULL: counter_inc(c, lost_methods_full); break;
    default: counter_inc(c, failed_other); break;
    }
}

SIGSAFE static bool is_failure(enum walk_status status)
{
    return status != WALK_OK && status != WALK_TRUNCATED;
}

/* Method pointers to method ids; a frame that cannot be named ends the stack. */
SIGSAFE static void name_methods(struct sampler *s, struct frame *frames, struct walk_result *r)
{
    if (!r->has_java || !s->methods)
        return;
    switch (method_dict_resolve(s->methods, frames, &r->n_frames)) {
    case METHOD_OK: break;
    case METHOD_BAD: r->status = WALK_BAD_METHOD; break;
    case METHOD_FAULT: r->status = WALK_FAULT; break;
    case METHOD_FULL: r->status = WALK_METHODS_FULL; break;
    }
}

/* Walk into the lane's scratch frames and intern the stack. A failed walk keeps the frames it found
 * and gets a marker at the root side, so that totals stay right and the loss can be seen in the
 * picture. */
SIGSAFE static trace_id take_stack(struct sampler *s, struct thread_slot *slot, struct lane *lane,
                                   const void *ucontext, bool *has_java)
{
    struct cpu_context cpu;
    cpu_context_get(ucontext, &cpu);
    struct walk_result r = walk_stack(s->walker, &cpu, load_relaxed(&slot->java_thread),
                                      lane->frames, s->lanes->max_frames - 1);
    name_methods(s, lane->frames, &r);
    count_failure(s->counters, r.status);
    if (r.scanned_frames)
        counter_add(s->counters, scanned_frames, r.scanned_frames);
    uint32_t n = r.n_frames;
    if (is_failure(r.status))
        lane->frames[n++] = (struct frame){.id = (uint64_t)r.status, .type = FRAME_FAILED};
    *has_java = r.has_java;
    return trace_store_put(s->traces, lane->frames, n, r.status == WALK_TRUNCATED);
}

SIGSAFE static void record_sample(struct sampler *s, struct thread_slot *slot, uint64_t now_ns,
                                  const void *ucontext)
{
    struct lane *lane = lane_acquire(s->lanes, slot->id);
    if (!lane) {
        counter_inc(s->counters, lost_lane_busy);
        return;
    }
    bool has_java, written = false;
    trace_id trace = take_stack(s, slot, lane, ucontext, &has_java);
    if (trace == TRACE_NONE)
        counter_inc(s->counters, lost_store_full);
    else
        written = event_put_sample(lane, has_java, now_ns, slot->id, trace);
    if (written)
        counter_inc(s->counters, samples);
    else if (trace != TRACE_NONE)
        counter_inc(s->counters, lost_lane_full);
    lane_release(s->lanes, lane);
}

SIGSAFE static void sample_take(struct sampler *s, struct thread_slot *slot, const void *ucontext)
{
    uint64_t now_ns = clock_ticks_ns();
    if (!thread_slot_is_current(slot)) {
        counter_inc(s->counters, lost_no_thread);
        return;
    }
    if (exchange_acq_rel(&slot->in_handler, 1) != 0) {
        counter_inc(s->counters, lost_reentered);
        return;
    }
    if (safe_load_is_armed(ucontext))
        record_sample(s, slot, now_ns, ucontext);
    else /* a fault in the walk would end the process */
        counter_inc(s->counters, lost_unsafe);
    store_relaxed(&slot->last_sample_ns, now_ns);
    counter_add(s->counters, handler_ns, clock_ticks_ns() - now_ns);
    store_release(&slot->in_handler, 0);
}

SIGSAFE void sample_on_signal(struct thread_slot *slot, const void *ucontext)
{
    atomic_fetch_add_explicit(&g_inside, 1, memory_order_seq_cst);
    struct sampler *s = load_seq_cst(&g_sampler);
    if (s && slot)
        sample_take(s, slot, ucontext);
    atomic_fetch_sub_explicit(&g_inside, 1, memory_order_seq_cst);
}

SIGSAFE void sample_open(struct sampler *s)
{
    store_seq_cst(&g_sampler, (void *)s);
}

SIGSAFE void sample_shut(void)
{
    store_seq_cst(&g_sampler, NULL);
}

SIGSAFE bool sample_is_empty(void)
{
    return load_seq_cst(&g_inside) == 0;
}
