/* cpu_timer.h — a timer on the CPU time of any one thread of this process. Normal side.
 *
 * The signal goes to that thread, with si_code SI_TIMER, si_value.sival_ptr as given and si_overrun
 * missed expiries. Raw system calls: glibc's timer_create() keeps its own bookkeeping (its timer_t
 * is not the kernel's id), and nothing here may start threads or take locks in the host. Source:
 * timer_create(2); clock ids of other threads: kernel include/linux/posix-timers.h. */
#ifndef OS_CPU_TIMER_H
#define OS_CPU_TIMER_H

#include <stdint.h>
#include <sys/types.h>
#include <time.h>

typedef int cpu_timer; /* the kernel's timer id: 0.. */
#define CPU_TIMER_NONE (-1)

/* The clock of a thread's CPU time, for clock_gettime() as well. Any thread of this process; it
 * need not exist (the calls taking the clock then fail). */
clockid_t cpu_timer_clock(pid_t tid);
/* Nanoseconds of CPU time tid has used, or -errno (-EINVAL: no such thread). */
int64_t cpu_timer_thread_ns(pid_t tid);

/* A disarmed timer that will send signo to tid, carrying value. 0, or -errno and *out is
 * CPU_TIMER_NONE: -EINVAL no such thread (it may just have ended), -EAGAIN the limit of pending
 * signals (RLIMIT_SIGPENDING, one per timer) or no memory. */
int cpu_timer_create(pid_t tid, int signo, void *value, cpu_timer *out);
/* Expire first after a time in (0, interval_ns], chosen by random (all 64 bits uniform), then every
 * interval_ns, so that the timers of many threads do not beat together. interval_ns > 0. 0 or
 * -errno. */
int cpu_timer_arm(cpu_timer timer, uint64_t interval_ns, uint64_t random);
/* The first expiry that arm chooses; pure. */
uint64_t cpu_timer_first_ns(uint64_t interval_ns, uint64_t random);
/* 0 or -errno. A signal already sent may still arrive afterwards. */
int cpu_timer_delete(cpu_timer timer);

#endif
