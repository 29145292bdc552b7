/* check_repair.c — jfr/repair.h: sound recordings stay as they are, damaged ones become sound, with
 * everything that the damage left; nothing is saved of what is no recording. */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "jfr/repair.h"
#include "jfr/writer.h"
#include "support/flaky_sink.h"
#include "support/read_all.h"
#include "support/strict_jfr.h"
#include "support/synthetic.h"

enum { SECOND = 1000000000, MAX_REPORTS = 64, FLAGS_AT = 67, LIMIT = 64 << 20 };

struct repaired {
    int rc;
    struct jfr_err err;
    struct jfr_sink_mem mem; /* what came out */
    struct jfr_repair_summary sum;
    struct jfr_repair_chunk chunks[MAX_REPORTS];
    int n_chunks;
    struct strict_summary strict;
};

static void report(void *arg, const struct jfr_repair_chunk *chunk)
{
    struct repaired *r = arg;
    if (r->n_chunks < MAX_REPORTS)
        r->chunks[r->n_chunks] = *chunk;
    r->n_chunks++;
}

/* Repair; what comes out is sound or nothing. Damage inside of the metadata is seen only when it
 * makes them unreadable: what they say is then what the events are decoded by. Free it. */
static struct repaired *repair_any(const uint8_t *bytes, size_t len, bool is_metadata_damaged)
{
    struct repaired *r = calloc(1, sizeof *r);
    ck_assert_ptr_nonnull(r);
    jfr_sink_mem_init(&r->mem, LIMIT);
    r->rc = jfr_repair(bytes, len, &r->mem.base, report, r, &r->sum, &r->err);
    if (r->rc == 0) {
        const char *wrong = strict_check_any(r->mem.bytes, r->mem.len_bytes, &r->strict);
        ck_assert_msg(wrong == NULL || is_metadata_damaged, "%s", wrong);
        if (!wrong)
            ck_assert_uint_eq(r->sum.n_chunks_kept, r->strict.n_chunks);
        struct read_all all = read_all(r->mem.bytes, r->mem.len_bytes);
        ck_assert_uint_eq(all.chunks, r->sum.n_chunks_kept);
    } else {
        ck_assert_uint_eq(r->mem.len_bytes, 0);
        ck_assert_str_ne(r->err.text, "");
    }
    return r;
}

static struct repaired *repair(const uint8_t *bytes, size_t len)
{
    return repair_any(bytes, len, false);
}

static void repaired_free(struct repaired *r)
{
    jfr_sink_mem_fini(&r->mem);
    free(r);
}

/* --- recordings ------------------------------------------------------------------------------- */

static struct jfr_clock clock_at(int second)
{
    struct jfr_clock clock = g_synthetic_options.clock;
    clock.start_ticks += (uint64_t)second * SECOND;
    clock.start_epoch_ns += (int64_t)second * SECOND;
    return clock;
}

enum { N_CHUNKS = 3, N_FLUSHES = 3, PER_FLUSH = 20 };

/* Three chunks of three flushes each. */
static void write_recording(struct jfr_sink *sink, enum jfr_compression compression)
{
    struct jfr_writer_options options = g_synthetic_options;
    struct jfr_writer *w;
    options.compression = compression;
    ck_assert_int_eq(jfr_writer_open(&w, sink, &options, NULL), 0);
    for (int chunk = 0; chunk < N_CHUNKS; chunk++) {
        ck_assert_int_eq(synthetic_add_constants(w), 0);
        for (uint32_t flush = 0; flush < N_FLUSHES; flush++) {
            uint32_t id = 1000 * (uint32_t)chunk + flush + 10;
            struct jfr_pool_thread thread = {.osName = "t", .osThreadId = id};
            ck_assert_int_eq(jfr_add_thread(w, id, &thread), 0);
            ck_assert_int_eq(synthetic_write_samples(w, PER_FLUSH), 0);
            ck_assert_int_eq(jfr_writer_flush(w, clock_at(chunk + 1).start_ticks), 0);
        }
        struct jfr_clock clock = clock_at(chunk + 1);
        if (chunk + 1 < N_CHUNKS)
            ck_assert_int_eq(jfr_writer_rotate(w, clock.start_ticks, &clock), 0);
    }
    ck_assert_int_eq(jfr_writer_close(w, 0, NULL, NULL), 0);
}

