/* check_options.c — agent/options: the option text, file patterns, help. */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/options.h"
#include "base/attrs.h"

static struct options parse(const char *text)
{
    struct options o;
    struct err e = {0};
    int rc = options_parse(text, &o, &e);
    ck_assert_msg(rc == 0, "'%s': %s", text ? text : "(null)", e.text);
    return o;
}

START_TEST(no_text_is_start_with_the_defaults)
{
    static const char *const texts[] = {NULL, "", ",", "start", ",start,,"};
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct options o = parse(texts[i]);
        ck_assert_int_eq(o.command, COMMAND_START);
        ck_assert_int_eq(o.event, EVENT_CPU);
        ck_assert_int_eq(o.cstack, CSTACK_VM);
        ck_assert_uint_eq(o.interval_ns, 10000000);
        ck_assert_uint_eq(o.flush_ns, 1000000000);
        ck_assert_uint_eq(o.timeout_ns, 0);
        ck_assert_uint_eq(o.depth, 2048);
        ck_assert_uint_eq(o.memlimit_bytes, 64u << 20);
        ck_assert_str_eq(o.file, "jfrprof-%p.jfr");
        ck_assert_str_eq(o.log_file, "");
    }
}
END_TEST

START_TEST(every_command_is_known)
{
    static const struct {
        const char *text;
        enum agent_command command;
    } cases[] = {{"start", COMMAND_START},     {"stop", COMMAND_STOP},
                 {"status", COMMAND_STATUS},   {"list", COMMAND_LIST},
                 {"version", COMMAND_VERSION}, {"status,log=x", COMMAND_STATUS}};
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        ck_assert_int_eq(parse(cases[i].text).command, cases[i].command);
}
END_TEST

START_TEST(numbers_take_their_units)
{
    static const struct {
        const char *text;
        uint64_t interval, flush, timeout, memory;
    } cases[] = {
        {"interval=20000", 20000, 1000000000, 0, 64u << 20},
        {"interval=20us", 20000, 1000000000, 0, 64u << 20},
        {"interval=7ms,flush=2", 7000000, 2000000000, 0, 64u << 20},
        {"interval=1s,flush=100ms,timeout=3", 1000000000, 100000000, 3000000000, 64u << 20},
        {"timeout=2m", 10000000, 1000000000, 120000000000, 64u << 20},
        {"timeout=1h,memlimit=8m", 10000000, 1000000000, 3600000000000, 8u << 20},
        {"timeout=0,memlimit=4194304", 10000000, 1000000000, 0, 4u << 20},
        {"memlimit=1g", 10000000, 1000000000, 0, 1u << 30},
        {"memlimit=4096k", 10000000, 1000000000, 0, 4u << 20},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct options o = parse(cases[i].text);
        ck_assert_uint_eq(o.interval_ns, cases[i].interval);
        ck_assert_uint_eq(o.flush_ns, cases[i].flush);
        ck_assert_uint_eq(o.timeout_ns, cases[i].timeout);
        ck_assert_uint_eq(o.memlimit_bytes, cases[i].memory);
    }
}
END_TEST

START_TEST(choices_and_texts_are_taken)
{
    struct options o = parse(
        "start,file=a=b c%p.jfr,event=ctimer,cstack=no,jstackdepth=17,log=/x/y,loglevel=debug");
    ck_assert_str_eq(o.file, "a=b c%p.jfr");
    ck_assert_int_eq(o.event, EVENT_CTIMER);
    ck_assert_int_eq(o.cstack, CSTACK_NO);
    ck_assert_uint_eq(o.depth, 17);
    ck_assert_str_eq(o.log_file, "/x/y");
    ck_assert_int_eq(o.log_level, LOG_AT_DEBUG);
}
END_TEST

