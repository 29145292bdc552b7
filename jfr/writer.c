/* writer.c — the interface of writer.h. Above the chunk and the pools (write_internal.h), below the
 * agent's recorder. One thread, not a signal handler.
 *
 * Way of the bytes: events -> stage -> hidden part of the chunk; constants -> pools; a flush puts
 * the checkpoint of the pools behind the events and commits the chunk. */
#include "jfr/writer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "jfr/write_internal.h"

enum {
    STAGE_CAP = 64 << 10,  /* grows when a single event needs more */
    ROOM_MIN = 256,        /* first guess for the length of an event or constant */
    BODY_CAP = 256 << 10,  /* metadata and first checkpoint, see write_metadata.c */
    HIDDEN_MAX = 64 << 20, /* a flush is forced well before a padding's size overflows */
    NANOS_PER_SEC = 1000000000,
};

struct jfr_writer {
    struct jfr_sink *sink; /* owned */
    struct jfr_chunk_out chunk;
    struct jfr_pools pools;
    uint8_t *stage; /* owned: events taken, not yet given to the chunk */
    size_t stage_len;
    size_t stage_cap;
    uint64_t now_ticks;   /* the latest that a caller told us */
    struct jfr_err error; /* code != 0: refuse everything */
    uint64_t bytes_lost;
    uint64_t n_flushes;
    uint64_t n_constants;
};

/* --- time ------------------------------------------------------------------------------------- */

static void advance(struct jfr_writer *w, uint64_t now_ticks)
{
    if (now_ticks > w->now_ticks)
        w->now_ticks = now_ticks;
}

static uint64_t duration_ns(const struct jfr_writer *w)
{
    uint64_t ticks = w->now_ticks - w->chunk.clock.start_ticks;
    uint64_t per_sec = w->chunk.clock.ticks_per_sec;
    return ticks / per_sec * NANOS_PER_SEC +
           (uint64_t)((double)(ticks % per_sec) * NANOS_PER_SEC / (double)per_sec);
}

/* --- failure ---------------------------------------------------------------------------------- */

static uint64_t pending(const struct jfr_writer *w)
{
    return w->chunk.hidden_len + w->stage_len + w->pools.len;
}

/* The sink has failed: what was not published is lost, the rest is put in order. Returns rc. */
static int fail(struct jfr_writer *w, int rc)
{
    w->bytes_lost += pending(w);
    w->stage_len = 0;
    jfr_pools_clear(&w->pools);
    int restored = jfr_chunk_restore(&w->chunk);
    return jfr_err_set(&w->error, rc, "can't write the recording: %s%s%s", strerror(-rc),
                       restored ? "; nor cut it back to its last flush: " : "",
                       restored ? strerror(-restored) : "");
}

static int refuse(struct jfr_writer *w, size_t n_bytes)
{
    w->bytes_lost += n_bytes;
    return w->error.code;
}

/* --- events ----------------------------------------------------------------------------------- */

static int spill(struct jfr_writer *w)
{
    int rc = w->stage_len > 0 ? jfr_chunk_write(&w->chunk, w->stage, w->stage_len) : 0;
    if (rc != 0)
        return fail(w, rc);
    w->stage_len = 0;
    return 0;
}

/* Copy bytes behind the staged ones; the stage is written out as it fills up. */
static int stage_put(struct jfr_writer *w, const void *bytes, size_t n)
{
    if (n > w->stage_cap - w->stage_len) {
        int rc = spill(w);
        if (rc != 0)
            return rc;
    }
    if (n > w->stage_cap) {
        int rc = jfr_chunk_write(&w->chunk, bytes, n);
        return rc == 0 ? 0 : fail(w, rc);
    }
    memcpy(w->stage + w->stage_len, bytes, n);
    w->stage_len += n;
    return 0;
}

