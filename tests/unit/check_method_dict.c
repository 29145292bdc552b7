/* check_method_dict.c — store/method_dict on a fake HotSpot: ids, copies, lines, many threads. */
#include <check.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "os/safe_load.h"
#include "store/method_dict.h"
#include "support/fake_vm.h"

static struct fake_vm g_f;
static struct arena g_arena;
static struct method_dict g_md;
static struct method_index *g_index;

static void start(int jdk, size_t arena_bytes, uint32_t n_slots)
{
    struct err e;
    fake_vm_init(&g_f, (enum fake_jdk)jdk);
    ck_assert_msg(safe_load_install(&e) == 0, "%s", e.text);
    ck_assert_int_eq(arena_init(&g_arena, arena_bytes), 0);
    ck_assert_int_eq(method_dict_init(&g_md, &g_f.vm, &g_arena, n_slots), 0);
    g_index = method_index_new(&g_md);
    ck_assert_ptr_nonnull(g_index);
}

static void tear_down(void)
{
    method_index_free(g_index);
    method_dict_fini(&g_md);
    arena_fini(&g_arena);
    safe_load_remove();
    fake_vm_fini(&g_f);
}

/* One frame through the dictionary: its id, METHOD_NONE with *result otherwise. */
static method_id resolve(uintptr_t method, enum method_result *result)
{
    struct frame f = {.id = method, .type = FRAME_JIT_COMPILED};
    uint32_t n = 1;
    *result = method_dict_resolve(&g_md, &f, &n);
    ck_assert_uint_eq(n, *result == METHOD_OK);
    return *result == METHOD_OK ? (method_id)f.id : METHOD_NONE;
}

static method_id id_of(uintptr_t method)
{
    enum method_result result;
    method_id id = resolve(method, &result);
    ck_assert_int_eq(result, METHOD_OK);
    ck_assert_uint_ne(id, METHOD_NONE);
    return id;
}

static const struct method_entry *entry_of(method_id id)
{
    const struct method_entry *m = method_index_find(g_index, id);
    ck_assert_ptr_nonnull(m);
    ck_assert_uint_eq(m->id, id);
    return m;
}

static void assert_names(const struct method_entry *m, const char *class_name, const char *name,
                         const char *signature)
{
    ck_assert_uint_eq(m->class_len, strlen(class_name));
    ck_assert_uint_eq(m->name_len, strlen(name));
    ck_assert_uint_eq(m->signature_len, strlen(signature));
    ck_assert_mem_eq(method_entry_class(m), class_name, m->class_len);
    ck_assert_mem_eq(method_entry_name(m), name, m->name_len);
    ck_assert_mem_eq(method_entry_signature(m), signature, m->signature_len);
}

/* --- ids -------------------------------------------------------------------------------------- */

START_TEST(the_same_method_has_the_same_id_and_others_have_others)
{
    start(_i, 1 << 20, 1024);
    uintptr_t a = fake_java(&g_f, "a"), b = fake_java(&g_f, "b");
    method_id id_a = id_of(a), id_b = id_of(b);
    ck_assert_uint_ne(id_a, id_b);
    ck_assert_uint_eq(id_of(a), id_a);
    ck_assert_uint_eq(id_of(b), id_b);
    assert_names(entry_of(id_a), "a/B", "a", "()V");
    assert_names(entry_of(id_b), "a/B", "b", "()V");
    ck_assert_uint_eq(method_index_count(g_index), 2);
    ck_assert_ptr_null(method_index_find(g_index, METHOD_NONE));
    ck_assert_ptr_null(method_index_find(g_index, id_b + 1));
    ck_assert_ptr_null(method_index_find(g_index, UINT32_MAX));
}
END_TEST

