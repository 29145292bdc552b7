/* check_writer_chunks.c — recordings of several chunks and files, plain and compressed: nothing is
 * lost or doubled at a boundary, every chunk stands for itself, and LZ4 holds what the plain file
 * would (jfr/writer.h). Kills and failures are in check_writer_faults.c. */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "jfr/read.h"
#include "jfr/writer.h"
#include "support/strict_jfr.h"
#include "support/synthetic.h"
#include "support/unlz4.h"

enum { SECOND = 1000000000, LIMIT = 256 << 20, MAX_CHUNKS = 64, MAX_FILES = 3, FINAL = 2 };

static const enum jfr_compression g_media[] = {JFR_PLAIN, JFR_LZ4};
enum { N_MEDIA = 2 };

static struct jfr_sink_mem g_files[MAX_FILES];
static struct jfr_writer *g_writer;
static enum jfr_compression g_compression;

static void setup(void)
{
    for (int i = 0; i < MAX_FILES; i++)
        jfr_sink_mem_init(&g_files[i], LIMIT);
}

static void teardown(void)
{
    for (int i = 0; i < MAX_FILES; i++)
        jfr_sink_mem_fini(&g_files[i]);
}

static void open_writer(enum jfr_compression compression, struct jfr_sink_mem *mem)
{
    struct jfr_writer_options options = g_synthetic_options;
    g_compression = options.compression = compression;
    ck_assert_int_eq(jfr_writer_open(&g_writer, &mem->base, &options, NULL), 0);
}

static void close_writer(uint64_t now)
{
    struct jfr_err err = {0};
    ck_assert_msg(jfr_writer_close(g_writer, now, NULL, &err) == 0, "%s", err.text);
}

static struct jfr_clock clock_at(int second)
{
    struct jfr_clock clock = g_synthetic_options.clock;
    clock.start_ticks += (uint64_t)second * SECOND;
    clock.start_epoch_ns += (int64_t)second * SECOND;
    return clock;
}

static void rotate(int second)
{
    struct jfr_clock clock = clock_at(second);
    ck_assert_int_eq(jfr_writer_rotate(g_writer, clock.start_ticks, &clock), 0);
}

/* The plain recording in it; free it. */
static uint8_t *plain(const struct jfr_sink_mem *mem, size_t *len)
{
    uint8_t *bytes = NULL;
    if (g_compression == JFR_LZ4) {
        const char *wrong = unlz4(mem->bytes, mem->len_bytes, &bytes, len);
        ck_assert_msg(wrong == NULL, "%s", wrong);
        return bytes;
    }
    bytes = malloc(mem->len_bytes);
    ck_assert_ptr_nonnull(bytes);
    memcpy(bytes, mem->bytes, mem->len_bytes);
    *len = mem->len_bytes;
    return bytes;
}

static struct strict_summary strict(const struct jfr_sink_mem *mem, strict_visit visit, void *arg)
{
    struct strict_summary sum;
    size_t len;
    uint8_t *bytes = plain(mem, &len);
    const char *wrong = strict_check(bytes, len, &sum, visit, arg);
    ck_assert_msg(wrong == NULL, "%s", wrong);
    free(bytes);
    return sum;
}

/* Its chunks' headers, as our reader gives them: it unpacks by itself. */
static int headers_of(const struct jfr_sink_mem *mem, struct jfr_chunk_header headers[MAX_CHUNKS])
{
    struct jfr_file *file;
    int n = 0;
    ck_assert_int_eq(jfr_file_wrap(&file, mem->bytes, mem->len_bytes, NULL), 0);
    while (n < MAX_CHUNKS && jfr_file_next(file, &headers[n], NULL) == 1)
        n++;
    jfr_file_close(file);
    return n;
}

/* --- boundaries ---------------------------------------------------------------------------------
 */

static void check_number(void *arg, const struct strict_value *v)
{
    int64_t *next = arg;
    if (strcmp(v->owner, "jdk.ThreadEnd") == 0 && strcmp(v->field, "startTime") == 0) {
        ck_assert_int_eq(v->i, *next);
        ++*next;
    }
}

