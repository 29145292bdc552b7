/* check_sink_file.c — recordings into real files: what may be a target, what is left behind, and
 * writes that the kernel cuts short (jfr/sink_file.c). */
#include <check.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "jfr/sink.h"
#include "jfr/writer.h"
#include "support/strict_jfr.h"
#include "support/synthetic.h"

static char g_dir[512];
static char g_path[600];

static void setup(void)
{
    const char *tmp = getenv("TMPDIR");
    snprintf(g_dir, sizeof g_dir, "%s/check_sink_file.XXXXXX", tmp ? tmp : P_tmpdir);
    ck_assert_ptr_nonnull(mkdtemp(g_dir));
    snprintf(g_path, sizeof g_path, "%s/app.jfr", g_dir);
}

static void teardown(void)
{
    unlink(g_path);
    ck_assert_msg(rmdir(g_dir) == 0, "something else was left in %s", g_dir);
}

static struct jfr_sink *open_sink(void)
{
    struct jfr_err err = {0};
    struct jfr_sink *sink;
    ck_assert_msg(jfr_sink_file_open(&sink, g_path, &err) == 0, "%s", err.text);
    return sink;
}

static void put_file(const char *text)
{
    FILE *f = fopen(g_path, "w");
    ck_assert_ptr_nonnull(f);
    fputs(text, f);
    fclose(f);
}

/* The whole file; the caller frees it. */
static uint8_t *get_file(size_t *len)
{
    struct stat st;
    FILE *f = fopen(g_path, "r");
    ck_assert_ptr_nonnull(f);
    ck_assert_int_eq(fstat(fileno(f), &st), 0);
    uint8_t *bytes = malloc((size_t)st.st_size + 1);
    *len = fread(bytes, 1, (size_t)st.st_size + 1, f);
    ck_assert_uint_eq(*len, (size_t)st.st_size);
    fclose(f);
    return bytes;
}

START_TEST(what_is_written_lands_at_its_offset)
{
    size_t len;
    struct jfr_sink *sink = open_sink();
    ck_assert_int_eq(sink->ops->write_at(sink, 0, "Hello world", 11), 0);
    ck_assert_int_eq(sink->ops->write_at(sink, 6, "there", 5), 0);
    ck_assert_int_eq(sink->ops->set_length(sink, 20), 0);
    ck_assert_int_eq(sink->ops->set_length(sink, 13), 0);
    ck_assert_int_eq(sink->ops->close(sink, false), 0);
    uint8_t *bytes = get_file(&len);
    ck_assert_uint_eq(len, 13);
    ck_assert_mem_eq(bytes, "Hello there\0\0", 13);
    free(bytes);
}
END_TEST

/* The file has this text, and nothing else is in its folder. */
static void check_file(const char *text)
{
    size_t len;
    uint8_t *bytes = get_file(&len);
    ck_assert_uint_eq(len, strlen(text));
    ck_assert_mem_eq(bytes, text, len);
    free(bytes);
}

START_TEST(an_existing_file_stays_until_the_first_write_is_complete)
{
    put_file("an older recording");
    struct jfr_sink *sink = open_sink();
    check_file("an older recording");
    ck_assert_int_eq(sink->ops->write_at(sink, 0, "new", 3), 0);
    check_file("new");
    ck_assert_int_eq(sink->ops->close(sink, false), 0);
    check_file("new");
}
END_TEST

START_TEST(an_existing_file_survives_a_discard)
{
    put_file("an older recording");
    struct jfr_sink *sink = open_sink();
    ck_assert_int_eq(sink->ops->close(sink, true), 0);
    check_file("an older recording");
    sink = open_sink();
    ck_assert_int_eq(sink->ops->write_at(sink, 0, "new", 3), 0);
    ck_assert_int_eq(sink->ops->close(sink, true), 0);
    check_file("new");
}
END_TEST

START_TEST(a_new_file_is_there_with_its_first_bytes_and_gone_with_a_discard)
{
    struct jfr_sink *sink = open_sink();
    ck_assert_int_ne(access(g_path, F_OK), 0);
    ck_assert_int_eq(sink->ops->write_at(sink, 0, "new", 3), 0);
    check_file("new");
    ck_assert_int_eq(sink->ops->close(sink, true), 0);
    ck_assert_int_ne(access(g_path, F_OK), 0);
    sink = open_sink();
    ck_assert_int_eq(sink->ops->close(sink, false), 0); /* nothing was ever written */
    ck_assert_int_ne(access(g_path, F_OK), 0);
}
END_TEST

