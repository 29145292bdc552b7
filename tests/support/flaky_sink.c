/* flaky_sink.c — see flaky_sink.h. */
#include "support/flaky_sink.h"

#include <errno.h>

static struct flaky_sink *flaky(struct jfr_sink *sink)
{
    return (struct flaky_sink *)sink;
}

static bool is_due(const struct flaky_sink *f)
{
    switch (f->mode) {
    case FLAKY_NEVER: return false;
    case FLAKY_ONCE:
    case FLAKY_SHORT: return f->n_ops == f->fail_at;
    case FLAKY_FULL:
    case FLAKY_DEAD: return f->n_ops >= f->fail_at;
    }
    return false;
}

static int done(struct flaky_sink *f, int rc)
{
    f->has_failed |= rc != 0;
    f->n_ops++;
    if (f->after_op)
        f->after_op(f, f->arg);
    return rc;
}

static int flaky_write_at(struct jfr_sink *sink, uint64_t offset, const void *bytes, size_t n)
{
    struct flaky_sink *f = flaky(sink);
    struct jfr_sink *mem = &f->mem.base;
    bool is_failing = is_due(f);
    f->write_offset = offset;
    f->write_len = n;
    if (f->mode == FLAKY_FULL && offset + n <= f->allocated)
        is_failing = false;
    if (is_failing) {
        if (f->mode == FLAKY_SHORT)
            mem->ops->write_at(mem, offset, bytes, n / 2);
        return done(f, f->mode == FLAKY_FULL ? -ENOSPC : -EIO);
    }
    if (offset + n > f->allocated)
        f->allocated = offset + n;
    return done(f, mem->ops->write_at(mem, offset, bytes, n));
}

static int flaky_set_length(struct jfr_sink *sink, uint64_t len)
{
    struct flaky_sink *f = flaky(sink);
    struct jfr_sink *mem = &f->mem.base;
    if (f->mode != FLAKY_FULL && is_due(f))
        return done(f, -EIO);
    f->n_grown += len > f->mem.len_bytes;
    f->n_cut += len < f->mem.len_bytes;
    return done(f, mem->ops->set_length(mem, len));
}

static int flaky_close(struct jfr_sink *sink, bool discard)
{
    struct flaky_sink *f = flaky(sink);
    f->is_closed = true;
    f->is_discarded = discard;
    return f->mem.base.ops->close(&f->mem.base, discard);
}

static const struct jfr_sink_ops g_flaky_ops = {flaky_write_at, flaky_set_length, flaky_close};

void flaky_sink_init(struct flaky_sink *sink, enum flaky_mode mode, int fail_at)
{
    *sink = (struct flaky_sink){.base.ops = &g_flaky_ops, .mode = mode, .fail_at = fail_at};
    jfr_sink_mem_init(&sink->mem, 64 << 20);
}

void flaky_sink_fini(struct flaky_sink *sink)
{
    jfr_sink_mem_fini(&sink->mem);
}