START_TEST(nothing_is_lost_or_doubled_from_chunk_to_chunk_and_file_to_file)
{
    enum { N = 7000, PER_CHUNK = 700, PER_FILE = 2400 };
    int64_t next = 0;
    uint32_t n_chunks = 0;
    struct jfr_writer_stats stats;
    open_writer(g_media[_i], &g_files[0]);
    for (int i = 0; i < N; i++) {
        struct jfr_clock clock = clock_at(i + 1);
        struct jfr_thread_end event = {.startTime = i};
        ck_assert_int_eq(jfr_write_thread_end(g_writer, &event), 0);
        if (i % PER_FILE == PER_FILE - 1)
            ck_assert_int_eq(jfr_writer_next_file(g_writer, clock.start_ticks,
                                                  &g_files[(i + 1) / PER_FILE].base, &clock, NULL),
                             0);
        else if (i % PER_CHUNK == PER_CHUNK - 1)
            ck_assert_int_eq(jfr_writer_rotate(g_writer, clock.start_ticks, &clock), 0);
        else if (i % 100 == 50)
            ck_assert_int_eq(jfr_writer_flush(g_writer, 0), 0);
    }
    jfr_writer_get_stats(g_writer, &stats);
    close_writer(0);
    for (int i = 0; i < MAX_FILES; i++) {
        struct strict_summary sum = strict(&g_files[i], check_number, &next);
        ck_assert_uint_eq(sum.n_edges, 0);
        ck_assert_uint_eq(sum.flags, FINAL | 1);
        n_chunks += sum.n_chunks;
    }
    ck_assert_int_eq(next, N);
    ck_assert_uint_eq(n_chunks, stats.n_chunks);
    ck_assert_uint_eq(n_chunks, N / PER_CHUNK + MAX_FILES);
    ck_assert_uint_eq(stats.bytes_lost, 0);
}
END_TEST

START_TEST(every_chunk_has_its_own_time_range_and_only_the_last_is_final)
{
    struct jfr_chunk_header h[MAX_CHUNKS];
    open_writer(g_media[_i], &g_files[0]);
    for (int i = 1; i <= 3; i++) {
        ck_assert_int_eq(synthetic_add_constants(g_writer), 0);
        ck_assert_int_eq(synthetic_write_samples(g_writer, 100), 0);
        rotate(i * i);
    }
    close_writer(clock_at(20).start_ticks);
    ck_assert_int_eq(headers_of(&g_files[0], h), 4);
    for (int i = 0; i < 4; i++) {
        ck_assert_int_eq(h[i].start_ns, clock_at(i * i).start_epoch_ns);
        ck_assert_int_eq(h[i].start_ticks, (int64_t)clock_at(i * i).start_ticks);
        ck_assert_int_eq(h[i].duration_ns,
                         (int64_t)SECOND * ((i == 3 ? 20 : (i + 1) * (i + 1)) - i * i));
        ck_assert_uint_eq(h[i].flags, i == 3 ? 3 : 1);
        ck_assert_uint_eq(h[i].state, 0);
    }
}
END_TEST

START_TEST(chunks_start_later_and_later_whatever_the_wall_clock_does)
{
    struct jfr_chunk_header h[MAX_CHUNKS];
    struct jfr_clock clock = clock_at(10);
    open_writer(g_media[_i], &g_files[0]);
    clock.start_epoch_ns -= 3600ll * SECOND; /* set back by an hour */
    ck_assert_int_eq(jfr_writer_rotate(g_writer, clock.start_ticks, &clock), 0);
    ck_assert_int_eq(jfr_writer_rotate(g_writer, clock.start_ticks, &clock), 0); /* at once */
    clock.start_ticks = 0;                                                       /* other ticks */
    ck_assert_int_eq(jfr_writer_rotate(g_writer, 0, &clock), 0);
    ck_assert_int_eq(jfr_writer_next_file(g_writer, 0, &g_files[1].base, &clock, NULL), 0);
    close_writer(1);
    ck_assert_int_eq(headers_of(&g_files[0], h), 4);
    ck_assert_int_eq(h[1].start_ns, clock_at(10).start_epoch_ns + 1);
    for (int i = 1; i < 4; i++)
        ck_assert_int_gt(h[i].start_ns, h[i - 1].start_ns);
    int64_t last = h[3].start_ns;
    ck_assert_int_eq(headers_of(&g_files[1], h), 1);
    ck_assert_int_gt(h[0].start_ns, last);
    ck_assert_int_eq(h[0].duration_ns, 1);
}
END_TEST

