/* check_constants.c — record/constants and record/string_table, written to memory and read back. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>

#include "base/attrs.h"
#include "jfr/read.h"
#include "record/constants.h"
#include "record/string_table.h"

/* --- a recording in memory ----------------------------------------------------------------------
 */

struct fixture {
    struct jfr_sink_mem sink;
    struct jfr_writer *writer;
    struct method_dict dict;
    struct method_index *index;
    struct constants *constants;
    struct jfr_file *file;
    struct jfr_chunk *chunk;
    struct method_entry *entries[8];
    int n_entries;
};

static const char *failure_name(uint64_t status)
{
    return status == 3 ? "no anchor" : "other";
}

static void open_fixture(struct fixture *f, uint32_t max_frames)
{
    struct jfr_writer_options options = {
        .clock = {.start_epoch_ns = 1, .ticks_per_sec = 1000000000}};
    *f = (struct fixture){0};
    jfr_sink_mem_init(&f->sink, 1 << 24);
    ck_assert_int_eq(jfr_writer_open(&f->writer, &f->sink.base, &options, NULL), 0);
    f->index = method_index_new(&f->dict);
    f->constants = constants_new(&(struct constants_config){.writer = f->writer,
                                                            .methods = f->index,
                                                            .max_frames = max_frames,
                                                            .failure_name = failure_name});
    ck_assert_ptr_nonnull(f->constants);
}

/* Publish and read: from here on only reading. */
static void read_back(struct fixture *f)
{
    struct jfr_chunk_header header;
    ck_assert_int_eq(jfr_writer_flush(f->writer, 1), 0);
    ck_assert_int_eq(jfr_file_wrap(&f->file, f->sink.bytes, f->sink.len_bytes, NULL), 0);
    ck_assert_int_eq(jfr_file_next(f->file, &header, NULL), 1);
    ck_assert_int_eq(jfr_chunk_open(&f->chunk, f->file, &header, NULL), 0);
    ck_assert_ptr_null(jfr_chunk_damage(f->chunk));
}

static void close_fixture(struct fixture *f)
{
    jfr_chunk_close(f->chunk);
    jfr_file_close(f->file);
    constants_free(f->constants);
    method_index_free(f->index);
    jfr_writer_close(f->writer, 2, NULL, NULL);
    jfr_sink_mem_fini(&f->sink);
    for (int i = 0; i < f->n_entries; i++)
        free(f->entries[i]);
}

/* A method as the dictionary would have copied it. */
static void add_method(struct fixture *f, method_id id, const char *class_name, const char *name,
                       const char *signature)
{
    size_t n = strlen(class_name) + strlen(name) + strlen(signature);
    struct method_entry *m = calloc(1, sizeof *m + n + 1);
    m->id = id;
    m->modifiers = 9;
    m->class_len = (uint16_t)strlen(class_name);
    m->name_len = (uint16_t)strlen(name);
    m->signature_len = (uint16_t)strlen(signature);
    snprintf(m->text, n + 1, "%s%s%s", class_name, name, signature);
    m->older = load_relaxed(&f->dict.newest);
    store_relaxed(&f->dict.newest, (void *)m);
    f->entries[f->n_entries++] = m;
}

static void add_trace(struct fixture *f, trace_id id, const struct frame *frames, uint32_t n,
                      bool truncated)
{
    struct trace *t = calloc(1, sizeof *t + n * sizeof *frames);
    t->id = id;
    t->n_frames = n;
    t->truncated = truncated;
    memcpy(t->frames, frames, n * sizeof *frames);
    constants_add_trace(f->constants, t);
    free(t);
}

static void expect_text(struct jfr_str s, const char *text)
{
    char buf[256];
    jfr_str_to_utf8(&s, buf, sizeof buf);
    ck_assert_str_eq(buf, text);
}

static void expect_method(struct fixture *f, uint64_t id, const char *class_name, const char *name,
                          const char *descriptor)
{
    struct jfr_method m;
    ck_assert_int_eq(jfr_method_read(f->chunk, id, &m), 0);
    expect_text(m.class_name, class_name);
    expect_text(m.name, name);
    expect_text(m.descriptor, descriptor);
}

static uint32_t count(struct fixture *f, const char *type)
{
    return jfr_pool_count(jfr_chunk_pool(f->chunk, type));
}

/* --- tests --------------------------------------------------------------------------------------
 */

