/* encode.c — the encoders that come from the lists of schema.h: one event or constant into a
 * cursor. Run in any context, signal handlers included; need nothing but wire.c. */
#include "jfr/schema.h"

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
#define PUT_LONG                 put_long
#define PUT_INT                  jfr_out_int
#define PUT_SHORT                jfr_out_int
#define PUT_BYTE                 jfr_out_u8
#define PUT_BOOLEAN              put_bool
#define PUT_FLOAT                jfr_out_float
#define PUT_DOUBLE               jfr_out_double
#define PUT_STRING               jfr_out_string
#define PUT_TEXT                 put_text
#define PUT_POOL(TYPE)           jfr_out_leb
#define PUT_INLINE(c_name, TYPE) put_inline_##c_name
#define PUT_ARRAY(c_name, TYPE)  put_array_##c_name

/* clang-format off */
#define PUT_FIELD(kind, name, ...) PUT_##kind(out, v->name);

#define STRUCT(c_name, ...)                                                                        \
    static void put_fields_##c_name(struct jfr_out *out, const struct jfr_pool_##c_name *v)        \
    {
#define STRUCT_END(c_name)                                                                         \
    }                                                                                              \
    __attribute__((unused)) static void put_inline_##c_name(struct jfr_out *out,                   \
                                                            struct jfr_pool_##c_name v)            \
    {                                                                                              \
        put_fields_##c_name(out, &v);                                                              \
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