/* One event that isn't one would make everything behind it unreadable. */
static bool are_events(const uint8_t *bytes, size_t n)
{
    while (n > 0) {
        struct jfr_in in;
        jfr_in_init(&in, bytes, n);
        uint64_t size = jfr_in_leb(&in);
        uint64_t type = jfr_in_leb(&in);
        if (!jfr_in_ok(&in) || size > n || size < jfr_in_at(&in) || type <= JFR_EVENT_CHECKPOINT)
            return false;
        bytes += size;
        n -= size;
    }
    return true;
}

static int flush_if_long(struct jfr_writer *w)
{
    bool is_long = w->chunk.hidden_len > HIDDEN_MAX || w->pools.len > JFR_WRITER_CONSTANTS_MAX;
    return is_long ? jfr_writer_flush(w, w->now_ticks) : 0;
}

int jfr_writer_append(struct jfr_writer *w, const void *events, size_t n_bytes)
{
    if (w->error.code)
        return refuse(w, n_bytes);
    if (!are_events(events, n_bytes)) {
        w->bytes_lost += n_bytes;
        return -EINVAL;
    }
    int rc = stage_put(w, events, n_bytes);
    if (rc != 0) {
        w->bytes_lost += n_bytes;
        return rc;
    }
    return flush_if_long(w);
}

int jfr_writer_reserve(struct jfr_writer *w, struct jfr_out *out, size_t n_bytes)
{
    jfr_out_init(out, NULL, 0);
    if (w->error.code)
        return w->error.code;
    if (n_bytes > JFR_WRITER_EVENT_MAX)
        return -E2BIG;
    if (n_bytes > w->stage_cap - w->stage_len) {
        int rc = spill(w);
        if (rc != 0)
            return rc;
    }
    if (n_bytes > w->stage_cap) {
        uint8_t *stage = realloc(w->stage, n_bytes);
        if (!stage)
            return -ENOMEM;
        w->stage = stage;
        w->stage_cap = n_bytes;
    }
    jfr_out_init(out, w->stage + w->stage_len, w->stage_cap - w->stage_len);
    return 0;
}

int jfr_writer_commit(struct jfr_writer *w, const struct jfr_out *out)
{
    if (w->error.code)
        return refuse(w, jfr_out_len(out));
    if (out->begin != w->stage + w->stage_len || !jfr_out_ok(out) ||
        !are_events(out->begin, jfr_out_len(out)))
        return -EINVAL;
    w->stage_len += jfr_out_len(out);
    return flush_if_long(w);
}

/* The next guess after `room` bytes were too few; 0 when they were the most there may be. */
static size_t more_room(size_t room, size_t max)
{
    return room == max ? 0 : room * 4 < max ? room * 4 : max;
}

typedef bool (*encode_event)(struct jfr_out *out, const void *event);

static int write_event(struct jfr_writer *w, encode_event encode, const void *event)
{
    for (size_t room = ROOM_MIN; room > 0; room = more_room(room, JFR_WRITER_EVENT_MAX)) {
        struct jfr_out out;
        int rc = jfr_writer_reserve(w, &out, room);
        if (rc != 0)
            return rc;
        if (encode(&out, event))
            return jfr_writer_commit(w, &out);
    }
    return -E2BIG;
}

/* --- constants -------------------------------------------------------------------------------- */

typedef bool (*encode_constant)(struct jfr_out *out, uint32_t id, const void *value);

struct constant {
    uint32_t type;
    uint32_t id;
    const void *value;
};

static int add_constant(struct jfr_writer *w, encode_constant encode, const struct constant *c)
{
    if (w->error.code)
        return w->error.code;
    for (size_t room = ROOM_MIN; room > 0; room = more_room(room, JFR_WRITER_CONSTANT_MAX)) {
        struct jfr_out out;
        int rc = jfr_pools_reserve(&w->pools, c->type, room, &out);
        if (rc != 0)
            return rc;
        if (!encode(&out, c->id, c->value))
            continue;
        jfr_pools_take(&w->pools, c->type, &out);
        w->n_constants++;
        return flush_if_long(w);
    }
    return -E2BIG;
}

