/* check_writer_faults.c — a recording whose process is killed between any two operations on the
 * sink, or whose sink fails at any of them, is valid and has everything that was flushed, plain and
 * compressed, in the middle of a chunk, from chunk to chunk and from file to file (FORMAT.md §8,
 * §12). */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "jfr/writer.h"
#include "support/flaky_sink.h"
#include "support/strict_jfr.h"
#include "support/synthetic.h"
#include "support/unlz4.h"

enum { SECOND = 1000000000, N_FILES = 2, PAGE = 4096, SIZE_PATCH = 4, HEADER = 68 };

/* One step of the recording: so many samples and a flush, then what comes behind it. Some flushes
 * fit the first padding, some make the file grow, one exceeds the stage and an LZ4 tail. */
enum after { GO_ON, ROTATE, NEXT_FILE };
static const struct {
    int n_samples;
    enum after after;
} g_steps[] = {
    {0, GO_ON},     {5, GO_ON},     {3000, ROTATE}, {1, ROTATE},   {4000, GO_ON}, {1, GO_ON},
    {24000, GO_ON}, {2, NEXT_FILE}, {7, GO_ON},     {400, ROTATE}, {3, GO_ON},    {3000, GO_ON},
};
enum { N_STEPS = sizeof g_steps / sizeof g_steps[0] };

static const enum jfr_compression g_media[] = {JFR_PLAIN, JFR_LZ4};
static const enum flaky_mode g_modes[] = {FLAKY_ONCE, FLAKY_SHORT, FLAKY_FULL};
enum { N_MEDIA = 2, N_MODES = sizeof g_modes / sizeof g_modes[0] };

struct file {
    struct flaky_sink sink;
    bool is_begun;
    uint32_t n_written; /* events */
    uint32_t n_flushed; /* of them, those that a call has promised to keep */
};

struct scenario {
    enum jfr_compression compression;
    struct file files[N_FILES];
    struct file *file; /* the current one */
    struct jfr_err err;
    int rc;
    struct jfr_writer_stats stats;
    int n_checks; /* looks at the file to be taken after a failure, a step each */
};

/* --- looking at a file ------------------------------------------------------------------------ */

/* The recording as it is now; free it. */
static uint8_t *decoded(const struct scenario *s, const struct flaky_sink *sink, size_t *len)
{
    uint8_t *bytes = NULL;
    if (s->compression == JFR_LZ4) {
        const char *wrong = unlz4(sink->mem.bytes, sink->mem.len_bytes, &bytes, len);
        ck_assert_msg(wrong == NULL, "operation %d: %s", sink->n_ops, wrong);
        return bytes;
    }
    *len = sink->mem.len_bytes;
    bytes = malloc(*len + 1);
    ck_assert_ptr_nonnull(bytes);
    memcpy(bytes, sink->mem.bytes, *len);
    return bytes;
}

static const char *check_file(const struct scenario *s, const struct flaky_sink *sink,
                              struct strict_summary *sum)
{
    size_t len;
    uint8_t *bytes = decoded(s, sink, &len);
    const char *wrong = strict_check(bytes, len, sum, NULL, NULL);
    sum->n_events -= sum->n_edges;
    free(bytes);
    return wrong;
}

static uint64_t be64_at(const uint8_t *bytes, size_t at)
{
    struct jfr_in in;
    jfr_in_init(&in, bytes + at, 8);
    return jfr_in_be64(&in);
}

static size_t min_size(uint64_t a, size_t b)
{
    return a < b ? (size_t)a : b;
}

/* What any repair does with the last chunk: it is as long as the file; its last event may then
 * reach too far and is cut too. NULL, or what is still wrong. */
static const char *wrong_after_repair(const struct scenario *s, const struct flaky_sink *sink,
                                      struct strict_summary *sum)
{
    size_t len, chunk = 0, at = HEADER;
    uint8_t *bytes = decoded(s, sink, &len);
    while (be64_at(bytes, chunk + 8) < len - chunk)
        chunk += be64_at(bytes, chunk + 8);
    struct jfr_out out;
    jfr_out_init(&out, bytes + chunk + 8, 8);
    jfr_out_be64(&out, len - chunk);
    for (at += chunk; at < len;) {
        struct jfr_in in;
        jfr_in_init(&in, bytes + at, len - at);
        uint64_t event = jfr_in_leb(&in);
        if (event == 0 || event > len - at) {
            jfr_out_init(&out, bytes + at, SIZE_PATCH);
            jfr_out_event_size(&out, (uint32_t)(len - at));
            break;
        }
        at += min_size(event, len - at);
    }
    const char *wrong = strict_check(bytes, len, sum, NULL, NULL);
    sum->n_events -= sum->n_edges;
    free(bytes);
    return wrong;
}

