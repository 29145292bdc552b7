/* safe_load.c — loads that survive unmapped memory, signal side: the loads and the fault handler.
 * Called by the walker and the stores in signal context, on any stack. Installing is
 * safe_load_install.c. */
#include "os/safe_load.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include "os/safe_load_chain.h"

/* In rax:rdx, as the ABI returns a struct of two integers. */
struct load_result {
    uint64_t value;
    uint64_t faulted;
};

#if defined(__x86_64__)
/* One function per width, each with the one instruction that may fault at its label. A fault
 * continues at safe_load_recover: the stack is that of a function that has pushed nothing, so `ret`
 * there returns to the caller, with the shadow stack (CET) in step. Assembly, so that neither
 * compilers nor sanitizers add or move a load. */
__asm__(".text\n"
        ".macro SAFE_LOAD bits load\n"
        "    .p2align 4\n"
        "    .hidden safe_load_asm\\bits\n"
        "    .globl safe_load_asm\\bits\n"
        "    .type safe_load_asm\\bits, @function\n"
        "safe_load_asm\\bits:\n"
        "    .cfi_startproc\n"
        "    xorl %edx, %edx\n"
        "    .hidden safe_load_at\\bits\n"
        "    .globl safe_load_at\\bits\n"
        "safe_load_at\\bits:\n"
        "    \\load\n"
        "    ret\n"
        "    .cfi_endproc\n"
        "    .size safe_load_asm\\bits, . - safe_load_asm\\bits\n"
        ".endm\n"
        "SAFE_LOAD 64 \"movq (%rdi), %rax\"\n"
        "SAFE_LOAD 32 \"movl (%rdi), %eax\"\n"
        "SAFE_LOAD 16 \"movzwl (%rdi), %eax\"\n"
        "SAFE_LOAD 8 \"movzbl (%rdi), %eax\"\n"
        ".purgem SAFE_LOAD\n"
        "    .p2align 4\n"
        "    .hidden safe_load_recover\n"
        "    .globl safe_load_recover\n"
        "    .type safe_load_recover, @function\n"
        "safe_load_recover:\n"
        "    .cfi_startproc\n"
        "    xorl %eax, %eax\n"
        "    movl $1, %edx\n"
        "    ret\n"
        "    .cfi_endproc\n"
        "    .size safe_load_recover, . - safe_load_recover\n");

static uintptr_t fault_pc(const ucontext_t *uc)
{
    return (uintptr_t)uc->uc_mcontext.gregs[REG_RIP];
}

static void continue_at(ucontext_t *uc, const char *label)
{
    uc->uc_mcontext.gregs[REG_RIP] = (greg_t)(uintptr_t)label;
}
#else
#error "no fault-safe load for this processor yet"
#endif

struct load_result safe_load_asm64(uintptr_t addr);
struct load_result safe_load_asm32(uintptr_t addr);
struct load_result safe_load_asm16(uintptr_t addr);
struct load_result safe_load_asm8(uintptr_t addr);
extern const char safe_load_at64[], safe_load_at32[], safe_load_at16[], safe_load_at8[];
extern const char safe_load_recover[];

struct safe_load_previous g_safe_load_previous[SAFE_LOAD_N];

static inline uint64_t note(struct load_result r, bool *faulted)
{
    if (UNLIKELY(r.faulted))
        *faulted = true;
    return r.value;
}

uint64_t safe_load64(uintptr_t addr, bool *faulted)
{
    return note(safe_load_asm64(addr), faulted);
}

uint32_t safe_load32(uintptr_t addr, bool *faulted)
{
    return (uint32_t)note(safe_load_asm32(addr), faulted);
}

uint16_t safe_load16(uintptr_t addr, bool *faulted)
{
    return (uint16_t)note(safe_load_asm16(addr), faulted);
}

uint8_t safe_load8(uintptr_t addr, bool *faulted)
{
    return (uint8_t)note(safe_load_asm8(addr), faulted);
}

bool safe_copy(void *dst, uintptr_t src, size_t n)
{
    unsigned char *to = dst;
    bool faulted = false;
    for (; n >= 8 && !faulted; n -= 8, src += 8, to += 8) {
        uint64_t word = safe_load64(src, &faulted);
        memcpy(to, &word, 8);
    }
    for (; n > 0 && !faulted; n--, src++, to++)
        *to = safe_load8(src, &faulted);
    return !faulted;
}

bool safe_load_is_armed(const void *ucontext)
{
    /* The kernel's set of 64 signals is the first word of uc_sigmask; sigismember() may be a call.
     */
    uint64_t blocked;
    memcpy(&blocked, &((const ucontext_t *)ucontext)->uc_sigmask, sizeof blocked);
    return (blocked & (UINT64_C(1) << (SIGSEGV - 1) | UINT64_C(1) << (SIGBUS - 1))) == 0;
}

/* --- the handler ------------------------------------------------------------------------------ */

static bool is_safe_load(uintptr_t pc)
{
    return pc == (uintptr_t)safe_load_at64 || pc == (uintptr_t)safe_load_at32 ||
           pc == (uintptr_t)safe_load_at16 || pc == (uintptr_t)safe_load_at8;
}

/* The default action: the process dies of the signal, with a core dump that shows the real place. A
 * fault happens again when we return; a signal somebody sent has to be sent again. */
static void die(int signo, const siginfo_t *info)
{
    /* struct kernel_sigaction: handler (SIG_DFL is 0), flags, restorer, mask of 8 bytes */
    const uint64_t default_action[4] = {0};
    syscall(SYS_rt_sigaction, signo, default_action, NULL, sizeof(uint64_t));
    if (info->si_code <= 0)
        syscall(SYS_tgkill, syscall(SYS_getpid), syscall(SYS_gettid), signo);
}

static void forward(int signo, siginfo_t *info, void *ucontext)
{
    struct safe_load_previous *prev =
        &g_safe_load_previous[signo == SIGBUS ? SAFE_LOAD_BUS : SAFE_LOAD_SEGV];
    const struct sigaction *sa = &prev->action;
    bool is_spent = (sa->sa_flags & (int)SA_RESETHAND) && exchange_acq_rel(&prev->is_spent, 1) != 0;
    if (is_spent)
        die(signo, info);
    else if (sa->sa_flags & SA_SIGINFO)
        sa->sa_sigaction(signo, info, ucontext);
    else if (sa->sa_handler == SIG_IGN && info->si_code <= 0)
        return; /* sent by somebody and ignored; a fault can't be ignored (the kernel kills) */
    else if (sa->sa_handler == SIG_DFL || sa->sa_handler == SIG_IGN)
        die(signo, info);
    else
        sa->sa_handler(signo);
}

void safe_load_on_fault(int signo, siginfo_t *info, void *ucontext)
{
    if (is_safe_load(fault_pc(ucontext))) {
        continue_at(ucontext, safe_load_recover);
        return;
    }
    int saved_errno = errno;
    forward(signo, info, ucontext);
    errno = saved_errno;
}
