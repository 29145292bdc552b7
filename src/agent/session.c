/* session.c — one recording: every part made, wired and taken down again. Control path.
 * start runs on the thread that asked (VMInit, attach); the end always on the recorder thread. */
#include "agent/session.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "agent/memory_plan.h"
#include "agent/session_threads.h"
#include "agent/single.h"
#include "base/arena.h"
#include "base/log.h"
#include "os/clock.h"
#include "os/safe_load.h"
#include "record/recorder.h"
#include "sample/sample.h"
#include "walk/walker.h"

enum state { IDLE, STARTING, RECORDING, STOPPING };

/* Everything one recording has; made by start, freed on the recorder thread. */
struct session {
    char path[OPTION_PATH_MAX];
    struct arena trace_arena, method_arena;
    struct trace_store traces;
    struct method_dict methods;
    struct lane_set lanes;
    struct counters counters;
    struct walker walker;
    struct sampler sampler;
    struct session_threads threads;
    const struct engine_ops *engine;
    struct environment environment;
    struct recorder *recorder;
    const struct vm *vm;
    bool has_pauses;
    uint64_t start_ns;
    bool is_stuck;  /* a handler did not come back: nothing it may look at is freed */
    unsigned parts; /* bits of enum part: what there is to take down */
};

enum part {
    PART_CLAIM,
    PART_TRACE_ARENA,
    PART_METHOD_ARENA,
    PART_TRACES,
    PART_METHODS,
    PART_LANES,
    PART_TABLE,
    PART_SAFE_LOAD,
    PART_ENGINE
};

/* lock: state, session, is_joined. users: held for reading while a JVMTI callback uses the session,
 * for writing when it comes and goes. Order: lock, then users. */
static struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    pthread_rwlock_t users;
    enum state state;
    struct session *session;
    pthread_t recorder_thread;
    bool is_joined;     /* somebody waits in pthread_join() */
    atomic_u32 is_live; /* session may be used by callbacks */
    unsigned n_recordings;
} g = {.lock = PTHREAD_MUTEX_INITIALIZER,
       .changed = PTHREAD_COND_INITIALIZER,
       .users = PTHREAD_RWLOCK_INITIALIZER};

/* --- parts --------------------------------------------------------------------------------------
 */

static bool has(const struct session *s, enum part part)
{
    return s->parts & (1u << part);
}

/* Note the part when it could be made: `rc = make(...)` in, rc out. */
static int note(struct session *s, enum part part, int rc)
{
    if (rc == 0)
        s->parts |= 1u << part;
    return rc;
}

static int make_stores(struct session *s, const struct options *o, struct err *e)
{
    struct memory_plan p =
        memory_plan_make(o->memlimit_bytes, (int)sysconf(_SC_NPROCESSORS_ONLN), o->depth + 1);
    int rc = note(s, PART_TRACE_ARENA, arena_init(&s->trace_arena, p.trace_arena_bytes));
    if (!rc)
        rc = note(s, PART_METHOD_ARENA, arena_init(&s->method_arena, p.method_arena_bytes));
    if (!rc)
        rc = note(s, PART_TRACES, trace_store_init(&s->traces, &s->trace_arena, p.trace_slots));
    if (!rc && s->vm)
        rc = note(s, PART_METHODS,
                  method_dict_init(&s->methods, s->vm, &s->method_arena, p.method_slots));
    if (!rc)
        rc = note(s, PART_LANES, lane_set_init(&s->lanes, p.n_lanes, p.lane_bytes, o->depth + 1));
    if (!rc) {
        s->threads.table = thread_table_new();
        rc = note(s, PART_TABLE, s->threads.table ? 0 : -ENOMEM);
    }
    return rc ? err_set(e, rc, "memlimit: %s", strerror(-rc)) : 0;
}

static void free_stores(struct session *s)
{
    if (has(s, PART_TABLE))
        thread_table_free(s->threads.table);
    if (has(s, PART_LANES))
        lane_set_fini(&s->lanes);
    if (has(s, PART_METHODS))
        method_dict_fini(&s->methods);
    if (has(s, PART_TRACES))
        trace_store_fini(&s->traces);
    if (has(s, PART_METHOD_ARENA))
        arena_fini(&s->method_arena);
    if (has(s, PART_TRACE_ARENA))
        arena_fini(&s->trace_arena);
}

static void free_session(struct session *s)
{
    if (has(s, PART_SAFE_LOAD) && !s->is_stuck && safe_load_remove() == -EBUSY)
        log_debug("SIGSEGV: another handler was installed over ours, ours stays as a forwarder");
    environment_fini(&s->environment);
    if (has(s, PART_CLAIM))
        single_release();
    if (s->is_stuck)
        return;
    free_stores(s);
    free(s);
}

/* --- what the recorder calls --------------------------------------------------------------------
 */

static void on_tick(void *ctx)
{
    session_threads_poll(&((struct session *)ctx)->threads);
}

static void on_code_ranges(void *ctx, const struct code_ranges *ranges)
{
    store_release(&((struct session *)ctx)->walker.ranges, (void *)(uintptr_t)ranges);
}

