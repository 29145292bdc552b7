/* safe_load.h — loads that survive unmapped memory. Signal context.
 *
 * A fault at the one load instruction of safe_load.c is caught by our SIGSEGV/SIGBUS handler, which
 * sets the result to 0 and *faulted; every other fault is passed on to the handlers that were there
 * before (the JVM's, a third party's). Installed between safe_load_install() and
 * safe_load_remove(). */
#ifndef OS_SAFE_LOAD_H
#define OS_SAFE_LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attrs.h"
#include "base/err.h"

/* 0 or -errno with a line in e. Installing what is installed is fine. */
int safe_load_install(struct err *e);
/* Put the previous handlers back; where somebody chained after us, stay installed as a mere
 * forwarder (and say so by returning -EBUSY). */
int safe_load_remove(void);

/* Whether a fault could be caught in the thread that the signal with this ucontext (third argument
 * of the handler) interrupted: false when it has SIGSEGV or SIGBUS blocked (it is inside somebody's
 * handler for them, say), where the kernel kills the process instead of calling us. Ask first,
 * don't load then. */
SIGSAFE bool safe_load_is_armed(const void *ucontext);

/* The value at addr, or 0 with *faulted set to true (never cleared here: sticky for a whole walk).
 */
SIGSAFE uint64_t safe_load64(uintptr_t addr, bool *faulted);
SIGSAFE uint32_t safe_load32(uintptr_t addr, bool *faulted);
SIGSAFE uint16_t safe_load16(uintptr_t addr, bool *faulted);
SIGSAFE uint8_t safe_load8(uintptr_t addr, bool *faulted);
/* Copy n bytes; false (and dst partly written) on a fault. */
SIGSAFE bool safe_copy(void *dst, uintptr_t src, size_t n);

#endif
