/* sink_file.c — a recording's bytes into a regular file. Recorder thread; blocking I/O.
 *
 * A file appears under its name only when the first write to it is complete: until then it is
 * hidden, under another name in the same folder, and what had the name before is untouched. So the
 * name never leads to an empty file or half a header. Where that can't be done (a folder that can't
 * be written to, a file with two names, a bind mount) the file is emptied and written in place. */
#include "jfr/sink.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    FLAGS = O_RDWR | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, /* no waiting for a reader of a FIFO */
    MODE = 0666,
    HIDDEN_TRIES = 16,  /* names left behind by processes of the same pid that were killed */
    HIDDEN_SUFFIX = 32, /* ".PID-N.new" */
    MODE_BITS = 07777,
};

struct file_sink {
    struct jfr_sink base;
    int fd;
    bool created; /* by us: discard may remove it */
    bool is_hidden;
    char *hidden; /* owned: its name until then */
    char *path;   /* owned */
};

static struct file_sink *file_sink(struct jfr_sink *sink)
{
    return (struct file_sink *)sink;
}

static int write_all(int fd, uint64_t offset, const uint8_t *p, size_t n)
{
    while (n > 0) {
        ssize_t done = pwrite(fd, p, n, (off_t)offset);
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

/* --- opening ---------------------------------------------------------------------------------- */

/* A descriptor of an empty regular file in place, or -errno. Nothing is truncated before it is
 * known to be a regular file. */
static int open_empty(const char *path, bool *created)
{
    struct stat st;
    int fd = open(path, FLAGS | O_CREAT | O_EXCL, MODE);
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

/* What has the name now. 0: a file that may be replaced; -ENOENT; -EEXIST: only to be written in
 * place; others are final. */
static int look_at(const char *path, struct stat *st)
{
    int fd = open(path, FLAGS);
    if (fd < 0)
        return -errno;
    int rc = fstat(fd, st) == 0 ? 0 : -errno;
    if (rc == 0 && !S_ISREG(st->st_mode))
        rc = -EINVAL;
    if (rc == 0 && st->st_nlink != 1)
        rc = -EEXIST;
    close(fd);
    return rc;
}

/* A new file beside f->path, with the owner and mode of the one it will replace (NULL = none). */
static int open_hidden(struct file_sink *f, const struct stat *replaced)
{
    size_t cap = strlen(f->path) + HIDDEN_SUFFIX;
    f->hidden = malloc(cap);
    if (!f->hidden)
        return -ENOMEM;
    for (int i = 0; i < HIDDEN_TRIES; i++) {
        snprintf(f->hidden, cap, "%s.%ld-%d.new", f->path, (long)getpid(), i);
        f->fd = open(f->hidden, FLAGS | O_CREAT | O_EXCL, MODE);
        if (f->fd >= 0 || errno != EEXIST)
            break;
    }
    if (f->fd < 0)
        return -errno;
    f->is_hidden = true;
    if (replaced && (fchown(f->fd, replaced->st_uid, replaced->st_gid) != 0 ||
                     fchmod(f->fd, replaced->st_mode & MODE_BITS) != 0)) {
        close(f->fd);
        f->fd = -1;
        f->is_hidden = false;
        unlink(f->hidden);
        return -EPERM;
    }
    return 0;
}

/* A symbolic link stays one: the file it leads to is replaced. */
static int open_file(struct file_sink *f)
{
    struct stat st;
    int found = look_at(f->path, &st);
    if (found != 0 && found != -ENOENT && found != -EEXIST)
        return found;
    char *real = found == 0 ? realpath(f->path, NULL) : NULL;
    if (real) {
        free(f->path);
        f->path = real;
    }
    f->created = found == -ENOENT;
    bool is_link = found == -ENOENT && lstat(f->path, &st) == 0; /* to nothing */
    if (found != -EEXIST && !is_link && (found != 0 || real) &&
        open_hidden(f, found == 0 ? &st : NULL) == 0)
        return 0;
    f->fd = open_empty(f->path, &f->created);
    return f->fd < 0 ? f->fd : 0;
}

static void free_file(struct file_sink *f)
{
    free(f->hidden);
    free(f->path);
    free(f);
}

/* --- operations ------------------------------------------------------------------------------- */

/* The first bytes are in the hidden file: give it its name, or put them into the file that has it.
 */
static int appear(struct file_sink *f, uint64_t offset, const uint8_t *bytes, size_t n)
{
    f->is_hidden = false;
    if (rename(f->hidden, f->path) == 0)
        return 0;
    unlink(f->hidden);
    int fd = open_empty(f->path, &f->created);
    if (fd < 0)
        return fd;
    close(f->fd);
    f->fd = fd;
    return write_all(fd, offset, bytes, n);
}

static int file_write_at(struct jfr_sink *sink, uint64_t offset, const void *bytes, size_t n)
{
    struct file_sink *f = file_sink(sink);
    int rc = write_all(f->fd, offset, bytes, n);
    return rc == 0 && f->is_hidden ? appear(f, offset, bytes, n) : rc;
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
    const char *unwanted = f->is_hidden ? f->hidden : discard && f->created ? f->path : NULL;
    int rc = 0;
    if (unwanted && unlink(unwanted) != 0 && errno != ENOENT)
        rc = -errno;
    /* Linux closes the descriptor also on EINTR; close is where NFS reports a full disk. */
    if (close(f->fd) != 0 && errno != EINTR && rc == 0)
        rc = -errno;
    free_file(f);
    return rc;
}

static const struct jfr_sink_ops g_file_ops = {file_write_at, file_set_length, file_close};

int jfr_sink_file_open(struct jfr_sink **out, const char *path, struct jfr_err *err)
{
    struct file_sink *f = calloc(1, sizeof *f);
    *out = NULL;
    if (f)
        *f = (struct file_sink){.base.ops = &g_file_ops, .fd = -1, .path = strdup(path)};
    int rc = f && f->path ? open_file(f) : -ENOMEM;
    if (rc == 0) {
        *out = &f->base;
        return 0;
    }
    if (f)
        free_file(f);
    return jfr_err_set(err, rc, "can't open %s for writing: %s", path,
                       rc == -EINVAL ? "not a regular file" : strerror(-rc));
}
