/* recorder.h — the recorder thread: lanes and stores to the file, and the orderly end of a session.
 *
 * Every session ends on this thread, whoever asked for it (stop, VM death, timeout, a full disk),
 * so there is one order of events: ops.quiesce() -> final flush -> close -> verdict ->
 * ops.finished(). */
#ifndef RECORD_RECORDER_H
#define RECORD_RECORDER_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/attrs.h"
#include "base/counters.h"
#include "base/err.h"
#include "record/environment.h"
#include "record/lane.h"
#include "store/method_dict.h"
#include "store/thread_table.h"
#include "store/trace_store.h"
#include "vm/vm.h"

/* What the recorder needs from above; all run on the recorder thread. */
struct recorder_ops {
    /* Before every periodic flush: look for new and ended threads. */
    void (*tick)(void *ctx);
    /* Where native code is mapped, each time that changed. Good until the next call and, the last
     * one, until finished(). */
    void (*code_ranges)(void *ctx, const struct code_ranges *ranges);
    /* No sample may come any more when it returns true. False: one hangs, and what a handler may
     * look at (code_ranges) must not be freed. */
    bool (*quiesce)(void *ctx);
    /* The last call: the file is closed, the recorder about to be freed and the thread to end. */
    void (*finished)(void *ctx);
    /* Name of a FRAME_FAILED frame's id. */
    const char *(*failure_name)(uint64_t status);
};

struct recorder_config { /* pointers borrowed until ops.finished() */
    const char *path;
    const char *engine;
    const char *walker;
    uint64_t interval_ns, flush_ns, timeout_ns;
    uint32_t max_frames;
    struct lane_set *lanes;
    struct trace_store *traces;
    struct method_dict *methods; /* NULL: no Java frames */
    struct thread_table *threads;
    const struct vm *vm; /* NULL: no tables */
    bool has_pauses;     /* gc_ring_* is fed by the JVM's callbacks */
    struct counters *counters;
    const struct environment *environment;
    const struct recorder_ops *ops;
    void *ctx;
};

struct recorder;

/* Create the file. 0, or -errno with a line in e and nothing left behind. */
int recorder_open(struct recorder **out, const struct recorder_config *config, struct err *e);
/* Start the thread, joinable; it frees the recorder when it ends. On failure the recorder is gone
 * and so is the file. */
int recorder_run(struct recorder *r, pthread_t *thread, struct err *e);

/* Ask for the end; returns at once. shutdown_reason: a literal for jdk.Shutdown, NULL when the JVM
 * lives on. Only the first call counts. */
void recorder_request_stop(struct recorder *r, const char *shutdown_reason);
/* See periodic_post_thread_dump(). */
void recorder_post_thread_dump(struct recorder *r, char *text);
/* Have the lanes emptied soon; lane_set.on_half_full. r: a struct recorder. */
SIGSAFE void recorder_wake(void *r);

#endif
