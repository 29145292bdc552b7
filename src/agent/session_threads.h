/* session_threads.h — which threads are sampled: the thread table and the engine kept in step. */
#ifndef AGENT_SESSION_THREADS_H
#define AGENT_SESSION_THREADS_H

#include <pthread.h>

#include "agent/session.h"
#include "engine/engine.h"
#include "record/lane.h"
#include "store/thread_table.h"

enum { ENDED_MAX = 256 };

/* Callers exclude nothing: the table and the engine have their own locks, ended has one here. */
struct session_threads {
    struct thread_table *table; /* borrowed */
    const struct engine_ops *engine;
    struct lane_set *lanes;
    struct counters *counters;
    pthread_mutex_t lock;   /* the members below */
    pid_t ended[ENDED_MAX]; /* Java threads that ended since the last poll and may still be in /proc
                             */
    size_t n_ended;
};

void session_threads_init(struct session_threads *st);
/* A Java thread that exists already; the first news of it wins. */
void session_threads_add_java(struct session_threads *st, const struct java_thread *t);
/* The calling thread begins (jdk.ThreadStart) or ends (jdk.ThreadEnd). */
void session_threads_started(struct session_threads *st, const struct java_thread *t);
void session_threads_ended(struct session_threads *st);
/* Recorder thread: add threads that the JVM does not tell of, drop those that are gone. The caller
 * itself is never sampled. */
void session_threads_poll(struct session_threads *st);
/* Sample none of them any more. */
void session_threads_end_all(struct session_threads *st);

#endif
