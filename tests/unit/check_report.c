/* check_report.c — record/report and agent/memory_plan: what is counted, said, and budgeted. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "agent/memory_plan.h"
#include "base/attrs.h"
#include "base/frame.h"
#include "jfr/read.h"
#include "record/report.h"
#include "store/trace_store.h"

static struct verdict a_verdict(void)
{
    return (struct verdict){.report = {.samples = 1000, .bytes_written = 2048},
                            .cpu_ns = 10000000000,
                            .interval_ns = 10000000,
                            .engine = "ctimer",
                            .walker = "vm",
                            .path = "app.jfr"};
}

START_TEST(the_verdict_is_one_line_with_everything_in_it)
{
    char text[512];
    struct verdict v = a_verdict();
    verdict_format(&v, text, sizeof text);
    ck_assert_str_eq(text, "app.jfr: 2.0 KiB, 1000 samples of 10.00 s CPU, 0 failed, 0 lost; "
                           "engine ctimer, walker vm");
    v.report.failed_no_anchor = 3;
    v.report.failed_bad_frame = 1;
    v.report.lost_lane_full = 2;
    v.report.truncated_stacks = 5;
    v.report.timers_failed = 6;
    v.report.bytes_written = 3 << 20;
    verdict_format(&v, text, sizeof text);
    ck_assert_str_eq(text, "app.jfr: 3.0 MiB, 1000 samples of 10.00 s CPU, 4 failed (no anchor 3, "
                           "bad frame 1), 2 lost (lane full 2), 5 cut at jstackdepth, 6 threads "
                           "without timer; engine ctimer, walker vm");
}
END_TEST

START_TEST(a_verdict_longer_than_its_buffer_is_cut)
{
    char text[32];
    struct verdict v = a_verdict();
    memset(text, '#', sizeof text);
    verdict_format(&v, text, 16);
    ck_assert_uint_eq(strlen(text), 15);
    ck_assert_int_eq(text[16], '#');
}
END_TEST

START_TEST(the_period_is_judged_only_with_enough_samples)
{
    struct verdict v = a_verdict();
    ck_assert_uint_eq(verdict_period_ns(&v), 10000000);
    ck_assert(!verdict_is_slow(&v));
    v.interval_ns = 1000000;
    ck_assert(verdict_is_slow(&v));
    v.report.lost_lane_full = 9000; /* they were fired */
    ck_assert(!verdict_is_slow(&v));
    v.report = (struct report){.samples = 99};
    ck_assert_uint_eq(verdict_period_ns(&v), 0);
    ck_assert(!verdict_is_slow(&v));
}
END_TEST

START_TEST(no_samples_are_remarkable_only_when_there_was_work)
{
    struct verdict v = a_verdict();
    ck_assert(!verdict_is_empty(&v));
    v.report.samples = 0;
    ck_assert(verdict_is_empty(&v));
    v.cpu_ns = 20000000;
    ck_assert(!verdict_is_empty(&v));
}
END_TEST

/* --- events -------------------------------------------------------------------------------------
 */

struct events {
    int statistics, losses;
    int64_t amount, total, samples;
};

static struct events read_events(const struct jfr_sink_mem *sink)
{
    static const char *const statistics[] = {"samples"};
    static const char *const loss[] = {"amount", "total"};
    struct events out = {0};
    struct jfr_file *file;
    struct jfr_chunk *chunk;
    struct jfr_chunk_header header;
    struct jfr_events it;
    struct jfr_event ev;
    ck_assert_int_eq(jfr_file_wrap(&file, sink->bytes, sink->len_bytes, NULL), 0);
    ck_assert_int_eq(jfr_file_next(file, &header, NULL), 1);
    ck_assert_int_eq(jfr_chunk_open(&chunk, file, &header, NULL), 0);
    ck_assert_int_eq(jfr_chunk_select(chunk, "profiler.Statistics", statistics, 1, 1), 0);
    ck_assert_int_eq(jfr_chunk_select(chunk, "jdk.DataLoss", loss, 2, 2), 0);
    jfr_events_init(&it, chunk);
    while (jfr_events_next(&it, &ev)) {
        if (ev.tag == 1) {
            out.statistics++;
            out.samples = ev.values[0].i;
        } else {
            out.losses++;
            out.amount = ev.values[0].i;
            out.total = ev.values[1].i;
        }
    }
    jfr_chunk_close(chunk);
    jfr_file_close(file);
    return out;
}

