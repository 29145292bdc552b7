/* check_code_cache.c — vm/code_cache on a fake HotSpot of both ages. */
#include <check.h>
#include <string.h>
#include <sys/mman.h>

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

static bool find(uintptr_t pc, struct code_blob *out)
{
    return code_cache_find(&g_f.vm, pc, out, &g_faulted);
}

static struct fake_code blob(enum fake_heap heap, const char *name, uint32_t code_bytes)
{
    return fake_blob(
        &g_f, heap,
        &(struct fake_code_spec){
            .name = name, .code_bytes = code_bytes, .frame_words = 6, .frame_complete = 12});
}

START_TEST(every_address_of_a_blob_finds_it)
{
    start(_i);
    static const uint32_t sizes[] = {1, 100, 1000};
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        struct fake_code c = blob(HEAP_METHODS, "nmethod", sizes[i]);
        for (uintptr_t pc = c.blob; pc < c.end; pc++) {
            struct code_blob found;
            ck_assert(find(pc, &found));
            ck_assert_uint_eq(found.address, c.blob);
            ck_assert_uint_eq(found.code_begin, c.begin);
            ck_assert_uint_eq(found.end, c.end);
            ck_assert_uint_eq(found.frame_bytes, 48);
            ck_assert_int_eq(found.frame_complete, 12);
        }
    }
    ck_assert(!g_faulted);
}
END_TEST

START_TEST(a_blob_of_more_segments_than_one_hop_reaches_is_found_from_its_end)
{
    start(_i);
    struct fake_code before = blob(HEAP_METHODS, "nmethod", 50);
    struct fake_code c = blob(HEAP_METHODS, "nmethod", 800 << FAKE_LOG2_SEGMENT);
    struct code_blob found;
    for (uintptr_t pc = c.blob; pc < c.end; pc += 64) {
        ck_assert(find(pc, &found));
        ck_assert_uint_eq(found.address, c.blob);
    }
    ck_assert(find(c.end - 1, &found));
    ck_assert_uint_eq(found.address, c.blob);
    ck_assert(find(before.begin, &found));
    ck_assert_uint_eq(found.address, before.blob);
}
END_TEST

START_TEST(headers_and_the_rest_of_the_last_segment_are_in_no_blob)
{
    start(_i);
    struct fake_code c = blob(HEAP_METHODS, "nmethod", 100);
    struct code_blob found;
    for (uintptr_t pc = c.block; pc < c.blob; pc++)
        ck_assert(!find(pc, &found));
    for (uintptr_t pc = c.end; (pc & ((1 << FAKE_LOG2_SEGMENT) - 1)) != 0; pc++)
        ck_assert(!find(pc, &found));
    ck_assert(!g_faulted);
}
END_TEST

START_TEST(free_segments_and_unused_blocks_hold_no_blob)
{
    start(_i);
    struct fake_code c = blob(HEAP_METHODS, "nmethod", 300);
    struct code_blob found;
    ck_assert(!find(c.block + (100 << FAKE_LOG2_SEGMENT), &found));
    ck_assert(find(c.begin, &found));
    fake_set(g_f.vm.block_used, c.block, 0);
    ck_assert(!find(c.begin, &found));
    ck_assert(!g_faulted);
}
END_TEST

START_TEST(both_heaps_are_searched_and_their_bounds_kept)
{
    start(_i);
    struct fake_code stub = blob(HEAP_STUBS, "RuntimeStub", 64);
    struct fake_code method = blob(HEAP_METHODS, "nmethod", 64);
    struct code_blob found;
    ck_assert(find(stub.begin, &found) && found.address == stub.blob);
    ck_assert(find(method.begin, &found) && found.address == method.blob);
    for (int i = 0; i < 2; i++) {
        uintptr_t low = (uintptr_t)g_f.heap[i], high = low + FAKE_HEAP_BYTES;
        ck_assert(code_cache_contains(&g_f.vm, low));
        ck_assert(code_cache_contains(&g_f.vm, high - 1));
        ck_assert(!code_cache_contains(&g_f.vm, low - 1));
        ck_assert(!code_cache_contains(&g_f.vm, high));
        ck_assert(!find(low - 1, &found));
        ck_assert(!find(high, &found));
    }
    ck_assert(!code_cache_contains(&g_f.vm, 0));
    ck_assert(!code_cache_contains(&g_f.vm, UINTPTR_MAX));
    ck_assert(!g_faulted);
}
END_TEST

