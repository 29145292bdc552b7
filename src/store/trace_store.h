/* trace_store.h — frames[] -> 32-bit trace id, each distinct stack kept once.
 *
 * Signal side: trace_store.c (put). Normal side: trace_store_scan.c (init, scan, rotate).
 * Memory: an open-addressing table of n_slots (power of two, 24 bytes each) and the stacks in the
 * caller's arena.
 *            put  scan  rotate      X = caller must exclude   - = safe together
 *   put       -    -      X
 *   scan      -    X      X
 *   rotate    X    X      X
 * Publication: CAS(acq_rel) on slot.key claims a slot; the claimer builds the trace, publishes it
 * to the scan with store_release on by_id[id - first_id], then to other puts with store_release on
 * slot.trace. So whoever got an id from put can be sure that a scan that starts afterwards meets
 * its trace. A put that sees key != 0 and trace == NULL meets another put "in flight": it waits for
 * nothing and treats the slot as taken by another stack (so a stack may, rarely, get two ids; never
 * one id two stacks). A slot whose claimer found the arena full stays in that state until the
 * rotation. next_id - first_id == traces created since the rotation <= slots claimed <= n_slots
 *   by_id[i] != NULL  =>  by_id[i]->id == first_id + i */
#ifndef STORE_TRACE_STORE_H
#define STORE_TRACE_STORE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/atomics.h"
#include "base/attrs.h"
#include "base/frame.h"

typedef uint32_t
    trace_id; /* 1.. in order of creation, monotonic over the whole recording; < 2^31 */
#define TRACE_NONE ((trace_id)0)

struct trace {
    trace_id id;
    uint32_t n_frames;
    bool truncated;
    struct frame frames[]; /* top frame first */
};

struct trace_slot {
    atomic_u64 key;   /* hash, never 0 once claimed */
    atomic_ptr trace; /* const struct trace *, in the arena; NULL while in flight */
};

struct trace_store {
    struct trace_slot *slots; /* owned mapping */
    atomic_ptr *by_id;        /* const struct trace *, n_slots of them; owned mapping */
    uint32_t n_slots;
    uint32_t first_id;   /* the first id since the last rotate */
    struct arena *arena; /* borrowed for the store's life */
    atomic_u32 next_id;
};

/* 0 or -errno (-EINVAL: n_slots is no power of two, or too large). */
int trace_store_init(struct trace_store *ts, struct arena *arena, uint32_t n_slots);
void trace_store_fini(struct trace_store *ts);

/* Intern frames[0..n), top first. Returns the id, or TRACE_NONE when table or arena is full.
 * Probing is bounded. frames is not retained. */
SIGSAFE trace_id trace_store_put(struct trace_store *ts, const struct frame *frames, uint32_t n,
                                 bool truncated);

/* A cursor over the traces in order of id: the last call's stragglers (ids that were in flight
 * then) first. Nothing is visited twice. Recorder thread only; costs nothing per trace already
 * visited. */
struct trace_scan; /* opaque cursor, see trace_store_scan.c */
struct trace_scan *trace_scan_new(struct trace_store *ts);
void trace_scan_free(struct trace_scan *scan);
/* Calls fn for all traces published since the last call; returns their number. After a rotate the
 * traces that were not visited are gone. */
size_t trace_scan_next(struct trace_scan *scan, void (*fn)(void *ctx, const struct trace *t),
                       void *ctx);

/* Forget all stacks (their arena is reset by its owner); ids go on counting. */
void trace_store_rotate(struct trace_store *ts);

/* Stacks kept since the last rotate; the table is as good as full at about 9/10 of n_slots. */
uint32_t trace_store_count(struct trace_store *ts);
/* What is wrong with the store's invariants, NULL if nothing. Excludes put; for tests. */
const char *trace_store_check_valid(struct trace_store *ts);

#endif
