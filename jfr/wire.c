/* wire.c — LEB128, big-endian and string primitives of JFR, both ways. Runs in any context. */
#include "jfr/wire.h"

#include <string.h>

/* --- writing ---------------------------------------------------------------------------------- */

void jfr_out_init(struct jfr_out *out, void *buf, size_t cap_bytes)
{
    uint8_t *begin = buf; /* NULL + 0 is undefined in C */
    *out = (struct jfr_out){
        .begin = begin, .pos = begin, .end = cap_bytes ? begin + cap_bytes : begin};
}

/* n writable bytes, or NULL (and the cursor has overflowed for good). */
static uint8_t *out_take(struct jfr_out *out, size_t n)
{
    if (out->overflow || (size_t)(out->end - out->pos) < n) {
        out->overflow = true;
        return NULL;
    }
    uint8_t *p = out->pos;
    out->pos += n;
    return p;
}

void jfr_out_u8(struct jfr_out *out, uint8_t v)
{
    uint8_t *p = out_take(out, 1);
    if (p)
        *p = v;
}

void jfr_out_bytes(struct jfr_out *out, const void *bytes, size_t n)
{
    uint8_t *p = out_take(out, n);
    if (p && n)
        memcpy(p, bytes, n);
}

static void out_be(struct jfr_out *out, uint64_t v, int n)
{
    uint8_t *p = out_take(out, (size_t)n);
    if (!p)
        return;
    for (int i = n - 1; i >= 0; i--, v >>= 8)
        p[i] = (uint8_t)v;
}

void jfr_out_be16(struct jfr_out *out, uint16_t v)
{
    out_be(out, v, 2);
}
void jfr_out_be32(struct jfr_out *out, uint32_t v)
{
    out_be(out, v, 4);
}
void jfr_out_be64(struct jfr_out *out, uint64_t v)
{
    out_be(out, v, 8);
}

void jfr_out_leb(struct jfr_out *out, uint64_t v)
{
    uint8_t b[JFR_LEB_MAX];
    size_t n = 0;
    while (v > 0x7f && n < JFR_LEB_MAX - 1) {
        b[n++] = (uint8_t)(v | 0x80);
        v >>= 7;
    }
    b[n++] = (uint8_t)v;
    jfr_out_bytes(out, b, n);
}

void jfr_out_int(struct jfr_out *out, int32_t v)
{
    jfr_out_leb(out, (uint32_t)v);
}

void jfr_out_float(struct jfr_out *out, float v)
{
    uint32_t bits;
    memcpy(&bits, &v, sizeof bits);
    jfr_out_be32(out, bits);
}

void jfr_out_double(struct jfr_out *out, double v)
{
    uint64_t bits;
    memcpy(&bits, &v, sizeof bits);
    jfr_out_be64(out, bits);
}

void jfr_out_string(struct jfr_out *out, const char *utf8)
{
    jfr_out_string_n(out, utf8, utf8 ? strlen(utf8) : 0);
}

void jfr_out_string_n(struct jfr_out *out, const char *utf8, size_t n_bytes)
{
    jfr_out_u8(out, utf8 ? JFR_STRING_UTF8 : JFR_STRING_NULL);
    if (!utf8)
        return;
    jfr_out_leb(out, n_bytes);
    jfr_out_bytes(out, utf8, n_bytes);
}

void jfr_out_event_size(struct jfr_out *out, uint32_t size)
{
    for (int i = 0; i < JFR_EVENT_SIZE_LEN - 1; i++, size >>= 7)
        jfr_out_u8(out, (uint8_t)(size | 0x80));
    jfr_out_u8(out, (uint8_t)(size & 0x7f));
}

struct jfr_event_mark jfr_event_begin(struct jfr_out *out, uint32_t type_id)
{
    struct jfr_event_mark mark = {.start = out->overflow ? NULL : out->pos};
    if (mark.start) {
        out_take(out, JFR_EVENT_SIZE_LEN);
        jfr_out_leb(out, type_id);
    }
    return mark;
}

