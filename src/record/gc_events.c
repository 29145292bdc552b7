/* gc_events.c — pauses for garbage collection to events. Recorder thread. */
#include "record/gc_events.h"

#include <string.h>

uint32_t gc_events_cause(const char *text)
{
    size_t n;
    const struct jfr_schema_constant *c = jfr_schema_constants(&n);
    for (size_t i = 0; i < n; i++)
        if (c[i].type == JFR_TYPE_GC_CAUSE && strcmp(c[i].text, text) == 0)
            return c[i].id;
    return JFR_GC_CAUSE_UNKNOWN;
}

static void write_collection(struct jfr_writer *w, const struct gc_pause *p, int32_t id,
                             uint32_t name)
{
    int64_t duration = (int64_t)(p->end_ns - p->start_ns);
    jfr_write_garbage_collection(
        w, &(struct jfr_garbage_collection){.startTime = (int64_t)p->start_ns,
                                            .duration = duration,
                                            .gcId = id,
                                            .name = name,
                                            .cause = gc_events_cause(p->cause),
                                            .sumOfPauses = duration,
                                            .longestPause = duration});
    if (p->collectors == GC_RAN_YOUNG)
        jfr_write_young_garbage_collection(
            w, &(struct jfr_young_garbage_collection){.startTime = (int64_t)p->start_ns,
                                                      .duration = duration,
                                                      .gcId = id,
                                                      .tenuringThreshold =
                                                          (int32_t)p->tenuring_threshold});
    else if (p->collectors)
        jfr_write_old_garbage_collection(
            w, &(struct jfr_old_garbage_collection){
                   .startTime = (int64_t)p->start_ns, .duration = duration, .gcId = id});
}

static void write_heap(const struct gc_events *g, struct jfr_writer *w, int32_t id, uint64_t ticks,
                       uint32_t when, uint64_t used, uint64_t committed)
{
    if (committed > g->reserved_bytes) /* G1 before JDK 21 counts a few bytes too many */
        committed = g->reserved_bytes ? g->reserved_bytes : committed;
    jfr_write_gc_heap_summary(
        w, &(struct jfr_gc_heap_summary){
               .startTime = (int64_t)ticks,
               .gcId = id,
               .when = when,
               .heapSpace = {.start = (int64_t)g->reserved_start,
                             .committedEnd = (int64_t)(g->reserved_start + committed),
                             .committedSize = (int64_t)committed,
                             .reservedEnd = (int64_t)(g->reserved_start + g->reserved_bytes),
                             .reservedSize = (int64_t)g->reserved_bytes},
               .heapUsed = (int64_t)used});
}

static int64_t difference(uint64_t a, uint64_t b)
{
    return a > b ? (int64_t)(a - b) : 0;
}

static void write_metaspace(struct jfr_writer *w, const struct gc_pause *p, int32_t id)
{
    jfr_write_metaspace_summary(
        w,
        &(struct jfr_metaspace_summary){
            .startTime = (int64_t)p->end_ns,
            .gcId = id,
            .when = JFR_GC_WHEN_AFTER,
            .metaspace = {.committed = (int64_t)p->metaspace.committed,
                          .used = (int64_t)p->metaspace.used,
                          .reserved = (int64_t)p->metaspace.reserved},
            .dataSpace = {.committed = difference(p->metaspace.committed, p->class_space.committed),
                          .used = difference(p->metaspace.used, p->class_space.used),
                          .reserved = difference(p->metaspace.reserved, p->class_space.reserved)},
            .classSpace = {.committed = (int64_t)p->class_space.committed,
                           .used = (int64_t)p->class_space.used,
                           .reserved = (int64_t)p->class_space.reserved}});
}

/* --- within a pause --------------------------------------------------------------------------- */

/* What a collector itself took of the pause, as HotSpot has measured it. */
static void write_phase(struct gc_events *g, struct jfr_writer *w, const struct gc_pause *p, int i,
                        int32_t id, uint32_t thread)
{
    int64_t entry = p->collector[i].entry, exit = p->collector[i].exit;
    if (entry <= 0 || exit < entry || exit - entry > (int64_t)(p->end_ns - p->start_ns))
        return;
    int64_t offset = (int64_t)p->end_ns - exit;
    if (!g->clock_offset_ns || offset < g->clock_offset_ns)
        g->clock_offset_ns = offset;
    int64_t start = entry + g->clock_offset_ns;
    if (start < (int64_t)p->start_ns)
        start = (int64_t)p->start_ns;
    jfr_write_gc_phase_pause_level1(
        w, &(struct jfr_gc_phase_pause_level1){.startTime = start,
                                               .duration = exit - entry,
                                               .eventThread = thread,
                                               .gcId = id,
                                               .name = g->collector_names[i]});
}

