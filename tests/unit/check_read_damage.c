/* check_read_damage.c — the reader (jfr/read.h) on files that are no recordings, unfinished ones
 * and damaged ones: what can be read is read, the rest is told, and nothing crashes or hangs. */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "jfr/read.h"
#include "support/handmade.h"
#include "support/read_all.h"

static struct handmade g_h;
static struct jfr_file *g_file;
static struct jfr_chunk *g_chunk;
static struct jfr_chunk_header g_header;
static struct jfr_err g_err;

static void setup(void)
{
    handmade_init(&g_h);
    g_file = NULL;
    g_chunk = NULL;
    g_err = (struct jfr_err){0};
}

static void teardown(void)
{
    jfr_chunk_close(g_chunk);
    jfr_file_close(g_file);
    handmade_fini(&g_h);
}

static int wrap(void)
{
    return jfr_file_wrap(&g_file, g_h.bytes, handmade_len(&g_h), &g_err);
}

static int open_first(void)
{
    ck_assert_msg(wrap() == 0, "%s", g_err.text);
    ck_assert_msg(jfr_file_next(g_file, &g_header, &g_err) == 1, "%s", g_err.text);
    return jfr_chunk_open(&g_chunk, g_file, &g_header, &g_err);
}

/* --- files --------------------------------------------------------------------------------------
 */

static const struct {
    const char *bytes;
    size_t n;
    int rc;
    const char *text; /* part of the message */
} g_no_recordings[] = {
    {"", 0, -EPROTO, "empty"},
    {"FL", 2, -EPROTO, "cut short"},
    {"hello, world", 12, -EPROTO, "not a JFR recording"},
    {"\x1f\x8b\x08\x00", 4, -ENOTSUP, "gzip"},
    {"\x04\x22\x4d\x18\x60", 5, -EBADMSG, "LZ4"},
    {"PK\x03\x04", 4, -ENOTSUP, "zip"},
    {"\x28\xb5\x2f\xfd", 4, -ENOTSUP, "zstd"},
};
enum { N_NO_RECORDINGS = sizeof g_no_recordings / sizeof g_no_recordings[0] };

START_TEST(a_file_that_is_no_recording_is_refused_by_what_it_is)
{
    jfr_out_bytes(&g_h.out, g_no_recordings[_i].bytes, g_no_recordings[_i].n);
    ck_assert_int_eq(wrap(), g_no_recordings[_i].rc);
    ck_assert_msg(strstr(g_err.text, g_no_recordings[_i].text) != NULL, "%s", g_err.text);
}
END_TEST

START_TEST(a_path_that_cannot_be_opened_is_told)
{
    ck_assert_int_eq(jfr_file_open(&g_file, TESTDATA "/no-such-file.jfr", &g_err), -ENOENT);
    ck_assert(strstr(g_err.text, "No such file") != NULL);
    ck_assert_int_eq(jfr_file_open(&g_file, TESTDATA, &g_err), -EINVAL);
    ck_assert(strstr(g_err.text, "not a regular file") != NULL);
}
END_TEST

START_TEST(chunks_before_garbage_are_kept_and_the_loss_is_told)
{
    handmade_profile(&g_h);
    handmade_profile(&g_h);
    size_t good = handmade_len(&g_h);
    for (int i = 0; i < 100; i++)
        jfr_out_u8(&g_h.out, 'x');
    ck_assert_int_eq(wrap(), 0);
    ck_assert_int_eq(jfr_file_next(g_file, &g_header, &g_err), 1);
    ck_assert_int_eq(jfr_file_next(g_file, &g_header, &g_err), 1);
    ck_assert_uint_eq(g_header.file_offset, good / 2);
    ck_assert_int_eq(jfr_file_next(g_file, &g_header, &g_err), -EBADMSG);
    ck_assert_msg(strstr(g_err.text, "the last 100 bytes are lost") != NULL, "%s", g_err.text);
    ck_assert_int_eq(jfr_file_next(g_file, &g_header, &g_err), 0);
}
END_TEST

/* Offsets of fields in the chunk header. */
enum {
    AT_VERSION = 5,
    AT_SIZE = 8,
    AT_CHECKPOINT = 16,
    AT_METADATA = 24,
    AT_TICKS = 56,
    AT_STATE = 64
};

static void header_set(size_t at, uint64_t v)
{
    struct jfr_out out;
    jfr_out_init(&out, g_h.bytes + at, 8);
    jfr_out_be64(&out, v);
}