/* Each line names the option, the value and what is allowed. */
START_TEST(what_is_wrong_is_said_in_one_line)
{
    static const struct {
        const char *text;
        const char *says[3];
    } cases[] = {
        {"intervall=1ms", {"intervall", "unknown", "interval="}},
        {"begin", {"begin", "not in this version yet"}},
        {"nonsense", {"nonsense", "allowed", "start stop"}},
        {"start,stop", {"stop", "second command", "allowed"}},
        {"start,start", {"start", "second command"}},
        {"dump", {"dump", "not in this version yet", "allowed"}},
        {"resume,file=x", {"resume", "not in this version yet"}},
        {"interval=", {"interval=", "10us to 1h"}},
        {"interval", {"interval", "no value", "10us to 1h"}},
        {"interval=0", {"interval=0", "10us to 1h"}},
        {"interval=9999", {"interval=9999", "10us to 1h"}},
        {"interval=2h", {"interval=2h", "10us to 1h"}},
        {"interval=-1ms", {"interval=-1ms"}},
        {"interval=1.5ms", {"interval=1.5ms"}},
        {"interval= 1ms", {"interval= 1ms"}},
        {"interval=1ms ", {"interval=1ms "}},
        {"interval=99999999999999999999", {"interval=99999999999999999999"}},
        {"interval=18446744073709551615s", {"interval=18446744073709551615s"}},
        {"flush=0", {"flush=0", "100ms to 1h"}},
        {"timeout=50ms", {"timeout=50ms", "0 for none"}},
        {"jstackdepth=0", {"jstackdepth=0", "1 to 8192"}},
        {"jstackdepth=8193", {"jstackdepth=8193"}},
        {"jstackdepth=1k", {"jstackdepth=1k"}},
        {"memlimit=1m", {"memlimit=1m", "4m to 64g"}},
        {"event=", {"event=", "cpu, ctimer"}},
        {"event=foo", {"event=foo", "not allowed", "cpu, ctimer"}},
        {"event=wall", {"event=wall", "not in this version yet", "cpu, ctimer"}},
        {"event=cp", {"event=cp", "not allowed"}},
        {"cstack=dwarf", {"cstack=dwarf", "not in this version yet", "vm, no"}},
        {"loglevel=loud", {"loglevel=loud", "error, warn, info, debug"}},
        {"file=", {"file=", "allowed: a path"}},
        {"lz4", {"lz4", "not in this version yet"}},
        {"alloc=512k", {"alloc", "not in this version yet"}},
        {"interval=1ms,interval=1ms", {"interval=1ms", "given twice"}},
        {"stop,file=x", {"file=", "stop", "only with start"}},
        {"interval=1ms,version", {"interval=", "version", "contradiction"}},
        {"=x", {"=", "unknown"}},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct options o;
        struct err e = {0};
        ck_assert_msg(options_parse(cases[i].text, &o, &e) == -EINVAL, "'%s' was taken",
                      cases[i].text);
        for (size_t k = 0; k < 3 && cases[i].says[k]; k++)
            ck_assert_msg(strstr(e.text, cases[i].says[k]), "'%s' gave '%s', without '%s'",
                          cases[i].text, e.text, cases[i].says[k]);
        ck_assert(!strchr(e.text, '\n'));
    }
}
END_TEST

START_TEST(a_value_that_is_too_long_is_refused_not_cut)
{
    char text[OPTION_PATH_MAX + 64] = "file=";
    struct options o;
    struct err e = {0};
    memset(text + 5, 'x', OPTION_PATH_MAX - 1);
    ck_assert_int_eq(options_parse(text, &o, &e), 0);
    ck_assert_uint_eq(strlen(o.file), OPTION_PATH_MAX - 1);
    text[5 + OPTION_PATH_MAX - 1] = 'x';
    ck_assert_int_eq(options_parse(text, &o, &e), -EINVAL);
}
END_TEST

/* --- file patterns ------------------------------------------------------------------------------
 */

static const char *fake_env(const char *name)
{
    return strcmp(name, "HOME") == 0 ? "/home/jo" : NULL;
}

static const struct tm k_start = {
    .tm_year = 126, .tm_mon = 10, .tm_mday = 23, .tm_hour = 1, .tm_min = 2, .tm_sec = 3};
