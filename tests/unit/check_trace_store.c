/* check_trace_store.c — store/trace_store, one thread; tests/stress has many. */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "store/trace_store.h"
#include "store/trace_store_impl.h"

static struct arena g_arena;
static struct trace_store g_ts;
static struct trace_scan *g_scan;

static void set_up(void)
{
    ck_assert_int_eq(arena_init(&g_arena, 1 << 20), 0);
    ck_assert_int_eq(trace_store_init(&g_ts, &g_arena, 1024), 0);
    g_scan = trace_scan_new(&g_ts);
    ck_assert_ptr_nonnull(g_scan);
}

static void tear_down(void)
{
    const char *problem = trace_store_check_valid(&g_ts);
    ck_assert_msg(!problem, "%s", problem);
    trace_scan_free(g_scan);
    trace_store_fini(&g_ts);
    arena_fini(&g_arena);
}

/* A stack of n frames that depends on seed in its last frame. */
static const struct frame *stack(uint64_t seed, uint32_t n)
{
    static struct frame frames[64];
    for (uint32_t i = 0; i < n; i++)
        frames[i] = (struct frame){.id = 1000 + i, .bci = (int32_t)i, .type = FRAME_JIT_COMPILED};
    if (n)
        frames[n - 1].id = seed;
    return frames;
}

static trace_id put(uint64_t seed, uint32_t n)
{
    return trace_store_put(&g_ts, stack(seed, n), n, false);
}

START_TEST(put_of_same_frames_returns_same_id)
{
    trace_id a = put(1, 5), b = put(2, 5);
    ck_assert_uint_ne(a, TRACE_NONE);
    ck_assert_uint_ne(a, b);
    ck_assert_uint_eq(put(1, 5), a);
    ck_assert_uint_eq(put(2, 5), b);
    ck_assert_uint_eq(trace_store_count(&g_ts), 2);
}
END_TEST

START_TEST(every_part_of_a_stack_tells_it_apart)
{
    struct frame f[2] = {{.id = 1, .bci = 2, .type = 3}, {.id = 4, .bci = 5, .type = 6}};
    trace_id first = trace_store_put(&g_ts, f, 2, false);
    ck_assert_uint_ne(trace_store_put(&g_ts, f, 2, true), first);
    ck_assert_uint_ne(trace_store_put(&g_ts, f, 1, false), first);
    ck_assert_uint_ne(trace_store_put(&g_ts, f, 0, false), first);
    for (int i = 0; i < 2; i++) {
        struct frame g[2];
        memcpy(g, f, sizeof g);
        g[i].id++;
        ck_assert_uint_ne(trace_store_put(&g_ts, g, 2, false), first);
        memcpy(g, f, sizeof g);
        g[i].bci = -1;
        ck_assert_uint_ne(trace_store_put(&g_ts, g, 2, false), first);
        memcpy(g, f, sizeof g);
        g[i].type = 0;
        ck_assert_uint_ne(trace_store_put(&g_ts, g, 2, false), first);
    }
    struct frame swapped[2] = {f[1], f[0]};
    ck_assert_uint_ne(trace_store_put(&g_ts, swapped, 2, false), first);
    ck_assert_uint_eq(trace_store_put(&g_ts, f, 2, false), first);
}
END_TEST

START_TEST(ids_are_given_in_order_from_one)
{
    for (uint32_t i = 1; i <= 100; i++)
        ck_assert_uint_eq(put(i, 3), i);
}
END_TEST

/* What a scan saw. */
struct seen {
    trace_id ids[2000];
    size_t n;
};

static void note(void *ctx, const struct trace *t)
{
    struct seen *seen = ctx;
    ck_assert_uint_lt(seen->n, 2000);
    seen->ids[seen->n++] = t->id;
    const struct frame *f = stack(t->frames[t->n_frames - 1].id, t->n_frames);
    ck_assert_mem_eq(t->frames, f, t->n_frames * sizeof *f);
}

START_TEST(scan_visits_each_trace_once_in_order_of_id)
{
    static struct seen seen;
    for (uint64_t i = 0; i < 10; i++)
        put(i, 4);
    ck_assert_uint_eq(trace_scan_next(g_scan, note, &seen), 10);
    ck_assert_uint_eq(trace_scan_next(g_scan, note, &seen), 0);
    for (uint64_t i = 5; i < 15; i++)
        put(i, 4);
    ck_assert_uint_eq(trace_scan_next(g_scan, note, &seen), 5);
    ck_assert_uint_eq(seen.n, 15);
    for (uint32_t i = 0; i < 15; i++)
        ck_assert_uint_eq(seen.ids[i], i + 1);
}
END_TEST

