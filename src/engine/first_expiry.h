/* first_expiry.h — when a thread's CPU timer fires first. Pure.
 *
 * The kernel looks at CPU timers only at its tick, at a phase that has nothing to do with the
 * thread's life. To sample all CPU time alike, the tick that meets a thread for the k-th time must
 * be the first one to fire with the same probability tick / interval for each k, also for k = 1: a
 * thread that lives for less than a tick is met once or never. An expiry of (k - 1) ticks fires
 * exactly at the k-th meeting, so the expiry is a whole number of ticks, and its distribution that
 * of a uniform one in [0, interval), rounded down. (A uniform expiry would miss most of the short
 * threads: it must have passed before the only tick they meet.) */
#ifndef ENGINE_FIRST_EXPIRY_H
#define ENGINE_FIRST_EXPIRY_H

#include <stdint.h>

/* random: 64 uniform bits. interval_ns > 0. tick_ns 0: unknown, no rounding. The result is at least
 * 1 and at most interval_ns. */
static inline uint64_t first_expiry_ns(uint64_t interval_ns, uint64_t tick_ns, uint64_t random)
{
    uint64_t uniform = (uint64_t)(((unsigned __int128)interval_ns * random) >> 64);
    return 1 + (tick_ns ? uniform - uniform % tick_ns : uniform);
}

#endif