START_TEST(java_frames_keep_method_type_and_bytecode_index)
{
    struct fixture f;
    struct jfr_stack stack = {0};
    open_fixture(&f, 10);
    add_method(&f, 1, "a/b/C", "run", "()V");
    add_method(&f, 2, "a/b/C", "go", "(I)J");
    add_trace(&f, 7,
              (struct frame[]){{.id = 2, .bci = 5, .type = FRAME_INLINED},
                               {.id = 1, .bci = -1, .type = FRAME_JIT_COMPILED},
                               {.id = 1, .bci = 0, .type = FRAME_INTERPRETED}},
              3, false);
    read_back(&f);
    ck_assert_int_eq(jfr_stack_read(f.chunk, 7, &stack), 0);
    ck_assert_uint_eq(stack.n_frames, 3);
    ck_assert(!stack.truncated);
    ck_assert_int_eq(stack.frames[0].kind, JFR_FRAME_INLINED);
    ck_assert_int_eq(stack.frames[0].bci, 5);
    ck_assert_int_eq(stack.frames[1].kind, JFR_FRAME_JIT);
    ck_assert_int_eq(stack.frames[2].kind, JFR_FRAME_INTERPRETED);
    ck_assert_uint_eq(stack.frames[0].method, 2);
    ck_assert_uint_eq(stack.frames[1].method, 1);
    expect_method(&f, 1, "a/b/C", "run", "()V");
    expect_method(&f, 2, "a/b/C", "go", "(I)J");
    ck_assert_uint_eq(count(&f, "java.lang.Class"), 1);
    ck_assert_uint_eq(count(&f, "jdk.types.Package"), 1);
    ck_assert_uint_eq(count(&f, "jdk.types.Method"), 2);
    jfr_stack_fini(&stack);
    close_fixture(&f);
}
END_TEST

/* JMC cuts the package's length off the class name. */
START_TEST(a_package_is_a_real_prefix_of_the_class_name_or_none)
{
    static const struct {
        const char *class_name;
        const char *package;
    } cases[] = {{"a/b/C", "a/b"},  {"C", NULL},        {"a/b/C$$Lambda+0x00000008/0x1", "a/b"},
                 {"C+0x1/x", NULL}, {"[La/b/C;", NULL}, {"/C", NULL}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct fixture f;
        open_fixture(&f, 4);
        add_method(&f, 1, cases[i].class_name, "m", "()V");
        add_trace(&f, 1, (struct frame[]){{.id = 1, .type = FRAME_INTERPRETED}}, 1, false);
        read_back(&f);
        const struct jfr_pool *pool = jfr_chunk_pool(f.chunk, "jdk.types.Package");
        ck_assert_uint_eq(jfr_pool_count(pool), cases[i].package ? 1 : 0);
        if (cases[i].package)
            expect_text(jfr_text_read(f.chunk, jfr_chunk_type_named(f.chunk, "jdk.types.Package"),
                                      jfr_pool_id(pool, 0)),
                        cases[i].package);
        close_fixture(&f);
    }
}
END_TEST

START_TEST(a_failed_walk_ends_in_a_marker_and_unknown_code_has_a_name)
{
    struct fixture f;
    struct jfr_stack stack = {0};
    open_fixture(&f, 4);
    add_trace(&f, 1,
              (struct frame[]){{.id = 0x1234, .type = FRAME_CPP},
                               {.id = 0x5678, .type = FRAME_KERNEL},
                               {.id = 99, .type = FRAME_NATIVE},
                               {.id = 3, .type = FRAME_FAILED}},
              4, true);
    read_back(&f);
    ck_assert_int_eq(jfr_stack_read(f.chunk, 1, &stack), 0);
    ck_assert_uint_eq(stack.n_frames, 4);
    ck_assert(stack.truncated);
    expect_method(&f, stack.frames[0].method, "", "[unknown]", "()V");
    expect_method(&f, stack.frames[1].method, "", "[unknown]", "()V");
    expect_method(&f, stack.frames[2].method, "", "[unknown Java]", "()V");
    expect_method(&f, stack.frames[3].method, "", "[failed: no anchor]", "()V");
    ck_assert_int_eq(stack.frames[0].kind, JFR_FRAME_NATIVE);
    ck_assert_int_eq(stack.frames[1].kind, JFR_FRAME_KERNEL);
    ck_assert_int_eq(stack.frames[3].kind, JFR_FRAME_NATIVE);
    ck_assert_uint_eq(stack.frames[0].method, stack.frames[1].method);
    ck_assert_uint_gt(stack.frames[0].method, CONSTANTS_NATIVE_BASE);
    jfr_stack_fini(&stack);
    close_fixture(&f);
}
END_TEST

/* A fixture whose native frames are named by the process's own maps. */
static struct codemap *open_code_fixture(struct fixture *f)
{
    struct codemap *code = codemap_new();
    ck_assert_int_eq(codemap_refresh(code), 0);
    open_fixture(f, 4);
    constants_free(f->constants);
    f->constants = constants_new(&(struct constants_config){
        .writer = f->writer, .code = code, .max_frames = 4, .failure_name = failure_name});
    return code;
}

START_TEST(native_code_is_named_by_library_and_symbol)
{
    struct fixture f;
    struct jfr_stack stack = {0};
    struct codemap *code = open_code_fixture(&f);
    uint64_t pc = (uint64_t)(uintptr_t)&method_index_new;
    add_trace(&f, 1,
              (struct frame[]){{.id = pc, .type = FRAME_CPP}, {.id = pc + 1, .type = FRAME_CPP}}, 2,
              false);
    read_back(&f);
    ck_assert_int_eq(jfr_stack_read(f.chunk, 1, &stack), 0);
    expect_method(&f, stack.frames[0].method, "check_constants", "method_index_new", "()V");
    ck_assert_uint_eq(stack.frames[0].method, stack.frames[1].method);
    ck_assert_uint_eq(count(&f, "jdk.types.Method"), 1);
    jfr_stack_fini(&stack);
    codemap_free(code);
    close_fixture(&f);
}
END_TEST

