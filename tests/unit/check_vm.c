/* check_vm.c — vm/vm and vm/vm_structs: this program exports the tables of a HotSpot of its own.
 * vm_open() works once in a process; each test has one (libcheck forks). */
#include <check.h>
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/attrs.h"
#include "os/safe_load.h"
#include "vm/layout.h"

/* --- the tables, as HotSpot declares them (runtime/vmStructs.hpp) ------------------------------
 */

struct struct_row {
    const char *type, *field, *c_type;
    int32_t is_static;
    uint64_t offset;
    void *address;
};

struct type_row {
    const char *name, *super;
    int32_t is_oop, is_integer, is_unsigned;
    uint64_t size;
};

struct int_row {
    const char *name;
    int32_t value;
};

#define EXPORT __attribute__((visibility("default"))) extern
#define EXPORT_NUMBER(name, number) \
    EXPORT const uint64_t name;     \
    const uint64_t name = (uint64_t)(number)

EXPORT struct struct_row *gHotSpotVMStructs;
EXPORT struct type_row *gHotSpotVMTypes;
EXPORT struct int_row *gHotSpotVMIntConstants;
struct struct_row *gHotSpotVMStructs;
struct type_row *gHotSpotVMTypes;
struct int_row *gHotSpotVMIntConstants;
EXPORT_NUMBER(gHotSpotVMStructEntryArrayStride, sizeof(struct struct_row));
EXPORT_NUMBER(gHotSpotVMStructEntryTypeNameOffset, offsetof(struct struct_row, type));
EXPORT_NUMBER(gHotSpotVMStructEntryFieldNameOffset, offsetof(struct struct_row, field));
EXPORT_NUMBER(gHotSpotVMStructEntryTypeStringOffset, offsetof(struct struct_row, c_type));
EXPORT_NUMBER(gHotSpotVMStructEntryOffsetOffset, offsetof(struct struct_row, offset));
EXPORT_NUMBER(gHotSpotVMStructEntryAddressOffset, offsetof(struct struct_row, address));
EXPORT_NUMBER(gHotSpotVMTypeEntryArrayStride, sizeof(struct type_row));
EXPORT_NUMBER(gHotSpotVMTypeEntryTypeNameOffset, offsetof(struct type_row, name));
EXPORT_NUMBER(gHotSpotVMTypeEntrySizeOffset, offsetof(struct type_row, size));
EXPORT_NUMBER(gHotSpotVMIntConstantEntryArrayStride, sizeof(struct int_row));
EXPORT_NUMBER(gHotSpotVMIntConstantEntryNameOffset, offsetof(struct int_row, name));
EXPORT_NUMBER(gHotSpotVMIntConstantEntryValueOffset, offsetof(struct int_row, value));

/* --- a HotSpot 17 ----------------------------------------------------------------------------- */

static int32_t g_major;
static const char *g_info = "OpenJDK 64-Bit Server VM (17.0.0+1)";
static uint64_t g_heaps, g_interpreter, g_call_stub = 0x7000, g_flags, g_flag_count;

#define FIELD(type, field, c_type, offset)   \
    {                                        \
        type, field, c_type, 0, offset, NULL \
    }
#define STATIC(type, field, c_type, variable) \
    {                                         \
        type, field, c_type, 1, 0, variable   \
    }