/* The constants that every recording has: frame types, thread states (JFR_CONSTANTS). */
static int add_fixed_constants(struct jfr_pools *pools)
{
    size_t n;
    const struct jfr_schema_constant *constants = jfr_schema_constants(&n);
    for (size_t i = 0; i < n; i++) {
        struct jfr_out out;
        int rc = jfr_pools_reserve(pools, constants[i].type, ROOM_MIN, &out);
        if (rc != 0)
            return rc;
        jfr_out_leb(&out, constants[i].id);
        jfr_out_string(&out, constants[i].text);
        if (!jfr_out_ok(&out))
            return -E2BIG;
        jfr_pools_take(pools, constants[i].type, &out);
    }
    return 0;
}

/* --- typed functions out of the schema ---------------------------------------------------------
 */

/* clang-format off */
#define SKIP(...)
#define EVENT(c_name, ...)                                                                         \
    static bool encode_##c_name(struct jfr_out *out, const void *event)                            \
    {                                                                                              \
        return jfr_put_##c_name(out, event);                                                       \
    }                                                                                              \
    int jfr_write_##c_name(struct jfr_writer *w, const struct jfr_##c_name *event)                 \
    {                                                                                              \
        return write_event(w, encode_##c_name, event);                                             \
    }
#define STRUCT(c_name, TYPE, ...)                                                                  \
    static bool encode_##c_name(struct jfr_out *out, uint32_t id, const void *value)               \
    {                                                                                              \
        return jfr_pool_put_##c_name(out, id, value);                                              \
    }                                                                                              \
    int jfr_add_##c_name(struct jfr_writer *w, uint32_t id, const struct jfr_pool_##c_name *value) \
    {                                                                                              \
        return add_constant(w, encode_##c_name,                                                    \
                            &(struct constant){JFR_TYPE_##TYPE, id, value});                       \
    }
JFR_EVENTS(EVENT, SKIP, SKIP)
JFR_STRUCTS(STRUCT, SKIP, SKIP)
/* clang-format on */

/* --- flush ------------------------------------------------------------------------------------ */

/* The checkpoint of the pools, behind the staged events. */
static int stage_checkpoint(struct jfr_writer *w, int64_t delta)
{
    uint8_t head[JFR_CHECKPOINT_HEAD_MAX + JFR_EVENT_SIZE_LEN];
    struct jfr_out out;
    jfr_out_init(&out, head, sizeof head);
    jfr_pools_put_head(&w->pools, &(struct jfr_checkpoint){w->now_ticks, delta}, &out);
    int rc = stage_put(w, head, jfr_out_len(&out));
    for (uint32_t type = 0; type < JFR_POOL_TYPES && rc == 0; type++) {
        const struct jfr_pool_buf *pool = &w->pools.by_type[type];
        if (pool->count == 0)
            continue;
        jfr_out_init(&out, head, sizeof head);
        jfr_pools_put_pool_head(&w->pools, type, &out);
        rc = stage_put(w, head, jfr_out_len(&out));
        if (rc == 0)
            rc = stage_put(w, pool->bytes, pool->len);
    }
    return rc;
}

int jfr_writer_flush(struct jfr_writer *w, uint64_t now_ticks)
{
    if (w->error.code)
        return w->error.code;
    advance(w, now_ticks);
    uint64_t checkpoint_at = 0;
    bool has_news = pending(w) > 0;
    if (w->pools.len > 0) {
        checkpoint_at = jfr_chunk_tell(&w->chunk) + w->stage_len;
        int rc = stage_checkpoint(w, (int64_t)(w->chunk.checkpoint_at - checkpoint_at));
        if (rc != 0)
            return rc;
    }
    int rc = spill(w);
    if (rc != 0)
        return rc;
    rc = jfr_chunk_commit(&w->chunk, checkpoint_at, duration_ns(w));
    if (rc != 0)
        return fail(w, rc);
    jfr_pools_clear(&w->pools);
    w->n_flushes += has_news;
    return 0;
}

/* --- open and close --------------------------------------------------------------------------- */

/* Metadata and the checkpoint of the fixed constants, into the sink with the header. */
static int begin_chunk(struct jfr_writer *w, const struct jfr_writer_options *options)
{
    struct jfr_out out;
    struct jfr_chunk_body body = {.metadata_at = JFR_HEADER_LEN};
    uint8_t *bytes = malloc(BODY_CAP);
    if (!bytes)
        return -ENOMEM;
    jfr_out_init(&out, bytes, BODY_CAP);
    int rc = jfr_metadata_put(&out, options);
    if (rc == 0)
        rc = add_fixed_constants(&w->pools);
    body.checkpoint_at = JFR_HEADER_LEN + jfr_out_len(&out);
    jfr_pools_put_head(&w->pools, &(struct jfr_checkpoint){w->now_ticks, 0}, &out);
    for (uint32_t type = 0; type < JFR_POOL_TYPES; type++) {
        jfr_pools_put_pool_head(&w->pools, type, &out);
        jfr_out_bytes(&out, w->pools.by_type[type].bytes, w->pools.by_type[type].len);
    }
    jfr_pools_clear(&w->pools);
    if (rc == 0 && !jfr_out_ok(&out))
        rc = -E2BIG;
    body.bytes = bytes;
    body.len = jfr_out_len(&out);
    if (rc == 0)
        rc = jfr_chunk_begin(&w->chunk, w->sink, &options->clock, &body);
    free(bytes);
    return rc;
}

static void free_writer(struct jfr_writer *w)
{
    jfr_pools_fini(&w->pools);
    free(w->stage);
    free(w);
}

int jfr_writer_open(struct jfr_writer **out, struct jfr_sink *sink,
                    const struct jfr_writer_options *options, struct jfr_err *err)
{
    struct jfr_writer *w = calloc(1, sizeof *w);
    int rc = w ? 0 : -ENOMEM;
    *out = NULL;
    if (rc == 0) {
        w->sink = sink;
        w->now_ticks = options->clock.start_ticks;
        w->stage_cap = STAGE_CAP;
        w->stage = malloc(w->stage_cap);
        if (!w->stage)
            rc = -ENOMEM;
        else if (options->clock.ticks_per_sec == 0)
            rc = -EINVAL;
    }
    if (rc == 0)
        rc = begin_chunk(w, options);
    if (rc == 0) {
        *out = w;
        return 0;
    }
    if (w)
        free_writer(w);
    sink->ops->close(sink, true);
    return jfr_err_set(err, rc, "can't begin the recording: %s", strerror(-rc));
}

int jfr_writer_close(struct jfr_writer *w, uint64_t now_ticks, struct jfr_writer_stats *stats,
                     struct jfr_err *err)
{
    if (!w)
        return 0;
    jfr_writer_flush(w, now_ticks); /* a failure is kept in w->error */
    int rc = jfr_chunk_finish(&w->chunk);
    if (rc != 0) {
        jfr_chunk_restore(&w->chunk); /* valid, only longer than it need be */
        if (!w->error.code)
            jfr_err_set(&w->error, rc, "can't cut the recording to its length: %s", strerror(-rc));
    }
    rc = w->sink->ops->close(w->sink, false);
    if (rc != 0 && !w->error.code)
        jfr_err_set(&w->error, rc, "can't close the recording: %s", strerror(-rc));
    if (stats)
        jfr_writer_get_stats(w, stats);
    if (err)
        *err = w->error;
    rc = w->error.code;
    free_writer(w);
    return rc;
}

void jfr_writer_get_stats(const struct jfr_writer *w, struct jfr_writer_stats *stats)
{
    *stats = (struct jfr_writer_stats){
        .bytes_written = w->chunk.pad_at,
        .bytes_pending = pending(w),
        .bytes_lost = w->bytes_lost,
        .n_flushes = w->n_flushes,
        .n_constants = w->n_constants,
    };
}

const struct jfr_err *jfr_writer_error(const struct jfr_writer *w)
{
    return w->error.code ? &w->error : NULL;
}