START_TEST(a_replaced_file_keeps_its_mode)
{
    struct stat st;
    put_file("an older recording");
    ck_assert_int_eq(chmod(g_path, 0640), 0);
    struct jfr_sink *sink = open_sink();
    ck_assert_int_eq(sink->ops->write_at(sink, 0, "new", 3), 0);
    ck_assert_int_eq(sink->ops->close(sink, false), 0);
    ck_assert_int_eq(stat(g_path, &st), 0);
    ck_assert_uint_eq(st.st_mode & 07777, 0640);
}
END_TEST

START_TEST(links_stay_what_they_are)
{
    char target[700];
    struct stat st;
    snprintf(target, sizeof target, "%s/target", g_dir);
    ck_assert_int_eq(symlink(target, g_path), 0); /* to nothing yet, then to a file */
    for (int i = 0; i < 2; i++) {
        struct jfr_err err = {0};
        struct jfr_sink *sink;
        int rc = jfr_sink_file_open(&sink, g_path, &err);
        ck_assert_int_eq(rc, i == 0 ? -ENOENT : 0); /* as ever: a link is not made true */
        if (rc == 0) {
            ck_assert_int_eq(sink->ops->write_at(sink, 0, "new", 3), 0);
            ck_assert_int_eq(sink->ops->close(sink, false), 0);
            check_file("new");
        }
        FILE *f = fopen(target, i == 0 ? "w" : "r");
        ck_assert_ptr_nonnull(f);
        fclose(f);
    }
    ck_assert_int_eq(lstat(g_path, &st), 0);
    ck_assert(S_ISLNK(st.st_mode));
    unlink(g_path);
    ck_assert_int_eq(link(target, g_path), 0); /* two names of one file */
    struct jfr_sink *sink = open_sink();
    ck_assert_int_eq(sink->ops->write_at(sink, 0, "newer", 5), 0);
    ck_assert_int_eq(sink->ops->close(sink, false), 0);
    ck_assert_int_eq(stat(target, &st), 0);
    ck_assert_int_eq(st.st_size, 5);
    unlink(target);
}
END_TEST

START_TEST(names_left_behind_by_a_kill_are_no_obstacle)
{
    char left[700];
    snprintf(left, sizeof left, "%s.%ld-0.new", g_path, (long)getpid());
    FILE *f = fopen(left, "w");
    ck_assert_ptr_nonnull(f);
    fclose(f);
    struct jfr_sink *sink = open_sink();
    ck_assert_int_eq(sink->ops->write_at(sink, 0, "new", 3), 0);
    ck_assert_int_eq(sink->ops->close(sink, false), 0);
    check_file("new");
    ck_assert_int_eq(unlink(left), 0);
}
END_TEST

START_TEST(only_a_regular_file_is_written_to)
{
    struct jfr_err err = {0};
    struct jfr_sink *sink;
    ck_assert_int_eq(mkfifo(g_path, 0600), 0);
    ck_assert_int_lt(jfr_sink_file_open(&sink, g_path, &err), 0);
    ck_assert_ptr_null(sink);
    ck_assert_ptr_nonnull(strstr(err.text, g_path));
    ck_assert_int_lt(jfr_sink_file_open(&sink, g_dir, &err), 0);
    ck_assert_ptr_nonnull(strstr(err.text, g_dir));
    ck_assert_int_eq(jfr_sink_file_open(&sink, "/dev/null", &err), -EINVAL);
    ck_assert_ptr_nonnull(strstr(err.text, "not a regular file"));
}
END_TEST

START_TEST(a_missing_directory_is_named)
{
    char path[700];
    struct jfr_err err = {0};
    struct jfr_sink *sink;
    snprintf(path, sizeof path, "%s/none/app.jfr", g_dir);
    ck_assert_int_eq(jfr_sink_file_open(&sink, path, &err), -ENOENT);
    ck_assert_ptr_nonnull(strstr(err.text, path));
    ck_assert_ptr_nonnull(strstr(err.text, "No such file or directory"));
}
END_TEST

/* The descriptor that is open on g_path, or -1. */
static int descriptor_of_file(void)
{
    for (int fd = 0; fd < 1024; fd++) {
        char link[64], target[600] = "";
        snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
        if (readlink(link, target, sizeof target - 1) > 0 && strstr(target, "/app.jfr"))
            return fd;
    }
    return -1;
}

