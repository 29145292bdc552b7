/* vm_structs.c — resolves HotSpot's layout from the tables it exports for the serviceability agent.
 * Runs once at start, before any signal. The tables: HotSpot runtime/vmStructs.{hpp,cpp}. */
#include "vm/layout.h"

#include <dlfcn.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "base/attrs.h"

/* --- what we need ----------------------------------------------------------------------------- */

enum need { REQUIRED, OPTIONAL };
enum { JDK_ANY = 99 };

struct field_row {
    size_t member; /* of struct vm: a struct vm_field, or a uintptr_t when is_static */
    const char *type, *field;
    enum need need;
    bool is_static;
    uint8_t from, to; /* JDKs that have it */
};

#define F(member, type, field, need, from, to)                          \
    {                                                                   \
        offsetof(struct vm, member), type, field, need, false, from, to \
    }
#define S(member, type, field, need, from, to)                         \
    {                                                                  \
        offsetof(struct vm, member), type, field, need, true, from, to \
    }

/* A member may have several rows, one per age of HotSpot; the first that is found counts. */
static const struct field_row g_fields[] = {
    F(cp_holder, "ConstantPool", "_pool_holder", REQUIRED, 8, JDK_ANY),
    F(cp_length, "ConstantPool", "_length", REQUIRED, 8, JDK_ANY),
    F(klass_name, "Klass", "_name", REQUIRED, 8, JDK_ANY),
    F(method_const, "Method", "_constMethod", REQUIRED, 8, JDK_ANY),
    F(method_access, "Method", "_access_flags", REQUIRED, 8, JDK_ANY),
    F(cm_constants, "ConstMethod", "_constants", REQUIRED, 8, JDK_ANY),
    F(cm_size, "ConstMethod", "_constMethod_size", REQUIRED, 8, JDK_ANY),
    F(cm_flags, "ConstMethod", "_flags", REQUIRED, 8, 20),
    F(cm_flags, "ConstMethod", "_flags._flags", REQUIRED, 21, JDK_ANY),
    F(cm_code_size, "ConstMethod", "_code_size", REQUIRED, 8, JDK_ANY),
    F(cm_name, "ConstMethod", "_name_index", REQUIRED, 8, JDK_ANY),
    F(cm_signature, "ConstMethod", "_signature_index", REQUIRED, 8, JDK_ANY),
    F(symbol_length, "Symbol", "_length", REQUIRED, 8, JDK_ANY),
    F(symbol_body, "Symbol", "_body", REQUIRED, 8, JDK_ANY),
    F(array_length, "GrowableArrayBase", "_len", REQUIRED, 16, JDK_ANY),
    F(array_length, "GenericGrowableArray", "_len", REQUIRED, 8, 15),
    F(array_data, "GrowableArray<int>", "_data", REQUIRED, 8, JDK_ANY),
    F(heap_memory, "CodeHeap", "_memory", REQUIRED, 8, JDK_ANY),
    F(heap_segmap, "CodeHeap", "_segmap", REQUIRED, 8, JDK_ANY),
    F(heap_log2_segment, "CodeHeap", "_log2_segment_size", REQUIRED, 8, JDK_ANY),
    F(space_low, "VirtualSpace", "_low", REQUIRED, 8, JDK_ANY),
    F(space_high_boundary, "VirtualSpace", "_high_boundary", REQUIRED, 8, JDK_ANY),
    F(block_used, "HeapBlock::Header", "_used", REQUIRED, 8, JDK_ANY),
    F(blob_name, "CodeBlob", "_name", REQUIRED, 8, JDK_ANY),
    F(blob_size, "CodeBlob", "_size", REQUIRED, 8, JDK_ANY),
    F(blob_frame_size, "CodeBlob", "_frame_size", REQUIRED, 8, JDK_ANY),
    F(blob_frame_complete, "CodeBlob", "_frame_complete_offset", REQUIRED, 8, JDK_ANY),
    F(blob_code_begin, "CodeBlob", "_code_begin", REQUIRED, 9, 22),
    F(blob_code_offset, "CodeBlob", "_code_offset", REQUIRED, 8, 8),
    F(blob_code_offset, "CodeBlob", "_code_offset", REQUIRED, 23, JDK_ANY),
    F(blob_mutable_data, "CodeBlob", "_mutable_data", REQUIRED, 25, JDK_ANY),
    F(blob_relocation_size, "CodeBlob", "_relocation_size", REQUIRED, 25, JDK_ANY),
    F(nm_method, "nmethod", "_method", REQUIRED, 23, JDK_ANY),
    F(nm_method, "nmethod", "_method", REQUIRED, 8, 8),
    F(nm_method, "CompiledMethod", "_method", REQUIRED, 9, 22),
    F(nm_comp_level, "nmethod", "_comp_level", REQUIRED, 8, JDK_ANY),
    F(nm_orig_pc, "nmethod", "_orig_pc_offset", REQUIRED, 8, JDK_ANY),
    F(nm_scopes_data, "CompiledMethod", "_scopes_data_begin", REQUIRED, 9, 22),
    F(nm_scopes_data_offset, "nmethod", "_scopes_data_offset", REQUIRED, 23, JDK_ANY),
    F(nm_scopes_data_offset, "nmethod", "_scopes_data_offset", REQUIRED, 8, 8),
    F(nm_scopes_pcs, "nmethod", "_scopes_pcs_offset", REQUIRED, 8, JDK_ANY),
    F(nm_dependencies, "nmethod", "_dependencies_offset", REQUIRED, 8, 22),
    F(nm_metadata, "nmethod", "_metadata_offset", REQUIRED, 8, 24),
    F(nm_immutable, "nmethod", "_immutable_data", REQUIRED, 23, JDK_ANY),
    F(nm_deopt, "CompiledMethod", "_deopt_handler_begin", REQUIRED, 9, 22),
    F(nm_deopt_mh, "CompiledMethod", "_deopt_mh_handler_begin", OPTIONAL, 9, 22),
    F(nm_deopt_offset, "nmethod", "_deopt_handler_offset", OPTIONAL, 23, JDK_ANY),
    F(nm_deopt_offset, "nmethod", "_deopt_handler_entry_offset", OPTIONAL, 26, JDK_ANY),
    F(nm_deopt_offset, "nmethod", "_deoptimize_offset", REQUIRED, 8, 8),
    F(nm_deopt_mh_offset, "nmethod", "_deoptimize_mh_offset", REQUIRED, 8, 8),
    F(nm_deopt_mh_offset, "nmethod", "_deopt_mh_handler_offset", OPTIONAL, 23, JDK_ANY),
    F(pcdesc_pc, "PcDesc", "_pc_offset", REQUIRED, 8, JDK_ANY),
    F(pcdesc_scope, "PcDesc", "_scope_decode_offset", REQUIRED, 8, JDK_ANY),
    F(queue_buffer, "StubQueue", "_stub_buffer", REQUIRED, 8, JDK_ANY),
    F(queue_limit, "StubQueue", "_buffer_limit", REQUIRED, 8, JDK_ANY),
    F(anchor_sp, "JavaFrameAnchor", "_last_Java_sp", REQUIRED, 8, JDK_ANY),
    F(anchor_pc, "JavaFrameAnchor", "_last_Java_pc", REQUIRED, 8, JDK_ANY),
    F(anchor_fp, "JavaFrameAnchor", "_last_Java_fp", REQUIRED, 8, JDK_ANY),
    F(wrapper_anchor, "JavaCallWrapper", "_anchor", REQUIRED, 8, JDK_ANY),
    F(thread_anchor, "JavaThread", "_anchor", REQUIRED, 8, JDK_ANY),
    F(thread_osthread, "JavaThread", "_osthread", REQUIRED, 8, 24),
    F(thread_osthread, "Thread", "_osthread", REQUIRED, 25, JDK_ANY),
    F(thread_stack_base, "JavaThread", "_stack_base", REQUIRED, 8, JDK_ANY),
    F(thread_stack_size, "JavaThread", "_stack_size", REQUIRED, 8, JDK_ANY),
    F(thread_state, "JavaThread", "_thread_state", REQUIRED, 8, JDK_ANY),
    F(osthread_id, "OSThread", "_thread_id", REQUIRED, 8, JDK_ANY),
    F(flag_name, "JVMFlag", "_name", OPTIONAL, 9, JDK_ANY),
    F(flag_addr, "JVMFlag", "_addr", OPTIONAL, 9, JDK_ANY),
    F(flag_flags, "JVMFlag", "_flags", OPTIONAL, 9, JDK_ANY),
    F(flag_name, "Flag", "_name", OPTIONAL, 8, 8),
    F(flag_addr, "Flag", "_addr", OPTIONAL, 8, 8),
    F(flag_flags, "Flag", "_flags", OPTIONAL, 8, 8),
    S(single_code_heap_at, "CodeCache", "_heap", REQUIRED, 8, 8),
    S(code_heaps_at, "CodeCache", "_heaps", REQUIRED, 9, JDK_ANY),
    S(interpreter_code_at, "AbstractInterpreter", "_code", REQUIRED, 8, JDK_ANY),
    S(call_stub_return_at, "StubRoutines", "_call_stub_return_address", REQUIRED, 8, JDK_ANY),
    S(flags_at, "JVMFlag", "flags", OPTIONAL, 9, JDK_ANY),
    S(flags_count_at, "JVMFlag", "numFlags", OPTIONAL, 9, JDK_ANY),
    S(flags_at, "Flag", "flags", OPTIONAL, 8, 8),
    S(flags_count_at, "Flag", "numFlags", OPTIONAL, 8, 8),
    S(info_string_at, "Abstract_VM_Version", "_s_internal_vm_info_string", OPTIONAL, 8, JDK_ANY),
    S(major_at, "Abstract_VM_Version", "_vm_major_version", REQUIRED, 9, JDK_ANY),
};
#undef F
#undef S