bool jfr_event_end(struct jfr_out *out, struct jfr_event_mark mark)
{
    if (!mark.start)
        return false;
    size_t n = (size_t)(out->pos - mark.start);
    if (out->overflow || n > JFR_EVENT_SIZE_MAX) {
        out->pos = mark.start;
        out->overflow = false;
        return false;
    }
    if (n - (JFR_EVENT_SIZE_LEN - 1) < 0x80) { /* most events: a one-byte size */
        n -= JFR_EVENT_SIZE_LEN - 1;
        memmove(mark.start + 1, mark.start + JFR_EVENT_SIZE_LEN, n - 1);
        mark.start[0] = (uint8_t)n;
        out->pos = mark.start + n;
        return true;
    }
    struct jfr_out size;
    jfr_out_init(&size, mark.start, JFR_EVENT_SIZE_LEN);
    jfr_out_event_size(&size, (uint32_t)n);
    return true;
}

/* --- reading ---------------------------------------------------------------------------------- */

void jfr_in_init(struct jfr_in *in, const void *buf, size_t len_bytes)
{
    const uint8_t *begin = buf;
    *in =
        (struct jfr_in){.begin = begin, .pos = begin, .end = len_bytes ? begin + len_bytes : begin};
}

void jfr_in_fail(struct jfr_in *in, const char *literal)
{
    if (in->error)
        return;
    in->error = literal;
    in->error_at = jfr_in_at(in);
}

static const uint8_t *in_take(struct jfr_in *in, uint64_t n)
{
    if (in->error)
        return NULL;
    if (jfr_in_left(in) < n) {
        jfr_in_fail(in, "ends in the middle of a value");
        return NULL;
    }
    const uint8_t *p = in->pos;
    in->pos += n;
    return p;
}

uint8_t jfr_in_u8(struct jfr_in *in)
{
    const uint8_t *p = in_take(in, 1);
    return p ? *p : 0;
}

static uint64_t in_be(struct jfr_in *in, int n)
{
    const uint8_t *p = in_take(in, (uint64_t)n);
    uint64_t v = 0;
    for (int i = 0; p && i < n; i++)
        v = v << 8 | p[i];
    return v;
}

uint16_t jfr_in_be16(struct jfr_in *in)
{
    return (uint16_t)in_be(in, 2);
}
uint32_t jfr_in_be32(struct jfr_in *in)
{
    return (uint32_t)in_be(in, 4);
}
uint64_t jfr_in_be64(struct jfr_in *in)
{
    return in_be(in, 8);
}

uint64_t jfr_in_leb(struct jfr_in *in)
{
    uint64_t v = 0;
    for (int i = 0; i < JFR_LEB_MAX; i++) {
        const uint8_t *p = in_take(in, 1);
        if (!p)
            return 0;
        if (i == JFR_LEB_MAX - 1)
            return v | (uint64_t)*p << 56;
        v |= (uint64_t)(*p & 0x7f) << (7 * i);
        if (!(*p & 0x80))
            return v;
    }
    return v;
}

float jfr_in_float(struct jfr_in *in)
{
    uint32_t bits = jfr_in_be32(in);
    float v;
    memcpy(&v, &bits, sizeof v);
    return v;
}

double jfr_in_double(struct jfr_in *in)
{
    uint64_t bits = jfr_in_be64(in);
    double v;
    memcpy(&v, &bits, sizeof v);
    return v;
}

void jfr_in_skip(struct jfr_in *in, uint64_t n_bytes)
{
    in_take(in, n_bytes);
}

