/* read.h — reading JFR recordings: file -> chunks -> events and constants. No JVM, no writer.
 *
 * The flow of a reader:
 *     jfr_file_open, jfr_file_next   -> the header of a chunk
 *     jfr_chunk_open                 -> its metadata and constant pools
 *     jfr_chunk_select               -> which events, which fields of them
 *     jfr_events_next                -> events in file order
 *     jfr_stack_read, jfr_method_read, jfr_thread_read
 *                                    -> constants, by the ids that the events hold
 *
 * Reads any JFR 2.x: everything is decoded by the chunk's own metadata event, no layout is assumed.
 * Formats: FORMAT.md. Unknown event types and unknown fields are skipped.
 *
 * Untrusted input: a damaged recording gives fewer events, a message (jfr_chunk_damage,
 * jfr_events.error) or an error, never a bad access, a hang or an unbounded allocation. The work is
 * linear in the chunk's size.
 *
 * Memory: a chunk's bytes are mapped, not copied. In memory are the metadata (at most
 * JFR_READ_METADATA_MAX bytes of it, times a small factor) and 16 bytes per constant (its id and
 * place); constants are decoded when asked for.
 *
 * Threads: nothing here locks. An open chunk is immutable apart from jfr_chunk_select; all
 * jfr_*_read, jfr_pool_* and jfr_events_* functions may run in several threads on one chunk (each
 * with its own iterator and buffers). jfr_file_next is for one thread; jfr_chunk_open may run in
 * several threads for different headers.
 *
 * Errors: 0 or a count on success, -errno on failure with a text in `err` (NULL is fine). -EBADMSG
 * = damaged, -EPROTO = not a JFR file, -ENOTSUP = a format we know but don't read, -ENOENT = no
 * such id or name. */
#ifndef JFR_READ_H
#define JFR_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "jfr/err.h"
#include "jfr/wire.h"

enum {
    JFR_READ_METADATA_MAX = 16 << 20, /* bytes; the JDK's is 0.1 to 0.3 MB */
    JFR_READ_TYPES_MAX = 1 << 16,     /* classes declared in one chunk; the JDK's has about 300 */
    JFR_READ_FIELDS_MAX = 16,         /* fields of one selected event type */
    JFR_READ_FRAMES_MAX =
        1 << 20, /* frames of one stack trace; longer ones are cut and marked truncated */
};

/* --- files ------------------------------------------------------------------------------------ */

struct jfr_file;

/* Open a recording; only the first bytes are looked at. -EPROTO when they aren't a JFR chunk's,
 * -ENOTSUP when they are those of a compressed file. One that is compressed with LZ4 is unpacked
 * first, into a file without a name in $TMPDIR or /tmp, as far as it is sound. The file may still
 * be growing: the length is the one at this moment. */
int jfr_file_open(struct jfr_file **out, const char *path, struct jfr_err *err);
/* The same for bytes in memory, borrowed until jfr_file_close. */
int jfr_file_wrap(struct jfr_file **out, const void *bytes, size_t len_bytes, struct jfr_err *err);
void jfr_file_close(struct jfr_file *file); /* NULL ok; open chunks stay usable */
uint64_t jfr_file_size(const struct jfr_file *file);

/* The 68 bytes at the start of a chunk (FORMAT.md §2), and how much of the chunk the file really
 * holds. */
struct jfr_chunk_header {
    uint64_t file_offset; /* of the chunk */
    uint64_t size;        /* as written, header included; 0 or 68 when nothing was flushed yet */
    uint64_t available;   /* bytes of it in the file: < size when cut short */
    uint64_t checkpoint_offset; /* from the chunk's start; 0 = none */
    uint64_t metadata_offset;
    int64_t start_ns; /* since the epoch */
    int64_t duration_ns;
    int64_t start_ticks;
    uint64_t ticks_per_sec; /* never 0 here: 0 in the file is read as 10^9 */
    uint16_t major, minor;
    uint8_t state; /* 0 = finished, 1..254 = being written, 255 = header being updated */
    uint8_t flags; /* bit 0: compressed integers, bit 1: last chunk of the recording */
};

/* The next chunk's header: 1, or 0 at the end of the file, or -EBADMSG when the bytes there aren't
 * a chunk (the rest of the file is then lost and every later call gives 0; the text says how much).
 * Bytes behind the last flush of an unfinished chunk are dropped silently: nobody wrote them to be
 * read yet. */
