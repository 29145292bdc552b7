/* check_wire.c — the primitive encodings, both ways (jfr/wire.h). */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "jfr/wire.h"

static uint8_t g_buf[4096];

static struct jfr_out writer(size_t cap)
{
    struct jfr_out out;
    memset(g_buf, 0xee, sizeof g_buf);
    jfr_out_init(&out, g_buf, cap);
    return out;
}

static struct jfr_in reader(size_t len)
{
    struct jfr_in in;
    jfr_in_init(&in, g_buf, len);
    return in;
}

static const struct {
    uint64_t value;
    uint8_t bytes[9];
    size_t n;
} g_lebs[] = {
    {0, {0}, 1},
    {127, {0x7f}, 1},
    {128, {0x80, 1}, 2},
    {5001000, {0xa8, 0x9e, 0xb1, 2}, 4}, /* the sample's time in FORMAT.md §11 */
    {0xffffffff, {0xff, 0xff, 0xff, 0xff, 0x0f}, 5},
    {(1ull << 56) - 1, {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f}, 8},
    {1ull << 56, {0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1}, 9},
    {UINT64_MAX, {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, 9},
};
enum { N_LEBS = sizeof g_lebs / sizeof g_lebs[0] };

START_TEST(leb_has_the_bytes_of_the_format_and_reads_back)
{
    struct jfr_out out = writer(sizeof g_buf);
    jfr_out_leb(&out, g_lebs[_i].value);
    ck_assert_uint_eq(jfr_out_len(&out), g_lebs[_i].n);
    ck_assert_mem_eq(g_buf, g_lebs[_i].bytes, g_lebs[_i].n);
    struct jfr_in in = reader(jfr_out_len(&out));
    ck_assert_uint_eq(jfr_in_leb(&in), g_lebs[_i].value);
    ck_assert(jfr_in_ok(&in));
    ck_assert_uint_eq(jfr_in_left(&in), 0);
}
END_TEST

START_TEST(leb_reads_every_power_of_two_and_its_neighbours)
{
    for (int bit = 0; bit < 64; bit++)
        for (int d = -1; d <= 1; d++) {
            uint64_t v = (1ull << bit) + (uint64_t)(int64_t)d;
            struct jfr_out out = writer(sizeof g_buf);
            jfr_out_leb(&out, v);
            struct jfr_in in = reader(jfr_out_len(&out));
            ck_assert_uint_eq(jfr_in_leb(&in), v);
        }
}
END_TEST

START_TEST(negative_int_is_zero_extended_and_negative_long_takes_nine_bytes)
{
    static const uint8_t minus_one[] = {0xff, 0xff, 0xff, 0xff, 0x0f};
    struct jfr_out out = writer(sizeof g_buf);
    jfr_out_int(&out, -1);
    ck_assert_uint_eq(jfr_out_len(&out), 5);
    ck_assert_mem_eq(g_buf, minus_one, 5);
    out = writer(sizeof g_buf);
    jfr_out_leb(&out, (uint64_t)-2);
    ck_assert_uint_eq(jfr_out_len(&out), 9);
}
END_TEST

START_TEST(fixed_width_numbers_are_big_endian_and_read_back)
{
    static const uint8_t expected[] = {1,  2,    3,    4, 5, 6,    7,    8, 9, 10, 11, 12, 13,
                                       14, 0xbf, 0x80, 0, 0, 0x3f, 0xe0, 0, 0, 0,  0,  0,  0};
    struct jfr_out out = writer(sizeof g_buf);
    jfr_out_be16(&out, 0x0102);
    jfr_out_be32(&out, 0x03040506);
    jfr_out_be64(&out, 0x0708090a0b0c0d0eull);
    jfr_out_float(&out, -1.0f);
    jfr_out_double(&out, 0.5);
    ck_assert_uint_eq(jfr_out_len(&out), sizeof expected);
    ck_assert_mem_eq(g_buf, expected, sizeof expected);
    struct jfr_in in = reader(sizeof expected);
    ck_assert_uint_eq(jfr_in_be16(&in), 0x0102);
    ck_assert_uint_eq(jfr_in_be32(&in), 0x03040506);
    ck_assert_uint_eq(jfr_in_be64(&in), 0x0708090a0b0c0d0eull);
    ck_assert_double_eq(jfr_in_float(&in), -1.0);
    ck_assert_double_eq(jfr_in_double(&in), 0.5);
}
END_TEST

START_TEST(strings_are_null_or_utf8_and_an_empty_one_has_length_zero)
{
    struct jfr_out out = writer(sizeof g_buf);
    jfr_out_string(&out, NULL);
    jfr_out_string(&out, "");
    jfr_out_string(&out, "main");
    jfr_out_string_n(&out, "Hello", 2);
    ck_assert_mem_eq(g_buf, "\x00\x03\x00\x03\x04main\x03\x02He", 13);
    ck_assert_uint_eq(jfr_out_len(&out), 13);
    struct jfr_in in = reader(13);
    ck_assert_int_eq(jfr_in_string(&in).encoding, JFR_STRING_NULL);
    ck_assert_uint_eq(jfr_in_string(&in).n_bytes, 0);
    struct jfr_str s = jfr_in_string(&in);
    ck_assert_uint_eq(s.n_bytes, 4);
    ck_assert_mem_eq(s.bytes, "main", 4);
    ck_assert_uint_eq(jfr_in_string(&in).n_bytes, 2);
    ck_assert(jfr_in_ok(&in));
}
END_TEST

static const struct {
    const char *bytes;
    size_t n;
    const char *utf8;
} g_strings[] = {
    {"\x01", 1, ""},
    {"\x05\x03\xe9t\xe9", 5, "\xc3\xa9t\xc3\xa9"},                /* Latin-1 */
    {"\x04\x03\x41\xac\x41\xe9\x01", 7, "A\xe2\x82\xac\xc3\xa9"}, /* UTF-16: A, euro, e-acute */
    {"\x04\x02\xbd\xb0\x03\x80\xbc\x03", 8, "\xf0\x9f\x98\x80"},  /* a surrogate pair */
    {"\x04\x02\xbd\xb0\x03\x41", 6,
     "\xef\xbf\xbd"
     "A"},                                       /* half a pair */
    {"\x04\x01\x80\xbc\x03", 5, "\xef\xbf\xbd"}, /* the other half */
    {"\x02\x07", 2, ""},                         /* a pool id: not ours to look up */
};
enum { N_STRINGS = sizeof g_strings / sizeof g_strings[0] };

START_TEST(strings_of_other_writers_decode_to_utf8)
{
    char text[32];
    struct jfr_in in;
    jfr_in_init(&in, g_strings[_i].bytes, g_strings[_i].n);
    struct jfr_str s = jfr_in_string(&in);
    ck_assert_msg(jfr_in_ok(&in), "%s", in.error);
    ck_assert_uint_eq(jfr_in_left(&in), 0);
    size_t n = jfr_str_to_utf8(&s, text, sizeof text);
    ck_assert_str_eq(text, g_strings[_i].utf8);
    ck_assert_uint_eq(n, strlen(g_strings[_i].utf8));
    memset(text, 'x', sizeof text);
    ck_assert_uint_eq(jfr_str_to_utf8(&s, text, 2), n);
    ck_assert_msg(strlen(text) <= 1, "writes beyond a small buffer");
    ck_assert_uint_eq(jfr_str_to_utf8(&s, NULL, 0), n);
}
END_TEST

START_TEST(a_short_event_has_one_size_byte_and_a_long_one_four)
{
    char text[300] = {0};
    for (size_t n = 0; n < sizeof text; n++) {
        struct jfr_out out = writer(sizeof g_buf);
        struct jfr_event_mark mark = jfr_event_begin(&out, 64);
        jfr_out_bytes(&out, text, n);
        ck_assert(jfr_event_end(&out, mark));
        size_t body = 1 + n; /* the type takes one byte */
        size_t expected = body + 1 < 128 ? body + 1 : body + 4;
        ck_assert_uint_eq(jfr_out_len(&out), expected);
        struct jfr_in in = reader(jfr_out_len(&out));
        ck_assert_uint_eq(jfr_in_leb(&in), expected);
        ck_assert_uint_eq(jfr_in_leb(&in), 64);
        ck_assert_uint_eq(jfr_in_left(&in), n);
    }
}
END_TEST

START_TEST(an_event_size_always_takes_four_bytes)
{
    static const uint32_t sizes[] = {10, 127, 128, 1 << 20, JFR_EVENT_SIZE_MAX};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct jfr_out out = writer(sizeof g_buf);
        jfr_out_event_size(&out, sizes[i]);
        ck_assert_uint_eq(jfr_out_len(&out), JFR_EVENT_SIZE_LEN);
        struct jfr_in in = reader(JFR_EVENT_SIZE_LEN);
        ck_assert_uint_eq(jfr_in_leb(&in), sizes[i]);
        ck_assert_uint_eq(jfr_in_left(&in), 0);
    }
}
END_TEST

