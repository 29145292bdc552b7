/* context.h — the registers of an interrupted thread that stack walking needs. Signal context.
 * Source: ucontext_t of the Linux x86-64 ABI. The only place that knows the register names. */
#ifndef OS_CONTEXT_H
#define OS_CONTEXT_H

#include <stdint.h>

#include "base/attrs.h"

struct cpu_context {
    uintptr_t pc;
    uintptr_t sp;
    uintptr_t fp;  /* rbp */
    uintptr_t rax; /* holds the return address for an instant in interpreter entries */
    uintptr_t rbx; /* Method* in interpreter entries and adapters */
    uintptr_t r13; /* bytecode pointer inside the interpreter; sender sp at its entries */
    uintptr_t r15; /* JavaThread* in Java code */
};

/* ucontext: the third argument of an SA_SIGINFO handler. */
SIGSAFE void cpu_context_get(const void *ucontext, struct cpu_context *out);

#endif
