/* vm.h — the HotSpot JVM we live in: its exported tables, resolved once.
 *
 * Source of offsets: gHotSpotVMStructs/Types/IntConstants/LongConstants of libjvm (the
 * serviceability agent's tables; HotSpot runtime/vmStructs.cpp). No header of the JVM, no
 * jmethodID. */
#ifndef VM_VM_H
#define VM_VM_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/attrs.h"
#include "base/err.h"

struct vm; /* vm/layout.h has the resolved offsets; opaque to everybody but vm and walk */

/* Resolve the tables of the libjvm loaded in this process. Any time after it was loaded
 * (Agent_OnLoad is early enough). 0, or -ENOSYS/-ENOENT with a line that says what is missing. *out
 * lives for ever. */
int vm_open(const struct vm **out, struct err *e);

/* "OpenJDK 64-Bit Server VM (17.0.9+9) for linux-amd64 JRE (17.0.9+9), built on ...": the JFR's
 * jdk.JVMInformation.jvmVersion. Borrowed for ever; "" if unknown. */
const char *vm_info_string(const struct vm *vm);
int vm_major(const struct vm *vm); /* 8, 11, 17, ... */

/* Make the JIT compilers record debug info at all instructions, as -XX:+DebugNonSafepoints does;
 * without it inlined methods and lines between safepoints are lost. Before the first compilation if
 * possible. False when the flag is not found. The user's explicit setting of the flag is respected.
 */
bool vm_debug_non_safepoints(const struct vm *vm);
/* Whether they do so now. */
bool vm_has_non_safepoints(const struct vm *vm);

/* The OS thread id of a JavaThread (the value of java.lang.Thread.eetop), 0 if it has none (yet).
 */
pid_t vm_thread_tid(const struct vm *vm, const void *java_thread);

/* Whether the code heaps exist already (VM initialised): before that there is nothing to walk. */
bool vm_is_ready(const struct vm *vm);

#endif
