/* check_schema.c — the lists of jfr/schema.h: what readers require of them, and that FORMAT.md has
 * them. check_schema --table     prints the lines that FORMAT.md must hold
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "jfr/schema.h"

enum { LINE_MAX_BYTES = 4096 };

static const struct jfr_schema_type *type_of(uint32_t id)
{
    size_t n;
    const struct jfr_schema_type *types = jfr_schema_types(&n);
    for (size_t i = 0; i < n; i++)
        if (types[i].id == id)
            return &types[i];
    return NULL;
}

START_TEST(every_id_and_every_name_is_used_once)
{
    size_t n_types, n_annotations;
    const struct jfr_schema_type *types = jfr_schema_types(&n_types);
    const struct jfr_schema_annotation *annotations = jfr_schema_annotations(&n_annotations);
    for (size_t i = 0; i < n_types; i++) {
        ck_assert_uint_gt(types[i].id, JFR_EVENT_CHECKPOINT);
        for (size_t k = 0; k < i; k++)
            ck_assert_msg(types[i].id != types[k].id && strcmp(types[i].name, types[k].name) != 0,
                          "%s and %s", types[i].name, types[k].name);
        for (size_t k = 0; k < n_annotations; k++)
            ck_assert_msg(types[i].id != annotations[k].id, "%s and %s", types[i].name,
                          annotations[k].name);
    }
    for (size_t i = 0; i < n_annotations; i++)
        for (size_t k = 0; k < i; k++)
            ck_assert_msg(annotations[i].id != annotations[k].id, "%s and %s", annotations[i].name,
                          annotations[k].name);
}
END_TEST

START_TEST(events_begin_with_start_time_and_have_duration_second_if_at_all)
{
    size_t n;
    const struct jfr_schema_type *types = jfr_schema_types(&n);
    for (size_t t = 0; t < n; t++) {
        uint32_t n_fields;
        const struct jfr_schema_field *fields = jfr_schema_fields(&types[t], &n_fields);
        if (!types[t].is_event)
            continue;
        ck_assert_msg(n_fields > 0 && strcmp(fields[0].name, "startTime") == 0, "%s",
                      types[t].name);
        ck_assert_uint_eq(fields[0].units, JFR_TICK_STAMP);
        ck_assert_int_eq(fields[0].kind, JFR_KIND_LONG);
        for (uint32_t i = 0; i < n_fields; i++)
            ck_assert_msg(i == 1 || strcmp(fields[i].name, "duration") != 0, "%s", types[t].name);
        ck_assert_msg(types[t].label && types[t].category, "%s without label or category",
                      types[t].name);
    }
}
END_TEST

START_TEST(constants_have_no_real_numbers_and_simple_types_one_field)
{
    size_t n;
    const struct jfr_schema_type *types = jfr_schema_types(&n);
    for (size_t t = 0; t < n; t++) {
        uint32_t n_fields;
        const struct jfr_schema_field *fields = jfr_schema_fields(&types[t], &n_fields);
        for (uint32_t i = 0; i < n_fields && !types[t].is_event; i++)
            ck_assert_msg(fields[i].kind != JFR_KIND_FLOAT && fields[i].kind != JFR_KIND_DOUBLE,
                          "%s.%s", types[t].name, fields[i].name);
        ck_assert_msg(!types[t].is_simple || n_fields == 1, "%s", types[t].name);
    }
}
END_TEST

START_TEST(fields_refer_to_declared_types_of_the_right_sort)
{
    size_t n;
    const struct jfr_schema_type *types = jfr_schema_types(&n);
    for (size_t t = 0; t < n; t++) {
        uint32_t n_fields;
        const struct jfr_schema_field *fields = jfr_schema_fields(&types[t], &n_fields);
        for (uint32_t i = 0; i < n_fields; i++) {
            const struct jfr_schema_type *target = type_of(fields[i].type);
            bool is_struct = fields[i].kind == JFR_KIND_POOL || fields[i].kind == JFR_KIND_INLINE ||
                             fields[i].kind == JFR_KIND_ARRAY;
            ck_assert_msg(target != NULL, "%s.%s", types[t].name, fields[i].name);
            ck_assert_msg(!target->is_event, "%s.%s", types[t].name, fields[i].name);
            ck_assert_msg(is_struct == (target->c_name != NULL), "%s.%s", types[t].name,
                          fields[i].name);
            ck_assert_msg(fields[i].label && fields[i].label[0], "%s.%s", types[t].name,
                          fields[i].name);
            ck_assert_uint_lt(fields[i].offset, types[t].size);
        }
    }
}
END_TEST

START_TEST(constants_with_fixed_ids_are_grouped_by_type_and_unique)
{
    size_t n;
    const struct jfr_schema_constant *c = jfr_schema_constants(&n);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < i; k++) {
            ck_assert_msg(c[i].type != c[k].type || c[i].id != c[k].id, "%s and %s", c[i].text,
                          c[k].text);
            ck_assert_msg(c[i].type != c[k].type || c[i - 1].type == c[i].type, "%s", c[i].text);
        }
}
END_TEST

/* The sample of FORMAT.md §11. */
START_TEST(an_execution_sample_has_the_bytes_of_the_format)
{
    static const uint8_t expected[] = {9, 0x40, 0xa8, 0x9e, 0xb1, 2, 1, 1, 5};
    uint8_t buf[64];
    struct jfr_out out;
    jfr_out_init(&out, buf, sizeof buf);
    ck_assert(jfr_put_execution_sample(
        &out, &(struct jfr_execution_sample){.startTime = 5001000,
                                             .sampledThread = 1,
                                             .stackTrace = 1,
                                             .state = JFR_THREAD_STATE_RUNNABLE}));
    ck_assert_uint_eq(jfr_out_len(&out), sizeof expected);
    ck_assert_mem_eq(buf, expected, sizeof expected);
}
END_TEST

