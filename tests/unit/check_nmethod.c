/* check_nmethod.c — vm/nmethod: pc -> inlining chain, on a fake HotSpot of both ages. */
#include <check.h>
#include <string.h>

#include "os/safe_load.h"
#include "support/fake_vm.h"
#include "vm/code_cache.h"

static struct fake_vm g_f;
static bool g_faulted;

static void start(int jdk)
{
    struct err e;
    fake_vm_init(&g_f, (enum fake_jdk)jdk);
    ck_assert_msg(safe_load_install(&e) == 0, "%s", e.text);
    g_faulted = false;
}

static void tear_down(void)
{
    safe_load_remove();
    fake_vm_fini(&g_f);
}

/* Method pointers need not be readable here. */
enum { M_OUTER = 0x100000, M_MIDDLE = 0x200000, M_INNER = 0x300000, M_OTHER = 0x400000 };

static const struct fake_pc g_pcs[] = {
    {.offset = 20, .n = 1, .scopes = {{M_OUTER, 7}}},
    {.offset = 40, .n = 3, .scopes = {{M_INNER, 70000}, {M_MIDDLE, 300}, {M_OUTER, 190}}},
    {.offset = 60, .n = 2, .scopes = {{M_OTHER, -1}, {M_OUTER, 191}}},
    {.offset = 100, .n = 0},
};

static struct fake_code nmethod(const struct fake_pc *pcs, size_t n)
{
    return fake_blob(&g_f, HEAP_METHODS,
                     &(struct fake_code_spec){.name = "nmethod",
                                              .code_bytes = 200,
                                              .frame_words = 6,
                                              .frame_complete = 5,
                                              .method = M_OUTER,
                                              .level = 4,
                                              .pcs = pcs,
                                              .n_pcs = n});
}

static struct code_blob blob_of(const struct fake_code *c)
{
    struct code_blob blob;
    ck_assert(code_cache_find(&g_f.vm, c->begin, &blob, &g_faulted));
    return blob;
}

/* The chain at an offset has these scopes; n 0: no debug info. */
static void assert_chain(const struct fake_code *c, int32_t offset, bool is_top,
                         const struct fake_scope *scopes, size_t n)
{
    struct code_blob blob = blob_of(c);
    struct scope_cursor cursor;
    uintptr_t method, pc = c->begin + (uintptr_t)(intptr_t)offset;
    int32_t bci;
    bool found = nmethod_scopes(&g_f.vm, &blob, pc, is_top, &cursor, &g_faulted);
    ck_assert_msg(found == (n > 0), "offset %d", offset);
    for (size_t i = 0; i < n; i++) {
        ck_assert(nmethod_next_scope(&g_f.vm, &cursor, &method, &bci, &g_faulted));
        ck_assert_uint_eq(method, scopes[i].method);
        ck_assert_int_eq(bci, scopes[i].bci);
    }
    if (found)
        ck_assert(!nmethod_next_scope(&g_f.vm, &cursor, &method, &bci, &g_faulted));
    ck_assert(!g_faulted);
}

START_TEST(a_return_address_has_the_scopes_of_its_call)
{
    start(_i);
    struct fake_code c = nmethod(g_pcs, COUNT_OF(g_pcs));
    for (size_t i = 0; i < COUNT_OF(g_pcs); i++)
        assert_chain(&c, g_pcs[i].offset, false, g_pcs[i].scopes, g_pcs[i].n);
}
END_TEST

START_TEST(an_interrupted_instruction_has_the_scopes_of_the_next_desc)
{
    start(_i);
    struct fake_code c = nmethod(g_pcs, COUNT_OF(g_pcs));
    for (int32_t offset = 0; offset < 120; offset++) {
        size_t i = 0; /* the first that ends behind the instruction */
        while (i < COUNT_OF(g_pcs) && g_pcs[i].offset <= offset)
            i++;
        bool none = i == COUNT_OF(g_pcs);
        assert_chain(&c, offset, true, none ? NULL : g_pcs[i].scopes, none ? 0 : g_pcs[i].n);
    }
}
END_TEST

