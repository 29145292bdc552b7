/* write_lz4.c — a growing file of LZ4 frames whose decoded bytes are, at every instant, a valid
 * plain recording: the commit protocol of FORMAT.md §12. Below the writer, above the sink. Recorder
 * thread: it compresses.
 *
 * The decoded chunk ends with the tail: a checkpoint with all constants of the tail, its events, a
 * padding. The tail is one frame. A flush writes it anew, longer, where no decoder looks, and then
 * lets the jump, a skippable frame in front of it, lead there: one patch of four bytes. Decoded,
 * only bytes of the padding change. A tail that has become long is closed: it stays where it is for
 * good, and another begins behind it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "jfr/write_frames.h"

enum {
    LEVEL_OPEN = 1,      /* the open tail: written again and again */
    LEVEL_CLOSED = 3,    /* what stays, written once: liblz4's fastest level of high compression */
    FIRST_PAD = 4 << 10, /* as in plain files, decoded */
    GROW_MIN = 64 << 10,
    GROW_MAX = 1 << 20,
    EMPTY_CHECKPOINT_MAX = 40,
    FILE_STEP = 64 << 10, /* the file's length while it grows */
    FILLERS_MAX = 256,    /* by how much the length of an image depends on its place, at most */
};

struct jfr_lz4_out {
    struct jfr_sink *sink;             /* borrowed */
    const struct jfr_chunk_body *body; /* borrowed */
    struct jfr_pools *pools;           /* borrowed: the constants of the tail */
    LZ4F_cctx *cctx;                   /* owned */
    /* Decoded, from the chunk's start. */
    struct jfr_header head; /* as published */
    uint64_t tail_at;       /* of its checkpoint, to which the header points */
    uint64_t before_at;     /* of the checkpoint before that, tail_at = none */
    uint64_t now_ticks;     /* of the tail's checkpoint */
    struct jfr_buf events;  /* of the tail */
    size_t n_events_published, n_pools_published; /* bytes */
    /* In the file. */
    uint64_t header_at; /* of the 68 bytes */
    uint64_t jump_at;   /* of the jump; what it skips and what follows are the tail's */
    uint64_t live_at;   /* where the jump leads: the tail as published */
    uint64_t rest_at;   /* of the skippable frame behind it, which reaches to the end of the file */
    uint64_t file_end;
    /* The frames of one operation. */
    struct jfr_buf closed, start, open;
    struct jfr_image image;
    bool has_failed; /* what the tail should hold isn't known any more */
};

/* --- the decoded tail ------------------------------------------------------------------------- */

static int64_t delta(const struct jfr_lz4_out *c)
{
    return (int64_t)(c->before_at - c->tail_at);
}

/* Length of the tail but for its padding. */
static uint64_t tail_len(const struct jfr_lz4_out *c)
{
    uint8_t bytes[JFR_CHECKPOINT_HEAD_MAX + JFR_EVENT_SIZE_LEN];
    struct jfr_out out;
    struct jfr_in in;
    jfr_out_init(&out, bytes, sizeof bytes);
    jfr_pools_put_head(c->pools, &(struct jfr_checkpoint){c->now_ticks, delta(c)}, &out);
    jfr_in_init(&in, bytes, sizeof bytes);
    return jfr_in_leb(&in) + c->events.len;
}

static void put_tail(struct jfr_frame_out *f, const struct jfr_lz4_out *c)
{
    uint8_t bytes[JFR_CHECKPOINT_HEAD_MAX + JFR_EVENT_SIZE_LEN];
    struct jfr_out out;
    jfr_out_init(&out, bytes, sizeof bytes);
    jfr_pools_put_head(c->pools, &(struct jfr_checkpoint){c->now_ticks, delta(c)}, &out);
    jfr_frame_put(f, bytes, jfr_out_len(&out));
    for (uint32_t type = 0; type < JFR_POOL_TYPES; type++) {
        const struct jfr_pool_buf *pool = &c->pools->by_type[type];
        if (pool->count == 0)
            continue;
        jfr_out_init(&out, bytes, sizeof bytes);
        jfr_pools_put_pool_head(c->pools, type, &out);
        jfr_frame_put(f, bytes, jfr_out_len(&out));
        jfr_frame_put(f, pool->bytes, pool->len);
    }
    jfr_frame_put(f, c->events.bytes, c->events.len);
}

static void put_padding(struct jfr_frame_out *f, uint64_t len)
{
    uint8_t bytes[JFR_PAD_HEAD_LEN];
    struct jfr_out out;
    jfr_out_init(&out, bytes, sizeof bytes);
    jfr_pad_put(&out, len);
    jfr_frame_put(f, bytes, sizeof bytes);
    jfr_frame_zeros(f, len - sizeof bytes);
}