/* --- a recording ------------------------------------------------------------------------------ */

static uint64_t ticks(int step)
{
    return g_synthetic_options.clock.start_ticks + (uint64_t)step * SECOND;
}

static struct jfr_clock clock_at(int step)
{
    struct jfr_clock clock = g_synthetic_options.clock;
    clock.start_ticks = ticks(step);
    clock.start_epoch_ns += (int64_t)step * SECOND;
    return clock;
}

static void write_some(struct scenario *s, struct jfr_writer *w, int step, bool is_new_chunk)
{
    int rc = 0;
    if (is_new_chunk)
        rc = synthetic_add_constants(w);
    for (uint32_t id = 1; id <= 20; id++)
        rc |= jfr_add_thread(w, 100 + 100 * (uint32_t)step + id,
                             &(struct jfr_pool_thread){.osName = "t", .osThreadId = id});
    /* Refers to a constant of this very flush. */
    rc |= jfr_write_thread_start(
        w, &(struct jfr_thread_start){.thread = 100 + 100 * (uint32_t)step + 1});
    rc |= synthetic_write_samples(w, g_steps[step].n_samples);
    if (rc == 0)
        s->file->n_written += 1 + (uint32_t)g_steps[step].n_samples;
}

static void flushed(struct scenario *s, int rc)
{
    if (rc == 0)
        s->file->n_flushed = s->file->n_written;
}

/* What was written but not flushed belongs to the chunk, and to the file, that it was written to.
 */
static bool go_on(struct scenario *s, struct jfr_writer *w, int step)
{
    struct jfr_clock clock = clock_at(step + 1);
    struct file *old = s->file;
    int rc;
    if (g_steps[step].after == GO_ON)
        return false;
    if (jfr_write_thread_start(w, &(struct jfr_thread_start){.startTime = 1}) == 0)
        old->n_written++;
    if (g_steps[step].after == ROTATE) {
        rc = jfr_writer_rotate(w, ticks(step + 1), &clock);
        flushed(s, rc);
        return rc == 0;
    }
    struct file *next = old + 1;
    bool had_failed = jfr_writer_error(w) != NULL;
    rc = jfr_writer_next_file(w, ticks(step + 1), &next->sink.base, &clock, &s->err);
    if (rc == 0 && !had_failed && s->err.code == 0)
        flushed(s, 0);
    if (rc != 0)
        return false;
    next->is_begun = true;
    s->file = next;
    return true;
}

/* A recording goes on after its sink has failed, until the profiler stops. */
static void check_meanwhile(struct scenario *s, int step)
{
    struct strict_summary sum;
    if (!s->file->sink.has_failed || s->n_checks == 0)
        return;
    s->n_checks--;
    const char *wrong = check_file(s, &s->file->sink, &sum);
    ck_assert_msg(wrong == NULL, "failed at operation %d, in step %d: %s", s->file->sink.fail_at,
                  step, wrong);
}

static void run(struct scenario *s)
{
    struct jfr_writer_options options = g_synthetic_options;
    struct jfr_writer *w;
    bool is_new_chunk = true;
    options.compression = s->compression;
    s->file = s->files;
    s->rc = jfr_writer_open(&w, &s->file->sink.base, &options, &s->err);
    s->file->is_begun = s->rc == 0;
    if (s->rc != 0)
        return;
    for (int step = 0; step < N_STEPS; step++) {
        write_some(s, w, step, is_new_chunk);
        flushed(s, jfr_writer_flush(w, ticks(step + 1)));
        check_meanwhile(s, step);
        is_new_chunk = go_on(s, w, step);
        check_meanwhile(s, step);
    }
    s->rc = jfr_writer_close(w, 0, &s->stats, &s->err);
}

/* The sink of the file fails, the other one doesn't. */
static struct scenario *scenario_new(enum jfr_compression compression, int file,
                                     enum flaky_mode mode, int fail_at)
{
    struct scenario *s = calloc(1, sizeof *s);
    ck_assert_ptr_nonnull(s);
    s->compression = compression;
    for (int i = 0; i < N_FILES; i++)
        flaky_sink_init(&s->files[i].sink, i == file ? mode : FLAKY_NEVER, fail_at);
    return s;
}

static void scenario_free(struct scenario *s)
{
    for (int i = 0; i < N_FILES; i++)
        flaky_sink_fini(&s->files[i].sink);
    free(s);
}

/* --- kills -------------------------------------------------------------------------------------
 */

