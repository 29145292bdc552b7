/* check_session.c — agent/session: whole recordings of this very process, without a JVM. */
#include <check.h>
#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "agent/session.h"
#include "base/log.h"
#include "jfr/read.h"

static char g_dir[] = "/tmp/check_session_XXXXXX";
static char g_path[64];

static void *do_nothing(void *arg)
{
    return arg;
}

/* The first thread makes a sanitizer start one of its own: before anything is counted. */
static void set_up(void)
{
    pthread_t thread;
    ck_assert_int_eq(pthread_create(&thread, NULL, do_nothing, NULL), 0);
    pthread_join(thread, NULL);
    strcpy(g_dir + strlen(g_dir) - 6, "XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(g_dir));
    snprintf(g_path, sizeof g_path, "%s/a.jfr", g_dir);
    log_set_level(LOG_ERROR);
}

static void tear_down(void)
{
    unlink(g_path);
    rmdir(g_dir);
}

static void no_threads(void *ctx, void (*fn)(void *, const struct java_thread *), void *fn_ctx)
{
    (void)ctx;
    (void)fn;
    (void)fn_ctx;
}

static int start(const char *more, struct err *e)
{
    char text[256];
    struct options o;
    struct session_jvm jvm = {.each_thread = no_threads};
    snprintf(text, sizeof text, "file=%s,interval=1ms%s", g_path, more);
    ck_assert_int_eq(options_parse(text, &o, e), 0);
    ck_assert_int_eq(environment_add_property(&jvm.environment, "k", "v"), 0);
    int rc = session_start(&o, &jvm, e);
    ck_assert_uint_eq(jvm.environment.n_properties, 0); /* taken over, whatever happens */
    return rc;
}

static int count_in(const char *dir)
{
    int n = 0;
    DIR *d = opendir(dir);
    ck_assert_ptr_nonnull(d);
    while (readdir(d))
        n++;
    closedir(d);
    return n;
}

struct footprint {
    int fds, threads;
    void (*prof)(int);
};

static struct footprint footprint(void)
{
    struct sigaction sa;
    sigaction(SIGPROF, NULL, &sa);
    return (struct footprint){count_in("/proc/self/fd"), count_in("/proc/self/task"),
                              sa.sa_handler};
}

static void expect_footprint(struct footprint before)
{
    struct footprint now = footprint();
    ck_assert_int_eq(now.fds, before.fds);
    ck_assert_int_eq(now.threads, before.threads);
    ck_assert(now.prof == before.prof);
}

/* CPU time of this thread, so that the machine's load does not matter. */
static void burn_ms(long ms)
{
    struct timespec t0, t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t0);
    do
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    while ((t.tv_sec - t0.tv_sec) * 1000 + (t.tv_nsec - t0.tv_nsec) / 1000000 < ms);
}

static int count_events(const char *type)
{
    int n = 0;
    struct jfr_file *file;
    struct jfr_chunk *chunk;
    struct jfr_chunk_header header;
    struct jfr_events it;
    struct jfr_event ev;
    ck_assert_int_eq(jfr_file_open(&file, g_path, NULL), 0);
    ck_assert_int_eq(jfr_file_next(file, &header, NULL), 1);
    ck_assert_int_eq(jfr_chunk_open(&chunk, file, &header, NULL), 0);
    ck_assert_ptr_null(jfr_chunk_damage(chunk));
    ck_assert_int_eq(jfr_chunk_select(chunk, type, NULL, 0, 1), 0);
    jfr_events_init(&it, chunk);
    while (jfr_events_next(&it, &ev))
        n++;
    ck_assert_ptr_null(it.error);
    jfr_chunk_close(chunk);
    jfr_file_close(file);
    return n;
}

