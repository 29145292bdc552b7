/* session_threads.c — threads that come and go. JVMTI callbacks (in the thread concerned), and the
 * recorder thread's poll of /proc/self/task for those that are no Java threads: GC, compilers, the
 * application's native ones. */
#include "agent/session_threads.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "os/clock.h"
#include "os/tasks.h"
#include "record/event.h"

void session_threads_init(struct session_threads *st)
{
    pthread_mutex_init(&st->lock, NULL);
    st->n_ended = 0;
}

static void add(struct session_threads *st, const struct thread_info *info, void *java_thread)
{
    struct thread_slot *slot = thread_table_add(st->table, info, java_thread);
    if (slot)
        st->engine->thread_start(slot);
}

static void end(struct session_threads *st, struct thread_slot *slot)
{
    st->engine->thread_end(slot);
    thread_table_remove(st->table, slot);
}

void session_threads_add_java(struct session_threads *st, const struct java_thread *t)
{
    struct thread_slot *slot = thread_table_find(st->table, t->info.tid);
    if (!slot || load_acquire(&slot->java_thread) != t->java_thread)
        add(st, &t->info, t->java_thread);
}

/* --- the calling thread -------------------------------------------------------------------------
 */

static void put_event(struct session_threads *st, thread_id id, bool starts)
{
    uint64_t now = clock_ticks_ns();
    struct lane *lane = lane_acquire(st->lanes, id);
    bool written = false;
    if (lane) {
        written =
            starts ? event_put_thread_start(lane, now, id) : event_put_thread_end(lane, now, id);
        lane_release(st->lanes, lane);
        if (!written)
            counter_inc(st->counters, lost_lane_full);
    } else {
        counter_inc(st->counters, lost_lane_busy);
    }
}

void session_threads_started(struct session_threads *st, const struct java_thread *t)
{
    struct thread_slot *slot = thread_table_add(st->table, &t->info, t->java_thread);
    if (!slot)
        return;
    put_event(st, slot->id, true);
    st->engine->thread_start(slot);
}

void session_threads_ended(struct session_threads *st)
{
    pid_t tid = gettid();
    struct thread_slot *slot = thread_table_find(st->table, tid);
    if (!slot)
        return;
    put_event(st, slot->id, false);
    end(st, slot);
    pthread_mutex_lock(&st->lock);
    if (st->n_ended < ENDED_MAX)
        st->ended[st->n_ended++] = tid;
    pthread_mutex_unlock(&st->lock);
}

/* --- the poll -----------------------------------------------------------------------------------
 */

struct poll {
    struct session_threads *st;
    pid_t self;
    pid_t *tids; /* of /proc/self/task, sorted after the listing */
    size_t n, cap;
    pid_t ended[ENDED_MAX];
    size_t n_ended;
    struct thread_slot **gone;
    size_t n_gone, cap_gone;
};

static void keep_tid(void *ctx, pid_t tid)
{
    struct poll *p = ctx;
    if (p->n == p->cap) {
        size_t cap = p->cap ? p->cap * 2 : 64;
        pid_t *grown = realloc(p->tids, cap * sizeof *grown);
        if (!grown)
            return;
        p->tids = grown;
        p->cap = cap;
    }
    p->tids[p->n++] = tid;
}

static int compare_tids(const void *a, const void *b)
{
    pid_t x = *(const pid_t *)a, y = *(const pid_t *)b;
    return (x > y) - (x < y);
}

static void keep_gone(void *ctx, struct thread_slot *slot)
{
    struct poll *p = ctx;
    pid_t tid = slot->tid;
    if (bsearch(&tid, p->tids, p->n, sizeof tid, compare_tids) || p->n_gone == p->cap_gone)
        return;
    p->gone[p->n_gone++] = slot;
}

/* Slots whose thread is not in the listing. A thread that began after the listing was made is only
 * in the table; it is told from a dead one by asking the kernel once more. */
static void end_gone(struct poll *p)
{
    char name[TASKS_NAME_MAX];
    p->cap_gone = thread_table_live_count(p->st->table) + 16;
    p->gone = calloc(p->cap_gone, sizeof *p->gone);
    if (!p->gone)
        return;
    thread_table_each(p->st->table, keep_gone, p);
    for (size_t i = 0; i < p->n_gone; i++)
        if (load_acquire(&p->gone[i]->state) == THREAD_LIVE &&
            tasks_name(p->gone[i]->tid, name) == -ESRCH)
            end(p->st, p->gone[i]);
    free(p->gone);
}

static bool just_ended(const struct poll *p, pid_t tid)
{
    for (size_t i = 0; i < p->n_ended; i++)
        if (p->ended[i] == tid)
            return true;
    return false;
}

static void add_new(struct poll *p)
{
    char name[TASKS_NAME_MAX];
    for (size_t i = 0; i < p->n; i++) {
        pid_t tid = p->tids[i];
        if (tid == p->self || thread_table_find(p->st->table, tid) || just_ended(p, tid))
            continue;
        if (tasks_name(tid, name) < 0)
            continue;
        add(p->st, &(struct thread_info){.tid = tid, .os_name = name}, NULL);
    }
}

void session_threads_poll(struct session_threads *st)
{
    struct poll p = {.st = st, .self = gettid()};
    pthread_mutex_lock(&st->lock);
    p.n_ended = st->n_ended;
    memcpy(p.ended, st->ended, p.n_ended * sizeof *p.ended);
    st->n_ended = 0;
    pthread_mutex_unlock(&st->lock);
    if (tasks_each(keep_tid, &p) >= 0) {
        qsort(p.tids, p.n, sizeof *p.tids, compare_tids);
        end_gone(&p);
        add_new(&p);
    }
    free(p.tids);
}

static void end_timer(void *ctx, struct thread_slot *slot)
{
    ((struct session_threads *)ctx)->engine->thread_end(slot);
}

void session_threads_end_all(struct session_threads *st)
{
    thread_table_each(st->table, end_timer, st);
}