START_TEST(an_event_that_does_not_fit_leaves_the_cursor_where_it_was)
{
    char text[200] = {0};
    for (size_t room = 0; room < sizeof text + 5; room++) {
        struct jfr_out out = writer(3 + room);
        jfr_out_bytes(&out, "abc", 3);
        struct jfr_event_mark mark = jfr_event_begin(&out, 64);
        jfr_out_bytes(&out, text, sizeof text);
        ck_assert(!jfr_event_end(&out, mark));
        ck_assert_uint_eq(jfr_out_len(&out), 3);
        ck_assert(jfr_out_ok(&out));
        ck_assert_uint_eq(g_buf[3 + room], 0xee);
    }
}
END_TEST

START_TEST(an_overflow_sticks_until_the_owner_of_the_cursor_notices)
{
    struct jfr_out out = writer(2);
    jfr_out_be32(&out, 1);
    ck_assert(!jfr_out_ok(&out));
    jfr_out_u8(&out, 1); /* would fit, but comes after a hole */
    ck_assert_uint_eq(jfr_out_len(&out), 0);
    struct jfr_event_mark mark = jfr_event_begin(&out, 64);
    ck_assert(!jfr_event_end(&out, mark));
    ck_assert(!jfr_out_ok(&out));
}
END_TEST