enum { N_EVENTS = N_CHUNKS * N_FLUSHES * PER_FLUSH };

static struct jfr_sink_mem g_rec;
static uint64_t g_chunk_at[N_CHUNKS + 1];

static uint64_t be64(const uint8_t *p)
{
    uint64_t v = 0;
    for (int i = 0; i < 8; i++)
        v = v << 8 | p[i];
    return v;
}

static void put_be64(uint8_t *p, uint64_t v)
{
    for (int i = 7; i >= 0; i--, v >>= 8)
        p[i] = (uint8_t)v;
}

static void setup(void)
{
    jfr_sink_mem_init(&g_rec, LIMIT);
    write_recording(&g_rec.base, JFR_PLAIN);
    for (int i = 0; i < N_CHUNKS; i++)
        g_chunk_at[i + 1] = g_chunk_at[i] + be64(g_rec.bytes + g_chunk_at[i] + 8);
    ck_assert_uint_eq(g_chunk_at[N_CHUNKS], g_rec.len_bytes);
}

static void teardown(void)
{
    jfr_sink_mem_fini(&g_rec);
}

static uint8_t *read_file(const char *path, size_t *len)
{
    FILE *f = fopen(path, "rb");
    ck_assert_msg(f != NULL, "%s", path);
    fseek(f, 0, SEEK_END);
    *len = (size_t)ftell(f);
    rewind(f);
    uint8_t *bytes = malloc(*len + 1);
    ck_assert_uint_eq(fread(bytes, 1, *len, f), *len);
    fclose(f);
    return bytes;
}

/* --- sound ones ---------------------------------------------------------------------------------
 */

START_TEST(a_sound_recording_stays_as_it_is)
{
    struct repaired *r = repair(g_rec.bytes, g_rec.len_bytes);
    ck_assert_int_eq(r->rc, 0);
    ck_assert_uint_eq(r->mem.len_bytes, g_rec.len_bytes);
    ck_assert_mem_eq(r->mem.bytes, g_rec.bytes, g_rec.len_bytes);
    ck_assert_uint_eq(r->sum.n_chunks_kept, N_CHUNKS);
    ck_assert_uint_eq(r->sum.n_chunks_mended, 0);
    ck_assert_uint_eq(r->sum.bytes_kept, g_rec.len_bytes);
    ck_assert_uint_eq(r->sum.n_events, N_EVENTS);
    repaired_free(r);
}
END_TEST

static const char *const g_jdk_files[] = {TESTDATA "/jdk17.jfr", TESTDATA "/jdk25.jfr"};

START_TEST(a_sound_recording_of_the_jdk_stays_as_it_is)
{
    size_t len;
    uint8_t *bytes = read_file(g_jdk_files[_i], &len);
    struct repaired *r = calloc(1, sizeof *r);
    jfr_sink_mem_init(&r->mem, LIMIT);
    ck_assert_int_eq(jfr_repair(bytes, len, &r->mem.base, report, r, &r->sum, &r->err), 0);
    ck_assert_uint_eq(r->sum.n_chunks_mended, 0);
    ck_assert_uint_eq(r->sum.n_chunks_lost, 0);
    ck_assert_uint_eq(r->mem.len_bytes, len);
    for (size_t i = 0; i < len; i++)
        if (r->mem.bytes[i] != bytes[i])
            ck_assert_uint_eq(r->mem.bytes[i], bytes[i] | 2); /* the last chunk's flag */
    ck_assert_uint_gt(r->sum.n_events, 100);
    repaired_free(r);
    free(bytes);
}
END_TEST

/* --- cut short and changed -----------------------------------------------------------------------
 */

