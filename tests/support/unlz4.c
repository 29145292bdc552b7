/* unlz4.c — see unlz4.h. */
#include "support/unlz4.h"

#include <lz4frame.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 1 << 20, SKIP_HEAD = 8, MAGIC_LEN = 4 };

struct unpacked {
    uint8_t *bytes;
    size_t len, cap;
};

static uint32_t le32(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static const char *frame(LZ4F_dctx *ctx, const uint8_t **at, const uint8_t *end,
                         struct unpacked *to)
{
    LZ4F_frameInfo_t info;
    size_t n = (size_t)(end - *at);
    size_t hint = LZ4F_getFrameInfo(ctx, &info, *at, &n);
    if (LZ4F_isError(hint))
        return LZ4F_getErrorName(hint);
    if (info.blockMode != LZ4F_blockIndependent)
        return "linked blocks";
    *at += n;
    while (hint != 0) {
        if (to->cap - to->len < BLOCK) {
            to->cap = to->cap * 2 + BLOCK;
            to->bytes = realloc(to->bytes, to->cap);
            if (!to->bytes)
                abort();
        }
        size_t got = to->cap - to->len;
        n = (size_t)(end - *at);
        hint = LZ4F_decompress(ctx, to->bytes + to->len, &got, *at, &n, NULL);
        if (LZ4F_isError(hint))
            return LZ4F_getErrorName(hint);
        if (n == 0 && got == 0)
            return "an incomplete frame";
        *at += n;
        to->len += got;
    }
    return NULL;
}

const char *unlz4(const uint8_t *bytes, size_t len_bytes, uint8_t **out, size_t *out_len)
{
    const uint8_t *at = bytes, *end = bytes + len_bytes;
    struct unpacked to = {0};
    const char *wrong = NULL;
    LZ4F_dctx *ctx;
    if (LZ4F_isError(LZ4F_createDecompressionContext(&ctx, LZ4F_VERSION)))
        abort();
    while (at < end && !wrong) {
        size_t left = (size_t)(end - at);
        if (left < MAGIC_LEN) {
            wrong = "less than a magic at the end";
        } else if ((le32(at) & ~15u) != 0x184D2A50) {
            wrong = frame(ctx, &at, end, &to);
        } else if (at == bytes) {
            wrong = "a skippable frame at the start";
        } else if (left < SKIP_HEAD) {
            wrong = "half a head of a skippable frame";
        } else {
            uint64_t len = SKIP_HEAD + (uint64_t)le32(at + MAGIC_LEN);
            at += len < left ? len : left;
        }
    }
    LZ4F_freeDecompressionContext(ctx);
    *out = to.bytes;
    *out_len = to.len;
    return wrong;
}
