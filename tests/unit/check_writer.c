/* check_writer.c — what jfr/writer.h writes: every event and constant reads back, nothing else gets
 * in. Kills and failures of the sink are in check_writer_faults.c. */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "jfr/read.h"
#include "jfr/writer.h"
#include "support/flaky_sink.h"
#include "support/strict_jfr.h"
#include "support/synthetic.h"

enum { SECOND = 1000000000, BIG_LIMIT = 256 << 20 };

static struct jfr_sink_mem g_mem;
static struct jfr_writer *g_writer;

static uint64_t seconds(int n)
{
    return g_synthetic_options.clock.start_ticks + (uint64_t)n * SECOND;
}

static void setup(void)
{
    jfr_sink_mem_init(&g_mem, BIG_LIMIT);
    ck_assert_int_eq(jfr_writer_open(&g_writer, &g_mem.base, &g_synthetic_options, NULL), 0);
}

static void teardown(void)
{
    jfr_sink_mem_fini(&g_mem);
}

static void close_writer(void)
{
    struct jfr_err err = {0};
    ck_assert_msg(jfr_writer_close(g_writer, seconds(2), NULL, &err) == 0, "%s", err.text);
}

/* The bytes are valid as they are now. */
static struct strict_summary strict(void)
{
    struct strict_summary sum;
    const char *wrong = strict_check(g_mem.bytes, g_mem.len_bytes, &sum, NULL, NULL);
    ck_assert_msg(wrong == NULL, "%s", wrong);
    return sum;
}

/* --- contents --------------------------------------------------------------------------------- */

START_TEST(a_recording_is_valid_as_soon_as_it_is_open)
{
    size_t n_fixed;
    jfr_schema_constants(&n_fixed);
    struct strict_summary sum = strict();
    ck_assert_uint_eq(sum.n_events, 0);
    ck_assert_uint_eq(sum.n_constants, n_fixed);
    ck_assert_uint_eq(sum.n_checkpoints, 1);
    close_writer();
    ck_assert_uint_eq(strict().n_constants, n_fixed);
}
END_TEST

struct wanted {
    const struct jfr_schema_type *type; /* being read now */
    uint32_t next_field;
    uint32_t next_inside; /* of a struct in place of that field */
    uint32_t n_events;
};

static const struct jfr_schema_type *type_named(const char *name)
{
    size_t n;
    const struct jfr_schema_type *types = jfr_schema_types(&n);
    for (size_t i = 0; i < n; i++)
        if (strcmp(types[i].name, name) == 0)
            return &types[i];
    ck_abort_msg("%s is not in the schema", name);
}

static void check_value(const struct jfr_schema_type *type, const struct jfr_schema_field *f,
                        const struct strict_value *v)
{
    char expected[SYNTHETIC_TEXT_CAP], text[SYNTHETIC_TEXT_CAP];
    if (v->kind == 's') {
        synthetic_text(type, f, expected);
        jfr_str_to_utf8(&v->s, text, sizeof text);
        ck_assert_msg(strcmp(text, expected) == 0, "%s.%s: %s", type->name, f->name, text);
    } else if (v->kind == 'd') {
        ck_assert_double_eq(v->d, synthetic_real(f));
    } else {
        ck_assert_msg(v->i == synthetic_integer(type, f), "%s.%s: %lld", type->name, f->name,
                      (long long)v->i);
    }
}

static const struct jfr_schema_type *type_of(uint32_t id)
{
    size_t n;
    const struct jfr_schema_type *types = jfr_schema_types(&n);
    while (n > 0 && types->id != id) {
        types++;
        n--;
    }
    ck_assert_uint_gt(n, 0);
    return types;
}

/* Fields come in the order of the schema, events one by one. */
static void check_event_field(void *arg, const struct strict_value *v)
{
    struct wanted *w = arg;
    uint32_t n_fields;
    const struct jfr_schema_type *type = type_named(v->owner);
    const struct jfr_schema_field *fields = jfr_schema_fields(type, &n_fields);
    if (!type->is_event)
        return;
    if (w->next_field == 0)
        w->type = type;
    ck_assert_ptr_eq(w->type, type);
    if (fields[w->next_field].kind == JFR_KIND_INLINE) {
        const struct jfr_schema_type *inside = type_of(fields[w->next_field].type);
        uint32_t n_inside;
        const struct jfr_schema_field *f = jfr_schema_fields(inside, &n_inside) + w->next_inside;
        ck_assert_str_eq(v->field, f->name);
        check_value(inside, f, v);
        w->next_inside = (w->next_inside + 1) % n_inside;
        if (w->next_inside != 0)
            return;
    } else {
        ck_assert_str_eq(v->field, fields[w->next_field].name);
        check_value(type, &fields[w->next_field], v);
    }
    if (++w->next_field == n_fields) {
        w->next_field = 0;
        w->n_events++;
    }
}

