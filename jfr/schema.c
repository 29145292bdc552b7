/* schema.c — the encoders and descriptors that come from the lists of schema.h.
 * The encoders run in any context; the descriptors are constant. */
#include "jfr/schema.h"

/* --- encoders --------------------------------------------------------------------------------- */

static void put_long(struct jfr_out *out, int64_t v)
{
    jfr_out_leb(out, (uint64_t)v);
}
static void put_bool(struct jfr_out *out, bool v)
{
    jfr_out_u8(out, v);
}
static void put_text(struct jfr_out *out, struct jfr_text v)
{
    jfr_out_string_n(out, v.utf8 ? v.utf8 : "", v.utf8 ? v.n_bytes : 0);
}

/* A pool entry is written whole or not at all, as an event is (jfr_event_end). start is NULL when
 * the cursor had overflowed before. */
static bool keep_or_rewind(struct jfr_out *out, uint8_t *start)
{
    if (!out->overflow)
        return true;
    if (start) {
        out->pos = start;
        out->overflow = false;
    }
    return false;
}

/* `PUT_##kind(out, value)`: a kind with an argument expands to the function's name first. */
#define PUT_LONG                put_long
#define PUT_INT                 jfr_out_int
#define PUT_SHORT               jfr_out_int
#define PUT_BYTE                jfr_out_u8
#define PUT_BOOLEAN             put_bool
#define PUT_FLOAT               jfr_out_float
#define PUT_DOUBLE              jfr_out_double
#define PUT_STRING              jfr_out_string
#define PUT_TEXT                put_text
#define PUT_POOL(TYPE)          jfr_out_leb
#define PUT_ARRAY(c_name, TYPE) put_array_##c_name

/* clang-format off */
#define PUT_FIELD(kind, name, ...) PUT_##kind(out, v->name);

#define STRUCT(c_name, ...)                                                                        \
    static void put_fields_##c_name(struct jfr_out *out, const struct jfr_pool_##c_name *v)        \
    {
#define STRUCT_END(c_name)                                                                         \
    }                                                                                              \
    __attribute__((unused)) static void put_array_##c_name(                                        \
        struct jfr_out *out, struct jfr_pool_##c_name##_array array)                               \
    {                                                                                              \
        jfr_out_leb(out, array.n);                                                                 \
        for (uint32_t i = 0; i < array.n && jfr_out_ok(out); i++)                                  \
            put_fields_##c_name(out, &array.at[i]);                                                \
    }                                                                                              \
    bool jfr_pool_put_##c_name(struct jfr_out *out, uint32_t id,                                   \
                               const struct jfr_pool_##c_name *value)                              \
    {                                                                                              \
        uint8_t *start = out->overflow ? NULL : out->pos;                                          \
        jfr_out_leb(out, id);                                                                      \
        put_fields_##c_name(out, value);                                                           \
        return keep_or_rewind(out, start);                                                         \
    }

