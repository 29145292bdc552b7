/* read_lz4.c — a recording out of LZ4 frames, for the reader: unpacked once, when it is opened,
 * into a file that nobody else sees. Any frames: of ours, of the lz4 command, concatenated,
 * skippable ones between them (FORMAT.md §12). Disk: the length of the recording; memory: a few
 * blocks. */
#include <errno.h>
#include <fcntl.h>
#include <lz4frame.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "jfr/read_file.h"

enum { OUT_CAP = 1 << 20 };

bool jfr_is_lz4(const uint8_t *bytes, size_t n)
{
    return n >= 4 && bytes[0] == 0x04 && bytes[1] == 0x22 && bytes[2] == 0x4D && bytes[3] == 0x18;
}

static int unnamed_file(void)
{
    const char *dir = getenv("TMPDIR");
    int fd = open(dir && *dir ? dir : P_tmpdir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0)
        fd = memfd_create("recording", MFD_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

static int write_all(int fd, const uint8_t *bytes, size_t n)
{
    while (n > 0) {
        ssize_t done = write(fd, bytes, n);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return done < 0 ? -errno : -EIO;
        bytes += done;
        n -= (size_t)done;
    }
    return 0;
}

/* As far as it goes: what comes behind damage is lost. */
static int unpack(LZ4F_dctx *ctx, const uint8_t *bytes, size_t n, uint8_t *out, int fd,
                  uint64_t *len)
{
    for (*len = 0;;) {
        size_t taken = n, got = OUT_CAP;
        size_t hint = LZ4F_decompress(ctx, out, &got, bytes, &taken, NULL);
        if (LZ4F_isError(hint) || (taken == 0 && got == 0))
            return 0;
        int rc = write_all(fd, out, got);
        if (rc != 0)
            return rc;
        *len += got;
        bytes += taken;
        n -= taken;
    }
}

int jfr_lz4_unpack(const uint8_t *bytes, size_t n, uint64_t *len)
{
    LZ4F_dctx *ctx = NULL;
    uint8_t *out = malloc(OUT_CAP);
    int fd = unnamed_file(), rc = out ? 0 : -ENOMEM;
    if (rc == 0 && fd >= 0)
        rc = LZ4F_isError(LZ4F_createDecompressionContext(&ctx, LZ4F_VERSION)) ? -ENOMEM : 0;
    if (rc == 0 && fd >= 0)
        rc = unpack(ctx, bytes, n, out, fd, len);
    if (rc == 0 && fd >= 0 && *len == 0)
        rc = -EBADMSG;
    LZ4F_freeDecompressionContext(ctx);
    free(out);
    if (rc != 0 && fd >= 0)
        close(fd);
    return rc ? rc : fd;
}