/* JMC takes a class name that begins with a bracket for an array's and refuses the recording. */
START_TEST(the_vdso_is_no_array_class)
{
    struct fixture f;
    struct jfr_stack stack = {0};
    struct codemap *code = open_code_fixture(&f);
    uint64_t vdso = getauxval(AT_SYSINFO_EHDR); /* its header: code of no symbol */
    ck_assert_uint_ne(vdso, 0);
    add_trace(&f, 1, (struct frame[]){{.id = vdso, .type = FRAME_CPP}}, 1, false);
    read_back(&f);
    ck_assert_int_eq(jfr_stack_read(f.chunk, 1, &stack), 0);
    expect_method(&f, stack.frames[0].method, "vdso", "[vdso]", "()V");
    jfr_stack_fini(&stack);
    codemap_free(code);
    close_fixture(&f);
}
END_TEST

START_TEST(threads_have_their_names_and_groups_once)
{
    struct fixture f;
    struct jfr_thread t;
    char java[] = "worker", os[] = "wrk", group[] = "main";
    open_fixture(&f, 4);
    constants_add_thread(f.constants, &(struct thread_info){.id = 1,
                                                            .tid = 100,
                                                            .os_name = os,
                                                            .java_name = java,
                                                            .group_name = group,
                                                            .java_id = 9});
    constants_add_thread(
        f.constants,
        &(struct thread_info){
            .id = 2, .tid = 101, .os_name = os, .java_name = java, .group_name = group});
    constants_add_thread(f.constants, &(struct thread_info){.id = 3, .tid = 102, .os_name = os});
    read_back(&f);
    ck_assert_uint_eq(count(&f, "java.lang.Thread"), 3);
    ck_assert_uint_eq(count(&f, "jdk.types.ThreadGroup"), 1);
    ck_assert_int_eq(jfr_thread_read(f.chunk, 1, &t), 0);
    expect_text(t.java_name, "worker");
    expect_text(t.os_name, "wrk");
    ck_assert_int_eq(t.os_id, 100);
    ck_assert_int_eq(t.java_id, 9);
    ck_assert_int_eq(jfr_thread_read(f.chunk, 3, &t), 0);
    ck_assert_int_eq(t.java_name.encoding, JFR_STRING_NULL);
    ck_assert_uint_eq(constants_n_threads(f.constants), 3);
    close_fixture(&f);
}
END_TEST

START_TEST(a_trace_that_is_longer_than_max_frames_is_cut_not_overrun)
{
    struct fixture f;
    struct jfr_stack stack = {0};
    struct frame frames[5] = {0};
    open_fixture(&f, 3);
    for (int i = 0; i < 5; i++)
        frames[i] = (struct frame){.id = 3, .type = FRAME_FAILED};
    add_trace(&f, 1, frames, 5, false);
    read_back(&f);
    ck_assert_int_eq(jfr_stack_read(f.chunk, 1, &stack), 0);
    ck_assert_uint_eq(stack.n_frames, 3);
    jfr_stack_fini(&stack);
    close_fixture(&f);
}
END_TEST

START_TEST(equal_strings_have_one_id_and_ids_count_up)
{
    struct string_table t = {0};
    char text[16];
    for (uint32_t round = 0; round < 2; round++)
        for (uint32_t i = 0; i < 5000; i++) {
            int n = snprintf(text, sizeof text, "s%u", i);
            ck_assert_uint_eq(string_table_put(&t, text, (size_t)n), i + 1);
        }
    ck_assert_uint_eq(t.n, 5000);
    ck_assert_str_eq(string_table_entry(&t, 4321)->text, "s4320");
    ck_assert_uint_eq(string_table_put(&t, "", 0), 5001);
    ck_assert_uint_eq(string_table_put(&t, "a\0b", 3), 5002);
    ck_assert_uint_eq(string_table_put(&t, "a\0c", 3), 5003);
    ck_assert_uint_eq(string_table_put(&t, "a", 1), 5004);
    string_table_fini(&t);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("constants");
    TCase *tc = tcase_create("constants");
    suite_add_tcase(suite, tc);
    tcase_add_test(tc, java_frames_keep_method_type_and_bytecode_index);
    tcase_add_test(tc, a_package_is_a_real_prefix_of_the_class_name_or_none);
    tcase_add_test(tc, a_failed_walk_ends_in_a_marker_and_unknown_code_has_a_name);
    tcase_add_test(tc, native_code_is_named_by_library_and_symbol);
    tcase_add_test(tc, the_vdso_is_no_array_class);
    tcase_add_test(tc, threads_have_their_names_and_groups_once);
    tcase_add_test(tc, a_trace_that_is_longer_than_max_frames_is_cut_not_overrun);
    tcase_add_test(tc, equal_strings_have_one_id_and_ids_count_up);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int n_failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return n_failed != 0;
}