/* The frame of the tail with nothing in it: a checkpoint without pools, and the padding. */
static void open_empty(struct jfr_lz4_out *c, int64_t to_before, uint64_t len)
{
    static const struct jfr_pools none;
    uint8_t bytes[JFR_CHECKPOINT_HEAD_MAX + JFR_EVENT_SIZE_LEN];
    struct jfr_out out;
    struct jfr_frame_out f;
    jfr_buf_clear(&c->open);
    jfr_frame_begin(&f, c->cctx, &c->open, LEVEL_OPEN);
    jfr_out_init(&out, bytes, sizeof bytes);
    jfr_pools_put_head(&none, &(struct jfr_checkpoint){c->now_ticks, to_before}, &out);
    jfr_frame_put(&f, bytes, jfr_out_len(&out));
    put_padding(&f, len - jfr_out_len(&out));
    jfr_frame_end(&f);
}

/* The tail as it is now, with a padding of pad_len (0 = none). */
static void compress_tail(struct jfr_lz4_out *c, struct jfr_buf *to, int level, uint64_t pad_len)
{
    struct jfr_frame_out f;
    jfr_buf_clear(to);
    jfr_frame_begin(&f, c->cctx, to, level);
    put_tail(&f, c);
    if (pad_len > 0)
        put_padding(&f, pad_len);
    jfr_frame_end(&f);
}

/* What a chunk has behind its header: the edge, when another one is before it, and the body. */
static void compress_start(struct jfr_lz4_out *c, const struct jfr_header *head, bool has_edge)
{
    uint8_t edge[JFR_EDGE_LEN];
    struct jfr_out out;
    struct jfr_frame_out f;
    jfr_buf_clear(&c->start);
    jfr_frame_begin(&f, c->cctx, &c->start, LEVEL_CLOSED);
    jfr_out_init(&out, edge, sizeof edge);
    jfr_edge_put(&out, head->size);
    if (has_edge)
        jfr_frame_put(&f, edge, sizeof edge);
    jfr_frame_put(&f, c->body->bytes, c->body->len);
    jfr_frame_end(&f);
}

/* --- the file --------------------------------------------------------------------------------- */

static int put(struct jfr_lz4_out *c, uint64_t at, const void *bytes, size_t n)
{
    return c->sink->ops->write_at(c->sink, at, bytes, n);
}

static int patch_skip(struct jfr_lz4_out *c, uint64_t at, uint64_t size)
{
    uint8_t bytes[] = {(uint8_t)size, (uint8_t)(size >> 8), (uint8_t)(size >> 16),
                       (uint8_t)(size >> 24)};
    return put(c, at + JFR_SKIP_SIZE_AT, bytes, sizeof bytes);
}

static int write_header(struct jfr_lz4_out *c, const struct jfr_header *head)
{
    uint8_t bytes[JFR_HEADER_LEN];
    jfr_header_put(head, bytes);
    return put(c, c->header_at + JFR_HEADER_SIZE_AT, bytes + JFR_HEADER_SIZE_AT,
               sizeof bytes - JFR_HEADER_SIZE_AT);
}

/* What an operation writes:
 *     [closed tail] [header and start of the next chunk] [jump] open tail, rest
 * and where that comes to lie. */
struct plan {
    bool closes;                   /* the tail so far stays; else only the open one is written */
    const struct jfr_header *next; /* NULL: the chunk goes on */
    uint64_t next_at;              /* behind the closed tail */
    uint64_t header_at;
    uint64_t jump_at;
    uint64_t rest_at;
};

static int assemble(struct jfr_lz4_out *c, struct plan *plan, uint64_t at)
{
    struct jfr_image *image = &c->image;
    uint8_t header[JFR_HEADER_LEN];
    jfr_buf_clear(&image->buf);
    image->at = at;
    plan->header_at = c->header_at;
    plan->jump_at = c->jump_at;
    if (plan->closes)
        jfr_buf_put(&image->buf, c->closed.bytes, c->closed.len);
    plan->next_at = at + image->buf.len;
    if (plan->next) {
        jfr_header_put(plan->next, header);
        plan->header_at = jfr_image_header(image, header) + JFR_HEADER_IN_FRAME;
        jfr_buf_put(&image->buf, c->start.bytes, c->start.len);
    }
    if (plan->closes || plan->next)
        plan->jump_at = jfr_image_skip(image, 0);
    jfr_buf_put(&image->buf, c->open.bytes, c->open.len);
    plan->rest_at = jfr_image_skip(image, 0);
    bool is_short = image->buf.is_short || c->closed.is_short || c->start.is_short ||
                    c->open.is_short || c->events.is_short;
    return is_short ? -ENOMEM : 0;
}