struct jfr_str jfr_in_string(struct jfr_in *in)
{
    struct jfr_str s = {.encoding = JFR_STRING_NULL};
    uint8_t encoding = jfr_in_u8(in);
    switch (encoding) {
    case JFR_STRING_NULL:
    case JFR_STRING_EMPTY: break;
    case JFR_STRING_POOL: s.pool_id = jfr_in_leb(in); break;
    case JFR_STRING_UTF8:
    case JFR_STRING_LATIN1: {
        uint64_t n = jfr_in_leb(in);
        s.bytes = in_take(in, n);
        s.n_bytes = s.bytes ? (size_t)n : 0;
        break;
    }
    case JFR_STRING_UTF16: {
        uint64_t n_units = jfr_in_leb(in);
        s.bytes = in->pos;
        for (uint64_t i = 0; i < n_units && jfr_in_ok(in); i++)
            jfr_in_leb(in);
        s.n_bytes = (size_t)(in->pos - s.bytes);
        break;
    }
    default: jfr_in_fail(in, "unknown string encoding"); return s;
    }
    if (jfr_in_ok(in))
        s.encoding = (enum jfr_string_encoding)encoding;
    return s;
}

struct utf8_sink {
    char *buf;
    size_t cap;
    size_t n;
};

static void utf8_byte(struct utf8_sink *u, uint32_t b)
{
    if (u->n + 1 < u->cap)
        u->buf[u->n] = (char)b;
    u->n++;
}

static void utf8_put(struct utf8_sink *u, uint32_t cp)
{
    if (cp < 0x80) {
        utf8_byte(u, cp);
    } else if (cp < 0x800) {
        utf8_byte(u, 0xc0 | cp >> 6);
        utf8_byte(u, 0x80 | (cp & 0x3f));
    } else if (cp < 0x10000) {
        utf8_byte(u, 0xe0 | cp >> 12);
        utf8_byte(u, 0x80 | (cp >> 6 & 0x3f));
        utf8_byte(u, 0x80 | (cp & 0x3f));
    } else {
        utf8_byte(u, 0xf0 | (cp >> 18 & 7));
        utf8_byte(u, 0x80 | (cp >> 12 & 0x3f));
        utf8_byte(u, 0x80 | (cp >> 6 & 0x3f));
        utf8_byte(u, 0x80 | (cp & 0x3f));
    }
}

static bool is_high_surrogate(uint32_t u)
{
    return u >= 0xd800 && u < 0xdc00;
}
static bool is_low_surrogate(uint32_t u)
{
    return u >= 0xdc00 && u < 0xe000;
}

static void utf16_to_utf8(const struct jfr_str *s, struct utf8_sink *u)
{
    struct jfr_in in;
    jfr_in_init(&in, s->bytes, s->n_bytes);
    while (jfr_in_left(&in) > 0 && jfr_in_ok(&in)) {
        uint32_t unit = (uint32_t)jfr_in_leb(&in) & 0xffff;
        if (is_high_surrogate(unit) && jfr_in_left(&in) > 0) {
            struct jfr_in ahead = in;
            uint32_t low = (uint32_t)jfr_in_leb(&ahead) & 0xffff;
            if (is_low_surrogate(low)) {
                in = ahead;
                unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
            }
        }
        utf8_put(u, unit >= 0xd800 && unit < 0xe000 ? 0xfffd : unit);
    }
}

size_t jfr_str_to_utf8(const struct jfr_str *s, char *buf, size_t cap_bytes)
{
    struct utf8_sink u = {.buf = buf, .cap = cap_bytes};
    if (s->encoding == JFR_STRING_UTF16)
        utf16_to_utf8(s, &u);
    else if (s->encoding == JFR_STRING_LATIN1)
        for (size_t i = 0; i < s->n_bytes; i++)
            utf8_put(&u, s->bytes[i]);
    else if (s->encoding == JFR_STRING_UTF8)
        for (size_t i = 0; i < s->n_bytes; i++)
            utf8_byte(&u, s->bytes[i]);
    if (cap_bytes > 0)
        buf[u.n < cap_bytes ? u.n : cap_bytes - 1] = 0;
    return u.n;
}