START_TEST(every_field_of_every_event_reads_back)
{
    struct wanted wanted = {0};
    size_t n_types, n_event_types = 0;
    const struct jfr_schema_type *types = jfr_schema_types(&n_types);
    for (size_t i = 0; i < n_types; i++)
        n_event_types += types[i].is_event;
    ck_assert_int_eq(synthetic_add_constants(g_writer), 0);
    ck_assert_int_eq(synthetic_write_events(g_writer), 0);
    close_writer();
    struct strict_summary sum;
    const char *wrong =
        strict_check(g_mem.bytes, g_mem.len_bytes, &sum, check_event_field, &wanted);
    ck_assert_msg(wrong == NULL, "%s", wrong);
    ck_assert_uint_eq(wanted.n_events, n_event_types);
    ck_assert_uint_eq(sum.n_events, n_event_types);
    ck_assert_uint_eq(sum.n_dangling, 0);
    ck_assert_uint_eq(sum.duration_ns, 2ull * SECOND);
}
END_TEST

static void count_constant(void *arg, const struct strict_value *v)
{
    uint32_t *n_by_type = arg;
    uint32_t n_fields;
    const struct jfr_schema_type *type = type_named(v->owner);
    const struct jfr_schema_field *first = jfr_schema_fields(type, &n_fields);
    if (!type->is_event && strcmp(v->field, first->name) == 0)
        n_by_type[type->id]++;
}

START_TEST(every_type_of_constant_is_written)
{
    uint32_t n_by_type[64] = {0};
    size_t n_types;
    const struct jfr_schema_type *types = jfr_schema_types(&n_types);
    ck_assert_int_eq(synthetic_add_constants(g_writer), 0);
    close_writer();
    ck_assert_ptr_null(strict_check(g_mem.bytes, g_mem.len_bytes, NULL, count_constant, n_by_type));
    for (size_t i = 0; i < n_types; i++)
        if (!types[i].is_event && types[i].c_name && types[i].id != JFR_TYPE_STACK_FRAME &&
            types[i].id != JFR_TYPE_VIRTUAL_SPACE && types[i].id != JFR_TYPE_METASPACE_SIZES)
            ck_assert_msg(n_by_type[types[i].id] > 0, "no %s", types[i].name);
    ck_assert_uint_eq(n_by_type[JFR_TYPE_THREAD], SYNTHETIC_THREADS);
    ck_assert_uint_eq(n_by_type[JFR_TYPE_STACK_TRACE], SYNTHETIC_TRACES);
}
END_TEST

/* --- with the reader that tools use -------------------------------------------------------------
 */

static struct jfr_chunk *open_chunk(struct jfr_file **file)
{
    struct jfr_err err = {0};
    struct jfr_chunk_header header;
    struct jfr_chunk *chunk = NULL;
    ck_assert_msg(jfr_file_wrap(file, g_mem.bytes, g_mem.len_bytes, &err) == 0, "%s", err.text);
    ck_assert_int_eq(jfr_file_next(*file, &header, &err), 1);
    ck_assert_msg(jfr_chunk_open(&chunk, *file, &header, &err) == 0, "%s", err.text);
    ck_assert_msg(jfr_chunk_damage(chunk) == NULL, "%s", jfr_chunk_damage(chunk));
    ck_assert_int_eq(jfr_file_next(*file, &header, &err), 0);
    return chunk;
}