struct name_row {
    size_t member;
    const char *name;
    enum need need;
};

static const struct name_row g_sizes[] = {
    {offsetof(struct vm, const_method_bytes), "ConstMethod", REQUIRED},
    {offsetof(struct vm, constant_pool_bytes), "ConstantPool", REQUIRED},
    {offsetof(struct vm, heap_block_bytes), "HeapBlock", REQUIRED},
    {offsetof(struct vm, pcdesc_bytes), "PcDesc", REQUIRED},
    {offsetof(struct vm, flag_bytes), "JVMFlag", OPTIONAL},
    {offsetof(struct vm, flag_bytes), "Flag", OPTIONAL}, /* JDK 8 */
};

static const struct name_row g_ints[] = {
    {offsetof(struct vm, entry_frame_wrapper), "frame::entry_frame_call_wrapper_offset", REQUIRED},
    {offsetof(struct vm, interp_sender_sp), "frame::interpreter_frame_sender_sp_offset", REQUIRED},
    {offsetof(struct vm, interp_last_sp), "frame::interpreter_frame_last_sp_offset", REQUIRED},
    {offsetof(struct vm, state_in_java), "_thread_in_Java", REQUIRED},
};

/* --- the tables as libjvm exports them -------------------------------------------------------- */

/* An array of C structs whose layout is itself told by exported numbers. */
struct table {
    const char *rows; /* NULL: not exported */
    uint64_t stride;
};

