/* check_environment.c — record/environment, record/cpu_facts, record/system_load, on texts of
 * /proc. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/attrs.h"
#include "record/cpu_facts.h"
#include "record/environment.h"
#include "record/system_load.h"

START_TEST(periods_are_written_in_the_largest_unit_that_divides_them)
{
    static const struct {
        uint64_t ns;
        const char *text;
    } cases[] = {{10000000, "10 ms"}, {1000000000, "1 s"}, {1500000000, "1500 ms"},
                 {100000, "100 us"},  {12345, "12345 ns"}, {0, "0 s"}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char buf[32];
        environment_format_period(cases[i].ns, buf, sizeof buf);
        ck_assert_str_eq(buf, cases[i].text);
    }
}
END_TEST

START_TEST(properties_are_found_by_key)
{
    struct environment env = {0};
    ck_assert_ptr_null(environment_property(&env, "a"));
    ck_assert_int_eq(environment_add_property(&env, "a", "1"), 0);
    ck_assert_int_eq(environment_add_property(&env, "b", ""), 0);
    ck_assert_str_eq(environment_property(&env, "a"), "1");
    ck_assert_str_eq(environment_property(&env, "b"), "");
    ck_assert_ptr_null(environment_property(&env, "c"));
    environment_fini(&env);
    ck_assert_uint_eq(env.n_properties, 0);
}
END_TEST

START_TEST(jvm_arguments_end_at_the_main_class)
{
    static const struct {
        size_t n;
        const char *cmdline;
        const char *arguments;
    } cases[] = {
        {0, "", ""},
#define WORDS(words, expected) {sizeof(words), words, expected}
        WORDS("java\0Main\0-x", ""),
        WORDS("java\0-Xmx1g\0-Da=b c\0Main\0-Xnot", "-Xmx1g -Da=b c"),
        WORDS("java\0-cp\0a:b\0Main", "-cp a:b"),
        WORDS("java\0-Xint\0-jar\0app.jar\0-v", "-Xint"),
        WORDS("java\0--module-path\0m\0-m\0mod/Main", "--module-path m"),
        WORDS("java\0@args\0-ea\0Main", "@args -ea"),
        WORDS("java\0-cp", "-cp"),
        WORDS("java", ""),
#undef WORDS
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char buf[64];
        environment_jvm_arguments(cases[i].cmdline, cases[i].n, buf, sizeof buf);
        ck_assert_str_eq(buf, cases[i].arguments);
    }
}
END_TEST

START_TEST(jvm_arguments_are_cut_at_the_buffer_and_at_a_missing_end)
{
    static const char words[] = "java\0-Dlong=value\0Main";
    char buf[8];
    environment_jvm_arguments(words, sizeof words, buf, sizeof buf);
    ck_assert_str_eq(buf, "-Dlong=");
    environment_jvm_arguments(words, 10, buf, sizeof buf); /* the word's end is not in there */
    ck_assert_str_eq(buf, "");
}
END_TEST

static const char k_two_sockets[] =
    "processor\t: 0\nvendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: 85\n"
    "model name\t: Xeon: fast\nstepping\t: 7\nphysical id\t: 0\ncore id\t\t: 0\n\n"
    "processor\t: 1\nmodel name\t: other\nphysical id\t: 0\ncore id\t\t: 0\n\n"
    "processor\t: 2\nphysical id\t: 0\ncore id\t\t: 1\n\n"
    "processor\t: 3\nphysical id\t: 1\ncore id\t\t: 0\n";

START_TEST(sockets_cores_and_threads_are_counted)
{
    struct cpu_facts f;
    cpu_facts_parse(k_two_sockets, &f);
    ck_assert_int_eq(f.hw_threads, 4);
    ck_assert_int_eq(f.cores, 3);
    ck_assert_int_eq(f.sockets, 2);
    ck_assert_str_eq(f.model, "Xeon: fast");
    ck_assert_str_eq(f.vendor, "GenuineIntel");
    ck_assert_str_eq(f.details, "Family: 6, Model: 85, Stepping: 7");
}
END_TEST

START_TEST(a_cpuinfo_without_topology_or_without_anything_gives_counts_of_at_least_one)
{
    struct cpu_facts f;
    cpu_facts_parse("processor\t: 0\nCPU implementer\t: 0x41\nprocessor\t: 1\n", &f);
    ck_assert_int_eq(f.hw_threads, 2);
    ck_assert_int_eq(f.cores, 2);
    ck_assert_int_eq(f.sockets, 1);
    ck_assert_str_eq(f.vendor, "0x41");
    cpu_facts_parse("", &f);
    ck_assert_int_eq(f.hw_threads, 1);
    ck_assert_int_eq(f.cores, 1);
    ck_assert_int_eq(f.sockets, 1);
}
END_TEST

