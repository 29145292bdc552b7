/* ctimer_signal.c — SIGPROF of a thread's CPU timer -> one sample. Signal context. */
#include "engine/ctimer_signal.h"

#include <errno.h>

#include "sample/sample.h"

/* A SIGPROF that no timer sent (a stray kill) has nobody to go to: no handler was there before us,
 * or signals_install() would have refused. */
SIGSAFE void ctimer_on_signal(int signo, siginfo_t *info, void *ucontext)
{
    int saved_errno = errno;
    (void)signo;
    if (info->si_code == SI_TIMER)
        sample_on_signal(info->si_value.sival_ptr, ucontext);
    errno = saved_errno;
}
