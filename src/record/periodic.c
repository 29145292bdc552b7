/* periodic.c — the table of periodic events, and when each is due. Recorder thread. */
#include "record/periodic.h"

#include <stdlib.h>
#include <sys/resource.h>

#include "base/atomics.h"
#include "base/attrs.h"
#include "base/log.h"
#include "os/clock.h"
#include "os/procfs.h"
#include "record/environment.h"
#include "record/gc_config.h"
#include "record/gc_events.h"
#include "record/gc_ring.h"
#include "record/load.h"
#include "record/periodic_threads.h"
#include "vm/facts.h"
#include "vm/flags.h"

#define SECOND UINT64_C(1000000000)
enum { ROWS_MAX = 64 };

struct periodic {
    struct periodic_config config;
    bool is_open;
    uint64_t due_ns[ROWS_MAX];
    uint64_t cpu_ns;
    struct load_sample load, switches; /* as of the last event */
    struct periodic_threads threads;
    bool has_flags;
    struct vm_flags flags;
    struct gc_config gc;
    struct gc_events gc_events;
    uint32_t allocated_offset;
    uint64_t pauses_lost;
    atomic_ptr thread_dump; /* posted, owned */
};

/* --- where the callbacks at a safepoint look ---------------------------------------------------
 * The JVM is one per process and never goes, and a callback may be under way when a recording ends:
 * so this is found once and stays. */
static struct {
    bool is_found, has_perf;
    struct perf_data perf;
    struct vm_heap heap;
    struct gc_sources sources;
} g_jvm;

static void find_jvm(enum vm_heap_kind kind)
{
    if (g_jvm.is_found)
        return;
    g_jvm.is_found = true;
    g_jvm.has_perf = perf_data_open(&g_jvm.perf);
    const struct perf_data *perf = g_jvm.has_perf ? &g_jvm.perf : NULL;
    vm_heap_open(&g_jvm.heap, kind, perf);
    g_jvm.sources = (struct gc_sources){.heap = &g_jvm.heap, .perf = perf};
}

/* --- measurements ----------------------------------------------------------------------------- */

static uint64_t timeval_ns(struct timeval tv)
{
    return (uint64_t)tv.tv_sec * SECOND + (uint64_t)tv.tv_usec * 1000u;
}

static struct load_sample read_load(uint64_t now)
{
    struct load_sample s = {.now_ns = now};
    struct rusage ru = {0};
    getrusage(RUSAGE_SELF, &ru);
    s.process_user_ns = timeval_ns(ru.ru_utime);
    s.process_system_ns = timeval_ns(ru.ru_stime);
    procfs_machine(&s.machine); /* 0 when /proc can't be read: the machine's share is then ours */
    return s;
}

static void write_cpu_load(struct periodic *p, struct jfr_writer *w, uint64_t now)
{
    struct load_sample load = read_load(now);
    struct load_shares s = load_between(&p->load, &load, p->config.n_cpus);
    jfr_write_cpu_load(w, &(struct jfr_cpu_load){.startTime = (int64_t)now,
                                                 .jvmUser = s.jvm_user,
                                                 .jvmSystem = s.jvm_system,
                                                 .machineTotal = s.machine_total});
    p->load = load;
}

static void write_switch_rate(struct periodic *p, struct jfr_writer *w, uint64_t now)
{
    struct load_sample load = read_load(now);
    jfr_write_thread_context_switch_rate(
        w, &(struct jfr_thread_context_switch_rate){
               .startTime = (int64_t)now, .switchRate = load_switch_rate(&p->switches, &load)});
    p->switches = load;
}

static void write_thread_load(struct periodic *p, struct jfr_writer *w, uint64_t now)
{
    periodic_threads_load(&p->threads, p->config.threads, p->config.n_cpus, w, now);
}

