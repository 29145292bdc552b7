/* read_all.h — everything the reader can do to a recording, whatever is in it: every chunk, type,
 * event, constant, stack, method and thread. For sweeps over damaged files and for the fuzzer. */
#ifndef TESTS_READ_ALL_H
#define TESTS_READ_ALL_H

#include <stddef.h>
#include <stdint.h>

struct read_all {
    unsigned chunks, damaged; /* opened; could not be opened, or with a damage */
    uint64_t events, selected, stacks, frames, methods, threads;
    uint64_t text_bytes; /* of all names decoded */
};

/* Never fails: what can't be read isn't counted. */
struct read_all read_all(const uint8_t *bytes, size_t len_bytes);

#endif
