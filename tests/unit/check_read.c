/* check_read.c — the reader (jfr/read.h) on recordings made byte by byte: encodings, layouts,
 * constants. Damage is check_read_damage.c's. */
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

static void setup(void)
{
    handmade_init(&g_h);
    g_file = NULL;
    g_chunk = NULL;
}

static void teardown(void)
{
    jfr_chunk_close(g_chunk);
    jfr_file_close(g_file);
    handmade_fini(&g_h);
}

/* Open what was made, which must be one chunk without damage. */
static void open_chunk(void)
{
    struct jfr_chunk_header header;
    struct jfr_err err = {0};
    ck_assert_msg(jfr_out_ok(&g_h.out), "the recording doesn't fit");
    ck_assert_msg(jfr_file_wrap(&g_file, g_h.bytes, handmade_len(&g_h), &err) == 0, "%s", err.text);
    ck_assert_msg(jfr_file_next(g_file, &header, &err) == 1, "%s", err.text);
    ck_assert_msg(jfr_chunk_open(&g_chunk, g_file, &header, &err) == 0, "%s", err.text);
    ck_assert_pstr_eq(jfr_chunk_damage(g_chunk), NULL);
}

#define TEXT_IS(str, expected)                       \
    do {                                             \
        char text_[256];                             \
        struct jfr_str str_ = (str);                 \
        jfr_str_to_utf8(&str_, text_, sizeof text_); \
        ck_assert_str_eq(text_, expected);           \
    } while (0)

/* --- a profile -------------------------------------------------------------------------------- */

static const struct {
    enum jfr_string_encoding encoding;
    int pad;
} g_styles[] = {
    {JFR_STRING_UTF8, 0},  {JFR_STRING_UTF8, 2},   {JFR_STRING_UTF8, 4},
    {JFR_STRING_UTF8, 5},  {JFR_STRING_UTF8, 9},   {JFR_STRING_UTF16, 0},
    {JFR_STRING_UTF16, 4}, {JFR_STRING_LATIN1, 0}, {JFR_STRING_LATIN1, 5},
};
enum { N_STYLES = sizeof g_styles / sizeof g_styles[0] };

static void frame_is(const struct jfr_frame *f, const char *class_name, const char *name, int line,
                     enum jfr_frame_kind kind)
{
    struct jfr_method m;
    ck_assert_int_eq(jfr_method_read(g_chunk, f->method, &m), 0);
    TEXT_IS(m.class_name, class_name);
    TEXT_IS(m.name, name);
    TEXT_IS(m.descriptor, "()V");
    ck_assert_int_eq(f->line, line);
    ck_assert_int_eq(f->kind, kind);
}

START_TEST(profile_reads_in_every_string_encoding_and_size_padding)
{
    const char *fields[] = {"stackTrace", "sampledThread", "startTime"};
    struct jfr_events it;
    struct jfr_event event;
    struct jfr_thread thread;
    struct jfr_stack stack = {0};
    int n[6] = {0}, n_native = 0;
    g_h.string_encoding = g_styles[_i].encoding;
    g_h.pad = g_styles[_i].pad;
    handmade_profile(&g_h);
    open_chunk();
    ck_assert_int_eq(jfr_chunk_select(g_chunk, "jdk.ExecutionSample", fields, 3, 0), 0);
    ck_assert_int_eq(jfr_chunk_select(g_chunk, "jdk.NativeMethodSample", fields, 3, 1), 0);
    jfr_events_init(&it, g_chunk);
    while (jfr_events_next(&it, &event)) {
        ck_assert_uint_le(event.values[0].u, 5);
        n[event.values[0].u]++;
        n_native += event.tag;
        ck_assert_int_eq(event.values[2].i, 6000);
        ck_assert_uint_eq(event.present, 7);
    }
    ck_assert_pstr_eq(it.error, NULL);
    ck_assert_int_eq(n_native, 2);
    ck_assert_int_eq(n[0], 1);
    ck_assert_int_eq(n[1], 1);
    ck_assert_int_eq(n[2], 3);
    ck_assert_int_eq(n[3], 2);
    ck_assert_int_eq(n[5], 1);

    ck_assert_int_eq(jfr_stack_read(g_chunk, 3, &stack), 0);
    ck_assert_uint_eq(stack.n_frames, 3);
    ck_assert(!stack.truncated);
    frame_is(&stack.frames[0], "libc.so.6", "write", -1, JFR_FRAME_NATIVE);
    frame_is(&stack.frames[1], "app/Main", "sort", 21, JFR_FRAME_JIT);
    frame_is(&stack.frames[2], "app/Main", "run", 11, JFR_FRAME_JIT);
    ck_assert_int_eq(stack.frames[1].bci, 8);
    ck_assert_int_eq(jfr_stack_read(g_chunk, 5, &stack), 0);
    ck_assert(stack.truncated);
    ck_assert_int_eq(jfr_stack_read(g_chunk, 4, &stack), 0);
    ck_assert_uint_eq(stack.n_frames, 0);
    ck_assert_int_eq(jfr_stack_read(g_chunk, 99, &stack), -ENOENT);

    ck_assert_int_eq(jfr_thread_read(g_chunk, 2, &thread), 0);
    TEXT_IS(thread.java_name, "evil <b> & co");
    ck_assert_int_eq(thread.os_id, 8);
    ck_assert_int_eq(thread.java_id, 2);
    jfr_stack_fini(&stack);
}
END_TEST