static void write_physical_memory(struct periodic *p, struct jfr_writer *w, uint64_t now)
{
    struct procfs_memory m;
    (void)p;
    if (procfs_memory(&m) == 0)
        jfr_write_physical_memory(w,
                                  &(struct jfr_physical_memory){.startTime = (int64_t)now,
                                                                .totalSize = (int64_t)m.total_bytes,
                                                                .usedSize = (int64_t)m.used_bytes});
}

static void write_resident_set(struct periodic *p, struct jfr_writer *w, uint64_t now)
{
    struct procfs_status s;
    (void)p;
    if (procfs_status(&s) == 0)
        jfr_write_resident_set_size(
            w, &(struct jfr_resident_set_size){.startTime = (int64_t)now,
                                               .size = (int64_t)s.rss_bytes,
                                               .peak = (int64_t)s.rss_peak_bytes});
}

static void write_java_threads(struct periodic *p, struct jfr_writer *w, uint64_t now)
{
    (void)p;
    jfr_write_java_thread_statistics(
        w, &(struct jfr_java_thread_statistics){
               .startTime = (int64_t)now,
               .activeCount = perf_data_get(&g_jvm.perf, PERF_THREADS_LIVE),
               .daemonCount = perf_data_get(&g_jvm.perf, PERF_THREADS_DAEMON),
               .accumulatedCount = perf_data_get(&g_jvm.perf, PERF_THREADS_STARTED),
               .peakCount = perf_data_get(&g_jvm.perf, PERF_THREADS_PEAK)});
}

static void write_class_loading(struct periodic *p, struct jfr_writer *w, uint64_t now)
{
    (void)p;
    jfr_write_class_loading_statistics(
        w, &(struct jfr_class_loading_statistics){
               .startTime = (int64_t)now,
               .loadedClassCount = perf_data_get(&g_jvm.perf, PERF_CLASSES_LOADED) +
                                   perf_data_get(&g_jvm.perf, PERF_SHARED_LOADED),
               .unloadedClassCount = perf_data_get(&g_jvm.perf, PERF_CLASSES_UNLOADED) +
                                     perf_data_get(&g_jvm.perf, PERF_SHARED_UNLOADED)});
}

static void write_allocated(struct periodic *p, struct jfr_writer *w, uint64_t now)
{
    periodic_threads_allocated(p->config.threads, p->allocated_offset, w, now);
}

/* --- configuration ---------------------------------------------------------------------------- */

struct flag_ctx {
    struct jfr_writer *w;
    uint64_t now;
};

static void write_flag(void *ctx, const struct vm_flag *flag)
{
    struct flag_ctx *c = ctx;
    gc_config_write_flag(c->w, c->now, flag);
}

static void write_flags(struct periodic *p, struct jfr_writer *w, uint64_t now)
{
    vm_flags_each(&p->flags, write_flag, &(struct flag_ctx){w, now});
}

static void write_gc_config(struct periodic *p, struct jfr_writer *w, uint64_t now)
{
    gc_config_write(w, now, &p->gc);
}

/* --- pauses ----------------------------------------------------------------------------------- */

static void write_pauses(struct periodic *p, struct jfr_writer *w)
{
    struct gc_pause pause;
    while (gc_ring_take(&pause)) {
        struct thread_slot *slot = thread_table_find(p->config.threads, pause.tid);
        gc_events_write(&p->gc_events, w, &pause, slot ? load_relaxed(&slot->id) : 0);
    }
    if (gc_ring_lost() != p->pauses_lost) {
        p->pauses_lost = gc_ring_lost();
        log_once(LOG_WARN, "more garbage collections between two flushes than are kept; the latest "
                           "of them are not recorded");
    }
}

/* --- the table -------------------------------------------------------------------------------- */

enum {
    AT_BEGIN = 1, /* of a chunk */
    AT_END = 2,
    ELSEWHERE = 4, /* by write_pauses(); here for the settings */
};

