/* signals.c — our handler on a signal, and the way back. Control path, when an engine starts or
 * stops. */
#include "os/signals.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

const char *signals_name(int signo, char buf[SIGNALS_NAME_MAX])
{
    static const struct {
        int signo;
        const char *name;
    } names[] = {{SIGPROF, "SIGPROF"},     {SIGVTALRM, "SIGVTALRM"}, {SIGALRM, "SIGALRM"},
                 {SIGUSR1, "SIGUSR1"},     {SIGUSR2, "SIGUSR2"},     {SIGSEGV, "SIGSEGV"},
                 {SIGBUS, "SIGBUS"},       {SIGTRAP, "SIGTRAP"},     {SIGIO, "SIGIO"},
                 {SIGSTKFLT, "SIGSTKFLT"}, {SIGURG, "SIGURG"},       {SIGKILL, "SIGKILL"}};
    for (size_t i = 0; i < COUNT_OF(names); i++) /* sigabbrev_np() is too young a function */
        if (names[i].signo == signo)
            return strcpy(buf, names[i].name);
    if (signo >= SIGRTMIN && signo <= SIGRTMAX)
        snprintf(buf, SIGNALS_NAME_MAX, "SIGRTMIN+%d", signo - SIGRTMIN);
    else
        snprintf(buf, SIGNALS_NAME_MAX, "signal %d", signo);
    return buf;
}

static bool is_handler(const struct sigaction *sa)
{
    return (sa->sa_flags & SA_SIGINFO) || (sa->sa_handler != SIG_DFL && sa->sa_handler != SIG_IGN);
}

/* Everything waits while the handler runs, so that no other handler's time or faults come on top of
 * a sample. The synchronous signals must stay open: blocked, the kernel kills instead of
 * delivering. */
static void fill_mask(sigset_t *mask)
{
    static const int synchronous[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS};
    sigfillset(mask);
    for (size_t i = 0; i < sizeof synchronous / sizeof synchronous[0]; i++)
        sigdelset(mask, synchronous[i]);
}

static int fail(struct err *e, int signo, int code)
{
    char name[SIGNALS_NAME_MAX];
    return err_set(e, code, "%s: %s", signals_name(signo, name), strerror(-code));
}

int signals_install(struct signals_hook *hook, int signo, signals_handler handler, struct err *e)
{
    *hook = (struct signals_hook){.signo = signo, .handler = handler};
    struct sigaction before;
    if (sigaction(signo, NULL, &before) != 0)
        return fail(e, signo, -errno);
    if (is_handler(&before)) {
        char name[SIGNALS_NAME_MAX];
        return err_set(e, -EBUSY,
                       "%s is in use: something else in this process has a handler on it",
                       signals_name(signo, name));
    }
    struct sigaction ours = {.sa_flags = SA_SIGINFO | SA_RESTART | SA_ONSTACK};
    ours.sa_sigaction = handler;
    fill_mask(&ours.sa_mask);
    if (sigaction(signo, &ours, &hook->previous) != 0)
        return fail(e, signo, -errno);
    hook->is_installed = true;
    return 0;
}

static bool is_ours(const struct signals_hook *hook)
{
    struct sigaction now;
    return sigaction(hook->signo, NULL, &now) == 0 && (now.sa_flags & SA_SIGINFO) &&
           now.sa_sigaction == hook->handler;
}

int signals_remove(struct signals_hook *hook)
{
    if (!hook->is_installed)
        return 0;
    hook->is_installed = false;
    if (!is_ours(hook))
        return -EBUSY;
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigemptyset(&ignore.sa_mask);
    if (sigaction(hook->signo, &ignore, NULL) != 0 ||
        sigaction(hook->signo, &hook->previous, NULL) != 0)
        return -errno;
    return 0;
}
