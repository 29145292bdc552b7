/* lane.h — bounded buffers between signal handlers and the recorder thread.
 *
 * A lane is taken for the length of one sample (try-lock, nothing ever waits in a handler) and
 * lends its scratch space for the walk and its buffer for the encoded event. The recorder swaps a
 * lane's two buffers and reads the full one at leisure. lane.lock: 0 free, 1 taken. Handler:
 * CAS(acq_rel) 0->1, on failure the next lane, at most N tries. Recorder: spins (with sched_yield)
 * for the swap only. Invariant: bytes in a buffer are whole events (jfr_event_end rewinds what did
 * not fit). Signal side: lane.c (acquire, release). Normal side: lane_drain.c. acquire..release
 * drain  fini      X = caller must exclude   - = safe together acquire..       -             - X
 *   drain           -             X     X        (one recorder)
 * Whoever holds the lock owns active, out, frames and buf[active]; the recorder owns buf[!active]
 * from its swap to its next one. */
#ifndef RECORD_LANE_H
#define RECORD_LANE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/atomics.h"
#include "base/attrs.h"
#include "base/frame.h"
#include "jfr/wire.h"

struct lane {
    _Alignas(CACHE_LINE) atomic_u32 lock;
    struct jfr_out out;   /* the active buffer; only while the lock is held */
    struct frame *frames; /* scratch: max_frames; only while the lock is held */
    uint8_t *buf[2];
    int active;
};

struct lane_set {
    struct lane *lanes; /* owned */
    uint32_t n_lanes;   /* power of two */
    uint32_t max_frames;
    size_t buf_bytes;
    atomic_u32
        wake; /* set to 1 when a lane is more than half full; lane_set_drain() clears it first */
    void (*on_half_full)(void *ctx); /* SIGSAFE; may be NULL */
    void *on_half_full_ctx;
};

/* 0 or -errno (-EINVAL: a number out of range). buf_bytes is rounded up to cache lines. Memory:
 * n_lanes * (2 * buf_bytes + max_frames * sizeof(struct frame)), mapped, touched lazily. */
int lane_set_init(struct lane_set *set, uint32_t n_lanes, size_t buf_bytes, uint32_t max_frames);
void lane_set_fini(struct lane_set *set);

/* A free lane, starting the search at hint (a thread id, say); NULL when all n_lanes are taken. */
SIGSAFE struct lane *lane_acquire(struct lane_set *set, uint32_t hint);
SIGSAFE void lane_release(struct lane_set *set, struct lane *lane);

/* Recorder: hand every non-empty buffer to fn (whole events), each lane swapped first. */
void lane_set_drain(struct lane_set *set, void (*fn)(void *ctx, const void *bytes, size_t n),
                    void *ctx);
/* What is wrong with the set's invariants, NULL if nothing. Excludes acquire and drain; for tests.
 */
const char *lane_set_check_valid(const struct lane_set *set);

#endif
