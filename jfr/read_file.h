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

#endif
