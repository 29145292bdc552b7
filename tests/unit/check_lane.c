/* check_lane.c — record/lane, one thread; tests/stress has many. */
#include <check.h>
#include <errno.h>
#include <string.h>

#include "record/lane.h"

enum { N_LANES = 4, BUF_BYTES = 256, MAX_FRAMES = 10 };

static struct lane_set g_set;
static int g_n_wakes;

static void count_wake(void *ctx)
{
    ++*(int *)ctx;
}

static void set_up(void)
{
    ck_assert_int_eq(lane_set_init(&g_set, N_LANES, BUF_BYTES, MAX_FRAMES), 0);
    g_n_wakes = 0;
    g_set.on_half_full = count_wake;
    g_set.on_half_full_ctx = &g_n_wakes;
}

static void tear_down(void)
{
    const char *problem = lane_set_check_valid(&g_set);
    ck_assert_msg(!problem, "%s", problem);
    lane_set_fini(&g_set);
}

/* What a drain gave. */
struct drained {
    uint8_t bytes[4096];
    size_t n;
    int n_calls;
};
static struct drained g_drained;

static void collect(void *ctx, const void *bytes, size_t n)
{
    struct drained *d = ctx;
    ck_assert_uint_le(d->n + n, sizeof d->bytes);
    memcpy(d->bytes + d->n, bytes, n);
    d->n += n;
    d->n_calls++;
}

static void drain(void)
{
    g_drained = (struct drained){.n = 0};
    lane_set_drain(&g_set, collect, &g_drained);
}

static void write_bytes(uint32_t hint, uint8_t value, size_t n)
{
    struct lane *lane = lane_acquire(&g_set, hint);
    ck_assert_ptr_nonnull(lane);
    for (size_t i = 0; i < n; i++)
        jfr_out_u8(&lane->out, value);
    ck_assert(jfr_out_ok(&lane->out));
    lane_release(&g_set, lane);
}

START_TEST(hint_chooses_the_lane_when_it_is_free)
{
    for (uint32_t hint = 0; hint < 3 * N_LANES; hint++) {
        struct lane *lane = lane_acquire(&g_set, hint);
        ck_assert_ptr_eq(lane, &g_set.lanes[hint % N_LANES]);
        lane_release(&g_set, lane);
    }
}
END_TEST

START_TEST(each_lane_is_lent_once_and_then_there_is_none)
{
    struct lane *taken[N_LANES];
    for (int i = 0; i < N_LANES; i++) {
        taken[i] = lane_acquire(&g_set, UINT32_MAX);
        ck_assert_ptr_nonnull(taken[i]);
        for (int k = 0; k < i; k++)
            ck_assert_ptr_ne(taken[i], taken[k]);
    }
    ck_assert_ptr_null(lane_acquire(&g_set, 0));
    lane_release(&g_set, taken[2]);
    ck_assert_ptr_eq(lane_acquire(&g_set, 0), taken[2]);
    for (int i = 0; i < N_LANES; i++)
        lane_release(&g_set, taken[i]);
}
END_TEST

START_TEST(scratch_frames_of_lanes_are_disjoint_and_whole)
{
    for (int i = 0; i < N_LANES; i++)
        memset(g_set.lanes[i].frames, i + 1, MAX_FRAMES * sizeof(struct frame));
    for (int i = 0; i < N_LANES; i++) {
        memset(g_set.lanes[i].buf[0], 0xee, g_set.buf_bytes);
        memset(g_set.lanes[i].buf[1], 0xee, g_set.buf_bytes);
    }
    for (int i = 0; i < N_LANES; i++)
        for (size_t k = 0; k < MAX_FRAMES * sizeof(struct frame); k++)
            ck_assert_int_eq(((uint8_t *)g_set.lanes[i].frames)[k], i + 1);
}
END_TEST

START_TEST(drain_gives_what_was_written_once)
{
    write_bytes(0, 'a', 10);
    write_bytes(0, 'b', 5);
    write_bytes(2, 'c', 3);
    drain();
    ck_assert_int_eq(g_drained.n_calls, 2);
    ck_assert_uint_eq(g_drained.n, 18);
    ck_assert_mem_eq(g_drained.bytes, "aaaaaaaaaabbbbbccc", 18);
    drain();
    ck_assert_int_eq(g_drained.n_calls, 0);
}
END_TEST

START_TEST(a_lane_goes_on_in_its_other_buffer)
{
    for (int round = 0; round < 5; round++) {
        write_bytes(1, (uint8_t)('0' + round), 200);
        drain();
        ck_assert_uint_eq(g_drained.n, 200);
        for (size_t i = 0; i < 200; i++)
            ck_assert_int_eq(g_drained.bytes[i], '0' + round);
    }
}
END_TEST

static void write_during(void *ctx, const void *bytes, size_t n)
{
    int *n_calls = ctx;
    ++*n_calls;
    uint8_t first = *(const uint8_t *)bytes;
    write_bytes(0, 'z', 20);
    for (size_t i = 0; i < n; i++) /* not touched by the writer */
        ck_assert_int_eq(((const uint8_t *)bytes)[i], first);
}

