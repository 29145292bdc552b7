/* agent.c — the three functions the JVM calls, and its events. Whatever happens here, the JVM runs
 * on: every failure is one line on stderr, Agent_OnLoad always succeeds, nothing goes to stdout. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "agent/jvm.h"
#include "agent/jvm_events.h"
#include "agent/options.h"
#include "agent/session.h"
#include "base/log.h"
#include "os/clock.h"

#ifndef JFRPROF_VERSION
#define JFRPROF_VERSION "development"
#endif

/* One per process; set up by the first OnLoad or OnAttach, used by callbacks. */
static struct {
    struct jvm jvm;
    struct options options; /* of a start that waits for VMInit */
    bool is_open;
    bool is_waiting; /* for VMInit */
    bool has_pauses; /* the JVM tells of garbage collections */
    /* of an agent that came into a running JVM, during the first call */
    uint64_t attached_ns;
    const char *attach_text;
} g;

static void set_up_log(const struct options *o)
{
    static const enum log_level k_levels[] = {LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG};
    struct err e = {0};
    log_set_level(k_levels[o->log_level]);
    if (o->log_file[0] && log_open(o->log_file, &e) != 0)
        log_error("log=%s: %s", o->log_file, e.text);
}

/* --- events -------------------------------------------------------------------------------------
 */

static void start_thread(void *ctx, const struct java_thread *t)
{
    (void)ctx;
    session_thread_started(t);
}

static void JNICALL on_thread_start(jvmtiEnv *jvmti, JNIEnv *jni, jthread thread)
{
    (void)jvmti;
    (void)thread; /* it is the calling one */
    if (session_is_recording())
        jvm_describe_thread(&g.jvm, jni, NULL, start_thread, NULL);
}

static void JNICALL on_thread_end(jvmtiEnv *jvmti, JNIEnv *jni, jthread thread)
{
    (void)jvmti;
    (void)jni;
    (void)thread;
    if (session_is_recording())
        session_thread_ended();
}

struct each_thread_ctx {
    JNIEnv *jni;
};

static void each_thread(void *ctx, void (*fn)(void *fn_ctx, const struct java_thread *t),
                        void *fn_ctx)
{
    jvm_each_thread(&g.jvm, ((struct each_thread_ctx *)ctx)->jni, fn, fn_ctx);
}

static void set_events(jvmtiEventMode mode)
{
    static const jvmtiEvent k_events[] = {JVMTI_EVENT_THREAD_START, JVMTI_EVENT_THREAD_END,
                                          JVMTI_EVENT_VM_DEATH};
    jvmtiEnv *jvmti = g.jvm.jvmti;
    for (size_t i = 0; i < COUNT_OF(k_events); i++)
        (*jvmti)->SetEventNotificationMode(jvmti, mode, k_events[i], NULL);
    if (g.has_pauses)
        jvm_events_set_pauses(jvmti, mode);
}

/* The JVM is up: begin the recording. Events first, so that no thread falls between list and event.
 */
static int start_now(JNIEnv *jni, const struct options *o, struct err *e)
{
    struct each_thread_ctx ctx = {jni};
    struct session_jvm jvm = {
        .vm = g.jvm.tables, .has_pauses = g.has_pauses, .each_thread = each_thread, .ctx = &ctx};
    jvm_bind(&g.jvm, jni);
    jvm_read_environment(&g.jvm, &jvm.environment);
    if (g.attached_ns)
        jvm_describe_agent(&jvm.environment, g.attach_text, g.attached_ns);
    set_events(JVMTI_ENABLE);
    int rc = session_start(o, &jvm, e);
    if (rc && rc != -EALREADY)
        set_events(JVMTI_DISABLE);
    return rc;
}

static void JNICALL on_vm_init(jvmtiEnv *jvmti, JNIEnv *jni, jthread thread)
{
    struct err e = {0};
    (void)jvmti;
    (void)thread;
    if (g.is_waiting && start_now(jni, &g.options, &e) != 0)
        log_error("%s; the JVM runs without profiling", e.text);
    g.is_waiting = false;
}

/* The reasons are those of the JDK's own jdk.Shutdown event. */
static void JNICALL on_vm_death(jvmtiEnv *jvmti, JNIEnv *jni)
{
    (void)jvmti;
    if (session_is_recording() || g.is_open)
        session_stop(jvm_is_destroy_thread(&g.jvm, jni) ? "No remaining non-daemon Java threads"
                                                        : "Shutdown requested from Java",
                     NULL);
}

/* --- set-up -------------------------------------------------------------------------------------
 */

