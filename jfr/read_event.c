/* read_event.c — a chunk's events in file order, decoded as far as jfr_chunk_select asked. */
#include "jfr/read_internal.h"

#include <errno.h>

int jfr_chunk_select(struct jfr_chunk *chunk, const char *type_name, const char *const fields[],
                     int n_fields, int tag)
{
    bool bad;
    if (n_fields < 0 || n_fields > JFR_READ_FIELDS_MAX)
        return -EINVAL;
    const struct jfr_type *type = jfr_chunk_type_named(chunk, type_name);
    if (!type)
        return -ENOENT;
    struct jfr_plan *plan = jfr_plan_compile(chunk, type, fields, n_fields, &bad);
    if (!plan)
        return bad ? -EBADMSG : -ENOMEM;
    plan->tag = tag;
    chunk->plans[type - chunk->types] = plan;
    return 0;
}

void jfr_events_init(struct jfr_events *it, const struct jfr_chunk *chunk)
{
    *it = (struct jfr_events){.chunk = chunk};
    jfr_in_init(&it->in, chunk->bytes, chunk->n);
    jfr_in_skip(&it->in, JFR_HEADER_LEN);
}

static bool events_stop(struct jfr_events *it, uint64_t offset, const char *why)
{
    it->error = why;
    it->error_at = offset;
    it->in.pos = it->in.end;
    return false;
}

/* Decode the wanted fields; false if the payload doesn't hold them. */
static bool event_decode(const struct jfr_chunk *chunk, const struct jfr_plan *plan,
                         struct jfr_in in, struct jfr_event *event)
{
    event->tag = plan->tag;
    event->present = plan->present;
    memset(event->values, 0, sizeof event->values);
    jfr_plan_read(chunk, plan, &in, event->values);
    return jfr_in_ok(&in);
}

bool jfr_events_next(struct jfr_events *it, struct jfr_event *event)
{
    const struct jfr_chunk *c = it->chunk;
    while (it->in.pos < it->in.end) {
        struct jfr_frame_of_event ev;
        uint64_t offset = jfr_in_at(&it->in);
        if (!jfr_event_frame(c, offset, &ev))
            return events_stop(it, offset, "an event with an impossible size");
        it->in.pos += ev.size;
        if (ev.type_id == JFR_TYPE_METADATA || ev.type_id == JFR_TYPE_CHECKPOINT)
            continue;
        it->n_events++;
        const struct jfr_type *type = jfr_chunk_type(c, ev.type_id);
        const struct jfr_plan *plan = type ? c->plans[type - c->types] : NULL;
        if (!plan && !it->all)
            continue;
        event->type_id = ev.type_id;
        event->type = type;
        event->tag = -1;
        event->present = 0;
        event->offset = offset;
        event->size = ev.size;
        if (!plan || event_decode(c, plan, ev.in, event))
            return true;
        it->n_bad++;
    }
    return false;
}