START_TEST(every_chunk_stands_for_itself)
{
    struct strict_summary sum;
    size_t n_fixed;
    jfr_schema_constants(&n_fixed);
    open_writer(g_media[_i], &g_files[0]);
    for (int i = 0; i < 5; i++) {
        ck_assert_int_eq(synthetic_add_constants(g_writer), 0);
        ck_assert_int_eq(synthetic_write_events(g_writer), 0);
        if (i < 4)
            rotate(i + 1);
    }
    close_writer(0);
    sum = strict(&g_files[0], NULL, NULL);
    ck_assert_uint_eq(sum.n_chunks, 5);
    ck_assert_uint_eq(sum.n_dangling, 0);
    ck_assert_uint_eq(sum.n_constants % 5, 0);
    ck_assert_uint_gt(sum.n_constants / 5, n_fixed);
}
END_TEST

START_TEST(chunks_without_events_are_as_good_as_any)
{
    struct strict_summary sum;
    open_writer(g_media[_i], &g_files[0]);
    for (int i = 1; i < 50; i++)
        rotate(i);
    close_writer(0);
    sum = strict(&g_files[0], NULL, NULL);
    ck_assert_uint_eq(sum.n_chunks, 50);
    ck_assert_uint_eq(sum.n_events, 0);
}
END_TEST

START_TEST(the_numbers_tell_how_long_the_chunk_is)
{
    struct jfr_writer_stats stats;
    struct jfr_chunk_header h[MAX_CHUNKS];
    open_writer(g_media[_i], &g_files[0]);
    ck_assert_int_eq(synthetic_add_constants(g_writer), 0);
    ck_assert_int_eq(synthetic_write_samples(g_writer, 30000), 0);
    jfr_writer_get_stats(g_writer, &stats);
    uint64_t told = stats.chunk_bytes;
    rotate(1);
    jfr_writer_get_stats(g_writer, &stats);
    ck_assert_uint_eq(stats.n_chunks, 2);
    ck_assert_uint_lt(stats.chunk_bytes, told / 10);
    close_writer(0);
    ck_assert_int_eq(headers_of(&g_files[0], h), 2);
    ck_assert_uint_le(told, h[0].size);
    ck_assert_uint_ge(told, h[0].size - 1000);
}
END_TEST

START_TEST(a_clock_without_ticks_is_refused_and_changes_nothing)
{
    struct jfr_clock clock = {0};
    struct jfr_err err = {0};
    open_writer(g_media[_i], &g_files[0]);
    ck_assert_int_eq(synthetic_write_samples(g_writer, 10), 0);
    ck_assert_int_eq(jfr_writer_rotate(g_writer, 0, &clock), -EINVAL);
    ck_assert_int_eq(jfr_writer_next_file(g_writer, 0, &g_files[1].base, &clock, &err), -EINVAL);
    ck_assert_str_ne(err.text, "");
    close_writer(0);
    ck_assert_uint_eq(strict(&g_files[0], NULL, NULL).n_events, 10);
}
END_TEST

/* --- LZ4 against plain --------------------------------------------------------------------------
 */

/* Values of events one after the other, of constants in any order. */
struct digest {
    uint64_t events, constants;
};

static uint64_t mix(uint64_t hash, const void *bytes, size_t n)
{
    for (const uint8_t *p = bytes; n > 0; n--, p++)
        hash = (hash ^ *p) * 0x100000001b3u;
    return hash;
}

static void digest_value(void *arg, const struct strict_value *v)
{
    struct digest *d = arg;
    uint64_t hash = mix(0xcbf29ce484222325u, v->owner, strlen(v->owner));
    hash = mix(hash, v->field, strlen(v->field));
    hash = mix(hash, &v->id, sizeof v->id);
    hash = mix(hash, &v->i, sizeof v->i);
    hash = mix(hash, &v->d, sizeof v->d);
    if (v->s.bytes)
        hash = mix(hash, v->s.bytes, v->s.n_bytes);
    if (strncmp(v->owner, "jdk.types.", 10) == 0 || strncmp(v->owner, "java.", 5) == 0)
        d->constants += hash;
    else
        d->events = mix(d->events, &hash, sizeof hash);
}