static const struct struct_row g_jdk17[] = {
    FIELD("ConstantPool", "_pool_holder", "InstanceKlass*", 24),
    FIELD("ConstantPool", "_length", "int", 56),
    FIELD("Klass", "_name", "Symbol*", 24),
    FIELD("Method", "_constMethod", "ConstMethod*", 8),
    FIELD("Method", "_access_flags", "AccessFlags", 40),
    FIELD("ConstMethod", "_constants", "ConstantPool*", 8),
    FIELD("ConstMethod", "_constMethod_size", "int", 24),
    FIELD("ConstMethod", "_flags", "u2", 28),
    FIELD("ConstMethod", "_code_size", "u2", 34),
    FIELD("ConstMethod", "_name_index", "u2", 36),
    FIELD("ConstMethod", "_signature_index", "u2", 38),
    FIELD("Symbol", "_length", "u2", 0),
    FIELD("Symbol", "_body[0]", "u1", 99),
    FIELD("Symbol", "_body", "u1", 6),
    FIELD("GrowableArrayBase", "_len", "int", 0),
    FIELD("GrowableArray<int>", "_data", "int*", 8),
    FIELD("CodeHeap", "_memory", "VirtualSpace", 16),
    FIELD("CodeHeap", "_segmap", "VirtualSpace", 64),
    FIELD("CodeHeap", "_log2_segment_size", "int", 112),
    FIELD("VirtualSpace", "_low", "char*", 16),
    FIELD("VirtualSpace", "_high_boundary", "char*", 8),
    FIELD("HeapBlock::Header", "_used", "bool", 8),
    FIELD("CodeBlob", "_name", "const char*", 8),
    FIELD("CodeBlob", "_size", "int", 16),
    FIELD("CodeBlob", "_frame_size", "int", 20),
    FIELD("CodeBlob", "_frame_complete_offset", "int", 24),
    FIELD("CodeBlob", "_code_begin", "address", 32),
    FIELD("CompiledMethod", "_method", "Method*", 64),
    FIELD("nmethod", "_comp_level", "CompLevel", 72),
    FIELD("nmethod", "_orig_pc_offset", "int", 76),
    FIELD("CompiledMethod", "_scopes_data_begin", "address", 88),
    FIELD("nmethod", "_scopes_pcs_offset", "int", 80),
    FIELD("nmethod", "_dependencies_offset", "int", 96),
    FIELD("nmethod", "_metadata_offset", "int", 100),
    FIELD("CompiledMethod", "_deopt_handler_begin", "address", 104),
    FIELD("PcDesc", "_pc_offset", "int", 0),
    FIELD("PcDesc", "_scope_decode_offset", "int", 4),
    FIELD("StubQueue", "_stub_buffer", "address", 8),
    FIELD("StubQueue", "_buffer_limit", "int", 16),
    FIELD("JavaFrameAnchor", "_last_Java_sp", "intptr_t*", 0),
    FIELD("JavaFrameAnchor", "_last_Java_pc", "address", 8),
    FIELD("JavaFrameAnchor", "_last_Java_fp", "intptr_t*", 16),
    FIELD("JavaCallWrapper", "_anchor", "JavaFrameAnchor", 32),
    FIELD("JavaThread", "_anchor", "JavaFrameAnchor", 64),
    FIELD("JavaThread", "_osthread", "OSThread*", 8),
    FIELD("JavaThread", "_stack_base", "address", 128),
    FIELD("JavaThread", "_stack_size", "size_t", 136),
    FIELD("JavaThread", "_thread_state", "JavaThreadState", 144),
    FIELD("OSThread", "_thread_id", "OSThread::thread_id_t", 16),
    STATIC("CodeCache", "_heaps", "GrowableArray<CodeHeap*>*", &g_heaps),
    STATIC("AbstractInterpreter", "_code", "StubQueue*", &g_interpreter),
    STATIC("StubRoutines", "_call_stub_return_address", "address", &g_call_stub),
    STATIC("Abstract_VM_Version", "_vm_major_version", "int", &g_major),
    /* from here on: what we can do without */
    STATIC("Abstract_VM_Version", "_s_internal_vm_info_string", "const char*", &g_info),
    FIELD("JVMFlag", "_name", "const char*", 8),
    FIELD("JVMFlag", "_addr", "void*", 0),
    FIELD("JVMFlag", "_flags", "JVMFlag::Flags", 16),
    STATIC("JVMFlag", "flags", "JVMFlag*", &g_flags),
    STATIC("JVMFlag", "numFlags", "size_t", &g_flag_count),
};
enum { N_STRUCTS = COUNT_OF(g_jdk17), N_OPTIONAL = 6, DECOY = 12 /* a name like one of ours */ };

static const struct type_row g_types17[] = {
    {.name = "ConstMethod", .size = 48}, {.name = "ConstantPool", .size = 72},
    {.name = "HeapBlock", .size = 16},   {.name = "PcDesc", .size = 16},
    {.name = "JVMFlag", .size = 24},
};
enum { N_TYPES = COUNT_OF(g_types17) };

