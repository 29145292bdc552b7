/* layout.h — where HotSpot keeps what the walker reads: offsets and addresses, resolved at start.
 *
 * Every field is a row of the table in vm_structs.c, which says from which JDK to which it exists
 * and whether the walker can do without. Private to src/vm and src/walk. */
#ifndef VM_LAYOUT_H
#define VM_LAYOUT_H

#include <stdbool.h>
#include <stdint.h>

#include "os/safe_load.h"
#include "vm/vm.h"

/* A field of a HotSpot object. */
struct vm_field {
    int32_t offset;
    uint8_t size_bytes; /* 0: this JVM has no such field */
    bool is_signed;
};

/* A code heap (HotSpot memory/heap.hpp), its bounds fixed once reserved. */
struct vm_code_heap {
    uintptr_t low;
    uintptr_t high; /* end of the reserved range */
    uintptr_t segment_map;
    int log2_segment_size;
};

enum { VM_MAX_CODE_HEAPS = 8 };

struct vm {
    int major;
    /* fields */
    struct vm_field cp_holder, cp_length;
    struct vm_field klass_name;
    struct vm_field method_const, method_access;
    struct vm_field cm_constants, cm_size, cm_flags, cm_code_size, cm_name, cm_signature;
    struct vm_field symbol_length, symbol_body;
    struct vm_field array_length, array_data;
    struct vm_field heap_memory, heap_segmap, heap_log2_segment;
    struct vm_field space_low, space_high_boundary;
    struct vm_field block_used;
    struct vm_field blob_name, blob_size, blob_frame_size, blob_frame_complete;
    struct vm_field blob_code_begin, blob_code_offset;
    struct vm_field blob_mutable_data, blob_relocation_size;
    struct vm_field nm_method, nm_comp_level, nm_orig_pc;
    struct vm_field nm_scopes_data, nm_scopes_data_offset, nm_scopes_pcs, nm_dependencies;
    struct vm_field nm_metadata, nm_immutable;
    struct vm_field nm_deopt, nm_deopt_mh, nm_deopt_offset, nm_deopt_mh_offset;
    struct vm_field pcdesc_pc, pcdesc_scope;
    struct vm_field queue_buffer, queue_limit;
    struct vm_field anchor_sp, anchor_pc, anchor_fp;
    struct vm_field wrapper_anchor;
    struct vm_field thread_anchor, thread_osthread, thread_stack_base, thread_stack_size,
        thread_state;
    struct vm_field osthread_id;
    struct vm_field flag_name, flag_addr, flag_flags;
    /* statics: the address of the variable, 0 if there is none */
    uintptr_t code_heaps_at, single_code_heap_at, interpreter_code_at, call_stub_return_at;
    uintptr_t flags_at, flags_count_at, info_string_at, major_at;
    /* sizes of types */
    uint32_t const_method_bytes, constant_pool_bytes, heap_block_bytes, pcdesc_bytes, flag_bytes;
    /* integer constants */
    int32_t entry_frame_wrapper, interp_sender_sp, interp_last_sp, has_lines_flag, state_in_java;
    /* derived */
    int32_t interp_method, interp_bcp; /* in words from the frame pointer */
    uint8_t number_bias;               /* of UNSIGNED5 streams: 0 up to JDK 19, 1 after */
    /* known once the VM is initialised (vm_is_ready) */
    bool ready;
    int n_heaps;
    struct vm_code_heap heaps[VM_MAX_CODE_HEAPS];
    uintptr_t interp_low, interp_high;
    uintptr_t call_stub_return;
};

/* The field of the object at base, sign-extended; 0 with *faulted on unmapped memory. */
static inline uint64_t vm_get(struct vm_field f, uintptr_t base, bool *faulted)
{
    uintptr_t at = base + (uintptr_t)(intptr_t)f.offset;
    switch (f.size_bytes) {
    case 8: return safe_load64(at, faulted);
    case 4: {
        uint32_t v = safe_load32(at, faulted);
        return f.is_signed ? (uint64_t)(int64_t)(int32_t)v : v;
    }
    case 2: {
        uint16_t v = safe_load16(at, faulted);
        return f.is_signed ? (uint64_t)(int64_t)(int16_t)v : v;
    }
    case 1: return safe_load8(at, faulted);
    default: return 0;
    }
}

/* Fill vm from the tables of the loaded libjvm (vm_structs.c); -ENOSYS: no tables, -ENOENT: one
 * lacks. */
int vm_structs_read(struct vm *vm, struct err *e);

static inline bool vm_has(struct vm_field f)
{
    return f.size_bytes != 0;
}

#endif
