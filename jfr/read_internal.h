/* read_internal.h — what the read_*.c files share: an open chunk, compiled layouts, fast cursors.
 * Stages: read_file.c (headers) -> read_chunk.c (open) -> read_metadata.c (types) -> read_layout.c
 * (how to skip and decode each type) -> read_pool.c (where each constant lies) -> read_event.c,
 * read_constant.c (decoding on demand). Normal context only. */
#ifndef JFR_READ_INTERNAL_H
#define JFR_READ_INTERNAL_H

#include <string.h>

#include "jfr/read.h"

enum {
    JFR_HEADER_LEN = 68,
    JFR_TYPE_METADATA = 0,
    JFR_TYPE_CHECKPOINT = 1,
    JFR_READ_STRINGS_MAX = 1 << 20,     /* of a metadata event; the JDK's has about 8,000 */
    JFR_READ_ALL_FIELDS_MAX = 1 << 20,  /* of all classes of a chunk; the JDK's has about 2,000 */
    JFR_READ_LEAVES_MAX = 4096,         /* of one class with all its inline structs laid flat */
    JFR_READ_INLINE_DEPTH_MAX = 16,     /* structs in structs */
    JFR_READ_ARRAY_DEPTH_MAX = 16,      /* arrays in structs in arrays */
    JFR_READ_DENSE_TYPES_MAX = 1 << 16, /* type ids below are looked up in a table */
    JFR_READ_FRAME_TYPES_MAX = 128,     /* ids of FrameType; FORMAT.md: below 128 */
};

/* --- memory: freed all at once when the chunk is closed ----------------------------------------
 */

struct jfr_arena {
    struct jfr_arena_block *head;
};
/* Zeroed, aligned for any type; NULL when out of memory. */
void *jfr_arena_alloc(struct jfr_arena *arena, size_t n_bytes);
void jfr_arena_fini(struct jfr_arena *arena);

/* --- layouts -----------------------------------------------------------------------------------
 */

/* One step of skipping a value. Runs of like fields are merged: a StackFrame is one step. */
enum jfr_op_kind { JFR_OP_LEBS, JFR_OP_BYTES, JFR_OP_STRING, JFR_OP_ARRAY };
struct jfr_op {
    enum jfr_op_kind kind;
    uint32_t n;                   /* LEBS: how many; BYTES: how many */
    const struct jfr_type *array; /* ARRAY: type of the elements, NULL = ids of constants */
};

/* How a type's value lies in the chunk, inline structs laid flat. */
struct jfr_layout {
    struct jfr_op *ops;
    uint32_t n_ops;
    bool
        is_bad; /* can't be decoded: refers to an undeclared type, contains itself, or is too big */
    struct jfr_pool *pool; /* the type's constants, NULL = none seen */
};

/* Fill in type->layout of all types. -ENOMEM only. */
int jfr_layout_compile_all(struct jfr_chunk *chunk);
/* Move `in` past one value. */
void jfr_layout_skip(struct jfr_in *in, const struct jfr_layout *layout);

/* ... past one field. */
void jfr_field_skip(struct jfr_in *in, const struct jfr_field *field);

/* Decoding some fields of a type: skip `n_ops` steps, read one value into values[slot], and so on.
 */
struct jfr_plan_step {
    uint32_t first_op, n_ops;
    uint8_t slot;
    bool is_constant, is_array;
    enum jfr_primitive primitive;
    struct jfr_op array; /* how to get past the array */
};
struct jfr_plan {
    const struct jfr_type *type;
    int tag;
    uint32_t present;
    uint32_t n_steps;
    struct jfr_op *ops;
    struct jfr_plan_step steps[JFR_READ_FIELDS_MAX];
};
/* NULL: out of memory or (*bad = true) the type can't be decoded. */
struct jfr_plan *jfr_plan_compile(struct jfr_chunk *chunk, const struct jfr_type *type,
                                  const char *const fields[], int n_fields, bool *bad);
/* values[] of the plan's slots; the others are left alone. For an array: i = its count, str.bytes =
 * its first element. The caller asks jfr_in_ok. */
