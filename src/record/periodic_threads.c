/* periodic_threads.c — events per thread. Recorder thread.
 * The thread table's mutex is held while threads are listed (so that none of them ends and takes
 * its JavaThread with it), never while files are read or events written. */
#include "record/periodic_threads.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "os/procfs.h"
#include "vm/facts.h"

enum { ENOUGH_NS = 1000000, SPARE = 64 };

void periodic_threads_fini(struct periodic_threads *t)
{
    free(t->loads);
    *t = (struct periodic_threads){0};
}

struct listed {
    thread_id id;
    pid_t tid;
    uint64_t allocated;
};

struct list {
    struct listed *at;
    size_t n, cap;
    uint32_t allocated_offset; /* 0: not wanted */
};

static void keep(void *ctx, struct thread_slot *slot)
{
    struct list *l = ctx;
    void *java_thread = load_acquire(&slot->java_thread);
    if (l->n == l->cap || (l->allocated_offset && !java_thread))
        return;
    l->at[l->n++] = (struct listed){
        .id = load_relaxed(&slot->id),
        .tid = load_relaxed(&slot->tid),
        .allocated =
            l->allocated_offset ? vm_allocated_bytes(l->allocated_offset, java_thread) : 0};
}

static int compare_ids(const void *a, const void *b)
{
    thread_id x = ((const struct listed *)a)->id, y = ((const struct listed *)b)->id;
    return (x > y) - (x < y);
}

/* Sorted by id; at NULL when out of memory. */
static struct list list_threads(struct thread_table *threads, uint32_t allocated_offset)
{
    struct list l = {.allocated_offset = allocated_offset};
    l.cap = thread_table_live_count(threads) + SPARE;
    l.at = calloc(l.cap, sizeof *l.at);
    if (!l.at)
        return l;
    thread_table_each(threads, keep, &l);
    qsort(l.at, l.n, sizeof *l.at, compare_ids);
    return l;
}

/* --- CPU time --------------------------------------------------------------------------------- */

/* The kernel's clock of another thread of ours (linux/posix-timers.h: CPUCLOCK_SCHED, per thread;
 * pthread_getcpuclockid wants a pthread_t, which is not known for these). */
static bool thread_clock_ns(pid_t tid, uint64_t *ns)
{
    struct timespec ts;
    clockid_t clock = (clockid_t)((~(unsigned)tid << 3) | 6u);
    if (clock_gettime(clock, &ts) != 0)
        return false;
    *ns = (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
    return true;
}

static void read_ticks(pid_t tid, struct load_thread *out)
{
    char path[64], text[1024];
    struct procfs_process p;
    snprintf(path, sizeof path, "/proc/self/task/%d/stat", (int)tid);
    ssize_t n = procfs_read(path, text, sizeof text);
    if (n > 0 && procfs_parse_process(text, (size_t)n, &p)) {
        out->user_ticks = p.user_ticks;
        out->system_ticks = p.system_ticks;
    }
}

static const struct thread_load *find_load(const struct periodic_threads *t, thread_id id)
{
    size_t low = 0, high = t->n_loads;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (t->loads[mid].id == id)
            return &t->loads[mid];
        if (t->loads[mid].id < id)
            low = mid + 1;
        else
            high = mid;
    }
    return NULL;
}

static void write_load(struct jfr_writer *w, thread_id id, const struct load_thread *from,
                       const struct load_thread *to, int n_cpus)
{
    struct load_shares s = load_of_thread(from, to, n_cpus);
    jfr_write_thread_cpu_load(w, &(struct jfr_thread_cpu_load){.startTime = (int64_t)to->now_ns,
                                                               .eventThread = id,
                                                               .user = s.jvm_user,
                                                               .system = s.jvm_system});
}

/* What to compare with next time. */
static struct load_thread next_reading(const struct periodic_threads *t,
                                       const struct listed *thread, int n_cpus,
                                       struct jfr_writer *w, uint64_t now_ns)
{
    const struct thread_load *known = find_load(t, thread->id);
    struct load_thread last = known ? known->last : (struct load_thread){.now_ns = t->last_ns};
    struct load_thread now = {.now_ns = now_ns};
    if (!thread_clock_ns(thread->tid, &now.cpu_ns) || (w && now.cpu_ns < last.cpu_ns + ENOUGH_NS))
        return last;
    if (w) {
        read_ticks(thread->tid, &now);
        write_load(w, thread->id, &last, &now, n_cpus);
    }
    return now;
}

void periodic_threads_load(struct periodic_threads *t, struct thread_table *threads, int n_cpus,
                           struct jfr_writer *w, uint64_t now_ns)
{
    struct list l = list_threads(threads, 0);
    struct thread_load *loads = l.at ? calloc(l.n + 1, sizeof *loads) : NULL;
    if (loads) {
        for (size_t i = 0; i < l.n; i++)
            loads[i] = (struct thread_load){.id = l.at[i].id,
                                            .last = next_reading(t, &l.at[i], n_cpus, w, now_ns)};
        free(t->loads);
        t->loads = loads;
        t->n_loads = l.n;
        t->last_ns = now_ns;
    }
    free(l.at);
}

/* --- allocations ------------------------------------------------------------------------------ */

void periodic_threads_allocated(struct thread_table *threads, uint32_t offset, struct jfr_writer *w,
                                uint64_t now_ns)
{
    struct list l = list_threads(threads, offset);
    for (size_t i = 0; i < l.n; i++)
        jfr_write_thread_allocation_statistics(
            w, &(struct jfr_thread_allocation_statistics){.startTime = (int64_t)now_ns,
                                                          .allocated = (int64_t)l.at[i].allocated,
                                                          .thread = l.at[i].id});
    free(l.at);
}