START_TEST(bytes_behind_the_last_flush_of_an_unfinished_chunk_are_no_damage)
{
    handmade_profile(&g_h);
    g_h.bytes[AT_STATE] = 9;
    jfr_out_bytes(&g_h.out, "not flushed yet", 15);
    ck_assert_int_eq(open_first(), 0);
    ck_assert_int_eq(g_header.state, 9);
    ck_assert_int_eq(jfr_file_next(g_file, &g_header, &g_err), 0);
}
END_TEST

START_TEST(a_chunk_whose_header_was_being_updated_is_read)
{
    handmade_profile(&g_h);
    g_h.bytes[AT_STATE] = 255;
    ck_assert_uint_eq(read_all(g_h.bytes, handmade_len(&g_h)).selected, 8);
}
END_TEST

START_TEST(a_chunk_that_was_opened_and_never_flushed_says_so)
{
    handmade_chunk_begin(&g_h);
    handmade_chunk_end(&g_h, 0, 0);
    g_h.bytes[AT_STATE] = 1;
    ck_assert_int_eq(open_first(), -EBADMSG);
    ck_assert_msg(strstr(g_err.text, "never flushed") != NULL, "%s", g_err.text);
}
END_TEST

START_TEST(a_chunk_without_size_and_offsets_is_salvaged)
{
    handmade_profile(&g_h);
    header_set(AT_SIZE, 0);
    header_set(AT_CHECKPOINT, 0);
    header_set(AT_METADATA, 0);
    ck_assert_int_eq(open_first(), 0);
    ck_assert_uint_eq(g_header.available, handmade_len(&g_h));
    ck_assert_uint_eq(jfr_pool_count(jfr_chunk_pool(g_chunk, "jdk.types.StackTrace")), 5);
    ck_assert_ptr_ne(jfr_chunk_damage(g_chunk), NULL);
}
END_TEST

START_TEST(a_broken_chain_of_checkpoints_gives_all_that_are_found)
{
    static const uint64_t wrong[] = {3, 68, 1000000, UINT64_MAX};
    handmade_profile(&g_h);
    header_set(AT_CHECKPOINT, wrong[_i]);
    ck_assert_int_eq(open_first(), 0);
    ck_assert(strstr(jfr_chunk_damage(g_chunk), "chain") != NULL);
    ck_assert_uint_eq(jfr_pool_count(jfr_chunk_pool(g_chunk, "jdk.types.StackTrace")), 5);
    ck_assert_uint_eq(jfr_pool_count(jfr_chunk_pool(g_chunk, "jdk.types.Symbol")), 7);
}
END_TEST

START_TEST(a_chain_that_turns_back_ends)
{
    handmade_chunk_begin(&g_h);
    size_t metadata = handmade_metadata(&g_h, "class 20 java.lang.String\n");
    size_t at = handmade_checkpoint_begin(&g_h, 30, 0); /* leads forward */
    handmade_event_end(&g_h);
    handmade_checkpoint_begin(&g_h, -30, 0);
    handmade_event_end(&g_h);
    handmade_chunk_end(&g_h, at, metadata);
    ck_assert_int_eq(open_first(), 0);
    ck_assert(strstr(jfr_chunk_damage(g_chunk), "chain") != NULL);
}
END_TEST

START_TEST(versions_other_than_2_are_refused)
{
    handmade_profile(&g_h);
    g_h.bytes[AT_VERSION] = 1;
    ck_assert_int_eq(wrap(), 0);
    ck_assert_int_eq(jfr_file_next(g_file, &g_header, &g_err), -EBADMSG);
    ck_assert(strstr(g_err.text, "version") != NULL);
}
END_TEST

START_TEST(no_ticks_per_second_is_no_division_by_zero)
{
    handmade_profile(&g_h);
    header_set(AT_TICKS, 0);
    ck_assert_int_eq(open_first(), 0);
    ck_assert_int_eq(jfr_chunk_time_ns(g_chunk, 6000), 1000001000);
}
END_TEST