static const char *on_failure_name(uint64_t status)
{
    return walk_status_name((enum walk_status)status);
}

/* No more callbacks in the session, no timers, no signals, nobody in the handler. False if somebody
 * is: everything a handler may look at then stays for ever. */
static bool quiesce(struct session *s)
{
    pthread_rwlock_wrlock(&g.users);
    store_release(&g.is_live, 0);
    pthread_rwlock_unlock(&g.users);
    session_threads_end_all(&s->threads);
    s->is_stuck = !sample_close();
    if (s->is_stuck)
        log_warn("a thread hangs in the signal handler; the profiler's memory is left as it is");
    s->engine->stop();
    return !s->is_stuck;
}

static bool on_quiesce(void *ctx)
{
    pthread_mutex_lock(&g.lock);
    g.state = STOPPING;
    pthread_mutex_unlock(&g.lock);
    return quiesce(ctx);
}

/* Last act of the recorder thread. Nobody joins it when it ended by itself. */
static void on_finished(void *ctx)
{
    free_session(ctx);
    pthread_mutex_lock(&g.lock);
    if (!g.is_joined)
        pthread_detach(pthread_self());
    g.session = NULL;
    g.state = IDLE;
    pthread_cond_broadcast(&g.changed);
    pthread_mutex_unlock(&g.lock);
}

static const struct recorder_ops k_recorder_ops = {
    .tick = on_tick,
    .code_ranges = on_code_ranges,
    .quiesce = on_quiesce,
    .finished = on_finished,
    .failure_name = on_failure_name,
};

/* --- start --------------------------------------------------------------------------------------
 */

static const char *get_env(const char *name)
{
    return getenv(name);
}

static int expand_path(struct session *s, const struct options *o, struct err *e)
{
    struct tm tm;
    time_t now = time(NULL);
    localtime_r(&now, &tm);
    struct file_vars vars = {
        .pid = getpid(), .start = &tm, .sequence = g.n_recordings, .env = get_env};
    return options_expand_file(o->file, &vars, s->path, sizeof s->path, e);
}

static const struct engine_ops *choose_engine(const struct options *o)
{
    (void)o; /* cpu and ctimer are one engine in this version */
    return &g_engine_ctimer;
}

static int make_recorder(struct session *s, const struct options *o, struct err *e)
{
    struct recorder_config config = {
        .path = s->path,
        .engine = s->engine->name,
        .walker = s->vm ? "vm" : "native",
        .interval_ns = o->interval_ns,
        .flush_ns = o->flush_ns,
        .timeout_ns = o->timeout_ns,
        .max_frames = o->depth + 1,
        .lanes = &s->lanes,
        .traces = &s->traces,
        .methods = s->vm ? &s->methods : NULL,
        .threads = s->threads.table,
        .vm = s->vm,
        .has_pauses = s->has_pauses,
        .counters = &s->counters,
        .environment = &s->environment,
        .ops = &k_recorder_ops,
        .ctx = s,
    };
    return recorder_open(&s->recorder, &config, e);
}

/* Everything short of the first sample. The file comes last but for the handler, so that no other
 * failure leaves one. */
static int make_parts(struct session *s, const struct options *o, struct err *e)
{
    s->engine = choose_engine(o);
    int rc = expand_path(s, o, e);
    if (!rc)
        rc = note(s, PART_CLAIM, single_claim(e));
    if (!rc)
        rc = s->engine->probe(e);
    if (!rc)
        rc = make_stores(s, o, e);
    if (!rc)
        rc = note(s, PART_SAFE_LOAD, safe_load_install(e));
    if (!rc && s->vm && !vm_is_ready(s->vm))
        rc = err_set(e, -EAGAIN, "start: the JVM has no code cache yet");
    if (!rc)
        rc = note(s, PART_ENGINE,
                  s->engine->start(&(struct engine_config){.interval_ns = o->interval_ns,
                                                           .counters = &s->counters},
                                   e));
    if (!rc)
        rc = make_recorder(s, o, e);
    if (rc && has(s, PART_ENGINE))
        s->engine->stop();
    return rc;
}

static void wire(struct session *s)
{
    s->walker.vm = s->vm;
    s->sampler = (struct sampler){.lanes = &s->lanes,
                                  .traces = &s->traces,
                                  .walker = &s->walker,
                                  .methods = s->vm ? &s->methods : NULL,
                                  .counters = &s->counters};
    s->lanes.on_half_full = recorder_wake;
    s->lanes.on_half_full_ctx = s->recorder;
    s->threads.engine = s->engine;
    s->threads.lanes = &s->lanes;
    s->threads.counters = &s->counters;
    session_threads_init(&s->threads);
}

static void add_java_thread(void *ctx, const struct java_thread *t)
{
    session_threads_add_java(&((struct session *)ctx)->threads, t);
}

