/* check_writer_faults.c — a recording whose process is killed between any two operations on the
 * sink, or whose sink fails at any of them, is valid and has everything that was flushed (FORMAT.md
 * §8). */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "jfr/writer.h"
#include "support/flaky_sink.h"
#include "support/strict_jfr.h"
#include "support/synthetic.h"

enum { SECOND = 1000000000, N_FLUSHES = 6, PAGE = 4096, SIZE_PATCH = 4 };

/* Sizes of the flushes: some fit the first padding, some make the file grow, one exceeds the stage.
 */
static const int g_samples[N_FLUSHES] = {0, 5, 3000, 9000, 1, 16000};

struct scenario {
    struct flaky_sink sink;
    struct jfr_err err;
    int rc;
    bool is_open;
    uint32_t n_flushed; /* events that a successful flush has promised to keep */
    uint32_t n_written;
    struct jfr_writer_stats stats;
    bool is_checked; /* after every flush, failed or not */
};

static void write_some(struct scenario *s, struct jfr_writer *w, int flush)
{
    int rc = 0;
    if (flush == 0)
        rc = synthetic_add_constants(w);
    for (uint32_t id = 1; id <= 20; id++)
        rc |= jfr_add_thread(w, 100 + 100 * (uint32_t)flush + id,
                             &(struct jfr_pool_thread){.osName = "t", .osThreadId = id});
    /* Refers to a constant of this very flush. */
    rc |= jfr_write_thread_start(
        w, &(struct jfr_thread_start){.thread = 100 + 100 * (uint32_t)flush + 1});
    rc |= synthetic_write_samples(w, g_samples[flush]);
    if (rc == 0)
        s->n_written += 1 + (uint32_t)g_samples[flush];
    if (jfr_writer_flush(w, g_synthetic_options.clock.start_ticks +
                                (uint64_t)(flush + 1) * SECOND) == 0)
        s->n_flushed = s->n_written;
}

/* A recording goes on after its sink has failed, until the profiler stops. */
static void check_meanwhile(const struct scenario *s)
{
    const struct jfr_sink_mem *mem = &s->sink.mem;
    const char *wrong = strict_check(mem->bytes, mem->len_bytes, NULL, NULL, NULL);
    ck_assert_msg(wrong == NULL, "failed at operation %d, not yet closed: %s", s->sink.fail_at,
                  wrong);
}

/* A small recording through s->sink. */
static void run(struct scenario *s)
{
    struct jfr_writer *w;
    s->rc = jfr_writer_open(&w, &s->sink.base, &g_synthetic_options, &s->err);
    s->is_open = s->rc == 0;
    for (int flush = 0; s->is_open && flush < N_FLUSHES; flush++) {
        write_some(s, w, flush);
        if (s->is_checked)
            check_meanwhile(s);
    }
    if (s->is_open)
        s->rc = jfr_writer_close(w, 0, &s->stats, &s->err);
}

static struct scenario *scenario_new(enum flaky_mode mode, int fail_at)
{
    struct scenario *s = calloc(1, sizeof *s);
    ck_assert_ptr_nonnull(s);
    flaky_sink_init(&s->sink, mode, fail_at);
    return s;
}

static void scenario_free(struct scenario *s)
{
    flaky_sink_fini(&s->sink);
    free(s);
}

/* --- repair ----------------------------------------------------------------------------------- */

static uint64_t be64_at(const uint8_t *bytes, size_t at)
{
    struct jfr_in in;
    jfr_in_init(&in, bytes + at, 8);
    return jfr_in_be64(&in);
}

/* What any repair does: cut at the header's size, or let that be the length; the last event may
 * then reach too far and is cut too. NULL, or what is still wrong. */
