/* check_err.c — base/err, base/text, base/log, base/hash. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/text.h"

START_TEST(err_set_returns_the_code_and_keeps_the_text)
{
    struct err e = {.text = ""};
    ck_assert_int_eq(err_set(&e, -EINVAL, "option %s: %d", "interval", 7), -EINVAL);
    ck_assert_str_eq(e.text, "option interval: 7");
    ck_assert_int_eq(err_set(NULL, -EIO, "dropped"), -EIO);
}
END_TEST

START_TEST(err_text_may_contain_the_text_before)
{
    struct err e = {.text = ""};
    err_set(&e, -EIO, "disk full");
    err_set(&e, -EIO, "app.jfr: %s", e.text);
    ck_assert_str_eq(e.text, "app.jfr: disk full");
}
END_TEST

START_TEST(err_text_is_cut_and_stays_one_line)
{
    struct err e;
    char longest[2000];
    memset(longest, 'x', sizeof longest - 1);
    longest[sizeof longest - 1] = 0;
    err_set(&e, -1, "%s", longest);
    ck_assert_uint_eq(strlen(e.text), sizeof e.text - 1);
    err_set(&e, -1, "a\tb\033[1mc\nd\n\n");
    ck_assert_str_eq(e.text, "a?b?[1mc?d");
}
END_TEST

START_TEST(text_of_control_characters)
{
    static const char *const cases[][2] = {{"", ""},      {"\n", ""},
                                           {"a\n", "a"},  {"a\nb", "a?b"},
                                           {"\x7f", "?"}, {"h\xc3\xa9", "h\xc3\xa9"}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char s[16];
        strcpy(s, cases[i][0]);
        text_make_line(s);
        ck_assert_str_eq(s, cases[i][1]);
    }
}
END_TEST

/* --- log -------------------------------------------------------------------------------------- */

static char g_path[] = "/tmp/check_log.XXXXXX";

static void open_log(void)
{
    int fd = mkstemp(g_path);
    ck_assert_int_ge(fd, 0);
    close(fd);
    ck_assert_int_eq(log_open(g_path, NULL), 0);
}

static void close_log(void)
{
    log_open(NULL, NULL);
    unlink(g_path);
    strcpy(g_path + strlen(g_path) - 6, "XXXXXX");
}

static const char *logged(void)
{
    static char text[1 << 20];
    int fd = open(g_path, O_RDONLY);
    ssize_t n = read(fd, text, sizeof text - 1);
    close(fd);
    text[n > 0 ? n : 0] = 0;
    return text;
}

START_TEST(each_level_has_its_prefix)
{
    log_set_level(LOG_DEBUG);
    log_error("no %s", "disk");
    log_warn("w");
    log_info("i");
    log_debug("d");
    ck_assert_str_eq(logged(), "jfrprof: error: no disk\njfrprof: warning: w\njfrprof: i\n"
                               "jfrprof: debug: d\n");
}
END_TEST

START_TEST(messages_beyond_the_level_are_dropped)
{
    log_debug("not by default");
    log_info("by default");
    log_set_level(LOG_ERROR);
    log_warn("dropped");
    log_error("kept");
    ck_assert_str_eq(logged(), "jfrprof: by default\njfrprof: error: kept\n");
}
END_TEST

START_TEST(levels_have_names)
{
    ck_assert_int_eq(log_level_parse("error"), LOG_ERROR);
    ck_assert_int_eq(log_level_parse("warn"), LOG_WARN);
    ck_assert_int_eq(log_level_parse("info"), LOG_INFO);
    ck_assert_int_eq(log_level_parse("debug"), LOG_DEBUG);
    ck_assert_int_eq(log_level_parse("loud"), -1);
    ck_assert_int_eq(log_level_parse(""), -1);
}
END_TEST

START_TEST(a_message_is_one_line_and_cut)
{
    char longest[5000];
    memset(longest, 'x', sizeof longest - 1);
    longest[sizeof longest - 1] = 0;
    log_info("a\nb\rc");
    log_info("%s", longest);
    const char *text = logged();
    ck_assert_int_eq(strncmp(text, "jfrprof: a?b?c\n", 15), 0);
    ck_assert_uint_le(strlen(text), 15 + 1024);
    ck_assert_int_eq(text[strlen(text) - 1], '\n');
}
END_TEST

START_TEST(errno_is_kept)
{
    errno = EXDEV;
    log_info("x");
    ck_assert_int_eq(errno, EXDEV);
}
END_TEST

START_TEST(log_once_says_it_once)
{
    for (int i = 0; i < 5; i++)
        log_once(LOG_WARN, "number %d", i);
    ck_assert_str_eq(logged(), "jfrprof: warning: number 0\n");
}
END_TEST