static const void *jvm_symbol(void *jvm, const char *name)
{
    return dlsym(jvm, name);
}

static uint64_t jvm_number(void *jvm, const char *name)
{
    const uint64_t *p = jvm_symbol(jvm, name);
    return p ? *p : 0;
}

static struct table jvm_table(void *jvm, const char *rows, const char *stride)
{
    const char *const *p = jvm_symbol(jvm, rows);
    return (struct table){.rows = p ? *p : NULL, .stride = jvm_number(jvm, stride)};
}

static const char *cell_text(const char *row, uint64_t offset)
{
    const char *s;
    memcpy(&s, row + offset, sizeof s);
    return s;
}

static struct vm_field field_of_type(int32_t offset, const char *c_type)
{
    static const struct {
        const char *c_type;
        uint8_t size_bytes;
        bool is_signed;
    } small[] = {
        {"int", 4, true},
        {"jint", 4, true},
        {"unsigned int", 4, false},
        {"juint", 4, false},
        {"uint", 4, false},
        {"u4", 4, false},
        {"uint32_t", 4, false},
        {"int16_t", 2, true},
        {"u2", 2, false},
        {"uint16_t", 2, false},
        {"unsigned short", 2, false},
        {"u1", 1, false},
        {"bool", 1, false},
        {"AccessFlags", 2, false},
        {"JavaThreadState", 4, true},
        {"pid_t", 4, true},
        {"OSThread::thread_id_t", 4, true},
        {"CompLevel", 1, false},
    };
    for (size_t i = 0; c_type && i < COUNT_OF(small); i++)
        if (strcmp(small[i].c_type, c_type) == 0)
            return (struct vm_field){offset, small[i].size_bytes, small[i].is_signed};
    return (struct vm_field){offset, 8, false};
}

