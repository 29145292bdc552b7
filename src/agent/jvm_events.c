/* jvm_events.c — pauses for garbage collection and thread dumps by JVMTI. The pauses' callbacks run
 * on the VM thread at a safepoint: no JNI, no JVMTI, no locks there (jvmti.h,
 * GarbageCollectionStart).
 */
#include "agent/jvm_events.h"

#include <dlfcn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/attrs.h"
#include "os/clock.h"
#include "record/gc_ring.h"

static void JNICALL on_gc_start(jvmtiEnv *jvmti)
{
    (void)jvmti;
    gc_ring_pause_begins();
}

static void JNICALL on_gc_finish(jvmtiEnv *jvmti)
{
    (void)jvmti;
    gc_ring_pause_ends();
}

bool jvm_events_add_pauses(jvmtiEnv *jvmti, jvmtiEventCallbacks *callbacks)
{
    jvmtiCapabilities wanted = {.can_generate_garbage_collection_events = 1};
    if ((*jvmti)->AddCapabilities(jvmti, &wanted) != JVMTI_ERROR_NONE)
        return false;
    callbacks->GarbageCollectionStart = on_gc_start;
    callbacks->GarbageCollectionFinish = on_gc_finish;
    return true;
}

void jvm_events_set_pauses(jvmtiEnv *jvmti, jvmtiEventMode mode)
{
    static const jvmtiEvent k_events[] = {JVMTI_EVENT_GARBAGE_COLLECTION_START,
                                          JVMTI_EVENT_GARBAGE_COLLECTION_FINISH};
    for (size_t i = 0; i < COUNT_OF(k_events); i++)
        (*jvmti)->SetEventNotificationMode(jvmti, mode, k_events[i], NULL);
}

void jvm_describe_agent(struct environment *out, const char *options, uint64_t since_ns)
{
    Dl_info info;
    out->agent_is_dynamic = true;
    out->agent_options = options ? strdup(options) : NULL;
    if (dladdr((void *)(uintptr_t)jvm_describe_agent, &info) && info.dli_fname)
        out->agent_path = strdup(info.dli_fname);
    out->agent_init_ticks = since_ns;
    out->agent_init_ns = clock_ticks_ns() - since_ns;
}

/* --- thread dump --------------------------------------------------------------------------------
 */

enum { DUMP_MAX = 1 << 20, DUMP_FRAMES = 256 };

struct dump {
    jvmtiEnv *jvmti;
    JNIEnv *jni;
    char *buf; /* of DUMP_MAX */
    size_t n;
};

PRINTF_LIKE(2, 3) static void put(struct dump *d, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    if (d->n < DUMP_MAX) {
        int n = vsnprintf(d->buf + d->n, DUMP_MAX - d->n, fmt, args);
        d->n += n > 0 ? (size_t)n : 0;
    }
    va_end(args);
}

static void dealloc(struct dump *d, void *p)
{
    if (p)
        (*d->jvmti)->Deallocate(d->jvmti, p);
}

/* As java.lang.Thread.State. */
static const char *state_name(jint state)
{
    if (state & JVMTI_THREAD_STATE_BLOCKED_ON_MONITOR_ENTER)
        return "BLOCKED (on object monitor)";
    if (state & JVMTI_THREAD_STATE_SLEEPING)
        return "TIMED_WAITING (sleeping)";
    if (state & JVMTI_THREAD_STATE_WAITING_WITH_TIMEOUT)
        return state & JVMTI_THREAD_STATE_PARKED ? "TIMED_WAITING (parking)"
                                                 : "TIMED_WAITING (on object monitor)";
    if (state & JVMTI_THREAD_STATE_WAITING)
        return state & JVMTI_THREAD_STATE_PARKED ? "WAITING (parking)"
                                                 : "WAITING (on object monitor)";
    if (state & JVMTI_THREAD_STATE_RUNNABLE)
        return "RUNNABLE";
    return state & JVMTI_THREAD_STATE_TERMINATED ? "TERMINATED" : "NEW";
}

/* "La/b/C;" -> "a.b.C" */
static void put_class(struct dump *d, const char *signature)
{
    size_t n = strlen(signature);
    for (size_t i = 1; i + 1 < n; i++)
        put(d, "%c", signature[i] == '/' ? '.' : signature[i]);
}