static void write_operation(const struct gc_events *g, struct jfr_writer *w,
                            const struct gc_pause *p, uint32_t thread)
{
    uint32_t operation = gc_config_operation(g->config, p->collectors, p->cause);
    if (operation)
        jfr_write_execute_vm_operation(
            w, &(struct jfr_execute_vm_operation){.startTime = (int64_t)p->start_ns,
                                                  .duration = (int64_t)(p->end_ns - p->start_ns),
                                                  .eventThread = thread,
                                                  .operation = operation,
                                                  .safepoint = true,
                                                  .blocking = true});
}

static void write_cpu_time(const struct gc_events *g, struct jfr_writer *w,
                           const struct gc_pause *p, int32_t id)
{
    if (gc_config_heap(g->config) != HEAP_COUNTERS) /* the collectors that the JDK has it for */
        jfr_write_gc_cpu_time(
            w, &(struct jfr_gc_cpu_time){.startTime = (int64_t)p->end_ns,
                                         .gcId = id,
                                         .userTime = (int64_t)p->user_ns,
                                         .systemTime = (int64_t)p->system_ns,
                                         .realTime = (int64_t)(p->end_ns - p->start_ns)});
}

uint64_t gc_events_paused_ns(const struct gc_events *g, uint64_t from_ns, uint64_t to_ns)
{
    uint64_t sum = 0;
    for (int i = 0; i < GC_RECENT; i++) {
        uint64_t start = g->recent[i].start_ns > from_ns ? g->recent[i].start_ns : from_ns;
        uint64_t end = g->recent[i].end_ns < to_ns ? g->recent[i].end_ns : to_ns;
        sum += end > start ? end - start : 0;
    }
    return sum;
}

/* G1's promise: at most so much pause in any slice of time. */
static void write_mmu(struct gc_events *g, struct jfr_writer *w, const struct gc_pause *p,
                      int32_t id)
{
    const struct gc_config *c = g->config;
    uint64_t slice_ns = (uint64_t)c->GCPauseIntervalMillis * 1000000u;
    g->recent[id % GC_RECENT].start_ns = p->start_ns;
    g->recent[id % GC_RECENT].end_ns = p->end_ns;
    if (!c->UseG1GC || c->GCPauseIntervalMillis <= 0)
        return;
    uint64_t from_ns = p->end_ns > slice_ns ? p->end_ns - slice_ns : 0;
    jfr_write_g1_mmu(w,
                     &(struct jfr_g1_mmu){
                         .startTime = (int64_t)p->end_ns,
                         .gcId = id,
                         .timeSlice = c->GCPauseIntervalMillis,
                         .gcTime = (int64_t)(gc_events_paused_ns(g, from_ns, p->end_ns) / 1000000),
                         .pauseTarget = c->MaxGCPauseMillis});
}

/* --- all of it -------------------------------------------------------------------------------- */

void gc_events_write(struct gc_events *g, struct jfr_writer *w, const struct gc_pause *p,
                     uint32_t thread)
{
    int32_t id = g->next_id++;
    write_heap(g, w, id, p->start_ns, JFR_GC_WHEN_BEFORE, p->used_before, p->committed_before);
    write_collection(w, p, id, gc_config_collection(g->config, p->collectors));
    jfr_write_gc_phase_pause(
        w, &(struct jfr_gc_phase_pause){.startTime = (int64_t)p->start_ns,
                                        .duration = (int64_t)(p->end_ns - p->start_ns),
                                        .eventThread = thread,
                                        .gcId = id,
                                        .name = "GC Pause"});
    for (int i = 0; i < GC_COLLECTORS; i++)
        if (p->collectors & 1u << i)
            write_phase(g, w, p, i, id, thread);
    write_operation(g, w, p, thread);
    write_cpu_time(g, w, p, id);
    write_mmu(g, w, p, id);
    write_heap(g, w, id, p->end_ns, JFR_GC_WHEN_AFTER, p->used_after, p->committed_after);
    if (p->metaspace.used)
        write_metaspace(w, p, id);
}
