/* read_all.c — see read_all.h. */
#include "support/read_all.h"

#include <string.h>

#include "jfr/read.h"

static void text_count(struct read_all *r, struct jfr_str s)
{
    char buf[64];
    r->text_bytes += jfr_str_to_utf8(&s, buf, sizeof buf);
}

/* Ask for each event type's first fields, by name. */
static void select_all(struct jfr_chunk *chunk)
{
    for (size_t i = 0; i < jfr_chunk_type_count(chunk); i++) {
        const struct jfr_type *type = jfr_chunk_type_at(chunk, i);
        const char *fields[JFR_READ_FIELDS_MAX];
        int n = 0;
        for (uint32_t k = 0; k < type->n_fields && n < JFR_READ_FIELDS_MAX; k++)
            fields[n++] = type->fields[k].name;
        if (type->is_event)
            jfr_chunk_select(chunk, type->name, fields, n, (int)i);
    }
}

static void read_events(struct read_all *r, const struct jfr_chunk *chunk)
{
    struct jfr_events it;
    struct jfr_event event;
    jfr_events_init(&it, chunk);
    it.all = true;
    while (jfr_events_next(&it, &event)) {
        r->selected += event.tag >= 0;
        for (int k = 0; k < JFR_READ_FIELDS_MAX && event.tag >= 0; k++)
            text_count(r, event.values[k].str);
    }
    r->events += it.n_events;
    r->damaged += it.error != NULL;
}

static void read_stacks(struct read_all *r, const struct jfr_chunk *chunk)
{
    const struct jfr_pool *pool = jfr_chunk_pool(chunk, "jdk.types.StackTrace");
    struct jfr_stack stack = {0};
    for (uint32_t i = 0; i < jfr_pool_count(pool); i++) {
        r->stacks += jfr_stack_read(chunk, jfr_pool_id(pool, i), &stack) == 0;
        r->frames += stack.n_frames;
    }
    jfr_stack_fini(&stack);
}

static void read_constants(struct read_all *r, const struct jfr_chunk *chunk)
{
    const struct jfr_pool *methods = jfr_chunk_pool(chunk, "jdk.types.Method");
    const struct jfr_pool *threads = jfr_chunk_pool(chunk, "java.lang.Thread");
    for (uint32_t i = 0; i < jfr_pool_count(methods); i++) {
        struct jfr_method m;
        r->methods += jfr_method_read(chunk, jfr_pool_id(methods, i), &m) == 0;
        text_count(r, m.class_name);
        text_count(r, m.name);
        text_count(r, m.descriptor);
    }
    for (uint32_t i = 0; i < jfr_pool_count(threads); i++) {
        struct jfr_thread t;
        r->threads += jfr_thread_read(chunk, jfr_pool_id(threads, i), &t) == 0;
        text_count(r, t.os_name);
        text_count(r, t.java_name);
    }
}

/* The text of every constant of every type. */
static void read_texts(struct read_all *r, const struct jfr_chunk *chunk)
{
    for (size_t i = 0; i < jfr_chunk_type_count(chunk); i++) {
        const struct jfr_type *type = jfr_chunk_type_at(chunk, i);
        const struct jfr_pool *pool = jfr_chunk_pool(chunk, type->name);
        for (uint32_t k = 0; k < jfr_pool_count(pool); k++)
            text_count(r, jfr_text_read(chunk, type, jfr_pool_id(pool, k)));
    }
}

struct read_all read_all(const uint8_t *bytes, size_t len_bytes)
{
    struct read_all r = {0};
    struct jfr_file *file;
    struct jfr_chunk_header header;
    int rc;
    if (jfr_file_wrap(&file, bytes, len_bytes, NULL) != 0)
        return r;
    while ((rc = jfr_file_next(file, &header, NULL)) != 0) {
        struct jfr_chunk *chunk;
        if (rc < 0 || jfr_chunk_open(&chunk, file, &header, NULL) != 0) {
            r.damaged++;
            continue;
        }
        r.chunks++;
        r.damaged += jfr_chunk_damage(chunk) != NULL;
        select_all(chunk);
        read_events(&r, chunk);
        read_stacks(&r, chunk);
        read_constants(&r, chunk);
        read_texts(&r, chunk);
        jfr_chunk_close(chunk);
    }
    jfr_file_close(file);
    return r;
}