/* Each thing that makes a method's identity, changed by itself at the same Method*. */
START_TEST(another_method_at_the_same_address_has_a_new_id_and_the_old_stays)
{
    start(_i, 1 << 20, 1024);
    const struct vm *vm = &g_f.vm;
    bool faulted = false;
    uintptr_t m = fake_java(&g_f, "old"), other = fake_java(&g_f, "new");
    uintptr_t cm = fake_const_method(&g_f, m), cm2 = fake_const_method(&g_f, other);
    uintptr_t pool = vm_get(vm->cm_constants, cm, &faulted);
    uintptr_t pool2 = vm_get(vm->cm_constants, cm2, &faulted);
    uintptr_t klass = vm_get(vm->cp_holder, pool, &faulted);
    uintptr_t klass2 = vm_get(vm->cp_holder, pool2, &faulted);
    method_id seen[8];
    size_t n = 0;
    seen[n++] = id_of(m);
    fake_set(vm->klass_name, klass, vm_get(vm->klass_name, klass2, &faulted));
    seen[n++] = id_of(m);
    fake_poke(pool + vm->constant_pool_bytes + 3 * 8,
              safe_load64(pool2 + vm->constant_pool_bytes + 3 * 8, &faulted));
    seen[n++] = id_of(m);
    fake_poke(pool + vm->constant_pool_bytes + 5 * 8,
              safe_load64(pool2 + vm->constant_pool_bytes + 5 * 8, &faulted));
    seen[n++] = id_of(m);
    fake_set(vm->cm_constants, cm, pool2);
    seen[n++] = id_of(m);
    fake_set(vm->method_const, m, cm2);
    seen[n++] = id_of(m);
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < i; k++)
            ck_assert_uint_ne(seen[i], seen[k]);
        assert_names(entry_of(seen[i]), "a/B", i < 2 ? "old" : "new", "()V");
    }
    ck_assert_uint_eq(id_of(m), seen[n - 1]);
    ck_assert_uint_eq(method_index_count(g_index), n);
}
END_TEST

START_TEST(the_index_grows_with_the_dictionary)
{
    start(_i, 1 << 20, 4096);
    enum { N = 1500 };
    static method_id ids[N];
    for (int i = 0; i < N; i++) {
        char name[16];
        snprintf(name, sizeof name, "m%d", i);
        ids[i] = id_of(fake_java(&g_f, name));
        if (i % 97 == 0)
            entry_of(ids[i]);
    }
    for (int i = 0; i < N; i++) {
        char name[16];
        snprintf(name, sizeof name, "m%d", i);
        assert_names(entry_of(ids[i]), "a/B", name, "()V");
    }
    ck_assert_uint_eq(method_index_count(g_index), N);
}
END_TEST

START_TEST(names_of_every_length_are_copied_whole)
{
    start(_i, 1 << 22, 1024);
    static const size_t lengths[] = {1, 7, 8, 9, 255, 4096, 65535};
    static char text[65536];
    for (size_t i = 0; i < COUNT_OF(lengths); i++) {
        for (size_t k = 0; k < lengths[i]; k++)
            text[k] = (char)('a' + k % 26);
        text[lengths[i]] = 0;
        method_id id = id_of(fake_method(
            &g_f, &(struct fake_method_spec){
                      .class_name = text, .name = text, .signature = text, .code_bytes = 4}));
        assert_names(entry_of(id), text, text, text);
    }
}
END_TEST

START_TEST(modifiers_are_kept)
{
    start(_i, 1 << 20, 64);
    uintptr_t m = fake_method(
        &g_f, &(struct fake_method_spec){
                  .class_name = "a/B", .name = "n", .signature = "()V", .modifiers = 0x0119});
    ck_assert_uint_eq(entry_of(id_of(m))->modifiers, 0x0119);
}
END_TEST

/* --- what cannot be resolved ------------------------------------------------------------------ */

