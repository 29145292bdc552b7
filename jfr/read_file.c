/* read_file.c — a recording's file and the chain of chunk headers in it: the reader's first stage.
 */
#include "jfr/read_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "jfr/read_file.h"

static const uint8_t CHUNK_MAGIC[4] = {'F', 'L', 'R', 0};

/* Bytes [offset, offset + n) of the file into buf; false if they aren't all there. */
static bool file_get(const struct jfr_file *f, uint64_t offset, void *buf, size_t n)
{
    if (offset > f->size || f->size - offset < n)
        return false;
    if (f->bytes) {
        memcpy(buf, f->bytes + offset, n);
        return true;
    }
    for (size_t done = 0; done < n;) {
        ssize_t got = pread(f->fd, (char *)buf + done, n - done, (off_t)(offset + done));
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        done += (size_t)got;
    }
    return true;
}

/* Say what a file is that doesn't start like a chunk. */
static int file_check_magic(const struct jfr_file *f, struct jfr_err *err)
{
    static const struct {
        const char magic[5];
        size_t n;
        const char *name;
    } known[] = {
        {"\x1f\x8b", 2, "gzip"},
        {"PK\x03\x04", 4, "zip"},
        {"\x28\xb5\x2f\xfd", 4, "zstd"},
    };
    uint8_t head[4] = {0};
    if (f->size == 0)
        return jfr_err_set(err, -EPROTO, "the file is empty");
    file_get(f, 0, head, f->size < 4 ? (size_t)f->size : 4);
    if (memcmp(head, CHUNK_MAGIC, 4) == 0)
        return 0;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (f->size >= known[i].n && memcmp(head, known[i].magic, known[i].n) == 0)
            return jfr_err_set(err, -ENOTSUP,
                               "compressed with %s, which is not supported yet: unpack it first",
                               known[i].name);
    if (f->size < 4 && memcmp(head, CHUNK_MAGIC, (size_t)f->size) == 0)
        return jfr_err_set(err, -EPROTO, "cut short: only %" PRIu64 " bytes", f->size);
    return jfr_err_set(err, -EPROTO, "not a JFR recording (it doesn't start with \"FLR\")");
}

/* Bytes that are LZ4 frames: the file becomes what is in them. */
static int file_unpack(struct jfr_file *f, struct jfr_err *err)
{
    struct jfr_mapping m;
    uint8_t head[4];
    uint64_t len = 0;
    if (!file_get(f, 0, head, sizeof head) || !jfr_is_lz4(head, sizeof head))
        return 0;
    int rc = jfr_file_map(f, 0, (size_t)f->size, &m);
    if (rc != 0)
        return jfr_err_set(err, rc, "can't map the file: %s", strerror(-rc));
    int fd = jfr_lz4_unpack(m.bytes, (size_t)f->size, &len);
    jfr_file_unmap(&m);
    if (fd == -EBADMSG)
        return jfr_err_set(err, fd, "compressed with LZ4, and damaged: nothing can be unpacked");
    if (fd < 0)
        return jfr_err_set(err, fd, "can't unpack it: %s", strerror(-fd));
    if (f->fd >= 0)
        close(f->fd);
    *f = (struct jfr_file){.fd = fd, .size = len};
    return 0;
}

/* Takes init.fd, also when it fails. */
static int file_new(struct jfr_file **out, struct jfr_file init, struct jfr_err *err)
{
    struct jfr_file *f = malloc(sizeof *f);
    int rc = f ? file_unpack(&init, err) : jfr_err_set(err, -ENOMEM, "out of memory");
    if (rc == 0)
        rc = file_check_magic(&init, err);
    if (rc == 0) {
        *f = init;
        *out = f;
        return 0;
    }
    free(f);
    if (init.fd >= 0)
        close(init.fd);
    return rc;
}

int jfr_file_wrap(struct jfr_file **out, const void *bytes, size_t len_bytes, struct jfr_err *err)
{
    static const uint8_t none[1];
    struct jfr_file init = {.fd = -1, .bytes = bytes ? bytes : none, .size = len_bytes};
    return file_new(out, init, err);
}

static int file_open(struct jfr_file *file, const char *path, struct jfr_err *err)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return jfr_err_set(err, -errno, "can't open it: %s", strerror(errno));
    int rc = 0;
    if (fstat(fd, &st) != 0)
        rc = jfr_err_set(err, -errno, "can't look at it: %s", strerror(errno));
    else if (!S_ISREG(st.st_mode))
        rc = jfr_err_set(err, -EINVAL, "not a regular file");
    if (rc)
        close(fd);
    else
        *file = (struct jfr_file){.fd = fd, .size = (uint64_t)st.st_size};
    return rc;
}