static void write_all(struct jfr_sink_mem *mem, enum jfr_compression compression)
{
    open_writer(compression, mem);
    for (int chunk = 0; chunk < 3; chunk++) {
        ck_assert_int_eq(synthetic_add_constants(g_writer), 0);
        ck_assert_int_eq(synthetic_write_events(g_writer), 0);
        for (uint32_t id = 100; id < 500; id++) {
            struct jfr_pool_thread thread = {.osName = "some thread", .osThreadId = id};
            ck_assert_int_eq(jfr_add_thread(g_writer, id, &thread), 0);
            ck_assert_int_eq(synthetic_write_samples(g_writer, (int)id), 0);
            if (id % 50 == 0)
                ck_assert_int_eq(jfr_writer_flush(g_writer, clock_at(chunk).start_ticks), 0);
        }
        if (chunk < 2)
            rotate(chunk + 1);
    }
    close_writer(clock_at(5).start_ticks);
}

START_TEST(the_compressed_recording_holds_what_the_plain_one_does)
{
    struct digest a = {0}, b = {0};
    write_all(&g_files[0], JFR_PLAIN);
    struct strict_summary sum_a = strict(&g_files[0], digest_value, &a);
    write_all(&g_files[1], JFR_LZ4);
    struct strict_summary sum_b = strict(&g_files[1], digest_value, &b);
    ck_assert_uint_eq(sum_a.n_chunks, sum_b.n_chunks);
    ck_assert_uint_eq(sum_a.n_events, sum_b.n_events);
    ck_assert_uint_eq(sum_a.n_constants, sum_b.n_constants);
    ck_assert_uint_eq(sum_b.n_dangling, 0);
    ck_assert_uint_eq(a.events, b.events);
    ck_assert_uint_eq(a.constants, b.constants);
    ck_assert_uint_gt(sum_a.n_events, 300000);
    ck_assert_uint_lt(g_files[1].len_bytes, g_files[0].len_bytes / 2);
}
END_TEST

START_TEST(a_compressed_recording_needs_little_memory_without_a_flush)
{
    struct jfr_writer_stats stats;
    open_writer(JFR_LZ4, &g_files[0]);
    for (int i = 0; i < 200; i++) {
        ck_assert_int_eq(synthetic_write_samples(g_writer, 1000), 0);
        jfr_writer_get_stats(g_writer, &stats);
        ck_assert_uint_le(stats.bytes_pending, JFR_WRITER_TAIL_MAX + 100);
    }
    ck_assert_uint_gt(stats.n_flushes, 3);
    close_writer(0);
    ck_assert_uint_eq(strict(&g_files[0], NULL, NULL).n_events, 200000);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("writer_chunks");
    TCase *tc = tcase_create("writer_chunks");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, nothing_is_lost_or_doubled_from_chunk_to_chunk_and_file_to_file, 0,
                        N_MEDIA);
    tcase_add_loop_test(tc, every_chunk_has_its_own_time_range_and_only_the_last_is_final, 0,
                        N_MEDIA);
    tcase_add_loop_test(tc, chunks_start_later_and_later_whatever_the_wall_clock_does, 0, N_MEDIA);
    tcase_add_loop_test(tc, every_chunk_stands_for_itself, 0, N_MEDIA);
    tcase_add_loop_test(tc, chunks_without_events_are_as_good_as_any, 0, N_MEDIA);
    tcase_add_loop_test(tc, the_numbers_tell_how_long_the_chunk_is, 0, N_MEDIA);
    tcase_add_loop_test(tc, a_clock_without_ticks_is_refused_and_changes_nothing, 0, N_MEDIA);
    tcase_add_test(tc, the_compressed_recording_holds_what_the_plain_one_does);
    tcase_add_test(tc, a_compressed_recording_needs_little_memory_without_a_flush);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
