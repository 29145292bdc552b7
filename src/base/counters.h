/* counters.h — every loss and failure has a name: one counter each, bumped where it happens (signal
 * context included), written to the recording as profiler.Statistics and printed at stop.
 * Adding a counter: a line here and a field of profiler.Statistics in jfr/schema.h. */
#ifndef BASE_COUNTERS_H
#define BASE_COUNTERS_H

#include "base/atomics.h"

/* X(name, meaning) */
#define COUNTERS(X)                                                                       \
    X(samples, "samples taken, failed ones included")                                     \
    X(failed_unknown_pc, "the program counter is in no library, stub or compiled method") \
    X(failed_no_anchor, "in native code, the way back to Java unknown")                   \
    X(failed_bad_frame, "a frame's layout made no sense")                                 \
    X(failed_bad_method, "a frame's method pointer made no sense")                        \
    X(failed_fault, "a load met unmapped memory")                                         \
    X(failed_other, "any other failure")                                                  \
    X(truncated_stacks, "stacks cut at jstackdepth")                                      \
    X(scanned_frames, "callers found by searching the stack, not by a known layout")      \
    X(lost_lane_busy, "no lane free: other samples were being written")                   \
    X(lost_lane_full, "lane full: the recorder thread did not keep up")                   \
    X(lost_store_full, "trace store full")                                                \
    X(lost_methods_full, "method dictionary full")                                        \
    X(lost_reentered, "the handler interrupted itself")                                   \
    X(lost_no_thread, "signal for a thread no longer known")                              \
    X(lost_unsafe, "SIGSEGV is blocked: a fault in the walk could not be caught")         \
    X(handler_ns, "nanoseconds spent in the handler")                                     \
    X(timers_failed, "threads for which no timer could be had")

struct counters {
#define COUNTER_MEMBER(name, meaning) atomic_u64 name;
    COUNTERS(COUNTER_MEMBER)
#undef COUNTER_MEMBER
};

#define counter_add(c, name, n) ((void)add_relaxed(&(c)->name, (uint64_t)(n)))
#define counter_inc(c, name)    counter_add(c, name, 1)
#define counter_get(c, name)    load_relaxed(&(c)->name)

#endif
