/* facts.c — single facts about the JVM. Contract: facts.h. */
#include "vm/facts.h"

#include "base/attrs.h"
#include "os/safe_load.h"
#include "vm/layout.h"
#include "vm/lookup.h"

bool vm_oop_encoding(uint64_t *base, uint32_t *shift)
{
    struct vm_entry e[] = {
        {.type = "CompressedOops", .field = "_base"}, /* JDK 25 */
        {.type = "CompressedOops", .field = "_shift"},
        {.type = "CompressedOops", .field = "_narrow_oop._base"}, /* JDK 13 .. 24 */
        {.type = "CompressedOops", .field = "_narrow_oop._shift"},
        {.type = "Universe", .field = "_narrow_oop._base"},
        {.type = "Universe", .field = "_narrow_oop._shift"},
    };
    bool faulted = false;
    vm_lookup(e, COUNT_OF(e));
    for (size_t i = 0; i < COUNT_OF(e); i += 2)
        if (e[i].found && e[i + 1].found) {
            *base = safe_load64(e[i].value, &faulted);
            *shift = safe_load32(e[i + 1].value, &faulted);
            return !faulted;
        }
    return false;
}

bool vm_code_bounds(const struct vm *vm, uintptr_t *low, uintptr_t *high)
{
    if (!vm_is_ready(vm))
        return false;
    *low = UINTPTR_MAX;
    *high = 0;
    for (int i = 0; i < vm->n_heaps; i++) {
        if (vm->heaps[i].low < *low)
            *low = vm->heaps[i].low;
        if (vm->heaps[i].high > *high)
            *high = vm->heaps[i].high;
    }
    return vm->n_heaps > 0;
}

uint32_t vm_allocated_bytes_offset(void)
{
    struct vm_entry e = {.type = "Thread", .field = "_allocated_bytes"};
    vm_lookup(&e, 1);
    return e.found && !e.is_static ? (uint32_t)e.value : 0;
}

uint64_t vm_allocated_bytes(uint32_t offset, const void *java_thread)
{
    bool faulted = false;
    return safe_load64((uintptr_t)java_thread + offset, &faulted);
}
