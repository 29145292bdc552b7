/* cpu_timer.c — per-thread CPU-time timers by raw system calls. Normal side; the engine's. */
#include "os/cpu_timer.h"

#include <errno.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef sigev_notify_thread_id /* glibc has it from 2.38 on */
#define sigev_notify_thread_id _sigev_un._tid
#endif

enum {
    CPUCLOCK_SCHED = 2, /* kernel: include/linux/posix-timers_types.h */
    CPUCLOCK_PERTHREAD = 4,
};

static int result(long rc)
{
    return rc == 0 ? 0 : -errno;
}

clockid_t cpu_timer_clock(pid_t tid)
{
    return (clockid_t)(~(unsigned)tid << 3 | CPUCLOCK_PERTHREAD | CPUCLOCK_SCHED);
}

int64_t cpu_timer_thread_ns(pid_t tid)
{
    struct timespec ts;
    if (clock_gettime(cpu_timer_clock(tid), &ts) != 0)
        return -errno;
    return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

int cpu_timer_create(pid_t tid, int signo, void *value, cpu_timer *out)
{
    struct sigevent event = {
        .sigev_notify = SIGEV_THREAD_ID,
        .sigev_signo = signo,
        .sigev_value = {.sival_ptr = value},
    };
    event.sigev_notify_thread_id = tid;
    cpu_timer timer = CPU_TIMER_NONE;
    int rc = result(syscall(SYS_timer_create, cpu_timer_clock(tid), &event, &timer));
    *out = rc == 0 ? timer : CPU_TIMER_NONE;
    return rc;
}

uint64_t cpu_timer_first_ns(uint64_t interval_ns, uint64_t random)
{
    /* The high word of a product spreads random evenly over [0, interval). */
    return 1 + (uint64_t)(((unsigned __int128)interval_ns * random) >> 64);
}

static struct timespec timespec_of(uint64_t ns)
{
    return (struct timespec){.tv_sec = (time_t)(ns / 1000000000),
                             .tv_nsec = (long)(ns % 1000000000)};
}

int cpu_timer_arm(cpu_timer timer, uint64_t interval_ns, uint64_t random)
{
    if (interval_ns == 0)
        return -EINVAL;
    struct itimerspec spec = {
        .it_value = timespec_of(cpu_timer_first_ns(interval_ns, random)),
        .it_interval = timespec_of(interval_ns),
    };
    return result(syscall(SYS_timer_settime, timer, 0, &spec, NULL));
}

int cpu_timer_delete(cpu_timer timer)
{
    return result(syscall(SYS_timer_delete, timer));
}