/* The rest reaches from the end of the image to that of the file. */
static void set_rest(struct jfr_image *image, uint64_t size)
{
    uint8_t *bytes = image->buf.bytes + image->buf.len - JFR_SKIP_LEN + JFR_SKIP_SIZE_AT;
    for (int i = 0; i < 4; i++)
        bytes[i] = (uint8_t)(size >> 8 * i);
}

/* The file becomes longer, so that the rest reaches over what is to be written. In between it
 * reaches beyond the end, which only `lz4 -d` from a pipe minds. The new bytes are a hole: a full
 * disk is met by the write into it. */
static int grow_file(struct jfr_lz4_out *c, uint64_t need)
{
    uint64_t from = c->rest_at + JFR_SKIP_LEN;
    uint64_t end = (need + FILE_STEP - 1) / FILE_STEP * FILE_STEP;
    int rc = patch_skip(c, c->rest_at, end - from);
    if (rc == 0)
        rc = c->sink->ops->set_length(c->sink, end);
    if (rc == 0)
        c->file_end = end;
    return rc;
}

/* Behind the live tail. The image begins so far away that it will fit into what lies between the
 * jump and its present place. */
static int write_behind(struct jfr_lz4_out *c, struct plan *plan, uint64_t *at)
{
    uint64_t from = c->rest_at + JFR_SKIP_LEN;
    uint64_t apart = c->jump_at + JFR_SKIP_LEN + c->image.buf.len + FILLERS_MAX;
    *at = plan->closes && apart > from ? apart : from;
    int rc = assemble(c, plan, *at);
    if (rc != 0)
        return rc;
    uint64_t end = *at + c->image.buf.len;
    if (end > c->file_end)
        rc = grow_file(c, end);
    set_rest(&c->image, c->file_end - end);
    if (rc == 0)
        rc = put(c, *at, c->image.buf.bytes, c->image.buf.len);
    return rc;
}

/* Write what the plan says where nobody looks, then the chunk's header, then let the jump lead
 * there. The last two are one after the other: only when the chunk grows is there a moment in which
 * they don't fit. */
static int place(struct jfr_lz4_out *c, struct plan *plan, const struct jfr_header *head)
{
    uint64_t front = c->jump_at + JFR_SKIP_LEN, at = front;
    int rc = assemble(c, plan, front);
    if (rc != 0)
        return rc;
    if (front + c->image.buf.len <= c->live_at) {
        set_rest(&c->image, c->file_end - front - c->image.buf.len);
        rc = put(c, front, c->image.buf.bytes, c->image.buf.len);
    } else {
        rc = write_behind(c, plan, &at);
    }
    if (rc == 0)
        rc = write_header(c, head);
    if (rc == 0)
        rc = patch_skip(c, c->jump_at, at - front);
    if (rc != 0)
        return rc;
    c->head = *head;
    c->live_at = at;
    c->rest_at = plan->rest_at;
    c->n_events_published = c->events.len;
    c->n_pools_published = c->pools->len;
    return 0;
}

/* A closed tail stays for good, so it goes where the jump begins; if need be once more. Decoders
 * find the same bytes at either place. */
static int place_closed(struct jfr_lz4_out *c, struct plan *plan, const struct jfr_header *head)
{
    int rc = place(c, plan, head);
    if (rc == 0 && c->live_at != c->jump_at + JFR_SKIP_LEN)
        rc = place(c, plan, head);
    if (rc != 0)
        return rc;
    c->jump_at = plan->jump_at;
    c->live_at = c->jump_at + JFR_SKIP_LEN;
    jfr_pools_clear(c->pools);
    jfr_buf_clear(&c->events);
    c->n_events_published = c->n_pools_published = 0;
    return 0;
}

/* --- growing, decoded ------------------------------------------------------------------------- */

/* What the start of another chunk takes of the padding at most. */
static uint64_t room_for_next(const struct jfr_lz4_out *c)
{
    return JFR_PAD_KEEP_LEN + JFR_HEADER_LEN + JFR_EDGE_LEN + c->body->len + EMPTY_CHECKPOINT_MAX +
           JFR_PAD_KEEP_LEN;
}

