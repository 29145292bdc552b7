/* session.h — one recording, from start to stop. The only module that knows all the others.
 *
 *   idle --start--> starting --> recording --stop, VM death, timeout, disk full--> stopping -->
 * idle
 *
 * A failed start goes back to idle and leaves nothing behind. Every end is carried out by the
 * recorder thread (record/recorder.h). Any thread may call anything here; no JNI or JVMTI inside.
 */
#ifndef AGENT_SESSION_H
#define AGENT_SESSION_H

#include <stdbool.h>
#include <stddef.h>

#include "agent/options.h"
#include "record/environment.h"
#include "store/thread_table.h"
#include "vm/vm.h"

/* A Java thread as the JVM describes it; strings borrowed for the call. */
struct java_thread {
    struct thread_info info; /* id is not used */
    void *java_thread;       /* JavaThread* */
};

/* What a session needs of the JVM. */
struct session_jvm {
    const struct vm *vm;            /* NULL: no tables, native frames only */
    bool has_pauses;                /* the JVM tells of garbage collections (record/gc_ring.h) */
    struct environment environment; /* taken over by session_start(), whatever it returns */
    /* Call fn for every Java thread there is. */
    void (*each_thread)(void *ctx, void (*fn)(void *fn_ctx, const struct java_thread *t),
                        void *fn_ctx);
    void *ctx;
};

/* Begin a recording. 0, or -errno with a line in e: -EALREADY when one is running. */
int session_start(const struct options *o, struct session_jvm *jvm, struct err *e);
/* End it and wait until everything is gone. shutdown_reason: a literal when the JVM ends, else
 * NULL. 0, or -ESRCH with a line in e when there is none. */
int session_stop(const char *shutdown_reason, struct err *e);
/* "recording to app.jfr since 12 s, ..." or "idle". */
void session_status(char *buf, size_t cap);

/* The calling thread, a Java thread, has begun or is about to end. Cheap when nothing is recorded.
 */
void session_thread_started(const struct java_thread *t);
void session_thread_ended(void);
bool session_is_recording(void);
/* A thread dump for the recording (jdk.ThreadDump). text: malloc()ed, taken over; dropped when
 * nothing is recorded. */
void session_post_thread_dump(char *text);

#endif