static int open_jvm(JavaVM *vm, struct err *e)
{
    jvmtiEventCallbacks callbacks = {.VMInit = on_vm_init,
                                     .VMDeath = on_vm_death,
                                     .ThreadStart = on_thread_start,
                                     .ThreadEnd = on_thread_end};
    if (g.is_open)
        return 0;
    int rc = jvm_open(&g.jvm, vm, e);
    if (rc)
        return rc;
    jvmtiEnv *jvmti = g.jvm.jvmti;
    g.has_pauses = jvm_events_add_pauses(jvmti, &callbacks);
    if ((*jvmti)->SetEventCallbacks(jvmti, &callbacks, sizeof callbacks) != JVMTI_ERROR_NONE)
        return err_set(e, -ENOSYS, "JVMTI refuses event callbacks");
    rc = vm_open(&g.jvm.tables, e);
    if (rc) {
        log_warn("%s; native frames only", e->text);
        g.jvm.tables = NULL;
    }
    g.is_open = true;
    return 0;
}

static int list_events(void)
{
    log_info("events: cpu (per-thread CPU timers, as ctimer), ctimer");
    return 0;
}

static int show_status(void)
{
    char text[OPTION_PATH_MAX + 256];
    session_status(text, sizeof text);
    log_info("%s", text);
    return 0;
}

/* Start at VMInit: before it there are no threads to sample and nothing to ask. */
static int start_later(const struct options *o, struct err *e)
{
    jvmtiEnv *jvmti = g.jvm.jvmti;
    if (g.is_waiting)
        return err_set(e, -EALREADY, "start: given twice; the first one counts");
    if (g.jvm.tables)
        vm_debug_non_safepoints(g.jvm.tables);
    g.options = *o;
    g.is_waiting = true;
    (*jvmti)->SetEventNotificationMode(jvmti, JVMTI_ENABLE, JVMTI_EVENT_VM_INIT, NULL);
    return 0;
}

/* What is compiled already has debug info at calls and safepoints only. */
static void warn_attached_late(void)
{
    if (!g.jvm.tables || vm_has_non_safepoints(g.jvm.tables))
        return;
    vm_debug_non_safepoints(g.jvm.tables);
    log_info(
        "attached late: lines of methods compiled before may be off; for exact ones start the JVM "
        "with -XX:+UnlockDiagnosticVMOptions -XX:+DebugNonSafepoints");
}

/* jni: NULL while the JVM is starting. */
static int run_command(JavaVM *vm, JNIEnv *jni, const struct options *o, struct err *e)
{
    int rc;
    switch (o->command) {
    case COMMAND_VERSION: log_info("version %s", JFRPROF_VERSION); return 0;
    case COMMAND_LIST: return list_events();
    case COMMAND_STATUS: return show_status();
    case COMMAND_STOP: return session_stop(NULL, e);
    case COMMAND_START: break;
    }
    rc = open_jvm(vm, e);
    if (rc)
        return rc;
    if (!jni)
        return start_later(o, e);
    rc = start_now(jni, o, e);
    if (rc == 0)
        warn_attached_late();
    return rc;
}

JNIEXPORT jint JNICALL Agent_OnLoad(JavaVM *vm, char *text, void *reserved)
{
    struct options o;
    struct err e = {0};
    (void)reserved;
    int rc = options_parse(text, &o, &e);
    if (rc == 0) {
        set_up_log(&o);
        rc = run_command(vm, NULL, &o, &e);
    }
    if (rc)
        log_error("%s; the JVM runs without profiling", e.text);
    return JNI_OK; /* anything else would end the JVM */
}

JNIEXPORT jint JNICALL Agent_OnAttach(JavaVM *vm, char *text, void *reserved)
{
    struct options o;
    struct err e = {0};
    void *jni = NULL;
    (void)reserved;
    g.attached_ns = clock_ticks_ns();
    g.attach_text = text;
    int rc = options_parse(text, &o, &e);
    if (rc == 0) {
        set_up_log(&o);
        rc = (*vm)->GetEnv(vm, &jni, JNI_VERSION_1_6) == JNI_OK
                 ? run_command(vm, jni, &o, &e)
                 : err_set(&e, -ENOSYS, "attach: the calling thread is no Java thread");
    }
    if (rc)
        log_error("%s", e.text);
    g.attached_ns = 0;
    g.attach_text = NULL;
    return rc ? 1 : JNI_OK;
}

JNIEXPORT void JNICALL Agent_OnUnload(JavaVM *vm)
{
    (void)vm;
    session_stop(NULL, NULL); /* VMDeath came before, as a rule */
}