START_TEST(kinds_are_told_by_name_and_the_interpreter_by_address)
{
    start(_i);
    static const struct {
        const char *name;
        enum blob_kind kind;
    } rows[] = {
        {"nmethod", BLOB_NMETHOD},          {"native nmethod", BLOB_NATIVE_WRAPPER},
        {"I2C/C2I adapters", BLOB_ADAPTER}, {"nmethods", BLOB_STUB},
        {"StubRoutines (2)", BLOB_STUB},    {"", BLOB_STUB},
    };
    struct code_blob found;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct fake_code c = blob(HEAP_METHODS, rows[i].name, 64);
        ck_assert(find(c.begin, &found));
        ck_assert_int_eq(found.kind, rows[i].kind);
    }
    struct fake_code c = blob(HEAP_STUBS, "nameless", 64);
    fake_set(g_f.vm.blob_name, c.blob, 0);
    ck_assert(find(c.begin, &found));
    ck_assert_int_eq(found.kind, BLOB_STUB);
    ck_assert(find(g_f.interpreter.begin, &found));
    ck_assert_int_eq(found.kind, BLOB_INTERPRETER);
    ck_assert(code_is_interpreter(&g_f.vm, g_f.interpreter.end - 1));
    ck_assert(!code_is_interpreter(&g_f.vm, g_f.interpreter.end));
    ck_assert(!g_faulted);
}
END_TEST

START_TEST(a_frame_size_that_makes_no_sense_is_none)
{
    start(_i);
    static const int32_t words[] = {0, -1, INT32_MIN, 1 << 16, INT32_MAX};
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        struct fake_code c = blob(HEAP_METHODS, "nmethod", 64);
        struct code_blob found;
        fake_set(g_f.vm.blob_frame_size, c.blob, (uint32_t)words[i]);
        fake_set(g_f.vm.blob_frame_complete, c.blob, (uint32_t)-1);
        ck_assert(find(c.begin, &found));
        ck_assert_uint_eq(found.frame_bytes, 0);
        ck_assert_int_eq(found.frame_complete, -1);
    }
}
END_TEST

START_TEST(a_segment_map_that_makes_no_sense_finds_nothing)
{
    start(_i);
    struct fake_code c = blob(HEAP_METHODS, "nmethod", 3000);
    struct code_blob found;
    uint8_t *map = g_f.segment_map[HEAP_METHODS];
    uintptr_t second = c.block + (1 << FAKE_LOG2_SEGMENT);
    map[1] = 2; /* before the heap */
    ck_assert(!find(second, &found));
    map[1] = 1;
    ck_assert(find(second, &found));
    map[1] = 254; /* from 255 on, two hops: the second one leaves the heap */
    map[3] = 2;
    ck_assert(!find(second + (2 << FAKE_LOG2_SEGMENT), &found));
    map[1] = 0xff; /* a chain that leads through a free segment */
    ck_assert(!find(second + (2 << FAKE_LOG2_SEGMENT), &found));
    ck_assert(!g_faulted);
}
END_TEST

START_TEST(an_unreadable_segment_map_is_a_fault_and_no_crash)
{
    start(_i);
    struct fake_code c = blob(HEAP_METHODS, "nmethod", 100);
    struct code_blob found;
    g_f.vm.heaps[HEAP_METHODS].segment_map = g_f.hole;
    ck_assert(!find(c.begin, &found));
    ck_assert(g_faulted);
}
END_TEST

START_TEST(unreadable_blobs_and_names_are_a_fault_and_no_crash)
{
    start(_i);
    struct fake_code c = blob(HEAP_METHODS, "nmethod", 100);
    struct code_blob found;
    fake_set(g_f.vm.blob_name, c.blob, g_f.hole);
    ck_assert(!find(c.begin, &found));
    ck_assert(g_faulted);
    g_faulted = false;
    ck_assert_int_eq(mprotect(g_f.heap[HEAP_METHODS], FAKE_HEAP_BYTES, PROT_NONE), 0);
    ck_assert(!find(c.begin, &found));
    ck_assert(g_faulted);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("code_cache");
    TCase *tc = tcase_create("code_cache");
    suite_add_tcase(suite, tc);
    tcase_add_checked_fixture(tc, NULL, tear_down);
#define ADD(test) tcase_add_loop_test(tc, test, 0, FAKE_N_JDKS)
    ADD(every_address_of_a_blob_finds_it);
    ADD(a_blob_of_more_segments_than_one_hop_reaches_is_found_from_its_end);
    ADD(headers_and_the_rest_of_the_last_segment_are_in_no_blob);
    ADD(free_segments_and_unused_blocks_hold_no_blob);
    ADD(both_heaps_are_searched_and_their_bounds_kept);
    ADD(kinds_are_told_by_name_and_the_interpreter_by_address);
    ADD(a_frame_size_that_makes_no_sense_is_none);
    ADD(a_segment_map_that_makes_no_sense_finds_nothing);
    ADD(an_unreadable_segment_map_is_a_fault_and_no_crash);
    ADD(unreadable_blobs_and_names_are_a_fault_and_no_crash);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int n_failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return n_failed != 0;
}