START_TEST(before_the_first_and_behind_the_last_desc_is_no_debug_info)
{
    start(_i);
    struct fake_code c = nmethod(g_pcs, COUNT_OF(g_pcs));
    assert_chain(&c, -1, false, NULL, 0);
    assert_chain(&c, -100, true, NULL, 0);
    assert_chain(&c, 101, false, NULL, 0);
    assert_chain(&c, 199, true, NULL, 0);
    struct fake_code bare = nmethod(NULL, 0);
    assert_chain(&bare, 0, false, NULL, 0);
    assert_chain(&bare, 50, true, NULL, 0);
}
END_TEST

START_TEST(every_desc_of_many_is_found)
{
    start(_i);
    enum { N = 20 };
    struct fake_pc pcs[N];
    for (int n = 1; n <= N; n++) {
        for (int i = 0; i < n; i++)
            pcs[i] = (struct fake_pc){.offset = 5 + i * 7, .n = 1, .scopes = {{M_OTHER, i}}};
        struct fake_code c = nmethod(pcs, (size_t)n);
        for (int i = 0; i < n; i++)
            assert_chain(&c, pcs[i].offset, false, pcs[i].scopes, 1);
    }
}
END_TEST

/* A scope stream of the test's own: what a desc at offset 20 leads to. */
static struct fake_code with_stream(const uint8_t *stream, size_t n, struct scope_cursor *cursor)
{
    struct fake_code c = nmethod(g_pcs, COUNT_OF(g_pcs));
    memcpy((char *)c.scopes_data, stream, n);
    *cursor = (struct scope_cursor){
        .nmethod = c.blob, .scopes_data = c.scopes_data, .metadata = c.metadata, .next = 1};
    return c;
}

static bool next(struct scope_cursor *cursor, uintptr_t *method, int32_t *bci)
{
    return nmethod_next_scope(&g_f.vm, cursor, method, bci, &g_faulted);
}

START_TEST(numbers_of_every_length_are_read)
{
    start(_i);
    static const uint32_t values[] = {0,       1,        190,        191,        192,      193,
                                      254,     255,      12478,      12479,      12480,    798911,
                                      798912,  51131583, 51131584,   0x7fffffff, 0xfffffe, 1 << 20,
                                      1 << 24, 1u << 30, 0x80000000, 0xffffffff};
    for (size_t i = 0; i < COUNT_OF(values); i++) {
        uint8_t stream[32] = {0}, *at = stream + 1;
        struct scope_cursor cursor;
        uintptr_t method;
        int32_t bci;
        at = fake_write_number(at, 0, g_f.vm.number_bias);
        at = fake_write_number(at, 1, g_f.vm.number_bias);
        at = fake_write_number(at, values[i], g_f.vm.number_bias);
        with_stream(stream, (size_t)(at - stream), &cursor);
        ck_assert(next(&cursor, &method, &bci));
        ck_assert_uint_eq(method, M_OUTER);
        ck_assert_int_eq(bci, (int32_t)(values[i] - 1));
    }
}
END_TEST

START_TEST(a_scope_that_is_its_own_sender_or_has_a_later_one_ends_the_chain)
{
    start(_i);
    static const uint32_t senders[] = {1, 2, 500, 0x7fffffff, 0xffffffff};
    for (size_t i = 0; i < COUNT_OF(senders); i++) {
        uint8_t stream[32] = {0}, *at = stream + 1;
        struct scope_cursor cursor;
        uintptr_t method;
        int32_t bci;
        at = fake_write_number(at, senders[i], g_f.vm.number_bias);
        at = fake_write_number(at, 1, g_f.vm.number_bias);
        at = fake_write_number(at, 1, g_f.vm.number_bias);
        with_stream(stream, (size_t)(at - stream), &cursor);
        ck_assert(next(&cursor, &method, &bci));
        ck_assert(!next(&cursor, &method, &bci));
        ck_assert(!g_faulted);
    }
}
END_TEST

