/* write_recording.c — flushes, chunks and files of a recording (writer.h), its failure and its
 * numbers. Between writer.c, which takes events and constants, and write_chunk.c and write_lz4.c,
 * which put them into a sink. One thread, not a signal handler.
 *
 * Way of the bytes: events -> stage -> invisible part of the chunk; constants -> pools; a flush
 * puts the checkpoint of the pools beside the events and commits the chunk. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "jfr/write_internal.h"

enum {
    STAGE_CAP = 64 << 10,  /* grows when a single event needs more */
    BODY_CAP = 256 << 10,  /* metadata and first checkpoint, see write_metadata.c */
    CONSTANT_ROOM = 256,   /* longest fixed constant */
    HIDDEN_MAX = 64 << 20, /* a flush is forced well before a padding's size overflows */
    NANOS_PER_SEC = 1000000000,
};

/* --- time ------------------------------------------------------------------------------------- */

static uint64_t span_ns(uint64_t ticks, uint64_t per_sec)
{
    return ticks / per_sec * NANOS_PER_SEC +
           (uint64_t)((double)(ticks % per_sec) * NANOS_PER_SEC / (double)per_sec);
}

static const struct jfr_header *head(const struct jfr_medium *m)
{
    return m->lz4 ? jfr_lz4_head(m->lz4) : &m->plain.head;
}

static uint64_t duration_ns(const struct jfr_writer *w)
{
    const struct jfr_clock *clock = &head(&w->medium)->clock;
    return span_ns(w->now_ticks - clock->start_ticks, clock->ticks_per_sec);
}

/* Readers drop a chunk that doesn't start later than the one before it: when the wall clock was set
 * back, the ticks say how much later it is. */
static struct jfr_clock clock_behind(const struct jfr_clock *last, const struct jfr_clock *clock)
{
    struct jfr_clock start = *clock;
    if (clock->start_epoch_ns > last->start_epoch_ns)
        return start;
    start.start_epoch_ns = last->start_epoch_ns + 1;
    if (clock->ticks_per_sec == last->ticks_per_sec && clock->start_ticks > last->start_ticks)
        start.start_epoch_ns +=
            (int64_t)span_ns(clock->start_ticks - last->start_ticks, clock->ticks_per_sec);
    return start;
}

/* --- a file, plain or compressed ----------------------------------------------------------------
 */

static int medium_begin(struct jfr_medium *m, struct jfr_writer *w, struct jfr_sink *sink,
                        const struct jfr_clock *clock)
{
    *m = (struct jfr_medium){.sink = sink};
    return w->compression == JFR_LZ4 ? jfr_lz4_begin(&m->lz4, sink, clock, &w->body, &w->pools)
                                     : jfr_chunk_begin(&m->plain, sink, clock, &w->body);
}

static int medium_restore(struct jfr_medium *m)
{
    int rc = m->lz4 ? jfr_lz4_restore(m->lz4) : jfr_chunk_restore(&m->plain);
    m->is_broken = rc != 0;
    return rc;
}

static uint64_t medium_bytes(const struct jfr_medium *m)
{
    return m->lz4 ? jfr_lz4_file_bytes(m->lz4) : m->plain.base + m->plain.pad_at;
}

/* Finish the file and close it. Returns the first thing that went wrong. */
static int medium_end(struct jfr_medium *m, struct jfr_err *err)
{
    int rc = m->is_broken ? medium_restore(m) : 0; /* once more: it may have been for the moment */
    if (rc == 0)
        rc = m->lz4 ? jfr_lz4_finish(m->lz4) : jfr_chunk_finish(&m->plain);
    if (rc != 0)
        jfr_err_set(err, rc, "can't cut the recording to its length: %s", strerror(-rc));
    int closed = m->sink->ops->close(m->sink, false);
    if (closed != 0 && rc == 0)
        rc = jfr_err_set(err, closed, "can't close the recording: %s", strerror(-closed));
    jfr_lz4_free(m->lz4);
    return rc;
}

/* --- failure ---------------------------------------------------------------------------------- */

static uint64_t pending(const struct jfr_writer *w)
{
    const struct jfr_medium *m = &w->medium;
    return w->stage_len + (m->lz4 ? jfr_lz4_pending(m->lz4) : m->plain.hidden_len + w->pools.len);
}

/* The sink has failed: what was not published is lost, the rest is put in order. Returns rc. */
static int fail(struct jfr_writer *w, int rc)
{
    w->bytes_lost += pending(w);
    int restored = medium_restore(&w->medium);
    w->stage_len = 0;
    jfr_pools_clear(&w->pools);
    return jfr_err_set(&w->error, rc, "can't write the recording: %s%s%s", strerror(-rc),
                       restored ? "; nor cut it back to its last flush: " : "",
                       restored ? strerror(-restored) : "");
}

/* --- flush ------------------------------------------------------------------------------------ */