START_TEST(cpuinfo_with_long_or_odd_lines_does_no_harm)
{
    char text[4096];
    struct cpu_facts f;
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = 0;
    memcpy(text, "model name:", 11);
    memcpy(text + 2000, "\n:\n: :\nvendor_id\nvendor_id:", 27);
    cpu_facts_parse(text, &f);
    ck_assert_uint_eq(strlen(f.model), sizeof f.model - 1);
    ck_assert_uint_eq(strlen(f.vendor), sizeof f.vendor - 1);
}
END_TEST

START_TEST(proc_stat_gives_busy_and_all_ticks)
{
    struct load_sample s = {0};
    ck_assert(system_parse_stat("cpu  10 1 20 100 5 2 3 4 9 9\ncpu0 1 1 1 1\n", &s));
    ck_assert_uint_eq(s.machine_all, 145);
    ck_assert_uint_eq(s.machine_busy, 40);
    ck_assert(system_parse_stat("cpu  10 1 20 100\n", &s));
    ck_assert_uint_eq(s.machine_all, 131);
    ck_assert(!system_parse_stat("", &s));
    ck_assert(!system_parse_stat("intr 1 2 3 4\n", &s));
}
END_TEST

START_TEST(load_shares_are_of_the_whole_machine_and_within_0_and_1)
{
    struct load_sample a = {.now_ns = 1000, .machine_busy = 10, .machine_all = 100};
    struct load_sample b = {.now_ns = 1001000,
                            .process_user_ns = 500000,
                            .process_system_ns = 250000,
                            .machine_busy = 60,
                            .machine_all = 200};
    struct load_shares s = system_load_between(&a, &b, 2);
    ck_assert_float_eq_tol(s.jvm_user, 0.25f, 1e-6f);
    ck_assert_float_eq_tol(s.jvm_system, 0.125f, 1e-6f);
    ck_assert_float_eq_tol(s.machine_total, 0.5f, 1e-6f);
    b.process_user_ns = 9000000;
    s = system_load_between(&a, &b, 2);
    ck_assert_float_eq_tol(s.jvm_user, 1.0f, 1e-6f);
    ck_assert_float_eq_tol(s.jvm_system, 0.0f, 1e-6f);
    ck_assert_float_eq_tol(s.machine_total, 1.0f, 1e-6f);
    s = system_load_between(&a, &a, 2); /* no time has passed */
    ck_assert_float_eq_tol(s.jvm_user, 0.0f, 1e-6f);
    ck_assert_float_eq_tol(s.machine_total, 0.0f, 1e-6f);
}
END_TEST

START_TEST(meminfo_gives_total_and_used_bytes)
{
    struct memory_use m = {0};
    ck_assert(
        system_parse_meminfo("MemTotal:  1000 kB\nMemFree: 1 kB\nMemAvailable:  400 kB\n", &m));
    ck_assert_int_eq(m.total_bytes, 1024000);
    ck_assert_int_eq(m.used_bytes, 614400);
    ck_assert(!system_parse_meminfo("MemTotal: 1000 kB\n", &m));
    ck_assert(!system_parse_meminfo("MemTotal: x kB\nMemAvailable: 1 kB\n", &m));
    ck_assert(!system_parse_meminfo("MemTotal: 9223372036854775807 kB\nMemAvailable: 1 kB\n", &m));
}
END_TEST

START_TEST(files_are_read_up_to_the_buffer)
{
    char buf[8];
    ck_assert_uint_eq(system_read_file("/nonexistent", buf, sizeof buf), 0);
    ck_assert_str_eq(buf, "");
    ck_assert_uint_eq(system_read_file("/proc/self/stat", buf, sizeof buf), sizeof buf - 1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("environment");
    TCase *tc = tcase_create("environment");
    suite_add_tcase(suite, tc);
    tcase_add_test(tc, periods_are_written_in_the_largest_unit_that_divides_them);
    tcase_add_test(tc, properties_are_found_by_key);
    tcase_add_test(tc, jvm_arguments_end_at_the_main_class);
    tcase_add_test(tc, jvm_arguments_are_cut_at_the_buffer_and_at_a_missing_end);
    tcase_add_test(tc, sockets_cores_and_threads_are_counted);
    tcase_add_test(tc, a_cpuinfo_without_topology_or_without_anything_gives_counts_of_at_least_one);
    tcase_add_test(tc, cpuinfo_with_long_or_odd_lines_does_no_harm);
    tcase_add_test(tc, proc_stat_gives_busy_and_all_ticks);
    tcase_add_test(tc, load_shares_are_of_the_whole_machine_and_within_0_and_1);
    tcase_add_test(tc, meminfo_gives_total_and_used_bytes);
    tcase_add_test(tc, files_are_read_up_to_the_buffer);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int n_failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return n_failed != 0;
}
