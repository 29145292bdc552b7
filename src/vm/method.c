/* method.c — reads a Method* and its ConstMethod, ConstantPool and Symbols. Signal context. */
#include "vm/method.h"

#include "vm/layout.h"

enum {
    POINTER_ALIGN_MASK = 7,
    LOWEST_ADDRESS = 0x10000, /* vm.mmap_min_addr: nothing is mapped below */
    CONST_METHOD_WORDS_MAX = 1 << 16,
};

static bool is_pointer(uintptr_t p)
{
    return p >= LOWEST_ADDRESS && (p & POINTER_ALIGN_MASK) == 0 && p < (uintptr_t)1 << 47;
}

static bool read_const_method(const struct vm *vm, uintptr_t method, uintptr_t *const_method,
                              uintptr_t *constants, bool *faulted)
{
    if (!is_pointer(method))
        return false;
    *const_method = vm_get(vm->method_const, method, faulted);
    if (!is_pointer(*const_method))
        return false;
    *constants = vm_get(vm->cm_constants, *const_method, faulted);
    return is_pointer(*constants) && !*faulted;
}

SIGSAFE bool vm_method_code(const struct vm *vm, uintptr_t method, uintptr_t *code,
                            uint32_t *n_bytes, bool *faulted)
{
    uintptr_t const_method, constants;
    if (!read_const_method(vm, method, &const_method, &constants, faulted))
        return false;
    *code = const_method + vm->const_method_bytes;
    *n_bytes = (uint32_t)vm_get(vm->cm_code_size, const_method, faulted);
    return !*faulted;
}

static bool read_symbol(const struct vm *vm, uintptr_t symbol, struct vm_symbol *out, bool *faulted)
{
    if (!is_pointer(symbol))
        return false;
    out->body = symbol + (uintptr_t)vm->symbol_body.offset;
    out->len = (uint16_t)vm_get(vm->symbol_length, symbol, faulted);
    return out->len > 0 && !*faulted;
}

/* Entry of a constant pool that is known to be a Utf8: a Symbol*. */
static uintptr_t pool_symbol(const struct vm *vm, uintptr_t constants, uint64_t index,
                             bool *faulted)
{
    int64_t n = (int64_t)vm_get(vm->cp_length, constants, faulted);
    if (index == 0 || n < 0 || index >= (uint64_t)n)
        return 0;
    return safe_load64(constants + vm->constant_pool_bytes + index * 8, faulted);
}

static bool read_names(const struct vm *vm, struct method_source *out, bool *faulted)
{
    uintptr_t holder = vm_get(vm->cp_holder, out->constants, faulted);
    if (!is_pointer(holder))
        return false;
    uint64_t name = vm_get(vm->cm_name, out->const_method, faulted);
    uint64_t signature = vm_get(vm->cm_signature, out->const_method, faulted);
    return read_symbol(vm, vm_get(vm->klass_name, holder, faulted), &out->class_name, faulted) &&
           read_symbol(vm, pool_symbol(vm, out->constants, name, faulted), &out->name, faulted) &&
           read_symbol(vm, pool_symbol(vm, out->constants, signature, faulted), &out->signature,
                       faulted);
}

/* The line table follows the bytecodes inside the ConstMethod. */
static void find_lines(const struct vm *vm, struct method_source *out, bool *faulted)
{
    out->lines = 0;
    out->lines_max = 0;
    out->number_bias = vm->number_bias;
    if (!(vm_get(vm->cm_flags, out->const_method, faulted) & (uint32_t)vm->has_lines_flag))
        return;
    uint64_t words = vm_get(vm->cm_size, out->const_method, faulted);
    uint64_t before = vm->const_method_bytes + vm_get(vm->cm_code_size, out->const_method, faulted);
    if (words > CONST_METHOD_WORDS_MAX || before >= words * 8)
        return;
    out->lines = out->const_method + before;
    out->lines_max = (uint32_t)(words * 8 - before);
}

SIGSAFE bool vm_method_source(const struct vm *vm, uintptr_t method, struct method_source *out,
                              bool *faulted)
{
    out->method = method;
    if (!read_const_method(vm, method, &out->const_method, &out->constants, faulted) ||
        !read_names(vm, out, faulted))
        return false;
    out->modifiers = (uint16_t)vm_get(vm->method_access, method, faulted);
    find_lines(vm, out, faulted);
    return !*faulted;
}
