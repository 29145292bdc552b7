/* check_thread_table.c — store/thread_table. */
#include <check.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "store/thread_table.h"

static struct thread_table *g_tt;

static void set_up(void)
{
    g_tt = thread_table_new();
    ck_assert_ptr_nonnull(g_tt);
}

static void tear_down(void)
{
    const char *problem = thread_table_check_valid(g_tt);
    ck_assert_msg(!problem, "%s", problem);
    thread_table_free(g_tt);
}

static struct thread_slot *add_native(pid_t tid, const char *name)
{
    return thread_table_add(g_tt, &(struct thread_info){.tid = tid, .os_name = (char *)name}, NULL);
}

static struct thread_slot *add_java(pid_t tid, const char *name, int64_t java_id, void *java_thread)
{
    struct thread_info info = {.tid = tid,
                               .os_name = (char *)"os",
                               .java_name = (char *)name,
                               .group_name = (char *)"main",
                               .java_id = java_id};
    return thread_table_add(g_tt, &info, java_thread);
}

/* What take_new gave: "id:tid:os_name:java_name " each. */
static char g_taken[4096];

static void note(void *ctx, const struct thread_info *info)
{
    (void)ctx;
    size_t n = strlen(g_taken);
    snprintf(g_taken + n, sizeof g_taken - n, "%u:%d:%s:%s ", info->id, (int)info->tid,
             info->os_name, info->java_name ? info->java_name : "-");
}

static const char *take_new(void)
{
    g_taken[0] = 0;
    thread_table_take_new(g_tt, note, NULL);
    return g_taken;
}

START_TEST(a_thread_is_found_by_its_tid_while_it_lives)
{
    struct thread_slot *a = add_native(100, "a"), *b = add_native(200, "b");
    ck_assert_ptr_eq(thread_table_find(g_tt, 100), a);
    ck_assert_ptr_eq(thread_table_find(g_tt, 200), b);
    ck_assert_ptr_null(thread_table_find(g_tt, 300));
    ck_assert_int_eq(a->tid, 100);
    ck_assert_uint_eq(a->id, 1);
    ck_assert_uint_eq(b->id, 2);
    ck_assert_uint_eq(a->state, THREAD_LIVE);
    thread_table_remove(g_tt, a);
    ck_assert_ptr_null(thread_table_find(g_tt, 100));
    ck_assert_uint_eq(a->state, THREAD_GONE);
    ck_assert_uint_eq(thread_table_live_count(g_tt), 1);
}
END_TEST

START_TEST(threads_are_taken_once_in_order_of_id)
{
    add_native(10, "x");
    add_java(11, "main", 1, NULL);
    ck_assert_str_eq(take_new(), "1:10:x:- 2:11:os:main ");
    ck_assert_str_eq(take_new(), "");
    add_native(12, "y");
    ck_assert_str_eq(take_new(), "3:12:y:- ");
}
END_TEST

START_TEST(names_are_copied)
{
    char name[] = "before", group[] = "group";
    struct thread_info info = {
        .tid = 5, .java_name = name, .group_name = group, .is_virtual = true};
    thread_table_add(g_tt, &info, NULL);
    strcpy(name, "after!");
    ck_assert_str_eq(take_new(), "1:5::before ");
}
END_TEST

START_TEST(a_native_thread_that_becomes_a_java_thread_keeps_its_slot_and_gets_a_new_id)
{
    int java_thread;
    struct thread_slot *slot = add_native(7, "worker");
    slot->has_timer = true;
    ck_assert_ptr_eq(add_java(7, "Worker-1", 33, &java_thread), slot);
    ck_assert_uint_eq(slot->id, 2);
    ck_assert_ptr_eq(slot->java_thread, &java_thread);
    ck_assert(slot->has_timer);
    ck_assert_uint_eq(thread_table_live_count(g_tt), 1);
    ck_assert_str_eq(take_new(), "1:7:worker:- 2:7:os:Worker-1 ");
}
END_TEST

START_TEST(an_update_that_says_nothing_new_keeps_the_id)
{
    struct thread_slot *slot = add_java(7, "main", 1, NULL);
    add_java(7, "main", 1, NULL);
    ck_assert_uint_eq(slot->id, 1);
    add_native(8, "c2");
    add_native(8, "c2");
    ck_assert_str_eq(take_new(), "1:7:os:main 2:8:c2:- ");
}
END_TEST