START_TEST(a_stack_trace_has_its_frames_inline)
{
    static const uint8_t expected[] = {7, 1, 2, 1, 42, 3, 1, 2, 0xff, 0xff, 0xff, 0xff, 0x0f, 0, 3};
    static const struct jfr_pool_stack_frame frames[] = {
        {.method = 1, .lineNumber = 42, .bytecodeIndex = 3, .type = JFR_FRAME_TYPE_JIT_COMPILED},
        {.method = 2, .lineNumber = -1, .bytecodeIndex = 0, .type = JFR_FRAME_TYPE_NATIVE},
    };
    uint8_t buf[64];
    struct jfr_out out;
    jfr_out_init(&out, buf, sizeof buf);
    ck_assert(jfr_pool_put_stack_trace(
        &out, 7, &(struct jfr_pool_stack_trace){.truncated = true, .frames = {frames, 2}}));
    ck_assert_uint_eq(jfr_out_len(&out), sizeof expected);
    ck_assert_mem_eq(buf, expected, sizeof expected);
}
END_TEST

START_TEST(an_empty_symbol_is_never_null)
{
    uint8_t buf[16];
    struct jfr_out out;
    jfr_out_init(&out, buf, sizeof buf);
    ck_assert(jfr_pool_put_symbol(&out, 1, &(struct jfr_pool_symbol){0}));
    ck_assert(jfr_pool_put_symbol(&out, 2, &(struct jfr_pool_symbol){.string = {"abc", 2}}));
    ck_assert_uint_eq(jfr_out_len(&out), 8);
    ck_assert_mem_eq(buf,
                     "\x01\x03\x00\x02\x03\x02"
                     "ab",
                     8);
}
END_TEST

START_TEST(what_does_not_fit_is_not_begun)
{
    struct jfr_shutdown event = {.startTime = 1, .reason = "because"};
    struct jfr_pool_thread thread = {.osName = "main", .osThreadId = 1, .javaName = "main"};
    uint8_t buf[64];
    struct jfr_out out;
    jfr_out_init(&out, buf, sizeof buf);
    ck_assert(jfr_put_shutdown(&out, &event));
    size_t n_event = jfr_out_len(&out) + JFR_EVENT_SIZE_LEN - 1; /* the size's room comes first */
    jfr_out_init(&out, buf, sizeof buf);
    ck_assert(jfr_pool_put_thread(&out, 1, &thread));
    size_t n_thread = jfr_out_len(&out);
    for (size_t cap = 0; cap < sizeof buf; cap++) {
        jfr_out_init(&out, buf, cap);
        ck_assert(jfr_put_shutdown(&out, &event) == (cap >= n_event));
        ck_assert(jfr_out_ok(&out) && (cap >= n_event || out.pos == out.begin));
        jfr_out_init(&out, buf, cap);
        ck_assert(jfr_pool_put_thread(&out, 1, &thread) == (cap >= n_thread));
        ck_assert(jfr_out_ok(&out) && (cap >= n_thread || out.pos == out.begin));
    }
}
END_TEST