static const struct {
    const char *bytes;
    size_t n;
} g_malformed[] = {
    {"", 0},
    {"\x06", 1}, /* no such encoding */
    {"\x03\x05"
     "abcd",
     6},                                              /* longer than the buffer */
    {"\x03\xff\xff\xff\xff\xff\xff\xff\xff\xff", 10}, /* far longer */
    {"\x04\xff\xff\xff\xff\xff\xff\xff\xff\x7f"
     "a",
     11},            /* that many units */
    {"\x02\x80", 2}, /* half a number */
};
enum { N_MALFORMED = sizeof g_malformed / sizeof g_malformed[0] };

START_TEST(a_malformed_string_is_an_error_that_sticks)
{
    struct jfr_in in;
    jfr_in_init(&in, g_malformed[_i].bytes, g_malformed[_i].n);
    struct jfr_str s = jfr_in_string(&in);
    ck_assert(!jfr_in_ok(&in));
    ck_assert_int_eq(s.encoding, JFR_STRING_NULL);
    const char *first = in.error;
    ck_assert_uint_eq(jfr_in_leb(&in), 0);
    jfr_in_fail(&in, "another");
    ck_assert_ptr_eq(in.error, first);
}
END_TEST

START_TEST(reading_past_the_end_gives_zeros_and_the_offset_of_the_first_time)
{
    static const uint8_t bytes[] = {1, 2, 3};
    struct jfr_in in;
    jfr_in_init(&in, bytes, sizeof bytes);
    jfr_in_u8(&in);
    ck_assert_uint_eq(jfr_in_be64(&in), 0);
    ck_assert_uint_eq(jfr_in_u8(&in), 0);
    jfr_in_skip(&in, UINT64_MAX);
    ck_assert_uint_eq(in.error_at, 1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("wire");
    TCase *tc = tcase_create("wire");
    tcase_add_loop_test(tc, leb_has_the_bytes_of_the_format_and_reads_back, 0, N_LEBS);
    tcase_add_test(tc, leb_reads_every_power_of_two_and_its_neighbours);
    tcase_add_test(tc, negative_int_is_zero_extended_and_negative_long_takes_nine_bytes);
    tcase_add_test(tc, fixed_width_numbers_are_big_endian_and_read_back);
    tcase_add_test(tc, strings_are_null_or_utf8_and_an_empty_one_has_length_zero);
    tcase_add_loop_test(tc, strings_of_other_writers_decode_to_utf8, 0, N_STRINGS);
    tcase_add_test(tc, a_short_event_has_one_size_byte_and_a_long_one_four);
    tcase_add_test(tc, an_event_size_always_takes_four_bytes);
    tcase_add_test(tc, an_event_that_does_not_fit_leaves_the_cursor_where_it_was);
    tcase_add_test(tc, an_overflow_sticks_until_the_owner_of_the_cursor_notices);
    tcase_add_loop_test(tc, a_malformed_string_is_an_error_that_sticks, 0, N_MALFORMED);
    tcase_add_test(tc, reading_past_the_end_gives_zeros_and_the_offset_of_the_first_time);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
