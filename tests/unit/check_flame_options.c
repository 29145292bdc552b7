/* check_flame_options.c — the command line of jfr2flame (tools/jfr2flame/options). */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "jfr2flame/options.h"

enum { ARGS_MAX = 8 };

static enum options_outcome parse(struct options *o, const char *const args[ARGS_MAX])
{
    static char *argv[ARGS_MAX + 2]; /* options point into it */
    int argc = 1;
    argv[0] = (char *)"jfr2flame";
    for (int i = 0; i < ARGS_MAX && args[i]; i++)
        argv[argc++] = (char *)args[i];
    argv[argc] = NULL;
    return options_parse(o, argc, argv);
}

static const struct {
    const char *args[ARGS_MAX];
    int n_inputs;
    const char *output;
    enum out_format format;
} g_good[] = {
    {{"app.jfr"}, 1, "app.html", OUT_HTML},
    {{"dir.d/app"}, 1, "dir.d/app.html", OUT_HTML},
    {{"app.jfr", "out.html"}, 1, "out.html", OUT_HTML},
    {{"app.jfr", "out.collapsed"}, 1, "out.collapsed", OUT_COLLAPSED},
    {{"app.jfr", "out.txt"}, 1, "out.txt", OUT_COLLAPSED},
    {{"a.jfr", "b.jfr", "c.html"}, 2, "c.html", OUT_HTML},
    {{"a.jfr", "b.jfr"}, 2, "a.html", OUT_HTML},
    {{"-o", "x.collapsed", "a.jfr", "b.jfr"}, 2, "x.collapsed", OUT_COLLAPSED},
    {{"-o", "collapsed", "a.jfr"}, 1, "a.collapsed", OUT_COLLAPSED},
    {{"-o", "collapsed", "a.jfr", "a.txt"}, 1, "a.txt", OUT_COLLAPSED},
    {{"--output=html", "a.jfr"}, 1, "a.html", OUT_HTML},
    {{"a.jfr", "-o", "-"}, 1, "-", OUT_COLLAPSED},
    {{"--threads", "-l", "--ann", "--minwidth", "0.5", "--title", "T", "a.jfr"},
     1,
     "a.html",
     OUT_HTML},
};
enum { N_GOOD = sizeof g_good / sizeof g_good[0] };

START_TEST(arguments_name_inputs_output_and_format)
{
    struct options o;
    ck_assert_int_eq(parse(&o, g_good[_i].args), OPTIONS_RUN);
    ck_assert_int_eq(o.n_inputs, g_good[_i].n_inputs);
    ck_assert_str_eq(o.output, g_good[_i].output);
    ck_assert_int_eq(o.format, g_good[_i].format);
    options_fini(&o);
}
END_TEST

START_TEST(every_option_is_taken)
{
    struct options o;
    ck_assert_int_eq(parse(&o, g_good[N_GOOD - 1].args), OPTIONS_RUN);
    ck_assert(o.with_threads && o.with_lines && o.with_kinds);
    ck_assert_str_eq(o.title, "T");
    ck_assert_double_eq(o.min_percent, 0.5);
    options_fini(&o);
}
END_TEST

static const struct {
    const char *args[ARGS_MAX];
    const char *told; /* part of the message */
} g_wrong[] = {
    {{NULL}, "no recording"},
    {{"--nonsense", "a.jfr"}, "nonsense"},
    {{"-o"}, "requires an argument"},
    {{"-o", "picture.svg", "a.jfr"}, "picture.svg"},
    {{"--minwidth", "12x", "a.jfr"}, "12x"},
    {{"--minwidth", "101", "a.jfr"}, "101"},
    {{"--minwidth", "nan", "a.jfr"}, "nan"},
};
enum { N_WRONG = sizeof g_wrong / sizeof g_wrong[0] };

START_TEST(wrong_usage_is_told_on_stderr)
{
    struct options o;
    char told[512] = "";
    FILE *file = tmpfile();
    ck_assert_ptr_nonnull(file);
    int before = dup(STDERR_FILENO);
    dup2(fileno(file), STDERR_FILENO);
    enum options_outcome outcome = parse(&o, g_wrong[_i].args);
    dup2(before, STDERR_FILENO);
    close(before);
    rewind(file);
    told[fread(told, 1, sizeof told - 1, file)] = 0;
    fclose(file);
    ck_assert_int_eq(outcome, OPTIONS_WRONG);
    ck_assert_msg(strstr(told, g_wrong[_i].told) != NULL, "%s", told);
    options_fini(&o);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("flame_options");
    TCase *t = tcase_create("options");
    tcase_add_loop_test(t, arguments_name_inputs_output_and_format, 0, N_GOOD);
    tcase_add_test(t, every_option_is_taken);
    tcase_add_loop_test(t, wrong_usage_is_told_on_stderr, 0, N_WRONG);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int n_failed = srunner_ntests_failed(r);
    srunner_free(r);
    return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
