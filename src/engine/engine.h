/* engine.h — who fires samples: one ops table, one file per engine.
 *
 * An engine owns its signal, its handler and the timers in the thread slots. It knows threads only
 * through thread_start/thread_end; who the threads are is the session's business. */
#ifndef ENGINE_ENGINE_H
#define ENGINE_ENGINE_H

#include <stdint.h>

#include "base/counters.h"
#include "base/err.h"

struct thread_slot; /* store/thread_table.h */

struct engine_config {
    uint64_t interval_ns;      /* of CPU time, per thread */
    struct counters *counters; /* borrowed until stop() */
};

/* Calls that take no slot are the session's, one at a time. thread_start and thread_end may come
 * from any number of threads at once, for different slots or the same, between start() and stop().
 */
struct engine_ops {
    const char *name; /* as in event= */
    /* Can it work here? 0, or -errno and why not. Leaves nothing behind. */
    int (*probe)(struct err *e);
    /* Install the handler; no thread is sampled yet. On failure nothing is left behind. */
    int (*start)(const struct engine_config *config, struct err *e);
    /* No signal of this engine is delivered any more after it returns, and the handler is what it
     * was before. The slots given to thread_start must have gone through thread_end. */
    void (*stop)(void);
    /* Sample the thread of the slot (any thread may call). 0 or -errno; failures are counted. A
     * slot that is sampled already gets a new timer: its thread may be another one with the same
     * tid. */
    int (*thread_start)(struct thread_slot *slot);
    /* Stop sampling it; does nothing when it is not sampled. The thread may be gone. */
    void (*thread_end)(struct thread_slot *slot);
};

extern const struct engine_ops g_engine_ctimer;

#endif