int jfr_file_next(struct jfr_file *file, struct jfr_chunk_header *header, struct jfr_err *err);

/* --- chunks ----------------------------------------------------------------------------------- */

struct jfr_chunk;

/* Map a chunk, parse its metadata, index its constants. Fails (-EBADMSG) only when there is no
 * usable metadata; lesser damage leaves a chunk with what could be read, and jfr_chunk_damage says
 * what was wrong. */
int jfr_chunk_open(struct jfr_chunk **out, const struct jfr_file *file,
                   const struct jfr_chunk_header *header, struct jfr_err *err);
void jfr_chunk_close(
    struct jfr_chunk *chunk); /* NULL ok; everything borrowed from the chunk ends here */
const struct jfr_chunk_header *jfr_chunk_head(const struct jfr_chunk *chunk);
/* NULL, or the first thing that was wrong and how many more there were. Borrowed from the chunk. */
const char *jfr_chunk_damage(const struct jfr_chunk *chunk);
/* Ticks of an event's startTime to nanoseconds since the epoch. */
int64_t jfr_chunk_time_ns(const struct jfr_chunk *chunk, int64_t ticks);

/* --- types ------------------------------------------------------------------------------------ */

enum jfr_primitive {
    JFR_PRIM_NONE = 0,
    JFR_PRIM_BOOLEAN,
    JFR_PRIM_BYTE,
    JFR_PRIM_CHAR,
    JFR_PRIM_SHORT,
    JFR_PRIM_INT,
    JFR_PRIM_LONG,
    JFR_PRIM_FLOAT,
    JFR_PRIM_DOUBLE,
    JFR_PRIM_STRING,
};

struct jfr_field {
    const char *name;
    const struct jfr_type *type; /* NULL when the metadata doesn't declare it */
    bool is_constant;            /* the event holds an id of type's constant pool */
    bool is_array;
};

/* A class of the metadata event. Borrowed from the chunk, never NULL strings. */
struct jfr_type {
    uint64_t id;
    const char *name;       /* "jdk.ExecutionSample", "int" */
    const char *super_name; /* "" if none */
    bool is_event;
    bool is_simple; /* readers put the one field's value in its place */
    enum jfr_primitive primitive;
    uint32_t n_fields;
    const struct jfr_field *fields; /* in the order of the encoding */
    struct jfr_layout *layout;      /* of the reader */
};

size_t jfr_chunk_type_count(const struct jfr_chunk *chunk);
const struct jfr_type *jfr_chunk_type_at(const struct jfr_chunk *chunk,
                                         size_t i); /* by rising id */
const struct jfr_type *jfr_chunk_type(const struct jfr_chunk *chunk,
                                      uint64_t id); /* NULL: undeclared */
const struct jfr_type *jfr_chunk_type_named(const struct jfr_chunk *chunk, const char *name);

/* --- events ----------------------------------------------------------------------------------- */

struct jfr_value {
    union {
        int64_t
            i; /* boolean .. long, sign-extended from the field's width; an array's element count */
        uint64_t u; /* the same bits: ids of constants */
        double d;   /* float and double */
    };
    struct jfr_str
        str; /* String fields, encoding 2 (pool) already resolved; its bytes lie in the chunk */
};

/* Ask for the events of one type. The fields are looked up once, here; jfr_events_next then puts
 * field k's value into values[k] and decodes nothing behind the last one wanted. A dotted name
 * ("heapSpace.committedSize") reaches into an inline struct. A field that the type lacks reads as 0
 * / null and is absent in jfr_event.present. `tag` comes back with every event. -ENOENT: this chunk
 * doesn't declare the type. -EBADMSG: declared, but in a way that can't be decoded. -EINVAL: more
 * than JFR_READ_FIELDS_MAX fields. Asking again for a type replaces the first wish. */
int jfr_chunk_select(struct jfr_chunk *chunk, const char *type_name, const char *const fields[],
                     int n_fields, int tag);

