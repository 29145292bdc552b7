/* code_cache.h — code address -> code blob (compiled method or stub). Signal context.
 * Source: HotSpot memory/heap.cpp (segment map), code/codeBlob.hpp, code/nmethod.hpp. */
#ifndef VM_CODE_CACHE_H
#define VM_CODE_CACHE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attrs.h"
#include "vm/layout.h"

enum blob_kind { BLOB_STUB, BLOB_ADAPTER, BLOB_NMETHOD, BLOB_NATIVE_WRAPPER, BLOB_INTERPRETER };

struct code_blob {
    uintptr_t address;    /* CodeBlob* */
    uintptr_t code_begin; /* first instruction */
    uintptr_t end;
    enum blob_kind kind;
    uint32_t frame_bytes; /* of a complete frame, return address included; 0 = not fixed */
    int32_t
        frame_complete; /* offset from code_begin after which the frame is complete, < 0 never */
};

/* The blob that pc lies in; false if there is none (or its header is unreadable: *faulted). */
SIGSAFE bool code_cache_find(const struct vm *vm, uintptr_t pc, struct code_blob *out,
                             bool *faulted);
/* Whether pc lies in the range of a code heap, in a blob or between them. */
SIGSAFE bool code_cache_contains(const struct vm *vm, uintptr_t pc);
static inline bool code_is_interpreter(const struct vm *vm, uintptr_t pc)
{
    return pc >= vm->interp_low && pc < vm->interp_high;
}

/* --- compiled methods ------------------------------------------------------------------------- */

/* The inlining chain at one pc, innermost method first. */
struct scope_cursor {
    uintptr_t nmethod;
    uintptr_t scopes_data;
    uintptr_t metadata;
    uint32_t next; /* decode offset of the next scope, 0 = none */
};

SIGSAFE uintptr_t nmethod_method(const struct vm *vm, uintptr_t nmethod, bool *faulted);
SIGSAFE bool nmethod_is_c1(const struct vm *vm, uintptr_t nmethod, bool *faulted);
/* A frame whose return address was replaced by the deoptimization handler: its true pc, kept in the
 * frame at frame_sp; any other pc is returned as it is. */
SIGSAFE uintptr_t nmethod_original_pc(const struct vm *vm, const struct code_blob *blob,
                                      uintptr_t pc, uintptr_t frame_sp, bool *faulted);
/* Position at the scopes of pc. is_top: pc is the interrupted instruction, not a return address.
 * False when the method has no debug info there. */
SIGSAFE bool nmethod_scopes(const struct vm *vm, const struct code_blob *blob, uintptr_t pc,
                            bool is_top, struct scope_cursor *out, bool *faulted);
/* The next method of the chain; false at its end. *bci is -1 for "at the entry". */
SIGSAFE bool nmethod_next_scope(const struct vm *vm, struct scope_cursor *cursor, uintptr_t *method,
                                int32_t *bci, bool *faulted);

#endif
