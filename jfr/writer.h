/* writer.h — one recording being written: events and constants in, a .jfr (or .jfr.lz4) out that is
 * valid at every instant (FORMAT.md §8, §12).
 *
 *     jfr_writer_open                      header, metadata, fixed constants: readable at once
 *     jfr_write_cpu_load(w, &event), ...   an event of the caller's
 *     jfr_writer_append(w, bytes, n)       events that were encoded elsewhere (a lane)
 *     jfr_add_thread(w, id, &value), ...   a constant
 *     jfr_writer_flush(w, now)             all of it becomes part of the recording, at once
 *     jfr_writer_rotate(w, now, &clock)    flush, end the chunk, begin the next one
 *     jfr_writer_next_file(w, ...)         flush, finish the file, go on in another one
 *     jfr_writer_close(w, now)             flush, cut the padding off, close the sink
 *
 * Between two flushes the file holds what it held after the last one, whatever happens to the
 * process; readers may open it at any time.
 *
 * Constants: ids are the caller's. An id is written once in a chunk and never changes its meaning
 * during the recording; ids start at 1 (0 = none) and stay below 2^31; the caller does not add one
 * twice to the same chunk. A chunk knows nothing of the chunks before it: after jfr_writer_rotate
 * and jfr_writer_next_file the caller adds again what its next events refer to. An event may be
 * written before the constants it refers to, but they should be added before the next flush. The
 * pools of schema.h's JFR_CONSTANTS are filled by the writer itself.
 *
 * Failure: every function returns 0 or -errno. When the sink fails, the recording goes back to its
 * last flushed state, every later call is refused with the same code, and what is refused is
 * counted in bytes_lost; jfr_writer_error() says what happened. Only jfr_writer_next_file leads out
 * of this state. Refusals of a single call (-EINVAL, -E2BIG, -ENOMEM: nothing of it was taken)
 * don't end the recording.
 *
 * Memory: as a rule 64 KiB and one and a half times the constants of one flush interval; at most
 * 16 MiB (events up to JFR_WRITER_EVENT_MAX, constants up to JFR_WRITER_CONSTANTS_MAX and one more,
 * each with room to grow). When the constants reach their limit the writer flushes by itself. With
 * LZ4 as a rule 2 MiB more (JFR_WRITER_TAIL_MAX of events and constants, and what they are
 * compressed into).
 *
 * Threads and context: one thread at a time, never a signal handler (it allocates and does I/O).
 * Compression happens inside of flush, rotate, next_file and close, and in append and the typed
 * functions when they flush by themselves. */
#ifndef JFR_WRITER_H
#define JFR_WRITER_H

#include <stddef.h>
#include <stdint.h>

#include "jfr/err.h"
#include "jfr/schema.h"
#include "jfr/sink.h"

enum {
    JFR_WRITER_EVENT_MAX = 2 << 20,     /* bytes of one event; a longer one gives -E2BIG */
    JFR_WRITER_CONSTANT_MAX = 1 << 20,  /* bytes of one constant; -E2BIG */
    JFR_WRITER_CONSTANTS_MAX = 4 << 20, /* bytes of constants kept until a flush is forced */
    JFR_WRITER_TAIL_MAX = 256 << 10,    /* LZ4: the same for events and constants together */
};

struct jfr_writer;

/* What a chunk's time axis is made of. Ticks are those of the events' startTime, any clock. */
struct jfr_clock {
    int64_t start_epoch_ns; /* wall clock, ns since 1970, at start_ticks */
    uint64_t start_ticks;
    uint64_t ticks_per_sec; /* 10^9 when ticks are nanoseconds; not 0 */
};

enum jfr_compression {
    JFR_PLAIN, /* every reader */
    JFR_LZ4,   /* JMC, VisualVM and, unpacked by `lz4 -d`, every reader; FORMAT.md §12 */
};

struct jfr_writer_options {
    struct jfr_clock clock;
    enum jfr_compression compression;
    int32_t gmt_offset_ms; /* local time minus UTC: how readers show times */
    const char *locale;    /* "en_US"; NULL gives that */
};

/* Start a recording. The sink must be empty and belongs to the writer from here on, also when this
 * fails: it is then closed and discarded. */
