/* write_chunk.c — a growing file of chunks that is valid at every instant: the commit protocol of
 * FORMAT.md §8. Below the writer, above the sink. Knows header, edge and padding, nothing of other
 * events.
 *
 * Why this order of operations: a process may be killed between any two of them, and readers refuse
 * a file whose length is not its last chunk's end or whose events don't tile its chunks. */
#include "jfr/write_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    FILLER_LEN = 7, /* a padding head with a one-byte size */
    TAIL_MAX = FILLER_LEN + JFR_PAD_KEEP_LEN,
    FIRST_PAD = 4 << 10, /* room for the first flush of a small recording */
    GROW_MIN = 64 << 10, /* then the file doubles ... */
    GROW_MAX = 1 << 20,  /* ... until it grows by this */
};

static int put(const struct jfr_chunk_out *c, uint64_t offset, const void *bytes, size_t n)
{
    return c->sink->ops->write_at(c->sink, c->base + offset, bytes, n);
}

/* Rewrite header bytes [from, to): inside one page, so all of them or none. */
static int header_write(const struct jfr_chunk_out *c, size_t from, size_t to)
{
    uint8_t header[JFR_HEADER_LEN];
    jfr_header_put(&c->head, header);
    return put(c, from, header + from, to - from);
}

/* --- padding ---------------------------------------------------------------------------------- */

/* The size of a padding is patched while readers may look and the process may die, so its four
 * bytes must lie in one page. */
static size_t filler_before(const struct jfr_chunk_out *c, uint64_t pad_at)
{
    return (c->base + pad_at) % JFR_PAGE > JFR_PAGE - JFR_EVENT_SIZE_LEN ? FILLER_LEN : 0;
}

/* Filler (if needed) and head of a padding from `at` to the chunk's end. Returns its offset. */
static uint64_t pad_put(const struct jfr_chunk_out *c, struct jfr_out *out, uint64_t at)
{
    static const uint8_t filler_event[FILLER_LEN] = {FILLER_LEN, JFR_EVENT_CHECKPOINT};
    size_t filler = filler_before(c, at);
    jfr_out_bytes(out, filler_event, filler);
    jfr_pad_put(out, c->head.size - at - filler);
    return at + filler;
}

/* Patch the size of the padding in place. */
static int pad_resize(struct jfr_chunk_out *c, uint64_t len)
{
    uint8_t bytes[JFR_EVENT_SIZE_LEN];
    struct jfr_out out;
    jfr_out_init(&out, bytes, sizeof bytes);
    jfr_out_event_size(&out, (uint32_t)len);
    return put(c, c->pad_at, bytes, sizeof bytes);
}

/* --- growing ---------------------------------------------------------------------------------- */

static uint64_t round_up_to_page(uint64_t n)
{
    return (n + JFR_PAGE - 1) / JFR_PAGE * JFR_PAGE;
}

/* The only moment in which length and size differ: three small operations, seldom. Each leaves what
 * costs a reader least: first a padding that reaches too far, which JMC doesn't mind, then a chunk
 * that ends too early, which costs no reader the chunks before it. The other way round, bytes
 * behind the last chunk, would lose all of them. */
static int grow(struct jfr_chunk_out *c, uint64_t need)
{
    uint64_t now = c->base + c->head.size;
    uint64_t step = now < GROW_MIN ? GROW_MIN : now > GROW_MAX ? GROW_MAX : now;
    uint64_t end = round_up_to_page(now + (need > step ? need : step));
    uint64_t len = end - c->base - c->pad_at;
    if (len > JFR_EVENT_SIZE_MAX)
        return -EFBIG;
    struct jfr_chunk_out grown = *c;
    grown.head.size = end - c->base;
    grown.pad_len = len;
    int rc = pad_resize(c, len);
    if (rc == 0)
        rc = header_write(&grown, JFR_HEADER_SIZE_AT, JFR_HEADER_CHECKPOINT_AT);
    if (rc == 0)
        rc = c->sink->ops->set_length(c->sink, end);
    if (rc == 0)
        *c = grown;
    return rc;
}