START_TEST(a_scope_without_a_method_ends_the_chain)
{
    start(_i);
    uint8_t stream[32] = {0}, *at = stream + 1;
    struct scope_cursor cursor;
    uintptr_t method;
    int32_t bci;
    for (int i = 0; i < 3; i++)
        at = fake_write_number(at, 0, g_f.vm.number_bias);
    struct fake_code c = with_stream(stream, (size_t)(at - stream), &cursor);
    ck_assert(!next(&cursor, &method, &bci));
    ck_assert(!g_faulted);
    fake_write_number(stream + 2, 1, g_f.vm.number_bias);
    c = with_stream(stream, sizeof stream, &cursor);
    ck_assert(next(&cursor, &method, &bci));
    cursor.next = 1;
    fake_poke(c.metadata, 0); /* an index whose entry has been cleared */
    ck_assert(!next(&cursor, &method, &bci));
    ck_assert(!g_faulted);
}
END_TEST

START_TEST(any_stream_ends_without_a_crash)
{
    start(_i);
    uint32_t seed = 4711;
    struct fake_code c = nmethod(g_pcs, COUNT_OF(g_pcs));
    for (int round = 0; round < 2000; round++) {
        struct scope_cursor cursor = {.nmethod = c.blob,
                                      .scopes_data = c.scopes_data,
                                      .metadata = c.metadata,
                                      .next = 1 + (uint32_t)round % 60};
        uintptr_t method;
        int32_t bci, n = 0;
        for (uint32_t i = 0; i < 64; i++)
            ((uint8_t *)c.scopes_data)[i] =
                (uint8_t)((seed = seed * 1664525 + 1013904223) >> (round % 2 ? 24 : 28));
        while (next(&cursor, &method, &bci))
            ck_assert_int_lt(n++, 60);
    }
}
END_TEST

START_TEST(a_deoptimized_frame_gives_its_pc_from_the_frame)
{
    start(_i);
    struct fake_code c = nmethod(g_pcs, COUNT_OF(g_pcs));
    struct code_blob blob = blob_of(&c);
    uintptr_t frame[8] = {0}, sp = (uintptr_t)frame, *slot = &frame[FAKE_ORIG_PC_OFFSET / 8];
    *slot = c.begin + 40;
    ck_assert_uint_eq(nmethod_original_pc(&g_f.vm, &blob, c.deopt_pc, sp, &g_faulted), *slot);
    ck_assert_uint_eq(nmethod_original_pc(&g_f.vm, &blob, c.begin + 20, sp, &g_faulted),
                      c.begin + 20);
    *slot = c.end; /* not of this method */
    ck_assert_uint_eq(nmethod_original_pc(&g_f.vm, &blob, c.deopt_pc, sp, &g_faulted), c.deopt_pc);
    *slot = c.begin - 1;
    ck_assert_uint_eq(nmethod_original_pc(&g_f.vm, &blob, c.deopt_pc, sp, &g_faulted), c.deopt_pc);
    *slot = c.begin + 40;
    fake_set(g_f.vm.nm_orig_pc, c.blob, 48); /* outside the frame */
    ck_assert_uint_eq(nmethod_original_pc(&g_f.vm, &blob, c.deopt_pc, sp, &g_faulted), c.deopt_pc);
    fake_set(g_f.vm.nm_orig_pc, c.blob, (uint32_t)-8);
    ck_assert_uint_eq(nmethod_original_pc(&g_f.vm, &blob, c.deopt_pc, sp, &g_faulted), c.deopt_pc);
    ck_assert(!g_faulted);
}
END_TEST

START_TEST(the_method_handle_deopt_handler_counts_where_there_is_one)
{
    start(_i);
    struct vm_field address = {.offset = 112, .size_bytes = 8};
    struct vm_field offset = {.offset = 112, .size_bytes = 4, .is_signed = true};
    struct fake_code c = nmethod(g_pcs, COUNT_OF(g_pcs));
    struct code_blob blob = blob_of(&c);
    uintptr_t frame[8] = {0}, sp = (uintptr_t)frame, mh = c.begin + 150;
    frame[FAKE_ORIG_PC_OFFSET / 8] = c.begin + 40;
    ck_assert_uint_eq(nmethod_original_pc(&g_f.vm, &blob, mh, sp, &g_faulted), mh);
    if (vm_has(g_f.vm.nm_deopt)) {
        g_f.vm.nm_deopt_mh = address;
        fake_set(address, c.blob, mh);
    } else {
        g_f.vm.nm_deopt_mh_offset = offset;
        fake_set(offset, c.blob, mh - c.blob);
    }
    ck_assert_uint_eq(nmethod_original_pc(&g_f.vm, &blob, mh, sp, &g_faulted), c.begin + 40);
}
END_TEST

