/* trace_store_scan.c — trace store, normal side: init, scan for the recorder, rotate, self-check.
 * Signal side (put) is trace_store.c. Publication protocol: trace_store.h. */
#include <errno.h>
#include <stdlib.h>

#include "base/pages.h"
#include "store/trace_store_impl.h"

int trace_store_init(struct trace_store *ts, struct arena *arena, uint32_t n_slots)
{
    *ts = (struct trace_store){.slots = NULL};
    if (n_slots == 0 || (n_slots & (n_slots - 1)) != 0 || n_slots > TRACE_SLOTS_MAX)
        return -EINVAL;
    struct trace_slot *slots = pages_map(n_slots * sizeof *slots);
    if (!slots)
        return -errno;
    atomic_ptr *by_id = pages_map(n_slots * sizeof *by_id);
    if (!by_id) {
        int rc = -errno;
        pages_unmap(slots, n_slots * sizeof *slots);
        return rc;
    }
    ts->slots = slots;
    ts->by_id = by_id;
    ts->n_slots = n_slots;
    ts->first_id = 1;
    ts->arena = arena;
    store_relaxed(&ts->next_id, 1);
    return 0;
}

void trace_store_fini(struct trace_store *ts)
{
    pages_unmap(ts->slots, ts->n_slots * sizeof *ts->slots);
    pages_unmap(ts->by_id, ts->n_slots * sizeof *ts->by_id);
    *ts = (struct trace_store){.slots = NULL};
}

uint32_t trace_store_count(struct trace_store *ts)
{
    return load_relaxed(&ts->next_id) - ts->first_id;
}

void trace_store_rotate(struct trace_store *ts)
{
    /* Without traces there may still be claimed slots (arena full), so both tables always. */
    pages_clear(ts->slots, ts->n_slots * sizeof *ts->slots);
    pages_clear(ts->by_id, ts->n_slots * sizeof *ts->by_id);
    ts->first_id = load_relaxed(&ts->next_id);
}

/* --- scan ------------------------------------------------------------------------------------- */

/* Every id below next has been visited, except the stragglers: ids given out whose trace had not
 * been published yet when the scan came by. There are at most as many as threads inside a put; when
 * the list is full the scan stops in front of the next one and goes on there next time. */
enum { STRAGGLERS_MAX = 1024 };

struct trace_scan {
    struct trace_store *ts; /* borrowed */
    trace_id first;         /* the store's first_id when we were last there */
    trace_id next;
    uint32_t n_stragglers;
    trace_id stragglers[STRAGGLERS_MAX]; /* ascending */
};

struct trace_scan *trace_scan_new(struct trace_store *ts)
{
    struct trace_scan *scan = malloc(sizeof *scan);
    if (!scan)
        return NULL;
    scan->ts = ts;
    scan->first = ts->first_id;
    scan->next = ts->first_id;
    scan->n_stragglers = 0;
    return scan;
}

void trace_scan_free(struct trace_scan *scan)
{
    free(scan);
}

static const struct trace *published(struct trace_store *ts, trace_id id)
{
    return load_acquire(&ts->by_id[id - ts->first_id]);
}

static size_t visit_stragglers(struct trace_scan *scan,
                               void (*fn)(void *ctx, const struct trace *t), void *ctx)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < scan->n_stragglers; i++) {
        const struct trace *t = published(scan->ts, scan->stragglers[i]);
        if (t)
            fn(ctx, t);
        else
            scan->stragglers[kept++] = scan->stragglers[i];
    }
    size_t n_visited = scan->n_stragglers - kept;
    scan->n_stragglers = kept;
    return n_visited;
}

size_t trace_scan_next(struct trace_scan *scan, void (*fn)(void *ctx, const struct trace *t),
                       void *ctx)
{
    struct trace_store *ts = scan->ts;
    if (scan->first != ts->first_id) { /* rotated since */
        scan->first = ts->first_id;
        scan->next = ts->first_id;
        scan->n_stragglers = 0;
    }
    size_t n_visited = visit_stragglers(scan, fn, ctx);
    for (trace_id end = load_relaxed(&ts->next_id); scan->next < end; scan->next++) {
        const struct trace *t = published(ts, scan->next);
        if (t) {
            fn(ctx, t);
            n_visited++;
        } else if (scan->n_stragglers < STRAGGLERS_MAX) {
            scan->stragglers[scan->n_stragglers++] = scan->next;
        } else {
            break;
        }
    }
    return n_visited;
}

/* --- self-check ------------------------------------------------------------------------------- */

static const char *check_trace(struct trace_store *ts, const struct trace_slot *slot)
{
    uint64_t key = load_relaxed(&slot->key);
    const struct trace *t = load_acquire(&slot->trace);
    if (!t)
        return NULL; /* claimed, and then the arena was full */
    if (key == 0)
        return "a slot has a trace but no key";
    if (t->id < ts->first_id || t->id >= load_relaxed(&ts->next_id))
        return "a trace's id was not given out since the last rotation";
    if (published(ts, t->id) != t)
        return "a trace is not the one under its id";
    if (trace_store_hash(t->frames, t->n_frames, t->truncated) != key)
        return "a trace's hash is not its slot's key";
    if ((((uint64_t)(slot - ts->slots) - key) & (ts->n_slots - 1)) >= TRACE_PROBES_MAX)
        return "a trace is out of reach from its hash";
    return NULL;
}

const char *trace_store_check_valid(struct trace_store *ts)
{
    uint32_t n_traces = 0;
    for (uint32_t i = 0; i < ts->n_slots; i++) {
        const char *problem = check_trace(ts, &ts->slots[i]);
        if (problem)
            return problem;
        n_traces += load_relaxed(&ts->slots[i].trace) != NULL;
    }
    if (n_traces != trace_store_count(ts))
        return "the number of traces is not the number of ids given out";
    return NULL;
}
