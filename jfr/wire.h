/* wire.h — the primitive encodings of JFR (FORMAT.md §3): two sticky bounded cursors.
 *
 * Both cursors remember the first overrun or malformed value and turn every later call into a no-op
 * (writes) or a zero (reads); the caller asks jfr_out_ok()/jfr_in_ok() once, before it publishes.
 * No allocation, no locks, no errno: every function here may run in a signal handler.
 * Source: JFR chunk format 2.x as read by the JDK's jdk.jfr.internal.consumer and by JMC's parser.
 */
#ifndef JFR_WIRE_H
#define JFR_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    JFR_LEB_MAX = 9,        /* longest LEB128 of JFR: 8 groups of 7 bits and a raw 8-bit one */
    JFR_EVENT_SIZE_LEN = 4, /* sizes beyond 127 are written padded to this many bytes ... */
};
#define JFR_EVENT_SIZE_MAX ((1u << 28) - 1) /* ... so this is the longest event we write */

/* String encodings, the first byte of every string. We write only NULL and UTF8. */
enum jfr_string_encoding {
    JFR_STRING_NULL = 0,
    JFR_STRING_EMPTY = 1,
    JFR_STRING_POOL = 2,
    JFR_STRING_UTF8 = 3,
    JFR_STRING_UTF16 = 4,
    JFR_STRING_LATIN1 = 5,
};

/* --- writing ---------------------------------------------------------------------------------- */

struct jfr_out {
    uint8_t *begin; /* borrowed until the cursor's last use */
    uint8_t *pos;
    uint8_t *end;
    bool overflow;
};

void jfr_out_init(struct jfr_out *out, void *buf, size_t cap_bytes);
static inline bool jfr_out_ok(const struct jfr_out *out)
{
    return !out->overflow;
}
static inline size_t jfr_out_len(const struct jfr_out *out)
{
    return (size_t)(out->pos - out->begin);
}

void jfr_out_u8(struct jfr_out *out, uint8_t v);
void jfr_out_bytes(struct jfr_out *out, const void *bytes, size_t n);
void jfr_out_be16(struct jfr_out *out, uint16_t v);
void jfr_out_be32(struct jfr_out *out, uint32_t v);
void jfr_out_be64(struct jfr_out *out, uint64_t v);
/* Shortest LEB128; a negative long is passed as its two's complement and takes 9 bytes. */
void jfr_out_leb(struct jfr_out *out, uint64_t v);
/* A JFR int: negative values are zero-extended from 32 bits, as HotSpot does (-1 = FF FF FF FF 0F).
 */
void jfr_out_int(struct jfr_out *out, int32_t v);
void jfr_out_float(struct jfr_out *out, float v);
void jfr_out_double(struct jfr_out *out, double v);
/* NULL gives the null string; n bytes of UTF-8, not checked for validity. */
void jfr_out_string(struct jfr_out *out, const char *utf8);
void jfr_out_string_n(struct jfr_out *out, const char *utf8, size_t n_bytes);

/* An event's size in exactly JFR_EVENT_SIZE_LEN bytes (at most JFR_EVENT_SIZE_MAX), so that it can
 * be patched in place. */
void jfr_out_event_size(struct jfr_out *out, uint32_t size);

/* Event framing. begin reserves room for the size and writes the type; end fills the size in: one
 * byte up to 127 (the event is moved down over the rest of the room), four padded bytes beyond.
 * After an overflow end rewinds to the event's start, so that a buffer never holds half an event,
 * and clears the overflow: it returns false and the event is the caller's counted loss. */
struct jfr_event_mark {
    uint8_t *start; /* NULL when the cursor had overflowed before */
};
struct jfr_event_mark jfr_event_begin(struct jfr_out *out, uint32_t type_id);
bool jfr_event_end(struct jfr_out *out, struct jfr_event_mark mark);

/* --- reading ---------------------------------------------------------------------------------- */

struct jfr_in {
    const uint8_t *begin; /* borrowed; offsets in messages count from here */
    const uint8_t *pos;
    const uint8_t *end;
    const char *error; /* NULL, or what went wrong first: a string literal */
    size_t error_at;   /* offset from begin of that first error */
};

void jfr_in_init(struct jfr_in *in, const void *buf, size_t len_bytes);
static inline bool jfr_in_ok(const struct jfr_in *in)
{
    return in->error == NULL;
}
static inline size_t jfr_in_left(const struct jfr_in *in)
{
    return (size_t)(in->end - in->pos);
}
static inline size_t jfr_in_at(const struct jfr_in *in)
{
    return (size_t)(in->pos - in->begin);
}
/* Record an error of the caller's own (semantic) kind; only the first one stays. */
void jfr_in_fail(struct jfr_in *in, const char *literal);

uint8_t jfr_in_u8(struct jfr_in *in);
uint16_t jfr_in_be16(struct jfr_in *in);
uint32_t jfr_in_be32(struct jfr_in *in);
uint64_t jfr_in_be64(struct jfr_in *in);
uint64_t jfr_in_leb(struct jfr_in *in);
float jfr_in_float(struct jfr_in *in);
double jfr_in_double(struct jfr_in *in);
void jfr_in_skip(struct jfr_in *in, uint64_t n_bytes);

/* A string as it lies in the buffer; nothing is copied or decoded. */
struct jfr_str {
    enum jfr_string_encoding encoding;
    const uint8_t *bytes; /* UTF8, LATIN1: the bytes; UTF16: LEB128 units; else NULL. Borrowed */
    size_t n_bytes;
    uint64_t pool_id; /* POOL: id in the java.lang.String pool */
};
struct jfr_str jfr_in_string(struct jfr_in *in);
/* Decode to UTF-8 (UTF8, UTF16, LATIN1, EMPTY). Returns the length it needs without the final 0;
 * writes at most cap_bytes including a final 0 (cap 0 writes nothing). NULL and POOL give "". */
size_t jfr_str_to_utf8(const struct jfr_str *s, char *buf, size_t cap_bytes);

#endif
