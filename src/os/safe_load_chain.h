/* safe_load_chain.h — what safe_load.c (signal side) and safe_load_install.c (normal side) share;
 * nobody else includes it. */
#ifndef OS_SAFE_LOAD_CHAIN_H
#define OS_SAFE_LOAD_CHAIN_H

#include <signal.h>

#include "base/atomics.h"

/* The two faults; index of g_safe_load_previous. */
enum { SAFE_LOAD_SEGV, SAFE_LOAD_BUS, SAFE_LOAD_N };

/* Who had the signal before us. Written before our handler is installed and never changed while it
 * is reachable (installed, or called by one that was put over ours). */
struct safe_load_previous {
    struct sigaction action;
    atomic_u32 is_spent; /* SA_RESETHAND: it has had its one call */
};
extern struct safe_load_previous g_safe_load_previous[SAFE_LOAD_N];

SIGSAFE void safe_load_on_fault(int signo, siginfo_t *info, void *ucontext);

#endif
