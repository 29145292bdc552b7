/* sink_mem.c — a recording's bytes in memory, up to a limit. Not for signal context (realloc). */
#include "jfr/sink.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static struct jfr_sink_mem *mem_sink(struct jfr_sink *sink)
{
    return (struct jfr_sink_mem *)sink;
}

static int mem_set_length(struct jfr_sink *sink, uint64_t len)
{
    struct jfr_sink_mem *m = mem_sink(sink);
    if (len > m->limit_bytes)
        return -ENOSPC;
    if (len > m->cap_bytes) {
        size_t cap = len > m->limit_bytes / 2 ? m->limit_bytes : (size_t)len * 2;
        uint8_t *bytes = realloc(m->bytes, cap);
        if (!bytes)
            return -ENOMEM;
        m->bytes = bytes;
        m->cap_bytes = cap;
    }
    if (len > m->len_bytes)
        memset(m->bytes + m->len_bytes, 0, (size_t)len - m->len_bytes);
    m->len_bytes = (size_t)len;
    return 0;
}

static int mem_write_at(struct jfr_sink *sink, uint64_t offset, const void *bytes, size_t n)
{
    struct jfr_sink_mem *m = mem_sink(sink);
    if (n == 0)
        return 0;
    if (offset > m->limit_bytes || n > m->limit_bytes - offset)
        return -ENOSPC;
    if (offset + n > m->len_bytes) {
        int rc = mem_set_length(sink, offset + n);
        if (rc != 0)
            return rc;
    }
    memcpy(m->bytes + offset, bytes, n);
    return 0;
}

static int mem_close(struct jfr_sink *sink, bool discard)
{
    if (discard)
        jfr_sink_mem_fini(mem_sink(sink));
    return 0;
}

static const struct jfr_sink_ops g_mem_ops = {mem_write_at, mem_set_length, mem_close};

void jfr_sink_mem_init(struct jfr_sink_mem *mem, size_t limit_bytes)
{
    *mem = (struct jfr_sink_mem){.base.ops = &g_mem_ops, .limit_bytes = limit_bytes};
}

void jfr_sink_mem_fini(struct jfr_sink_mem *mem)
{
    free(mem->bytes);
    jfr_sink_mem_init(mem, mem->limit_bytes);
}
