/* ctimer.c — event=ctimer: a CPU-time timer of its own for every thread, SIGPROF to that thread.
 *
 * The handler is ctimer_signal.c; all here runs on the session's threads, with g.lock around
 * the timers of slots. Needs no privilege. The kernel looks at these timers at its tick only
 * (timer_settime(2), kernel/time/posix-cpu-timers.c), so there is at most one signal per tick: 4 ms
 * at HZ=250. */
#include "engine/engine.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/log.h"
#include "os/clock.h"
#include "os/cpu_timer.h"
#include "engine/ctimer_signal.h"
#include "engine/first_expiry.h"
#include "os/signals.h"
#include "sample/sample.h"

static struct {
    pthread_mutex_t lock; /* slots' timers, draws */
    struct engine_config config;
    struct signals_hook hook;
    uint64_t tick_ns;
    uint64_t draws; /* counted up and hashed: a random sequence */
} g = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* The coarse clocks advance once per tick (clock_getres(2)). */
static uint64_t tick_ns(void)
{
    struct timespec ts = {0};
    clock_getres(CLOCK_MONOTONIC_COARSE, &ts);
    return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

static int ctimer_probe(struct err *e)
{
    cpu_timer timer;
    int rc = cpu_timer_create(gettid(), SIGPROF, NULL, &timer);
    if (rc)
        return err_set(e, rc, "event=ctimer: timer_create: %s", strerror(-rc));
    cpu_timer_delete(timer);
    return 0;
}

static int ctimer_start(const struct engine_config *config, struct err *e)
{
    g.config = *config;
    g.draws = clock_ticks_ns();
    g.tick_ns = tick_ns();
    return signals_install(&g.hook, SIGPROF, ctimer_on_signal, e);
}

static void ctimer_stop(void)
{
    if (signals_remove(&g.hook) == -EBUSY)
        log_warn("SIGPROF: another handler was installed over ours, it stays");
}

static void drop_timer(struct thread_slot *slot)
{
    if (slot->has_timer)
        cpu_timer_delete(slot->timer);
    slot->has_timer = false;
}

static struct timespec timespec_of(uint64_t ns)
{
    return (struct timespec){.tv_sec = (time_t)(ns / 1000000000),
                             .tv_nsec = (long)(ns % 1000000000)};
}

static int arm(cpu_timer timer, uint64_t first_ns)
{
    struct itimerspec spec = {.it_value = timespec_of(first_ns),
                              .it_interval = timespec_of(g.config.interval_ns)};
    return syscall(SYS_timer_settime, timer, 0, &spec, NULL) == 0 ? 0 : -errno;
}

static int make_timer(struct thread_slot *slot)
{
    cpu_timer timer;
    int rc = cpu_timer_create(slot->tid, SIGPROF, slot, &timer);
    if (rc)
        return rc;
    slot->timer = timer;
    slot->has_timer = true;
    rc = arm(timer, first_expiry_ns(g.config.interval_ns, g.tick_ns, hash_mix64(++g.draws)));
    if (rc)
        drop_timer(slot);
    return rc;
}

/* -EINVAL: the thread has ended in the meantime, which is no failure. */
static int ctimer_thread_start(struct thread_slot *slot)
{
    pthread_mutex_lock(&g.lock);
    drop_timer(slot);
    int rc = make_timer(slot);
    pthread_mutex_unlock(&g.lock);
    if (rc && rc != -EINVAL) {
        counter_inc(g.config.counters, timers_failed);
        log_once(
            LOG_WARN,
            "timer_create: %s: some threads are not sampled (ulimit -i: one signal per thread)",
            strerror(-rc));
    }
    return rc;
}

static void ctimer_thread_end(struct thread_slot *slot)
{
    pthread_mutex_lock(&g.lock);
    drop_timer(slot);
    pthread_mutex_unlock(&g.lock);
}

const struct engine_ops g_engine_ctimer = {
    .name = "ctimer",
    .probe = ctimer_probe,
    .start = ctimer_start,
    .stop = ctimer_stop,
    .thread_start = ctimer_thread_start,
    .thread_end = ctimer_thread_end,
};