START_TEST(times_are_counted_from_the_start_ticks)
{
    handmade_profile(&g_h);
    open_chunk();
    ck_assert_int_eq(jfr_chunk_time_ns(g_chunk, 5000), 1000000000);
    ck_assert_int_eq(jfr_chunk_time_ns(g_chunk, 6000), 1000001000);
    ck_assert_int_eq(jfr_chunk_time_ns(g_chunk, 0), 999995000);
}
END_TEST

/* --- fields -------------------------------------------------------------------------------------
 */

/* A chunk with one event of type 100; body writes its fields, constants its pools. */
static void one_event(const char *types, void (*body)(void), void (*constants)(void))
{
    size_t checkpoint = 0;
    handmade_chunk_begin(&g_h);
    size_t metadata = handmade_metadata(&g_h, types);
    handmade_event_begin(&g_h, 100);
    body();
    handmade_event_end(&g_h);
    if (constants) {
        checkpoint = handmade_checkpoint_begin(&g_h, 0, 1);
        constants();
        handmade_event_end(&g_h);
    }
    handmade_chunk_end(&g_h, checkpoint, metadata);
    open_chunk();
}

static struct jfr_event first_event(const char *const fields[], int n)
{
    struct jfr_events it;
    struct jfr_event event;
    ck_assert_int_eq(jfr_chunk_select(g_chunk, "test.Event", fields, n, 42), 0);
    jfr_events_init(&it, g_chunk);
    ck_assert(jfr_events_next(&it, &event));
    ck_assert_int_eq(event.tag, 42);
    struct jfr_event no_more;
    ck_assert(!jfr_events_next(&it, &no_more));
    ck_assert_uint_eq(it.n_bad, 0);
    return event;
}

#define PRIMITIVES                                                                                \
    "class 4 boolean\nclass 5 char\nclass 6 float\nclass 7 double\nclass 8 byte\nclass 9 short\n" \
    "class 10 int\nclass 11 long\nclass 20 java.lang.String\n"

static void body_of_numbers(void)
{
    jfr_out_u8(&g_h.out, 1);           /* boolean */
    handmade_leb(&g_h, 0xffff);        /* char */
    jfr_out_float(&g_h.out, -1.5f);    /* float */
    jfr_out_double(&g_h.out, 1e300);   /* double */
    jfr_out_u8(&g_h.out, 0xff);        /* byte */
    handmade_leb(&g_h, 0xfffe);        /* short -2 */
    handmade_leb(&g_h, 0xffffffff);    /* int -1 as HotSpot writes it */
    handmade_leb(&g_h, (uint64_t)-7);  /* int -7 in nine bytes */
    handmade_leb(&g_h, (uint64_t)-3);  /* long */
    handmade_leb_padded(&g_h, 300, 5); /* long, padded */
}

