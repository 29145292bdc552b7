/* check_environment.c — record/environment, record/environment_agents and record/load, on texts and
 * numbers of /proc. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/attrs.h"
#include "record/environment.h"
#include "record/environment_agents.h"
#include "record/load.h"

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

START_TEST(agents_are_found_among_the_options)
{
    static const struct {
        const char *word, *name, *path, *options;
        bool is_java;
    } cases[] = {
        {"-agentlib:jdwp=transport=dt_socket,server=y", "jdwp", "", "transport=dt_socket,server=y",
         false},
        {"-agentpath:/opt/lib.so=start,file=a", "/opt/lib.so", "/opt/lib.so", "start,file=a",
         false},
        {"-agentpath:/opt/lib.so", "/opt/lib.so", "/opt/lib.so", NULL, false},
        {"-javaagent:/opt/a.jar=x=y", "/opt/a.jar", "", "x=y", true},
        {"-javaagent:/opt/a.jar=", "/opt/a.jar", "", "", true},
    };
    struct agent_option a;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        ck_assert_msg(environment_agent_option(cases[i].word, &a), "%s", cases[i].word);
        ck_assert_str_eq(a.name, cases[i].name);
        ck_assert_str_eq(a.path, cases[i].path);
        ck_assert_int_eq(a.is_java, cases[i].is_java);
        ck_assert((a.options == NULL) == (cases[i].options == NULL));
        if (a.options)
            ck_assert_str_eq(a.options, cases[i].options);
    }
}
END_TEST

START_TEST(other_words_are_no_agents)
{
    static const char *const words[] = {"",       "-agentlib",   "-agentlib:", "-javaagent:=x",
                                        "-Xmx1g", "agentpath:/x"};
    struct agent_option a;
    char word[4096] = "-agentpath:";
    for (size_t i = 0; i < COUNT_OF(words); i++)
        ck_assert_msg(!environment_agent_option(words[i], &a), "%s", words[i]);
    memset(word + 11, 'x', sizeof word - 12);
    ck_assert(!environment_agent_option(word, &a)); /* longer than a path */
}
END_TEST

START_TEST(load_shares_are_of_the_whole_machine_and_within_0_and_1)
{
    struct load_sample a = {.now_ns = 1000, .machine = {.busy_ticks = 10, .all_ticks = 100}};
    struct load_sample b = {.now_ns = 1001000,
                            .process_user_ns = 500000,
                            .process_system_ns = 250000,
                            .machine = {.busy_ticks = 60, .all_ticks = 200}};
    struct load_shares s = load_between(&a, &b, 2);
    ck_assert_float_eq_tol(s.jvm_user, 0.25f, 1e-6f);
    ck_assert_float_eq_tol(s.jvm_system, 0.125f, 1e-6f);
    ck_assert_float_eq_tol(s.machine_total, 0.5f, 1e-6f);
    b.process_user_ns = 9000000;
    s = load_between(&a, &b, 2);
    ck_assert_float_eq_tol(s.jvm_user, 1.0f, 1e-6f);
    ck_assert_float_eq_tol(s.jvm_system, 0.0f, 1e-6f);
    ck_assert_float_eq_tol(s.machine_total, 1.0f, 1e-6f);
}
END_TEST

START_TEST(loads_over_no_time_or_backwards_are_0)
{
    struct load_sample a = {.now_ns = 2000,
                            .process_user_ns = 500,
                            .machine = {.busy_ticks = 10, .all_ticks = 100, .n_switches = 9}};
    struct load_sample b = {.now_ns = 1000, .process_user_ns = 900};
    ck_assert_float_eq(load_between(&a, &a, 2).jvm_user, 0);
    ck_assert_float_eq(load_between(&a, &a, 2).machine_total, 0);
    ck_assert_float_eq(load_between(&a, &b, 2).jvm_user, 0);
    ck_assert_float_eq(load_between(&a, &b, 2).machine_total, 0);
    ck_assert_float_eq(load_switch_rate(&a, &a), 0);
    ck_assert_float_eq(load_switch_rate(&a, &b), 0);
}
END_TEST

START_TEST(switches_are_counted_per_second)
{
    struct load_sample a = {.now_ns = 0, .machine = {.n_switches = 1000}};
    struct load_sample b = {.now_ns = 500000000, .machine = {.n_switches = 1600}};
    ck_assert_float_eq_tol(load_switch_rate(&a, &b), 1200.0f, 1e-3f);
}
END_TEST

START_TEST(a_threads_time_is_split_by_its_ticks)
{
    struct load_thread a = {.now_ns = 0, .cpu_ns = 0, .user_ticks = 10, .system_ticks = 10};
    struct load_thread b = {
        .now_ns = 1000000, .cpu_ns = 400000, .user_ticks = 13, .system_ticks = 11};
    struct load_shares s = load_of_thread(&a, &b, 2);
    ck_assert_float_eq_tol(s.jvm_user, 0.15f, 1e-6f);
    ck_assert_float_eq_tol(s.jvm_system, 0.05f, 1e-6f);
    b.user_ticks = b.system_ticks = 10; /* less than a tick: all of it user's */
    s = load_of_thread(&a, &b, 2);
    ck_assert_float_eq_tol(s.jvm_user, 0.2f, 1e-6f);
    ck_assert_float_eq(s.jvm_system, 0);
    b.cpu_ns = 99000000;
    ck_assert_float_eq(load_of_thread(&a, &b, 2).jvm_user, 1.0f);
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
    tcase_add_test(tc, agents_are_found_among_the_options);
    tcase_add_test(tc, other_words_are_no_agents);
    tcase_add_test(tc, load_shares_are_of_the_whole_machine_and_within_0_and_1);
    tcase_add_test(tc, loads_over_no_time_or_backwards_are_0);
    tcase_add_test(tc, switches_are_counted_per_second);
    tcase_add_test(tc, a_threads_time_is_split_by_its_ticks);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int n_failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return n_failed != 0;
}