int jfr_file_open_raw(struct jfr_file *file, const char *path, struct jfr_err *err)
{
    int rc = file_open(file, path, err);
    if (rc == 0)
        rc = file_unpack(file, err);
    else
        return rc;
    if (rc != 0)
        close(file->fd);
    return rc;
}

int jfr_file_open(struct jfr_file **out, const char *path, struct jfr_err *err)
{
    struct jfr_file init;
    int rc = file_open(&init, path, err);
    return rc ? rc : file_new(out, init, err);
}

void jfr_file_close(struct jfr_file *file)
{
    if (!file)
        return;
    if (file->fd >= 0)
        close(file->fd);
    free(file);
}

uint64_t jfr_file_size(const struct jfr_file *file)
{
    return file->size;
}

static void header_parse(const uint8_t raw[JFR_HEADER_LEN], struct jfr_chunk_header *h)
{
    struct jfr_in in;
    jfr_in_init(&in, raw, JFR_HEADER_LEN);
    jfr_in_skip(&in, sizeof CHUNK_MAGIC);
    h->major = jfr_in_be16(&in);
    h->minor = jfr_in_be16(&in);
    h->size = jfr_in_be64(&in);
    h->checkpoint_offset = jfr_in_be64(&in);
    h->metadata_offset = jfr_in_be64(&in);
    h->start_ns = (int64_t)jfr_in_be64(&in);
    h->duration_ns = (int64_t)jfr_in_be64(&in);
    h->start_ticks = (int64_t)jfr_in_be64(&in);
    h->ticks_per_sec = jfr_in_be64(&in);
    h->state = jfr_in_u8(&in);
    jfr_in_skip(&in, 2);
    h->flags = jfr_in_u8(&in);
    if (h->ticks_per_sec == 0)
        h->ticks_per_sec = 1000000000;
}

/* Give up the rest of the file. */
static int file_lose(struct jfr_file *f, struct jfr_err *err, const char *why)
{
    uint64_t at = f->next;
    f->next = f->size;
    return jfr_err_set(err, -EBADMSG,
                       "%s at offset %" PRIu64 ": the last %" PRIu64 " bytes are lost", why, at,
                       f->size - at);
}

int jfr_file_next(struct jfr_file *file, struct jfr_chunk_header *header, struct jfr_err *err)
{
    uint8_t raw[JFR_HEADER_LEN];
    uint64_t left = file->size - file->next;
    if (left == 0)
        return 0;
    bool is_chunk = file_get(file, file->next, raw, sizeof raw) &&
                    memcmp(raw, CHUNK_MAGIC, sizeof CHUNK_MAGIC) == 0;
    if (!is_chunk && file->after_unfinished) { /* data behind the last flush */
        file->next = file->size;
        return 0;
    }
    if (!is_chunk)
        return file_lose(file, err, left < sizeof raw ? "half a chunk header" : "no chunk");
    *header = (struct jfr_chunk_header){.file_offset = file->next};
    header_parse(raw, header);
    if (header->major != 2)
        return file_lose(file, err, "a chunk of a JFR version other than 2.x");
    if (header->size != 0 && header->size < sizeof raw)
        return file_lose(file, err, "a chunk with an impossible size");
    /* Size 0: a recorder that fills the header in at the end, and died before. */
    bool is_short = header->size == 0 || header->size > left;
    header->available = is_short ? left : header->size;
    file->after_unfinished = header->state != 0;
    file->next += header->available;
    return 1;
}

int jfr_file_map(const struct jfr_file *file, uint64_t offset, size_t n, struct jfr_mapping *m)
{
    if (file->bytes) {
        *m = (struct jfr_mapping){.bytes = file->bytes + offset};
        return 0;
    }
    uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
    uint64_t lead = offset % page;
    void *map = mmap(NULL, n + lead, PROT_READ, MAP_PRIVATE, file->fd, (off_t)(offset - lead));
    if (map == MAP_FAILED)
        return -errno;
    *m = (struct jfr_mapping){.bytes = (uint8_t *)map + lead, .map = map, .map_len = n + lead};
    return 0;
}

void jfr_file_unmap(struct jfr_mapping *m)
{
    if (m->map)
        munmap(m->map, m->map_len);
    *m = (struct jfr_mapping){0};
}