START_TEST(every_prefix_gives_what_is_whole_in_it)
{
    enum { STEP = 17 };
    uint64_t n_before = 0;
    for (size_t len = 0; len <= g_rec.len_bytes; len += STEP) {
        struct repaired *r = repair(g_rec.bytes, len);
        ck_assert_uint_ge(r->sum.n_events, n_before); /* never less than of a shorter prefix */
        n_before = r->sum.n_events;
        if (len >= g_chunk_at[2])
            ck_assert_uint_ge(r->sum.n_events, 2 * N_FLUSHES * PER_FLUSH);
        repaired_free(r);
    }
    ck_assert_uint_gt(n_before, 2 * N_FLUSHES * PER_FLUSH);
}
END_TEST

static bool is_in_metadata(size_t at)
{
    for (int i = 0; i < N_CHUNKS; i++) {
        uint64_t from = g_chunk_at[i] + be64(g_rec.bytes + g_chunk_at[i] + 24);
        struct jfr_in in;
        jfr_in_init(&in, g_rec.bytes + from, 9);
        if (at >= from && at < from + jfr_in_leb(&in))
            return true;
    }
    return false;
}

START_TEST(a_changed_byte_costs_one_chunk_at_most)
{
    enum { STEP = 17 };
    static const uint8_t changes[] = {0x01, 0x80, 0xff, 0x10};
    for (size_t at = (size_t)_i; at < g_rec.len_bytes; at += STEP) {
        uint8_t old = g_rec.bytes[at];
        bool is_metadata = is_in_metadata(at);
        g_rec.bytes[at] ^= changes[at / STEP % sizeof changes];
        struct repaired *r = repair_any(g_rec.bytes, g_rec.len_bytes, is_metadata);
        ck_assert_msg(r->rc == 0, "byte %zu: %s", at, r->err.text);
        ck_assert_uint_ge(r->sum.n_events, (N_CHUNKS - 1) * N_FLUSHES * PER_FLUSH);
        g_rec.bytes[at] = old;
        repaired_free(r);
    }
}
END_TEST

/* --- what recorders leave behind when they are killed -------------------------------------------
 */

START_TEST(a_chunk_that_was_never_finished_is_kept_up_to_its_last_event)
{
    static const uint64_t sizes[] = {0, 68, 1ull << 40, 5000};
    uint8_t *last = g_rec.bytes + g_chunk_at[N_CHUNKS - 1];
    put_be64(last + 8, sizes[_i]);
    put_be64(last + 40, 0); /* duration */
    last[64] = 1;
    struct repaired *r = repair(g_rec.bytes, g_rec.len_bytes);
    ck_assert_int_eq(r->rc, 0);
    ck_assert_uint_eq(r->sum.n_events, N_EVENTS);
    ck_assert_uint_eq(r->sum.n_chunks_mended, 1);
    ck_assert_ptr_null(r->chunks[0].wrong);
    ck_assert_ptr_nonnull(r->chunks[N_CHUNKS - 1].wrong);
    ck_assert_uint_eq(r->strict.flags, 3);
    /* Its duration goes to its last event, which is as old in every chunk of this recording. */
    ck_assert_uint_lt(r->strict.duration_ns, SECOND);
    repaired_free(r);
}
END_TEST

START_TEST(bytes_behind_the_last_flush_are_dropped)
{
    size_t size = (size_t)g_chunk_at[1], len = size + 10000;
    uint8_t *bytes = malloc(len);
    memcpy(bytes, g_rec.bytes, len); /* then comes what is no chunk */
    memset(bytes + size, 0x25, len - size);
    bytes[64] = 9;
    struct repaired *r = repair(bytes, len);
    ck_assert_int_eq(r->rc, 0);
    ck_assert_uint_eq(r->mem.len_bytes, size);
    ck_assert_uint_eq(r->mem.bytes[64], 0);
    ck_assert_str_eq(r->chunks[0].wrong, "bytes behind its end");
    ck_assert_uint_eq(r->chunks[1].bytes_in, 10000);
    ck_assert_uint_eq(r->chunks[1].bytes_kept, 0);
    repaired_free(r);
    free(bytes);
}
END_TEST

