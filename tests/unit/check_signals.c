/* check_signals.c — os/signals, with real signals.
 * Not for ThreadSanitizer: it runs handlers with every signal blocked. */
#include <check.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/atomics.h"
#include "os/signals.h"

static atomic_u32 g_n_signals, g_n_theirs;
static sigset_t g_mask;

static void on_signal(int signo, siginfo_t *info, void *ucontext)
{
    (void)signo;
    (void)info;
    (void)ucontext;
    pthread_sigmask(SIG_SETMASK, NULL, &g_mask);
    add_relaxed(&g_n_signals, 1);
}

static void their_handler(int signo)
{
    add_relaxed(&g_n_theirs, signo != 0);
}

START_TEST(the_handler_is_called_until_it_is_removed)
{
    struct signals_hook hook;
    struct sigaction now;
    signal(SIGPROF, SIG_IGN);
    ck_assert_int_eq(signals_install(&hook, SIGPROF, on_signal, NULL), 0);
    raise(SIGPROF);
    ck_assert_uint_eq(load_relaxed(&g_n_signals), 1);
    ck_assert_int_eq(signals_remove(&hook), 0);
    raise(SIGPROF);
    ck_assert_uint_eq(load_relaxed(&g_n_signals), 1);
    sigaction(SIGPROF, NULL, &now);
    ck_assert(now.sa_handler == SIG_IGN);
    ck_assert_int_eq(signals_remove(&hook), 0); /* once is enough */
}
END_TEST

START_TEST(the_default_action_is_put_back)
{
    struct signals_hook hook;
    struct sigaction now;
    ck_assert_int_eq(signals_install(&hook, SIGPROF, on_signal, NULL), 0);
    ck_assert_int_eq(signals_remove(&hook), 0);
    sigaction(SIGPROF, NULL, &now);
    ck_assert(now.sa_handler == SIG_DFL);
}
END_TEST

START_TEST(somebody_elses_handler_is_left_alone)
{
    struct signals_hook hook;
    struct err e;
    struct sigaction now;
    signal(SIGPROF, their_handler);
    ck_assert_int_eq(signals_install(&hook, SIGPROF, on_signal, &e), -EBUSY);
    ck_assert_str_eq(e.text,
                     "SIGPROF is in use: something else in this process has a handler on it");
    ck_assert(!hook.is_installed);
    ck_assert_int_eq(signals_remove(&hook), 0);
    sigaction(SIGPROF, NULL, &now);
    ck_assert(now.sa_handler == their_handler);
}
END_TEST

START_TEST(a_handler_put_over_ours_stays)
{
    struct signals_hook hook;
    struct sigaction now;
    ck_assert_int_eq(signals_install(&hook, SIGPROF, on_signal, NULL), 0);
    signal(SIGPROF, their_handler);
    ck_assert_int_eq(signals_remove(&hook), -EBUSY);
    sigaction(SIGPROF, NULL, &now);
    ck_assert(now.sa_handler == their_handler);
}
END_TEST

START_TEST(impossible_signals_are_refused)
{
    static const int signals[] = {0, -1, SIGKILL, SIGSTOP, 9999};
    for (size_t i = 0; i < COUNT_OF(signals); i++) {
        struct signals_hook hook;
        struct err e;
        ck_assert_int_eq(signals_install(&hook, signals[i], on_signal, &e), -EINVAL);
        ck_assert_str_ne(e.text, "");
        ck_assert(!hook.is_installed);
    }
}
END_TEST

START_TEST(all_but_the_synchronous_signals_wait_while_the_handler_runs)
{
    static const int open_signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP};
    static const int blocked_signals[] = {SIGPROF, SIGUSR1, SIGUSR2, SIGTERM, SIGCHLD};
    struct signals_hook hook;
    ck_assert_int_eq(signals_install(&hook, SIGPROF, on_signal, NULL), 0);
    raise(SIGPROF);
    for (size_t i = 0; i < COUNT_OF(open_signals); i++)
        ck_assert_int_eq(sigismember(&g_mask, open_signals[i]), 0);
    for (size_t i = 0; i < COUNT_OF(blocked_signals); i++)
        ck_assert_int_eq(sigismember(&g_mask, blocked_signals[i]), 1);
    ck_assert_int_eq(signals_remove(&hook), 0);
}
END_TEST

/* A thread with a pending SIGPROF, which it lets in when it is told to. */
static pthread_barrier_t g_barrier;

static void *block_and_unblock(void *unused)
{
    (void)unused;
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGPROF);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), SIGPROF);
    pthread_barrier_wait(&g_barrier);
    pthread_barrier_wait(&g_barrier);
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
    return NULL;
}

START_TEST(remove_discards_signals_pending_in_other_threads)
{
    pthread_t t;
    struct signals_hook hook;
    pthread_barrier_init(&g_barrier, NULL, 2);
    ck_assert_int_eq(signals_install(&hook, SIGPROF, on_signal, NULL), 0);
    pthread_create(&t, NULL, block_and_unblock, NULL);
    pthread_barrier_wait(&g_barrier);
    ck_assert_int_eq(signals_remove(&hook), 0); /* SIGPROF would now end the process */
    pthread_barrier_wait(&g_barrier);
    pthread_join(t, NULL);
    ck_assert_uint_eq(load_relaxed(&g_n_signals), 0);
    pthread_barrier_destroy(&g_barrier);
}
END_TEST

START_TEST(signals_have_names)
{
    char buf[SIGNALS_NAME_MAX];
    ck_assert_str_eq(signals_name(SIGPROF, buf), "SIGPROF");
    ck_assert_str_eq(signals_name(SIGRTMIN + 3, buf), "SIGRTMIN+3");
    ck_assert_str_eq(signals_name(SIGRTMAX + 1, buf), "signal 65");
    ck_assert_str_eq(signals_name(-2147483647 - 1, buf), "signal -2147483648");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("signals");
    TCase *tc = tcase_create("signals");
    suite_add_tcase(suite, tc);
    tcase_add_test(tc, the_handler_is_called_until_it_is_removed);
    tcase_add_test(tc, the_default_action_is_put_back);
    tcase_add_test(tc, somebody_elses_handler_is_left_alone);
    tcase_add_test(tc, a_handler_put_over_ours_stays);
    tcase_add_test(tc, impossible_signals_are_refused);
    tcase_add_test(tc, all_but_the_synchronous_signals_wait_while_the_handler_runs);
    tcase_add_test(tc, remove_discards_signals_pending_in_other_threads);
    tcase_add_test(tc, signals_have_names);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int n_failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return n_failed != 0;
}
