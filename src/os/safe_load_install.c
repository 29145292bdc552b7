/* safe_load_install.c — loads that survive unmapped memory, normal side: install and remove the
 * fault handler. Control path, one caller at a time (the session). */
#include "os/safe_load.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

#include "os/safe_load_chain.h"

static const struct {
    int signo;
    const char *name;
} g_faults[SAFE_LOAD_N] = {
    [SAFE_LOAD_SEGV] = {SIGSEGV, "SIGSEGV"},
    [SAFE_LOAD_BUS] = {SIGBUS, "SIGBUS"},
};

/* Whether our handler can be reached: through the kernel, or through a handler that was put over it
 * (which keeps ours as its previous one for good: g_safe_load_previous must not change any more).
 */
static bool g_is_reachable[SAFE_LOAD_N];

static bool is_ours(const struct sigaction *sa)
{
    return (sa->sa_flags & SA_SIGINFO) && sa->sa_sigaction == safe_load_on_fault;
}

/* A handler that is called from ours must find what it asked for: its mask, its stack. So ours is
 * installed with the flags of the one before. HotSpot's, for one, blocks everything but the
 * synchronous signals and wants to run on the faulting stack (stack banging), not on an alternate
 * one. */
static struct sigaction action_over(const struct sigaction *previous)
{
    struct sigaction ours = {.sa_flags = SA_SIGINFO | SA_ONSTACK};
    sigemptyset(&ours.sa_mask);
    bool has_handler = (previous->sa_flags & SA_SIGINFO) ||
                       (previous->sa_handler != SIG_DFL && previous->sa_handler != SIG_IGN);
    if (has_handler) {
        ours.sa_mask = previous->sa_mask;
        ours.sa_flags = (previous->sa_flags | SA_SIGINFO) & ~(int)SA_RESETHAND;
    }
    ours.sa_sigaction = safe_load_on_fault;
    return ours;
}

static int install_one(int i, struct err *e)
{
    struct safe_load_previous *prev = &g_safe_load_previous[i];
    if (g_is_reachable[i])
        return 0;
    struct sigaction before;
    if (sigaction(g_faults[i].signo, NULL, &before) != 0)
        return err_set(e, -errno, "%s: %s", g_faults[i].name, strerror(errno));
    if (is_ours(&before)) { /* put back by somebody who had kept it */
        g_is_reachable[i] = true;
        return 0;
    }
    prev->action = before; /* complete before a fault can reach our handler */
    store_release(&prev->is_spent, 0);
    struct sigaction ours = action_over(&before);
    if (sigaction(g_faults[i].signo, &ours, NULL) != 0)
        return err_set(e, -errno, "%s: %s", g_faults[i].name, strerror(errno));
    g_is_reachable[i] = true;
    return 0;
}

static int remove_one(int i)
{
    if (!g_is_reachable[i])
        return 0;
    struct sigaction replaced;
    if (sigaction(g_faults[i].signo, NULL, &replaced) != 0)
        return -errno;
    if (!is_ours(&replaced))
        return -EBUSY;
    if (sigaction(g_faults[i].signo, &g_safe_load_previous[i].action, &replaced) != 0)
        return -errno;
    if (!is_ours(&replaced)) { /* somebody was quicker: theirs goes back, with ours behind it */
        sigaction(g_faults[i].signo, &replaced, NULL);
        return -EBUSY;
    }
    g_is_reachable[i] = false;
    return 0;
}

int safe_load_install(struct err *e)
{
    for (int i = 0; i < SAFE_LOAD_N; i++) {
        int rc = install_one(i, e);
        if (rc) {
            while (--i >= 0)
                remove_one(i);
            return rc;
        }
    }
    return 0;
}

int safe_load_remove(void)
{
    int rc = 0;
    for (int i = 0; i < SAFE_LOAD_N; i++) {
        int one = remove_one(i);
        rc = rc ? rc : one;
    }
    return rc;
}
