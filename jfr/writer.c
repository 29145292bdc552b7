/* writer.c — taking events and constants: the typed functions of writer.h, out of the schema. Above
 * stage and pools, below the agent's recorder. What becomes of them is in write_recording.c. One
 * thread, not a signal handler. */
#include "jfr/writer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "jfr/write_internal.h"

enum { ROOM_MIN = 256 }; /* first guess for the length of an event or constant */

/* --- events ----------------------------------------------------------------------------------- */

static int refuse(struct jfr_writer *w, uint64_t n_bytes, int rc)
{
    w->bytes_lost += n_bytes;
    return rc;
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

int jfr_writer_append(struct jfr_writer *w, const void *events, size_t n_bytes)
{
    if (w->error.code)
        return refuse(w, n_bytes, w->error.code);
    if (!are_events(events, n_bytes))
        return refuse(w, n_bytes, -EINVAL);
    int rc = jfr_writer_stage(w, events, n_bytes);
    return rc ? refuse(w, n_bytes, rc) : jfr_writer_flush_if_long(w);
}

int jfr_writer_reserve(struct jfr_writer *w, struct jfr_out *out, size_t n_bytes)
{
    jfr_out_init(out, NULL, 0);
    if (w->error.code)
        return w->error.code;
    if (n_bytes > JFR_WRITER_EVENT_MAX)
        return -E2BIG;
    if (n_bytes > w->stage_cap - w->stage_len) {
        int rc = jfr_writer_spill(w);
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
        return refuse(w, jfr_out_len(out), w->error.code);
    if (out->begin != w->stage + w->stage_len || !jfr_out_ok(out) ||
        !are_events(out->begin, jfr_out_len(out)))
        return -EINVAL;
    w->stage_len += jfr_out_len(out);
    return jfr_writer_flush_if_long(w);
}

/* --- encoding ----------------------------------------------------------------------------------
 */

/* The next guess after `room` bytes were too few; 0 when they were the most there may be. */
static size_t more_room(size_t room, size_t max)
{
    return room == max ? 0 : room * 4 < max ? room * 4 : max;
}

typedef bool (*encode_event)(struct jfr_out *out, const void *event);
typedef bool (*encode_constant)(struct jfr_out *out, uint32_t id, const void *value);

struct constant {
    uint32_t type;
    uint32_t id;
    const void *value;
};

/* After a failure: count what is refused. The stage is empty, so it can tell the length of all but
 * the longest, which count as long as it is. */
static int refuse_event(struct jfr_writer *w, encode_event encode, const void *event)
{
    struct jfr_out out;
    jfr_out_init(&out, w->stage, w->stage_cap);
    return refuse(w, encode(&out, event) ? jfr_out_len(&out) : w->stage_cap, w->error.code);
}

static int refuse_constant(struct jfr_writer *w, encode_constant encode, const struct constant *c)
{
    struct jfr_out out;
    jfr_out_init(&out, w->stage, w->stage_cap);
    return refuse(w, encode(&out, c->id, c->value) ? jfr_out_len(&out) : w->stage_cap,
                  w->error.code);
}

static int write_event(struct jfr_writer *w, encode_event encode, const void *event)
{
    for (size_t room = ROOM_MIN; room > 0; room = more_room(room, JFR_WRITER_EVENT_MAX)) {
        struct jfr_out out;
        int rc = jfr_writer_reserve(w, &out, room);
        if (w->error.code)
            return refuse_event(w, encode, event);
        if (rc != 0)
            return refuse(w, room, rc);
        if (encode(&out, event))
            return jfr_writer_commit(w, &out);
    }
    return refuse(w, JFR_WRITER_EVENT_MAX, -E2BIG);
}

static int add_constant(struct jfr_writer *w, encode_constant encode, const struct constant *c)
{
    if (w->error.code)
        return refuse_constant(w, encode, c);
    for (size_t room = ROOM_MIN; room > 0; room = more_room(room, JFR_WRITER_CONSTANT_MAX)) {
        struct jfr_out out;
        int rc = jfr_pools_reserve(&w->pools, c->type, room, &out);
        if (rc != 0)
            return refuse(w, room, rc);
        if (!encode(&out, c->id, c->value))
            continue;
        jfr_pools_take(&w->pools, c->type, &out);
        w->n_constants++;
        return jfr_writer_flush_if_long(w);
    }
    return refuse(w, JFR_WRITER_CONSTANT_MAX, -E2BIG);
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