START_TEST(a_recording_has_samples_and_leaves_nothing_behind)
{
    struct err e = {0};
    struct footprint before = footprint();
    for (int round = 0; round < 3; round++) {
        ck_assert_msg(start("", &e) == 0, "%s", e.text);
        ck_assert(session_is_recording());
        burn_ms(300);
        ck_assert_int_eq(session_stop(NULL, &e), 0);
        ck_assert(!session_is_recording());
        expect_footprint(before);
        ck_assert_int_ge(count_events("jdk.NativeMethodSample"), 10);
        ck_assert_int_eq(count_events("jdk.ExecutionSample"), 0);
        ck_assert_int_eq(count_events("jdk.InitialSystemProperty"), 1);
        ck_assert_int_eq(count_events("jdk.JVMInformation"), 1);
        ck_assert_int_eq(count_events("jdk.Shutdown"), 0);
        ck_assert_int_ge(count_events("profiler.Statistics"), 1);
    }
}
END_TEST

START_TEST(vm_death_is_recorded_as_shutdown)
{
    struct err e = {0};
    ck_assert_int_eq(start("", &e), 0);
    ck_assert_int_eq(session_stop("test", &e), 0);
    ck_assert_int_eq(count_events("jdk.Shutdown"), 1);
}
END_TEST

START_TEST(a_second_start_is_refused_and_the_first_goes_on)
{
    struct err e = {0};
    ck_assert_int_eq(start("", &e), 0);
    ck_assert_int_eq(start("", &e), -EALREADY);
    ck_assert_ptr_nonnull(strstr(e.text, g_path));
    ck_assert(session_is_recording());
    ck_assert_int_eq(session_stop(NULL, &e), 0);
}
END_TEST

START_TEST(stop_without_start_is_an_error)
{
    struct err e = {0};
    ck_assert_int_eq(session_stop(NULL, &e), -ESRCH);
    ck_assert_ptr_nonnull(strstr(e.text, "nothing is being recorded"));
    ck_assert_int_eq(session_stop(NULL, NULL), -ESRCH);
}
END_TEST

START_TEST(a_timeout_ends_the_recording_by_itself)
{
    struct err e = {0};
    char status[512];
    struct footprint before = footprint();
    ck_assert_int_eq(start(",timeout=100ms", &e), 0);
    do /* the test's own time limit ends this */
        session_status(status, sizeof status);
    while (strcmp(status, "idle") != 0);
    ck_assert_int_eq(session_stop(NULL, &e), -ESRCH);
    while (footprint().threads != before.threads) /* it is in its last instructions */
        sched_yield();
    expect_footprint(before);
    ck_assert_int_eq(count_events("jdk.ActiveRecording"), 1);
}
END_TEST

static void *stop_thread(void *arg)
{
    (void)arg;
    return (void *)(intptr_t)session_stop(NULL, NULL);
}

START_TEST(many_stops_at_once_and_a_timeout_all_return)
{
    pthread_t threads[8];
    struct err e = {0};
    for (int round = 0; round < 10; round++) {
        ck_assert_int_eq(start(",timeout=100ms", &e), 0);
        if (round % 2)
            usleep(100000); /* let the timeout come first or meet the stops; both are fine */
        for (int i = 0; i < 8; i++)
            pthread_create(&threads[i], NULL, stop_thread, NULL);
        for (int i = 0; i < 8; i++)
            pthread_join(threads[i], NULL);
        ck_assert(!session_is_recording());
        ck_assert_int_eq(session_stop(NULL, NULL), -ESRCH);
    }
}
END_TEST

START_TEST(a_file_that_cannot_be_opened_leaves_nothing_behind)
{
    struct err e = {0};
    struct footprint before = footprint();
    snprintf(g_path, sizeof g_path, "%s/no/such/a.jfr", g_dir);
    ck_assert_int_eq(start("", &e), -ENOENT);
    ck_assert_ptr_nonnull(strstr(e.text, g_path));
    ck_assert(!session_is_recording());
    expect_footprint(before);
    ck_assert_int_eq(session_stop(NULL, NULL), -ESRCH);
}
END_TEST