static bool is_resolved(const struct vm *vm, const struct field_row *row)
{
    if (row->is_static)
        return *(const uintptr_t *)((const char *)vm + row->member) != 0;
    return vm_has(*(const struct vm_field *)((const char *)vm + row->member));
}

static void read_fields(void *jvm, struct vm *vm)
{
    struct table t = jvm_table(jvm, "gHotSpotVMStructs", "gHotSpotVMStructEntryArrayStride");
    uint64_t type_at = jvm_number(jvm, "gHotSpotVMStructEntryTypeNameOffset");
    uint64_t field_at = jvm_number(jvm, "gHotSpotVMStructEntryFieldNameOffset");
    uint64_t c_type_at = jvm_number(jvm, "gHotSpotVMStructEntryTypeStringOffset");
    uint64_t offset_at = jvm_number(jvm, "gHotSpotVMStructEntryOffsetOffset");
    uint64_t address_at = jvm_number(jvm, "gHotSpotVMStructEntryAddressOffset");

    for (const char *row = t.rows; row && t.stride && cell_text(row, type_at); row += t.stride) {
        for (size_t i = 0; i < COUNT_OF(g_fields); i++) {
            const struct field_row *want = &g_fields[i];
            if (strcmp(want->type, cell_text(row, type_at)) != 0 ||
                strcmp(want->field, cell_text(row, field_at)) != 0 || is_resolved(vm, want))
                continue;
            char *member = (char *)vm + want->member;
            if (want->is_static) {
                memcpy(member, row + address_at, sizeof(uintptr_t));
            } else {
                uint64_t offset;
                memcpy(&offset, row + offset_at, sizeof offset);
                *(struct vm_field *)member =
                    field_of_type((int32_t)offset, cell_text(row, c_type_at));
            }
        }
    }
}

/* Tables of (name, number): types with their sizes, integer constants. */
static void read_numbers(struct table t, uint64_t name_at, uint64_t value_at,
                         const struct name_row *want, size_t n_want, struct vm *vm)
{
    for (const char *row = t.rows; row && t.stride && cell_text(row, name_at); row += t.stride)
        for (size_t i = 0; i < n_want; i++)
            if (strcmp(want[i].name, cell_text(row, name_at)) == 0)
                memcpy((char *)vm + want[i].member, row + value_at, sizeof(int32_t));
}