START_TEST(a_change_of_any_java_fact_gives_a_new_id)
{
    struct thread_slot *slot = add_java(7, "main", 1, NULL);
    add_java(7, "renamed", 1, NULL);
    ck_assert_uint_eq(slot->id, 2);
    add_java(7, "renamed", 2, NULL);
    ck_assert_uint_eq(slot->id, 3);
    struct thread_info info = {.tid = 7, .java_name = (char *)"renamed", .java_id = 2};
    thread_table_add(g_tt, &info, NULL);
    ck_assert_uint_eq(slot->id, 4);
    info.is_virtual = true;
    thread_table_add(g_tt, &info, NULL);
    ck_assert_uint_eq(slot->id, 5);
}
END_TEST

START_TEST(a_scan_without_java_data_does_not_undo_a_java_thread)
{
    int java_thread;
    struct thread_slot *slot = add_java(7, "main", 1, &java_thread);
    ck_assert_ptr_eq(add_native(7, "java"), slot);
    ck_assert_uint_eq(slot->id, 1);
    ck_assert_ptr_eq(slot->java_thread, &java_thread);
}
END_TEST

START_TEST(a_gone_thread_is_still_taken_once)
{
    struct thread_slot *slot = add_native(7, "short");
    thread_table_remove(g_tt, slot);
    thread_table_reclaim(g_tt); /* must not drop what was not visited */
    ck_assert_str_eq(take_new(), "1:7:short:- ");
    thread_table_reclaim(g_tt);
    thread_table_visit_again(g_tt);
    ck_assert_str_eq(take_new(), "");
}
END_TEST

START_TEST(visit_again_gives_what_is_still_kept)
{
    add_native(1, "a");
    struct thread_slot *b = add_native(2, "b");
    take_new();
    thread_table_remove(g_tt, b);
    thread_table_visit_again(g_tt);
    ck_assert_str_eq(take_new(), "1:1:a:- 2:2:b:- ");
    thread_table_reclaim(g_tt);
    thread_table_visit_again(g_tt);
    ck_assert_str_eq(take_new(), "1:1:a:- ");
}
END_TEST

START_TEST(a_slot_is_reused_only_after_reclaim_and_ids_never)
{
    struct thread_slot *a = add_native(7, "a");
    thread_table_remove(g_tt, a);
    struct thread_slot *b = add_native(7, "b");
    ck_assert_ptr_ne(a, b);
    ck_assert_uint_eq(a->state, THREAD_GONE);
    thread_table_reclaim(g_tt);
    ck_assert_uint_eq(a->state, THREAD_FREE);
    struct thread_slot *c = add_native(8, "c");
    ck_assert_ptr_eq(a, c);
    ck_assert_uint_eq(c->id, 3);
    ck_assert_ptr_eq(thread_table_find(g_tt, 7), b);
}
END_TEST

START_TEST(a_slot_whose_timer_still_exists_is_not_reclaimed)
{
    struct thread_slot *a = add_native(7, "a");
    a->has_timer = true;
    thread_table_remove(g_tt, a);
    thread_table_reclaim(g_tt);
    ck_assert_uint_eq(a->state, THREAD_GONE);
    a->has_timer = false;
    thread_table_reclaim(g_tt);
    ck_assert_uint_eq(a->state, THREAD_FREE);
}
END_TEST

START_TEST(removing_twice_does_nothing)
{
    struct thread_slot *a = add_native(7, "a");
    thread_table_remove(g_tt, a);
    thread_table_remove(g_tt, a);
    ck_assert_uint_eq(thread_table_live_count(g_tt), 0);
}
END_TEST

static void count_slot(void *ctx, struct thread_slot *slot)
{
    ck_assert_uint_eq(slot->state, THREAD_LIVE);
    ++*(int *)ctx;
}

START_TEST(many_threads_are_kept_apart)
{
    enum { N = 5000 };
    static struct thread_slot *slots[N];
    for (int i = 0; i < N; i++)
        slots[i] = add_native(i + 1, "t");
    for (int i = 0; i < N; i += 2)
        thread_table_remove(g_tt, slots[i]);
    for (int i = 0; i < N; i++)
        ck_assert_ptr_eq(thread_table_find(g_tt, i + 1), i % 2 ? slots[i] : NULL);
    int n = 0;
    thread_table_each(g_tt, count_slot, &n);
    ck_assert_int_eq(n, N / 2);
}
END_TEST

