/* method.h — Method* -> what identifies it and where its names lie. Signal context.
 * Source: HotSpot oops/method.hpp, constMethod.hpp, constantPool.hpp, symbol.hpp. */
#ifndef VM_METHOD_H
#define VM_METHOD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attrs.h"

struct vm;

/* A HotSpot Symbol: not 0-terminated, in the JVM's memory. */
struct vm_symbol {
    uintptr_t body;
    uint16_t len;
};

/* Addresses in the JVM, nothing copied yet. */
struct method_source {
    uintptr_t method;            /* Method*; with the rest what identifies the method ... */
    uintptr_t const_method;      /* ConstMethod* */
    uintptr_t constants;         /* ConstantPool* */
    struct vm_symbol class_name; /* a/b/C; a hidden class has the suffix HotSpot gives it */
    struct vm_symbol name, signature;
    uint16_t modifiers;  /* JVM_ACC_*, as in the class file */
    uint8_t number_bias; /* of the line table's UNSIGNED5 numbers */
    uintptr_t lines;     /* compressed line number table, 0 none */
    uint32_t lines_max;  /* bytes up to the end of the ConstMethod: it cannot be longer */
};

enum { METHOD_ACC_NATIVE = 0x0100 };

/* False when the pointer is no (readable, consistent) Method*. */
SIGSAFE bool vm_method_source(const struct vm *vm, uintptr_t method, struct method_source *out,
                              bool *faulted);
/* Cheaper: only whether it is one, and where its bytecodes are (n_bytes 0: none, a native method).
 */
SIGSAFE bool vm_method_code(const struct vm *vm, uintptr_t method, uintptr_t *code,
                            uint32_t *n_bytes, bool *faulted);

#endif