/* All fields of a type through jfr_chunk_select, as many at a time as it takes. */
static uint32_t read_type(struct jfr_chunk *chunk, const struct jfr_schema_type *type)
{
    uint32_t n_fields, n_seen = 0;
    const struct jfr_schema_field *fields = jfr_schema_fields(type, &n_fields);
    for (uint32_t from = 0; from < n_fields; from += JFR_READ_FIELDS_MAX) {
        const char *names[JFR_READ_FIELDS_MAX];
        uint32_t n = n_fields - from < JFR_READ_FIELDS_MAX ? n_fields - from : JFR_READ_FIELDS_MAX;
        struct jfr_events it;
        struct jfr_event event;
        for (uint32_t i = 0; i < n; i++)
            names[i] = fields[from + i].name;
        ck_assert_int_eq(jfr_chunk_select(chunk, type->name, names, (int)n, (int)type->id), 0);
        jfr_events_init(&it, chunk);
        while (jfr_events_next(&it, &event)) {
            if (event.tag != (int)type->id)
                continue;
            for (uint32_t i = 0; i < n; i++) {
                const struct jfr_schema_field *f = &fields[from + i];
                if (f->kind == JFR_KIND_INLINE)
                    continue; /* a reader asks for its members; strict_jfr checks them */
                bool is_real = f->kind == JFR_KIND_FLOAT || f->kind == JFR_KIND_DOUBLE;
                check_value(type, f,
                            &(struct strict_value){
                                .kind = f->kind == JFR_KIND_STRING ? 's'
                                        : is_real                  ? 'd'
                                                                   : 'i',
                                .i = is_real ? 0 : event.values[i].i,
                                .d = is_real ? event.values[i].d : 0,
                                .s = event.values[i].str,
                            });
            }
            n_seen++;
        }
        ck_assert_msg(it.error == NULL && it.n_bad == 0, "%s", it.error ? it.error : "bad events");
    }
    return n_seen;
}

START_TEST(our_reader_finds_every_event_and_its_stack)
{
    struct jfr_file *file;
    struct jfr_stack stack = {0};
    struct jfr_method method;
    struct jfr_thread thread;
    size_t n_types;
    const struct jfr_schema_type *types = jfr_schema_types(&n_types);
    ck_assert_int_eq(synthetic_add_constants(g_writer), 0);
    ck_assert_int_eq(synthetic_write_events(g_writer), 0);
    close_writer();
    struct jfr_chunk *chunk = open_chunk(&file);
    for (size_t i = 0; i < n_types; i++)
        if (types[i].is_event)
            ck_assert_msg(read_type(chunk, &types[i]) > 0, "%s", types[i].name);
    ck_assert_int_eq(jfr_stack_read(chunk, SYNTHETIC_TRACES, &stack), 0);
    ck_assert_uint_eq(stack.n_frames, SYNTHETIC_TRACES + 1);
    ck_assert(stack.truncated);
    ck_assert_int_eq(stack.frames[0].line, -1);
    ck_assert_int_eq(jfr_method_read(chunk, stack.frames[0].method, &method), 0);
    ck_assert_mem_eq(method.class_name.bytes, "libc.so.6", method.class_name.n_bytes);
    ck_assert_mem_eq(method.name.bytes, "malloc", method.name.n_bytes);
    ck_assert_int_eq(jfr_thread_read(chunk, 2, &thread), 0);
    ck_assert_mem_eq(thread.java_name.bytes, "worker-1", thread.java_name.n_bytes);
    ck_assert_int_eq(thread.os_id, 4243);
    jfr_stack_fini(&stack);
    jfr_chunk_close(chunk);
    jfr_file_close(file);
}
END_TEST

/* --- flushes ------------------------------------------------------------------------------------
 */

START_TEST(nothing_shows_before_a_flush_and_all_of_it_after)
{
    ck_assert_int_eq(synthetic_add_constants(g_writer), 0);
    ck_assert_int_eq(synthetic_write_samples(g_writer, 20000), 0); /* more than the stage holds */
    struct strict_summary sum = strict();
    ck_assert_uint_eq(sum.n_events, 0);
    ck_assert_uint_eq(sum.n_checkpoints, 1);
    ck_assert_int_eq(jfr_writer_flush(g_writer, seconds(1)), 0);
    sum = strict();
    ck_assert_uint_eq(sum.n_events, 20000);
    ck_assert_uint_eq(sum.n_checkpoints, 2);
    ck_assert_uint_eq(sum.n_dangling, 0);
    ck_assert_uint_eq(sum.duration_ns, SECOND);
    close_writer();
}
END_TEST

START_TEST(a_flush_without_news_only_moves_the_end_of_the_time_range)
{
    size_t len = g_mem.len_bytes;
    ck_assert_int_eq(jfr_writer_flush(g_writer, seconds(1)), 0);
    ck_assert_int_eq(jfr_writer_flush(g_writer, seconds(0)), 0); /* a clock that went back */
    struct strict_summary sum = strict();
    ck_assert_uint_eq(sum.duration_ns, SECOND);
    ck_assert_uint_eq(sum.n_checkpoints, 1);
    ck_assert_uint_eq(g_mem.len_bytes, len);
    close_writer();
}
END_TEST