START_TEST(a_stack_is_cut_at_the_first_method_that_cannot_be)
{
    start(_i, 1 << 20, 64);
    uintptr_t a = fake_java(&g_f, "a"), b = fake_java(&g_f, "b");
    struct frame f[] = {
        {.id = 0x1234, .type = FRAME_CPP},    {.id = a, .type = FRAME_INLINED},
        {.id = 0x5678, .type = FRAME_KERNEL}, {.id = 0, .type = FRAME_JIT_COMPILED},
        {.id = b, .type = FRAME_INTERPRETED},
    };
    uint32_t n = COUNT_OF(f);
    ck_assert_int_eq(method_dict_resolve(&g_md, f, &n), METHOD_BAD);
    ck_assert_uint_eq(n, 3);
    ck_assert_uint_eq(f[0].id, 0x1234);
    ck_assert_uint_eq(f[1].id, id_of(a));
    ck_assert_uint_eq(f[2].id, 0x5678);
    f[0] = (struct frame){.id = b, .type = FRAME_INTERPRETED};
    n = 1;
    ck_assert_int_eq(method_dict_resolve(&g_md, f, &n), METHOD_OK);
    ck_assert_uint_eq(n, 1);
    n = 0;
    ck_assert_int_eq(method_dict_resolve(&g_md, f, &n), METHOD_OK);
}
END_TEST

START_TEST(unmapped_methods_and_names_are_a_fault)
{
    start(_i, 1 << 20, 64);
    enum method_result result;
    resolve(g_f.hole, &result);
    ck_assert_int_eq(result, METHOD_FAULT);
    /* a symbol that begins on the last readable bytes and goes on in the hole */
    uintptr_t m = fake_java(&g_f, "a"), symbol = g_f.stack_high - 16;
    bool faulted = false;
    uintptr_t pool = vm_get(g_f.vm.cm_constants, fake_const_method(&g_f, m), &faulted);
    fake_set(g_f.vm.symbol_length, symbol, 100);
    for (int entry = 3; entry <= 5; entry += 2) {
        uintptr_t place = pool + g_f.vm.constant_pool_bytes + (uintptr_t)entry * 8;
        uintptr_t good = safe_load64(place, &faulted);
        fake_poke(place, symbol);
        resolve(m, &result);
        ck_assert_int_eq(result, METHOD_FAULT);
        fake_poke(place, good);
    }
    ck_assert_uint_eq(method_index_count(g_index), 0);
    id_of(m);
}
END_TEST

START_TEST(a_full_arena_refuses_new_methods_and_knows_the_old_ones)
{
    start(_i, 4096, 1024);
    enum method_result result = METHOD_OK;
    uintptr_t known = fake_java(&g_f, "known");
    method_id id = id_of(known);
    for (int i = 0; result == METHOD_OK; i++) {
        ck_assert_int_lt(i, 100);
        resolve(fake_java(&g_f, "new"), &result);
    }
    ck_assert_int_eq(result, METHOD_FULL);
    ck_assert_uint_eq(id_of(known), id);
}
END_TEST

START_TEST(a_full_table_refuses_new_methods_and_knows_the_old_ones)
{
    start(_i, 1 << 20, 8);
    uintptr_t methods[8];
    method_id ids[8];
    enum method_result result;
    for (int i = 0; i < 8; i++)
        ids[i] = id_of(methods[i] = fake_java(&g_f, "m"));
    resolve(fake_java(&g_f, "one too many"), &result);
    ck_assert_int_eq(result, METHOD_FULL);
    for (int i = 0; i < 8; i++)
        ck_assert_uint_eq(id_of(methods[i]), ids[i]);
}
END_TEST

START_TEST(ids_end_where_those_of_native_symbols_begin)
{
    start(_i, 1 << 20, 64);
    enum method_result result;
    store_relaxed(&g_md.next_id, METHOD_ID_MAX - 1);
    ck_assert_uint_eq(id_of(fake_java(&g_f, "last")), METHOD_ID_MAX - 1);
    resolve(fake_java(&g_f, "none"), &result);
    ck_assert_int_eq(result, METHOD_FULL);
}
END_TEST