static int chunk_write(struct jfr_writer *w, const void *bytes, size_t n)
{
    struct jfr_medium *m = &w->medium;
    int rc = m->lz4 ? jfr_lz4_write(m->lz4, bytes, n) : jfr_chunk_write(&m->plain, bytes, n);
    return rc == 0 ? 0 : fail(w, rc);
}

int jfr_writer_spill(struct jfr_writer *w)
{
    int rc = w->stage_len > 0 ? chunk_write(w, w->stage, w->stage_len) : 0;
    w->stage_len = 0;
    return rc;
}

int jfr_writer_stage(struct jfr_writer *w, const void *bytes, size_t n)
{
    if (n > w->stage_cap - w->stage_len) {
        int rc = jfr_writer_spill(w);
        if (rc != 0)
            return rc;
    }
    if (n > w->stage_cap)
        return chunk_write(w, bytes, n);
    memcpy(w->stage + w->stage_len, bytes, n);
    w->stage_len += n;
    return 0;
}

int jfr_writer_flush_if_long(struct jfr_writer *w)
{
    const struct jfr_medium *m = &w->medium;
    bool is_long =
        m->lz4 ? pending(w) > JFR_WRITER_TAIL_MAX
               : m->plain.hidden_len > HIDDEN_MAX || w->pools.len > JFR_WRITER_CONSTANTS_MAX;
    return is_long ? jfr_writer_flush(w, w->now_ticks) : 0;
}

/* The checkpoint of the pools, behind the staged events. */
static int stage_checkpoint(struct jfr_writer *w, int64_t delta)
{
    uint8_t bytes[JFR_CHECKPOINT_HEAD_MAX + JFR_EVENT_SIZE_LEN];
    struct jfr_out out;
    jfr_out_init(&out, bytes, sizeof bytes);
    jfr_pools_put_head(&w->pools, &(struct jfr_checkpoint){w->now_ticks, delta}, &out);
    int rc = jfr_writer_stage(w, bytes, jfr_out_len(&out));
    for (uint32_t type = 0; type < JFR_POOL_TYPES && rc == 0; type++) {
        const struct jfr_pool_buf *pool = &w->pools.by_type[type];
        if (pool->count == 0)
            continue;
        jfr_out_init(&out, bytes, sizeof bytes);
        jfr_pools_put_pool_head(&w->pools, type, &out);
        rc = jfr_writer_stage(w, bytes, jfr_out_len(&out));
        if (rc == 0)
            rc = jfr_writer_stage(w, pool->bytes, pool->len);
    }
    return rc;
}

static int flush_plain(struct jfr_writer *w)
{
    struct jfr_chunk_out *chunk = &w->medium.plain;
    uint64_t checkpoint_at = 0;
    if (w->pools.len > 0) {
        checkpoint_at = jfr_chunk_tell(chunk) + w->stage_len;
        int rc = stage_checkpoint(w, (int64_t)(chunk->head.checkpoint_at - checkpoint_at));
        if (rc != 0)
            return rc;
    }
    int rc = jfr_writer_spill(w);
    if (rc != 0)
        return rc;
    rc = jfr_chunk_commit(chunk, checkpoint_at, duration_ns(w));
    if (rc != 0)
        return fail(w, rc);
    jfr_pools_clear(&w->pools);
    return 0;
}

static int flush_lz4(struct jfr_writer *w)
{
    int rc = jfr_writer_spill(w);
    if (rc != 0)
        return rc;
    rc = jfr_lz4_commit(w->medium.lz4, w->now_ticks, duration_ns(w));
    return rc == 0 ? 0 : fail(w, rc);
}

int jfr_writer_flush(struct jfr_writer *w, uint64_t now_ticks)
{
    if (w->error.code)
        return w->error.code;
    if (now_ticks > w->now_ticks)
        w->now_ticks = now_ticks;
    bool has_news = pending(w) > 0;
    int rc = w->medium.lz4 ? flush_lz4(w) : flush_plain(w);
    w->n_flushes += rc == 0 && has_news;
    return rc;
}

/* --- chunks and files ------------------------------------------------------------------------- */

int jfr_writer_rotate(struct jfr_writer *w, uint64_t now_ticks, const struct jfr_clock *clock)
{
    struct jfr_medium *m = &w->medium;
    if (clock->ticks_per_sec == 0)
        return -EINVAL;
    int rc = jfr_writer_flush(w, now_ticks);
    if (rc != 0)
        return rc;
    struct jfr_clock start = clock_behind(&head(m)->clock, clock);
    rc = m->lz4 ? jfr_lz4_next(m->lz4, &start) : jfr_chunk_next(&m->plain, &start);
    if (rc != 0)
        return fail(w, rc);
    w->now_ticks = start.start_ticks;
    w->n_chunks++;
    return 0;
}

