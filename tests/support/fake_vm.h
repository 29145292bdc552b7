/* fake_vm.h — a HotSpot JVM of a test's own: the objects that src/vm and src/walk read, laid out in
 * ordinary memory at offsets of our choosing.
 *
 * Shapes follow HotSpot's (code heap with segment map, CodeBlob, nmethod with PcDescs and scopes,
 * Method/ConstMethod/ConstantPool/Klass/Symbol, JavaThread with anchor, interpreter, compiled and
 * entry frames of x86-64); sources are those named in src/vm and src/walk. The code in the heap is
 * read and never run. Any failure of the fake itself aborts. */
#ifndef TESTS_SUPPORT_FAKE_VM_H
#define TESTS_SUPPORT_FAKE_VM_H

#include <stddef.h>
#include <stdint.h>

#include "elf/code_ranges.h"
#include "os/context.h"
#include "vm/layout.h"
#include "walk/walker.h"

enum {
    FAKE_HEAP_BYTES = 256 << 10, /* of each of two code heaps, HEAP_STUBS and HEAP_METHODS */
    FAKE_METASPACE_BYTES = 1 << 20,
    FAKE_STACK_BYTES = 256 << 10,
    FAKE_LOG2_SEGMENT = 7,
    FAKE_BLOB_HEADER_BYTES = 256, /* of a CodeBlob and nmethod, before its code */
    FAKE_BLOCK_HEADER_BYTES = 16,
    FAKE_ORIG_PC_OFFSET = 8, /* where a deoptimized frame keeps its pc, from its sp */
};

enum fake_heap { HEAP_STUBS, HEAP_METHODS };

/* The ages of HotSpot that differ for us: 17 has code pointers in the blob, read-only data in the
 * nmethod, UNSIGNED5 without bias; 25 has offsets, data apart, bias 1. */
enum fake_jdk { FAKE_JDK17, FAKE_JDK25, FAKE_N_JDKS };

struct fake_code {
    uintptr_t block, blob, begin, end;
    uintptr_t deopt_pc; /* what deoptimization puts in place of return addresses */
    uintptr_t scopes_data, pcs, metadata; /* of an nmethod */
    uint32_t n_pcs;                       /* with the sentinels */
    uint32_t frame_bytes;
};

struct fake_vm {
    struct vm vm;
    char *metaspace; /* ends at a page that cannot be read */
    size_t metaspace_used;
    char *heap[2]; /* each ends at one, too */
    uint8_t *segment_map[2];
    size_t segments_used[2];
    uintptr_t hole;                  /* a page that cannot be read */
    uintptr_t stack_low, stack_high; /* between two pages that cannot be read */
    uintptr_t thread;                /* JavaThread* */
    struct fake_code interpreter, call_stub;
    struct code_ranges *native; /* "native code": one range, nothing mapped there */
    struct walker walker;       /* of this vm and the native range */
    struct cpu_context cpu;     /* registers of the thread; the fake_call_* build its stack */
};

void fake_vm_init(struct fake_vm *f, enum fake_jdk jdk);
void fake_vm_fini(struct fake_vm *f);

/* --- objects ---------------------------------------------------------------------------------- */

/* Zeroed metaspace, 8-byte aligned. */
uintptr_t fake_alloc(struct fake_vm *f, size_t n_bytes);
/* Store into a field of the object at base, in the field's width. */
void fake_set(struct vm_field field, uintptr_t base, uint64_t value);
void fake_poke(uintptr_t at, uint64_t word);

struct fake_method_spec {
    const char *class_name, *name, *signature;
    uint16_t modifiers, code_bytes; /* code_bytes 0: a native method */
    const uint8_t *lines;           /* compressed line table, NULL none */
    size_t n_lines;
};
/* A Method* with its ConstMethod, ConstantPool, Klass and Symbols. */
uintptr_t fake_method(struct fake_vm *f, const struct fake_method_spec *spec);
/* The same, short: class "a/B", signature "()V", 100 bytes of code, no lines. */
uintptr_t fake_java(struct fake_vm *f, const char *name);
uintptr_t fake_const_method(const struct fake_vm *f, uintptr_t method);

/* UNSIGNED5 as HotSpot writes it; returns the end. At most 5 bytes. */
uint8_t *fake_write_number(uint8_t *to, uint32_t value, uint8_t bias);

/* --- code ------------------------------------------------------------------------------------- */

enum { FAKE_SCOPES_MAX = 4 };

struct fake_scope {
    uintptr_t method;
    int32_t bci;
};

/* A PcDesc; a call instruction ends at its offset. */
struct fake_pc {
    int32_t offset;
    uint32_t n; /* scopes, innermost first; 0: none */
    struct fake_scope scopes[FAKE_SCOPES_MAX];
};

struct fake_code_spec {
    const char *name; /* of the CodeBlob: "nmethod", "native nmethod", "I2C/C2I adapters", ... */
    uint32_t code_bytes;
    int32_t frame_words, frame_complete;
    const uint8_t *code; /* first bytes of the code; the rest are nops and the calls */
    size_t n_code;
    uintptr_t method; /* from here on: nmethods */
    int level;
    const struct fake_pc *pcs; /* ascending */
    size_t n_pcs;
};
struct fake_code fake_blob(struct fake_vm *f, enum fake_heap heap,
                           const struct fake_code_spec *spec);

/* --- stacks ----------------------------------------------------------------------------------- */

/* Each call leaves the return address and the frame as the real code does, and the registers in the
 * callee behind its prologue. The first one is made from the thread's root. */
void fake_push(struct fake_vm *f, uintptr_t word);
/* A native function with a frame pointer and n_words of locals. */
void fake_call_native(struct fake_vm *f, uint32_t n_words);
/* Native code calls Java: call_stub with a JavaCallWrapper that keeps the thread's anchor. */
void fake_enter_java(struct fake_vm *f);
void fake_call_interpreted(struct fake_vm *f, uintptr_t method, int32_t bci);
/* Into compiled code or a stub with a frame of fixed size, up to the instruction at offset. */
void fake_call_compiled(struct fake_vm *f, const struct fake_code *code, uint32_t offset);
/* The thread notes its last Java frame, as before a call of native code. */
void fake_set_anchor(struct fake_vm *f);
void fake_set_in_java(struct fake_vm *f, bool in_java);

#endif