#define EVENT(c_name, TYPE, ...)                                                                   \
    bool jfr_put_##c_name(struct jfr_out *out, const struct jfr_##c_name *v)                       \
    {                                                                                              \
        struct jfr_event_mark mark = jfr_event_begin(out, JFR_TYPE_##TYPE);
#define EVENT_END(c_name)                                                                          \
        return jfr_event_end(out, mark);                                                           \
    }

JFR_STRUCTS(STRUCT, PUT_FIELD, STRUCT_END)
JFR_EVENTS(EVENT, PUT_FIELD, EVENT_END)
#undef STRUCT
#undef EVENT
/* clang-format on */

/* --- descriptors ------------------------------------------------------------------------------ */

/* Kind and type id of a field, two initializers: of the constant for POOL, of the element for
 * ARRAY. */
#define DESC_LONG                JFR_KIND_LONG, JFR_TYPE_LONG
#define DESC_INT                 JFR_KIND_INT, JFR_TYPE_INT
#define DESC_SHORT               JFR_KIND_SHORT, JFR_TYPE_SHORT
#define DESC_BYTE                JFR_KIND_BYTE, JFR_TYPE_BYTE
#define DESC_BOOLEAN             JFR_KIND_BOOLEAN, JFR_TYPE_BOOLEAN
#define DESC_FLOAT               JFR_KIND_FLOAT, JFR_TYPE_FLOAT
#define DESC_DOUBLE              JFR_KIND_DOUBLE, JFR_TYPE_DOUBLE
#define DESC_STRING              JFR_KIND_STRING, JFR_TYPE_STRING
#define DESC_TEXT                JFR_KIND_TEXT, JFR_TYPE_STRING
#define DESC_POOL(TYPE)          JFR_KIND_POOL, JFR_TYPE_##TYPE
#define DESC_ARRAY(c_name, TYPE) JFR_KIND_ARRAY, JFR_TYPE_##TYPE

/* clang-format off */
/* One function per type, so that FIELD can name the C struct of its group for offsetof. */
#define FIELDS_OF(c_name, c_type)                                                                  \
    static const struct jfr_schema_field *fields_of_##c_name(uint32_t *n)                          \
    {                                                                                              \
        typedef struct c_type self;                                                                \
        static const struct jfr_schema_field fields[] = {
#define STRUCT(c_name, ...) FIELDS_OF(c_name, jfr_pool_##c_name)
#define EVENT(c_name, ...)  FIELDS_OF(c_name, jfr_##c_name)
#define FIELD(kind, name, units, label) {#name, label, DESC_##kind, units, offsetof(self, name)},
#define FIELDS_END(c_name)                                                                         \
        };                                                                                         \
        *n = sizeof fields / sizeof fields[0];                                                     \
        return fields;                                                                             \
    }

JFR_STRUCTS(STRUCT, FIELD, FIELDS_END)
JFR_EVENTS(EVENT, FIELD, FIELDS_END)
#undef STRUCT
#undef EVENT

#define SKIP(...)
#define IS_SIMPLE 1
#define IS_PLAIN  0
#define PRIMITIVE(TYPE, id_, name_) {.name = name_, .id = id_},
#define STRUCT(c_name_, TYPE, id_, name_, SIMPLE, label_)                                          \
    {.c_name = #c_name_, .name = name_, .label = label_, .id = id_, .is_simple = IS_##SIMPLE,      \
     .list_fields = fields_of_##c_name_, .size = sizeof(struct jfr_pool_##c_name_)},
#define EVENT(c_name_, TYPE, id_, name_, label_, category_, description_)                          \
    {.c_name = #c_name_, .name = name_, .label = label_, .category = category_,                    \
     .description = description_, .id = id_, .is_event = true,                                     \
     .list_fields = fields_of_##c_name_, .size = sizeof(struct jfr_##c_name_)},
static const struct jfr_schema_type g_types[] = {
    JFR_PRIMITIVES(PRIMITIVE)
    JFR_STRUCTS(STRUCT, SKIP, SKIP)
    JFR_EVENTS(EVENT, SKIP, SKIP)
};

#define VALUE_NONE    .has_value = false
#define VALUE_STRING  .has_value = true
#define VALUE_STRINGS .has_value = true, .is_array = true
#define IS_CONTENT    1
#define ANNOTATION(TYPE, id_, name_, value, content, label_, description_)                         \
    {.name = name_, .label = label_, .description = description_, .id = id_, VALUE_##value,        \
     .is_content_type = IS_##content},
static const struct jfr_schema_annotation g_annotations[] = {JFR_ANNOTATIONS(ANNOTATION)};

#define CONSTANT(TYPE, NAME, id_, text_) {.type = JFR_TYPE_##TYPE, .id = id_, .text = text_},
static const struct jfr_schema_constant g_constants[] = {JFR_CONSTANTS(CONSTANT)};

#define UNIT(NAME, ANNOTATION_, value_)                                                            \
    {.annotation = JFR_ANNOTATION_##ANNOTATION_, .value = value_},
static const struct jfr_schema_unit g_units[] = {JFR_UNITS(UNIT)};
/* clang-format on */

const struct jfr_schema_type *jfr_schema_types(size_t *n)
{
    *n = sizeof g_types / sizeof g_types[0];
    return g_types;
}

const struct jfr_schema_field *jfr_schema_fields(const struct jfr_schema_type *type, uint32_t *n)
{
    *n = 0;
    return type->list_fields ? type->list_fields(n) : NULL;
}

const struct jfr_schema_annotation *jfr_schema_annotations(size_t *n)
{
    *n = sizeof g_annotations / sizeof g_annotations[0];
    return g_annotations;
}

const struct jfr_schema_constant *jfr_schema_constants(size_t *n)
{
    *n = sizeof g_constants / sizeof g_constants[0];
    return g_constants;
}

const struct jfr_schema_unit *jfr_schema_units(void)
{
    return g_units;
}
