/* method_dict.h — Method* -> method id; class, name, signature and line table copied at first
 * sight.
 *
 * Signal side: method_dict.c. Normal side: method_dict_scan.c.
 * The methods are on the interrupted thread's stack, so their metadata cannot be unloaded while
 * they are copied. An address seen again is the same method only if what identifies it
 * (ConstMethod*, ConstantPool*, the Symbols of class, name and signature) is unchanged; otherwise a
 * new entry with a new id takes the slot, and the old one stays in the list for the traces that
 * have its id. resolve  index       - = safe together resolve      -       - index        -     one
 * thread Publication: an entry is complete, then linked into the list (CAS on newest), then put
 * into its slot (CAS): so an id that a trace may hold is always found in the list. */
#ifndef STORE_METHOD_DICT_H
#define STORE_METHOD_DICT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/atomics.h"
#include "base/attrs.h"
#include "base/frame.h"
#include "vm/vm.h"

typedef uint32_t method_id; /* 1.., never reused in a recording */
#define METHOD_NONE   ((method_id)0)
#define METHOD_ID_MAX ((method_id)1 << 30) /* the recorder's ids of native symbols begin here */

struct method_entry {
    method_id id;
    uint16_t modifiers; /* JVM_ACC_* */
    uint16_t class_len, name_len, signature_len;
    uint8_t number_bias;
    uint32_t lines_len;
    uintptr_t method, const_method, constants, class_symbol, name_symbol, signature_symbol;
    const struct method_entry *older; /* list of all entries, newest first */
    char text[]; /* class (a/b/C), name, signature, compressed line table, one after the other */
};

struct method_dict {
    const struct vm *vm; /* borrowed */
    struct arena *arena; /* borrowed */
    atomic_ptr *slots;   /* const struct method_entry *; owned mapping */
    uint32_t n_slots;    /* power of two */
    atomic_u32 next_id;
    atomic_ptr newest;
};

/* 0 or -errno. Memory: 8 * n_slots (touched pages only) and the entries in arena. */
int method_dict_init(struct method_dict *md, const struct vm *vm, struct arena *arena,
                     uint32_t n_slots);
void method_dict_fini(struct method_dict *md);

enum method_result { METHOD_OK, METHOD_BAD, METHOD_FAULT, METHOD_FULL };

/* Turn the Method* of the Java frames among frames[0..*n) into method ids, in place. On the first
 * one that cannot be, *n is cut to the frames before it and the reason returned. */
SIGSAFE enum method_result method_dict_resolve(struct method_dict *md, struct frame *frames,
                                               uint32_t *n);

static inline const char *method_entry_class(const struct method_entry *m)
{
    return m->text;
}
static inline const char *method_entry_name(const struct method_entry *m)
{
    return m->text + m->class_len;
}
static inline const char *method_entry_signature(const struct method_entry *m)
{
    return m->text + m->class_len + m->name_len;
}

/* --- normal side (recorder thread) ------------------------------------------------------------ */

struct method_index; /* id -> entry, grows with the dictionary */
struct method_index *method_index_new(const struct method_dict *md);
void method_index_free(struct method_index *mi);
/* NULL if unknown. The entry lives until method_dict_fini(). */
const struct method_entry *method_index_find(struct method_index *mi, method_id id);
size_t method_index_count(const struct method_index *mi);

/* Source line of a bytecode index, 0 unknown. */
int method_entry_line(const struct method_entry *m, int32_t bci);

#endif
