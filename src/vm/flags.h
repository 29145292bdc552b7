/* flags.h — the JVM's flags (-XX:...) out of HotSpot's own table. Normal side.
 *
 * Sources: HotSpot runtime/flags/jvmFlag.hpp, runtime/globals.hpp (JDK 8: struct Flag). The type of
 * a flag is a name up to JDK 15 and a number from JDK 16 on. All of it is read fault-safe. */
#ifndef VM_FLAGS_H
#define VM_FLAGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vm/vm.h"

enum vm_flag_type {
    VM_FLAG_BOOL,
    VM_FLAG_INT,
    VM_FLAG_UINT,
    VM_FLAG_INTX,
    VM_FLAG_UINTX,
    VM_FLAG_UINT64,
    VM_FLAG_SIZE,
    VM_FLAG_DOUBLE,
    VM_FLAG_STRING,
    VM_FLAG_STRINGS, /* a list, joined by newlines */
    VM_FLAG_UNKNOWN
};

enum { VM_FLAG_NAME_MAX = 128, VM_FLAG_TEXT_MAX = 4096 };

struct vm_flag {
    enum vm_flag_type type;
    uint32_t origin; /* as in the pool FlagValueOrigin: 0 default, 1 command line, ... */
    bool is_locked;  /* diagnostic or experimental, and those are not unlocked */
    bool is_null;    /* a string that is not set */
    int64_t i;       /* bool .. size; unsigned ones are the same bits */
    double d;
    char name[VM_FLAG_NAME_MAX];
    char text[VM_FLAG_TEXT_MAX]; /* of strings, cut */
};

/* Where the table is and how it is laid out. */
struct vm_flags {
    uintptr_t at;
    uint64_t n;
    uint32_t row_bytes;
    uint32_t type_at, name_at, value_at, flags_at; /* offsets in a row */
    bool type_is_text;
    bool diagnostic_unlocked, experimental_unlocked;
};

/* False: this JVM has no such table. */
bool vm_flags_open(struct vm_flags *f, const struct vm *vm);
/* After the layout is set: whether locked flags are unlocked, from the flags themselves. */
void vm_flags_read_locks(struct vm_flags *f);
/* Call fn for each flag in the order of the table; flags that make no sense are left out. The flag
 * is good during the call. Returns their number. */
size_t vm_flags_each(const struct vm_flags *f, void (*fn)(void *ctx, const struct vm_flag *flag),
                     void *ctx);

#endif