START_TEST(lanes_can_be_written_while_the_recorder_reads)
{
    int n_calls = 0;
    write_bytes(0, 'y', 20);
    lane_set_drain(&g_set, write_during, &n_calls);
    ck_assert_int_eq(n_calls, 1);
    drain();
    ck_assert_uint_eq(g_drained.n, 20);
    ck_assert_int_eq(g_drained.bytes[0], 'z');
}
END_TEST

START_TEST(a_full_lane_keeps_whole_events_only)
{
    enum { TYPE = 100, PAYLOAD = 40, LEN = 1 + 1 + PAYLOAD };
    int n_written = 0;
    for (int i = 0; i < 10; i++) {
        struct lane *lane = lane_acquire(&g_set, 0);
        struct jfr_event_mark mark = jfr_event_begin(&lane->out, TYPE);
        for (int k = 0; k < PAYLOAD; k++)
            jfr_out_u8(&lane->out, 0x55);
        n_written += jfr_event_end(&lane->out, mark);
        lane_release(&g_set, lane);
    }
    ck_assert_int_gt(n_written, 0);
    ck_assert_int_lt(n_written, 10);
    drain();
    ck_assert_uint_eq(g_drained.n, (size_t)n_written * LEN);
    for (int i = 0; i < n_written; i++)
        ck_assert_int_eq(g_drained.bytes[i * LEN], LEN);
}
END_TEST

START_TEST(a_lane_more_than_half_full_wakes_the_recorder_once)
{
    write_bytes(0, 'a', BUF_BYTES / 2);
    ck_assert_int_eq(g_n_wakes, 0);
    write_bytes(0, 'a', 1);
    ck_assert_int_eq(g_n_wakes, 1);
    ck_assert_uint_eq(load_relaxed(&g_set.wake), 1);
    write_bytes(0, 'a', 1);
    write_bytes(1, 'a', BUF_BYTES);
    ck_assert_int_eq(g_n_wakes, 1);
    drain();
    ck_assert_uint_eq(load_relaxed(&g_set.wake), 0);
    write_bytes(0, 'a', BUF_BYTES / 2 + 1);
    ck_assert_int_eq(g_n_wakes, 2);
}
END_TEST

START_TEST(without_a_wake_function_the_flag_is_still_set)
{
    g_set.on_half_full = NULL;
    write_bytes(0, 'a', BUF_BYTES);
    ck_assert_uint_eq(load_relaxed(&g_set.wake), 1);
}
END_TEST

START_TEST(init_refuses_impossible_sizes_and_leaves_nothing)
{
    struct lane_set set;
    ck_assert_int_eq(lane_set_init(&set, 0, 100, 10), -EINVAL);
    ck_assert_int_eq(lane_set_init(&set, 3, 100, 10), -EINVAL);
    ck_assert_int_eq(lane_set_init(&set, 1u << 31, 100, 10), -EINVAL);
    ck_assert_int_eq(lane_set_init(&set, 4, 0, 10), -EINVAL);
    ck_assert_int_eq(lane_set_init(&set, 4, SIZE_MAX, 10), -EINVAL);
    ck_assert_int_eq(lane_set_init(&set, 4, 100, UINT32_MAX), -EINVAL);
    lane_set_fini(&set);
}
END_TEST

START_TEST(buffers_are_at_least_as_large_as_asked)
{
    struct lane_set set;
    ck_assert_int_eq(lane_set_init(&set, 1, 100, 1), 0);
    ck_assert_uint_ge(set.buf_bytes, 100);
    ck_assert_uint_eq((size_t)(set.lanes[0].out.end - set.lanes[0].out.begin), set.buf_bytes);
    ck_assert_uint_eq((uintptr_t)set.lanes[0].buf[0] % CACHE_LINE, 0);
    ck_assert_uint_eq((uintptr_t)&set.lanes[0] % CACHE_LINE, 0);
    lane_set_fini(&set);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("lane");
    TCase *tc = tcase_create("lane");
    suite_add_tcase(suite, tc);
    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_add_test(tc, hint_chooses_the_lane_when_it_is_free);
    tcase_add_test(tc, each_lane_is_lent_once_and_then_there_is_none);
    tcase_add_test(tc, scratch_frames_of_lanes_are_disjoint_and_whole);
    tcase_add_test(tc, drain_gives_what_was_written_once);
    tcase_add_test(tc, a_lane_goes_on_in_its_other_buffer);
    tcase_add_test(tc, lanes_can_be_written_while_the_recorder_reads);
    tcase_add_test(tc, a_full_lane_keeps_whole_events_only);
    tcase_add_test(tc, a_lane_more_than_half_full_wakes_the_recorder_once);
    tcase_add_test(tc, without_a_wake_function_the_flag_is_still_set);
    tcase_add_test(tc, init_refuses_impossible_sizes_and_leaves_nothing);
    tcase_add_test(tc, buffers_are_at_least_as_large_as_asked);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int n_failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return n_failed != 0;
}
