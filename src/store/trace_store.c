/* trace_store.c — trace store, signal side: frames[] -> 32-bit id. Called by sample_take() in
 * signal context, by any number of threads at once, also by a handler on top of a put. Normal side
 * (init, scan, rotate) is trace_store_scan.c. Publication protocol: trace_store.h. */
#include "store/trace_store.h"

#include <string.h>

#include "base/hash.h"
#include "store/trace_store_impl.h"

uint64_t trace_store_hash(const struct frame *frames, uint32_t n, bool truncated)
{
    uint64_t h = (uint64_t)n << 1 | truncated;
    for (uint32_t i = 0; i < n; i++) {
        h = hash_add64(h, frames[i].id);
        h = hash_add64(h, (uint64_t)(uint32_t)frames[i].bci << 32 | frames[i].type);
    }
    h = hash_mix64(h);
    return h ? h : 1;
}

static bool is_same(const struct trace *t, const struct frame *frames, uint32_t n, bool truncated)
{
    return t->n_frames == n && t->truncated == truncated &&
           memcmp(t->frames, frames, n * sizeof *frames) == 0;
}

/* The next id, or TRACE_NONE when they are used up. The check comes before the step, so that the
 * counter passes the limit by no more than the number of threads in here. */
static trace_id next_id(struct trace_store *ts)
{
    if (load_relaxed(&ts->next_id) > TRACE_ID_MAX)
        return TRACE_NONE;
    return add_relaxed(&ts->next_id, 1);
}

/* The caller has claimed slot. The trace goes to the scan first, then to other puts. */
static trace_id publish(struct trace_store *ts, struct trace_slot *slot, const struct frame *frames,
                        uint32_t n, bool truncated)
{
    struct trace *t = arena_alloc(ts->arena, sizeof *t + n * sizeof *frames);
    trace_id id = t ? next_id(ts) : TRACE_NONE;
    if (id == TRACE_NONE)
        return TRACE_NONE;
    t->id = id;
    t->n_frames = n;
    t->truncated = truncated;
    memcpy(t->frames, frames, n * sizeof *frames);
    store_release(&ts->by_id[id - ts->first_id], (void *)t); /* PAIRS trace_scan: load_acquire */
    store_release(&slot->trace, (void *)t);                  /* PAIRS put: load_acquire */
    return id;
}

trace_id trace_store_put(struct trace_store *ts, const struct frame *frames, uint32_t n,
                         bool truncated)
{
    if (n > TRACE_FRAMES_MAX)
        return TRACE_NONE;
    uint64_t key = trace_store_hash(frames, n, truncated);
    for (uint32_t i = 0; i < TRACE_PROBES_MAX && i < ts->n_slots; i++) {
        struct trace_slot *slot = &ts->slots[(key + i) & (ts->n_slots - 1)];
        uint64_t seen = load_relaxed(&slot->key);
        if (seen == 0 && cas_acq_rel(&slot->key, &seen, key))
            return publish(ts, slot, frames, n, truncated);
        if (seen != key)
            continue;
        const struct trace *t = load_acquire(&slot->trace);
        if (t && is_same(t, frames, n, truncated))
            return t->id;
    }
    return TRACE_NONE;
}