/* What the start of another chunk takes of the padding at most: kept free, so that ending a chunk
 * never has to grow the file. */
static uint64_t room_for_next(const struct jfr_chunk_out *c)
{
    return JFR_PAD_KEEP_LEN + JFR_HEADER_LEN + JFR_HEADER_LEN + JFR_EDGE_LEN + c->body->len +
           TAIL_MAX;
}

static int ensure_room(struct jfr_chunk_out *c, uint64_t n)
{
    uint64_t need = JFR_PAD_HEAD_LEN + c->hidden_len + n + TAIL_MAX + room_for_next(c);
    return need <= c->pad_len ? 0 : grow(c, need - c->pad_len);
}

/* --- the protocol ------------------------------------------------------------------------------
 */

int jfr_chunk_begin(struct jfr_chunk_out *c, struct jfr_sink *sink, const struct jfr_clock *clock,
                    const struct jfr_chunk_body *body)
{
    uint64_t used = JFR_HEADER_LEN + body->len;
    *c = (struct jfr_chunk_out){.sink = sink, .body = body};
    c->head = (struct jfr_header){
        .clock = *clock,
        .size = round_up_to_page(used + FIRST_PAD + room_for_next(c)),
        .metadata_at = JFR_HEADER_LEN,
        .checkpoint_at = JFR_HEADER_LEN + body->checkpoint_at,
        .flags = JFR_FLAG_COMPRESSED,
    };
    uint8_t *image = calloc(1, c->head.size); /* tens of KiB: one operation makes the file valid */
    if (!image)
        return -ENOMEM;
    jfr_header_put(&c->head, image);
    memcpy(image + JFR_HEADER_LEN, body->bytes, body->len);
    struct jfr_out out;
    jfr_out_init(&out, image + used, c->head.size - used);
    c->pad_at = pad_put(c, &out, used);
    c->pad_len = c->head.size - c->pad_at;
    int rc = put(c, 0, image, c->head.size);
    free(image);
    return rc;
}

uint64_t jfr_chunk_tell(const struct jfr_chunk_out *c)
{
    return c->pad_at + JFR_PAD_HEAD_LEN + c->hidden_len;
}

int jfr_chunk_write(struct jfr_chunk_out *c, const void *bytes, size_t n)
{
    int rc = ensure_room(c, n);
    if (rc == 0)
        rc = put(c, jfr_chunk_tell(c), bytes, n);
    if (rc == 0)
        c->hidden_len += n;
    return rc;
}

/* 1. The next padding, invisible like all before it. 2. Header: readers find constants that no
 * event refers to yet. 3. The old padding shrinks to its head, and everything behind it is there.
 */
static int publish(struct jfr_chunk_out *c, struct jfr_chunk_out *next)
{
    uint8_t tail[FILLER_LEN + JFR_PAD_HEAD_LEN];
    struct jfr_out out;
    int rc = ensure_room(c, 0);
    if (rc != 0)
        return rc;
    next->head.size = c->head.size;
    jfr_out_init(&out, tail, sizeof tail);
    next->pad_at = pad_put(c, &out, jfr_chunk_tell(c));
    next->pad_len = c->head.size - next->pad_at;
    next->hidden_len = 0;
    rc = put(c, jfr_chunk_tell(c), tail, jfr_out_len(&out));
    if (rc == 0)
        rc = header_write(next, JFR_HEADER_CHECKPOINT_AT, JFR_HEADER_TICKS_AT);
    if (rc == 0)
        rc = pad_resize(c, JFR_PAD_HEAD_LEN);
    return rc;
}

int jfr_chunk_commit(struct jfr_chunk_out *c, uint64_t checkpoint_at, uint64_t duration_ns)
{
    struct jfr_chunk_out next = *c;
    int rc = 0;
    if (checkpoint_at != 0)
        next.head.checkpoint_at = checkpoint_at;
    next.head.duration_ns = duration_ns;
    if (c->hidden_len > 0)
        rc = publish(c, &next);
    else if (c->head.duration_ns != duration_ns)
        rc = header_write(&next, JFR_HEADER_CHECKPOINT_AT, JFR_HEADER_TICKS_AT);
    if (rc == 0)
        *c = next;
    return rc;
}

