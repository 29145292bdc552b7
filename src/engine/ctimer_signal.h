/* ctimer_signal.h — the signal side of the ctimer engine; for ctimer.c only. */
#ifndef ENGINE_CTIMER_SIGNAL_H
#define ENGINE_CTIMER_SIGNAL_H

#include <signal.h>

#include "base/attrs.h"

/* The SIGPROF handler. The timers carry their struct thread_slot. */
SIGSAFE void ctimer_on_signal(int signo, siginfo_t *info, void *ucontext);

#endif
