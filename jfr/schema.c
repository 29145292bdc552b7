/* schema.c — the lists of schema.h as data, for the metadata event and for tests. All constant. */
#include "jfr/schema.h"

/* Kind and type id of a field, two initializers: of the constant for POOL, of the struct for
 * INLINE, of the element for ARRAY. */
#define DESC_LONG                 JFR_KIND_LONG, JFR_TYPE_LONG
#define DESC_INT                  JFR_KIND_INT, JFR_TYPE_INT
#define DESC_SHORT                JFR_KIND_SHORT, JFR_TYPE_SHORT
#define DESC_BYTE                 JFR_KIND_BYTE, JFR_TYPE_BYTE
#define DESC_BOOLEAN              JFR_KIND_BOOLEAN, JFR_TYPE_BOOLEAN
#define DESC_FLOAT                JFR_KIND_FLOAT, JFR_TYPE_FLOAT
#define DESC_DOUBLE               JFR_KIND_DOUBLE, JFR_TYPE_DOUBLE
#define DESC_STRING               JFR_KIND_STRING, JFR_TYPE_STRING
#define DESC_TEXT                 JFR_KIND_TEXT, JFR_TYPE_STRING
#define DESC_POOL(TYPE)           JFR_KIND_POOL, JFR_TYPE_##TYPE
#define DESC_INLINE(c_name, TYPE) JFR_KIND_INLINE, JFR_TYPE_##TYPE
#define DESC_ARRAY(c_name, TYPE)  JFR_KIND_ARRAY, JFR_TYPE_##TYPE

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