static const char *wrong_after_repair(const struct jfr_sink_mem *mem, struct strict_summary *sum)
{
    uint64_t size = be64_at(mem->bytes, 8);
    size_t len = size < mem->len_bytes ? (size_t)size : mem->len_bytes;
    uint8_t *copy = malloc(len);
    memcpy(copy, mem->bytes, len);
    for (size_t at = 68; at < len;) {
        struct jfr_in in;
        jfr_in_init(&in, copy + at, len - at);
        uint64_t event = jfr_in_leb(&in);
        if (event == 0)
            break;
        if (event > len - at) {
            struct jfr_out out;
            jfr_out_init(&out, copy + at, SIZE_PATCH);
            jfr_out_event_size(&out, (uint32_t)(len - at));
            break;
        }
        at += event;
    }
    const char *wrong = strict_check(copy, len, sum, NULL, NULL);
    free(copy);
    return wrong;
}

/* --- kills -------------------------------------------------------------------------------------
 */

struct kills {
    const struct scenario *scenario;
    int n_invalid;
    uint32_t n_events; /* at the last look */
};

/* The process is killed now: what does a reader find? */
static void look(struct flaky_sink *sink, void *arg)
{
    struct kills *kills = arg;
    struct strict_summary sum;
    const char *wrong = strict_check(sink->mem.bytes, sink->mem.len_bytes, &sum, NULL, NULL);
    if (wrong) {
        kills->n_invalid++;
        wrong = wrong_after_repair(&sink->mem, &sum);
        ck_assert_msg(wrong == NULL, "operation %d, after repair: %s", sink->n_ops, wrong);
    }
    ck_assert_uint_ge(sum.n_events, kills->scenario->n_flushed);
    ck_assert_uint_ge(sum.n_events, kills->n_events);
    ck_assert_uint_eq(sum.n_dangling, 0); /* constants show before the events that need them */
    kills->n_events = sum.n_events;
}

START_TEST(a_kill_between_any_two_operations_leaves_a_valid_recording)
{
    struct scenario *s = scenario_new(FLAKY_NEVER, 0);
    struct kills kills = {.scenario = s};
    s->sink.after_op = look;
    s->sink.arg = &kills;
    run(s);
    ck_assert_msg(s->rc == 0, "%s", s->err.text);
    ck_assert_int_gt(s->sink.n_grown, 1);
    ck_assert_int_eq(s->sink.n_cut, 1);
    /* The only gaps: between the three operations of growing, the last two of finishing. */
    ck_assert_int_eq(kills.n_invalid, 2 * s->sink.n_grown + s->sink.n_cut);
    ck_assert_uint_eq(kills.n_events, s->n_written);
    scenario_free(s);
}
END_TEST

static void no_patch_crosses_a_page(struct flaky_sink *sink, void *arg)
{
    int *n_patches = arg;
    if (sink->write_len != SIZE_PATCH)
        return;
    ++*n_patches;
    ck_assert_uint_le(sink->write_offset % PAGE, PAGE - SIZE_PATCH);
}

/* A write that is torn by a kill is one that crosses a page. */
START_TEST(sizes_are_patched_inside_one_page_wherever_the_padding_lands)
{
    struct flaky_sink sink;
    struct jfr_writer *w;
    struct strict_summary sum;
    int n_patches = 0;
    flaky_sink_init(&sink, FLAKY_NEVER, 0);
    sink.after_op = no_patch_crosses_a_page;
    sink.arg = &n_patches;
    ck_assert_int_eq(jfr_writer_open(&w, &sink.base, &g_synthetic_options, NULL), 0);
    for (int i = 0; i < 3 * PAGE; i++) { /* 12 bytes further each time, and a filler now and then */
        ck_assert_int_eq(jfr_write_thread_end(w, &(struct jfr_thread_end){.startTime = i % 100}),
                         0);
        ck_assert_int_eq(jfr_writer_flush(w, 0), 0);
    }
    ck_assert_int_eq(jfr_writer_close(w, 0, NULL, NULL), 0);
    ck_assert_int_ge(n_patches, 3 * PAGE);
    const char *wrong = strict_check(sink.mem.bytes, sink.mem.len_bytes, &sum, NULL, NULL);
    ck_assert_msg(wrong == NULL, "%s", wrong);
    ck_assert_uint_eq(sum.n_events, 3 * PAGE);
    flaky_sink_fini(&sink);
}
END_TEST