/* --- FORMAT.md -----------------------------------------------------------------------------------
 */

static void append(char *line, const char *text)
{
    strncat(line, text, LINE_MAX_BYTES - 1 - strlen(line));
}

static void append_units(char *line, uint32_t units)
{
    size_t n;
    const struct jfr_schema_annotation *annotations = jfr_schema_annotations(&n);
    for (uint32_t bit = 0; bit < JFR_UNIT_COUNT; bit++) {
        const struct jfr_schema_unit *unit = &jfr_schema_units()[bit];
        if (!(units & 1u << bit))
            continue;
        for (size_t i = 0; i < n; i++)
            if (annotations[i].id == unit->annotation) {
                append(line, " ");
                append(line, strrchr(annotations[i].name, '.') + 1);
            }
        if (unit->value) {
            append(line, "(");
            append(line, unit->value);
            append(line, ")");
        }
    }
}

/* `| jdk.CPULoad | 308 | startTime long Timestamp(TICKS), ... |` */
static void table_line(const struct jfr_schema_type *type, char line[LINE_MAX_BYTES])
{
    uint32_t n;
    const struct jfr_schema_field *fields = jfr_schema_fields(type, &n);
    snprintf(line, LINE_MAX_BYTES, "| `%s` | %u |", type->name, type->id);
    for (uint32_t i = 0; i < n; i++) {
        const char *target = type_of(fields[i].type)->name;
        append(line, i ? ", " : " ");
        append(line, fields[i].name);
        append(line, fields[i].kind == JFR_KIND_POOL ? " -> " : " ");
        append(line, strrchr(target, '.') ? strrchr(target, '.') + 1 : target);
        append(line, fields[i].kind == JFR_KIND_ARRAY ? "[]" : "");
        append_units(line, fields[i].units);
    }
    append(line, " |\n");
}

static char *read_format_md(void)
{
    char *text = calloc(1, 1 << 18);
    FILE *f = fopen(JFR_FORMAT_MD, "r");
    ck_assert_msg(f != NULL, "can't open %s", JFR_FORMAT_MD);
    size_t n = fread(text, 1, (1 << 18) - 1, f);
    fclose(f);
    ck_assert_uint_gt(n, 0);
    return text;
}

START_TEST(format_md_has_the_table_line_of_every_type)
{
    static char line[LINE_MAX_BYTES];
    size_t n;
    const struct jfr_schema_type *types = jfr_schema_types(&n);
    char *text = read_format_md();
    for (size_t i = 0; i < n; i++) {
        if (!types[i].c_name)
            continue;
        table_line(&types[i], line);
        ck_assert_msg(strstr(text, line) != NULL,
                      "FORMAT.md lacks this line (check_schema --table prints all):\n%s", line);
    }
    free(text);
}
END_TEST

static int print_table(void)
{
    static char line[LINE_MAX_BYTES];
    size_t n;
    const struct jfr_schema_type *types = jfr_schema_types(&n);
    for (size_t i = 0; i < n; i++)
        if (types[i].c_name) {
            table_line(&types[i], line);
            fputs(line, stdout);
        }
    return 0;
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "--table") == 0)
        return print_table();
    Suite *suite = suite_create("schema");
    TCase *tc = tcase_create("schema");
    tcase_add_test(tc, every_id_and_every_name_is_used_once);
    tcase_add_test(tc, events_begin_with_start_time_and_have_duration_second_if_at_all);
    tcase_add_test(tc, constants_have_no_real_numbers_and_simple_types_one_field);
    tcase_add_test(tc, fields_refer_to_declared_types_of_the_right_sort);
    tcase_add_test(tc, constants_with_fixed_ids_are_grouped_by_type_and_unique);
    tcase_add_test(tc, an_execution_sample_has_the_bytes_of_the_format);
    tcase_add_test(tc, a_stack_trace_has_its_frames_inline);
    tcase_add_test(tc, an_empty_symbol_is_never_null);
    tcase_add_test(tc, what_does_not_fit_is_not_begun);
    tcase_add_test(tc, format_md_has_the_table_line_of_every_type);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