static bool always(const struct periodic *p)
{
    (void)p;
    return true;
}
static bool has_flags(const struct periodic *p)
{
    return p->has_flags;
}
static bool has_pauses(const struct periodic *p)
{
    return p->config.has_pauses;
}
static bool has_metaspace(const struct periodic *p)
{
    return p->config.has_pauses && g_jvm.has_perf &&
           perf_data_has(&g_jvm.perf, PERF_METASPACE_USED);
}
static bool has_collector_times(const struct periodic *p)
{
    return p->config.has_pauses && gc_config_heap(&p->gc) != HEAP_COUNTERS && g_jvm.has_perf &&
           perf_data_has(&g_jvm.perf, PERF_YOUNG_ENTRY);
}
static bool has_cpu_time(const struct periodic *p)
{
    return p->config.has_pauses && gc_config_heap(&p->gc) != HEAP_COUNTERS;
}
static bool has_mmu(const struct periodic *p)
{
    return p->config.has_pauses && p->gc.UseG1GC && p->gc.GCPauseIntervalMillis > 0;
}
static bool has_thread_counters(const struct periodic *p)
{
    (void)p;
    return g_jvm.has_perf && perf_data_has(&g_jvm.perf, PERF_THREADS_LIVE);
}
static bool has_class_counters(const struct periodic *p)
{
    (void)p;
    return g_jvm.has_perf && perf_data_has(&g_jvm.perf, PERF_CLASSES_LOADED);
}
static bool has_allocated(const struct periodic *p)
{
    return p->allocated_offset != 0;
}

/* Several types may come from one function: it stands in the first of their rows. */
static const struct row {
    uint32_t type;
    unsigned when;
    uint64_t period_ns; /* 0: at begin and end only */
    bool (*is_there)(const struct periodic *p);
    void (*write)(struct periodic *p, struct jfr_writer *w, uint64_t now);
} k_rows[] = {
    {JFR_TYPE_CPU_LOAD, AT_END, SECOND, always, write_cpu_load},
    {JFR_TYPE_THREAD_CPU_LOAD, AT_END, 10 * SECOND, always, write_thread_load},
    {JFR_TYPE_THREAD_CONTEXT_SWITCH_RATE, AT_END, 10 * SECOND, always, write_switch_rate},
    {JFR_TYPE_PHYSICAL_MEMORY, AT_BEGIN | AT_END, 10 * SECOND, always, write_physical_memory},
    {JFR_TYPE_RESIDENT_SET_SIZE, AT_BEGIN | AT_END, SECOND, always, write_resident_set},
    {JFR_TYPE_JAVA_THREAD_STATISTICS, AT_BEGIN | AT_END, SECOND, has_thread_counters,
     write_java_threads},
    {JFR_TYPE_CLASS_LOADING_STATISTICS, AT_BEGIN | AT_END, SECOND, has_class_counters,
     write_class_loading},
    {JFR_TYPE_THREAD_ALLOCATION_STATISTICS, AT_BEGIN | AT_END, 0, has_allocated, write_allocated},
    {JFR_TYPE_BOOLEAN_FLAG, AT_BEGIN, 0, has_flags, write_flags},
    {JFR_TYPE_INT_FLAG, AT_BEGIN, 0, has_flags, NULL},
    {JFR_TYPE_UNSIGNED_INT_FLAG, AT_BEGIN, 0, has_flags, NULL},
    {JFR_TYPE_LONG_FLAG, AT_BEGIN, 0, has_flags, NULL},
    {JFR_TYPE_UNSIGNED_LONG_FLAG, AT_BEGIN, 0, has_flags, NULL},
    {JFR_TYPE_DOUBLE_FLAG, AT_BEGIN, 0, has_flags, NULL},
    {JFR_TYPE_STRING_FLAG, AT_BEGIN, 0, has_flags, NULL},
    {JFR_TYPE_GC_CONFIGURATION, AT_BEGIN, 0, has_flags, write_gc_config},
    {JFR_TYPE_GC_HEAP_CONFIGURATION, AT_BEGIN, 0, has_flags, NULL},
    {JFR_TYPE_YOUNG_GENERATION_CONFIGURATION, AT_BEGIN, 0, has_flags, NULL},
    {JFR_TYPE_GC_SURVIVOR_CONFIGURATION, AT_BEGIN, 0, has_flags, NULL},
    {JFR_TYPE_GC_TLAB_CONFIGURATION, AT_BEGIN, 0, has_flags, NULL},
    {JFR_TYPE_CODE_CACHE_CONFIGURATION, AT_BEGIN, 0, has_flags, NULL},
    {JFR_TYPE_GARBAGE_COLLECTION, ELSEWHERE, 0, has_pauses, NULL},
    {JFR_TYPE_YOUNG_GARBAGE_COLLECTION, ELSEWHERE, 0, has_pauses, NULL},
    {JFR_TYPE_OLD_GARBAGE_COLLECTION, ELSEWHERE, 0, has_pauses, NULL},
    {JFR_TYPE_GC_PHASE_PAUSE, ELSEWHERE, 0, has_pauses, NULL},
    {JFR_TYPE_GC_PHASE_PAUSE_LEVEL1, ELSEWHERE, 0, has_collector_times, NULL},
    {JFR_TYPE_EXECUTE_VM_OPERATION, ELSEWHERE, 0, has_collector_times, NULL},
    {JFR_TYPE_GC_CPU_TIME, ELSEWHERE, 0, has_cpu_time, NULL},
    {JFR_TYPE_G1_MMU, ELSEWHERE, 0, has_mmu, NULL},
    {JFR_TYPE_GC_HEAP_SUMMARY, ELSEWHERE, 0, has_pauses, NULL},
    {JFR_TYPE_METASPACE_SUMMARY, ELSEWHERE, 0, has_metaspace, NULL},
};
_Static_assert(COUNT_OF(k_rows) <= ROWS_MAX, "due_ns");