int jfr_writer_next_file(struct jfr_writer *w, uint64_t now_ticks, struct jfr_sink *sink,
                         const struct jfr_clock *clock, struct jfr_err *err)
{
    struct jfr_medium next;
    struct jfr_err unused;
    err = err ? err : &unused;
    *err = (struct jfr_err){0};
    jfr_writer_flush(w, now_ticks); /* a failure is kept in w->error */
    struct jfr_clock start = clock_behind(&head(&w->medium)->clock, clock);
    int rc = clock->ticks_per_sec > 0 ? medium_begin(&next, w, sink, &start) : -EINVAL;
    if (rc != 0) {
        sink->ops->close(sink, true);
        return jfr_err_set(err, rc, "can't begin the next file of the recording: %s",
                           strerror(-rc));
    }
    struct jfr_err old = w->error;
    w->bytes_in_closed_files += medium_bytes(&w->medium);
    medium_end(&w->medium, old.code ? NULL : &old);
    *err = old;
    w->medium = next;
    w->error = (struct jfr_err){0};
    w->now_ticks = start.start_ticks;
    w->n_chunks++;
    jfr_pools_clear(&w->pools);
    return 0;
}

/* --- open and close --------------------------------------------------------------------------- */

/* The constants that every chunk has: frame types, thread states (JFR_CONSTANTS). */
static int add_fixed_constants(struct jfr_pools *pools)
{
    size_t n;
    const struct jfr_schema_constant *constants = jfr_schema_constants(&n);
    for (size_t i = 0; i < n; i++) {
        struct jfr_out out;
        int rc = jfr_pools_reserve(pools, constants[i].type, CONSTANT_ROOM, &out);
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

/* Metadata and the checkpoint of the fixed constants. */
static int make_body(struct jfr_writer *w, const struct jfr_writer_options *options)
{
    struct jfr_out out;
    uint8_t *bytes = malloc(BODY_CAP);
    if (!bytes)
        return -ENOMEM;
    jfr_out_init(&out, bytes, BODY_CAP);
    int rc = jfr_metadata_put(&out, options);
    if (rc == 0)
        rc = add_fixed_constants(&w->pools);
    w->body.checkpoint_at = jfr_out_len(&out);
    jfr_pools_put_head(&w->pools, &(struct jfr_checkpoint){w->now_ticks, 0}, &out);
    for (uint32_t type = 0; type < JFR_POOL_TYPES; type++) {
        jfr_pools_put_pool_head(&w->pools, type, &out);
        jfr_out_bytes(&out, w->pools.by_type[type].bytes, w->pools.by_type[type].len);
    }
    jfr_pools_clear(&w->pools);
    if (rc == 0 && !jfr_out_ok(&out))
        rc = -E2BIG;
    w->body.len = jfr_out_len(&out);
    uint8_t *fitting = realloc(bytes, w->body.len + 1);
    w->body.bytes = fitting ? fitting : bytes;
    return rc;
}

static void free_writer(struct jfr_writer *w)
{
    jfr_pools_fini(&w->pools);
    free(w->body.bytes);
    free(w->stage);
    free(w);
}

static int init_writer(struct jfr_writer *w, struct jfr_sink *sink,
                       const struct jfr_writer_options *options)
{
    w->compression = options->compression;
    w->now_ticks = options->clock.start_ticks;
    w->n_chunks = 1;
    w->stage_cap = STAGE_CAP;
    w->stage = malloc(w->stage_cap);
    if (!w->stage)
        return -ENOMEM;
    if (options->clock.ticks_per_sec == 0)
        return -EINVAL;
    int rc = make_body(w, options);
    return rc ? rc : medium_begin(&w->medium, w, sink, &options->clock);
}

int jfr_writer_open(struct jfr_writer **out, struct jfr_sink *sink,
                    const struct jfr_writer_options *options, struct jfr_err *err)
{
    struct jfr_writer *w = calloc(1, sizeof *w);
    int rc = w ? init_writer(w, sink, options) : -ENOMEM;
    *out = rc == 0 ? w : NULL;
    if (rc == 0)
        return 0;
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
    if (stats)
        jfr_writer_get_stats(w, stats);
    struct jfr_err closing = {0};
    medium_end(&w->medium, &closing);
    if (!w->error.code)
        w->error = closing;
    if (err)
        *err = w->error;
    int rc = w->error.code;
    free_writer(w);
    return rc;
}

void jfr_writer_get_stats(const struct jfr_writer *w, struct jfr_writer_stats *stats)
{
    const struct jfr_medium *m = &w->medium;
    *stats = (struct jfr_writer_stats){
        .bytes_written = w->bytes_in_closed_files + medium_bytes(m),
        .bytes_pending = pending(w),
        .bytes_lost = w->bytes_lost,
        .file_bytes = medium_bytes(m),
        .chunk_bytes =
            m->lz4 ? jfr_lz4_chunk_bytes(m->lz4) + w->stage_len : m->plain.pad_at + pending(w),
        .n_chunks = w->n_chunks,
        .n_flushes = w->n_flushes,
        .n_constants = w->n_constants,
    };
}

const struct jfr_err *jfr_writer_error(const struct jfr_writer *w)
{
    return w->error.code ? &w->error : NULL;
}