void jfr_plan_read(const struct jfr_chunk *chunk, const struct jfr_plan *plan, struct jfr_in *in,
                   struct jfr_value values[]);

/* --- pools --------------------------------------------------------------------------------------
 */

struct jfr_constant {
    uint64_t id;
    uint64_t offset; /* of the value, from the chunk's start */
};
struct jfr_pool {
    const struct jfr_type *type;
    struct jfr_constant *entries; /* by rising id once the chunk is open */
    uint32_t n, cap;
};

/* Index the constants of all checkpoints in the chain, or of all there are when the chain is
 * broken. */
int jfr_pool_load_all(struct jfr_chunk *chunk);
/* A cursor on the value of a constant; an empty one that has failed if there is none. */
struct jfr_in jfr_pool_cursor(const struct jfr_chunk *chunk, const struct jfr_pool *pool,
                              uint64_t id);
/* Encoding 2 (an id in the java.lang.String pool) to the string itself. */
struct jfr_str jfr_string_resolve(const struct jfr_chunk *chunk, struct jfr_str s);

/* --- chunks -------------------------------------------------------------------------------------
 */

/* The types every profile needs, found once when the chunk is opened. NULL: not declared. */
struct jfr_known {
    const struct jfr_type *string, *klass;
    const struct jfr_pool *strings, *stacks, *methods, *threads, *frame_types;
    struct jfr_plan *stack, *frame, *method, *thread;
    /* A StackFrame whose fields are all LEB128 (all known producers): which field each one is;
     * n_frame_lebs = 0 if it isn't like that. */
    uint8_t frame_slot[8];
    uint32_t n_frame_lebs;
    enum jfr_frame_kind frame_kind[JFR_READ_FRAME_TYPES_MAX];
};

struct jfr_chunk {
    struct jfr_chunk_header head;
    const uint8_t *bytes; /* the chunk, `n` bytes of it */
    size_t n;
    void *map; /* what to unmap, NULL if the bytes are borrowed */
    size_t map_len;
    struct jfr_arena arena;
    struct jfr_type *types; /* by rising id */
    uint32_t n_types;
    uint32_t *type_index; /* id -> index in types + 1, for ids < n_type_index */
    uint32_t n_type_index;
    struct jfr_plan **plans; /* per type: selected by jfr_chunk_select, or NULL */
    struct jfr_pool *pools;
    uint32_t n_pools;
    struct jfr_known known;
    unsigned n_damages;
    char damage[256];
};

int jfr_known_load(struct jfr_chunk *chunk);
int jfr_metadata_load(struct jfr_chunk *chunk, struct jfr_err *err);
/* Only while the chunk is being opened. The first text is kept, the others are counted. */
__attribute__((format(printf, 2, 3))) void jfr_chunk_note(struct jfr_chunk *chunk, const char *fmt,
                                                          ...);

/* One event's frame at `offset`: a cursor behind size and type, ending where the event ends.
 * False: no whole event there (cursor's error says why). */
struct jfr_frame_of_event {
    uint64_t size, type_id;
    struct jfr_in in;
};
bool jfr_event_frame(const struct jfr_chunk *chunk, uint64_t offset, struct jfr_frame_of_event *ev);

/* --- fast cursors -------------------------------------------------------------------------------
 */

/* jfr_in_leb without a bounds check per byte where nine bytes are left. */
static inline uint64_t jfr_fast_leb(struct jfr_in *in)
{
    if (jfr_in_left(in) < JFR_LEB_MAX || in->error)
        return jfr_in_leb(in);
    const uint8_t *p = in->pos;
    uint64_t v = *p & 0x7f;
    for (int shift = 7; *p++ & 0x80; shift += 7) {
        if (shift == 56) { /* the ninth byte: 8 raw bits */
            v |= (uint64_t)*p++ << 56;
            break;
        }
        v |= (uint64_t)(*p & 0x7f) << shift;
    }
    in->pos = p;
    return v;
}

static inline uint64_t jfr_in_offset(const struct jfr_chunk *chunk, const struct jfr_in *in)
{
    return (uint64_t)(in->pos - chunk->bytes);
}

#endif
