/* thread_table.h — the threads of this process that are known to the profiler.
 *
 * A slot lives from thread_table_add() to thread_table_remove() and its memory stays mapped until
 * thread_table_fini(), so a late signal may always look at the slot that its timer carries and see
 * by state and tid that the thread is gone.
 * Normal side: thread_table.c. Signal side: thread_slot.c and reads of a live slot in its own
 * thread. A mutex guards the lists; it is never held across I/O or a call into the JVM, and
 * callbacks that run under it (each, visit) must not call back into the table.
 *
 *   state: FREE -> LIVE (add) -> GONE (remove) -> FREE (reclaim); only under the mutex, stored with
 *   release after the slot's other members, loaded with acquire by handlers. */
#ifndef STORE_THREAD_TABLE_H
#define STORE_THREAD_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/atomics.h"
#include "base/attrs.h"

typedef uint32_t thread_id; /* id in the java.lang.Thread pool: 1.., never reused in a recording */

enum thread_state { THREAD_FREE = 0, THREAD_LIVE = 1, THREAD_GONE = 2 };

/* What the recording says of a thread; strings owned by the table. */
struct thread_info {
    thread_id id;
    pid_t tid;
    char *os_name;    /* /proc/self/task/TID/comm */
    char *java_name;  /* NULL: not a Java thread */
    char *group_name; /* NULL: none */
    int64_t java_id;  /* java.lang.Thread.getId(), 0 if none */
    bool is_virtual;
};

struct thread_slot {
    atomic_u32 state; /* enum thread_state */
    _Atomic(pid_t) tid;
    atomic_u32 id; /* thread_id; changes when a live native thread becomes a Java thread */
    atomic_ptr
        java_thread; /* HotSpot JavaThread*, NULL for other threads. Valid while the thread lives */
    atomic_u32 in_handler; /* 1 while this thread is inside our signal handler */
    atomic_u64 last_sample_ns;
    int timer; /* the engine's cpu_timer, if has_timer. Engine only, under the table's mutex */
    bool has_timer;
};

struct thread_table;

struct thread_table *thread_table_new(void);
void thread_table_free(struct thread_table *tt);

/* Add the thread tid, or update it when it is live already. An update that says something new (a
 * native thread that became a Java thread, another name) keeps the slot but gives it a new id, so
 * that an id's meaning never changes; one that says nothing new, or comes without Java data for a
 * live Java thread (a scan of /proc racing with ThreadStart), changes nothing. info->id is ignored,
 * strings are copied. NULL only when out of memory, and then nothing has changed. */
struct thread_slot *thread_table_add(struct thread_table *tt, const struct thread_info *info,
                                     void *java_thread);
/* The live slot of tid, or NULL. */
struct thread_slot *thread_table_find(struct thread_table *tt, pid_t tid);
/* The thread ends: the slot becomes GONE. Its info stays until it was visited by
 * thread_table_take_new() and reclaimed. */
void thread_table_remove(struct thread_table *tt, struct thread_slot *slot);
/* Make GONE slots reusable and drop the visited infos that no live slot uses; call only when no
 * signal for them can be pending and no event of them is unwritten (the engine has deleted their
 * timers and a flush has passed). Not beside thread_table_take_new(). */
void thread_table_reclaim(struct thread_table *tt);
/* Call fn for every thread (gone ones included) that has not been visited yet, in order of id; for
 * the constant pool. Without the mutex, so fn may do I/O; the infos stay valid until
 * thread_table_reclaim(). */
void thread_table_take_new(struct thread_table *tt,
                           void (*fn)(void *ctx, const struct thread_info *), void *ctx);
/* Have take_new visit all infos anew that are still kept: a new chunk needs its own constants. */
void thread_table_visit_again(struct thread_table *tt);
/* Call fn for this slot, whatever its state, the table's mutex held. */
void thread_table_visit(struct thread_table *tt, struct thread_slot *slot,
                        void (*fn)(void *ctx, struct thread_slot *), void *ctx);
/* Call fn for each live slot, the table's mutex held. */
void thread_table_each(struct thread_table *tt, void (*fn)(void *ctx, struct thread_slot *),
                       void *ctx);
size_t thread_table_live_count(struct thread_table *tt);
/* What is wrong with the table's invariants, NULL if nothing; for tests. */
const char *thread_table_check_valid(struct thread_table *tt);

/* True if slot describes the calling thread and is live. */
SIGSAFE bool thread_slot_is_current(const struct thread_slot *slot);

#endif