static const char *period_text(const struct row *row, char *buf, size_t cap)
{
    if (row->when == ELSEWHERE)
        return NULL;
    if (row->period_ns)
        environment_format_period(row->period_ns, buf, cap);
    return row->period_ns ? buf : row->when & AT_END ? "everyChunk" : "beginChunk";
}

static void write_settings(struct periodic *p, struct jfr_writer *w, uint64_t now)
{
    char buf[32];
    for (size_t i = 0; i < COUNT_OF(k_rows); i++)
        if (k_rows[i].is_there(p))
            environment_write_enabled(w, now, k_rows[i].type,
                                      period_text(&k_rows[i], buf, sizeof buf));
}

static void write_row(struct periodic *p, size_t i, struct jfr_writer *w, uint64_t now)
{
    if (k_rows[i].write && k_rows[i].is_there(p))
        k_rows[i].write(p, w, now);
}

/* --- life ------------------------------------------------------------------------------------- */

struct periodic *periodic_new(const struct periodic_config *config)
{
    struct periodic *p = calloc(1, sizeof *p);
    if (p)
        p->config = *config;
    return p;
}

void periodic_free(struct periodic *p)
{
    if (!p)
        return;
    if (p->config.has_pauses)
        gc_ring_close();
    free(load_acquire(&p->thread_dump));
    periodic_threads_fini(&p->threads);
    free(p);
}

