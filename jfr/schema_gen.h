/* schema_gen.h — what comes out of the lists: ids, C structs, encoders, descriptors. Included by
 * schema.h and by nothing else.
 *
 * Encoders run in any context, signal handlers too: no allocation, locks or errno. */
#ifndef JFR_SCHEMA_GEN_H
#define JFR_SCHEMA_GEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "jfr/wire.h"

/* --- ids -------------------------------------------------------------------------------------- */

/* The two event types that need no declaration. */
enum { JFR_EVENT_METADATA = 0, JFR_EVENT_CHECKPOINT = 1 };

/* JFR_TYPE_LONG, JFR_TYPE_THREAD, JFR_TYPE_EXECUTION_SAMPLE, ...; JFR_ANNOTATION_LABEL, ... */
#define JFR_X_PRIMITIVE(TYPE, id, ...)    JFR_TYPE_##TYPE = (id),
#define JFR_X_ANNOTATION(TYPE, id, ...)   JFR_ANNOTATION_##TYPE = (id),
#define JFR_X_OPEN(c_name, TYPE, id, ...) JFR_TYPE_##TYPE = (id),
#define JFR_X_FIELD(...)
#define JFR_X_END(...)
enum jfr_type_id {
    JFR_PRIMITIVES(JFR_X_PRIMITIVE) JFR_ANNOTATIONS(JFR_X_ANNOTATION)
        JFR_STRUCTS(JFR_X_OPEN, JFR_X_FIELD, JFR_X_END)
            JFR_EVENTS(JFR_X_OPEN, JFR_X_FIELD, JFR_X_END)
};
#undef JFR_X_PRIMITIVE
#undef JFR_X_ANNOTATION
#undef JFR_X_OPEN
#undef JFR_X_FIELD
#undef JFR_X_END

/* JFR_FRAME_TYPE_INLINED, JFR_THREAD_STATE_RUNNABLE, ...: ids in those pools */
#define JFR_X_CONSTANT(TYPE, NAME, id, text) JFR_##TYPE##_##NAME = (id),
enum jfr_constant { JFR_CONSTANTS(JFR_X_CONSTANT) };
#undef JFR_X_CONSTANT

/* JFR_BYTES, JFR_NANOS, ...: bits */
#define JFR_X_UNIT(NAME, ...) JFR_UNIT_BIT_##NAME,
enum jfr_unit_bit { JFR_UNITS(JFR_X_UNIT) JFR_UNIT_COUNT };
#undef JFR_X_UNIT
#define JFR_X_UNIT(NAME, ...) JFR_##NAME = 1 << JFR_UNIT_BIT_##NAME,
enum jfr_unit { JFR_NO_UNIT = 0, JFR_UNITS(JFR_X_UNIT) };
#undef JFR_X_UNIT

/* --- values ----------------------------------------------------------------------------------- */

/* UTF-8 that need not be zero-terminated. utf8 NULL is the null string, except in a Symbol: there
 * null and empty are both written as the empty string (jfrconv reads nothing else, FORMAT.md §7).
 */
struct jfr_text {
    const char *utf8; /* borrowed for the call */
    size_t n_bytes;
};

/* struct jfr_pool_stack_frame_array { const struct jfr_pool_stack_frame *at; uint32_t n; }, ...:
 * borrowed for the call. */
#define JFR_X_OPEN(c_name, ...)             \
    struct jfr_pool_##c_name##_array {      \
        const struct jfr_pool_##c_name *at; \
        uint32_t n;                         \
    };
#define JFR_X_FIELD(...)
#define JFR_X_END(...)
JFR_STRUCTS(JFR_X_OPEN, JFR_X_FIELD, JFR_X_END)
#undef JFR_X_OPEN
#undef JFR_X_FIELD
#undef JFR_X_END

#define JFR_C_LONG              int64_t
#define JFR_C_INT               int32_t
#define JFR_C_SHORT             int16_t
#define JFR_C_BYTE              int8_t
#define JFR_C_BOOLEAN           bool
#define JFR_C_FLOAT             float
#define JFR_C_DOUBLE            double
#define JFR_C_STRING            const char *
#define JFR_C_TEXT              struct jfr_text
#define JFR_C_POOL(TYPE)        uint32_t
#define JFR_C_ARRAY(c_n, TYPE)  struct jfr_pool_##c_n##_array
#define JFR_C_INLINE(c_n, TYPE) struct jfr_pool_##c_n