static const char TYPES_OF_NUMBERS[] = PRIMITIVES "class 100 test.Event event\n"
                                                  "field boolean 4\nfield char 5\nfield float 6\n"
                                                  "field double 7\nfield byte 8\nfield short 9\n"
                                                  "field int 10\nfield int9 10\nfield long 11\n"
                                                  "field padded 11\n";

START_TEST(numbers_of_all_types_keep_sign_and_width)
{
    const char *fields[] = {"boolean", "char", "float", "double", "byte",
                            "short",   "int",  "int9",  "long",   "padded"};
    one_event(TYPES_OF_NUMBERS, body_of_numbers, NULL);
    struct jfr_event e = first_event(fields, 10);
    ck_assert_int_eq(e.values[0].i, 1);
    ck_assert_int_eq(e.values[1].i, 0xffff);
    ck_assert_double_eq(e.values[2].d, -1.5);
    ck_assert_double_eq(e.values[3].d, 1e300);
    ck_assert_int_eq(e.values[4].i, -1);
    ck_assert_int_eq(e.values[5].i, -2);
    ck_assert_int_eq(e.values[6].i, -1);
    ck_assert_int_eq(e.values[7].i, -7);
    ck_assert_int_eq(e.values[8].i, -3);
    ck_assert_int_eq(e.values[9].i, 300);
}
END_TEST

START_TEST(any_field_alone_is_found_behind_those_not_asked_for)
{
    const char *all[] = {"boolean", "char", "float", "double", "byte",
                         "short",   "int",  "int9",  "long",   "padded"};
    one_event(TYPES_OF_NUMBERS, body_of_numbers, NULL);
    struct jfr_event whole = first_event(all, 10);
    struct jfr_event e = first_event(&all[_i], 1);
    ck_assert_int_eq(e.values[0].i, whole.values[_i].i);
}
END_TEST

START_TEST(a_field_the_type_lacks_is_absent_and_zero)
{
    const char *fields[] = {"nothing", "long", "int.deeper"};
    one_event(TYPES_OF_NUMBERS, body_of_numbers, NULL);
    struct jfr_event e = first_event(fields, 3);
    ck_assert_uint_eq(e.present, 2);
    ck_assert_int_eq(e.values[0].i, 0);
    ck_assert_int_eq(e.values[1].i, -3);
    ck_assert_int_eq(jfr_chunk_select(g_chunk, "test.Other", fields, 1, 0), -ENOENT);
    ck_assert_int_eq(jfr_chunk_select(g_chunk, "test.Event", fields, JFR_READ_FIELDS_MAX + 1, 0),
                     -EINVAL);
}
END_TEST

static void string_as(enum jfr_string_encoding encoding, const char *utf8)
{
    g_h.string_encoding = encoding;
    handmade_string(&g_h, utf8);
    g_h.string_encoding = JFR_STRING_UTF8;
}

static void body_of_strings(void)
{
    string_as(JFR_STRING_NULL, "");
    string_as(JFR_STRING_EMPTY, "");
    string_as(JFR_STRING_POOL, "");
    handmade_leb(&g_h, 9);
    string_as(JFR_STRING_UTF8, "gr\xc3\xbcn \xf0\x9f\x94\xa5");
    string_as(JFR_STRING_UTF16, "gr\xc3\xbcn \xf0\x9f\x94\xa5");
    string_as(JFR_STRING_LATIN1, "gr\xc3\xbcn");
    string_as(JFR_STRING_POOL, "");
    handmade_leb(&g_h, 8); /* no such constant */
}

static void pool_of_strings(void)
{
    handmade_pool(&g_h, 20, 1);
    handmade_leb(&g_h, 9);
    string_as(JFR_STRING_UTF16, "from the pool");
}