static const struct int_row g_ints17[] = {
    {"frame::entry_frame_call_wrapper_offset", -6},
    {"frame::interpreter_frame_sender_sp_offset", -1},
    {"frame::interpreter_frame_last_sp_offset", -2},
    {"_thread_in_Java", 8},
};
enum { N_INTS = COUNT_OF(g_ints17) };

static struct struct_row g_structs[N_STRUCTS + 1];
static struct type_row g_types[N_TYPES + 1];
static struct int_row g_ints[N_INTS + 1];

/* Tables without one row of each (-1: all there). */
static void export_without(int no_struct, int no_type, int no_int)
{
    size_t n = 0;
    memset(g_structs, 0, sizeof g_structs);
    memset(g_types, 0, sizeof g_types);
    memset(g_ints, 0, sizeof g_ints);
    for (int i = 0; i < N_STRUCTS; i++)
        if (i != no_struct)
            g_structs[n++] = g_jdk17[i];
    n = 0;
    for (int i = 0; i < N_TYPES; i++)
        if (i != no_type)
            g_types[n++] = g_types17[i];
    n = 0;
    for (int i = 0; i < N_INTS; i++)
        if (i != no_int)
            g_ints[n++] = g_ints17[i];
    gHotSpotVMStructs = g_structs;
    gHotSpotVMTypes = g_types;
    gHotSpotVMIntConstants = g_ints;
    g_major = 17;
}

static const struct vm *open_vm(void)
{
    const struct vm *vm;
    struct err e = {0};
    export_without(-1, -1, -1);
    ck_assert_msg(safe_load_install(&e) == 0, "%s", e.text);
    ck_assert_msg(vm_open(&vm, &e) == 0, "%s", e.text);
    return vm;
}

START_TEST(the_layout_is_that_of_the_tables)
{
    const struct vm *vm = open_vm();
    ck_assert_int_eq(vm_major(vm), 17);
    ck_assert_str_eq(vm_info_string(vm), g_info);
    static const struct {
        size_t member;
        struct vm_field field;
    } rows[] = {
        {offsetof(struct vm, cp_length), {56, 4, true}},
        {offsetof(struct vm, klass_name), {24, 8, false}},
        {offsetof(struct vm, cm_name), {36, 2, false}},
        {offsetof(struct vm, symbol_body), {6, 1, false}},
        {offsetof(struct vm, block_used), {8, 1, false}},
        {offsetof(struct vm, nm_comp_level), {72, 1, false}},
        {offsetof(struct vm, thread_state), {144, 4, true}},
        {offsetof(struct vm, osthread_id), {16, 4, true}},
        {offsetof(struct vm, nm_immutable), {0, 0, false}},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct vm_field f = *(const struct vm_field *)((const char *)vm + rows[i].member);
        ck_assert_msg(f.offset == rows[i].field.offset &&
                          f.size_bytes == rows[i].field.size_bytes &&
                          f.is_signed == rows[i].field.is_signed,
                      "row %zu: %d, %u", i, f.offset, f.size_bytes);
    }
    ck_assert_uint_eq(vm->const_method_bytes, 48);
    ck_assert_int_eq(vm->entry_frame_wrapper, -6);
    ck_assert_int_eq(vm->interp_method, -3);
    ck_assert_int_eq(vm->interp_bcp, -8);
    ck_assert_uint_eq(vm->number_bias, 0);
    const struct vm *again;
    ck_assert_int_eq(vm_open(&again, NULL), 0);
    ck_assert_ptr_eq(again, vm);
}
END_TEST

/* What vm_structs_read() says of the tables as exported. */
static int read_structs(struct err *e)
{
    struct vm vm = {0};
    *e = (struct err){0};
    return vm_structs_read(&vm, e);
}

