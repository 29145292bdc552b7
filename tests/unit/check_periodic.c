/* check_periodic.c — record/periodic and record/periodic_threads, of this process, which has no
 * JVM; the times given are made up. */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "os/clock.h"
#include "record/periodic.h"
#include "support/read_events.h"

#define SECOND UINT64_C(1000000000)

static struct jfr_sink_mem g_sink;
static struct jfr_writer *g_writer;
static struct thread_table *g_threads;
static struct periodic *g_periodic;

static void open_all(void)
{
    struct jfr_writer_options options = {
        .clock = {.start_epoch_ns = 1, .ticks_per_sec = 1000000000}};
    jfr_sink_mem_init(&g_sink, 4 << 20);
    ck_assert_int_eq(jfr_writer_open(&g_writer, &g_sink.base, &options, NULL), 0);
    g_threads = thread_table_new();
    g_periodic = periodic_new(&(struct periodic_config){.threads = g_threads, .n_cpus = 2});
    ck_assert_ptr_nonnull(g_periodic);
}

static void close_all(void)
{
    periodic_free(g_periodic);
    thread_table_free(g_threads);
    jfr_writer_close(g_writer, 10, NULL, NULL);
    jfr_sink_mem_fini(&g_sink);
}

static int count(const char *type)
{
    jfr_writer_flush(g_writer, 10);
    return read_events_count(&g_sink, type);
}

START_TEST(events_come_when_they_are_due)
{
    uint64_t start = 100 * SECOND;
    ck_assert_uint_eq(periodic_next_due_ns(g_periodic), 0);
    periodic_begin(g_periodic, g_writer, start);
    ck_assert_int_eq(count("jdk.CPULoad"), 0);
    ck_assert_int_eq(count("jdk.ResidentSetSize"), 1);
    ck_assert_int_eq(count("jdk.PhysicalMemory"), 1);
    ck_assert_uint_eq(periodic_next_due_ns(g_periodic), start + SECOND);
    periodic_tick(g_periodic, g_writer, start + SECOND - 1);
    ck_assert_int_eq(count("jdk.CPULoad"), 0);
    periodic_tick(g_periodic, g_writer, start + SECOND);
    periodic_tick(g_periodic, g_writer, start + SECOND + 1);
    ck_assert_int_eq(count("jdk.CPULoad"), 1);
    ck_assert_int_eq(count("jdk.ResidentSetSize"), 2);
    ck_assert_int_eq(count("jdk.ThreadContextSwitchRate"), 0);
    periodic_tick(g_periodic, g_writer, start + 10 * SECOND);
    ck_assert_int_eq(count("jdk.ThreadContextSwitchRate"), 1);
    ck_assert_int_eq(count("jdk.PhysicalMemory"), 2);
}
END_TEST

START_TEST(what_was_missed_is_not_made_up_for)
{
    uint64_t start = 100 * SECOND;
    periodic_begin(g_periodic, g_writer, start);
    periodic_tick(g_periodic, g_writer, start + 5 * SECOND + SECOND / 2);
    periodic_tick(g_periodic, g_writer, start + 5 * SECOND + SECOND / 2 + 1);
    ck_assert_int_eq(count("jdk.CPULoad"), 1);
    ck_assert_uint_eq(periodic_next_due_ns(g_periodic), start + 6 * SECOND);
}
END_TEST

START_TEST(the_end_closes_the_measurements)
{
    periodic_begin(g_periodic, g_writer, SECOND);
    periodic_end(g_periodic, g_writer, SECOND + SECOND / 4);
    ck_assert_int_eq(count("jdk.CPULoad"), 1);
    ck_assert_int_eq(count("jdk.ThreadContextSwitchRate"), 1);
    ck_assert_int_eq(count("jdk.PhysicalMemory"), 2);
    periodic_begin(g_periodic, g_writer, 2 * SECOND); /* another chunk */
    ck_assert_int_eq(count("jdk.PhysicalMemory"), 3);
    ck_assert_uint_gt(periodic_cpu_ns(g_periodic), 0);
}
END_TEST

START_TEST(an_end_without_a_begin_writes_nothing)
{
    periodic_end(g_periodic, g_writer, SECOND);
    ck_assert_int_eq(count("jdk.CPULoad"), 0);
}
END_TEST