START_TEST(strings_of_all_encodings_read_as_utf8)
{
    const char *fields[] = {"null", "empty", "pooled", "utf8", "utf16", "latin1", "dangling"};
    one_event(PRIMITIVES "class 100 test.Event event\nfield null 20\nfield empty 20\n"
                         "field pooled 20\nfield utf8 20\nfield utf16 20\nfield latin1 20\n"
                         "field dangling 20\n",
              body_of_strings, pool_of_strings);
    struct jfr_event e = first_event(fields, 7);
    ck_assert_int_eq(e.values[0].str.encoding, JFR_STRING_NULL);
    ck_assert_int_eq(e.values[1].str.encoding, JFR_STRING_EMPTY);
    TEXT_IS(e.values[2].str, "from the pool");
    TEXT_IS(e.values[3].str, "gr\xc3\xbcn \xf0\x9f\x94\xa5");
    TEXT_IS(e.values[4].str, "gr\xc3\xbcn \xf0\x9f\x94\xa5");
    TEXT_IS(e.values[5].str, "gr\xc3\xbcn");
    ck_assert_int_eq(e.values[6].str.encoding, JFR_STRING_NULL);
}
END_TEST

static void body_of_structs(void)
{
    handmade_leb(&g_h, 1); /* space: start, end { size, kind } */
    handmade_leb(&g_h, 2);
    string_as(JFR_STRING_UTF8, "kind");
    handmade_leb(&g_h, 3); /* number: simple, inline */
    handmade_leb(&g_h, 2); /* ints */
    handmade_leb(&g_h, 0xffffffff);
    handmade_leb(&g_h, 6);
    handmade_leb(&g_h, 3); /* floats */
    for (int i = 0; i < 3; i++)
        jfr_out_float(&g_h.out, 1);
    handmade_leb(&g_h, 2); /* texts */
    string_as(JFR_STRING_LATIN1, "a");
    string_as(JFR_STRING_UTF16, "b");
    handmade_leb(&g_h, 2); /* spaces */
    for (int i = 0; i < 2; i++) {
        handmade_leb(&g_h, 10);
        handmade_leb(&g_h, 11);
        string_as(JFR_STRING_NULL, "");
    }
    handmade_leb(&g_h, 2); /* ids */
    handmade_leb(&g_h, UINT64_MAX);
    handmade_leb(&g_h, 7);
    handmade_leb(&g_h, 77);     /* last */
    jfr_out_u8(&g_h.out, 0xee); /* behind the declared fields: newer writers may */
}

START_TEST(inline_structs_are_reached_by_dots_and_arrays_are_passed)
{
    const char *fields[] = {"last", "space.end.size", "number", "texts", "space.end.kind", "ids"};
    one_event(PRIMITIVES
              "class 100 test.Event event\nfield space 30\nfield number 32\nfield ints 10 array\n"
              "field floats 6 array\nfield texts 20 array\nfield spaces 30 array\n"
              "field ids 33 array\nfield last 10\n"
              "class 30 test.Space\nfield start 11\nfield end 31\n"
              "class 31 test.End\nfield size 11\nfield kind 20\n"
              "class 32 test.Number simple\nfield value 10\n"
              "class 33 test.Id simple\nfield value 11\n",
              body_of_structs, NULL);
    struct jfr_event e = first_event(fields, 6);
    ck_assert_uint_eq(e.present, 0x3f);
    ck_assert_int_eq(e.values[0].i, 77);
    ck_assert_int_eq(e.values[1].i, 2);
    ck_assert_int_eq(e.values[2].i, 3);
    ck_assert_int_eq(e.values[3].i, 2);
    TEXT_IS(e.values[4].str, "kind");
    ck_assert_int_eq(e.values[5].i, 2);
}
END_TEST

static void body_short(void)
{
    handmade_leb(&g_h, 1);
}

START_TEST(an_event_too_short_for_its_fields_is_counted_and_passed)
{
    const char *fields[] = {"second"};
    struct jfr_events it;
    struct jfr_event event;
    one_event(PRIMITIVES "class 100 test.Event event\nfield first 10\nfield second 10\n",
              body_short, NULL);
    ck_assert_int_eq(jfr_chunk_select(g_chunk, "test.Event", fields, 1, 0), 0);
    jfr_events_init(&it, g_chunk);
    ck_assert(!jfr_events_next(&it, &event));
    ck_assert_uint_eq(it.n_bad, 1);
    ck_assert_pstr_eq(it.error, NULL);
}
END_TEST