START_TEST(an_event_of_size_zero_ends_the_chunk_with_an_error)
{
    struct jfr_events it;
    struct jfr_event event;
    handmade_profile(&g_h);
    size_t at = handmade_at(&g_h);
    jfr_out_bytes(&g_h.out, "\0\0\0\0", 4);
    header_set(AT_SIZE, handmade_len(&g_h));
    ck_assert_int_eq(open_first(), 0);
    jfr_events_init(&it, g_chunk);
    ck_assert(!jfr_events_next(&it, &event));
    ck_assert_ptr_ne(it.error, NULL);
    ck_assert_uint_eq(it.error_at, at);
    ck_assert_uint_eq(it.n_events, 8);
}
END_TEST

/* --- metadata that lies
 * ------------------------------------------------------------------------------- */

static const struct {
    const char *types;
    int select_rc; /* of test.Event.last */
} g_lies[] = {
    {"class 100 test.Event event\nfield self 30\nfield last 10\n"
     "class 30 test.Self\nfield self 30\n",
     -EBADMSG},                                                               /* contains itself */
    {"class 100 test.Event event\nfield what 99\nfield last 10\n", -EBADMSG}, /* undeclared */
    {"class 100 test.Event event\nfield what 99 array\nfield last 10\n", -EBADMSG},
    {"class 100 test.Event event\nfield a 30\nfield last 10\n" /* 10^7 empty leaves */
     "class 30 A\nfield a 31\nfield b 31\nfield c 31\nfield d 31\nfield e 31\nfield f 31\nfield g "
     "31\n"
     "class 31 B\nfield a 32\nfield b 32\nfield c 32\nfield d 32\nfield e 32\nfield f 32\nfield g "
     "32\n"
     "class 32 C\nfield a 33\nfield b 33\nfield c 33\nfield d 33\nfield e 33\nfield f 33\nfield g "
     "33\n"
     "class 33 D\nfield a 34\nfield b 34\nfield c 34\nfield d 34\nfield e 34\nfield f 34\nfield g "
     "34\n"
     "class 34 E\nfield a 35\nfield b 35\nfield c 35\nfield d 35\nfield e 35\nfield f 35\nfield g "
     "35\n"
     "class 35 F\nfield a 36\nfield b 36\nfield c 36\nfield d 36\nfield e 36\nfield f 36\nfield g "
     "36\n"
     "class 36 G\n",
     -EBADMSG},
    {"class 100 test.Event event\nfield many 30 array\nfield last 10\nclass 30 test.Empty\n", 0},
    {"class 100 test.Event event\nfield many 30 array\nfield last 10\n"
     "class 30 test.Deep\nfield deeper 30 array\n",
     0}, /* an array of arrays of arrays ... */
    {"class 100 test.Event event\nfield many 99 pool\nfield last 10\n", 0}, /* ids need no type */
};
enum { N_LIES = sizeof g_lies / sizeof g_lies[0] };

START_TEST(types_that_cannot_be_decoded_are_refused_and_the_others_read)
{
    const char *fields[] = {"last"};
    char types[4096];
    struct jfr_events it;
    struct jfr_event event;
    handmade_chunk_begin(&g_h);
    snprintf(types, sizeof types, "class 10 int\n%s", g_lies[_i].types);
    size_t metadata = handmade_metadata(&g_h, types);
    handmade_event_begin(&g_h, 100);
    for (int i = 0; i < 64; i++)
        handmade_leb(&g_h, 1);
    handmade_event_end(&g_h);
    handmade_chunk_end(&g_h, 0, metadata);
    ck_assert_msg(open_first() == 0, "%s", g_err.text);
    ck_assert_int_eq(jfr_chunk_select(g_chunk, "test.Event", fields, 1, 0), g_lies[_i].select_rc);
    jfr_events_init(&it, g_chunk);
    it.all = true;
    bool is_given = jfr_events_next(&it, &event);
    ck_assert_int_eq(is_given + (int)it.n_bad, 1);
    ck_assert_pstr_eq(it.error, NULL);
}
END_TEST

START_TEST(frames_without_bytes_are_no_endless_stack)
{
    struct jfr_stack stack = {0};
    handmade_chunk_begin(&g_h);
    size_t metadata = handmade_metadata(&g_h, "class 4 boolean\nclass 29 jdk.types.StackFrame\n"
                                              "class 30 jdk.types.StackTrace\nfield truncated 4\n"
                                              "field frames 29 array\n");
    size_t checkpoint = handmade_checkpoint_begin(&g_h, 0, 1);
    handmade_pool(&g_h, 30, 1);
    handmade_leb(&g_h, 1);
    jfr_out_u8(&g_h.out, 0);
    handmade_leb(&g_h, UINT64_MAX);
    handmade_event_end(&g_h);
    handmade_chunk_end(&g_h, checkpoint, metadata);
    ck_assert_int_eq(open_first(), 0);
    ck_assert_int_eq(jfr_stack_read(g_chunk, 1, &stack), -EBADMSG);
    ck_assert_uint_eq(stack.n_frames, 0);
    jfr_stack_fini(&stack);
}
END_TEST

