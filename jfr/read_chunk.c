/* read_chunk.c — opening a chunk: map it, then the stages metadata, layouts, pools, known types. */
#include "jfr/read_internal.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "jfr/read_file.h"

void jfr_chunk_note(struct jfr_chunk *chunk, const char *fmt, ...)
{
    if (chunk->n_damages++ > 0)
        return;
    va_list args;
    va_start(args, fmt);
    vsnprintf(chunk->damage, sizeof chunk->damage, fmt, args);
    va_end(args);
}

static void damage_finish(struct jfr_chunk *c)
{
    size_t n = strlen(c->damage);
    if (c->n_damages > 1)
        snprintf(c->damage + n, sizeof c->damage - n, " (and %u more)", c->n_damages - 1);
}

bool jfr_event_frame(const struct jfr_chunk *chunk, uint64_t offset, struct jfr_frame_of_event *ev)
{
    *ev = (struct jfr_frame_of_event){0};
    if (offset >= chunk->n)
        return false;
    jfr_in_init(&ev->in, chunk->bytes + offset, chunk->n - offset);
    uint64_t size = jfr_fast_leb(&ev->in);
    uint64_t type_id = jfr_fast_leb(&ev->in);
    if (!jfr_in_ok(&ev->in) || size < jfr_in_at(&ev->in) || size > chunk->n - offset)
        return false;
    ev->size = size;
    ev->type_id = type_id;
    ev->in.end = ev->in.begin + size;
    return true;
}

static int chunk_load(struct jfr_chunk *c, struct jfr_err *err)
{
    int rc = jfr_metadata_load(c, err);
    if (rc)
        return rc;
    if (jfr_layout_compile_all(c) || jfr_pool_load_all(c) || jfr_known_load(c))
        return jfr_err_set(err, -ENOMEM, "out of memory");
    damage_finish(c);
    return 0;
}

int jfr_chunk_open(struct jfr_chunk **out, const struct jfr_file *file,
                   const struct jfr_chunk_header *header, struct jfr_err *err)
{
    struct jfr_mapping m;
    if (header->available < JFR_HEADER_LEN || header->file_offset > file->size ||
        header->available > file->size - header->file_offset)
        return jfr_err_set(err, -EINVAL, "not a chunk of this file");
    struct jfr_chunk *c = calloc(1, sizeof *c);
    int rc = c ? jfr_file_map(file, header->file_offset, header->available, &m) : -ENOMEM;
    if (rc) {
        free(c);
        return jfr_err_set(err, rc, "can't map the chunk: %s", strerror(-rc));
    }
    c->head = *header;
    c->bytes = m.bytes;
    c->n = header->available;
    c->map = m.map;
    c->map_len = m.map_len;
    rc = chunk_load(c, err);
    if (rc) {
        jfr_chunk_close(c);
        return rc;
    }
    *out = c;
    return 0;
}

void jfr_chunk_close(struct jfr_chunk *chunk)
{
    if (!chunk)
        return;
    for (uint32_t i = 0; i < chunk->n_pools; i++)
        free(chunk->pools[i].entries);
    free(chunk->pools);
    jfr_arena_fini(&chunk->arena);
    if (chunk->map)
        munmap(chunk->map, chunk->map_len);
    free(chunk);
}

const struct jfr_chunk_header *jfr_chunk_head(const struct jfr_chunk *chunk)
{
    return &chunk->head;
}

const char *jfr_chunk_damage(const struct jfr_chunk *chunk)
{
    return chunk->n_damages > 0 ? chunk->damage : NULL;
}

int64_t jfr_chunk_time_ns(const struct jfr_chunk *chunk, int64_t ticks)
{
    const struct jfr_chunk_header *h = &chunk->head;
    __int128 passed = (__int128)ticks - h->start_ticks;
    __int128 ns = passed * 1000000000 / (__int128)h->ticks_per_sec + h->start_ns;
    return (int64_t)ns;
}

size_t jfr_chunk_type_count(const struct jfr_chunk *chunk)
{
    return chunk->n_types;
}

const struct jfr_type *jfr_chunk_type_at(const struct jfr_chunk *chunk, size_t i)
{
    return i < chunk->n_types ? &chunk->types[i] : NULL;
}

const struct jfr_type *jfr_chunk_type(const struct jfr_chunk *chunk, uint64_t id)
{
    if (id < chunk->n_type_index)
        return chunk->type_index[id] ? &chunk->types[chunk->type_index[id] - 1] : NULL;
    size_t low = 0, high = chunk->n_types;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (chunk->types[mid].id < id)
            low = mid + 1;
        else
            high = mid;
    }
    return low < chunk->n_types && chunk->types[low].id == id ? &chunk->types[low] : NULL;
}

const struct jfr_type *jfr_chunk_type_named(const struct jfr_chunk *chunk, const char *name)
{
    for (uint32_t i = 0; i < chunk->n_types; i++)
        if (!strcmp(chunk->types[i].name, name))
            return &chunk->types[i];
    return NULL;
}