START_TEST(init_refuses_impossible_sizes)
{
    start(_i, 1 << 20, 1);
    struct method_dict md;
    ck_assert_int_eq(method_dict_init(&md, &g_f.vm, &g_arena, 0), -EINVAL);
    ck_assert_int_eq(method_dict_init(&md, &g_f.vm, &g_arena, 1000), -EINVAL);
    id_of(fake_java(&g_f, "only"));
}
END_TEST

/* --- lines ------------------------------------------------------------------------------------ */

/* HotSpot's CompressedLineNumberWriteStream (oops/method.cpp). */
struct line_writer {
    uint8_t bytes[4096], *at;
    int bci, line;
};

static uint32_t zigzag(int32_t v)
{
    return ((uint32_t)v << 1) ^ (uint32_t)(v >> 31);
}

static void write_line(struct line_writer *w, int bci, int line)
{
    int bci_delta = bci - w->bci, line_delta = line - w->line;
    w->bci = bci;
    w->line = line;
    if (bci_delta == 0 && line_delta == 0)
        return;
    int byte = bci_delta * 8 + line_delta;
    if (bci_delta >= 0 && bci_delta < 32 && line_delta >= 0 && line_delta < 8 && byte != 0xff) {
        *w->at++ = (uint8_t)byte;
        return;
    }
    *w->at++ = 0xff;
    w->at = fake_write_number(w->at, zigzag(bci_delta), g_f.vm.number_bias);
    w->at = fake_write_number(w->at, zigzag(line_delta), g_f.vm.number_bias);
}

static const struct method_entry *entry_with(const uint8_t *lines, size_t n)
{
    return entry_of(id_of(fake_method(&g_f, &(struct fake_method_spec){.class_name = "a/B",
                                                                       .name = "n",
                                                                       .signature = "()V",
                                                                       .code_bytes = 1000,
                                                                       .lines = lines,
                                                                       .n_lines = n})));
}

struct row {
    int bci, line;
};

static const struct method_entry *entry_of_rows(const struct row *rows, size_t n)
{
    struct line_writer w = {.at = w.bytes};
    for (size_t i = 0; i < n; i++)
        write_line(&w, rows[i].bci, rows[i].line);
    *w.at++ = 0;
    const struct method_entry *m = entry_with(w.bytes, (size_t)(w.at - w.bytes));
    ck_assert_uint_eq(m->lines_len, w.at - w.bytes);
    ck_assert_mem_eq(m->text + m->class_len + m->name_len + m->signature_len, w.bytes,
                     m->lines_len);
    return m;
}

/* What HotSpot's Method::line_number_from_bci says, 0 for its -1. */
static int expected_line(const struct row *rows, size_t n, int bci)
{
    struct row best = {0, 0};
    for (size_t i = 0; i < n; i++) {
        if (rows[i].bci == bci)
            return rows[i].line;
        if (rows[i].bci < bci && rows[i].bci >= best.bci)
            best = rows[i];
    }
    return best.line;
}