START_TEST(undeclared_event_types_are_passed_or_given_without_type)
{
    struct jfr_events it;
    struct jfr_event event;
    handmade_chunk_begin(&g_h);
    size_t metadata = handmade_metadata(&g_h, g_handmade_types);
    handmade_event_begin(&g_h, 70000);
    handmade_leb(&g_h, 1);
    handmade_event_end(&g_h);
    handmade_chunk_end(&g_h, 0, metadata);
    open_chunk();
    jfr_events_init(&it, g_chunk);
    ck_assert(!jfr_events_next(&it, &event));
    ck_assert_uint_eq(it.n_events, 1);
    jfr_events_init(&it, g_chunk);
    it.all = true;
    ck_assert(jfr_events_next(&it, &event));
    ck_assert_uint_eq(event.type_id, 70000);
    ck_assert_ptr_eq(event.type, NULL);
    ck_assert_int_eq(event.tag, -1);
}
END_TEST

/* --- stack frames in other layouts
 * ----------------------------------------------------------------- */

static void constants_of_odd_frames(void)
{
    handmade_pool(&g_h, 30, 1);
    handmade_leb(&g_h, 1);
    handmade_leb(&g_h, 2); /* frames before truncated */
    for (uint64_t i = 0; i < 2; i++) {
        handmade_leb(&g_h, 1);              /* type */
        string_as(JFR_STRING_UTF8, "note"); /* unknown to us */
        handmade_leb(&g_h, 40 + i);         /* line */
        handmade_leb(&g_h, 90 + i);         /* method */
    }
    jfr_out_u8(&g_h.out, 1);
}

static void body_empty(void) {}

START_TEST(stack_frames_of_another_layout_are_read_by_the_metadata)
{
    struct jfr_stack stack = {0};
    one_event(PRIMITIVES
              "class 100 test.Event event\n"
              "class 29 jdk.types.StackFrame\nfield type 10\nfield note 20\n"
              "field lineNumber 10\nfield method 28 pool\n"
              "class 28 jdk.types.Method\nfield name 20\n"
              "class 30 jdk.types.StackTrace\nfield frames 29 array\nfield truncated 4\n",
              body_empty, constants_of_odd_frames);
    ck_assert_int_eq(jfr_stack_read(g_chunk, 1, &stack), 0);
    ck_assert_uint_eq(stack.n_frames, 2);
    ck_assert(stack.truncated);
    for (uint32_t i = 0; i < 2; i++) {
        ck_assert_uint_eq(stack.frames[i].method, 90 + i);
        ck_assert_int_eq(stack.frames[i].line, 40 + (int)i);
        ck_assert_int_eq(stack.frames[i].bci, 0);
        ck_assert_uint_eq(stack.frames[i].type, 1);
    }
    jfr_stack_fini(&stack);
}
END_TEST

/* --- constants
 * --------------------------------------------------------------------------------------- */

static void string_checkpoint(uint64_t id, const char *text)
{
    handmade_pool(&g_h, 20, 1);
    handmade_leb(&g_h, id);
    handmade_string(&g_h, text);
    handmade_event_end(&g_h);
}

static void constant_is(uint64_t id, const char *text)
{
    TEXT_IS(jfr_text_read(g_chunk, jfr_chunk_type(g_chunk, 20), id), text);
}

START_TEST(a_chain_of_checkpoints_is_followed_and_the_last_value_of_an_id_counts)
{
    handmade_chunk_begin(&g_h);
    size_t metadata = handmade_metadata(&g_h, PRIMITIVES);
    size_t first = handmade_checkpoint_begin(&g_h, 0, 1);
    string_checkpoint(1, "old");
    handmade_checkpoint_begin(&g_h, 0, 1); /* not in the chain */
    string_checkpoint(2, "outside");
    size_t at = handmade_at(&g_h);
    size_t second = handmade_checkpoint_begin(&g_h, (int64_t)first - (int64_t)at, 1);
    string_checkpoint(1, "new");
    at = handmade_at(&g_h);
    size_t third = handmade_checkpoint_begin(&g_h, (int64_t)second - (int64_t)at, 1);
    string_checkpoint(3, "third");
    handmade_checkpoint_begin(&g_h, 0, 0); /* a padding event: no pools, then anything */
    jfr_out_bytes(&g_h.out, "\xff\xff\xff\xff\xff", 5);
    handmade_event_end(&g_h);
    handmade_chunk_end(&g_h, third, metadata);
    open_chunk();
    constant_is(1, "new");
    constant_is(2, "");
    constant_is(3, "third");
    ck_assert_uint_eq(jfr_pool_count(jfr_chunk_pool(g_chunk, "java.lang.String")), 2);
}
END_TEST