START_TEST(each_field_that_is_missing_is_named)
{
    for (int i = 0; i < N_STRUCTS - N_OPTIONAL; i++) {
        struct err e;
        char name[128];
        export_without(i, -1, -1);
        int rc = read_structs(&e);
        if (i == DECOY) {
            ck_assert_int_eq(rc, 0);
            continue;
        }
        ck_assert_msg(rc == -ENOENT, "%s::%s", g_jdk17[i].type, g_jdk17[i].field);
        snprintf(name, sizeof name, "VMStructs has no %s::%s", g_jdk17[i].type, g_jdk17[i].field);
        ck_assert_ptr_nonnull(strstr(e.text, name));
    }
    for (int i = N_STRUCTS - N_OPTIONAL; i < N_STRUCTS; i++) {
        struct err e;
        export_without(i, -1, -1);
        ck_assert_int_eq(read_structs(&e), 0);
    }
}
END_TEST

START_TEST(each_size_and_constant_that_is_missing_is_named)
{
    struct err e;
    for (int i = 0; i < N_TYPES; i++) {
        export_without(-1, i, -1);
        bool is_optional = strcmp(g_types17[i].name, "JVMFlag") == 0;
        ck_assert_int_eq(read_structs(&e), is_optional ? 0 : -ENOENT);
        ck_assert(is_optional || strstr(e.text, g_types17[i].name));
    }
    for (int i = 0; i < N_INTS; i++) {
        export_without(-1, -1, i);
        ck_assert_int_eq(read_structs(&e), -ENOENT);
        ck_assert_ptr_nonnull(strstr(e.text, g_ints17[i].name));
    }
}
END_TEST

START_TEST(tables_that_are_not_there_are_refused)
{
    struct err e;
    export_without(-1, -1, -1);
    gHotSpotVMStructs = NULL;
    gHotSpotVMTypes = NULL;
    gHotSpotVMIntConstants = NULL;
    ck_assert_int_eq(read_structs(&e), -ENOENT);
    ck_assert(e.text[0]);
}
END_TEST

/* --- when the VM is up ------------------------------------------------------------------------ */

/* CodeHeap: _memory at 16, _segmap at 64 (VirtualSpaces), _log2_segment_size at 112. */
static void fill_heap(uint64_t *heap, uint64_t low, uint64_t high, uint64_t map, uint64_t log2)
{
    memset(heap, 0, 128);
    heap[(16 + 16) / 8] = low;
    heap[(16 + 8) / 8] = high;
    heap[(64 + 16) / 8] = map;
    heap[112 / 8] = log2;
}

START_TEST(the_vm_is_ready_when_its_code_heaps_and_interpreter_are)
{
    static uint64_t heaps[2][16], data[2], array[2], queue[3];
    const struct vm *vm = open_vm();
    ck_assert(!vm_is_ready(vm));
    data[0] = (uintptr_t)heaps[0];
    data[1] = (uintptr_t)heaps[1];
    array[0] = 2;
    array[1] = (uintptr_t)data;
    g_heaps = (uintptr_t)array;
    ck_assert(!vm_is_ready(vm)); /* heaps of nothing */
    fill_heap(heaps[0], 0x10000, 0x20000, 0x900000, 7);
    fill_heap(heaps[1], 0x30000, 0x50000, 0xa00000, 7);
    ck_assert(!vm_is_ready(vm)); /* no interpreter */
    queue[1] = 0x11000;
    queue[2] = 0x2000;
    g_interpreter = (uintptr_t)queue;
    array[0] = VM_MAX_CODE_HEAPS + 1;
    ck_assert(!vm_is_ready(vm));
    array[0] = 2;
    ck_assert(vm_is_ready(vm));
    ck_assert_int_eq(vm->n_heaps, 2);
    ck_assert_uint_eq(vm->heaps[1].low, 0x30000);
    ck_assert_uint_eq(vm->heaps[1].high, 0x50000);
    ck_assert_uint_eq(vm->heaps[1].segment_map, 0xa00000);
    ck_assert_int_eq(vm->heaps[1].log2_segment_size, 7);
    ck_assert_uint_eq(vm->interp_low, 0x11000);
    ck_assert_uint_eq(vm->interp_high, 0x13000);
    ck_assert_uint_eq(vm->call_stub_return, 0x7000);
    g_heaps = 8; /* once is enough */
    ck_assert(vm_is_ready(vm));
}
END_TEST

