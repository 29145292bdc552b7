/* facts.h — single facts about the JVM for the recorder's events, out of HotSpot's tables. Normal
 * side (recorder thread); all loads are fault-safe. */
#ifndef VM_FACTS_H
#define VM_FACTS_H

#include <stdbool.h>
#include <stdint.h>

#include "vm/vm.h"

/* CompressedOops: base and shift of compressed references. False if unknown. */
bool vm_oop_encoding(uint64_t *base, uint32_t *shift);

/* First and last address of the reserved code heaps; false before they exist. */
bool vm_code_bounds(const struct vm *vm, uintptr_t *low, uintptr_t *high);

/* Offset of Thread::_allocated_bytes, 0 if this JVM has none. */
uint32_t vm_allocated_bytes_offset(void);
/* What the Java thread has allocated in its life, but for its current buffer (TLAB): bytes. The
 * thread must live; 0 on a fault. */
uint64_t vm_allocated_bytes(uint32_t offset, const void *java_thread);

#endif