struct jfr_event {
    uint64_t type_id;
    const struct jfr_type *type; /* NULL when undeclared (only with all = true) */
    int tag;                     /* of jfr_chunk_select; -1 if not selected */
    uint32_t present;            /* bit k: the type has field k */
    uint64_t offset;             /* from the chunk's start */
    uint64_t size;               /* bytes, all included */
    struct jfr_value values[JFR_READ_FIELDS_MAX];
};

struct jfr_events {
    const struct jfr_chunk *chunk;
    struct jfr_in in;
    bool all; /* also give events that weren't selected, without values (metadata and checkpoints
                 never) */
    uint64_t n_events; /* events passed so far, without metadata and checkpoints */
    uint64_t n_bad;    /* selected events whose payload couldn't be decoded (skipped) */
    const char *error; /* NULL, or why the iteration ended before the chunk's end */
    uint64_t error_at; /* offset from the chunk's start */
};

void jfr_events_init(struct jfr_events *it, const struct jfr_chunk *chunk);
bool jfr_events_next(struct jfr_events *it, struct jfr_event *event);

/* --- constant pools --------------------------------------------------------------------------- */

/* The constants of one type. Ordinals run from 0 to count - 1 by rising id: use them to index
 * arrays. An id written twice in a chunk means its last value (as in JMC). */
struct jfr_pool;

enum { JFR_NO_ORDINAL = UINT32_MAX };

const struct jfr_pool *jfr_chunk_pool(const struct jfr_chunk *chunk,
                                      const char *type_name); /* NULL: empty */
uint32_t jfr_pool_count(const struct jfr_pool *pool);         /* NULL: 0 */
/* JFR_NO_ORDINAL if the pool (NULL ok) has no such id. O(1) for ids without gaps, else O(log n). */
uint32_t jfr_pool_find(const struct jfr_pool *pool, uint64_t id);
uint64_t jfr_pool_id(const struct jfr_pool *pool, uint32_t ordinal);

/* The text behind an id: of java.lang.String, jdk.types.Symbol, or any type whose first field leads
 * to one (FrameType, ThreadState, GCCause, Class ...). Null string when there is none. */
struct jfr_str jfr_text_read(const struct jfr_chunk *chunk, const struct jfr_type *type,
                             uint64_t id);

/* What kind of code a frame ran, by the text of its jdk.types.FrameType. */
enum jfr_frame_kind {
    JFR_FRAME_UNKNOWN = 0,
    JFR_FRAME_INTERPRETED,
    JFR_FRAME_C1,
    JFR_FRAME_JIT,
    JFR_FRAME_INLINED,
    JFR_FRAME_NATIVE,
    JFR_FRAME_CPP,
    JFR_FRAME_KERNEL,
    JFR_FRAME_KINDS, /* how many */
};

struct jfr_frame {
    uint64_t method; /* id of jdk.types.Method; 0 = none */
    int32_t line;    /* <= 0: unknown */
    int32_t bci;
    uint32_t type; /* id of jdk.types.FrameType */
    enum jfr_frame_kind kind;
};

/* A buffer for one decoded stack trace, reused from call to call. Zero-initialised, freed with
 * jfr_stack_fini. */
struct jfr_stack {
    struct jfr_frame *frames; /* owned; the top frame (the code that ran) first */
    uint32_t n_frames;
    uint32_t cap;
    bool truncated; /* the recorder, or JFR_READ_FRAMES_MAX, cut the bottom off */
};

/* -ENOENT: no such id (0 usually means "no stack"); -EBADMSG; -ENOMEM. On failure n_frames is 0. */
int jfr_stack_read(const struct jfr_chunk *chunk, uint64_t stack_id, struct jfr_stack *stack);
void jfr_stack_fini(struct jfr_stack *stack);

struct jfr_method {
    uint64_t class_id;
    struct jfr_str
        class_name; /* internal form: java/util/HashMap, [B; of native frames the library or "" */
    struct jfr_str name;
    struct jfr_str descriptor;
    int32_t modifiers;
    bool is_hidden;
};
int jfr_method_read(const struct jfr_chunk *chunk, uint64_t method_id, struct jfr_method *method);

struct jfr_thread {
    struct jfr_str os_name;
    struct jfr_str java_name; /* null for threads that aren't Java's */
    int64_t os_id;
    int64_t java_id; /* 0: not a Java thread */
};
int jfr_thread_read(const struct jfr_chunk *chunk, uint64_t thread_id, struct jfr_thread *thread);

#endif