START_TEST(a_damaged_chunk_costs_no_other)
{
    /* No metadata event any more. */
    memset(g_rec.bytes + g_chunk_at[1] + 68, 0x7e, 200);
    struct repaired *r = repair(g_rec.bytes, g_rec.len_bytes);
    ck_assert_int_eq(r->rc, 0);
    ck_assert_uint_eq(r->sum.n_chunks_kept, 2);
    ck_assert_uint_eq(r->sum.n_events, 2 * N_FLUSHES * PER_FLUSH);
    ck_assert_uint_eq(r->chunks[1].bytes_kept, 0);
    ck_assert_str_eq(r->chunks[1].wrong, "it has no metadata that can be read");
    repaired_free(r);
}
END_TEST

START_TEST(a_broken_chain_of_checkpoints_is_joined_again)
{
    put_be64(g_rec.bytes + 16, 12345);
    struct repaired *r = repair(g_rec.bytes, g_rec.len_bytes);
    ck_assert_int_eq(r->rc, 0);
    ck_assert_uint_eq(r->sum.n_events, N_EVENTS);
    ck_assert_uint_eq(r->strict.n_dangling, 0);
    ck_assert_str_eq(r->chunks[0].wrong, "its chain of checkpoints is broken");
    repaired_free(r);
}
END_TEST

START_TEST(a_spoilt_stretch_costs_only_its_events)
{
    /* In the middle of the samples of the first chunk's last flush, which the checkpoint follows.
     */
    uint64_t at = be64(g_rec.bytes + 16) - PER_FLUSH / 2 * 9;
    memset(g_rec.bytes + at, 0xff, 8);
    struct repaired *r = repair(g_rec.bytes, g_rec.len_bytes);
    ck_assert_int_eq(r->rc, 0);
    ck_assert_uint_eq(r->sum.n_chunks_kept, N_CHUNKS);
    ck_assert_uint_eq(r->chunks[0].n_spoilt, 1);
    ck_assert_uint_ge(r->sum.n_events, N_EVENTS - PER_FLUSH);
    ck_assert_uint_lt(r->sum.n_events, N_EVENTS);
    ck_assert_uint_eq(r->strict.n_dangling, 0);
    repaired_free(r);
}
END_TEST

/* --- kills of our own writer ---------------------------------------------------------------------
 */

static void repair_now(struct flaky_sink *sink, void *arg)
{
    uint64_t *n_events = arg;
    struct repaired *r = repair(sink->mem.bytes, sink->mem.len_bytes);
    ck_assert_msg(r->rc == 0, "operation %d: %s", sink->n_ops, r->err.text);
    uint64_t n = r->strict.n_events - r->strict.n_edges;
    ck_assert_uint_ge(n, *n_events);
    ck_assert_uint_eq(r->strict.n_dangling, 0);
    *n_events = n;
    repaired_free(r);
}

START_TEST(whatever_a_kill_leaves_of_ours_is_kept)
{
    struct flaky_sink sink;
    uint64_t n_events = 0;
    flaky_sink_init(&sink, FLAKY_NEVER, 0);
    sink.after_op = repair_now;
    sink.arg = &n_events;
    write_recording(&sink.base, JFR_PLAIN);
    ck_assert_uint_eq(n_events, N_EVENTS);
    flaky_sink_fini(&sink);
}
END_TEST

/* --- nothing to save, and files ------------------------------------------------------------------
 */

START_TEST(what_is_no_recording_gives_an_error_and_no_file)
{
    static const char *const texts[] = {"", "FLR", "hello, world", "FLR\0\0\2\0\1"};
    char zeros[4096] = {0};
    memcpy(zeros, texts[_i], strlen(texts[_i]));
    struct repaired *r = repair((const uint8_t *)zeros, _i == 0 ? 0 : sizeof zeros);
    ck_assert_int_eq(r->rc, -EBADMSG);
    ck_assert_uint_eq(r->sum.n_chunks_kept, 0);
    repaired_free(r);
}
END_TEST

