/* stress_record.c — the recording path under real threads and real signals: lanes and trace store
 * together.
 *
 * Workers take samples in their own time (as a JVMTI callback does) while SIGPROF from per-thread
 * CPU timers and from a storm of tgkill() takes samples on top of them: gate -> lane -> trace store
 * -> event
 * -> lane back, as in sample/sample.c. The main thread is the recorder: it drains, scans, and now
 * and then closes the gate and rotates the store. What must hold:
 *   1. events + counted losses == samples begun, and no sample is recorded twice;
 *   2. every buffer decodes to whole events;
 *   3. every trace id stands for exactly one stack, whole and unmixed, for ever;
 *   4. a scan after a drain has met every trace that the drained events refer to, in the same
 * rotation;
 *   5. the structures' own check_valid() at each rotation.
 * It ends when it has seen enough (enough signals, signals inside the path, rotations), not after a
 * time.
 *
 * Where signals strike. ThreadSanitizer's runtime can't be interrupted at any instruction, so it
 * holds asynchronous signals back and delivers them at the next atomic operation or intercepted
 * call (memcpy,
 * ...): which are the very points between which lock-free code can go wrong. Its build therefore
 * proves the memory ordering, with signals between any two steps of the protocols. Raw
 * rt_sigaction(2) would let signals into the middle of TSan's own bookkeeping and crash it. The
 * plain and the ASan build run the same program with signals at arbitrary instructions: there the
 * checks above do the proving. */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/counters.h"
#include "base/hash.h"
#include "jfr/wire.h"
#include "os/clock.h"
#include "os/cpu_timer.h"
#include "os/signals.h"
#include "record/lane.h"
#include "store/trace_store.h"

enum {
    N_WORKERS = 4,
    N_STACKS = 3000, /* distinct ones; the store holds a few hundred less, so it fills up */
    N_SLOTS = 2048,
    MAX_FRAMES = 40,
    N_LANES = 2, /* fewer than workers and handlers want at once */
    LANE_BYTES = 8192,
    SAMPLES_AT_ONCE = 20,
    ROTATE_NS = 10000000,
    EVENT_TYPE = 1000,
    /* enough: */
    ENOUGH_SIGNALS = 10000,
    ENOUGH_NESTED = 500, /* signals that struck inside the path */
    ENOUGH_ROTATIONS = 100,
    GIVE_UP_S = 60,
    /* the record of what was seen: */
    SEQS_MAX = 1 << 22,
    TRACES_MAX = 1 << 22,
};

struct worker {
    _Alignas(CACHE_LINE) pthread_t thread;
    pid_t tid;
    cpu_timer timer;
    atomic_u32 next_seq;
    atomic_u32 is_in_path; /* the worker's own call, not a handler's */
    atomic_u64 n_begun, n_signals, n_nested;
};

static struct worker g_workers[N_WORKERS];
static _Thread_local struct worker *t_self;

static struct arena g_arena;
static struct trace_store g_traces;
static struct trace_scan *g_scan;
static struct lane_set g_lanes;
static struct counters g_counters;
static atomic_u64 g_lost_gate;
static atomic_u32 g_gate_open, g_inside; /* as in sample/sample.c */
static atomic_u32 g_stop;
static sem_t g_wake;
static pthread_barrier_t g_started, g_may_end;

_Noreturn static void fail(const char *what, uint64_t a, uint64_t b)
{
    fprintf(stderr, "stress_record: FAILED: %s (%llu, %llu)\n", what, (unsigned long long)a,
            (unsigned long long)b);
    abort();
}

