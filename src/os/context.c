/* context.c — ucontext_t -> struct cpu_context. Signal context; first step of every sample. */
#include "os/context.h"

#include <ucontext.h>

#if !defined(__x86_64__)
#error "registers of this processor are not known yet: os/context.c, os/safe_load.c"
#endif

void cpu_context_get(const void *ucontext, struct cpu_context *out)
{
    const greg_t *r = ((const ucontext_t *)ucontext)->uc_mcontext.gregs;
    *out = (struct cpu_context){
        .pc = (uintptr_t)r[REG_RIP],
        .sp = (uintptr_t)r[REG_RSP],
        .fp = (uintptr_t)r[REG_RBP],
        .rax = (uintptr_t)r[REG_RAX],
        .rbx = (uintptr_t)r[REG_RBX],
        .r13 = (uintptr_t)r[REG_R13],
        .r15 = (uintptr_t)r[REG_R15],
    };
}
