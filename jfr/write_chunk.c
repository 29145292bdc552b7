/* write_chunk.c — a growing chunk that is valid at every instant: the commit protocol of FORMAT.md
 * §8. Below the writer, above the sink. Knows the header and the padding event, nothing of other
 * events.
 *
 * Why this order of operations: a process may be killed between any two of them, and readers refuse
 * a file whose length is not its header's size or whose events don't tile it. */
#include "jfr/write_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    PAD_HEAD_LEN = 10, /* size (4), type, startTicks, duration, delta, flags, no pools */
    PAD_KEEP_LEN = 68, /* of the padding that stays: jfrconv stops 68 bytes before the end */
    FILLER_LEN = 7,    /* a padding head with a one-byte size */
    TAIL_MAX = FILLER_LEN + PAD_KEEP_LEN,
    PAGE = 4096,         /* the smallest page of any Linux; a write inside one is not torn */
    FIRST_PAD = 4 << 10, /* room for the first flush of a small recording */
    GROW_MIN = 64 << 10, /* then the file doubles ... */
    GROW_MAX = 1 << 20,  /* ... until it grows by this */
    FLAG_COMPRESSED = 1, /* integers are LEB128 */
    FLAG_FINAL = 2,      /* the last chunk of the recording */
    SIZE_AT = 8,         /* offsets in the header */
    CHECKPOINT_AT = 16,
    TICKS_AT = 48,
};

/* --- header ----------------------------------------------------------------------------------- */

static void header_put(const struct jfr_chunk_out *c, uint8_t header[JFR_HEADER_LEN])
{
    struct jfr_out out;
    jfr_out_init(&out, header, JFR_HEADER_LEN);
    jfr_out_bytes(&out, "FLR", 4);
    jfr_out_be16(&out, 2);
    jfr_out_be16(&out, 1);
    jfr_out_be64(&out, c->end);
    jfr_out_be64(&out, c->checkpoint_at);
    jfr_out_be64(&out, c->metadata_at);
    jfr_out_be64(&out, (uint64_t)c->clock.start_epoch_ns);
    jfr_out_be64(&out, c->duration_ns);
    jfr_out_be64(&out, c->clock.start_ticks);
    jfr_out_be64(&out, c->clock.ticks_per_sec);
    jfr_out_be32(&out, c->flags); /* state 0 = finished, two bytes 0, flags */
}

/* Rewrite header bytes [from, to): inside one page, so all of them or none. */
static int header_write(struct jfr_chunk_out *c, size_t from, size_t to)
{
    uint8_t header[JFR_HEADER_LEN];
    header_put(c, header);
    return c->sink->ops->write_at(c->sink, from, header + from, to - from);
}

/* --- padding ---------------------------------------------------------------------------------- */

/* The size of a padding is patched while readers may look and the process may die, so its four
 * bytes must lie in one page. */
static size_t filler_before(uint64_t pad_at)
{
    return pad_at % PAGE > PAGE - JFR_EVENT_SIZE_LEN ? FILLER_LEN : 0;
}

/* A checkpoint event outside the chain with no pools; what follows up to its size is ignored. */
static void pad_body_put(struct jfr_out *out)
{
    static const uint8_t body[] = {JFR_EVENT_CHECKPOINT, 0, 0, 0, 0, 0};
    jfr_out_bytes(out, body, sizeof body);
}

/* Filler (if needed) and padding head for a padding that ends at `end`. Returns the padding's
 * offset. */
static uint64_t pad_put(struct jfr_out *out, uint64_t at, uint64_t end)
{
    size_t filler = filler_before(at);
    if (filler) {
        jfr_out_u8(out, FILLER_LEN);
        pad_body_put(out);
    }
    jfr_out_event_size(out, (uint32_t)(end - at - filler));
    pad_body_put(out);
    return at + filler;
}

/* Patch the size of the padding in place. */
static int pad_resize(struct jfr_chunk_out *c, uint64_t len)
{
    uint8_t bytes[JFR_EVENT_SIZE_LEN];
    struct jfr_out out;
    jfr_out_init(&out, bytes, sizeof bytes);
    jfr_out_event_size(&out, (uint32_t)len);
    return c->sink->ops->write_at(c->sink, c->pad_at, bytes, sizeof bytes);
}

/* --- growing ---------------------------------------------------------------------------------- */

static uint64_t round_up_to_page(uint64_t n)
{
    return (n + PAGE - 1) / PAGE * PAGE;
}

/* The only moment besides the finish in which length and size differ: three small operations,
 * seldom. The padding comes first, because a padding that reaches past the end loses a reader less
 * than bytes behind the chunk's size. */
static int grow(struct jfr_chunk_out *c, uint64_t need)
{
    uint64_t step = c->end < GROW_MIN ? GROW_MIN : c->end > GROW_MAX ? GROW_MAX : c->end;
    uint64_t end = round_up_to_page(c->end + (need > step ? need : step));
    uint64_t len = end - c->pad_at;
    if (len > JFR_EVENT_SIZE_MAX)
        return -EFBIG;
    int rc = pad_resize(c, len);
    if (rc == 0)
        rc = c->sink->ops->set_length(c->sink, end);
    if (rc != 0)
        return rc;
    struct jfr_chunk_out grown = *c;
    grown.end = end;
    grown.pad_len = len;
    rc = header_write(&grown, SIZE_AT, CHECKPOINT_AT);
    if (rc == 0)
        *c = grown;
    return rc;
}

