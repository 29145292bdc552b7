/* memory_plan.c — the memory budget of a session, divided. Pure. */
#include "agent/memory_plan.h"

#include "base/frame.h"
#include "store/trace_store.h"

enum { LANES_MAX = 64, LANE_BYTES_MAX = 64 << 10, SLOTS_MAX = 1 << 24 };

/* The largest power of two that is at most n; n >= 1. */
static uint64_t power_below(uint64_t n)
{
    uint64_t p = 1;
    while (p <= n / 2)
        p *= 2;
    return p;
}

static uint32_t slots_for(uint64_t bytes, size_t slot_bytes)
{
    uint64_t n = power_below(bytes / slot_bytes);
    return (uint32_t)(n > SLOTS_MAX ? SLOTS_MAX : n);
}

/* Two lanes per CPU, so that a thread hardly ever finds none free, within an eighth of the budget.
 */
static void plan_lanes(struct memory_plan *p, uint64_t budget, int n_cpus, uint32_t max_frames)
{
    p->n_lanes = 4;
    while (p->n_lanes < LANES_MAX && (int)p->n_lanes < 2 * n_cpus)
        p->n_lanes *= 2;
    uint64_t scratch = max_frames * sizeof(struct frame);
    while (p->n_lanes > 2 && p->n_lanes * (scratch + 16384) > budget)
        p->n_lanes /= 2;
    uint64_t each = budget / p->n_lanes;
    uint64_t buffer = each > scratch + 16384 ? (each - scratch) / 2 : 8192;
    p->lane_bytes = (size_t)(buffer > LANE_BYTES_MAX ? LANE_BYTES_MAX : buffer & ~(uint64_t)63);
}

struct memory_plan memory_plan_make(uint64_t limit_bytes, int n_cpus, uint32_t max_frames)
{
    const size_t trace_slot = sizeof(struct trace_slot) + sizeof(void *);
    struct memory_plan p = {0};
    plan_lanes(&p, limit_bytes / 8, n_cpus, max_frames);
    p.trace_slots = slots_for(limit_bytes / 8, trace_slot);
    p.method_slots = slots_for(limit_bytes / 64, sizeof(void *));
    p.method_arena_bytes = (size_t)(limit_bytes / 4);
    p.trace_arena_bytes = (size_t)(limit_bytes - limit_bytes / 8 - limit_bytes / 8 -
                                   limit_bytes / 64 - limit_bytes / 4);
    return p;
}