struct kills {
    const struct scenario *scenario;
    const struct file *file;
    int n_invalid;
    int n_grown;         /* sizes of a chunk that became more */
    uint64_t chunk_size; /* of the last chunk, at the last look */
    struct strict_summary sum;
};

static uint64_t last_chunk_size(const struct scenario *s, const struct flaky_sink *sink)
{
    size_t len, chunk = 0;
    uint8_t *bytes = decoded(s, sink, &len);
    while (be64_at(bytes, chunk + 8) < len - chunk)
        chunk += be64_at(bytes, chunk + 8);
    uint64_t size = be64_at(bytes, chunk + 8);
    free(bytes);
    return size;
}

/* The process is killed now: what does a reader find? */
static void look(struct flaky_sink *sink, void *arg)
{
    struct kills *kills = arg;
    struct strict_summary sum;
    const char *wrong = check_file(kills->scenario, sink, &sum);
    if (wrong) {
        kills->n_invalid++;
        wrong = wrong_after_repair(kills->scenario, sink, &sum);
        ck_assert_msg(wrong == NULL, "operation %d, after repair: %s", sink->n_ops, wrong);
    }
    uint64_t size = last_chunk_size(kills->scenario, sink);
    kills->n_grown += sum.n_chunks == kills->sum.n_chunks && size > kills->chunk_size;
    kills->chunk_size = size;
    ck_assert_uint_ge(sum.n_events, kills->file->n_flushed);
    ck_assert_uint_ge(sum.n_events, kills->sum.n_events);
    ck_assert_uint_eq(sum.n_dangling, 0); /* constants show before the events that need them */
    kills->sum = sum;
}

START_TEST(a_kill_between_any_two_operations_leaves_a_valid_recording)
{
    struct scenario *s = scenario_new(g_media[_i], 0, FLAKY_NEVER, 0);
    struct kills kills[N_FILES] = {0};
    for (int i = 0; i < N_FILES; i++) {
        kills[i] = (struct kills){.scenario = s, .file = &s->files[i]};
        s->files[i].sink.after_op = look;
        s->files[i].sink.arg = &kills[i];
    }
    run(s);
    ck_assert_msg(s->rc == 0, "%s", s->err.text);
    for (int i = 0; i < N_FILES; i++) {
        const struct flaky_sink *sink = &s->files[i].sink;
        ck_assert_int_gt(kills[i].n_grown, 0);
        ck_assert_int_eq(sink->n_cut, 1);
        /* The only gaps: between the operations of growing, three in a plain file, two in LZ4. */
        if (s->compression == JFR_PLAIN)
            ck_assert_int_eq(kills[i].n_grown, sink->n_grown);
        ck_assert_int_eq(kills[i].n_invalid,
                         kills[i].n_grown * (s->compression == JFR_PLAIN ? 2 : 1));
        ck_assert_uint_eq(kills[i].sum.n_events, s->files[i].n_written);
        ck_assert_uint_eq(kills[i].sum.n_edges, 0);
        ck_assert_uint_eq(kills[i].sum.flags, 3);
    }
    ck_assert_uint_eq(kills[0].sum.n_chunks, 3);
    ck_assert_uint_eq(kills[1].sum.n_chunks, 2);
    scenario_free(s);
}
END_TEST

/* Header bytes [8, 16), [16, 48), [8, 68), sizes. */
static void no_patch_crosses_a_page(struct flaky_sink *sink, void *arg)
{
    int *n_patches = arg;
    size_t n = sink->write_len;
    if (n != SIZE_PATCH && n != 8 && n != 32 && n != 60)
        return;
    ++*n_patches;
    ck_assert_uint_le(sink->write_offset % PAGE, PAGE - n);
}