START_TEST(heaps_that_make_no_sense_or_cannot_be_read_are_not_ready)
{
    static uint64_t heap[16], data[1], array[2], queue[3] = {0, 0x11000, 0x2000};
    const struct vm *vm = open_vm();
    data[0] = (uintptr_t)heap;
    array[0] = 1;
    array[1] = (uintptr_t)data;
    g_interpreter = (uintptr_t)queue;
    g_heaps = 8;
    ck_assert(!vm_is_ready(vm));
    g_heaps = (uintptr_t)array;
    static const uint64_t bad[][4] = {
        {0, 0x20000, 0x900000, 7},       {0x20000, 0x20000, 0x900000, 7},
        {0x30000, 0x20000, 0x900000, 7}, {0x10000, 0x20000, 0, 7},
        {0x10000, 0x20000, 0x900000, 0}, {0x10000, 0x20000, 0x900000, 24}};
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        fill_heap(heap, bad[i][0], bad[i][1], bad[i][2], bad[i][3]);
        ck_assert(!vm_is_ready(vm));
    }
    fill_heap(heap, 0x10000, 0x20000, 0x900000, 7);
    array[1] = 16;
    ck_assert(!vm_is_ready(vm));
    array[1] = (uintptr_t)data;
    ck_assert(vm_is_ready(vm));
}
END_TEST

START_TEST(threads_have_the_id_that_their_os_thread_says)
{
    static uint64_t thread[32], os_thread[4];
    const struct vm *vm = open_vm();
    ck_assert_int_eq(vm_thread_tid(vm, thread), 0);
    thread[1] = (uintptr_t)os_thread;
    os_thread[2] = 4242;
    ck_assert_int_eq(vm_thread_tid(vm, thread), 4242);
    thread[1] = 8;
    ck_assert_int_eq(vm_thread_tid(vm, thread), 0);
    ck_assert_int_eq(vm_thread_tid(vm, NULL), 0);
}
END_TEST

/* --- flags ------------------------------------------------------------------------------------ */

struct flag {
    bool *value;
    const char *name;
    uint32_t flags, more;
};

START_TEST(debug_info_is_asked_for_unless_the_user_has_said_otherwise)
{
    static bool other, wanted;
    static struct flag flags[] = {
        {&other, "UseSomething", 0, 0}, {NULL, NULL, 0, 0}, {&wanted, "DebugNonSafepoints", 0, 0}};
    const struct vm *vm = open_vm();
    ck_assert(!vm_debug_non_safepoints(vm)); /* no flags yet */
    g_flags = (uintptr_t)flags;
    g_flag_count = 2;
    ck_assert(!vm_debug_non_safepoints(vm));
    g_flag_count = 3;
    flags[2].flags = 1; /* from the command line */
    ck_assert(vm_debug_non_safepoints(vm));
    ck_assert(!wanted);
    flags[2].flags = 0x40; /* default, other bits set */
    ck_assert(vm_debug_non_safepoints(vm));
    ck_assert(wanted && !other);
    flags[2].value = NULL;
    ck_assert(!vm_debug_non_safepoints(vm));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("vm");
    TCase *tc = tcase_create("vm");
    suite_add_tcase(suite, tc);
    tcase_add_test(tc, the_layout_is_that_of_the_tables);
    tcase_add_test(tc, each_field_that_is_missing_is_named);
    tcase_add_test(tc, each_size_and_constant_that_is_missing_is_named);
    tcase_add_test(tc, tables_that_are_not_there_are_refused);
    tcase_add_test(tc, the_vm_is_ready_when_its_code_heaps_and_interpreter_are);
    tcase_add_test(tc, heaps_that_make_no_sense_or_cannot_be_read_are_not_ready);
    tcase_add_test(tc, threads_have_the_id_that_their_os_thread_says);
    tcase_add_test(tc, debug_info_is_asked_for_unless_the_user_has_said_otherwise);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int n_failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return n_failed != 0;
}