static void read_tables(void *jvm, struct vm *vm)
{
    read_fields(jvm, vm);
    read_numbers(jvm_table(jvm, "gHotSpotVMTypes", "gHotSpotVMTypeEntryArrayStride"),
                 jvm_number(jvm, "gHotSpotVMTypeEntryTypeNameOffset"),
                 jvm_number(jvm, "gHotSpotVMTypeEntrySizeOffset"), g_sizes, COUNT_OF(g_sizes), vm);
    read_numbers(jvm_table(jvm, "gHotSpotVMIntConstants", "gHotSpotVMIntConstantEntryArrayStride"),
                 jvm_number(jvm, "gHotSpotVMIntConstantEntryNameOffset"),
                 jvm_number(jvm, "gHotSpotVMIntConstantEntryValueOffset"), g_ints, COUNT_OF(g_ints),
                 vm);
}

/* --- the check -------------------------------------------------------------------------------- */

static const char *missing_field(const struct vm *vm, const char **type)
{
    for (size_t i = 0; i < COUNT_OF(g_fields); i++) {
        const struct field_row *row = &g_fields[i];
        if (row->need == REQUIRED && vm->major >= row->from && vm->major <= row->to &&
            !is_resolved(vm, row)) {
            *type = row->type;
            return row->field;
        }
    }
    return NULL;
}

static const char *missing_number(const struct vm *vm, const struct name_row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (rows[i].need == REQUIRED && *(const int32_t *)((const char *)vm + rows[i].member) == 0)
            return rows[i].name;
    return NULL;
}

static int check_layout(const struct vm *vm, struct err *e)
{
    const char *type = "";
    const char *missing = missing_field(vm, &type);
    if (missing)
        return err_set(e, -ENOENT, "JDK %d: VMStructs has no %s::%s", vm->major, type, missing);
    missing = missing_number(vm, g_sizes, COUNT_OF(g_sizes));
    if (!missing)
        missing = missing_number(vm, g_ints, COUNT_OF(g_ints));
    if (missing)
        return err_set(e, -ENOENT, "JDK %d: VMStructs has no %s", vm->major, missing);
    return 0;
}

/* The tables of JDK 8 have no frame constants, and its version is HotSpot's own (25); that it keeps
 * one code heap tells it apart. The values are those of every later JDK on x86-64. */
static int find_major(struct vm *vm)
{
    if (!vm->single_code_heap_at)
        return vm->major_at ? *(const int32_t *)vm->major_at : 0;
    vm->entry_frame_wrapper = -6;
    vm->interp_sender_sp = -1;
    vm->interp_last_sp = -2;
    return 8;
}

/* Layout that the tables don't tell. Sources: HotSpot cpu/x86/frame_x86.hpp,
 * utilities/unsigned5.hpp. */
static void derive(struct vm *vm)
{
    vm->interp_method = vm->interp_last_sp - 1;
    /* below the method: (from JDK 9 on) the class mirror, then mdp, cache, locals, bcp */
    vm->interp_bcp = vm->interp_method - (vm->major >= 9 ? 5 : 4);
    vm->number_bias = vm->major >= 20 ? 1 : 0;
    vm->has_lines_flag = 1; /* ConstMethod::_has_linenumber_table, bit 0 in every JDK */
}

static void *find_libjvm(void)
{
    void *jvm = dlopen("libjvm.so", RTLD_NOW | RTLD_NOLOAD);
    return jvm ? jvm : RTLD_DEFAULT;
}

int vm_structs_read(struct vm *vm, struct err *e)
{
    void *jvm = find_libjvm();
    if (!jvm_symbol(jvm, "gHotSpotVMStructs"))
        return err_set(e, -ENOSYS,
                       "VMStructs unavailable: not a HotSpot JVM, or one built without");
    read_tables(jvm, vm);
    vm->major = find_major(vm);
    if (vm->major < 8) /* what is required depends on it */
        return err_set(e, -ENOENT, "VMStructs has no Abstract_VM_Version::_vm_major_version");
    derive(vm);
    return check_layout(vm, e);
}