/* As a put interrupted between taking its id and publishing leaves it. */
static void *hide(trace_id id)
{
    void *t = load_relaxed(&g_ts.by_id[id - g_ts.first_id]);
    store_relaxed(&g_ts.by_id[id - g_ts.first_id], NULL);
    return t;
}

static void show(trace_id id, void *t)
{
    store_release(&g_ts.by_id[id - g_ts.first_id], t);
}

START_TEST(scan_leaves_traces_in_flight_for_the_next_time)
{
    static struct seen seen;
    for (uint64_t i = 0; i < 5; i++)
        put(i, 4);
    void *second = hide(2), *fourth = hide(4);
    ck_assert_uint_eq(trace_scan_next(g_scan, note, &seen), 3);
    show(4, fourth);
    put(5, 4);
    ck_assert_uint_eq(trace_scan_next(g_scan, note, &seen), 2);
    show(2, second);
    ck_assert_uint_eq(trace_scan_next(g_scan, note, &seen), 1);
    static const trace_id expected[] = {1, 3, 5, 4, 6, 2};
    ck_assert_uint_eq(seen.n, 6);
    ck_assert_mem_eq(seen.ids, expected, sizeof expected);
}
END_TEST

START_TEST(put_passes_by_a_stack_in_flight)
{
    trace_id first = put(1, 4);
    struct trace_slot *slot = g_ts.slots;
    while (load_relaxed(&slot->key) == 0)
        slot++;
    void *t = load_relaxed(&slot->trace);
    store_relaxed(&slot->trace, NULL);
    trace_id second = put(1, 4);
    ck_assert_uint_ne(second, TRACE_NONE);
    ck_assert_uint_ne(second, first);
    store_release(&slot->trace, t);
    ck_assert_uint_eq(put(1, 4), first);
}
END_TEST

START_TEST(different_stacks_under_the_same_key_stay_apart)
{
    trace_id first = put(1, 4);
    struct trace_slot *slot = g_ts.slots;
    while (load_relaxed(&slot->key) == 0)
        slot++;
    /* Move it to the key and place of another stack: as if both had the same hash. */
    uint64_t key = trace_store_hash(stack(2, 4), 4, false), old_key = load_relaxed(&slot->key);
    void *t = load_relaxed(&slot->trace);
    struct trace_slot *home = &g_ts.slots[key & (g_ts.n_slots - 1)];
    store_relaxed(&slot->key, 0);
    store_relaxed(&slot->trace, NULL);
    store_relaxed(&home->key, key);
    store_relaxed(&home->trace, t);
    trace_id second = put(2, 4);
    ck_assert_uint_ne(second, first);
    ck_assert_uint_eq(put(2, 4), second);
    store_relaxed(&home->key, 0); /* back, for the check in tear_down */
    store_relaxed(&home->trace, NULL);
    store_relaxed(&slot->key, old_key);
    store_relaxed(&slot->trace, t);
}
END_TEST

START_TEST(a_full_table_refuses_new_stacks_and_knows_the_old_ones)
{
    uint32_t n = 0;
    while (put(n, 2) != TRACE_NONE && n < 5000)
        n++;
    ck_assert_uint_gt(n, 1024 * 3 / 4);
    ck_assert_uint_le(n, 1024);
    ck_assert_uint_eq(trace_store_count(&g_ts), n);
    for (uint32_t i = 0; i < n; i++)
        ck_assert_uint_eq(put(i, 2), i + 1);
}
END_TEST

START_TEST(a_full_arena_refuses_new_stacks_and_knows_the_old_ones)
{
    trace_id known = put(7, 10);
    while (arena_alloc(&g_arena, 64))
        ;
    ck_assert_uint_eq(put(8, 10), TRACE_NONE);
    ck_assert_uint_eq(put(9, 10), TRACE_NONE);
    ck_assert_uint_eq(put(7, 10), known);
    ck_assert_uint_eq(trace_store_count(&g_ts), 1);
    static struct seen seen;
    ck_assert_uint_eq(trace_scan_next(g_scan, note, &seen), 1);
}
END_TEST