START_TEST(a_failing_output_is_an_error)
{
    for (int op = 0; op < 4; op++) {
        struct flaky_sink sink;
        struct jfr_err err = {0};
        flaky_sink_init(&sink, FLAKY_ONCE, op);
        g_rec.bytes[64] = 1;
        ck_assert_int_eq(
            jfr_repair(g_rec.bytes, g_rec.len_bytes, &sink.base, NULL, NULL, NULL, &err), -EIO);
        ck_assert(sink.is_closed && sink.is_discarded);
        ck_assert_str_ne(err.text, "");
        flaky_sink_fini(&sink);
    }
}
END_TEST

static void put_file(const char *path, const struct jfr_sink_mem *mem, size_t len)
{
    FILE *f = fopen(path, "wb");
    ck_assert_ptr_nonnull(f);
    ck_assert_uint_eq(fwrite(mem->bytes, 1, len, f), len);
    fclose(f);
}

START_TEST(a_compressed_file_is_unpacked_and_repaired)
{
    const char *tmp = getenv("TMPDIR");
    char dir[500], in[600], out[600];
    struct jfr_sink_mem lz4;
    struct jfr_repair_summary sum;
    struct jfr_err err = {0};
    snprintf(dir, sizeof dir, "%s/check_repair.XXXXXX", tmp ? tmp : P_tmpdir);
    ck_assert_ptr_nonnull(mkdtemp(dir));
    snprintf(in, sizeof in, "%s/in.jfr.lz4", dir);
    snprintf(out, sizeof out, "%s/out.jfr", dir);
    jfr_sink_mem_init(&lz4, LIMIT);
    write_recording(&lz4.base, JFR_LZ4);
    put_file(in, &lz4, lz4.len_bytes);
    ck_assert_msg(jfr_repair_file(in, out, NULL, NULL, &sum, &err) == 0, "%s", err.text);
    ck_assert_uint_eq(sum.n_events, N_EVENTS);
    ck_assert_uint_eq(sum.n_chunks_mended, 0);
    put_file(in, &lz4, lz4.len_bytes - 100);
    ck_assert_msg(jfr_repair_file(in, out, NULL, NULL, &sum, &err) == 0, "%s", err.text);
    ck_assert_uint_ge(sum.n_events, 2 * N_FLUSHES * PER_FLUSH);
    ck_assert_int_eq(jfr_repair_file(in, in, NULL, NULL, &sum, &err), -EINVAL);
    unlink(out);
    put_file(in, &lz4, 0);
    ck_assert_int_eq(jfr_repair_file(in, out, NULL, NULL, &sum, &err), -EBADMSG);
    put_file(in, &lz4, 60);
    ck_assert_int_lt(jfr_repair_file(in, out, NULL, NULL, &sum, &err), 0);
    ck_assert_int_ne(access(out, F_OK), 0);
    ck_assert_int_eq(jfr_repair_file(out, in, NULL, NULL, &sum, &err), -ENOENT);
    unlink(in);
    ck_assert_int_eq(rmdir(dir), 0);
    jfr_sink_mem_fini(&lz4);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("repair");
    TCase *tc = tcase_create("repair");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_set_timeout(tc, 120);
    tcase_add_test(tc, a_sound_recording_stays_as_it_is);
    tcase_add_loop_test(tc, a_sound_recording_of_the_jdk_stays_as_it_is, 0, 2);
    tcase_add_test(tc, every_prefix_gives_what_is_whole_in_it);
    tcase_add_loop_test(tc, a_changed_byte_costs_one_chunk_at_most, 0, 4);
    tcase_add_loop_test(tc, a_chunk_that_was_never_finished_is_kept_up_to_its_last_event, 0, 4);
    tcase_add_test(tc, bytes_behind_the_last_flush_are_dropped);
    tcase_add_test(tc, a_damaged_chunk_costs_no_other);
    tcase_add_test(tc, a_broken_chain_of_checkpoints_is_joined_again);
    tcase_add_test(tc, a_spoilt_stretch_costs_only_its_events);
    tcase_add_test(tc, whatever_a_kill_leaves_of_ours_is_kept);
    tcase_add_loop_test(tc, what_is_no_recording_gives_an_error_and_no_file, 0, 4);
    tcase_add_test(tc, a_failing_output_is_an_error);
    tcase_add_test(tc, a_compressed_file_is_unpacked_and_repaired);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