static int ensure_room(struct jfr_chunk_out *c, size_t n)
{
    uint64_t need = PAD_HEAD_LEN + c->hidden_len + n + TAIL_MAX;
    return need <= c->pad_len ? 0 : grow(c, need - c->pad_len);
}

/* --- the protocol ------------------------------------------------------------------------------
 */

int jfr_chunk_begin(struct jfr_chunk_out *c, struct jfr_sink *sink, const struct jfr_clock *clock,
                    const struct jfr_chunk_body *body)
{
    uint64_t used = JFR_HEADER_LEN + body->len;
    *c = (struct jfr_chunk_out){
        .sink = sink,
        .clock = *clock,
        .end = round_up_to_page(used + FIRST_PAD),
        .checkpoint_at = body->checkpoint_at,
        .metadata_at = body->metadata_at,
        .flags = FLAG_COMPRESSED,
    };
    uint8_t *image = calloc(1, c->end); /* tens of KiB: one operation makes the file valid */
    if (!image)
        return -ENOMEM;
    header_put(c, image);
    memcpy(image + JFR_HEADER_LEN, body->bytes, body->len);
    struct jfr_out out;
    jfr_out_init(&out, image + used, c->end - used);
    c->pad_at = pad_put(&out, used, c->end);
    c->pad_len = c->end - c->pad_at;
    int rc = sink->ops->write_at(sink, 0, image, c->end);
    free(image);
    return rc;
}

uint64_t jfr_chunk_tell(const struct jfr_chunk_out *c)
{
    return c->pad_at + PAD_HEAD_LEN + c->hidden_len;
}

int jfr_chunk_write(struct jfr_chunk_out *c, const void *bytes, size_t n)
{
    int rc = ensure_room(c, n);
    if (rc == 0)
        rc = c->sink->ops->write_at(c->sink, jfr_chunk_tell(c), bytes, n);
    if (rc == 0)
        c->hidden_len += n;
    return rc;
}

/* 1. The next padding, invisible like all before it. 2. Header: readers find constants that no
 * event refers to yet. 3. The old padding shrinks to its head, and everything behind it is there.
 */
static int publish(struct jfr_chunk_out *c, struct jfr_chunk_out *next)
{
    uint8_t tail[FILLER_LEN + PAD_HEAD_LEN];
    struct jfr_out out;
    int rc = ensure_room(c, 0);
    if (rc != 0)
        return rc;
    next->end = c->end;
    jfr_out_init(&out, tail, sizeof tail);
    next->pad_at = pad_put(&out, jfr_chunk_tell(c), c->end);
    next->pad_len = c->end - next->pad_at;
    next->hidden_len = 0;
    rc = c->sink->ops->write_at(c->sink, jfr_chunk_tell(c), tail, jfr_out_len(&out));
    if (rc == 0)
        rc = header_write(next, CHECKPOINT_AT, TICKS_AT);
    if (rc == 0)
        rc = pad_resize(c, PAD_HEAD_LEN);
    return rc;
}

int jfr_chunk_commit(struct jfr_chunk_out *c, uint64_t checkpoint_at, uint64_t duration_ns)
{
    struct jfr_chunk_out next = *c;
    int rc = 0;
    if (checkpoint_at != 0)
        next.checkpoint_at = checkpoint_at;
    next.duration_ns = duration_ns;
    if (c->hidden_len > 0)
        rc = publish(c, &next);
    else if (c->duration_ns != duration_ns)
        rc = header_write(&next, CHECKPOINT_AT, TICKS_AT);
    if (rc == 0)
        *c = next;
    return rc;
}

int jfr_chunk_restore(struct jfr_chunk_out *c)
{
    /* Each step is tried even if another failed: a full disk refuses some and takes others. */
    int cut = c->sink->ops->set_length(c->sink, c->end);
    int pad = pad_resize(c, c->pad_len);
    int header = header_write(c, SIZE_AT, JFR_HEADER_LEN);
    c->hidden_len = 0;
    return cut ? cut : pad ? pad : header;
}

/* 1. A second padding inside the padding. 2. The first one shrinks: two paddings in a row. 3.
 * Header: the chunk ends between them. 4. The sink too. */
static int trim(struct jfr_chunk_out *c)
{
    uint8_t head[PAD_HEAD_LEN];
    struct jfr_out out;
    jfr_out_init(&out, head, sizeof head);
    jfr_out_event_size(&out, (uint32_t)(c->pad_len - PAD_KEEP_LEN));
    pad_body_put(&out);
    int rc = c->sink->ops->write_at(c->sink, c->pad_at + PAD_KEEP_LEN, head, sizeof head);
    if (rc == 0)
        rc = pad_resize(c, PAD_KEEP_LEN);
    struct jfr_chunk_out trimmed = *c;
    trimmed.end = c->pad_at + PAD_KEEP_LEN;
    trimmed.pad_len = PAD_KEEP_LEN;
    if (rc == 0)
        rc = header_write(&trimmed, SIZE_AT, JFR_HEADER_LEN);
    if (rc == 0)
        rc = c->sink->ops->set_length(c->sink, trimmed.end);
    if (rc == 0)
        *c = trimmed;
    return rc;
}

int jfr_chunk_finish(struct jfr_chunk_out *c)
{
    c->hidden_len = 0;
    c->flags |= FLAG_FINAL;
    if (c->pad_len >= PAD_KEEP_LEN + PAD_HEAD_LEN)
        return trim(c);
    return header_write(c, SIZE_AT, JFR_HEADER_LEN);
}