START_TEST(a_flush_that_just_fits_the_padding_is_as_good_as_any)
{
    static char text[PAGE * 3];
    struct jfr_writer_stats stats;
    memset(text, 'x', sizeof text);
    for (size_t spare = 0; spare < 200; spare++) {
        struct flaky_sink sink;
        struct jfr_writer *w;
        struct jfr_shutdown event = {.reason = text};
        flaky_sink_init(&sink, FLAKY_NEVER, 0);
        ck_assert_int_eq(jfr_writer_open(&w, &sink.base, &g_synthetic_options, NULL), 0);
        jfr_writer_get_stats(w, &stats);
        size_t room = sink.mem.len_bytes - (size_t)stats.bytes_written;
        text[room - spare] = 0;
        ck_assert_int_eq(jfr_write_shutdown(w, &event), 0);
        text[room - spare] = 'x';
        ck_assert_int_eq(jfr_writer_flush(w, 0), 0);
        const char *wrong = strict_check(sink.mem.bytes, sink.mem.len_bytes, NULL, NULL, NULL);
        ck_assert_msg(wrong == NULL, "%zu bytes to spare: %s", spare, wrong);
        ck_assert_int_eq(jfr_writer_close(w, 0, NULL, NULL), 0);
        wrong = strict_check(sink.mem.bytes, sink.mem.len_bytes, NULL, NULL, NULL);
        ck_assert_msg(wrong == NULL, "%zu bytes to spare, closed: %s", spare, wrong);
        flaky_sink_fini(&sink);
    }
}
END_TEST

/* --- failures ----------------------------------------------------------------------------------
 */

/* The run has failed somewhere: what it promised is there, what it lost is counted. */
static void check_failed(const struct scenario *s, int op)
{
    struct strict_summary sum;
    ck_assert_int_lt(s->rc, 0);
    ck_assert_int_eq(s->err.code, s->rc);
    ck_assert_str_ne(s->err.text, "");
    ck_assert(s->sink.is_closed);
    ck_assert(s->sink.is_discarded == !s->is_open);
    if (!s->is_open)
        return;
    const char *wrong = strict_check(s->sink.mem.bytes, s->sink.mem.len_bytes, &sum, NULL, NULL);
    ck_assert_msg(wrong == NULL, "operation %d failed: %s", op, wrong);
    ck_assert_msg(sum.n_events == s->n_flushed, "operation %d failed: %u events of %u", op,
                  sum.n_events, s->n_flushed);
    if (s->n_flushed < s->n_written)
        ck_assert_uint_gt(s->stats.bytes_lost, 0);
}

static const enum flaky_mode g_modes[] = {FLAKY_ONCE, FLAKY_SHORT, FLAKY_FULL};
enum { N_MODES = sizeof g_modes / sizeof g_modes[0] };

START_TEST(a_failure_at_any_operation_leaves_what_was_flushed)
{
    int n_failed = 0;
    for (int op = 0;; op++) {
        struct scenario *s = scenario_new(g_modes[_i], op);
        s->is_checked = true;
        run(s);
        bool is_past_the_end = !s->sink.has_failed;
        if (is_past_the_end)
            ck_assert_msg(s->rc == 0, "%s", s->err.text);
        else
            check_failed(s, op);
        n_failed += s->sink.has_failed;
        scenario_free(s);
        if (is_past_the_end)
            break;
    }
    ck_assert_int_gt(n_failed, 3 * N_FLUSHES);
}
END_TEST