/* Whether the type has "enabled" and that period. */
static bool has_setting(uint32_t type, const char *period)
{
    static const char *const names[] = {"id", "name", "value", NULL};
    struct read_event e[128];
    jfr_writer_flush(g_writer, 10);
    int n = read_events(&g_sink, "jdk.ActiveSetting", names, e, 128);
    bool is_enabled = false, has_period = false;
    for (int i = 0; i < n && i < 128; i++) {
        char value[32] = "", name[32] = "";
        jfr_str_to_utf8(&e[i].v[1].str, name, sizeof name);
        jfr_str_to_utf8(&e[i].v[2].str, value, sizeof value);
        if (e[i].v[0].i != type)
            continue;
        is_enabled |= strcmp(name, "enabled") == 0 && strcmp(value, "true") == 0;
        has_period |= strcmp(name, "period") == 0 && strcmp(value, period) == 0;
    }
    return is_enabled && has_period;
}

START_TEST(what_there_is_is_declared_enabled_with_its_period_and_nothing_else)
{
    periodic_begin(g_periodic, g_writer, SECOND);
    ck_assert(has_setting(JFR_TYPE_CPU_LOAD, "1 s"));
    ck_assert(has_setting(JFR_TYPE_THREAD_CPU_LOAD, "10 s"));
    ck_assert(!has_setting(JFR_TYPE_BOOLEAN_FLAG, "beginChunk")); /* no JVM */
    ck_assert(!has_setting(JFR_TYPE_GARBAGE_COLLECTION, ""));
    ck_assert(!has_setting(JFR_TYPE_THREAD_ALLOCATION_STATISTICS, "everyChunk"));
    ck_assert_int_eq(count("jdk.JavaThreadStatistics"), 0);
}
END_TEST

static void burn_ms(uint64_t ms)
{
    uint64_t end = clock_ns_of(CLOCK_THREAD_CPUTIME_ID) + ms * 1000000;
    while (clock_ns_of(CLOCK_THREAD_CPUTIME_ID) < end)
        ;
}

START_TEST(a_thread_that_worked_has_a_load_and_one_that_did_not_has_none)
{
    static const char *const names[] = {"eventThread", "user", "system", NULL};
    char me[] = "me", gone[] = "gone";
    struct read_event e[4];
    struct thread_slot *slot =
        thread_table_add(g_threads, &(struct thread_info){.tid = gettid(), .os_name = me}, NULL);
    thread_table_add(g_threads, &(struct thread_info){.tid = 999999999, .os_name = gone}, NULL);
    periodic_begin(g_periodic, g_writer, SECOND);
    burn_ms(20);
    periodic_tick(g_periodic, g_writer, 11 * SECOND);
    jfr_writer_flush(g_writer, 10);
    ck_assert_int_eq(read_events(&g_sink, "jdk.ThreadCPULoad", names, e, 4), 1);
    ck_assert_int_eq(e[0].v[0].i, load_relaxed(&slot->id));
    /* 20 ms and what the test itself took, of two CPUs for 10 s */
    ck_assert_double_ge(e[0].v[1].d + e[0].v[2].d, 0.00099);
    ck_assert_double_le(e[0].v[1].d + e[0].v[2].d, 0.5);
}
END_TEST

START_TEST(a_thread_dump_is_written_once_the_last_one_of_several)
{
    static const char *const names[] = {"result", NULL};
    struct read_event e[2];
    char text[16];
    periodic_begin(g_periodic, g_writer, SECOND);
    ck_assert_int_eq(count("jdk.ThreadDump"), 0);
    periodic_post_thread_dump(g_periodic, strdup("first"));
    periodic_post_thread_dump(g_periodic, strdup("second"));
    periodic_tick(g_periodic, g_writer, SECOND + 1);
    periodic_tick(g_periodic, g_writer, SECOND + 2);
    jfr_writer_flush(g_writer, 10);
    ck_assert_int_eq(read_events(&g_sink, "jdk.ThreadDump", names, e, 2), 1);
    jfr_str_to_utf8(&e[0].v[0].str, text, sizeof text);
    ck_assert_str_eq(text, "second");
    periodic_post_thread_dump(g_periodic, strdup("never written"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("periodic");
    TCase *tc = tcase_create("periodic");
    suite_add_tcase(suite, tc);
    tcase_add_checked_fixture(tc, open_all, close_all);
    tcase_add_test(tc, events_come_when_they_are_due);
    tcase_add_test(tc, what_was_missed_is_not_made_up_for);
    tcase_add_test(tc, the_end_closes_the_measurements);
    tcase_add_test(tc, an_end_without_a_begin_writes_nothing);
    tcase_add_test(tc, what_there_is_is_declared_enabled_with_its_period_and_nothing_else);
    tcase_add_test(tc, a_thread_that_worked_has_a_load_and_one_that_did_not_has_none);
    tcase_add_test(tc, a_thread_dump_is_written_once_the_last_one_of_several);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int n_failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return n_failed != 0;
}