START_TEST(a_log_file_that_cannot_be_opened_changes_nothing)
{
    struct err e;
    ck_assert_int_eq(log_open("/nonexistent/x.log", &e), -ENOENT);
    ck_assert_str_eq(e.text, "log file /nonexistent/x.log: No such file or directory");
    log_info("still here");
    ck_assert_str_eq(logged(), "jfrprof: still here\n");
}
END_TEST

START_TEST(the_default_is_stderr_and_never_stdout)
{
    log_open(NULL, NULL);
    int out = open(g_path, O_WRONLY | O_TRUNC);
    fflush(stdout);
    int saved[2] = {dup(1), dup(2)};
    int sink = open("/dev/null", O_WRONLY);
    dup2(out, 1);
    dup2(sink, 2);
    log_error("x");
    dup2(out, 2);
    ck_assert_str_eq(logged(), "");
    log_error("y");
    dup2(saved[0], 1);
    dup2(saved[1], 2);
    ck_assert_str_eq(logged(), "jfrprof: error: y\n");
    close(out);
    close(sink);
}
END_TEST

enum { N_THREADS = 4, N_LINES = 500 };

static void *log_lines(void *number)
{
    for (int i = 0; i < N_LINES; i++)
        log_info("thread %c says thread %c", (int)(intptr_t)number, (int)(intptr_t)number);
    return NULL;
}

START_TEST(lines_of_many_threads_stay_whole)
{
    pthread_t threads[N_THREADS];
    for (int i = 0; i < N_THREADS; i++)
        pthread_create(&threads[i], NULL, log_lines, (void *)(intptr_t)('a' + i));
    for (int i = 0; i < N_THREADS; i++)
        pthread_join(threads[i], NULL);
    int n = 0;
    char a, b;
    for (const char *line = logged(); *line; line = strchr(line, '\n') + 1, n++) {
        ck_assert_int_eq(sscanf(line, "jfrprof: thread %c says thread %c\n", &a, &b), 2);
        ck_assert_int_eq(a, b);
    }
    ck_assert_int_eq(n, N_THREADS * N_LINES);
}
END_TEST

/* --- hash ------------------------------------------------------------------------------------- */

START_TEST(every_input_bit_changes_about_half_of_the_output_bits)
{
    for (int bit = 0; bit < 64; bit++) {
        int flips = 0;
        for (uint64_t x = 1; x <= 256; x++)
            flips += __builtin_popcountll(hash_mix64(x) ^ hash_mix64(x ^ (UINT64_C(1) << bit)));
        ck_assert_int_gt(flips, 256 * 28);
        ck_assert_int_lt(flips, 256 * 36);
    }
}
END_TEST

START_TEST(hash_of_words_depends_on_their_order)
{
    ck_assert_uint_ne(hash_add64(hash_add64(0, 1), 2), hash_add64(hash_add64(0, 2), 1));
    ck_assert_uint_ne(hash_bytes("ab", 2), hash_bytes("ba", 2));
    ck_assert_uint_ne(hash_bytes("", 0), hash_bytes("\0", 1));
    ck_assert_uint_eq(hash_bytes("abc", 3), hash_bytes("abc", 3));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("err");
    TCase *err = tcase_create("err"), *log = tcase_create("log"), *hash = tcase_create("hash");
    suite_add_tcase(suite, err);
    suite_add_tcase(suite, log);
    suite_add_tcase(suite, hash);
    tcase_add_test(err, err_set_returns_the_code_and_keeps_the_text);
    tcase_add_test(err, err_text_may_contain_the_text_before);
    tcase_add_test(err, err_text_is_cut_and_stays_one_line);
    tcase_add_test(err, text_of_control_characters);
    tcase_add_checked_fixture(log, open_log, close_log);
    tcase_add_test(log, each_level_has_its_prefix);
    tcase_add_test(log, messages_beyond_the_level_are_dropped);
    tcase_add_test(log, levels_have_names);
    tcase_add_test(log, a_message_is_one_line_and_cut);
    tcase_add_test(log, errno_is_kept);
    tcase_add_test(log, log_once_says_it_once);
    tcase_add_test(log, a_log_file_that_cannot_be_opened_changes_nothing);
    tcase_add_test(log, the_default_is_stderr_and_never_stdout);
    tcase_add_test(log, lines_of_many_threads_stay_whole);
    tcase_add_test(hash, every_input_bit_changes_about_half_of_the_output_bits);
    tcase_add_test(hash, hash_of_words_depends_on_their_order);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int n_failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return n_failed != 0;
}