START_TEST(statistics_are_written_when_something_changed_and_losses_as_bytes)
{
    struct jfr_writer_options options = {
        .clock = {.start_epoch_ns = 1, .ticks_per_sec = 1000000000}};
    struct jfr_sink_mem sink;
    struct jfr_writer *w;
    struct report last = {0}, now = {0};
    struct events ev;
    jfr_sink_mem_init(&sink, 1 << 20);
    ck_assert_int_eq(jfr_writer_open(&w, &sink.base, &options, NULL), 0);
    report_write(w, 1, &now, &last); /* nothing yet */
    now.bytes_written = 500;
    report_write(w, 2, &now, &last); /* only our own bytes */
    jfr_writer_flush(w, 2);
    ck_assert_int_eq(read_events(&sink).statistics, 0);
    now.samples = 5;
    report_write(w, 3, &now, &last);
    jfr_writer_flush(w, 3);
    ev = read_events(&sink);
    ck_assert_int_eq(ev.statistics, 1);
    ck_assert_int_eq(ev.samples, 5);
    ck_assert_int_eq(ev.losses, 0);
    now.lost_store_full = 3;
    report_write(w, 4, &now, &last);
    now.lost_lane_busy = 1;
    report_write(w, 5, &now, &last);
    jfr_writer_flush(w, 5);
    ev = read_events(&sink);
    ck_assert_int_eq(ev.losses, 2);
    ck_assert_int_gt(ev.amount, 0);
    ck_assert_int_eq(ev.total, 4 * ev.amount);
    jfr_writer_close(w, 6, NULL, NULL);
    jfr_sink_mem_fini(&sink);
}
END_TEST

START_TEST(every_failure_and_loss_counter_is_in_a_sum)
{
    struct counters c = {0};
    struct report r = {0};
#define ADD(name, meaning) counter_inc(&c, name);
    COUNTERS(ADD)
#undef ADD
    report_read(&c, &r);
    ck_assert_uint_eq(report_failed(&r), 7);
    ck_assert_uint_eq(report_lost(&r), 5);
}
END_TEST

/* --- memory plan --------------------------------------------------------------------------------
 */

START_TEST(the_parts_stay_within_the_limit_and_are_usable)
{
    static const uint64_t limits[] = {4 << 20, 5000000, 64 << 20, 1ull << 30, 64ull << 30};
    static const int cpus[] = {1, 2, 24, 512};
    static const uint32_t depths[] = {2, 2049, 8193};
    for (size_t i = 0; i < COUNT_OF(limits); i++)
        for (size_t k = 0; k < COUNT_OF(cpus); k++)
            for (size_t d = 0; d < COUNT_OF(depths); d++) {
                struct memory_plan p = memory_plan_make(limits[i], cpus[k], depths[d]);
                uint64_t lanes =
                    p.n_lanes * (2 * (uint64_t)p.lane_bytes + depths[d] * sizeof(struct frame));
                uint64_t slots = p.trace_slots * (sizeof(struct trace_slot) + sizeof(void *)) +
                                 p.method_slots * sizeof(void *);
                ck_assert_uint_le(lanes + slots + p.trace_arena_bytes + p.method_arena_bytes,
                                  limits[i]);
                ck_assert_uint_eq(p.n_lanes & (p.n_lanes - 1), 0);
                ck_assert_uint_eq(p.trace_slots & (p.trace_slots - 1), 0);
                ck_assert_uint_eq(p.method_slots & (p.method_slots - 1), 0);
                ck_assert_uint_ge(p.n_lanes, 2);
                ck_assert_uint_ge(p.lane_bytes, 4096);
                ck_assert_uint_ge(p.trace_arena_bytes, limits[i] / 4);
            }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("report");
    TCase *tc = tcase_create("report");
    suite_add_tcase(suite, tc);
    tcase_add_test(tc, the_verdict_is_one_line_with_everything_in_it);
    tcase_add_test(tc, a_verdict_longer_than_its_buffer_is_cut);
    tcase_add_test(tc, the_period_is_judged_only_with_enough_samples);
    tcase_add_test(tc, no_samples_are_remarkable_only_when_there_was_work);
    tcase_add_test(tc, statistics_are_written_when_something_changed_and_losses_as_bytes);
    tcase_add_test(tc, every_failure_and_loss_counter_is_in_a_sum);
    tcase_add_test(tc, the_parts_stay_within_the_limit_and_are_usable);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int n_failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return n_failed != 0;
}
