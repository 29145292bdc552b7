/* sink.h — where a recording's bytes go: a file, memory, or (in tests) something that fails.
 *
 * A sink is a growable array of bytes with positioned writes; the writer decides every offset. Used
 * by one thread at a time. All calls return 0 or -errno; partial writes and EINTR are handled
 * inside, so a write is complete or has failed. After a failed write any part of its range may have
 * changed, but nothing outside it. */
#ifndef JFR_SINK_H
#define JFR_SINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "jfr/err.h"

struct jfr_sink;

struct jfr_sink_ops {
    /* Write n bytes at offset; makes the sink longer when they end behind its end. */
    int (*write_at)(struct jfr_sink *sink, uint64_t offset, const void *bytes, size_t n);
    /* Cut off, or extend by zeros, to len bytes. Never allocates disk blocks (files become sparse).
     */
    int (*set_length)(struct jfr_sink *sink, uint64_t len);
    /* Release everything. `discard`: also remove what was created (a recording that never began).
     * The sink is gone whatever is returned; the result says whether the bytes are safe. */
    int (*close)(struct jfr_sink *sink, bool discard);
};

struct jfr_sink {
    const struct jfr_sink_ops *ops;
};

/* A regular file. It appears under its name, in place of an older one, when the first write is
 * complete; until then it is path.PID-N.new beside it (sink_file.c says when not). Fails with a
 * text that names the path. The descriptor is close-on-exec. discard removes only what this call
 * created.
 */
int jfr_sink_file_open(struct jfr_sink **out, const char *path, struct jfr_err *err);

/* Bytes in memory, at most limit_bytes (-ENOSPC beyond). Embedded in the caller's data; the bytes
 * stay readable after the sink was closed (not after a discard), until fini. */
struct jfr_sink_mem {
    struct jfr_sink base; /* hand &mem.base to the writer */
    uint8_t *bytes;       /* owned; NULL when empty */
    size_t len_bytes;
    size_t cap_bytes;
    size_t limit_bytes;
};
void jfr_sink_mem_init(struct jfr_sink_mem *mem, size_t limit_bytes);
void jfr_sink_mem_fini(struct jfr_sink_mem *mem);

#endif
