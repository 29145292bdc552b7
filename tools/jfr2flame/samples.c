/* samples.c — one pass over a chunk's events, counting equal stacks. */
#include "jfr2flame/samples.h"

#include <errno.h>
#include <stdlib.h>

#include "jfr2flame/map.h"

enum { FIELD_STACK, FIELD_THREAD, FIELDS };

static const struct {
    const char *type;
    const char *fields[FIELDS];
} sources[SAMPLE_SOURCES] = {
    [SAMPLE_EXECUTION] = {"jdk.ExecutionSample", {"stackTrace", "sampledThread"}},
    [SAMPLE_NATIVE] = {"jdk.NativeMethodSample", {"stackTrace", "sampledThread"}},
    [SAMPLE_CPU_TIME] = {"jdk.CPUTimeSample", {"stackTrace", "eventThread"}},
};

const char *sample_source_name(enum sample_source source)
{
    return sources[source].type;
}

static int sources_select(struct jfr_chunk *chunk, bool with_threads)
{
    int n_fields = with_threads ? FIELDS : FIELD_THREAD;
    for (int i = 0; i < SAMPLE_SOURCES; i++)
        if (jfr_chunk_select(chunk, sources[i].type, sources[i].fields, n_fields, i) == -ENOMEM)
            return -ENOMEM;
    return 0;
}

struct reading {
    struct samples *out;
    const struct jfr_pool *stacks, *threads;
    struct map seen; /* ordinals of stack and thread -> index in out->all */
};

static int sample_count(struct reading *r, uint64_t stack_id, uint64_t thread_id)
{
    bool is_new;
    uint32_t stack = jfr_pool_find(r->stacks, stack_id);
    uint32_t thread = jfr_pool_find(r->threads, thread_id);
    struct samples *out = r->out;
    if (out->n >= UINT32_MAX)
        return -ENOMEM;
    uint32_t *index = map_put(&r->seen, (uint64_t)stack << 32 | thread, (uint32_t)out->n, &is_new);
    if (!index)
        return -ENOMEM;
    if (is_new && out->n == out->cap) {
        size_t cap = out->cap ? out->cap * 2 : 1024;
        struct sample *bigger = realloc(out->all, cap * sizeof *bigger);
        if (!bigger)
            return -ENOMEM;
        out->all = bigger;
        out->cap = cap;
    }
    if (is_new)
        out->all[out->n++] = (struct sample){
            .stack_id = stack == JFR_NO_ORDINAL ? 0 : stack_id,
            .thread_id = thread == JFR_NO_ORDINAL ? 0 : thread_id,
        };
    out->all[*index].value++;
    return 0;
}

int samples_read(struct jfr_chunk *chunk, bool with_threads, struct samples *samples)
{
    struct jfr_events it;
    struct jfr_event event;
    struct reading r = {
        .out = samples,
        .stacks = jfr_chunk_pool(chunk, "jdk.types.StackTrace"),
        .threads = with_threads ? jfr_chunk_pool(chunk, "java.lang.Thread") : NULL,
    };
    *samples = (struct samples){0};
    int rc = sources_select(chunk, with_threads);
    jfr_events_init(&it, chunk);
    while (rc == 0 && jfr_events_next(&it, &event)) {
        if (event.tag >= SAMPLE_SOURCES) /* selected by others */
            continue;
        samples->count[event.tag]++;
        rc = sample_count(&r, event.values[FIELD_STACK].u, event.values[FIELD_THREAD].u);
    }
    samples->n_bad = it.n_bad;
    samples->damage_at = it.error ? it.error_at : 0;
    map_fini(&r.seen);
    return rc;
}

void samples_fini(struct samples *samples)
{
    free(samples->all);
    *samples = (struct samples){0};
}