START_TEST(lines_of_every_kind_of_table_are_those_that_hotspot_finds)
{
    start(_i, 1 << 22, 1024);
    static const struct {
        struct row rows[8];
        size_t n;
    } tables[] = {
        {{{0, 1}}, 1},                    /* one byte */
        {{{0, 7}, {31, 7}, {32, 14}}, 3}, /* the largest one-byte pairs */
        {{{0, 1}, {31, 8}, {62, 15}}, 3}, /* 31 and 7: escaped, it would be 0xff */
        {{{0, 100}, {5, 101}, {300, 99}, {900, 65535}}, 4},    /* escapes, line backwards */
        {{{0, 10}, {40, 12}, {20, 11}, {60, 9}, {50, 30}}, 5}, /* bytecodes out of order */
        {{{0, 10}, {20, 20}, {0, 30}, {20, 40}}, 4},           /* twice the same bytecode */
        {{{10, 3}, {10, 4}, {30, 5}}, 3},
        {{{50, 5}}, 1}, /* nothing at the begin */
        {{{0, 5}, {96, 101}, {97, 200}, {97, 300}, {200, 6}}, 5},
    };
    for (size_t t = 0; t < COUNT_OF(tables); t++) {
        const struct method_entry *m = entry_of_rows(tables[t].rows, tables[t].n);
        for (int bci = 0; bci < 1000; bci++)
            ck_assert_msg(method_entry_line(m, bci) ==
                              expected_line(tables[t].rows, tables[t].n, bci),
                          "table %zu, bci %d: %d", t, bci, method_entry_line(m, bci));
        ck_assert_int_eq(method_entry_line(m, -1), 0);
        ck_assert_int_eq(method_entry_line(m, INT32_MIN), 0);
    }
}
END_TEST

START_TEST(random_tables_have_the_lines_that_hotspot_finds)
{
    start(_i, 1 << 22, 1024);
    uint32_t seed = 99;
    for (int round = 0; round < 100; round++) {
        struct row rows[30];
        for (size_t i = 0; i < COUNT_OF(rows); i++) {
            seed = seed * 1664525 + 1013904223;
            rows[i].bci = (int)(seed >> 24) * (round % 3 + 1);
            rows[i].line = 1 + (int)(seed >> 8 & (round % 2 ? 0xfff : 0xf));
        }
        const struct method_entry *m = entry_of_rows(rows, COUNT_OF(rows));
        for (int bci = 0; bci < 1000; bci += 3)
            ck_assert_int_eq(method_entry_line(m, bci), expected_line(rows, COUNT_OF(rows), bci));
    }
}
END_TEST

START_TEST(a_method_without_line_table_has_line_zero)
{
    start(_i, 1 << 20, 64);
    const struct method_entry *m = entry_of(id_of(fake_java(&g_f, "a")));
    ck_assert_uint_eq(m->lines_len, 0);
    ck_assert_int_eq(method_entry_line(m, 0), 0);
    ck_assert_int_eq(method_entry_line(m, 50), 0);
}
END_TEST

START_TEST(a_line_table_without_an_end_is_none)
{
    start(_i, 1 << 20, 64);
    static const uint8_t plain[] = {9, 9, 9, 9, 9, 9, 9, 9};
    static const uint8_t cut[] = {9, 9, 9, 9, 0xff, 0xf0, 0xf0, 0xf0};
    ck_assert_uint_eq(entry_with(plain, sizeof plain)->lines_len, 0);
    ck_assert_uint_eq(entry_with(cut, sizeof cut)->lines_len, 0);
}
END_TEST

START_TEST(any_line_table_gives_a_line_number_without_a_crash)
{
    start(_i, 1 << 22, 4096);
    uint32_t seed = 7;
    for (int round = 0; round < 300; round++) {
        uint8_t bytes[64];
        for (size_t i = 0; i < sizeof bytes - 1; i++)
            bytes[i] = (seed = seed * 1664525 + 1013904223) >> 30 ? (uint8_t)(seed >> 16) : 0xff;
        bytes[sizeof bytes - 1] = 0;
        const struct method_entry *m = entry_with(bytes, sizeof bytes);
        for (int bci = -2; bci < 500; bci += 7) {
            int line = method_entry_line(m, bci);
            ck_assert(line >= 0 && line <= UINT16_MAX);
        }
    }
}
END_TEST

/* --- many threads ----------------------------------------------------------------------------- */

enum { N_THREADS = 4, N_METHODS = 200, N_ROUNDS = 5 };

static uintptr_t g_methods[N_METHODS];
static pthread_barrier_t g_barrier;

struct worker {
    pthread_t thread;
    method_id ids[N_METHODS];
    bool is_consistent;
};

