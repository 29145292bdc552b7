/* check_perf_data.c — vm/perf_data: made-up counters of a JVM, whole and damaged. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "support/fake_perf.h"
#include "vm/perf_data.h"

static struct fake_perf g_fake;

static struct perf_data index_fake(void)
{
    struct perf_data p = {.start = (uintptr_t)g_fake.bytes};
    ck_assert(perf_data_index(g_fake.bytes, sizeof g_fake.bytes, &p));
    return p;
}

START_TEST(numbers_and_texts_are_found_by_name_and_read_in_place)
{
    fake_perf_init(&g_fake);
    fake_perf_number(&g_fake, "java.cls.other", 1);
    int64_t *live = fake_perf_number(&g_fake, "java.threads.live", 17);
    char *cause = fake_perf_text(&g_fake, "sun.gc.cause", "No GC", 32);
    struct perf_data p = index_fake();
    char text[32];
    ck_assert(perf_data_has(&p, PERF_THREADS_LIVE));
    ck_assert_int_eq(perf_data_get(&p, PERF_THREADS_LIVE), 17);
    *live = -3;
    ck_assert_int_eq(perf_data_get(&p, PERF_THREADS_LIVE), -3);
    ck_assert_uint_eq(perf_data_text(&p, PERF_GC_CAUSE, text, sizeof text), 5);
    ck_assert_str_eq(text, "No GC");
    strcpy(cause, "System.gc()");
    perf_data_text(&p, PERF_GC_CAUSE, text, 7);
    ck_assert_str_eq(text, "System");
}
END_TEST

START_TEST(a_counter_that_is_not_there_is_0_or_empty)
{
    char text[8] = "xxx";
    fake_perf_init(&g_fake);
    struct perf_data p = index_fake();
    ck_assert(!perf_data_has(&p, PERF_THREADS_LIVE));
    ck_assert_int_eq(perf_data_get(&p, PERF_THREADS_LIVE), 0);
    ck_assert_uint_eq(perf_data_text(&p, PERF_GC_CAUSE, text, sizeof text), 0);
    ck_assert_str_eq(text, "");
}
END_TEST

START_TEST(a_counter_of_the_other_sort_is_not_taken)
{
    fake_perf_init(&g_fake);
    fake_perf_text(&g_fake, "java.threads.live", "17", 8);
    fake_perf_number(&g_fake, "sun.gc.cause", 17);
    struct perf_data p = index_fake();
    ck_assert(!perf_data_has(&p, PERF_THREADS_LIVE));
    ck_assert(!perf_data_has(&p, PERF_GC_CAUSE));
}
END_TEST

START_TEST(other_memory_is_refused)
{
    struct perf_data p;
    fake_perf_init(&g_fake);
    ck_assert(!perf_data_index(g_fake.bytes, 31, &p));
    ck_assert(!perf_data_index(g_fake.bytes, 0, &p));
    g_fake.bytes[4] = 0; /* big endian */
    ck_assert(!perf_data_index(g_fake.bytes, sizeof g_fake.bytes, &p));
    fake_perf_init(&g_fake);
    g_fake.bytes[5] = 1; /* an old version */
    ck_assert(!perf_data_index(g_fake.bytes, sizeof g_fake.bytes, &p));
    fake_perf_init(&g_fake);
    g_fake.bytes[0] ^= 1;
    ck_assert(!perf_data_index(g_fake.bytes, sizeof g_fake.bytes, &p));
}
END_TEST

static void fill(void)
{
    fake_perf_init(&g_fake);
    fake_perf_number(&g_fake, "java.threads.live", 17);
    fake_perf_text(&g_fake, "sun.gc.cause", "No GC", 32);
    fake_perf_number(&g_fake, "java.threads.daemon", 3);
}

/* Whatever is found must lie inside. */
static void check_bounds(const uint8_t *bytes, size_t n)
{
    struct perf_data p;
    if (!perf_data_index(bytes, n, &p))
        return;
    for (int c = 0; c < PERF_N; c++) {
        ck_assert_uint_le(p.counters[c].at, n);
        ck_assert_uint_le(p.counters[c].n_bytes, n - p.counters[c].at);
    }
}

START_TEST(a_text_cut_anywhere_does_no_harm)
{
    fill();
    for (size_t n = 0; n <= g_fake.n_bytes; n++) {
        uint8_t *copy = malloc(n + 1); /* so that a sanitizer sees the end */
        memcpy(copy, g_fake.bytes, n);
        check_bounds(copy, n);
        free(copy);
    }
}
END_TEST

START_TEST(any_damaged_byte_does_no_harm)
{
    static const uint8_t values[] = {0, 1, 7, 0x7f, 0x80, 0xff};
    fill();
    size_t n = g_fake.n_bytes;
    for (size_t i = 0; i < n; i++)
        for (size_t v = 0; v < sizeof values; v++) {
            uint8_t *copy = malloc(n);
            memcpy(copy, g_fake.bytes, n);
            copy[i] = values[v];
            check_bounds(copy, n);
            free(copy);
        }
}
END_TEST

START_TEST(a_count_of_entries_beyond_all_bounds_ends_with_the_memory)
{
    fill();
    memset(g_fake.bytes + 28, 0xff, 4);
    struct perf_data p = index_fake();
    ck_assert_int_eq(perf_data_get(&p, PERF_THREADS_DAEMON), 3);
}
END_TEST

START_TEST(without_a_jvm_there_are_no_counters)
{
    struct perf_data p;
    ck_assert(!perf_data_open(&p));
    ck_assert(!perf_data_has(&p, PERF_THREADS_LIVE));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("perf_data");
    TCase *tc = tcase_create("perf_data");
    suite_add_tcase(suite, tc);
    tcase_add_test(tc, numbers_and_texts_are_found_by_name_and_read_in_place);
    tcase_add_test(tc, a_counter_that_is_not_there_is_0_or_empty);
    tcase_add_test(tc, a_counter_of_the_other_sort_is_not_taken);
    tcase_add_test(tc, other_memory_is_refused);
    tcase_add_test(tc, a_text_cut_anywhere_does_no_harm);
    tcase_add_test(tc, any_damaged_byte_does_no_harm);
    tcase_add_test(tc, a_count_of_entries_beyond_all_bounds_ends_with_the_memory);
    tcase_add_test(tc, without_a_jvm_there_are_no_counters);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int n_failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return n_failed != 0;
}
