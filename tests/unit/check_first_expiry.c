/* check_first_expiry.c — engine/first_expiry, against a model of the kernel's tick. */
#include <check.h>
#include <stdint.h>
#include <stdio.h>

#include "base/attrs.h"
#include "base/hash.h"
#include "engine/first_expiry.h"

enum { TICK = 4000000 };

START_TEST(the_first_expiry_is_within_the_interval_and_a_whole_number_of_ticks)
{
    static const uint64_t intervals[] = {10000, 1000000, TICK, 10000000, 1000000000};
    static const uint64_t randoms[] = {0, 1, UINT64_MAX / 3, UINT64_MAX / 2, UINT64_MAX};
    for (size_t i = 0; i < COUNT_OF(intervals); i++)
        for (size_t k = 0; k < COUNT_OF(randoms); k++) {
            uint64_t first = first_expiry_ns(intervals[i], TICK, randoms[k]);
            ck_assert_uint_ge(first, 1);
            ck_assert_uint_le(first, intervals[i]);
            ck_assert_uint_eq((first - 1) % TICK, 0);
            first = first_expiry_ns(intervals[i], 0, randoms[k]);
            ck_assert_uint_ge(first, 1);
            ck_assert_uint_le(first, intervals[i]);
        }
    ck_assert_uint_eq(first_expiry_ns(10000000, 0, UINT64_MAX), 10000000);
}
END_TEST

/* Signals of one thread: the kernel looks when the thread has used phase, phase + TICK, ... of CPU,
 * and fires when an expiry has passed; then the timer goes on by whole intervals
 * (posix-cpu-timers.c). */
static int count_signals(uint64_t life, uint64_t phase, uint64_t first, uint64_t interval)
{
    int n = 0;
    uint64_t expiry = first;
    for (uint64_t used = phase; used <= life; used += TICK)
        if (used >= expiry) {
            n++;
            expiry += (used - expiry) / interval * interval + interval;
        }
    return n;
}

/* Threads of any length get samples in proportion to their CPU time. Fixed seed, so no luck. */
START_TEST(short_threads_get_their_share_of_samples)
{
    static const uint64_t lives[] = {200000, 2000000, TICK, 7000000, 25000000};
    const uint64_t interval = 10000000;
    const int n_threads = 400000;
    for (size_t i = 0; i < COUNT_OF(lives); i++) {
        double n = 0;
        for (int k = 0; k < n_threads; k++) {
            uint64_t r = hash_mix64((uint64_t)k * 2 + 1);
            uint64_t phase = 1 + hash_mix64((uint64_t)k * 2 + 2) % TICK;
            n += count_signals(lives[i], phase, first_expiry_ns(interval, TICK, r), interval);
        }
        double expected = (double)lives[i] / (double)interval * n_threads;
        ck_assert_msg(n > expected * 0.97 && n < expected * 1.03,
                      "threads of %llu ns: %.0f samples, expected %.0f",
                      (unsigned long long)lives[i], n, expected);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("first_expiry");
    TCase *tc = tcase_create("first_expiry");
    suite_add_tcase(suite, tc);
    tcase_add_test(tc, the_first_expiry_is_within_the_interval_and_a_whole_number_of_ticks);
    tcase_add_test(tc, short_threads_get_their_share_of_samples);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int n_failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return n_failed != 0;
}