/* From here on samples flow. If the recorder thread cannot be had, all of it is undone. */
static int go_live(struct session *s, struct session_jvm *jvm, struct err *e)
{
    sample_open(&s->sampler);
    pthread_rwlock_wrlock(&g.users);
    g.session = s;
    store_release(&g.is_live, 1);
    pthread_rwlock_unlock(&g.users);
    jvm->each_thread(jvm->ctx, add_java_thread, s);
    int rc = recorder_run(s->recorder, &g.recorder_thread, e);
    if (rc)
        quiesce(s);
    return rc;
}

static int make_session(const struct options *o, struct session_jvm *jvm, struct session **out,
                        struct err *e)
{
    struct session *s = calloc(1, sizeof *s);
    if (!s) {
        environment_fini(&jvm->environment);
        return err_set(e, -ENOMEM, "out of memory");
    }
    s->environment = jvm->environment;
    jvm->environment = (struct environment){0};
    s->vm = jvm->vm;
    s->walker.no_native = o->cstack == CSTACK_NO;
    s->has_pauses = jvm->has_pauses;
    s->start_ns = clock_ticks_ns();
    int rc = make_parts(s, o, e);
    if (rc == 0) {
        wire(s);
        *out = s;
    } else
        free_session(s);
    return rc;
}

static int begin(struct err *e)
{
    int rc = 0;
    pthread_mutex_lock(&g.lock);
    if (g.state == IDLE)
        g.state = STARTING;
    else if (g.state == STARTING)
        rc = err_set(e, -EALREADY, "start: another start is under way");
    else
        rc = err_set(e, -EALREADY, "start: already recording to %s; stop it first",
                     g.session ? g.session->path : "a file");
    pthread_mutex_unlock(&g.lock);
    return rc;
}

/* The lock is held over recorder_run(), so that a recorder that ends at once finds everything in
 * place. */
static int finish_start(struct session *s, int rc, struct session_jvm *jvm, struct err *e)
{
    pthread_mutex_lock(&g.lock);
    if (rc == 0) {
        g.is_joined = false;
        rc = go_live(s, jvm, e);
        if (rc)
            free_session(s);
    }
    if (rc)
        g.session = NULL;
    else
        g.n_recordings++;
    g.state = rc ? IDLE : RECORDING;
    pthread_cond_broadcast(&g.changed);
    pthread_mutex_unlock(&g.lock);
    return rc;
}

int session_start(const struct options *o, struct session_jvm *jvm, struct err *e)
{
    struct session *s = NULL;
    int rc = begin(e);
    if (rc) {
        environment_fini(&jvm->environment);
        return rc;
    }
    rc = make_session(o, jvm, &s, e);
    rc = finish_start(s, rc, jvm, e);
    if (rc == 0 && o->event == EVENT_CPU)
        log_info("event=cpu: per-thread CPU timers (ctimer); perf_events are not in this version "
                 "yet");
    return rc;
}

/* --- stop ---------------------------------------------------------------------------------------
 */

/* With g.lock held. A session that starts or stops already is waited for. */
static void wait_settled(void)
{
    while (g.state == STARTING || g.state == STOPPING)
        pthread_cond_wait(&g.changed, &g.lock);
}

int session_stop(const char *shutdown_reason, struct err *e)
{
    pthread_t thread;
    pthread_mutex_lock(&g.lock);
    bool was_idle = g.state == IDLE;
    wait_settled();
    if (g.state != RECORDING) {
        pthread_mutex_unlock(&g.lock);
        return was_idle ? err_set(e, -ESRCH, "stop: nothing is being recorded") : 0;
    }
    thread = g.recorder_thread;
    g.is_joined = true;
    g.state = STOPPING;
    recorder_request_stop(g.session->recorder, shutdown_reason);
    pthread_mutex_unlock(&g.lock);
    pthread_join(thread, NULL);
    return 0;
}

/* --- the rest -----------------------------------------------------------------------------------
 */

void session_status(char *buf, size_t cap)
{
    pthread_mutex_lock(&g.lock);
    if (g.state == RECORDING)
        snprintf(buf, cap, "recording to %s for %.1f s: %llu samples, engine %s", g.session->path,
                 (double)(clock_ticks_ns() - g.session->start_ns) / 1e9,
                 (unsigned long long)counter_get(&g.session->counters, samples),
                 g.session->engine->name);
    else
        snprintf(buf, cap, "%s", g.state == IDLE ? "idle" : "busy starting or stopping");
    pthread_mutex_unlock(&g.lock);
}

bool session_is_recording(void)
{
    return load_acquire(&g.is_live) != 0;
}

void session_thread_started(const struct java_thread *t)
{
    pthread_rwlock_rdlock(&g.users);
    if (load_acquire(&g.is_live))
        session_threads_started(&g.session->threads, t);
    pthread_rwlock_unlock(&g.users);
}

void session_thread_ended(void)
{
    pthread_rwlock_rdlock(&g.users);
    if (load_acquire(&g.is_live))
        session_threads_ended(&g.session->threads);
    pthread_rwlock_unlock(&g.users);
}

void session_post_thread_dump(char *text)
{
    pthread_rwlock_rdlock(&g.users);
    if (load_acquire(&g.is_live))
        recorder_post_thread_dump(g.session->recorder, text);
    else
        free(text);
    pthread_rwlock_unlock(&g.users);
}