int jfr_chunk_restore(struct jfr_chunk_out *c)
{
    /* Each step is tried even if another failed: a full disk refuses some and takes others. */
    int cut = c->sink->ops->set_length(c->sink, c->base + c->head.size);
    int pad = pad_resize(c, c->pad_len);
    int header = header_write(c, JFR_HEADER_SIZE_AT, JFR_HEADER_LEN);
    c->hidden_len = 0;
    return cut ? cut : pad ? pad : header;
}

/* --- from chunk to chunk ---------------------------------------------------------------------- */

/* How much of the padding stays when a chunk begins behind it whose header lies in one page. */
static uint64_t keep_before_header(const struct jfr_chunk_out *c)
{
    uint64_t in_page = (c->base + c->pad_at + JFR_PAD_KEEP_LEN) % JFR_PAGE;
    return JFR_PAD_KEEP_LEN + (in_page > JFR_PAGE - JFR_HEADER_LEN ? JFR_PAGE - in_page : 0);
}

/* The start of the next chunk, up to the end of the file, into the padding. */
static int write_start(struct jfr_chunk_out *next)
{
    uint8_t start[JFR_HEADER_LEN + JFR_EDGE_LEN], tail[FILLER_LEN + JFR_PAD_HEAD_LEN];
    struct jfr_out out;
    jfr_header_put(&next->head, start);
    jfr_out_init(&out, start + JFR_HEADER_LEN, JFR_EDGE_LEN);
    jfr_edge_put(&out, next->head.size);
    int rc = put(next, 0, start, sizeof start);
    if (rc == 0)
        rc = put(next, sizeof start, next->body->bytes, next->body->len);
    jfr_out_init(&out, tail, sizeof tail);
    next->pad_at = pad_put(next, &out, sizeof start + next->body->len);
    next->pad_len = next->head.size - next->pad_at;
    if (rc == 0)
        rc = put(next, sizeof start + next->body->len, tail, jfr_out_len(&out));
    return rc;
}

/* 1. The next chunk inside the padding. 2. The padding shrinks: the next chunk's header is now an
 * event of this one, its edge a padding up to the end. 3. This chunk's size: it ends before them.
 */
static int next_chunk(struct jfr_chunk_out *c, const struct jfr_clock *clock)
{
    uint64_t keep = keep_before_header(c), metadata_at = JFR_HEADER_LEN + JFR_EDGE_LEN;
    struct jfr_chunk_out ended = *c;
    struct jfr_chunk_out next = {
        .sink = c->sink, .body = c->body, .base = c->base + c->pad_at + keep};
    next.head = (struct jfr_header){
        .clock = *clock,
        .size = c->pad_len - keep,
        .metadata_at = metadata_at,
        .checkpoint_at = metadata_at + c->body->checkpoint_at,
        .flags = c->head.flags,
    };
    int rc = write_start(&next);
    if (rc == 0)
        rc = pad_resize(c, keep);
    ended.head.size = c->pad_at + keep;
    if (rc == 0)
        rc = header_write(&ended, JFR_HEADER_SIZE_AT, JFR_HEADER_LEN);
    if (rc == 0)
        *c = next;
    return rc;
}

int jfr_chunk_next(struct jfr_chunk_out *c, const struct jfr_clock *clock)
{
    int rc = ensure_room(c, room_for_next(c)); /* of this chunk and of the next one */
    return rc ? rc : next_chunk(c, clock);
}

/* Like any other chunk, but the one behind it is then cut off, whole. */
int jfr_chunk_finish(struct jfr_chunk_out *c)
{
    struct jfr_clock later = c->head.clock;
    later.start_epoch_ns++;
    c->hidden_len = 0;
    c->head.flags |= JFR_FLAG_FINAL;
    int rc = c->pad_len >= room_for_next(c) ? next_chunk(c, &later) : -ENOSPC;
    if (rc == 0)
        return c->sink->ops->set_length(c->sink, c->base);
    jfr_chunk_restore(c);
    return rc;
}
