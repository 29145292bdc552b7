/* check_cpu_timer.c — os/cpu_timer and os/clock, with real timers. */
#include <check.h>
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/atomics.h"
#include "os/clock.h"
#include "os/cpu_timer.h"

static pid_t my_tid(void)
{
    return (pid_t)syscall(SYS_gettid);
}

/* What the handler saw. */
static atomic_u32 g_n_signals, g_n_wrong_thread, g_n_wrong_value, g_n_wrong_code, g_tid;
static int g_value;

static void on_signal(int signo, siginfo_t *info, void *ucontext)
{
    (void)signo;
    (void)ucontext;
    add_relaxed(&g_n_wrong_thread, my_tid() != (pid_t)load_relaxed(&g_tid));
    add_relaxed(&g_n_wrong_value, info->si_value.sival_ptr != &g_value);
    add_relaxed(&g_n_wrong_code, info->si_code != SI_TIMER);
    add_relaxed(&g_n_signals, 1);
}

static void set_up(void)
{
    struct sigaction sa = {.sa_flags = SA_SIGINFO | SA_RESTART};
    sa.sa_sigaction = on_signal;
    ck_assert_int_eq(sigaction(SIGPROF, &sa, NULL), 0);
}

/* --- a thread that burns CPU time, or waits --------------------------------------------------- */

static atomic_u32 g_command; /* 0 wait, 1 burn, 2 end */
static pthread_mutex_t g_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t g_changed = PTHREAD_COND_INITIALIZER;

static void command(uint32_t c)
{
    pthread_mutex_lock(&g_lock);
    store_relaxed(&g_command, c);
    pthread_cond_broadcast(&g_changed);
    pthread_mutex_unlock(&g_lock);
}

static void *obey(void *unused)
{
    (void)unused;
    pthread_mutex_lock(&g_lock);
    store_relaxed(&g_tid, (uint32_t)my_tid());
    pthread_cond_broadcast(&g_changed);
    while (load_relaxed(&g_command) == 0)
        pthread_cond_wait(&g_changed, &g_lock);
    pthread_mutex_unlock(&g_lock);
    while (load_relaxed(&g_command) == 1)
        ;
    return NULL;
}

static pthread_t start_thread(void)
{
    pthread_t t;
    ck_assert_int_eq(pthread_create(&t, NULL, obey, NULL), 0);
    pthread_mutex_lock(&g_lock);
    while (load_relaxed(&g_tid) == 0)
        pthread_cond_wait(&g_changed, &g_lock);
    pthread_mutex_unlock(&g_lock);
    return t;
}

static void end_thread(pthread_t t)
{
    command(2);
    pthread_join(t, NULL);
}

static void burn_here(uint64_t ns)
{
    uint64_t end = clock_ns_of(CLOCK_THREAD_CPUTIME_ID) + ns;
    while (clock_ns_of(CLOCK_THREAD_CPUTIME_ID) < end)
        ;
}

START_TEST(a_timer_fires_in_another_thread_on_its_cpu_time)
{
    pthread_t t = start_thread();
    pid_t tid = (pid_t)load_relaxed(&g_tid);
    cpu_timer timer;
    ck_assert_int_eq(cpu_timer_create(tid, SIGPROF, &g_value, &timer), 0);
    ck_assert_int_ge(timer, 0);
    ck_assert_int_eq(cpu_timer_arm(timer, 1000000, UINT64_MAX / 2), 0);
    burn_here(30000000); /* our time does not count: the other thread waits */
    ck_assert_uint_eq(load_relaxed(&g_n_signals), 0);
    command(1);
    while (load_relaxed(&g_n_signals) < 5)
        usleep(1000); /* libcheck's timeout ends this when no signal comes */
    ck_assert_int_eq(cpu_timer_delete(timer), 0);
    ck_assert_int_ge(cpu_timer_thread_ns(tid), 5 * 1000000 / 2);
    end_thread(t);
    ck_assert_uint_eq(load_relaxed(&g_n_wrong_thread), 0);
    ck_assert_uint_eq(load_relaxed(&g_n_wrong_value), 0);
    ck_assert_uint_eq(load_relaxed(&g_n_wrong_code), 0);
}
END_TEST

START_TEST(a_deleted_timer_is_gone)
{
    store_relaxed(&g_tid, (uint32_t)my_tid());
    cpu_timer timer;
    ck_assert_int_eq(cpu_timer_create(my_tid(), SIGPROF, &g_value, &timer), 0);
    ck_assert_int_eq(cpu_timer_arm(timer, 1000000, 0), 0);
    while (load_relaxed(&g_n_signals) == 0)
        ;
    ck_assert_int_eq(cpu_timer_delete(timer), 0);
    uint32_t n = load_relaxed(&g_n_signals); /* ours: whatever was sent has arrived */
    burn_here(30000000);
    ck_assert_uint_eq(load_relaxed(&g_n_signals), n);
    ck_assert_int_eq(cpu_timer_delete(timer), -EINVAL);
    ck_assert_int_eq(cpu_timer_arm(timer, 1000000, 0), -EINVAL);
}
END_TEST

START_TEST(an_unarmed_timer_does_not_fire)
{
    cpu_timer timer;
    ck_assert_int_eq(cpu_timer_create(my_tid(), SIGPROF, &g_value, &timer), 0);
    burn_here(30000000);
    ck_assert_uint_eq(load_relaxed(&g_n_signals), 0);
    ck_assert_int_eq(cpu_timer_arm(timer, 0, 1), -EINVAL);
    ck_assert_int_eq(cpu_timer_delete(timer), 0);
}
END_TEST

