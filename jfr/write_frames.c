/* write_frames.c — see write_frames.h. Formats: FORMAT.md §12, LZ4 frame format 1.6.2. */
#include "jfr/write_frames.h"

#include <stdlib.h>
#include <string.h>

enum {
    CAP_MIN = 16 << 10,
    CAP_KEEP = 1 << 20,
    SKIP_MAGIC = 0x184D2A50,
    STORED = 0x80, /* highest bit of a block's size: not compressed */
};

/* --- buffers ---------------------------------------------------------------------------------- */

static bool buf_room(struct jfr_buf *buf, size_t n)
{
    if (n > buf->cap - buf->len) {
        size_t cap = buf->len + n < CAP_MIN ? CAP_MIN : (buf->len + n) / 2 * 3;
        uint8_t *bytes = realloc(buf->bytes, cap);
        if (!bytes) {
            buf->is_short = true;
            return false;
        }
        buf->bytes = bytes;
        buf->cap = cap;
    }
    return !buf->is_short;
}

void jfr_buf_put(struct jfr_buf *buf, const void *bytes, size_t n)
{
    if (!buf_room(buf, n))
        return;
    memcpy(buf->bytes + buf->len, bytes, n);
    buf->len += n;
}

void jfr_buf_clear(struct jfr_buf *buf)
{
    if (buf->cap > CAP_KEEP)
        jfr_buf_fini(buf);
    buf->len = 0;
    buf->is_short = false;
}

void jfr_buf_fini(struct jfr_buf *buf)
{
    free(buf->bytes);
    *buf = (struct jfr_buf){0};
}

/* --- ordinary frames -------------------------------------------------------------------------- */

static void frame_took(struct jfr_frame_out *f, size_t result)
{
    if (LZ4F_isError(result))
        f->out->is_short = true;
    else
        f->out->len += result;
}

void jfr_frame_begin(struct jfr_frame_out *f, LZ4F_cctx *cctx, struct jfr_buf *out, int level)
{
    *f = (struct jfr_frame_out){.out = out, .cctx = cctx};
    f->preferences.frameInfo.blockSizeID = LZ4F_max256KB;
    f->preferences.frameInfo.blockMode = LZ4F_blockIndependent; /* JMC reads no other */
    f->preferences.compressionLevel = level;
    if (buf_room(out, LZ4F_HEADER_SIZE_MAX))
        frame_took(f, LZ4F_compressBegin(cctx, out->bytes + out->len, out->cap - out->len,
                                         &f->preferences));
}

void jfr_frame_put(struct jfr_frame_out *f, const void *bytes, size_t n)
{
    if (buf_room(f->out, LZ4F_compressBound(n, &f->preferences)))
        frame_took(f, LZ4F_compressUpdate(f->cctx, f->out->bytes + f->out->len,
                                          f->out->cap - f->out->len, bytes, n, NULL));
}

void jfr_frame_zeros(struct jfr_frame_out *f, uint64_t n)
{
    static const uint8_t zeros[16 << 10];
    for (; n > 0 && !f->out->is_short; n -= n < sizeof zeros ? n : sizeof zeros)
        jfr_frame_put(f, zeros, n < sizeof zeros ? (size_t)n : sizeof zeros);
}

void jfr_frame_end(struct jfr_frame_out *f)
{
    if (buf_room(f->out, LZ4F_compressBound(0, &f->preferences)))
        frame_took(f, LZ4F_compressEnd(f->cctx, f->out->bytes + f->out->len,
                                       f->out->cap - f->out->len, NULL));
}

/* --- frames that are patched ------------------------------------------------------------------ */

static uint64_t tell(const struct jfr_image *image)
{
    return image->at + image->buf.len;
}

static void put_le32(struct jfr_buf *buf, uint32_t v)
{
    uint8_t bytes[4] = {(uint8_t)v, (uint8_t)(v >> 8), (uint8_t)(v >> 16), (uint8_t)(v >> 24)};
    jfr_buf_put(buf, bytes, sizeof bytes);
}

static bool is_in_page(uint64_t at, uint64_t n)
{
    return at % JFR_PAGE <= JFR_PAGE - n;
}

/* A skippable frame of `len` bytes in all, JFR_SKIP_LEN to a page. */
static void put_filler(struct jfr_buf *buf, size_t len)
{
    static const uint8_t zeros[JFR_PAGE];
    put_le32(buf, SKIP_MAGIC);
    put_le32(buf, (uint32_t)len - JFR_SKIP_LEN);
    jfr_buf_put(buf, zeros, len - JFR_SKIP_LEN);
}

uint64_t jfr_image_skip(struct jfr_image *image, uint32_t size)
{
    if (!is_in_page(tell(image) + JFR_SKIP_SIZE_AT, sizeof size))
        put_filler(&image->buf, JFR_SKIP_LEN);
    uint64_t at = tell(image);
    put_le32(&image->buf, SKIP_MAGIC);
    put_le32(&image->buf, size);
    return at;
}

uint64_t jfr_image_header(struct jfr_image *image, const uint8_t header[JFR_HEADER_LEN])
{
    /* magic; independent blocks, no checksums; blocks of 64 KiB at most; checksum of those two */
    static const uint8_t head[] = {0x04, 0x22, 0x4D, 0x18, 0x60, 0x40, 0x82};
    static const uint8_t stored[] = {JFR_HEADER_LEN, 0, 0, STORED};
    uint64_t patched_at = tell(image) + JFR_HEADER_IN_FRAME;
    if (!is_in_page(patched_at, JFR_HEADER_LEN)) {
        uint64_t to_page = JFR_PAGE - patched_at % JFR_PAGE;
        put_filler(&image->buf, to_page < JFR_SKIP_LEN ? JFR_SKIP_LEN : (size_t)to_page);
    }
    uint64_t at = tell(image);
    jfr_buf_put(&image->buf, head, sizeof head);
    jfr_buf_put(&image->buf, stored, sizeof stored);
    jfr_buf_put(&image->buf, header, JFR_HEADER_LEN);
    put_le32(&image->buf, 0);
    return at;
}