/* A size for the chunk that leaves room behind `used`: the present one or more. */
static uint64_t size_for(const struct jfr_lz4_out *c, uint64_t used)
{
    uint64_t now = c->head.size;
    uint64_t need = used + EMPTY_CHECKPOINT_MAX + 2 * room_for_next(c);
    uint64_t step = now < GROW_MIN ? GROW_MIN : now > GROW_MAX ? GROW_MAX : now;
    return need <= now ? now : need > now + step ? need : now + step;
}

/* --- the protocol ------------------------------------------------------------------------------
 */

void jfr_lz4_free(struct jfr_lz4_out *c)
{
    if (!c)
        return;
    LZ4F_freeCompressionContext(c->cctx);
    jfr_buf_fini(&c->events);
    jfr_buf_fini(&c->closed);
    jfr_buf_fini(&c->start);
    jfr_buf_fini(&c->open);
    jfr_buf_fini(&c->image.buf);
    free(c);
}

/* The tail of a chunk that has just begun. */
static void begin_tail(struct jfr_lz4_out *c, const struct jfr_header *head)
{
    c->before_at = head->checkpoint_at;
    c->tail_at = head->metadata_at + c->body->len;
    c->now_ticks = head->clock.start_ticks;
}

/* One operation makes the file valid. */
static int write_first(struct jfr_lz4_out *c)
{
    struct plan plan = {.next = &c->head};
    compress_start(c, &c->head, false);
    open_empty(c, delta(c), c->head.size - c->tail_at);
    int rc = assemble(c, &plan, 0);
    if (rc == 0)
        rc = put(c, 0, c->image.buf.bytes, c->image.buf.len);
    c->header_at = plan.header_at;
    c->jump_at = plan.jump_at;
    c->live_at = c->jump_at + JFR_SKIP_LEN;
    c->rest_at = plan.rest_at;
    c->file_end = c->image.buf.len;
    return rc;
}

int jfr_lz4_begin(struct jfr_lz4_out **out, struct jfr_sink *sink, const struct jfr_clock *clock,
                  const struct jfr_chunk_body *body, struct jfr_pools *pools)
{
    struct jfr_lz4_out *c = calloc(1, sizeof *c);
    *out = NULL;
    if (!c)
        return -ENOMEM;
    *c = (struct jfr_lz4_out){.sink = sink, .body = body, .pools = pools};
    c->head = (struct jfr_header){
        .clock = *clock,
        .metadata_at = JFR_HEADER_LEN,
        .checkpoint_at = JFR_HEADER_LEN + body->checkpoint_at,
        .flags = JFR_FLAG_COMPRESSED,
    };
    begin_tail(c, &c->head);
    c->head.size = size_for(c, c->tail_at + FIRST_PAD);
    c->head.checkpoint_at = c->tail_at;
    int rc = LZ4F_isError(LZ4F_createCompressionContext(&c->cctx, LZ4F_VERSION)) ? -ENOMEM : 0;
    if (rc == 0)
        rc = write_first(c);
    if (rc == 0)
        *out = c;
    else
        jfr_lz4_free(c);
    return rc;
}

int jfr_lz4_write(struct jfr_lz4_out *c, const void *events, size_t n)
{
    jfr_buf_put(&c->events, events, n);
    return c->events.is_short ? -ENOMEM : 0;
}

/* Close the tail and open the next one behind it. The header's checkpoint stays that of the closed
 * tail until the next one, which is empty, is there. */
static int close_tail(struct jfr_lz4_out *c, struct jfr_header *head)
{
    struct plan plan = {.closes = true};
    uint64_t used = tail_len(c);
    compress_tail(c, &c->closed, LEVEL_CLOSED, 0);
    open_empty(c, -(int64_t)used, head->size - c->tail_at - used);
    int rc = place_closed(c, &plan, head);
    if (rc != 0)
        return rc;
    c->before_at = c->tail_at;
    c->tail_at += used;
    head->checkpoint_at = c->tail_at;
    rc = write_header(c, head);
    if (rc == 0)
        c->head = *head;
    return rc;
}

int jfr_lz4_commit(struct jfr_lz4_out *c, uint64_t now_ticks, uint64_t duration_ns)
{
    struct jfr_header head = c->head;
    struct plan plan = {0};
    head.duration_ns = duration_ns;
    if (jfr_lz4_pending(c) == 0) {
        int rc = duration_ns == c->head.duration_ns ? 0 : write_header(c, &head);
        c->head.duration_ns = rc ? c->head.duration_ns : duration_ns;
        return rc;
    }
    c->now_ticks = now_ticks;
    uint64_t used = tail_len(c);
    head.size = size_for(c, c->tail_at + used);
    if (used > JFR_WRITER_TAIL_MAX)
        return close_tail(c, &head);
    compress_tail(c, &c->open, LEVEL_OPEN, head.size - c->tail_at - used);
    return place(c, &plan, &head);
}