/* struct jfr_pool_thread { const char *osName; int64_t osThreadId; ... }, the value of a constant,
 * and struct jfr_execution_sample { int64_t startTime; uint32_t sampledThread; ... }, an event: one
 * member per field, with the field's JFR name, in the order in which they are encoded. */
/* clang-format off */
#define JFR_X_STRUCT(c_name, ...)    struct jfr_pool_##c_name {
#define JFR_X_EVENT(c_name, ...)     struct jfr_##c_name {
#define JFR_X_FIELD(kind, name, ...) JFR_C_##kind name;
#define JFR_X_END(c_name)            };
JFR_STRUCTS(JFR_X_STRUCT, JFR_X_FIELD, JFR_X_END)
JFR_EVENTS(JFR_X_EVENT, JFR_X_FIELD, JFR_X_END)
/* clang-format on */
#undef JFR_X_STRUCT
#undef JFR_X_EVENT
#undef JFR_X_FIELD
#undef JFR_X_END

/* --- encoders --------------------------------------------------------------------------------- */

/* bool jfr_put_execution_sample(struct jfr_out *, const struct jfr_execution_sample *), ...: one
 * whole event with size and type. When it does not fit, the cursor is where it was before and false
 * is returned. */
#define JFR_X_OPEN(c_name, ...) \
    bool jfr_put_##c_name(struct jfr_out *out, const struct jfr_##c_name *event);
#define JFR_X_FIELD(...)
#define JFR_X_END(...)
JFR_EVENTS(JFR_X_OPEN, JFR_X_FIELD, JFR_X_END)
#undef JFR_X_OPEN

/* bool jfr_pool_put_thread(struct jfr_out *, uint32_t id, const struct jfr_pool_thread *), ...: one
 * entry of a constant pool, id and value. When it does not fit: as above. Types that are only used
 * inline have one too. */
#define JFR_X_OPEN(c_name, ...)                                  \
    bool jfr_pool_put_##c_name(struct jfr_out *out, uint32_t id, \
                               const struct jfr_pool_##c_name *value);
JFR_STRUCTS(JFR_X_OPEN, JFR_X_FIELD, JFR_X_END)
#undef JFR_X_OPEN
#undef JFR_X_FIELD
#undef JFR_X_END

/* --- descriptors: the lists as data, for the metadata event and for tests --------------------- */

enum jfr_kind {
    JFR_KIND_LONG,
    JFR_KIND_INT,
    JFR_KIND_SHORT,
    JFR_KIND_BYTE,
    JFR_KIND_BOOLEAN,
    JFR_KIND_FLOAT,
    JFR_KIND_DOUBLE,
    JFR_KIND_STRING,
    JFR_KIND_TEXT,
    JFR_KIND_POOL,
    JFR_KIND_INLINE,
    JFR_KIND_ARRAY,
};

struct jfr_schema_field {
    const char *name;
    const char *label;
    enum jfr_kind kind;
    uint32_t type;   /* type id; of the pool for POOL, of the struct for INLINE, the element's for
                        ARRAY */
    uint32_t units;  /* bits of enum jfr_unit */
    uint32_t offset; /* of the member in the C struct */
};

struct jfr_schema_type {
    const char *c_name; /* NULL for primitives */
    const char *name;
    const char *label;       /* or NULL */
    const char *category;    /* or NULL; '/' between levels */
    const char *description; /* or NULL */
    uint32_t id;
    bool is_event;
    bool is_simple;
    uint32_t size;                                              /* sizeof the C struct */
    const struct jfr_schema_field *(*list_fields)(uint32_t *n); /* use jfr_schema_fields() */
};

struct jfr_schema_annotation {
    const char *name;
    const char *label;       /* or NULL */
    const char *description; /* or NULL */
    uint32_t id;
    bool has_value; /* a String; an array of them if is_array */
    bool is_array;
    bool is_content_type;
};

struct jfr_schema_unit {
    uint32_t annotation;
    const char *value; /* or NULL */
};

struct jfr_schema_constant {
    uint32_t type;
    uint32_t id;
    const char *text;
};

/* All of them, in list order: primitives, structs, events. *n is the count; static memory. */
const struct jfr_schema_type *jfr_schema_types(size_t *n);
const struct jfr_schema_field *jfr_schema_fields(const struct jfr_schema_type *type, uint32_t *n);
const struct jfr_schema_annotation *jfr_schema_annotations(size_t *n);
const struct jfr_schema_constant *jfr_schema_constants(size_t *n);
/* Indexed by enum jfr_unit_bit. */
const struct jfr_schema_unit *jfr_schema_units(void);

#endif
