/* check_tasks.c — os/tasks, on this process and on a made-up folder. */
#include <check.h>
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/attrs.h"
#include "os/tasks.h"

struct found {
    pid_t tids[64];
    int n;
};

static void note(void *ctx, pid_t tid)
{
    struct found *found = ctx;
    if (found->n < 64)
        found->tids[found->n] = tid;
    found->n++;
}

static bool has(const struct found *found, pid_t tid)
{
    for (int i = 0; i < found->n && i < 64; i++)
        if (found->tids[i] == tid)
            return true;
    return false;
}

static pthread_barrier_t g_barrier;
static pid_t g_tid;

static void *named_thread(void *name)
{
    prctl(PR_SET_NAME, name);
    g_tid = (pid_t)syscall(SYS_gettid);
    pthread_barrier_wait(&g_barrier);
    pthread_barrier_wait(&g_barrier);
    return NULL;
}

START_TEST(threads_of_this_process_are_listed_with_their_names)
{
    static const char *const cases[][2] = {{"worker", "worker"},
                                           {"", ""},
                                           {"with space (x)", "with space (x)"},
                                           {"tab\tbell\a", "tab?bell?"},
                                           {"more than fifteen bytes", "more than fifte"}};
    pthread_barrier_init(&g_barrier, NULL, 2);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct found found = {.n = 0};
        char name[TASKS_NAME_MAX];
        pthread_t t;
        pthread_create(&t, NULL, named_thread, (void *)cases[i][0]);
        pthread_barrier_wait(&g_barrier);
        int n = tasks_each(note, &found);
        ck_assert_int_eq(n, found.n);
        ck_assert(has(&found, getpid()));
        ck_assert(has(&found, g_tid));
        ck_assert_int_eq(tasks_name(g_tid, name), (int)strlen(cases[i][1]));
        ck_assert_str_eq(name, cases[i][1]);
        pthread_barrier_wait(&g_barrier);
        pthread_join(t, NULL);
    }
    pthread_barrier_destroy(&g_barrier);
}
END_TEST

START_TEST(a_thread_that_does_not_exist_has_no_name)
{
    char name[TASKS_NAME_MAX] = "x";
    ck_assert_int_eq(tasks_name(1 << 30, name), -ESRCH);
    ck_assert_str_eq(name, "");
}
END_TEST

START_TEST(entries_that_are_no_thread_ids_are_passed_over)
{
    static const char *const names[] = {
        "12", "4194304", "x", "12x", "-5", "0", "99999999999999999999", "2147483648"};
    char dir[] = "/tmp/check_tasks.XXXXXX", path[128];
    struct found found = {.n = 0};
    ck_assert_ptr_nonnull(mkdtemp(dir));
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        snprintf(path, sizeof path, "%s/%s", dir, names[i]);
        ck_assert_int_eq(mkdir(path, 0700), 0);
    }
    int n = tasks_each_in(dir, note, &found);
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        snprintf(path, sizeof path, "%s/%s", dir, names[i]);
        rmdir(path);
    }
    rmdir(dir);
    ck_assert(has(&found, 12));
    ck_assert(has(&found, 4194304));
    ck_assert_int_eq(n, 2);
}
END_TEST

START_TEST(a_missing_folder_is_an_error)
{
    struct found found = {.n = 0};
    ck_assert_int_eq(tasks_each_in("/nonexistent", note, &found), -ENOENT);
    ck_assert_int_eq(found.n, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tasks");
    TCase *tc = tcase_create("tasks");
    suite_add_tcase(suite, tc);
    tcase_add_test(tc, threads_of_this_process_are_listed_with_their_names);
    tcase_add_test(tc, a_thread_that_does_not_exist_has_no_name);
    tcase_add_test(tc, entries_that_are_no_thread_ids_are_passed_over);
    tcase_add_test(tc, a_missing_folder_is_an_error);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int n_failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return n_failed != 0;
}
