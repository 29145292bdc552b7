/* read_file.h — an open file, for the chunk stage of the reader. */
#ifndef JFR_READ_FILE_H
#define JFR_READ_FILE_H

#include "jfr/read.h"

struct jfr_file {
    int fd;               /* -1 when the bytes are in memory */
    const uint8_t *bytes; /* borrowed, or NULL */
    uint64_t size;
    uint64_t next; /* offset of the next chunk */
    bool after_unfinished;
};

struct jfr_mapping {
    const uint8_t *bytes;
    void *map; /* to munmap, NULL if borrowed */
    size_t map_len;
};
/* Map [offset, offset + n), which must lie in the file (n > 0). 0 or -errno. */
int jfr_file_map(const struct jfr_file *file, uint64_t offset, size_t n, struct jfr_mapping *m);

void jfr_file_unmap(struct jfr_mapping *m);

/* The file behind a path, whatever is in it: fd and size. What is compressed with LZ4 is unpacked
 * into a file without a name; of one that is cut short or damaged what can be unpacked. */
int jfr_file_open_raw(struct jfr_file *file, const char *path, struct jfr_err *err);

/* --- read_lz4.c --- */

bool jfr_is_lz4(const uint8_t *bytes, size_t n);
/* Unpack into a file without a name, in $TMPDIR or /tmp or in memory. Its descriptor, or -errno;
 * *len = its length. -EBADMSG: not one byte could be unpacked. */
int jfr_lz4_unpack(const uint8_t *bytes, size_t n, uint64_t *len);

#endif
