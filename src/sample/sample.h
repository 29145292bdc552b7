/* sample.h — the junction: what happens between a signal and an event in a lane.
 *
 * An engine's handler calls sample_on_signal(). The gate (sample_open/sample_close) makes a signal
 * that arrives late, after everything was freed, harmless: it is counted nowhere and touches
 * nothing. */
#ifndef SAMPLE_SAMPLE_H
#define SAMPLE_SAMPLE_H

#include <stdbool.h>

#include "base/attrs.h"
#include "base/counters.h"
#include "record/lane.h"
#include "store/method_dict.h"
#include "store/thread_table.h"
#include "store/trace_store.h"
#include "walk/walk.h"

/* All borrowed, from sample_open() until sample_close() has returned true. */
struct sampler {
    struct lane_set
        *lanes; /* max_frames: the depth of a stack + 1 for the marker of a failed walk */
    struct trace_store *traces;
    struct walker *walker;
    struct method_dict *methods; /* NULL: the walker finds no Java frames */
    struct counters *counters;
};

/* Let samples in. One sampler at a time. */
SIGSAFE void sample_open(struct sampler *s);
/* Let no more in and wait for those inside. False when one did not come out within a second (a
 * thread stopped by a debugger inside the handler, say): what the sampler borrows must then never
 * be freed. */
bool sample_close(void);
/* The two halves of sample_close(): let no more in; is everybody out? */
SIGSAFE void sample_shut(void);
SIGSAFE bool sample_is_empty(void);

/* Take one sample of the calling thread, which slot describes. ucontext: third argument of the
 * handler. slot may be stale while the gate is closed; errno is the caller's to save. */
SIGSAFE void sample_on_signal(struct thread_slot *slot, const void *ucontext);

#endif
