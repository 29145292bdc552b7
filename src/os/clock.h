/* clock.h — the two clocks of a recording. Any context: the vDSO's clock_gettime is signal-safe. */
#ifndef OS_CLOCK_H
#define OS_CLOCK_H

#include <stdint.h>
#include <time.h>

#include "base/attrs.h"

static inline uint64_t clock_ns_of(clockid_t clock)
{
    struct timespec ts = {0};
    clock_gettime(clock, &ts); /* cannot fail for the clocks below */
    return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

/* The ticks of our recordings: nanoseconds of CLOCK_MONOTONIC, 10^9 per second. */
SIGSAFE static inline uint64_t clock_ticks_ns(void)
{
    return clock_ns_of(CLOCK_MONOTONIC);
}
/* Nanoseconds since 1970; may jump when somebody sets the clock. */
SIGSAFE static inline uint64_t clock_epoch_ns(void)
{
    return clock_ns_of(CLOCK_REALTIME);
}

#endif