/* A sink that is gone for good can't be put in order either; a repair finds everything flushed. */
START_TEST(a_sink_that_dies_at_any_operation_leaves_what_was_flushed)
{
    int n_invalid = 0, n_grown = 0;
    for (int op = 1;; op++) {
        struct strict_summary sum;
        struct scenario *s = scenario_new(FLAKY_DEAD, op);
        run(s);
        bool is_past_the_end = !s->sink.has_failed;
        struct jfr_sink_mem *mem = &s->sink.mem;
        if (strict_check(mem->bytes, mem->len_bytes, &sum, NULL, NULL)) {
            n_invalid++;
            const char *wrong = wrong_after_repair(mem, &sum);
            ck_assert_msg(wrong == NULL, "dead from operation %d, after repair: %s", op, wrong);
        }
        ck_assert_uint_ge(sum.n_events, s->n_flushed);
        n_grown = s->sink.n_grown;
        scenario_free(s);
        if (is_past_the_end)
            break;
    }
    ck_assert_int_eq(n_invalid, 2 * n_grown + 1);
}
END_TEST

START_TEST(after_a_failure_everything_is_refused_and_the_first_error_kept)
{
    struct flaky_sink sink;
    struct jfr_writer *w;
    struct jfr_writer_stats stats;
    struct jfr_err err = {0};
    uint8_t event[] = {3, 0x43, 1};
    flaky_sink_init(&sink, FLAKY_FULL, 1);
    ck_assert_int_eq(jfr_writer_open(&w, &sink.base, &g_synthetic_options, NULL), 0);
    ck_assert_ptr_null(jfr_writer_error(w));
    ck_assert_int_eq(synthetic_write_samples(w, 2000), 0); /* in the stage: nobody can know yet */
    ck_assert_int_eq(jfr_writer_flush(w, 1), -ENOSPC);
    jfr_writer_get_stats(w, &stats);
    ck_assert_uint_gt(stats.bytes_lost, 2000);
    ck_assert_uint_eq(stats.bytes_pending, 0);
    uint64_t lost = stats.bytes_lost;

    struct jfr_out out;
    ck_assert_int_eq(jfr_writer_append(w, event, sizeof event), -ENOSPC);
    ck_assert_int_eq(jfr_writer_reserve(w, &out, 10), -ENOSPC);
    ck_assert_int_eq(jfr_write_thread_end(w, &(struct jfr_thread_end){0}), -ENOSPC);
    ck_assert_int_eq(jfr_add_thread_group(w, 1, &(struct jfr_pool_thread_group){0}), -ENOSPC);
    ck_assert_int_eq(jfr_writer_flush(w, 2), -ENOSPC);
    jfr_writer_get_stats(w, &stats);
    ck_assert_uint_eq(stats.bytes_lost, lost + sizeof event);
    ck_assert_int_eq(jfr_writer_error(w)->code, -ENOSPC);
    ck_assert_ptr_nonnull(strstr(jfr_writer_error(w)->text, "No space left"));

    ck_assert_int_eq(jfr_writer_close(w, 3, &stats, &err), -ENOSPC);
    ck_assert_int_eq(err.code, -ENOSPC);
    ck_assert_ptr_null(strict_check(sink.mem.bytes, sink.mem.len_bytes, NULL, NULL, NULL));
    flaky_sink_fini(&sink);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("writer_faults");
    TCase *tc = tcase_create("writer_faults");
    tcase_set_timeout(tc, 120);
    tcase_add_test(tc, a_kill_between_any_two_operations_leaves_a_valid_recording);
    tcase_add_test(tc, sizes_are_patched_inside_one_page_wherever_the_padding_lands);
    tcase_add_test(tc, a_flush_that_just_fits_the_padding_is_as_good_as_any);
    tcase_add_loop_test(tc, a_failure_at_any_operation_leaves_what_was_flushed, 0, N_MODES);
    tcase_add_test(tc, a_sink_that_dies_at_any_operation_leaves_what_was_flushed);
    tcase_add_test(tc, after_a_failure_everything_is_refused_and_the_first_error_kept);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