static const uint64_t g_ids[][6] = {
    {1, 2, 3, 4, 5, 6},                                     /* dense */
    {100, 101, 105, 106, 107, 200},                         /* gaps */
    {0, 1, UINT32_MAX, 1ull << 40, 1ull << 63, UINT64_MAX}, /* sparse */
    {6, 5, 4, 3, 2, 1},                                     /* falling */
    {1ull << 50, 3, 1ull << 51, 2, 1ull << 49, 1},          /* any order */
};
enum { N_IDS = sizeof g_ids / sizeof g_ids[0] };

START_TEST(constants_are_found_by_id_in_any_order_and_density)
{
    char text[32];
    handmade_chunk_begin(&g_h);
    size_t metadata = handmade_metadata(&g_h, PRIMITIVES);
    size_t checkpoint = handmade_checkpoint_begin(&g_h, 0, 1);
    handmade_pool(&g_h, 20, 6);
    for (int i = 0; i < 6; i++) {
        handmade_leb(&g_h, g_ids[_i][i]);
        snprintf(text, sizeof text, "value %d", i);
        handmade_string(&g_h, text);
    }
    handmade_event_end(&g_h);
    handmade_chunk_end(&g_h, checkpoint, metadata);
    open_chunk();
    const struct jfr_pool *pool = jfr_chunk_pool(g_chunk, "java.lang.String");
    for (int i = 0; i < 6; i++) {
        snprintf(text, sizeof text, "value %d", i);
        constant_is(g_ids[_i][i], text);
        uint32_t ordinal = jfr_pool_find(pool, g_ids[_i][i]);
        ck_assert_uint_lt(ordinal, 6);
        ck_assert_uint_eq(jfr_pool_id(pool, ordinal), g_ids[_i][i]);
    }
    for (uint32_t i = 1; i < 6; i++)
        ck_assert_uint_lt(jfr_pool_id(pool, i - 1), jfr_pool_id(pool, i));
    for (uint64_t id = 7; id < 100; id++)
        ck_assert_uint_eq(jfr_pool_find(pool, id), JFR_NO_ORDINAL);
    ck_assert_uint_eq(jfr_pool_find(NULL, 1), JFR_NO_ORDINAL);
}
END_TEST

START_TEST(long_runs_of_numbers_are_passed_as_fast_as_exactly)
{
    /* Frames with numbers of every length, nine-byte ones with a high last byte among them; the id
     * behind them is found only if each was passed exactly. */
    struct jfr_stack stack = {0};
    handmade_chunk_begin(&g_h);
    size_t metadata = handmade_metadata(&g_h, g_handmade_types);
    size_t checkpoint = handmade_checkpoint_begin(&g_h, 0, 1);
    handmade_pool(&g_h, HM_STACK, 300);
    for (uint64_t id = 1; id <= 300; id++) {
        handmade_leb(&g_h, id);
        handmade_leb(&g_h, 0);
        handmade_leb(&g_h, id % 17);
        for (uint64_t f = 0; f < id % 17; f++)
            for (uint64_t k = 0; k < 4; k++)
                handmade_leb(&g_h, UINT64_MAX >> (id * 7 + f * 13 + k * 29) % 64);
    }
    handmade_event_end(&g_h);
    handmade_chunk_end(&g_h, checkpoint, metadata);
    open_chunk();
    for (uint64_t id = 1; id <= 300; id++) {
        ck_assert_int_eq(jfr_stack_read(g_chunk, id, &stack), 0);
        ck_assert_uint_eq(stack.n_frames, id % 17);
        for (uint64_t f = 0; f < id % 17; f++)
            ck_assert_uint_eq(stack.frames[f].method, UINT64_MAX >> (id * 7 + f * 13) % 64);
    }
    jfr_stack_fini(&stack);
}
END_TEST

/* --- real recordings
 * ---------------------------------------------------------------------------------- */