/* A write that is torn by a kill is one that crosses a page. */
START_TEST(what_is_patched_lies_in_one_page_wherever_it_lands)
{
    enum { N_EVENTS = 3 * PAGE, PER_CHUNK = 40 };
    struct scenario s = {.compression = g_media[_i]};
    struct jfr_writer_options options = g_synthetic_options;
    struct flaky_sink sink;
    struct jfr_writer *w;
    struct strict_summary sum;
    int n_patches = 0;
    options.compression = s.compression;
    flaky_sink_init(&sink, FLAKY_NEVER, 0);
    sink.after_op = no_patch_crosses_a_page;
    sink.arg = &n_patches;
    ck_assert_int_eq(jfr_writer_open(&w, &sink.base, &options, NULL), 0);
    for (int i = 0; i < N_EVENTS; i++) { /* 12 bytes further each time, and a filler now and then */
        ck_assert_int_eq(jfr_write_thread_end(w, &(struct jfr_thread_end){.startTime = i % 100}),
                         0);
        if (i % PER_CHUNK == 0)
            ck_assert_int_eq(jfr_writer_rotate(w, 0, &options.clock), 0);
        else if (s.compression == JFR_PLAIN || i % 8 == 0)
            ck_assert_int_eq(jfr_writer_flush(w, 0), 0);
    }
    ck_assert_int_eq(jfr_writer_close(w, 0, NULL, NULL), 0);
    ck_assert_int_ge(n_patches, N_EVENTS / 8);
    const char *wrong = check_file(&s, &sink, &sum);
    ck_assert_msg(wrong == NULL, "%s", wrong);
    ck_assert_uint_eq(sum.n_events, N_EVENTS);
    ck_assert_uint_eq(sum.n_chunks, (N_EVENTS - 1) / PER_CHUNK + 2);
    flaky_sink_fini(&sink);
}
END_TEST

/* A recording with one event that holds a text of len bytes. Valid all the time; true when the file
 * had to grow for it. */
static bool grows_for(size_t len)
{
    static char text[PAGE * 16];
    struct flaky_sink sink;
    struct jfr_writer *w;
    struct jfr_shutdown event = {.reason = text};
    ck_assert_uint_lt(len, sizeof text);
    memset(text, 'x', len);
    text[len] = 0;
    flaky_sink_init(&sink, FLAKY_NEVER, 0);
    ck_assert_int_eq(jfr_writer_open(&w, &sink.base, &g_synthetic_options, NULL), 0);
    ck_assert_int_eq(jfr_write_shutdown(w, &event), 0);
    ck_assert_int_eq(jfr_writer_flush(w, 0), 0);
    const char *wrong = strict_check(sink.mem.bytes, sink.mem.len_bytes, NULL, NULL, NULL);
    ck_assert_msg(wrong == NULL, "%zu bytes: %s", len, wrong);
    ck_assert_int_eq(jfr_writer_close(w, 0, NULL, NULL), 0);
    wrong = strict_check(sink.mem.bytes, sink.mem.len_bytes, NULL, NULL, NULL);
    ck_assert_msg(wrong == NULL, "%zu bytes, closed: %s", len, wrong);
    ck_assert_int_eq(sink.n_cut, 1);
    bool has_grown = sink.n_grown > 0;
    flaky_sink_fini(&sink);
    return has_grown;
}

START_TEST(a_flush_that_just_fits_the_padding_is_as_good_as_any)
{
    enum { AROUND = 150 };
    size_t fits = 1, grows = PAGE * 15;
    ck_assert(!grows_for(fits) && grows_for(grows));
    while (grows - fits > 1) {
        size_t middle = fits + (grows - fits) / 2;
        if (grows_for(middle))
            grows = middle;
        else
            fits = middle;
    }
    for (size_t len = fits - AROUND; len < fits + AROUND; len++)
        ck_assert(grows_for(len) == (len >= grows));
}
END_TEST

/* --- failures ----------------------------------------------------------------------------------
 */

/* A run that has failed somewhere: what it promised is there, what it lost is counted. */
static void check_failed(const struct scenario *s, int op)
{
    uint32_t n_lost = 0;
    for (int i = 0; i < N_FILES; i++) {
        const struct file *f = &s->files[i];
        struct strict_summary sum;
        ck_assert(f->sink.is_discarded == (f->sink.is_closed && !f->is_begun));
        ck_assert(f->sink.is_closed || !f->is_begun);
        if (!f->is_begun)
            continue;
        const char *wrong = check_file(s, &f->sink, &sum);
        ck_assert_msg(wrong == NULL, "operation %d of file %d failed: %s", op, i, wrong);
        ck_assert_msg(sum.n_events >= f->n_flushed && sum.n_events <= f->n_written,
                      "operation %d of file %d failed: %u events of %u, %u flushed", op, i,
                      sum.n_events, f->n_written, f->n_flushed);
        n_lost += f->n_written - sum.n_events;
    }
    if (n_lost > 0)
        ck_assert_uint_gt(s->stats.bytes_lost, 0);
}

