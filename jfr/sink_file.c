/* sink_file.c — a recording's bytes into a regular file. Recorder thread; blocking I/O. */
#include "jfr/sink.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct file_sink {
    struct jfr_sink base;
    int fd;
    bool created; /* by us: discard may remove it */
    char path[];
};

static struct file_sink *file_sink(struct jfr_sink *sink)
{
    return (struct file_sink *)sink;
}

static int file_write_at(struct jfr_sink *sink, uint64_t offset, const void *bytes, size_t n)
{
    const uint8_t *p = bytes;
    while (n > 0) {
        ssize_t done = pwrite(file_sink(sink)->fd, p, n, (off_t)offset);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0) /* 0 is not a result POSIX knows for n > 0; don't spin on it */
            return done < 0 ? -errno : -EIO;
        p += done;
        n -= (size_t)done;
        offset += (uint64_t)done;
    }
    return 0;
}

static int file_set_length(struct jfr_sink *sink, uint64_t len)
{
    int rc;
    do
        rc = ftruncate(file_sink(sink)->fd, (off_t)len);
    while (rc != 0 && errno == EINTR);
    return rc == 0 ? 0 : -errno;
}

static int file_close(struct jfr_sink *sink, bool discard)
{
    struct file_sink *f = file_sink(sink);
    int rc = 0;
    if (discard && f->created && unlink(f->path) != 0 && errno != ENOENT)
        rc = -errno;
    /* Linux closes the descriptor also on EINTR; close is where NFS reports a full disk. */
    if (close(f->fd) != 0 && errno != EINTR && rc == 0)
        rc = -errno;
    free(f);
    return rc;
}

static const struct jfr_sink_ops g_file_ops = {file_write_at, file_set_length, file_close};

/* A descriptor of an empty regular file, or -errno. Nothing is truncated before it is known to be a
 * regular file; O_NONBLOCK keeps the open of a FIFO without a reader from waiting for one. */
static int open_empty(const char *path, bool *created)
{
    enum { FLAGS = O_RDWR | O_CLOEXEC | O_NOCTTY | O_NONBLOCK };
    struct stat st;
    int fd = open(path, FLAGS | O_CREAT | O_EXCL, 0666);
    *created = fd >= 0;
    if (fd < 0 && errno == EEXIST)
        fd = open(path, FLAGS);
    if (fd < 0)
        return -errno;
    int rc = fstat(fd, &st) == 0 ? 0 : -errno;
    if (rc == 0 && !S_ISREG(st.st_mode))
        rc = -EINVAL;
    if (rc == 0 && st.st_size > 0 && ftruncate(fd, 0) != 0)
        rc = -errno;
    if (rc == 0)
        return fd;
    close(fd);
    return rc;
}

int jfr_sink_file_open(struct jfr_sink **out, const char *path, struct jfr_err *err)
{
    size_t path_size = strlen(path) + 1;
    struct file_sink *f = malloc(sizeof *f + path_size);
    *out = NULL;
    if (!f)
        return jfr_err_set(err, -ENOMEM, "out of memory");
    f->base.ops = &g_file_ops;
    memcpy(f->path, path, path_size);
    f->fd = open_empty(path, &f->created);
    if (f->fd < 0) {
        int rc = f->fd;
        free(f);
        return jfr_err_set(err, rc, "can't open %s for writing: %s", path,
                           rc == -EINVAL ? "not a regular file" : strerror(-rc));
    }
    *out = &f->base;
    return 0;
}