START_TEST(another_copy_of_the_agent_is_noticed)
{
    struct err e = {0};
    int fd = memfd_create("jfrprof-session", MFD_CLOEXEC); /* as the other copy would */
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(ftruncate(fd, 4096), 0);
    void *claim = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
    close(fd);
    ck_assert(claim != MAP_FAILED);
    ck_assert_int_eq(start("", &e), -EBUSY);
    ck_assert_ptr_nonnull(strstr(e.text, "another copy"));
    ck_assert_int_eq(access(g_path, F_OK), -1);
    munmap(claim, 4096);
    ck_assert_int_eq(start("", &e), 0);
    ck_assert_int_eq(session_stop(NULL, &e), 0);
}
END_TEST

static void foreign_handler(int signo)
{
    (void)signo;
}

START_TEST(a_sigprof_handler_of_the_host_is_left_alone)
{
    struct err e = {0};
    signal(SIGPROF, foreign_handler);
    ck_assert_int_lt(start("", &e), 0);
    ck_assert_ptr_nonnull(strstr(e.text, "SIGPROF"));
    ck_assert(footprint().prof == foreign_handler);
    ck_assert_int_eq(access(g_path, F_OK), -1);
    signal(SIGPROF, SIG_DFL);
}
END_TEST

static void *java_thread(void *arg)
{
    char name[] = "worker", group[] = "main";
    (void)arg;
    struct java_thread t = {
        .info = {.tid = gettid(), .os_name = name, .java_name = name, .group_name = group}};
    session_thread_started(&t);
    burn_ms(50);
    session_thread_ended();
    return NULL;
}

START_TEST(threads_that_come_and_go_are_sampled_and_recorded)
{
    enum { N = 20 };
    pthread_t thread;
    struct err e = {0};
    ck_assert_int_eq(start("", &e), 0);
    for (int i = 0; i < N; i++) {
        pthread_create(&thread, NULL, java_thread, NULL);
        pthread_join(thread, NULL);
    }
    ck_assert_int_eq(session_stop(NULL, &e), 0);
    ck_assert_int_eq(count_events("jdk.ThreadStart"), N);
    ck_assert_int_eq(count_events("jdk.ThreadEnd"), N);
    ck_assert_int_ge(count_events("jdk.NativeMethodSample"), N);
    java_thread(NULL); /* nobody records: nothing happens */
}
END_TEST

START_TEST(the_status_says_what_is_going_on)
{
    struct err e = {0};
    char text[512];
    session_status(text, sizeof text);
    ck_assert_str_eq(text, "idle");
    ck_assert_int_eq(start("", &e), 0);
    session_status(text, sizeof text);
    ck_assert_ptr_nonnull(strstr(text, g_path));
    ck_assert_ptr_nonnull(strstr(text, "engine ctimer"));
    ck_assert_int_eq(session_stop(NULL, &e), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("session");
    TCase *tc = tcase_create("session");
    suite_add_tcase(suite, tc);
    tcase_set_timeout(tc, 60);
    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_add_test(tc, a_recording_has_samples_and_leaves_nothing_behind);
    tcase_add_test(tc, vm_death_is_recorded_as_shutdown);
    tcase_add_test(tc, a_second_start_is_refused_and_the_first_goes_on);
    tcase_add_test(tc, stop_without_start_is_an_error);
    tcase_add_test(tc, a_timeout_ends_the_recording_by_itself);
    tcase_add_test(tc, many_stops_at_once_and_a_timeout_all_return);
    tcase_add_test(tc, a_file_that_cannot_be_opened_leaves_nothing_behind);
    tcase_add_test(tc, another_copy_of_the_agent_is_noticed);
    tcase_add_test(tc, a_sigprof_handler_of_the_host_is_left_alone);
    tcase_add_test(tc, threads_that_come_and_go_are_sampled_and_recorded);
    tcase_add_test(tc, the_status_says_what_is_going_on);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int n_failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return n_failed != 0;
}