/* _i: medium, mode, which of the two files. */
START_TEST(a_failure_at_any_operation_leaves_what_was_flushed)
{
    int file = _i % N_FILES, n_failed = 0;
    for (int op = 0;; op++) {
        struct scenario *s = scenario_new(g_media[_i / N_FILES % N_MEDIA], file,
                                          g_modes[_i / N_FILES / N_MEDIA], op);
        s->n_checks = 2;
        run(s);
        bool is_past_the_end = !s->files[file].sink.has_failed;
        check_failed(s, op);
        if (is_past_the_end)
            ck_assert_msg(s->rc == 0, "%s", s->err.text);
        else if (file == N_FILES - 1 && op > 0) /* then it is that of the recording */
            ck_assert_int_lt(s->rc, 0);
        if (s->rc != 0)
            ck_assert(s->err.code == s->rc && s->err.text[0]);
        n_failed += s->files[file].sink.has_failed;
        scenario_free(s);
        if (is_past_the_end)
            break;
    }
    ck_assert_int_gt(n_failed, N_STEPS);
}
END_TEST

/* A sink that is gone for good can't be put in order either; a repair finds everything flushed. */
START_TEST(a_sink_that_dies_at_any_operation_leaves_what_was_flushed)
{
    int n_invalid = 0, n_grown = 0;
    for (int op = 1;; op++) {
        struct strict_summary sum;
        struct scenario *s = scenario_new(g_media[_i], 0, FLAKY_DEAD, op);
        struct flaky_sink *sink = &s->files[0].sink;
        run(s);
        bool is_past_the_end = !sink->has_failed;
        if (check_file(s, sink, &sum)) {
            n_invalid++;
            const char *wrong = wrong_after_repair(s, sink, &sum);
            ck_assert_msg(wrong == NULL, "dead from operation %d, after repair: %s", op, wrong);
        }
        ck_assert_uint_ge(sum.n_events, s->files[0].n_flushed);
        n_grown = sink->n_grown;
        scenario_free(s);
        if (is_past_the_end)
            break;
    }
    if (g_media[_i] == JFR_PLAIN)
        ck_assert_int_eq(n_invalid, 2 * n_grown);
    ck_assert_int_gt(n_invalid, 0);
}
END_TEST

START_TEST(another_file_leads_out_of_a_failure)
{
    struct scenario *s = scenario_new(g_media[_i], 0, FLAKY_DEAD, 3);
    struct strict_summary sum;
    run(s);
    ck_assert_msg(s->rc == 0, "%s", s->err.text);
    ck_assert_uint_gt(s->stats.bytes_lost, 0);
    ck_assert_ptr_null(check_file(s, &s->files[1].sink, &sum));
    ck_assert_uint_eq(sum.n_events, s->files[1].n_written);
    ck_assert_uint_gt(sum.n_events, 3000);
    scenario_free(s);
}
END_TEST

START_TEST(a_file_that_can_not_begin_leaves_the_recording_in_the_old_one)
{
    struct scenario *s = scenario_new(g_media[_i], 1, FLAKY_DEAD, 0);
    struct strict_summary sum;
    run(s);
    ck_assert_msg(s->rc == 0, "%s", s->err.text);
    ck_assert(s->files[1].sink.is_discarded);
    ck_assert_uint_eq(s->stats.bytes_lost, 0);
    ck_assert_ptr_null(check_file(s, &s->files[0].sink, &sum));
    ck_assert_uint_eq(sum.n_events, s->files[0].n_written);
    scenario_free(s);
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
    ck_assert_int_eq(synthetic_write_samples(w, 5500), 0); /* in the stage: nobody can know yet */
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
    uint8_t refused[64];
    jfr_out_init(&out, refused, sizeof refused);
    jfr_put_thread_end(&out, &(struct jfr_thread_end){0});
    jfr_pool_put_thread_group(&out, 1, &(struct jfr_pool_thread_group){0});
    ck_assert_uint_eq(stats.bytes_lost, lost + sizeof event + jfr_out_len(&out));
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
    tcase_set_timeout(tc, 240);
    tcase_add_loop_test(tc, a_kill_between_any_two_operations_leaves_a_valid_recording, 0, N_MEDIA);
    tcase_add_loop_test(tc, what_is_patched_lies_in_one_page_wherever_it_lands, 0, N_MEDIA);
    tcase_add_test(tc, a_flush_that_just_fits_the_padding_is_as_good_as_any);
    tcase_add_loop_test(tc, a_failure_at_any_operation_leaves_what_was_flushed, 0,
                        N_MODES * N_MEDIA * N_FILES);
    tcase_add_loop_test(tc, a_sink_that_dies_at_any_operation_leaves_what_was_flushed, 0, N_MEDIA);
    tcase_add_loop_test(tc, another_file_leads_out_of_a_failure, 0, N_MEDIA);
    tcase_add_loop_test(tc, a_file_that_can_not_begin_leaves_the_recording_in_the_old_one, 0,
                        N_MEDIA);
    tcase_add_test(tc, after_a_failure_everything_is_refused_and_the_first_error_kept);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