/* Close the tail and begin a chunk behind it; *next_at is where the file can be cut before that.
 * 1. Both, in place of the tail: the next chunk's header is an event of this one, its edge a
 * padding up to the end. 2. This chunk's size: it ends before them. */
static int next_chunk(struct jfr_lz4_out *c, const struct jfr_clock *clock, uint8_t flags,
                      uint64_t *next_at)
{
    struct jfr_header head = c->head, next = {.clock = *clock, .flags = JFR_FLAG_COMPRESSED};
    uint64_t chunk_len = c->tail_at + tail_len(c) + JFR_PAD_KEEP_LEN;
    next.size = head.size - chunk_len;
    next.metadata_at = JFR_HEADER_LEN + JFR_EDGE_LEN;
    next.checkpoint_at = next.metadata_at + c->body->len;
    struct plan plan = {.closes = true, .next = &next};
    compress_tail(c, &c->closed, LEVEL_CLOSED, JFR_PAD_KEEP_LEN);
    compress_start(c, &next, true);
    open_empty(c, (int64_t)c->body->checkpoint_at - (int64_t)c->body->len,
               next.size - next.checkpoint_at);
    int rc = place_closed(c, &plan, &head);
    if (rc != 0)
        return rc;
    c->has_failed = true; /* until it is done: the tail is the next chunk's */
    head.size = chunk_len;
    head.flags |= flags;
    rc = write_header(c, &head);
    if (rc != 0)
        return rc;
    c->has_failed = false;
    *next_at = plan.next_at;
    c->header_at = plan.header_at;
    c->head = next;
    begin_tail(c, &next);
    c->before_at = next.metadata_at + c->body->checkpoint_at;
    return 0;
}

int jfr_lz4_next(struct jfr_lz4_out *c, const struct jfr_clock *clock)
{
    uint64_t next_at;
    struct jfr_header head = c->head;
    head.size = size_for(c, c->tail_at + tail_len(c));
    if (head.size != c->head.size) { /* the chunk after this one needs more room */
        struct plan plan = {0};
        compress_tail(c, &c->open, LEVEL_OPEN, head.size - c->tail_at - tail_len(c));
        int rc = place(c, &plan, &head);
        if (rc != 0)
            return rc;
    }
    return next_chunk(c, clock, 0, &next_at);
}

/* After a failure only the bytes that no decoder looks at go. */
static int finish_failed(struct jfr_lz4_out *c)
{
    struct jfr_header head = c->head;
    head.flags |= JFR_FLAG_FINAL;
    int rc = write_header(c, &head);
    int cut = c->sink->ops->set_length(c->sink, c->rest_at + JFR_SKIP_LEN);
    if (cut == 0)
        cut = patch_skip(c, c->rest_at, 0);
    return rc ? rc : cut;
}

/* Like any other chunk, but the one behind it is then cut off, whole. */
int jfr_lz4_finish(struct jfr_lz4_out *c)
{
    struct jfr_clock later = c->head.clock;
    uint64_t next_at;
    if (c->has_failed)
        return finish_failed(c);
    later.start_epoch_ns++;
    int rc = next_chunk(c, &later, JFR_FLAG_FINAL, &next_at);
    if (rc != 0) {
        jfr_lz4_restore(c);
        finish_failed(c);
        return rc;
    }
    return c->sink->ops->set_length(c->sink, next_at);
}

int jfr_lz4_restore(struct jfr_lz4_out *c)
{
    int cut = c->sink->ops->set_length(c->sink, c->file_end);
    int rest = patch_skip(c, c->rest_at, c->file_end - c->rest_at - JFR_SKIP_LEN);
    int jump = patch_skip(c, c->jump_at, c->live_at - c->jump_at - JFR_SKIP_LEN);
    int header = write_header(c, &c->head);
    c->has_failed = true;
    return cut ? cut : rest ? rest : jump ? jump : header;
}

/* --- numbers ---------------------------------------------------------------------------------- */

const struct jfr_header *jfr_lz4_head(const struct jfr_lz4_out *c)
{
    return &c->head;
}

uint64_t jfr_lz4_pending(const struct jfr_lz4_out *c)
{
    return c->events.len - c->n_events_published + c->pools->len - c->n_pools_published;
}

uint64_t jfr_lz4_chunk_bytes(const struct jfr_lz4_out *c)
{
    return c->tail_at + c->events.len + c->pools->len;
}

uint64_t jfr_lz4_file_bytes(const struct jfr_lz4_out *c)
{
    return c->rest_at;
}