#define REQUIRE(condition, a, b)                            \
    do {                                                    \
        if (!(condition))                                   \
            fail(#condition, (uint64_t)(a), (uint64_t)(b)); \
    } while (0)

/* --- stacks: everything follows from their number ----------------------------------------------
 */

static uint32_t stack_depth(uint32_t number)
{
    return 1 + number % MAX_FRAMES;
}

static struct frame stack_frame(uint32_t number, uint32_t i)
{
    /* The top frame carries the number, so that a reader can tell which stack it ought to be. */
    uint64_t id = i == 0 ? number : hash_mix64((uint64_t)number << 32 | i);
    return (struct frame){.id = id, .bci = (int32_t)(number ^ i), .type = FRAME_JIT_COMPILED};
}

/* Half are stacks that nobody or somebody just now has put, so that many put the same new one at
 * once; the others are any. */
static uint32_t choose_stack(uint64_t random)
{
    uint32_t frontier = random & 1 ? load_relaxed(&g_traces.next_id) : 0;
    uint32_t range = random & 1 ? 4 : N_STACKS;
    return (frontier + (uint32_t)(random >> 32) % range) % N_STACKS;
}

/* --- the path, in a worker or in a handler on top of it ----------------------------------------
 */

static uint64_t event_check(uint64_t worker, uint64_t seq, uint64_t stack, uint64_t id)
{
    return hash_mix64(hash_add64(hash_add64(worker << 32 | seq, stack), id));
}

static bool write_event(struct jfr_out *out, uint64_t worker, uint32_t seq, uint32_t stack,
                        trace_id id)
{
    struct jfr_event_mark mark = jfr_event_begin(out, EVENT_TYPE);
    jfr_out_leb(out, worker);
    jfr_out_leb(out, seq);
    jfr_out_leb(out, stack);
    jfr_out_leb(out, id);
    jfr_out_be64(out, event_check(worker, seq, stack, id)); /* a torn event does not pass */
    return jfr_event_end(out, mark);
}

static void sample_with_lane(struct worker *w, struct lane *lane)
{
    uint64_t worker = (uint64_t)(w - g_workers);
    uint32_t seq = add_relaxed(&w->next_seq, 1);
    uint32_t stack = choose_stack(hash_mix64(worker << 32 | seq));
    for (uint32_t i = 0; i < stack_depth(stack); i++)
        lane->frames[i] = stack_frame(stack, i);
    trace_id id = trace_store_put(&g_traces, lane->frames, stack_depth(stack), false);
    if (id == TRACE_NONE)
        counter_inc(&g_counters, lost_store_full);
    else if (!write_event(&lane->out, worker, seq, stack, id))
        counter_inc(&g_counters, lost_lane_full);
    else
        counter_inc(&g_counters, samples);
}

/* n samples in one lane. More than one keeps threads in the store side by side without the ordering
 * that gate and lane would give them: only the store's own is left. */
static void take_samples(struct worker *w, int n)
{
    add_relaxed(&w->n_begun, (uint64_t)n);
    atomic_fetch_add_explicit(&g_inside, 1, memory_order_seq_cst);
    if (load_seq_cst(&g_gate_open)) {
        struct lane *lane = lane_acquire(&g_lanes, (uint32_t)(w - g_workers));
        for (int i = 0; lane && i < n; i++)
            sample_with_lane(w, lane);
        if (lane)
            lane_release(&g_lanes, lane);
        else
            counter_add(&g_counters, lost_lane_busy, n);
    } else {
        add_relaxed(&g_lost_gate, (uint64_t)n);
    }
    atomic_fetch_sub_explicit(&g_inside, 1, memory_order_seq_cst);
}

static void on_sigprof(int signo, siginfo_t *info, void *ucontext)
{
    (void)signo;
    (void)info;
    (void)ucontext;
    int saved_errno = errno;
    struct worker *w = t_self;
    add_relaxed(&w->n_signals, 1);
    add_relaxed(&w->n_nested, load_relaxed(&w->is_in_path));
    take_samples(w, 1);
    errno = saved_errno;
}

static void *work(void *self)
{
    t_self = self;
    t_self->tid = (pid_t)syscall(SYS_gettid);
    pthread_barrier_wait(&g_started);
    while (!load_relaxed(&g_stop)) {
        store_relaxed(&t_self->is_in_path, 1);
        take_samples(t_self, SAMPLES_AT_ONCE);
        store_relaxed(&t_self->is_in_path, 0);
        sched_yield(); /* there are fewer CPUs than threads */
    }
    pthread_barrier_wait(&g_may_end); /* nobody signals us any more */
    return NULL;
}

static void *storm(void *unused)
{
    (void)unused;
    pid_t pid = getpid();
    for (uint32_t i = 0; !load_relaxed(&g_stop); i++) {
        syscall(SYS_tgkill, pid, g_workers[i % N_WORKERS].tid, SIGPROF);
        if (i % 64 == 0)
            sched_yield();
    }
    return NULL;
}

/* --- the recorder ------------------------------------------------------------------------------
 */

static uint8_t *g_seq_seen;  /* [worker][seq] */
static uint32_t *g_stack_of; /* [trace id]: stack number + 1 */
static struct event {
    trace_id id;
    uint32_t stack;
} g_drained[N_LANES * LANE_BYTES / 8]; /* events of one drain */
static size_t g_n_drained;
static uint64_t g_n_events, g_n_traces;
static trace_id g_first_of_rotation = 1;

static void wake_recorder(void *ctx)
{
    sem_post(ctx);
}

static void decode_event(struct jfr_in *in)
{
    size_t start = jfr_in_at(in);
    uint64_t size = jfr_in_leb(in);
    uint64_t type = jfr_in_leb(in), worker = jfr_in_leb(in), seq = jfr_in_leb(in);
    uint64_t stack = jfr_in_leb(in), id = jfr_in_leb(in), check = jfr_in_be64(in);
    REQUIRE(jfr_in_ok(in) && jfr_in_at(in) - start == size, size, jfr_in_at(in) - start);
    REQUIRE(type == EVENT_TYPE && worker < N_WORKERS && seq < SEQS_MAX, type, worker);
    REQUIRE(check == event_check(worker, seq, stack, id), check, seq);
    uint8_t *seen = &g_seq_seen[worker * SEQS_MAX + seq];
    REQUIRE(*seen == 0, worker, seq);
    *seen = 1;
    REQUIRE(g_n_drained < COUNT_OF(g_drained), g_n_drained, 0);
    g_drained[g_n_drained++] = (struct event){.id = (trace_id)id, .stack = (uint32_t)stack};
}

static void decode_buffer(void *ctx, const void *bytes, size_t n)
{
    (void)ctx;
    struct jfr_in in;
    jfr_in_init(&in, bytes, n);
    while (jfr_in_left(&in) > 0)
        decode_event(&in);
}

static void visit_trace(void *ctx, const struct trace *t)
{
    (void)ctx;
    uint32_t number = (uint32_t)t->frames[0].id;
    REQUIRE(t->id >= g_first_of_rotation && t->id < TRACES_MAX, t->id, g_first_of_rotation);
    REQUIRE(number < N_STACKS && t->n_frames == stack_depth(number), number, t->n_frames);
    for (uint32_t i = 0; i < t->n_frames; i++) {
        struct frame f = stack_frame(number, i);
        REQUIRE(memcmp(&t->frames[i], &f, sizeof f) == 0, number, i);
    }
    REQUIRE(g_stack_of[t->id] == 0, t->id, number); /* visited once */
    g_stack_of[t->id] = number + 1;
    g_n_traces++;
}

static void flush(void)
{
    g_n_drained = 0;
    lane_set_drain(&g_lanes, decode_buffer, NULL);
    trace_scan_next(g_scan, visit_trace, NULL);
    for (size_t i = 0; i < g_n_drained; i++) {
        const struct event *e = &g_drained[i];
        REQUIRE(e->id >= g_first_of_rotation && e->id < TRACES_MAX, e->id, g_first_of_rotation);
        REQUIRE(g_stack_of[e->id] == e->stack + 1, e->id, e->stack);
    }
    g_n_events += g_n_drained;
}

static void close_gate(void)
{
    store_seq_cst(&g_gate_open, 0);
    while (load_seq_cst(&g_inside) != 0)
        sched_yield();
}

static void check_structures(void)
{
    const char *problem = lane_set_check_valid(&g_lanes);
    problem = problem ? problem : trace_store_check_valid(&g_traces);
    if (problem)
        fail(problem, 0, 0);
}

static void rotate(void)
{
    close_gate();
    flush();
    check_structures();
    g_first_of_rotation += trace_store_count(&g_traces);
    trace_store_rotate(&g_traces);
    arena_reset(&g_arena);
    store_seq_cst(&g_gate_open, 1);
}

/* --- start, run, stop --------------------------------------------------------------------------
 */

static void *checked_alloc(size_t n, size_t size)
{
    void *p = calloc(n, size);
    if (!p)
        fail("out of memory", n, size);
    return p;
}

static void set_up(struct signals_hook *hook)
{
    struct err e;
    g_seq_seen = checked_alloc(N_WORKERS, SEQS_MAX);
    g_stack_of = checked_alloc(TRACES_MAX, sizeof *g_stack_of);
    sem_init(&g_wake, 0, 0);
    pthread_barrier_init(&g_started, NULL, N_WORKERS + 1);
    pthread_barrier_init(&g_may_end, NULL, N_WORKERS + 1);
    REQUIRE(arena_init(&g_arena, 1 << 20) == 0, 0, 0);
    REQUIRE(trace_store_init(&g_traces, &g_arena, N_SLOTS) == 0, 0, 0);
    REQUIRE(lane_set_init(&g_lanes, N_LANES, LANE_BYTES, MAX_FRAMES) == 0, 0, 0);
    g_lanes.on_half_full = wake_recorder;
    g_lanes.on_half_full_ctx = &g_wake;
    g_scan = trace_scan_new(&g_traces);
    if (signals_install(hook, SIGPROF, on_sigprof, &e) != 0)
        fail(e.text, 0, 0);
    store_seq_cst(&g_gate_open, 1);
}

static void start_workers(pthread_t *stormer)
{
    for (int i = 0; i < N_WORKERS; i++)
        REQUIRE(pthread_create(&g_workers[i].thread, NULL, work, &g_workers[i]) == 0, i, 0);
    pthread_barrier_wait(&g_started);
    for (int i = 0; i < N_WORKERS; i++) {
        struct worker *w = &g_workers[i];
        REQUIRE(cpu_timer_create(w->tid, SIGPROF, w, &w->timer) == 0, i, w->tid);
        REQUIRE(cpu_timer_arm(w->timer, 1000000, hash_mix64((uint64_t)i)) == 0, i, w->tid);
    }
    REQUIRE(pthread_create(stormer, NULL, storm, NULL) == 0, 0, 0);
}

static void stop_workers(pthread_t stormer)
{
    store_relaxed(&g_stop, 1);
    pthread_join(stormer, NULL);
    for (int i = 0; i < N_WORKERS; i++)
        cpu_timer_delete(g_workers[i].timer);
    pthread_barrier_wait(&g_may_end);
    for (int i = 0; i < N_WORKERS; i++)
        pthread_join(g_workers[i].thread, NULL);
}

static uint64_t total(size_t member)
{
    uint64_t sum = 0;
    for (int i = 0; i < N_WORKERS; i++)
        sum += load_relaxed((atomic_u64 *)((char *)&g_workers[i] + member));
    return sum;
}

static bool is_enough(int n_rotations)
{
    return total(offsetof(struct worker, n_signals)) >= ENOUGH_SIGNALS &&
           total(offsetof(struct worker, n_nested)) >= ENOUGH_NESTED &&
           n_rotations >= ENOUGH_ROTATIONS;
}

/* Before the record of what was seen overflows, which a fast machine might manage. */
static bool is_too_much(void)
{
    for (int i = 0; i < N_WORKERS; i++)
        if (load_relaxed(&g_workers[i].next_seq) > SEQS_MAX / 2)
            return true;
    return load_relaxed(&g_traces.next_id) > TRACES_MAX / 2;
}

/* Returns the number of rotations. */
static int record(void)
{
    uint64_t start = clock_ticks_ns(), next_rotation = start + ROTATE_NS;
    int n_rotations = 0;
    while (!is_enough(n_rotations) && !is_too_much()) {
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += 2000000;
        until.tv_sec += until.tv_nsec / 1000000000;
        until.tv_nsec %= 1000000000;
        sem_timedwait(&g_wake, &until);
        flush();
        if (clock_ticks_ns() >= next_rotation) {
            rotate();
            n_rotations++;
            next_rotation = clock_ticks_ns() + ROTATE_NS;
        }
        if (clock_ticks_ns() - start > GIVE_UP_S * UINT64_C(1000000000))
            fail("too few signals or rotations in a minute",
                 total(offsetof(struct worker, n_nested)), (uint64_t)n_rotations);
    }
    return n_rotations;
}

static void tear_down(struct signals_hook *hook)
{
    REQUIRE(signals_remove(hook) == 0, 0, 0);
    trace_scan_free(g_scan);
    lane_set_fini(&g_lanes);
    trace_store_fini(&g_traces);
    arena_fini(&g_arena);
    free(g_seq_seen);
    free(g_stack_of);
}

int main(void)
{
    struct signals_hook hook;
    pthread_t stormer;
    set_up(&hook);
    start_workers(&stormer);
    int n_rotations = record();
    stop_workers(stormer);
    flush();
    check_structures();
    REQUIRE(total(offsetof(struct worker, n_nested)) > 0 && n_rotations > 0, 0, n_rotations);
    uint64_t begun = total(offsetof(struct worker, n_begun));
    uint64_t lost_gate = load_relaxed(&g_lost_gate);
    uint64_t busy = counter_get(&g_counters, lost_lane_busy);
    uint64_t lane_full = counter_get(&g_counters, lost_lane_full);
    uint64_t store_full = counter_get(&g_counters, lost_store_full);
    REQUIRE(g_n_events == counter_get(&g_counters, samples), g_n_events, begun);
    REQUIRE(g_n_events + lost_gate + busy + lane_full + store_full == begun, g_n_events, begun);
    printf(
        "stress_record: %llu samples (%llu by signals, %llu of them inside the path): %llu events, "
        "lost: %llu gate, %llu lane busy, %llu lane full, %llu store full; %llu traces, %d "
        "rotations\n",
        (unsigned long long)begun, (unsigned long long)total(offsetof(struct worker, n_signals)),
        (unsigned long long)total(offsetof(struct worker, n_nested)),
        (unsigned long long)g_n_events, (unsigned long long)lost_gate, (unsigned long long)busy,
        (unsigned long long)lane_full, (unsigned long long)store_full,
        (unsigned long long)g_n_traces, n_rotations);
    tear_down(&hook);
    return 0;
}