static jint line_of(struct dump *d, jmethodID method, jlocation location)
{
    jint n = 0, line = 0;
    jvmtiLineNumberEntry *lines = NULL;
    if ((*d->jvmti)->GetLineNumberTable(d->jvmti, method, &n, &lines) != JVMTI_ERROR_NONE)
        return 0;
    for (jint i = 0; i < n; i++)
        if (lines[i].start_location <= location)
            line = lines[i].line_number;
    dealloc(d, lines);
    return line;
}

static void put_frame(struct dump *d, const jvmtiFrameInfo *f)
{
    char *name = NULL, *signature = NULL, *file = NULL;
    jclass class = NULL;
    jvmtiEnv *jvmti = d->jvmti;
    (*jvmti)->GetMethodName(jvmti, f->method, &name, NULL, NULL);
    if ((*jvmti)->GetMethodDeclaringClass(jvmti, f->method, &class) == JVMTI_ERROR_NONE) {
        (*jvmti)->GetClassSignature(jvmti, class, &signature, NULL);
        (*jvmti)->GetSourceFileName(jvmti, class, &file);
        (*d->jni)->DeleteLocalRef(d->jni, class);
    }
    put(d, "\tat ");
    put_class(d, signature ? signature : "");
    jint line = f->location < 0 ? 0 : line_of(d, f->method, f->location);
    put(d, ".%s(", name ? name : "?");
    if (f->location < 0)
        put(d, "Native Method)\n");
    else if (line)
        put(d, "%s:%d)\n", file ? file : "Unknown Source", (int)line);
    else
        put(d, "%s)\n", file ? file : "Unknown Source");
    dealloc(d, name);
    dealloc(d, signature);
    dealloc(d, file);
}

static void put_thread(struct dump *d, struct jvm *j, const jvmtiStackInfo *s)
{
    jvmtiThreadInfo info = {0};
    if ((*d->jvmti)->GetThreadInfo(d->jvmti, s->thread, &info) != JVMTI_ERROR_NONE)
        return;
    jlong java_thread = j->eetop ? (*d->jni)->GetLongField(d->jni, s->thread, j->eetop) : 0;
    jlong id = j->tid ? (*d->jni)->GetLongField(d->jni, s->thread, j->tid) : 0;
    pid_t tid = java_thread && j->tables
                    ? vm_thread_tid(j->tables, (const void *)(uintptr_t)java_thread)
                    : 0;
    put(d, "\"%s\" #%lld%s prio=%d tid=0x%016llx nid=0x%x\n", info.name ? info.name : "",
        (long long)id, info.is_daemon ? " daemon" : "", (int)info.priority,
        (unsigned long long)java_thread, (unsigned)tid);
    put(d, "   java.lang.Thread.State: %s\n", state_name(s->state));
    for (jint i = 0; i < s->frame_count; i++)
        put_frame(d, &s->frame_buffer[i]);
    put(d, "\n");
    dealloc(d, info.name);
    if (info.thread_group)
        (*d->jni)->DeleteLocalRef(d->jni, info.thread_group);
    if (info.context_class_loader)
        (*d->jni)->DeleteLocalRef(d->jni, info.context_class_loader);
}

char *jvm_thread_dump(struct jvm *j, JNIEnv *jni)
{
    struct dump d = {.jvmti = j->jvmti, .jni = jni, .buf = malloc(DUMP_MAX)};
    jvmtiStackInfo *stacks = NULL;
    jint n = 0;
    if (!d.buf)
        return NULL;
    put(&d, "Full thread dump %s:\n\n", j->tables ? vm_info_string(j->tables) : "");
    if ((*j->jvmti)->GetAllStackTraces(j->jvmti, DUMP_FRAMES, &stacks, &n) == JVMTI_ERROR_NONE)
        for (jint i = 0; i < n; i++) {
            put_thread(&d, j, &stacks[i]);
            (*jni)->DeleteLocalRef(jni, stacks[i].thread);
        }
    dealloc(&d, stacks);
    return d.buf;
}