START_TEST(rotate_forgets_stacks_and_goes_on_counting)
{
    static struct seen seen;
    for (uint64_t i = 0; i < 10; i++)
        put(i, 4);
    trace_scan_next(g_scan, note, &seen);
    trace_store_rotate(&g_ts);
    arena_reset(&g_arena);
    ck_assert_uint_eq(trace_store_count(&g_ts), 0);
    ck_assert_uint_eq(put(3, 4), 11);
    ck_assert_uint_eq(put(3, 4), 11);
    seen.n = 0;
    ck_assert_uint_eq(trace_scan_next(g_scan, note, &seen), 1);
    ck_assert_uint_eq(seen.ids[0], 11);
}
END_TEST

START_TEST(rotate_drops_what_the_scan_had_left_for_later)
{
    static struct seen seen;
    put(1, 4);
    put(2, 4);
    hide(2);
    trace_scan_next(g_scan, note, &seen);
    trace_store_rotate(&g_ts);
    arena_reset(&g_arena);
    ck_assert_uint_eq(trace_scan_next(g_scan, note, &seen), 0);
    ck_assert_uint_eq(put(5, 4), 3);
    ck_assert_uint_eq(trace_scan_next(g_scan, note, &seen), 1);
    ck_assert_uint_eq(seen.n, 2);
    ck_assert_uint_eq(seen.ids[1], 3);
}
END_TEST

START_TEST(rotate_frees_slots_that_a_full_arena_left_behind)
{
    while (arena_alloc(&g_arena, 64))
        ;
    for (uint64_t i = 0; i < 2000; i++)
        ck_assert_uint_eq(put(i, 4), TRACE_NONE);
    trace_store_rotate(&g_ts);
    arena_reset(&g_arena);
    for (uint32_t i = 0; i < 500; i++)
        ck_assert_uint_eq(put(i, 4), i + 1);
}
END_TEST

START_TEST(ids_end_below_two_to_the_31)
{
    store_relaxed(&g_ts.next_id, TRACE_ID_MAX);
    g_ts.first_id = TRACE_ID_MAX;
    ck_assert_uint_eq(put(1, 4), TRACE_ID_MAX);
    for (int i = 2; i < 10; i++)
        ck_assert_uint_eq(put((uint64_t)i, 4), TRACE_NONE);
    ck_assert_uint_eq(put(1, 4), TRACE_ID_MAX);
}
END_TEST

START_TEST(a_stack_of_absurd_length_is_refused_unread)
{
    ck_assert_uint_eq(trace_store_put(&g_ts, NULL, UINT32_MAX, false), TRACE_NONE);
}
END_TEST

START_TEST(init_refuses_impossible_sizes)
{
    static const uint32_t sizes[] = {0, 3, 1000, 1u << 31, UINT32_MAX};
    struct trace_store ts;
    for (size_t i = 0; i < COUNT_OF(sizes); i++)
        ck_assert_int_eq(trace_store_init(&ts, &g_arena, sizes[i]), -EINVAL);
    ck_assert_int_eq(trace_store_init(&ts, &g_arena, 1), 0);
    ck_assert_uint_eq(trace_store_put(&ts, stack(1, 2), 2, false), 1);
    ck_assert_uint_eq(trace_store_put(&ts, stack(2, 2), 2, false), TRACE_NONE);
    trace_store_fini(&ts);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("trace_store");
    TCase *tc = tcase_create("trace_store");
    suite_add_tcase(suite, tc);
    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_add_test(tc, put_of_same_frames_returns_same_id);
    tcase_add_test(tc, every_part_of_a_stack_tells_it_apart);
    tcase_add_test(tc, ids_are_given_in_order_from_one);
    tcase_add_test(tc, scan_visits_each_trace_once_in_order_of_id);
    tcase_add_test(tc, scan_leaves_traces_in_flight_for_the_next_time);
    tcase_add_test(tc, put_passes_by_a_stack_in_flight);
    tcase_add_test(tc, different_stacks_under_the_same_key_stay_apart);
    tcase_add_test(tc, a_full_table_refuses_new_stacks_and_knows_the_old_ones);
    tcase_add_test(tc, a_full_arena_refuses_new_stacks_and_knows_the_old_ones);
    tcase_add_test(tc, rotate_forgets_stacks_and_goes_on_counting);
    tcase_add_test(tc, rotate_drops_what_the_scan_had_left_for_later);
    tcase_add_test(tc, rotate_frees_slots_that_a_full_arena_left_behind);
    tcase_add_test(tc, ids_end_below_two_to_the_31);
    tcase_add_test(tc, a_stack_of_absurd_length_is_refused_unread);
    tcase_add_test(tc, init_refuses_impossible_sizes);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int n_failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return n_failed != 0;
}
