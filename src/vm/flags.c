/* flags.c — HotSpot's table of flags. Contract: flags.h. */
#include "vm/flags.h"

#include <string.h>

#include "base/attrs.h"
#include "os/safe_load.h"
#include "vm/lookup.h"

enum { ORIGIN_MASK = 15, FLAGS_MAX = 1 << 14, FIRST_NUMBERED_JDK = 16 };

/* jvmFlag.hpp, JVMFlag::Flags: the same in every JDK. */
enum { KIND_DIAGNOSTIC = 1 << 6, KIND_EXPERIMENTAL = 1 << 7 };

/* In the order of JVMFlag::FlagType. */
static const char *const k_types[] = {"bool",     "int",    "uint",   "intx",  "uintx",
                                      "uint64_t", "size_t", "double", "ccstr", "ccstrlist"};

/* A terminated string, cut at cap; false when it can't be read. */
static bool copy_text(char *buf, size_t cap, uintptr_t at)
{
    bool faulted = false;
    size_t n = 0;
    while (at && n + 1 < cap && (buf[n] = (char)safe_load8(at + n, &faulted)) != 0)
        n++;
    buf[n] = 0;
    return at && !faulted;
}

static enum vm_flag_type type_of(const struct vm_flags *f, uintptr_t row, bool *faulted)
{
    char name[16];
    if (!f->type_is_text) {
        uint32_t type = safe_load32(row + f->type_at, faulted);
        return type < VM_FLAG_UNKNOWN ? (enum vm_flag_type)type : VM_FLAG_UNKNOWN;
    }
    if (!copy_text(name, sizeof name, safe_load64(row + f->type_at, faulted)))
        return VM_FLAG_UNKNOWN;
    for (size_t i = 0; i < COUNT_OF(k_types); i++)
        if (strcmp(name, k_types[i]) == 0)
            return (enum vm_flag_type)i;
    return VM_FLAG_UNKNOWN;
}

static bool read_value(struct vm_flag *flag, uintptr_t at)
{
    bool faulted = false;
    switch (flag->type) {
    case VM_FLAG_BOOL: flag->i = safe_load8(at, &faulted) != 0; break;
    case VM_FLAG_INT: flag->i = (int32_t)safe_load32(at, &faulted); break;
    case VM_FLAG_UINT: flag->i = safe_load32(at, &faulted); break;
    case VM_FLAG_INTX:
    case VM_FLAG_UINTX:
    case VM_FLAG_UINT64:
    case VM_FLAG_SIZE: flag->i = (int64_t)safe_load64(at, &faulted); break;
    case VM_FLAG_DOUBLE: {
        uint64_t bits = safe_load64(at, &faulted);
        memcpy(&flag->d, &bits, sizeof bits);
        break;
    }
    case VM_FLAG_STRING:
    case VM_FLAG_STRINGS: {
        uintptr_t text = safe_load64(at, &faulted);
        flag->is_null = text == 0;
        if (text && !copy_text(flag->text, sizeof flag->text, text))
            return false;
        break;
    }
    case VM_FLAG_UNKNOWN: return false;
    }
    return !faulted;
}

static bool read_flag(const struct vm_flags *f, uintptr_t row, struct vm_flag *flag)
{
    bool faulted = false;
    flag->i = 0;
    flag->d = 0;
    flag->is_null = false;
    flag->text[0] = 0;
    if (!copy_text(flag->name, sizeof flag->name, safe_load64(row + f->name_at, &faulted)))
        return false; /* the last row has no name */
    flag->type = type_of(f, row, &faulted);
    uint32_t bits = safe_load32(row + f->flags_at, &faulted);
    uintptr_t value = safe_load64(row + f->value_at, &faulted);
    flag->origin = bits & ORIGIN_MASK;
    flag->is_locked = ((bits & KIND_DIAGNOSTIC) && !f->diagnostic_unlocked) ||
                      ((bits & KIND_EXPERIMENTAL) && !f->experimental_unlocked);
    return !faulted && value && flag->name[0] && read_value(flag, value);
}

size_t vm_flags_each(const struct vm_flags *f, void (*fn)(void *ctx, const struct vm_flag *flag),
                     void *ctx)
{
    struct vm_flag flag;
    size_t n = 0;
    for (uint64_t i = 0; i < f->n && i < FLAGS_MAX; i++)
        if (read_flag(f, f->at + i * f->row_bytes, &flag)) {
            fn(ctx, &flag);
            n++;
        }
    return n;
}

static void take_lock(void *ctx, const struct vm_flag *flag)
{
    struct vm_flags *f = ctx;
    if (flag->type == VM_FLAG_BOOL && strcmp(flag->name, "UnlockDiagnosticVMOptions") == 0)
        f->diagnostic_unlocked = flag->i;
    if (flag->type == VM_FLAG_BOOL && strcmp(flag->name, "UnlockExperimentalVMOptions") == 0)
        f->experimental_unlocked = flag->i;
}

void vm_flags_read_locks(struct vm_flags *f)
{
    vm_flags_each(f, take_lock, f);
}

bool vm_flags_open(struct vm_flags *f, const struct vm *vm)
{
    bool faulted = false;
    const char *type = vm_major(vm) == 8 ? "Flag" : "JVMFlag";
    struct vm_entry e[] = {{.type = type, .field = "flags"},
                           {.type = type, .field = "numFlags"},
                           {.type = type, .field = "_type"},
                           {.type = type, .field = "_name"},
                           {.type = type, .field = "_addr"},
                           {.type = type, .field = "_flags"},
                           {.type = type}};
    *f = (struct vm_flags){0};
    vm_lookup(e, COUNT_OF(e));
    for (size_t i = 0; i < COUNT_OF(e); i++)
        if (!e[i].found)
            return false;
    *f = (struct vm_flags){
        .at = safe_load64(e[0].value, &faulted),
        .n = safe_load64(e[1].value, &faulted),
        .type_at = (uint32_t)e[2].value,
        .name_at = (uint32_t)e[3].value,
        .value_at = (uint32_t)e[4].value,
        .flags_at = (uint32_t)e[5].value,
        .row_bytes = (uint32_t)e[6].value,
        .type_is_text = vm_major(vm) < FIRST_NUMBERED_JDK,
    };
    if (faulted || !f->at || !f->row_bytes)
        return false;
    vm_flags_read_locks(f);
    return true;
}