START_TEST(each_flush_writes_only_the_constants_added_since_the_one_before)
{
    struct jfr_writer_stats stats;
    for (uint32_t id = 1; id <= 50; id++) {
        struct jfr_pool_thread thread = {.osName = "t", .osThreadId = id};
        ck_assert_int_eq(jfr_add_thread(g_writer, id, &thread), 0);
        ck_assert_int_eq(jfr_writer_flush(g_writer, seconds(1)), 0);
        ck_assert_uint_eq(strict().n_checkpoints, id + 1); /* strict: no id twice */
    }
    jfr_writer_get_stats(g_writer, &stats);
    ck_assert_uint_eq(stats.n_flushes, 50);
    ck_assert_uint_eq(stats.n_constants, 50);
    ck_assert_uint_eq(stats.bytes_pending, 0);
    close_writer();
}
END_TEST

START_TEST(too_many_constants_flush_themselves)
{
    static const struct jfr_pool_stack_frame frames[1000];
    struct jfr_writer_stats stats;
    struct jfr_pool_stack_trace trace = {.frames = {frames, 1000}};
    for (uint32_t id = 1; id <= 3000; id++) {
        ck_assert_int_eq(jfr_add_stack_trace(g_writer, id, &trace), 0);
        jfr_writer_get_stats(g_writer, &stats);
        ck_assert_uint_le(stats.bytes_pending, JFR_WRITER_CONSTANTS_MAX + 5000);
    }
    ck_assert_uint_gt(stats.n_flushes, 1);
    close_writer();
    struct jfr_file *file;
    struct jfr_chunk *chunk = open_chunk(&file);
    ck_assert_uint_eq(jfr_pool_count(jfr_chunk_pool(chunk, "jdk.types.StackTrace")), 3000);
    jfr_chunk_close(chunk);
    jfr_file_close(file);
}
END_TEST

START_TEST(too_many_events_flush_themselves)
{
    enum { BLOCK = 1 << 20, N_BLOCKS = 70 };
    struct jfr_writer_stats stats;
    struct jfr_out out;
    uint8_t *block = malloc(BLOCK);
    jfr_out_init(&out, block, BLOCK);
    while (jfr_put_shutdown(&out, &(struct jfr_shutdown){.reason = "again and again and again"}))
        continue;
    for (int i = 0; i < N_BLOCKS; i++)
        ck_assert_int_eq(jfr_writer_append(g_writer, block, jfr_out_len(&out)), 0);
    jfr_writer_get_stats(g_writer, &stats);
    ck_assert_uint_eq(stats.n_flushes, 1);
    free(block);
    close_writer();
    ck_assert_uint_gt(g_mem.len_bytes, (N_BLOCKS - 1) * (size_t)BLOCK);
}
END_TEST

/* --- single refusals ----------------------------------------------------------------------------
 */

static const struct {
    uint8_t bytes[8];
    size_t n;
} g_not_events[] = {
    {{0}, 1},             /* size 0 would hang the JDK's reader */
    {{1}, 1},             /* no room for a type */
    {{3, 0x40, 1, 9}, 4}, /* a second one cut off */
    {{9, 0x40, 1, 1}, 4}, /* longer than the block */
    {{3, 1, 0}, 3},       /* a checkpoint of the caller's */
    {{3, 0, 0}, 3},       /* metadata */
    {{2, 0xc0}, 2},       /* half a type id */
};
enum { N_NOT_EVENTS = sizeof g_not_events / sizeof g_not_events[0] };

START_TEST(what_is_not_an_event_is_refused_and_counted)
{
    struct jfr_writer_stats stats;
    ck_assert_int_eq(jfr_writer_append(g_writer, g_not_events[_i].bytes, g_not_events[_i].n),
                     -EINVAL);
    jfr_writer_get_stats(g_writer, &stats);
    ck_assert_uint_eq(stats.bytes_lost, g_not_events[_i].n);
    ck_assert_uint_eq(stats.bytes_pending, 0);
    ck_assert_ptr_null(jfr_writer_error(g_writer));
    ck_assert_int_eq(synthetic_write_samples(g_writer, 1), 0);
    close_writer();
    ck_assert_uint_eq(strict().n_events, 1);
}
END_TEST

