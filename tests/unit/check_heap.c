/* check_heap.c — vm/lookup, vm/heap, vm/facts, and finding the counters: this program exports
 * tables of a HotSpot of its own. */
#include <check.h>
#include <stddef.h>
#include <string.h>

#include "base/attrs.h"
#include "support/fake_perf.h"
#include "vm/facts.h"
#include "vm/heap.h"
#include "vm/lookup.h"

struct struct_row {
    const char *type, *field, *c_type;
    int32_t is_static;
    uint64_t offset;
    void *address;
};
struct type_row {
    const char *name;
    uint64_t size;
};

#define EXPORT __attribute__((visibility("default"))) extern
#define EXPORT_NUMBER(name, number) \
    EXPORT const uint64_t name;     \
    const uint64_t name = (uint64_t)(number)

EXPORT struct struct_row *gHotSpotVMStructs;
EXPORT struct type_row *gHotSpotVMTypes;
struct struct_row *gHotSpotVMStructs;
struct type_row *gHotSpotVMTypes;
EXPORT_NUMBER(gHotSpotVMStructEntryArrayStride, sizeof(struct struct_row));
EXPORT_NUMBER(gHotSpotVMStructEntryTypeNameOffset, offsetof(struct struct_row, type));
EXPORT_NUMBER(gHotSpotVMStructEntryFieldNameOffset, offsetof(struct struct_row, field));
EXPORT_NUMBER(gHotSpotVMStructEntryIsStaticOffset, offsetof(struct struct_row, is_static));
EXPORT_NUMBER(gHotSpotVMStructEntryOffsetOffset, offsetof(struct struct_row, offset));
EXPORT_NUMBER(gHotSpotVMStructEntryAddressOffset, offsetof(struct struct_row, address));
EXPORT_NUMBER(gHotSpotVMTypeEntryArrayStride, sizeof(struct type_row));
EXPORT_NUMBER(gHotSpotVMTypeEntryTypeNameOffset, offsetof(struct type_row, name));
EXPORT_NUMBER(gHotSpotVMTypeEntrySizeOffset, offsetof(struct type_row, size));

#define FIELD(type, field, offset)       \
    {                                    \
        type, field, "", 0, offset, NULL \
    }
#define STATIC(type, field, variable)    \
    {                                    \
        type, field, "", 1, 0, &variable \
    }
#define END_ROW                      \
    {                                \
        NULL, NULL, NULL, 0, 0, NULL \
    }

/* Objects of words. */
static uint64_t g_space[3][4] = {{0, 1000, 1300}, {0, 2000, 2050}, {0, 5000, 9000}};
static uint64_t g_young[4], g_old[4], g_heap[8];
static void *g_heap_at = g_heap, *g_young_at = g_young, *g_old_at = g_old;

static void make_heap(void)
{
    g_young[1] = (uint64_t)(uintptr_t)g_space[0];
    g_young[2] = (uint64_t)(uintptr_t)g_space[1];
    g_old[1] = (uint64_t)(uintptr_t)g_space[2];
    g_heap[1] = (uint64_t)(uintptr_t)g_young;
    g_heap[2] = (uint64_t)(uintptr_t)g_old;
    g_heap[3] = 0x700000000; /* reserved: start, words */
    g_heap[4] = 1 << 20;
    g_heap[5] = 123456; /* in use, of G1 */
}

static struct struct_row g_common[] = {STATIC("Universe", "_collectedHeap", g_heap_at),
                                       FIELD("CollectedHeap", "_reserved", 24), END_ROW};
static struct struct_row g_g1[] = {STATIC("Universe", "_collectedHeap", g_heap_at),
                                   FIELD("CollectedHeap", "_reserved", 24),
                                   FIELD("G1CollectedHeap", "_summary_bytes_used", 40), END_ROW};
static struct struct_row g_parallel[] = {STATIC("Universe", "_collectedHeap", g_heap_at),
                                         STATIC("ParallelScavengeHeap", "_young_gen", g_young_at),
                                         STATIC("ParallelScavengeHeap", "_old_gen", g_old_at),
                                         FIELD("PSYoungGen", "_eden_space", 8),
                                         FIELD("PSYoungGen", "_from_space", 16),
                                         FIELD("PSOldGen", "_object_space", 8),
                                         FIELD("MutableSpace", "_bottom", 8),
                                         FIELD("MutableSpace", "_top", 16),
                                         END_ROW};
#define SERIAL_ROWS(heap, bottom)                                                                  \
    STATIC("Universe", "_collectedHeap", g_heap_at), FIELD(heap, "_young_gen", 8),                 \
        FIELD(heap, "_old_gen", 16), FIELD("DefNewGeneration", "_eden_space", 8),                  \
        FIELD("DefNewGeneration", "_from_space", 16), FIELD("TenuredGeneration", "_the_space", 8), \
        FIELD(bottom, "_bottom", 8), FIELD("ContiguousSpace", "_top", 16), END_ROW
static struct struct_row g_serial17[] = {SERIAL_ROWS("GenCollectedHeap", "Space")};
static struct struct_row g_serial25[] = {SERIAL_ROWS("SerialHeap", "ContiguousSpace")};