/* Every thread meets the methods in the same order, so that they collide at each. */
static void *work(void *arg)
{
    struct worker *w = arg;
    w->is_consistent = true;
    pthread_barrier_wait(&g_barrier);
    for (int round = 0; round < N_ROUNDS; round++)
        for (int i = 0; i < N_METHODS; i++) {
            struct frame f = {.id = g_methods[i], .type = FRAME_JIT_COMPILED};
            uint32_t n = 1;
            if (method_dict_resolve(&g_md, &f, &n) != METHOD_OK)
                w->is_consistent = false;
            if (round > 0 && w->ids[i] != f.id)
                w->is_consistent = false;
            w->ids[i] = (method_id)f.id;
        }
    return NULL;
}

START_TEST(threads_at_once_agree_on_one_id_for_each_method)
{
    start(_i, 1 << 22, 512); /* crowded, so that different methods fight for slots; never full */
    static struct worker workers[N_THREADS];
    for (int i = 0; i < N_METHODS; i++) {
        char name[16];
        snprintf(name, sizeof name, "m%d", i);
        g_methods[i] = fake_java(&g_f, name);
    }
    pthread_barrier_init(&g_barrier, NULL, N_THREADS + 1);
    for (int t = 0; t < N_THREADS; t++)
        ck_assert_int_eq(pthread_create(&workers[t].thread, NULL, work, &workers[t]), 0);
    pthread_barrier_wait(&g_barrier);
    for (method_id id = 1; id <= N_METHODS; id++) /* the recorder looks on meanwhile */
        if (method_index_find(g_index, id))
            ck_assert_uint_eq(method_index_find(g_index, id)->id, id);
    for (int t = 0; t < N_THREADS; t++)
        pthread_join(workers[t].thread, NULL);
    for (int t = 0; t < N_THREADS; t++) {
        ck_assert(workers[t].is_consistent);
        ck_assert_mem_eq(workers[t].ids, workers[0].ids, sizeof workers[0].ids);
    }
    for (int i = 0; i < N_METHODS; i++) {
        char name[16];
        snprintf(name, sizeof name, "m%d", i);
        assert_names(entry_of(workers[0].ids[i]), "a/B", name, "()V");
    }
}
END_TEST

static void add_tests(TCase *tc)
{
#define ADD(test) tcase_add_loop_test(tc, test, 0, FAKE_N_JDKS)
    ADD(the_same_method_has_the_same_id_and_others_have_others);
    ADD(another_method_at_the_same_address_has_a_new_id_and_the_old_stays);
    ADD(the_index_grows_with_the_dictionary);
    ADD(names_of_every_length_are_copied_whole);
    ADD(modifiers_are_kept);
    ADD(a_stack_is_cut_at_the_first_method_that_cannot_be);
    ADD(unmapped_methods_and_names_are_a_fault);
    ADD(a_full_arena_refuses_new_methods_and_knows_the_old_ones);
    ADD(a_full_table_refuses_new_methods_and_knows_the_old_ones);
    ADD(ids_end_where_those_of_native_symbols_begin);
    ADD(init_refuses_impossible_sizes);
    ADD(lines_of_every_kind_of_table_are_those_that_hotspot_finds);
    ADD(random_tables_have_the_lines_that_hotspot_finds);
    ADD(a_method_without_line_table_has_line_zero);
    ADD(a_line_table_without_an_end_is_none);
    ADD(any_line_table_gives_a_line_number_without_a_crash);
    ADD(threads_at_once_agree_on_one_id_for_each_method);
#undef ADD
}

int main(void)
{
    Suite *suite = suite_create("method_dict");
    TCase *tc = tcase_create("method_dict");
    suite_add_tcase(suite, tc);
    tcase_add_checked_fixture(tc, NULL, tear_down);
    tcase_set_timeout(tc, 60);
    add_tests(tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int n_failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return n_failed != 0;
}