static const struct file_vars k_vars = {
    .pid = 4711, .start = &k_start, .sequence = 12, .env = fake_env};

START_TEST(file_patterns_are_expanded)
{
    static const char *const cases[][2] = {
        {"a.jfr", "a.jfr"},
        {"%p", "4711"},
        {"x-%p-%t.jfr", "x-4711-20261123-010203.jfr"},
        {"%n", "12"},
        {"%n{5}.jfr", "2.jfr"},
        {"%n{12}", "0"},
        {"%{HOME}/r.jfr", "/home/jo/r.jfr"},
        {"%{NO_SUCH}r", "r"},
        {"100%%", "100%"},
        {"%%p", "%p"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char buf[64];
        struct err e = {0};
        ck_assert_int_eq(options_expand_file(cases[i][0], &k_vars, buf, sizeof buf, &e), 0);
        ck_assert_str_eq(buf, cases[i][1]);
    }
}
END_TEST

START_TEST(bad_patterns_are_refused)
{
    static const char *const cases[] = {"%",
                                        "%q",
                                        "a%",
                                        "%{HOME",
                                        "%n{",
                                        "%n{0}",
                                        "%n{-1}",
                                        "%n{x}",
                                        "%n{}",
                                        "% p",
                                        "%n{99999999999999999}"};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char buf[64];
        struct err e = {0};
        ck_assert_msg(options_expand_file(cases[i], &k_vars, buf, sizeof buf, &e) == -EINVAL,
                      "'%s' was taken as '%s'", cases[i], buf);
        ck_assert_ptr_nonnull(strstr(e.text, cases[i]));
        ck_assert_ptr_nonnull(strstr(e.text, "%p"));
    }
}
END_TEST

START_TEST(an_expansion_that_does_not_fit_is_an_error_and_stays_inside_the_buffer)
{
    char buf[8];
    struct err e = {0};
    memset(buf, '#', sizeof buf);
    ck_assert_int_eq(options_expand_file("12345", &k_vars, buf, 6, &e), 0);
    ck_assert_str_eq(buf, "12345");
    ck_assert_int_eq(options_expand_file("123456", &k_vars, buf, 6, &e), -ENAMETOOLONG);
    ck_assert_int_eq(options_expand_file("%{HOME}%{HOME}", &k_vars, buf, 6, &e), -ENAMETOOLONG);
    ck_assert_int_eq(buf[6], '#');
    ck_assert_int_eq(buf[7], '#');
}
END_TEST

START_TEST(help_names_every_option_that_is_accepted)
{
    static const char *const words[] = {"start",    "stop",  "status",      "list",   "version",
                                        "file",     "event", "interval",    "flush",  "timeout",
                                        "memlimit", "log",   "jstackdepth", "cstack", "loglevel"};
    char *text = NULL;
    size_t n = 0;
    FILE *f = open_memstream(&text, &n);
    options_print_help(f);
    fclose(f);
    for (size_t i = 0; i < COUNT_OF(words); i++)
        ck_assert_ptr_nonnull(strstr(text, words[i]));
    ck_assert_ptr_null(strstr(text, "lz4"));
    free(text);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("options");
    TCase *tc = tcase_create("options");
    suite_add_tcase(suite, tc);
    tcase_add_test(tc, no_text_is_start_with_the_defaults);
    tcase_add_test(tc, every_command_is_known);
    tcase_add_test(tc, numbers_take_their_units);
    tcase_add_test(tc, choices_and_texts_are_taken);
    tcase_add_test(tc, what_is_wrong_is_said_in_one_line);
    tcase_add_test(tc, a_value_that_is_too_long_is_refused_not_cut);
    tcase_add_test(tc, file_patterns_are_expanded);
    tcase_add_test(tc, bad_patterns_are_refused);
    tcase_add_test(tc, an_expansion_that_does_not_fit_is_an_error_and_stays_inside_the_buffer);
    tcase_add_test(tc, help_names_every_option_that_is_accepted);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int n_failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return n_failed != 0;
}