/* --- sweeps
 * -------------------------------------------------------------------------------------------- */

/* A copy of exactly n bytes, so that the sanitizer sees every read behind them. */
static struct read_all read_copy(size_t n)
{
    uint8_t *copy = malloc(n ? n : 1);
    ck_assert_ptr_nonnull(copy);
    memcpy(copy, g_h.bytes, n);
    struct read_all r = read_all(copy, n);
    free(copy);
    return r;
}

START_TEST(a_recording_cut_at_any_byte_gives_no_more_than_the_whole)
{
    handmade_profile(&g_h);
    size_t n = handmade_len(&g_h);
    struct read_all whole = read_copy(n);
    ck_assert_uint_eq(whole.damaged, 0);
    ck_assert_uint_eq(whole.events, 8);
    ck_assert_uint_eq(whole.frames, 9);
    uint64_t events_before = 0;
    for (size_t cut = 0; cut < n; cut++) {
        struct read_all r = read_copy(cut);
        ck_assert_uint_le(r.events, whole.events);
        ck_assert_uint_le(r.frames, whole.frames);
        ck_assert_uint_ge(r.events, events_before); /* whole events in front of the cut stay */
        events_before = r.events;
    }
    ck_assert_uint_eq(events_before, whole.events);
}
END_TEST

START_TEST(any_single_wrong_byte_neither_crashes_nor_hangs)
{
    static const uint8_t flips[] = {0xff, 0x80, 0x01, 0x7f};
    uint64_t n_whole = 0, n_other = 0;
    handmade_profile(&g_h);
    struct read_all whole = read_copy(handmade_len(&g_h));
    for (size_t at = 0; at < handmade_len(&g_h); at++)
        for (size_t k = 0; k < sizeof flips; k++) {
            g_h.bytes[at] ^= flips[k];
            struct read_all r = read_copy(handmade_len(&g_h));
            g_h.bytes[at] ^= flips[k];
            if (memcmp(&r, &whole, sizeof r) == 0)
                n_whole++;
            else
                n_other++;
        }
    ck_assert_uint_gt(n_whole, 0); /* ids and names may change without a trace */
    ck_assert_uint_gt(n_other, 0);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("read_damage");
    TCase *t = tcase_create("read_damage");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_set_timeout(t, 120);
    tcase_add_loop_test(t, a_file_that_is_no_recording_is_refused_by_what_it_is, 0,
                        N_NO_RECORDINGS);
    tcase_add_test(t, a_path_that_cannot_be_opened_is_told);
    tcase_add_test(t, chunks_before_garbage_are_kept_and_the_loss_is_told);
    tcase_add_test(t, bytes_behind_the_last_flush_of_an_unfinished_chunk_are_no_damage);
    tcase_add_test(t, a_chunk_whose_header_was_being_updated_is_read);
    tcase_add_test(t, a_chunk_that_was_opened_and_never_flushed_says_so);
    tcase_add_test(t, a_chunk_without_size_and_offsets_is_salvaged);
    tcase_add_loop_test(t, a_broken_chain_of_checkpoints_gives_all_that_are_found, 0, 4);
    tcase_add_test(t, a_chain_that_turns_back_ends);
    tcase_add_test(t, versions_other_than_2_are_refused);
    tcase_add_test(t, no_ticks_per_second_is_no_division_by_zero);
    tcase_add_test(t, an_event_of_size_zero_ends_the_chunk_with_an_error);
    tcase_add_loop_test(t, types_that_cannot_be_decoded_are_refused_and_the_others_read, 0, N_LIES);
    tcase_add_test(t, frames_without_bytes_are_no_endless_stack);
    tcase_add_test(t, a_recording_cut_at_any_byte_gives_no_more_than_the_whole);
    tcase_add_test(t, any_single_wrong_byte_neither_crashes_nor_hangs);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int n_failed = srunner_ntests_failed(r);
    srunner_free(r);
    return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
