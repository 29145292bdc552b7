/* write_frames.h — LZ4 frames into a buffer, for write_lz4.c only: ordinary ones, the one with a
 * chunk's header that can be patched, and skippable ones (FORMAT.md §12). No I/O. */
#ifndef JFR_WRITE_FRAMES_H
#define JFR_WRITE_FRAMES_H

#include <stddef.h>
#include <stdint.h>

#include <lz4frame.h>

#include "jfr/write_internal.h"

struct jfr_buf {
    uint8_t *bytes; /* owned */
    size_t len;
    size_t cap;
    bool is_short; /* sticky: out of memory, or liblz4 refused; what is in it can't be used */
};
void jfr_buf_put(struct jfr_buf *buf, const void *bytes, size_t n);
void jfr_buf_clear(struct jfr_buf *buf); /* a large one is given back */
void jfr_buf_fini(struct jfr_buf *buf);

enum {
    JFR_SKIP_LEN = 8, /* head of a skippable frame: magic, size */
    JFR_SKIP_SIZE_AT = 4,
    JFR_HEADER_IN_FRAME = 11, /* where in its frame a chunk's header lies */
};

/* An ordinary frame behind what is in `out`: begin, any number of put and zeros, end. Independent
 * blocks of 256 KiB, no checksums. */
struct jfr_frame_out {
    struct jfr_buf *out;
    LZ4F_cctx *cctx;
    LZ4F_preferences_t preferences;
};
void jfr_frame_begin(struct jfr_frame_out *f, LZ4F_cctx *cctx, struct jfr_buf *out, int level);
void jfr_frame_put(struct jfr_frame_out *f, const void *bytes, size_t n);
void jfr_frame_zeros(struct jfr_frame_out *f, uint64_t n);
void jfr_frame_end(struct jfr_frame_out *f);

/* A buffer that will be written at offset `at` of the file. */
struct jfr_image {
    struct jfr_buf buf;
    uint64_t at;
};
/* Both put filler before them where the bytes that will be patched would not lie in one page. They
 * return the frame's offset in the file. */
uint64_t jfr_image_skip(struct jfr_image *image, uint32_t size);
uint64_t jfr_image_header(struct jfr_image *image, const uint8_t header[JFR_HEADER_LEN]);

#endif