START_TEST(a_long_event_is_taken_and_a_longer_one_refused)
{
    char *text = malloc(JFR_WRITER_EVENT_MAX + 1);
    struct jfr_initial_system_property event = {.startTime = 1, .key = "k", .value = text};
    memset(text, 'x', JFR_WRITER_EVENT_MAX);
    text[JFR_WRITER_EVENT_MAX] = 0;
    ck_assert_int_eq(synthetic_write_samples(g_writer, 3), 0);
    ck_assert_int_eq(jfr_write_initial_system_property(g_writer, &event), -E2BIG);
    text[JFR_WRITER_EVENT_MAX / 2] = 0;
    ck_assert_int_eq(jfr_write_initial_system_property(g_writer, &event), 0);
    text[JFR_WRITER_EVENT_MAX / 20] = 0;
    ck_assert_int_eq(jfr_write_initial_system_property(g_writer, &event), 0);
    struct jfr_pool_symbol symbol = {.string = {text, JFR_WRITER_CONSTANT_MAX}};
    ck_assert_int_eq(jfr_add_symbol(g_writer, 1, &symbol), -E2BIG);
    symbol.string.n_bytes = JFR_WRITER_CONSTANT_MAX / 5;
    ck_assert_int_eq(jfr_add_symbol(g_writer, 2, &symbol), 0);
    close_writer();
    ck_assert_uint_eq(strict().n_events, 5);
    free(text);
}
END_TEST

START_TEST(a_reserved_cursor_takes_what_was_encoded_and_no_other)
{
    struct jfr_out out, foreign;
    uint8_t buf[64];
    ck_assert_int_eq(jfr_writer_reserve(g_writer, &out, 100), 0);
    ck_assert_uint_ge((size_t)(out.end - out.pos), 100);
    ck_assert(jfr_put_thread_end(&out, &(struct jfr_thread_end){.startTime = 1}));
    ck_assert(jfr_put_thread_end(&out, &(struct jfr_thread_end){.startTime = 2}));
    ck_assert_int_eq(jfr_writer_commit(g_writer, &out), 0);
    jfr_out_init(&foreign, buf, sizeof buf);
    ck_assert_int_eq(jfr_writer_commit(g_writer, &foreign), -EINVAL);
    ck_assert_int_eq(jfr_writer_commit(g_writer, &out), -EINVAL); /* a second time */
    ck_assert_int_eq(jfr_writer_reserve(g_writer, &out, JFR_WRITER_EVENT_MAX + 1), -E2BIG);
    ck_assert_uint_eq((size_t)(out.end - out.pos), 0);
    close_writer();
    ck_assert_uint_eq(strict().n_events, 2);
}
END_TEST

START_TEST(a_clock_without_ticks_is_refused_and_leaves_nothing)
{
    struct jfr_writer_options options = g_synthetic_options;
    struct jfr_writer *w;
    struct jfr_err err = {0};
    struct flaky_sink sink;
    options.clock.ticks_per_sec = 0;
    flaky_sink_init(&sink, FLAKY_NEVER, 0);
    ck_assert_int_eq(jfr_writer_open(&w, &sink.base, &options, &err), -EINVAL);
    ck_assert_ptr_null(w);
    ck_assert_str_ne(err.text, "");
    ck_assert(sink.is_closed && sink.is_discarded);
    ck_assert_int_eq(sink.n_ops, 0);
    ck_assert_int_eq(jfr_writer_close(NULL, 0, NULL, NULL), 0);
    close_writer();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("writer");
    TCase *tc = tcase_create("writer");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, a_recording_is_valid_as_soon_as_it_is_open);
    tcase_add_test(tc, every_field_of_every_event_reads_back);
    tcase_add_test(tc, every_type_of_constant_is_written);
    tcase_add_test(tc, our_reader_finds_every_event_and_its_stack);
    tcase_add_test(tc, nothing_shows_before_a_flush_and_all_of_it_after);
    tcase_add_test(tc, a_flush_without_news_only_moves_the_end_of_the_time_range);
    tcase_add_test(tc, each_flush_writes_only_the_constants_added_since_the_one_before);
    tcase_add_test(tc, too_many_constants_flush_themselves);
    tcase_add_test(tc, too_many_events_flush_themselves);
    tcase_add_loop_test(tc, what_is_not_an_event_is_refused_and_counted, 0, N_NOT_EVENTS);
    tcase_add_test(tc, a_long_event_is_taken_and_a_longer_one_refused);
    tcase_add_test(tc, a_reserved_cursor_takes_what_was_encoded_and_no_other);
    tcase_add_test(tc, a_clock_without_ticks_is_refused_and_leaves_nothing);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