static const struct {
    const char *file;
    int execution, native, cpu_time;    /* as `jfr summary` of that JDK counts them */
    const char *top_class, *top_method; /* of the first ExecutionSample `jfr print` shows */
} g_recordings[] = {
    {TESTDATA "/jdk17.jfr", 315, 99, 0, "java/util/DualPivotQuicksort", "sort"},
    {TESTDATA "/jdk25.jfr", 332, 98, 335, "jdk/internal/util/DecimalDigits",
     "uncheckedGetCharsLatin1"},
};

START_TEST(recordings_of_the_jdk_give_the_counts_its_own_tool_gives)
{
    const char *fields[] = {"stackTrace"};
    static const char *const types[] = {"jdk.ExecutionSample", "jdk.NativeMethodSample",
                                        "jdk.CPUTimeSample"};
    struct jfr_chunk_header header;
    struct jfr_events it;
    struct jfr_event event;
    struct jfr_err err = {0};
    struct jfr_stack stack = {0};
    struct jfr_method top;
    int n[3] = {0};
    int rc = jfr_file_open(&g_file, g_recordings[_i].file, &err);
    ck_assert_msg(rc == 0, "%s", err.text);
    ck_assert_int_eq(jfr_file_next(g_file, &header, &err), 1);
    ck_assert_int_eq(jfr_chunk_open(&g_chunk, g_file, &header, &err), 0);
    ck_assert_pstr_eq(jfr_chunk_damage(g_chunk), NULL);
    for (int t = 0; t < 3; t++)
        jfr_chunk_select(g_chunk, types[t], fields, 1, t);
    jfr_events_init(&it, g_chunk);
    while (jfr_events_next(&it, &event)) {
        rc = jfr_stack_read(g_chunk, event.values[0].u, &stack);
        ck_assert_msg(rc == 0, "a %s has no stack", types[event.tag]);
        ck_assert_uint_gt(stack.n_frames, 0);
        if (n[event.tag]++ > 0 || event.tag != 0)
            continue;
        ck_assert_int_eq(jfr_method_read(g_chunk, stack.frames[0].method, &top), 0);
        TEXT_IS(top.class_name, g_recordings[_i].top_class);
        TEXT_IS(top.name, g_recordings[_i].top_method);
    }
    ck_assert_pstr_eq(it.error, NULL);
    ck_assert_uint_eq(it.n_bad, 0);
    ck_assert_int_eq(n[0], g_recordings[_i].execution);
    ck_assert_int_eq(n[1], g_recordings[_i].native);
    ck_assert_int_eq(n[2], g_recordings[_i].cpu_time);
    ck_assert_int_eq(jfr_file_next(g_file, &header, &err), 0);
    jfr_stack_fini(&stack);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("read");
    TCase *t = tcase_create("read");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_loop_test(t, profile_reads_in_every_string_encoding_and_size_padding, 0, N_STYLES);
    tcase_add_test(t, times_are_counted_from_the_start_ticks);
    tcase_add_test(t, numbers_of_all_types_keep_sign_and_width);
    tcase_add_loop_test(t, any_field_alone_is_found_behind_those_not_asked_for, 0, 10);
    tcase_add_test(t, a_field_the_type_lacks_is_absent_and_zero);
    tcase_add_test(t, strings_of_all_encodings_read_as_utf8);
    tcase_add_test(t, inline_structs_are_reached_by_dots_and_arrays_are_passed);
    tcase_add_test(t, an_event_too_short_for_its_fields_is_counted_and_passed);
    tcase_add_test(t, undeclared_event_types_are_passed_or_given_without_type);
    tcase_add_test(t, stack_frames_of_another_layout_are_read_by_the_metadata);
    tcase_add_test(t, a_chain_of_checkpoints_is_followed_and_the_last_value_of_an_id_counts);
    tcase_add_loop_test(t, constants_are_found_by_id_in_any_order_and_density, 0, N_IDS);
    tcase_add_test(t, long_runs_of_numbers_are_passed_as_fast_as_exactly);
    tcase_add_loop_test(t, recordings_of_the_jdk_give_the_counts_its_own_tool_gives, 0, 2);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int n_failed = srunner_ntests_failed(r);
    srunner_free(r);
    return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