START_TEST(fields_statics_and_sizes_are_found_in_one_pass)
{
    static struct type_row types[] = {{"JVMFlag", 24}, {NULL, 0}};
    struct vm_entry e[] = {{.type = "CollectedHeap", .field = "_reserved"},
                           {.type = "Universe", .field = "_collectedHeap"},
                           {.type = "JVMFlag"},
                           {.type = "CollectedHeap", .field = "_nothing"},
                           {.type = "Nothing"}};
    gHotSpotVMStructs = g_common;
    gHotSpotVMTypes = types;
    vm_lookup(e, COUNT_OF(e));
    ck_assert(e[0].found && !e[0].is_static);
    ck_assert_uint_eq(e[0].value, 24);
    ck_assert(e[1].found && e[1].is_static);
    ck_assert_uint_eq(e[1].value, (uintptr_t)&g_heap_at);
    ck_assert_uint_eq(e[2].value, 24);
    ck_assert(!e[3].found && !e[4].found);
}
END_TEST

START_TEST(the_use_of_the_heap_is_read_from_the_collectors_structures)
{
    static const struct {
        struct struct_row *rows;
        enum vm_heap_kind kind;
        uint64_t used;
    } cases[] = {{g_g1, HEAP_G1, 123456},
                 {g_parallel, HEAP_PARALLEL, 4350},
                 {g_serial17, HEAP_SERIAL, 4350},
                 {g_serial25, HEAP_SERIAL, 4350}};
    struct vm_heap h;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        gHotSpotVMStructs = cases[i].rows;
        vm_heap_open(&h, cases[i].kind, NULL);
        ck_assert_int_eq(h.kind, cases[i].kind);
        ck_assert_uint_eq(vm_heap_used(&h), cases[i].used);
    }
}
END_TEST

START_TEST(the_reserved_range_is_given_in_bytes)
{
    struct vm_heap h;
    gHotSpotVMStructs = g_common;
    vm_heap_open(&h, HEAP_COUNTERS, NULL);
    ck_assert_uint_eq(h.reserved_start, 0x700000000);
    ck_assert_uint_eq(h.reserved_bytes, 8 << 20);
}
END_TEST

START_TEST(a_heap_of_unknown_structure_is_told_by_the_counters)
{
    static struct fake_perf fake;
    static void *start = fake.bytes;
    static uint64_t capacity = FAKE_PERF_BYTES;
    static struct struct_row rows[] = {STATIC("PerfMemory", "_start", start),
                                       STATIC("PerfMemory", "_capacity", capacity), END_ROW};
    struct perf_data perf;
    struct vm_heap h;
    fake_perf_init(&fake);
    fake_perf_number(&fake, "sun.gc.generation.0.space.0.used", 10);
    fake_perf_number(&fake, "sun.gc.generation.1.space.0.used", 20);
    fake_perf_number(&fake, "sun.gc.generation.0.capacity", 100);
    fake_perf_number(&fake, "sun.gc.generation.1.capacity", 200);
    gHotSpotVMStructs = rows;
    ck_assert(perf_data_open(&perf));
    vm_heap_open(&h, HEAP_PARALLEL, &perf); /* of which there is nothing here */
    ck_assert_int_eq(h.kind, HEAP_COUNTERS);
    ck_assert_uint_eq(vm_heap_used(&h), 30);
    ck_assert_uint_eq(vm_heap_committed(&h), 300);
    capacity = 1 << 30;
    ck_assert(!perf_data_open(&perf));
    capacity = FAKE_PERF_BYTES;
    start = NULL;
    ck_assert(!perf_data_open(&perf));
}
END_TEST

START_TEST(compressed_references_are_found_in_every_age)
{
    static uint64_t base = 0x800000000;
    static uint32_t shift = 3;
    static struct struct_row jdk25[] = {STATIC("CompressedOops", "_base", base),
                                        STATIC("CompressedOops", "_shift", shift), END_ROW};
    static struct struct_row jdk17[] = {STATIC("CompressedOops", "_narrow_oop._base", base),
                                        STATIC("CompressedOops", "_narrow_oop._shift", shift),
                                        END_ROW};
    static struct struct_row jdk8[] = {STATIC("Universe", "_narrow_oop._base", base),
                                       STATIC("Universe", "_narrow_oop._shift", shift), END_ROW};
    struct struct_row *const tables[] = {jdk25, jdk17, jdk8};
    uint64_t b;
    uint32_t s;
    for (size_t i = 0; i < COUNT_OF(tables); i++) {
        b = s = 0;
        gHotSpotVMStructs = tables[i];
        ck_assert(vm_oop_encoding(&b, &s));
        ck_assert_uint_eq(b, base);
        ck_assert_uint_eq(s, 3);
    }
    gHotSpotVMStructs = g_common;
    ck_assert(!vm_oop_encoding(&b, &s));
}
END_TEST

START_TEST(allocated_bytes_are_read_from_the_thread)
{
    static struct struct_row rows[] = {FIELD("Thread", "_allocated_bytes", 16), END_ROW};
    uint64_t thread[4] = {1, 2, 4711, 4};
    gHotSpotVMStructs = rows;
    ck_assert_uint_eq(vm_allocated_bytes_offset(), 16);
    ck_assert_uint_eq(vm_allocated_bytes(16, thread), 4711);
    gHotSpotVMStructs = g_common;
    ck_assert_uint_eq(vm_allocated_bytes_offset(), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("heap");
    TCase *tc = tcase_create("heap");
    suite_add_tcase(suite, tc);
    tcase_add_checked_fixture(tc, make_heap, NULL);
    tcase_add_test(tc, fields_statics_and_sizes_are_found_in_one_pass);
    tcase_add_test(tc, the_use_of_the_heap_is_read_from_the_collectors_structures);
    tcase_add_test(tc, the_reserved_range_is_given_in_bytes);
    tcase_add_test(tc, a_heap_of_unknown_structure_is_told_by_the_counters);
    tcase_add_test(tc, compressed_references_are_found_in_every_age);
    tcase_add_test(tc, allocated_bytes_are_read_from_the_thread);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int n_failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return n_failed != 0;
}