START_TEST(levels_one_to_three_are_c1)
{
    start(_i);
    struct fake_code c = nmethod(g_pcs, COUNT_OF(g_pcs));
    static const struct {
        uint8_t level;
        bool is_c1;
    } rows[] = {{0, false}, {1, true}, {2, true}, {3, true}, {4, false}, {255, false}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        fake_set(g_f.vm.nm_comp_level, c.blob, rows[i].level);
        ck_assert(nmethod_is_c1(&g_f.vm, c.blob, &g_faulted) == rows[i].is_c1);
    }
    ck_assert_uint_eq(nmethod_method(&g_f.vm, c.blob, &g_faulted), M_OUTER);
}
END_TEST

START_TEST(unreadable_debug_info_is_a_fault_and_no_crash)
{
    start(_i);
    struct fake_code c = nmethod(g_pcs, COUNT_OF(g_pcs));
    struct code_blob blob = blob_of(&c);
    struct scope_cursor cursor;
    uintptr_t method;
    int32_t bci;
    ck_assert(nmethod_scopes(&g_f.vm, &blob, c.begin + 20, false, &cursor, &g_faulted));
    struct scope_cursor no_metadata = cursor, no_data = cursor;
    no_metadata.metadata = g_f.hole;
    ck_assert(!next(&no_metadata, &method, &bci));
    ck_assert(g_faulted);
    g_faulted = false;
    no_data.scopes_data = g_f.hole;
    ck_assert(!next(&no_data, &method, &bci));
    ck_assert(g_faulted);
    g_faulted = false;
    blob.address = g_f.hole;
    ck_assert(!nmethod_scopes(&g_f.vm, &blob, c.begin + 20, false, &cursor, &g_faulted));
    ck_assert(g_faulted);
    g_faulted = false;
    if (vm_has(g_f.vm.nm_immutable)) { /* not there yet, and unreadable */
        blob.address = c.blob;
        fake_set(g_f.vm.nm_immutable, c.blob, 0);
        ck_assert(!nmethod_scopes(&g_f.vm, &blob, c.begin + 20, false, &cursor, &g_faulted));
        fake_set(g_f.vm.nm_immutable, c.blob, g_f.hole);
        ck_assert(!nmethod_scopes(&g_f.vm, &blob, c.begin + 20, false, &cursor, &g_faulted));
        ck_assert(g_faulted);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("nmethod");
    TCase *tc = tcase_create("nmethod");
    suite_add_tcase(suite, tc);
    tcase_add_checked_fixture(tc, NULL, tear_down);
#define ADD(test) tcase_add_loop_test(tc, test, 0, FAKE_N_JDKS)
    ADD(a_return_address_has_the_scopes_of_its_call);
    ADD(an_interrupted_instruction_has_the_scopes_of_the_next_desc);
    ADD(before_the_first_and_behind_the_last_desc_is_no_debug_info);
    ADD(every_desc_of_many_is_found);
    ADD(numbers_of_every_length_are_read);
    ADD(a_scope_that_is_its_own_sender_or_has_a_later_one_ends_the_chain);
    ADD(a_scope_without_a_method_ends_the_chain);
    ADD(any_stream_ends_without_a_crash);
    ADD(a_deoptimized_frame_gives_its_pc_from_the_frame);
    ADD(the_method_handle_deopt_handler_counts_where_there_is_one);
    ADD(levels_one_to_three_are_c1);
    ADD(unreadable_debug_info_is_a_fault_and_no_crash);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int n_failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return n_failed != 0;
}
