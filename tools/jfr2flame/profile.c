/* profile.c — the loop over chunks, and from samples to the tree. */
#include "jfr2flame/profile.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int profile_init(struct profile *profile, struct profile_options options)
{
    *profile = (struct profile){.options = options, .names = names_new()};
    uint32_t root = profile->names ? names_put(profile->names, "all", 3) : NAME_NONE;
    profile->tree = root == NAME_NONE ? NULL : tree_new(root);
    return profile->tree ? 0 : -ENOMEM;
}

void profile_fini(struct profile *profile)
{
    tree_free(profile->tree);
    names_free(profile->names);
}

__attribute__((format(printf, 2, 3))) static void warn(const struct profile *p, const char *fmt,
                                                       ...)
{
    char line[512];
    va_list args;
    if (!p->warn)
        return;
    va_start(args, fmt);
    vsnprintf(line, sizeof line, fmt, args);
    va_end(args);
    p->warn(p->warn_context, line);
}

/* --- samples to the tree
 * ---------------------------------------------------------------------------- */

struct adder {
    struct profile *profile;
    struct jfr_chunk *chunk;
    struct frames frames;
    struct jfr_stack stack;
    struct tree_frame *path; /* innermost first */
    size_t n, cap;
};

static bool path_push(struct adder *a, uint32_t name, enum jfr_frame_kind kind)
{
    if (name == NAME_NONE)
        return false;
    if (a->n == a->cap) {
        size_t cap = a->cap ? a->cap * 2 : 256;
        struct tree_frame *bigger = realloc(a->path, cap * sizeof *bigger);
        if (!bigger)
            return false;
        a->path = bigger;
        a->cap = cap;
    }
    a->path[a->n++] = (struct tree_frame){.name = name, .kind = kind};
    return true;
}

static bool path_push_mark(struct adder *a, const char *text)
{
    return path_push(a, names_put(a->profile->names, text, strlen(text)), JFR_FRAME_UNKNOWN);
}

static int profile_add_sample(struct adder *a, const struct sample *s)
{
    struct profile *p = a->profile;
    bool ok = true;
    a->n = 0;
    int rc = jfr_stack_read(a->chunk, s->stack_id, &a->stack);
    if (rc == -ENOMEM)
        return rc;
    if (a->stack.n_frames == 0) {
        p->n_without_stack += s->value;
        ok = path_push_mark(a, "[no stack]");
    }
    for (uint32_t i = 0; i < a->stack.n_frames && ok; i++)
        ok = path_push(a, frames_name(&a->frames, &a->stack.frames[i]), a->stack.frames[i].kind);
    if (ok && a->stack.truncated) {
        p->n_truncated += s->value;
        ok = path_push_mark(a, "[truncated]");
    }
    if (ok && p->options.with_threads)
        ok = path_push(a, frames_thread_name(&a->frames, s->thread_id), JFR_FRAME_UNKNOWN);
    return ok ? tree_add(p->tree, a->path, a->n, s->value) : -ENOMEM;
}

static int chunk_add_samples(struct profile *p, struct jfr_chunk *chunk)
{
    struct samples samples;
    struct adder a = {.profile = p, .chunk = chunk};
    frames_init(&a.frames, chunk, p->names, p->options.style);
    int rc = samples_read(chunk, p->options.with_threads, &samples);
    for (size_t i = 0; i < samples.n && rc == 0; i++)
        rc = profile_add_sample(&a, &samples.all[i]);
    for (int i = 0; i < SAMPLE_SOURCES; i++)
        p->count[i] += samples.count[i];
    p->n_bad += samples.n_bad;
    if (samples.damage_at)
        warn(p, "damaged at byte %" PRIu64 ": the events behind it are lost",
             jfr_chunk_head(chunk)->file_offset + samples.damage_at);
    samples_fini(&samples);
    frames_fini(&a.frames);
    jfr_stack_fini(&a.stack);
    free(a.path);
    return rc;
}

/* --- what the page says about the recording
 * ------------------------------------------------------------ */

enum { JVM_NAME, JVM_VERSION, JVM_ARGUMENTS, JVM_FIELDS };

/* "OpenJDK 64-Bit Server VM (17.0.9+9) for linux-amd64 ..." -> what is between the first
 * parentheses. */
static void version_shorten(char *version)
{
    char *open = strchr(version, '('), *close = open ? strchr(open, ')') : NULL;
    if (!close)
        return;
    *close = 0;
    memmove(version, open + 1, strlen(open + 1) + 1);
}

static void chunk_read_jvm(struct profile *p, struct jfr_chunk *chunk)
{
    static const char *const fields[] = {"jvmName", "jvmVersion", "javaArguments"};
    struct jfr_events it;
    struct jfr_event event;
    char name[96], version[96];
    int tag = SAMPLE_SOURCES;
    if (p->jvm[0] || jfr_chunk_select(chunk, "jdk.JVMInformation", fields, JVM_FIELDS, tag) != 0)
        return;
    jfr_events_init(&it, chunk);
    if (!jfr_events_next(&it, &event))
        return;
    jfr_str_to_utf8(&event.values[JVM_NAME].str, name, sizeof name);
    jfr_str_to_utf8(&event.values[JVM_VERSION].str, version, sizeof version);
    jfr_str_to_utf8(&event.values[JVM_ARGUMENTS].str, p->command, sizeof p->command);
    version_shorten(version);
    snprintf(p->jvm, sizeof p->jvm, "%s %s", name, version);
}

