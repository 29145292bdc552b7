/* write_internal.h — the parts of the writer, for writer.c and write_*.c only.
 *
 *     writer.c           the interface of writer.h: stage of events, failure, statistics
 *     write_chunk.c      bytes into the sink so that they appear all at once (FORMAT.md §8)
 *     write_pools.c      constants waiting for the next checkpoint (FORMAT.md §6)
 *     write_metadata.c   the metadata event out of the schema (FORMAT.md §5)
 *
 * All of it runs on the one thread that owns the writer. */
#ifndef JFR_WRITE_INTERNAL_H
#define JFR_WRITE_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "jfr/schema.h"
#include "jfr/sink.h"
#include "jfr/wire.h"
#include "jfr/writer.h"

enum {
    JFR_HEADER_LEN = 68,
    JFR_CHECKPOINT_FLUSH = 1, /* flag of a checkpoint: what came before it may be used */
};

/* --- write_metadata.c ------------------------------------------------------------------------- */

/* The whole metadata event into *out. 0, or -ENOMEM, or -E2BIG when it doesn't fit (a schema that
 * has outgrown the limits there: check_writer writes all of it). */
int jfr_metadata_put(struct jfr_out *out, const struct jfr_writer_options *options);

/* --- write_pools.c ---------------------------------------------------------------------------- */

enum { JFR_POOL_TYPES = 64 }; /* ids of pool types are below this */

struct jfr_pool_buf {
    uint8_t *bytes; /* owned: id value, id value, ... */
    size_t len;
    size_t cap;
    uint32_t count;
};

struct jfr_pools {
    struct jfr_pool_buf by_type[JFR_POOL_TYPES];
    size_t len; /* of all of them */
    uint32_t n_types;
    uint64_t count;
};

void jfr_pools_fini(struct jfr_pools *pools);
/* A cursor behind the type's last constant with `room` to JFR_WRITER_CONSTANT_MAX bytes, or
 * -ENOMEM. take counts one more constant, the bytes that the cursor has written. */
int jfr_pools_reserve(struct jfr_pools *pools, uint32_t type, size_t room, struct jfr_out *out);
void jfr_pools_take(struct jfr_pools *pools, uint32_t type, const struct jfr_out *out);
/* Forget everything; large buffers are given back. */
void jfr_pools_clear(struct jfr_pools *pools);

/* The checkpoint of everything in the pools is its head, then per non-empty pool a pool head and
 * the pool's bytes. The head holds the size of the whole. */
enum { JFR_CHECKPOINT_HEAD_MAX = 64, JFR_POOL_HEAD_MAX = 16 };
struct jfr_checkpoint {
    uint64_t ticks;
    int64_t delta; /* offset of the previous checkpoint minus that of this one; 0 = the first */
};
void jfr_pools_put_head(const struct jfr_pools *pools, const struct jfr_checkpoint *checkpoint,
                        struct jfr_out *out);
/* Nothing is written for an empty pool. */
void jfr_pools_put_pool_head(const struct jfr_pools *pools, uint32_t type, struct jfr_out *out);

/* --- write_chunk.c ---------------------------------------------------------------------------- */

/* A chunk in a sink. At every instant between two calls, and between any two operations on the sink
 * but those of growing and finishing:
 *     length of the sink == header.size == end == pad_at + pad_len
 *     the events from JFR_HEADER_LEN to end tile exactly, the last one being the padding at pad_at
 * Bytes written since the last commit (hidden_len of them) lie inside the padding. */
struct jfr_chunk_out {
    struct jfr_sink *sink; /* borrowed */
    struct jfr_clock clock;
    uint64_t end;
    uint64_t pad_at;
    uint64_t pad_len;
    uint64_t hidden_len;
    uint64_t checkpoint_at; /* the published one */
    uint64_t metadata_at;
    uint64_t duration_ns;
    uint8_t flags;
};

/* Write the first bytes of the chunk in one operation: header, then body (metadata and a first
 * checkpoint, at the given offsets from the chunk's start), then padding. */
struct jfr_chunk_body {
    const uint8_t *bytes;
    size_t len;
    uint64_t metadata_at;
    uint64_t checkpoint_at;
};
int jfr_chunk_begin(struct jfr_chunk_out *chunk, struct jfr_sink *sink,
                    const struct jfr_clock *clock, const struct jfr_chunk_body *body);
/* Offset at which the next bytes will lie. */
uint64_t jfr_chunk_tell(const struct jfr_chunk_out *chunk);
/* Append bytes, invisibly. Only complete events may be there when commit is called. */
int jfr_chunk_write(struct jfr_chunk_out *chunk, const void *bytes, size_t n);
/* Make them part of the chunk. checkpoint_at: of the newest checkpoint among them, 0 = none. */
int jfr_chunk_commit(struct jfr_chunk_out *chunk, uint64_t checkpoint_at, uint64_t duration_ns);
/* After a failure of any of these: back to the last commit. */
int jfr_chunk_restore(struct jfr_chunk_out *chunk);
/* Cut the padding down to what readers need and mark the chunk as the last one. */
int jfr_chunk_finish(struct jfr_chunk_out *chunk);

#endif