START_TEST(no_timer_for_a_thread_that_does_not_exist)
{
    pthread_t t = start_thread();
    pid_t tid = (pid_t)load_relaxed(&g_tid);
    end_thread(t);
    /* The join is woken by the kernel's exit path shortly before the thread leaves its process. */
    while (syscall(SYS_tgkill, getpid(), tid, 0) == 0)
        usleep(100);
    cpu_timer timer = 77;
    ck_assert_int_eq(cpu_timer_create(tid, SIGPROF, NULL, &timer), -EINVAL);
    ck_assert_int_eq(timer, CPU_TIMER_NONE);
    ck_assert_int_eq(cpu_timer_thread_ns(tid), -EINVAL);
}
END_TEST

START_TEST(the_clock_is_the_one_of_the_c_library)
{
    clockid_t theirs;
    pthread_t t = start_thread();
    ck_assert_int_eq(pthread_getcpuclockid(t, &theirs), 0);
    ck_assert_int_eq(cpu_timer_clock((pid_t)load_relaxed(&g_tid)), theirs);
    end_thread(t);
}
END_TEST

START_TEST(thread_time_grows_with_work)
{
    int64_t before = cpu_timer_thread_ns(my_tid());
    burn_here(5000000);
    ck_assert_int_ge(cpu_timer_thread_ns(my_tid()) - before, 5000000);
}
END_TEST

START_TEST(first_expiry_lies_in_the_interval_wherever_random_is)
{
    static const uint64_t intervals[] = {1, 2, 999, 10000000, UINT64_MAX - 1};
    static const uint64_t randoms[] = {0, 1, UINT64_MAX / 2, UINT64_MAX - 1, UINT64_MAX};
    for (size_t i = 0; i < COUNT_OF(intervals); i++)
        for (size_t k = 0; k < COUNT_OF(randoms); k++) {
            uint64_t first = cpu_timer_first_ns(intervals[i], randoms[k]);
            ck_assert_uint_ge(first, 1);
            ck_assert_uint_le(first, intervals[i]);
        }
    ck_assert_uint_eq(cpu_timer_first_ns(10000000, 0), 1);
    ck_assert_uint_eq(cpu_timer_first_ns(10000000, UINT64_MAX), 10000000);
    ck_assert_uint_eq(cpu_timer_first_ns(10000000, UINT64_MAX / 4), 2500000);
}
END_TEST

START_TEST(first_expiry_spreads_evenly)
{
    enum { N = 10000, BINS = 10 };
    int bins[BINS] = {0};
    for (uint64_t i = 0; i < N; i++)
        bins[(cpu_timer_first_ns(1000, i * (UINT64_MAX / N)) - 1) / (1000 / BINS)]++;
    for (int i = 0; i < BINS; i++)
        ck_assert_int_le(abs(bins[i] - N / BINS), N / BINS / 10);
}
END_TEST

START_TEST(the_kernel_gets_the_first_expiry_and_the_interval)
{
    cpu_timer timer;
    struct itimerspec spec;
    ck_assert_int_eq(cpu_timer_create(my_tid(), SIGPROF, NULL, &timer), 0);
    ck_assert_int_eq(cpu_timer_arm(timer, 100000000000, UINT64_MAX / 2), 0);
    ck_assert_int_eq(syscall(SYS_timer_gettime, timer, &spec), 0);
    ck_assert_int_eq(spec.it_interval.tv_sec, 100);
    ck_assert_int_eq(spec.it_interval.tv_nsec, 0);
    ck_assert_int_ge(spec.it_value.tv_sec, 40); /* 50 s, less the time since arming */
    ck_assert_int_le(spec.it_value.tv_sec, 50);
    ck_assert_int_eq(cpu_timer_delete(timer), 0);
}
END_TEST

START_TEST(clocks_go_forward_in_nanoseconds)
{
    uint64_t ticks = clock_ticks_ns(), epoch = clock_epoch_ns();
    ck_assert_uint_ge(clock_ticks_ns(), ticks);
    uint64_t seconds = (uint64_t)time(NULL);
    ck_assert_uint_le(epoch / 1000000000, seconds);
    ck_assert_uint_ge(epoch / 1000000000 + 60, seconds);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("cpu_timer");
    TCase *tc = tcase_create("cpu_timer");
    suite_add_tcase(suite, tc);
    tcase_set_timeout(tc, 20);
    tcase_add_checked_fixture(tc, set_up, NULL);
    tcase_add_test(tc, a_timer_fires_in_another_thread_on_its_cpu_time);
    tcase_add_test(tc, a_deleted_timer_is_gone);
    tcase_add_test(tc, an_unarmed_timer_does_not_fire);
    tcase_add_test(tc, no_timer_for_a_thread_that_does_not_exist);
    tcase_add_test(tc, the_clock_is_the_one_of_the_c_library);
    tcase_add_test(tc, thread_time_grows_with_work);
    tcase_add_test(tc, first_expiry_lies_in_the_interval_wherever_random_is);
    tcase_add_test(tc, first_expiry_spreads_evenly);
    tcase_add_test(tc, the_kernel_gets_the_first_expiry_and_the_interval);
    tcase_add_test(tc, clocks_go_forward_in_nanoseconds);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int n_failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return n_failed != 0;
}