/* Everything about this JVM that is looked up by name. */
static void open_jvm(struct periodic *p)
{
    const struct vm *vm = p->config.vm;
    if (vm) {
        p->gc.major = vm_major(vm);
        p->has_flags = vm_flags_open(&p->flags, vm);
        p->gc.has_encoding = vm_oop_encoding(&p->gc.oop_base, &p->gc.oop_shift);
        p->gc.has_code_bounds = vm_code_bounds(vm, &p->gc.code_low, &p->gc.code_high);
        p->allocated_offset = vm_allocated_bytes_offset();
    }
    if (p->has_flags)
        vm_flags_each(&p->flags, gc_config_take, &p->gc);
    find_jvm(gc_config_heap(&p->gc));
    p->gc_events = (struct gc_events){.config = &p->gc,
                                      .reserved_start = g_jvm.heap.reserved_start,
                                      .reserved_bytes = g_jvm.heap.reserved_bytes};
    for (int i = 0; g_jvm.has_perf && i < GC_COLLECTORS; i++)
        perf_data_text(&g_jvm.perf, (enum perf_counter)(PERF_YOUNG_NAME + i),
                       p->gc_events.collector_names[i], GC_NAME_MAX);
    if (p->config.has_pauses)
        gc_ring_open(&g_jvm.sources);
}

static void open_now(struct periodic *p, uint64_t now)
{
    p->is_open = true;
    open_jvm(p);
    p->load = p->switches = read_load(now);
    periodic_threads_load(&p->threads, p->config.threads, p->config.n_cpus, NULL, now);
    for (size_t i = 0; i < COUNT_OF(k_rows); i++)
        p->due_ns[i] = now + k_rows[i].period_ns;
}

static uint64_t own_cpu_ns(void)
{
    return clock_ns_of(CLOCK_THREAD_CPUTIME_ID);
}

void periodic_begin(struct periodic *p, struct jfr_writer *w, uint64_t now_ns)
{
    uint64_t cpu = own_cpu_ns();
    if (!p->is_open)
        open_now(p, now_ns);
    write_settings(p, w, now_ns);
    for (size_t i = 0; i < COUNT_OF(k_rows); i++)
        if (k_rows[i].when & AT_BEGIN)
            write_row(p, i, w, now_ns);
    p->cpu_ns += own_cpu_ns() - cpu;
}

static void write_thread_dump(struct periodic *p, struct jfr_writer *w, uint64_t now)
{
    char *text = exchange_acq_rel(&p->thread_dump, NULL);
    if (!text)
        return;
    environment_write_enabled(w, now, JFR_TYPE_THREAD_DUMP, NULL);
    jfr_write_thread_dump(w, &(struct jfr_thread_dump){.startTime = (int64_t)now, .result = text});
    free(text);
}

void periodic_tick(struct periodic *p, struct jfr_writer *w, uint64_t now_ns)
{
    uint64_t cpu = own_cpu_ns();
    write_pauses(p, w);
    write_thread_dump(p, w, now_ns);
    for (size_t i = 0; i < COUNT_OF(k_rows); i++) {
        uint64_t period = k_rows[i].period_ns;
        if (!period || now_ns < p->due_ns[i])
            continue;
        write_row(p, i, w, now_ns);
        p->due_ns[i] += (now_ns - p->due_ns[i]) / period * period + period; /* none twice */
    }
    p->cpu_ns += own_cpu_ns() - cpu;
}

void periodic_end(struct periodic *p, struct jfr_writer *w, uint64_t now_ns)
{
    uint64_t cpu = own_cpu_ns();
    if (!p->is_open)
        return;
    write_pauses(p, w);
    write_thread_dump(p, w, now_ns);
    for (size_t i = 0; i < COUNT_OF(k_rows); i++)
        if (k_rows[i].when & AT_END)
            write_row(p, i, w, now_ns);
    p->cpu_ns += own_cpu_ns() - cpu;
}

uint64_t periodic_next_due_ns(const struct periodic *p)
{
    uint64_t next = UINT64_MAX;
    for (size_t i = 0; i < COUNT_OF(k_rows); i++)
        if (k_rows[i].period_ns && p->due_ns[i] < next)
            next = p->due_ns[i];
    return p->is_open ? next : 0;
}

uint64_t periodic_cpu_ns(const struct periodic *p)
{
    return p->cpu_ns;
}

void periodic_post_thread_dump(struct periodic *p, char *text)
{
    free(exchange_acq_rel(&p->thread_dump, text));
}