static void chunk_add_time(struct profile *p, const struct jfr_chunk_header *h)
{
    int64_t end_ns;
    if (h->duration_ns < 0 || __builtin_add_overflow(h->start_ns, h->duration_ns, &end_ns))
        end_ns = h->start_ns;
    if (p->n_chunks == 0 || h->start_ns < p->start_ns)
        p->start_ns = h->start_ns;
    if (p->n_chunks == 0 || end_ns > p->end_ns)
        p->end_ns = end_ns;
    p->n_chunks++;
}

/* --- files
 * ------------------------------------------------------------------------------------------- */

static int chunk_add(struct profile *p, const struct jfr_file *file,
                     const struct jfr_chunk_header *h, struct jfr_err *err)
{
    struct jfr_chunk *chunk;
    int rc = jfr_chunk_open(&chunk, file, h, err);
    if (rc)
        return rc;
    if (h->size > h->available)
        warn(p, "cut short: %" PRIu64 " of %" PRIu64 " bytes of the chunk at byte %" PRIu64,
             h->available, h->size, h->file_offset);
    else if (h->size == 0)
        warn(p, "the chunk at byte %" PRIu64 " was never finished", h->file_offset);
    if (jfr_chunk_damage(chunk))
        warn(p, "damaged chunk at byte %" PRIu64 ": %s", h->file_offset, jfr_chunk_damage(chunk));
    chunk_add_time(p, h);
    chunk_read_jvm(p, chunk);
    rc = chunk_add_samples(p, chunk);
    jfr_chunk_close(chunk);
    return rc == -ENOMEM ? jfr_err_set(err, rc, "out of memory") : rc;
}

int profile_add_file(struct profile *profile, struct jfr_file *file, struct jfr_err *err)
{
    struct jfr_chunk_header h;
    struct jfr_err first = {0};
    unsigned n_before = profile->n_chunks;
    int rc, first_rc = 0;
    while ((rc = jfr_file_next(file, &h, err)) != 0) {
        if (rc > 0)
            rc = chunk_add(profile, file, &h, err);
        if (rc == -ENOMEM)
            return rc;
        if (rc < 0 && first_rc)
            warn(profile, "%s", err->text);
        if (rc < 0 && !first_rc) { /* the verdict if nothing else can be read */
            first = *err;
            first_rc = rc;
        }
    }
    if (profile->n_chunks == n_before)
        return jfr_err_set(err, first_rc ? first_rc : -EBADMSG, "%s", first.text);
    if (first_rc)
        warn(profile, "%s", first.text);
    return 0;
}

/* --- counting
 * ------------------------------------------------------------------------------------------ */

static int count_order(const void *a, const void *b)
{
    const struct event_count *x = a, *y = b;
    if (x->n != y->n)
        return x->n > y->n ? -1 : 1;
    return strcmp(x->name, y->name);
}

/* All types of a file, by the ids of their names. */
struct counting {
    struct names *names;
    struct event_count *all;
    size_t n, cap;
};

static void count_add(struct counting *c, const char *type_name)
{
    uint32_t id = c->names ? names_put(c->names, type_name, strlen(type_name)) : NAME_NONE;
    if (id == NAME_NONE)
        return;
    if (id >= c->cap) {
        size_t cap = c->cap ? c->cap * 2 : 256;
        struct event_count *bigger = realloc(c->all, cap * sizeof *bigger);
        if (!bigger)
            return;
        c->all = bigger;
        c->cap = cap;
    }
    if (id == c->n) {
        c->all[c->n].n = 0;
        snprintf(c->all[c->n++].name, sizeof c->all->name, "%s", names_text(c->names, id));
    }
    if (id < c->n)
        c->all[id].n++;
}

static uint64_t chunk_count_events(struct counting *c, const struct jfr_chunk *chunk)
{
    struct jfr_event event;
    struct jfr_events it;
    jfr_events_init(&it, chunk);
    it.all = true;
    while (jfr_events_next(&it, &event))
        count_add(c, event.type ? event.type->name : "[undeclared type]");
    return it.n_events;
}

size_t profile_count_events(struct jfr_file *file, struct event_count counts[], size_t max,
                            uint64_t *n_events)
{
    struct jfr_chunk_header h;
    struct jfr_chunk *chunk;
    struct counting c = {.names = names_new()};
    int rc;
    *n_events = 0;
    while ((rc = jfr_file_next(file, &h, NULL)) != 0)
        if (rc > 0 && jfr_chunk_open(&chunk, file, &h, NULL) == 0) {
            *n_events += chunk_count_events(&c, chunk);
            jfr_chunk_close(chunk);
        }
    if (c.n > 0)
        qsort(c.all, c.n, sizeof *c.all, count_order);
    for (size_t i = 0; i < c.n && i < max; i++)
        counts[i] = c.all[i];
    free(c.all);
    names_free(c.names);
    return c.n;
}