static void mark_timer(void *ctx, struct thread_slot *slot)
{
    slot->has_timer = ctx != NULL;
}

START_TEST(visit_reaches_a_gone_slot_too)
{
    struct thread_slot *a = add_native(7, "a");
    thread_table_visit(g_tt, a, mark_timer, g_tt);
    ck_assert(a->has_timer);
    thread_table_remove(g_tt, a);
    thread_table_visit(g_tt, a, mark_timer, NULL);
    ck_assert(!a->has_timer);
}
END_TEST

static void *is_current(void *slot)
{
    return thread_slot_is_current(slot) ? slot : NULL;
}

START_TEST(a_slot_is_current_in_its_own_thread_while_it_lives)
{
    struct thread_slot *slot = add_native((pid_t)syscall(SYS_gettid), "me");
    ck_assert(thread_slot_is_current(slot));
    pthread_t other;
    void *answer;
    pthread_create(&other, NULL, is_current, slot);
    pthread_join(other, &answer);
    ck_assert_ptr_null(answer);
    thread_table_remove(g_tt, slot);
    ck_assert(!thread_slot_is_current(slot));
}
END_TEST

/* --- many threads ----------------------------------------------------------------------------- */

enum { N_WORKERS = 4, N_ROUNDS = 2000 };

static void *come_and_go(void *number)
{
    pid_t tid = 10 * N_ROUNDS * (pid_t)(intptr_t)number;
    for (int i = 0; i < N_ROUNDS; i++, tid++) {
        struct thread_slot *slot = add_native(tid, "native");
        if (add_java(tid, "java", tid, slot) != slot || thread_table_find(g_tt, tid) != slot)
            return (void *)"a thread lost its slot";
        thread_table_remove(g_tt, slot);
    }
    return NULL;
}

static void count_info(void *ctx, const struct thread_info *info)
{
    unsigned char *seen = ctx;
    seen[info->id]++;
}

START_TEST(every_id_is_taken_once_while_threads_come_and_go)
{
    static unsigned char seen[2 * N_WORKERS * N_ROUNDS + 2];
    pthread_t workers[N_WORKERS];
    for (int i = 0; i < N_WORKERS; i++)
        pthread_create(&workers[i], NULL, come_and_go, (void *)(intptr_t)(i + 1));
    for (int i = 0; i < 200; i++) {
        thread_table_take_new(g_tt, count_info, seen);
        thread_table_reclaim(g_tt);
    }
    for (int i = 0; i < N_WORKERS; i++) {
        void *problem;
        pthread_join(workers[i], &problem);
        ck_assert_msg(!problem, "%s", (const char *)problem);
    }
    thread_table_take_new(g_tt, count_info, seen);
    for (int id = 1; id <= 2 * N_WORKERS * N_ROUNDS; id++)
        ck_assert_int_eq(seen[id], 1);
    ck_assert_int_eq(seen[0] + seen[2 * N_WORKERS * N_ROUNDS + 1], 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("thread_table");
    TCase *tc = tcase_create("thread_table");
    suite_add_tcase(suite, tc);
    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_add_test(tc, a_thread_is_found_by_its_tid_while_it_lives);
    tcase_add_test(tc, threads_are_taken_once_in_order_of_id);
    tcase_add_test(tc, names_are_copied);
    tcase_add_test(tc, a_native_thread_that_becomes_a_java_thread_keeps_its_slot_and_gets_a_new_id);
    tcase_add_test(tc, an_update_that_says_nothing_new_keeps_the_id);
    tcase_add_test(tc, a_change_of_any_java_fact_gives_a_new_id);
    tcase_add_test(tc, a_scan_without_java_data_does_not_undo_a_java_thread);
    tcase_add_test(tc, a_gone_thread_is_still_taken_once);
    tcase_add_test(tc, visit_again_gives_what_is_still_kept);
    tcase_add_test(tc, a_slot_is_reused_only_after_reclaim_and_ids_never);
    tcase_add_test(tc, a_slot_whose_timer_still_exists_is_not_reclaimed);
    tcase_add_test(tc, removing_twice_does_nothing);
    tcase_add_test(tc, many_threads_are_kept_apart);
    tcase_add_test(tc, visit_reaches_a_gone_slot_too);
    tcase_add_test(tc, a_slot_is_current_in_its_own_thread_while_it_lives);
    tcase_add_test(tc, every_id_is_taken_once_while_threads_come_and_go);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int n_failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return n_failed != 0;
}
