/* write_internal.h — the parts of the writer, for writer.c and write_*.c only.
 *
 *     writer.c           events and constants into stage and pools, out of the schema
 *     write_recording.c  flushes, chunks, files; failure, statistics
 *     write_header.c     what chunks begin and end with: header, edge, padding (FORMAT.md §2, §8)
 *     write_chunk.c      bytes into the sink so that they appear all at once (FORMAT.md §8)
 *     write_lz4.c        the same, compressed (FORMAT.md §12)
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

/* --- what a chunk begins with ------------------------------------------------------------------
 */

/* Metadata and the checkpoint of the fixed constants: the same bytes in every chunk of a recording.
 * Offsets count from the first of them. */
struct jfr_chunk_body {
    uint8_t *bytes; /* owned */
    size_t len;
    uint64_t checkpoint_at; /* the metadata is at 0 */
};

/* In a chunk that is not the first of its sink, the body comes behind an event of this many bytes,
 * which makes the chunk's start readable as events of the chunk before it (FORMAT.md §8). */
enum { JFR_EDGE_LEN = 12 };

/* The values of a chunk header that change from chunk to chunk. */
struct jfr_header {
    struct jfr_clock clock;
    uint64_t size;
    uint64_t checkpoint_at;
    uint64_t metadata_at;
    uint64_t duration_ns;
    uint8_t flags;
};

enum {
    JFR_PAGE = 4096,         /* the smallest page of any Linux; a write inside one is not torn */
    JFR_PAD_HEAD_LEN = 10,   /* size (4), type, startTicks, duration, delta, flags, no pools */
    JFR_PAD_KEEP_LEN = 68,   /* of the padding that stays: jfrconv stops 68 bytes before the end */
    JFR_FLAG_COMPRESSED = 1, /* integers are LEB128 */
    JFR_FLAG_FINAL = 2,      /* the last chunk of the recording */
    JFR_HEADER_SIZE_AT = 8,  /* offsets in the header */
    JFR_HEADER_CHECKPOINT_AT = 16,
    JFR_HEADER_TICKS_AT = 48,
};

void jfr_header_put(const struct jfr_header *h, uint8_t bytes[JFR_HEADER_LEN]);
/* Head of a padding of len bytes, at least JFR_PAD_HEAD_LEN. */
void jfr_pad_put(struct jfr_out *out, uint64_t len);
/* The edge event of a chunk that ends with, or is followed by, nothing for len bytes from its
 * start. */
void jfr_edge_put(struct jfr_out *out, uint64_t len);

/* --- write_chunk.c: plain -----------------------------------------------------------------------
 */

/* A chunk at the end of a sink. At every instant between two calls, and between any two operations
 * on the sink but the three of growing:
 *     length of the sink == base + head.size;  head.size == pad_at + pad_len
 *     the events from JFR_HEADER_LEN to head.size tile exactly
 * Bytes written since the last commit (hidden_len of them) lie inside the padding at pad_at. */
struct jfr_chunk_out {
    struct jfr_sink *sink;             /* borrowed */
    const struct jfr_chunk_body *body; /* borrowed */
    uint64_t base;                     /* of the chunk in the sink; the others count from there */
    struct jfr_header head;            /* as published */
    uint64_t pad_at;
    uint64_t pad_len;
    uint64_t hidden_len;
};

/* Write the first bytes of an empty sink in one operation: header, body, padding. */
int jfr_chunk_begin(struct jfr_chunk_out *chunk, struct jfr_sink *sink,
                    const struct jfr_clock *clock, const struct jfr_chunk_body *body);
/* Offset in the chunk at which the next bytes will lie. */
uint64_t jfr_chunk_tell(const struct jfr_chunk_out *chunk);
/* Append bytes, invisibly. Only complete events may be there when commit is called. */
int jfr_chunk_write(struct jfr_chunk_out *chunk, const void *bytes, size_t n);
/* Make them part of the chunk. checkpoint_at: of the newest checkpoint among them, 0 = none. */
int jfr_chunk_commit(struct jfr_chunk_out *chunk, uint64_t checkpoint_at, uint64_t duration_ns);
/* End the chunk where its padding begins, but for JFR_PAD_KEEP_LEN bytes or a few more, and begin
 * the next one behind it. Only after a commit. */
int jfr_chunk_next(struct jfr_chunk_out *chunk, const struct jfr_clock *clock);
/* End the chunk and the recording. On failure the sink is valid, only longer than it need be. */
int jfr_chunk_finish(struct jfr_chunk_out *chunk);
/* After a failure of commit, write or next: back to the last commit. */
int jfr_chunk_restore(struct jfr_chunk_out *chunk);

/* --- write_lz4.c: compressed --------------------------------------------------------------------
 */

/* The same for LZ4 frames (FORMAT.md §12). The pools stay the caller's, but the constants in them
 * are part of the chunk's open end and are cleared by the functions below when that is closed. */
struct jfr_lz4_out;
int jfr_lz4_begin(struct jfr_lz4_out **out, struct jfr_sink *sink, const struct jfr_clock *clock,
                  const struct jfr_chunk_body *body, struct jfr_pools *pools);
void jfr_lz4_free(struct jfr_lz4_out *chunk); /* NULL ok */
const struct jfr_header *jfr_lz4_head(const struct jfr_lz4_out *chunk);
uint64_t jfr_lz4_pending(const struct jfr_lz4_out *chunk);     /* bytes not committed, plain */
uint64_t jfr_lz4_chunk_bytes(const struct jfr_lz4_out *chunk); /* plain, pending ones included */
uint64_t jfr_lz4_file_bytes(const struct jfr_lz4_out *chunk);
int jfr_lz4_write(struct jfr_lz4_out *chunk, const void *events, size_t n);
int jfr_lz4_commit(struct jfr_lz4_out *chunk, uint64_t now_ticks, uint64_t duration_ns);
int jfr_lz4_next(struct jfr_lz4_out *chunk, const struct jfr_clock *clock);
int jfr_lz4_finish(struct jfr_lz4_out *chunk);
int jfr_lz4_restore(struct jfr_lz4_out *chunk);

/* --- writer.c and write_recording.c -------------------------------------------------------------
 */

/* A file being written: a chain of chunks in a sink, the last one open. */
struct jfr_medium {
    struct jfr_sink *sink;      /* owned */
    struct jfr_chunk_out plain; /* when lz4 == NULL */
    struct jfr_lz4_out *lz4;    /* owned */
    bool is_broken;             /* could not be put in order after a failure */
};

struct jfr_writer {
    struct jfr_medium medium;
    struct jfr_chunk_body body;
    struct jfr_pools pools;
    enum jfr_compression compression;
    uint8_t *stage; /* owned: events taken, not yet given to the chunk */
    size_t stage_len;
    size_t stage_cap;
    uint64_t now_ticks;   /* the latest that a caller told us */
    struct jfr_err error; /* code != 0: refuse everything */
    uint64_t bytes_lost;
    uint64_t bytes_in_closed_files;
    uint64_t n_chunks;
    uint64_t n_flushes;
    uint64_t n_constants;
};

/* The staged events into the chunk. A failure is the recording's. */
int jfr_writer_spill(struct jfr_writer *w);
/* Copy bytes behind the staged ones; the stage is written out as it fills up. */
int jfr_writer_stage(struct jfr_writer *w, const void *bytes, size_t n);
/* Flush when as much is pending as may be. */
int jfr_writer_flush_if_long(struct jfr_writer *w);

#endif
