/* flaky_sink.h — a sink in memory that counts its operations, fails at a chosen one, and lets a
 * test look at the bytes after each. */
#ifndef TESTS_FLAKY_SINK_H
#define TESTS_FLAKY_SINK_H

#include "jfr/sink.h"

enum flaky_mode {
    FLAKY_NEVER,
    FLAKY_ONCE,  /* operation fail_at fails, later ones work */
    FLAKY_SHORT, /* the same, but a write has done half of its bytes when it fails */
    FLAKY_FULL,  /* from fail_at on the disk is full: writes of bytes never written before fail with
                    ENOSPC, also in the holes of the file; patches and set_length work */
    FLAKY_DEAD,  /* from fail_at on everything fails */
};

struct flaky_sink {
    struct jfr_sink base;
    struct jfr_sink_mem mem; /* the bytes; stay until flaky_sink_fini, a discard empties them */
    enum flaky_mode mode;
    int fail_at;           /* number of an operation, from 0 */
    int n_ops;             /* write_at and set_length so far */
    int n_grown;           /* set_length to more */
    int n_cut;             /* set_length to less */
    uint64_t write_offset; /* of the latest write_at */
    size_t write_len;
    bool has_failed;
    bool is_closed;
    bool is_discarded;
    size_t allocated; /* FLAKY_FULL: bytes below this have blocks */
    void (*after_op)(struct flaky_sink *sink, void *arg); /* or NULL */
    void *arg;
};

void flaky_sink_init(struct flaky_sink *sink, enum flaky_mode mode, int fail_at);
void flaky_sink_fini(struct flaky_sink *sink);

#endif