int jfr_writer_open(struct jfr_writer **out, struct jfr_sink *sink,
                    const struct jfr_writer_options *options, struct jfr_err *err);

/* Take n bytes of complete events, one behind the other. They are checked to be that (-EINVAL
 * otherwise, nothing is taken), not decoded further. */
int jfr_writer_append(struct jfr_writer *w, const void *events, size_t n_bytes);

/* Encode in place: *out is a cursor with room for n_bytes (at most JFR_WRITER_EVENT_MAX), valid
 * until the next call on w; commit takes what was encoded into it (same check as append). */
int jfr_writer_reserve(struct jfr_writer *w, struct jfr_out *out, size_t n_bytes);
int jfr_writer_commit(struct jfr_writer *w, const struct jfr_out *out);

/* int jfr_write_cpu_load(struct jfr_writer *, const struct jfr_cpu_load *), ...: any event of
 * JFR_EVENTS. */
#define JFR_X_FIELD(...)
#define JFR_X_END(...)
#define JFR_X_EVENT(c_name, ...) \
    int jfr_write_##c_name(struct jfr_writer *w, const struct jfr_##c_name *event);
JFR_EVENTS(JFR_X_EVENT, JFR_X_FIELD, JFR_X_END)
#undef JFR_X_EVENT

/* int jfr_add_thread(struct jfr_writer *, uint32_t id, const struct jfr_pool_thread *), ...: a
 * constant of any type of JFR_STRUCTS (but stack_frame, which occurs only inside stack_trace). */
#define JFR_X_STRUCT(c_name, ...) \
    int jfr_add_##c_name(struct jfr_writer *w, uint32_t id, const struct jfr_pool_##c_name *value);
JFR_STRUCTS(JFR_X_STRUCT, JFR_X_FIELD, JFR_X_END)
#undef JFR_X_STRUCT
#undef JFR_X_FIELD
#undef JFR_X_END

/* Publish everything taken so far. now_ticks becomes the end of the recording's time range (it
 * never moves back). */
int jfr_writer_flush(struct jfr_writer *w, uint64_t now_ticks);

/* End the chunk and begin the next one in the same file: what was taken so far is in the old chunk,
 * what comes later in the new one. clock is that of the new chunk; a start that isn't later than
 * the old chunk's (a clock that was set back) is moved behind it. -EINVAL: no ticks per second. */
int jfr_writer_rotate(struct jfr_writer *w, uint64_t now_ticks, const struct jfr_clock *clock);

/* Finish the file as jfr_writer_close does and go on in another sink, which must be empty. 0: the
 * recording goes on in the new sink, also if it had failed before; err (NULL ok) has then code 0 or
 * says what was wrong with the end of the old file. -errno: the new sink could not be begun, it is
 * closed and discarded; the recording goes on in the old one. */
int jfr_writer_next_file(struct jfr_writer *w, uint64_t now_ticks, struct jfr_sink *sink,
                         const struct jfr_clock *clock, struct jfr_err *err);

/* Flush, finish the file, close the sink, free w (NULL ok). After an earlier failure the recording
 * is left as it last was. Returns the first error of the recording, or that of closing; err has its
 * text; *stats (NULL ok) the final numbers. */
struct jfr_writer_stats;
int jfr_writer_close(struct jfr_writer *w, uint64_t now_ticks, struct jfr_writer_stats *stats,
                     struct jfr_err *err);

struct jfr_writer_stats {
    uint64_t bytes_written; /* to all files: what closing right now would leave, but for a few */
    uint64_t bytes_pending; /* taken, not yet flushed */
    uint64_t bytes_lost;  /* refused, or taken and lost with a failing sink; of an event or constant
                             that is too long, its maximum */
    uint64_t file_bytes;  /* of bytes_written, in the current file */
    uint64_t chunk_bytes; /* of the current chunk, pending ones too, not compressed */
    uint64_t n_chunks;    /* begun, the current one included */
    uint64_t n_flushes;   /* that had something to publish */
    uint64_t n_constants;
};
void jfr_writer_get_stats(const struct jfr_writer *w, struct jfr_writer_stats *stats);

/* The first failure of the sink, or NULL. Borrowed from w. */
const struct jfr_err *jfr_writer_error(const struct jfr_writer *w);

#endif
