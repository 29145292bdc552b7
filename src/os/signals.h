/* signals.h — our handler on a signal, and the way back. Normal side (control path).
 *
 * The handler is installed with SA_SIGINFO | SA_RESTART | SA_ONSTACK and with every signal blocked
 * while it runs except the synchronous ones (SIGSEGV, SIGBUS, ...), which its own loads may raise.
 */
#ifndef OS_SIGNALS_H
#define OS_SIGNALS_H

#include <signal.h>
#include <stdbool.h>

#include "base/err.h"

typedef void (*signals_handler)(int signo, siginfo_t *info, void *ucontext);

struct signals_hook {
    int signo;
    bool is_installed;
    signals_handler handler;
    struct sigaction previous;
};

/* Put handler on signo and remember in *hook what was there. 0, or -errno with a line in e:
 * -EBUSY when somebody else's handler (neither default nor ignore) sits there: it is left alone;
 * -EINVAL for a number that is no signal or can't be caught. */
int signals_install(struct signals_hook *hook, int signo, signals_handler handler, struct err *e);

/* Ignore the signal for an instant, which discards the instances pending in all threads, then put
 * the previous action back. Whoever sends the signal must have been stopped before, or a late one
 * meets the previous action (which kills the process when that is the default). A handler may still
 * be running. -EBUSY when somebody has put another handler over ours: theirs stays, nothing is
 * changed and *hook counts as removed. Nothing happens when it is not installed. */
int signals_remove(struct signals_hook *hook);

/* Room for "SIGPROF", "SIGRTMIN+3", "signal 77". */
#define SIGNALS_NAME_MAX 24
const char *signals_name(int signo, char buf[SIGNALS_NAME_MAX]);

#endif