static int count_descriptors(void)
{
    int n = 0;
    DIR *dir = opendir("/proc/self/fd");
    while (readdir(dir))
        n++;
    closedir(dir);
    return n;
}

START_TEST(no_descriptor_is_leaked_or_inherited)
{
    struct jfr_sink *sink;
    int before = count_descriptors();
    ck_assert_int_lt(jfr_sink_file_open(&sink, "/dev/null", NULL), 0);
    ck_assert_int_eq(count_descriptors(), before);
    sink = open_sink();
    int fd = descriptor_of_file();
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    ck_assert_int_eq(sink->ops->close(sink, false), 0);
    ck_assert_int_eq(count_descriptors(), before);
}
END_TEST

/* The kernel writes up to the limit, says how much, and refuses the rest: a short write and EFBIG.
 */
static void limit_file_size(rlim_t bytes)
{
    signal(SIGXFSZ, SIG_IGN);
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &(struct rlimit){bytes, RLIM_INFINITY}), 0);
}

START_TEST(a_write_cut_short_by_the_kernel_is_an_error_not_a_gap)
{
    struct jfr_sink *sink = open_sink();
    limit_file_size(5);
    ck_assert_int_eq(sink->ops->write_at(sink, 0, "123456789", 9), -EFBIG);
    ck_assert_int_eq(sink->ops->set_length(sink, 6), -EFBIG);
    ck_assert_int_eq(sink->ops->close(sink, false), 0);
    limit_file_size(RLIM_INFINITY);
}
END_TEST

START_TEST(a_recording_that_reaches_the_size_limit_stays_valid)
{
    enum { LIMIT = 300000 };
    struct jfr_writer *w;
    struct jfr_err err = {0};
    struct jfr_writer_stats stats;
    struct strict_summary sum;
    uint32_t n_flushed = 0;
    size_t len;
    limit_file_size(LIMIT);
    ck_assert_int_eq(jfr_writer_open(&w, open_sink(), &g_synthetic_options, &err), 0);
    for (int i = 0; i < 20; i++)
        if (synthetic_write_samples(w, 3000) == 0 && jfr_writer_flush(w, 0) == 0)
            n_flushed += 3000;
    ck_assert_int_eq(jfr_writer_close(w, 0, &stats, &err), -EFBIG);
    limit_file_size(RLIM_INFINITY);
    uint8_t *bytes = get_file(&len);
    const char *wrong = strict_check(bytes, len, &sum, NULL, NULL);
    ck_assert_msg(wrong == NULL, "%s", wrong);
    ck_assert_uint_gt(n_flushed, 0);
    ck_assert_uint_eq(sum.n_events, n_flushed);
    ck_assert_uint_gt(stats.bytes_lost, 0);
    ck_assert_uint_le(len, LIMIT);
    free(bytes);
}
END_TEST

START_TEST(a_recording_that_can_not_begin_leaves_no_file)
{
    struct jfr_writer *w;
    struct jfr_err err = {0};
    struct jfr_sink *sink = open_sink();
    limit_file_size(1000);
    ck_assert_int_eq(jfr_writer_open(&w, sink, &g_synthetic_options, &err), -EFBIG);
    limit_file_size(RLIM_INFINITY);
    ck_assert_int_ne(access(g_path, F_OK), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sink_file");
    TCase *tc = tcase_create("sink_file");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, what_is_written_lands_at_its_offset);
    tcase_add_test(tc, an_existing_file_stays_until_the_first_write_is_complete);
    tcase_add_test(tc, an_existing_file_survives_a_discard);
    tcase_add_test(tc, a_new_file_is_there_with_its_first_bytes_and_gone_with_a_discard);
    tcase_add_test(tc, a_replaced_file_keeps_its_mode);
    tcase_add_test(tc, links_stay_what_they_are);
    tcase_add_test(tc, names_left_behind_by_a_kill_are_no_obstacle);
    tcase_add_test(tc, only_a_regular_file_is_written_to);
    tcase_add_test(tc, a_missing_directory_is_named);
    tcase_add_test(tc, no_descriptor_is_leaked_or_inherited);
    tcase_add_test(tc, a_write_cut_short_by_the_kernel_is_an_error_not_a_gap);
    tcase_add_test(tc, a_recording_that_reaches_the_size_limit_stays_valid);
    tcase_add_test(tc, a_recording_that_can_not_begin_leaves_no_file);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
