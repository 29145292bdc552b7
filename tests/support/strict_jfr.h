/* strict_jfr.h — is this a recording that no reader can object to? Used by check_writer.
 *
 * Independent of jfr/read_* and not tolerant: header, tiling, metadata, the chain of checkpoints,
 * and every value of every event and constant are decoded by the recording's own metadata, and each
 * has to end exactly where it should (FORMAT.md §9 lists the rules). Any
 * number of chunks, whose start times rise. */
#ifndef TESTS_STRICT_JFR_H
#define TESTS_STRICT_JFR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "jfr/wire.h"

/* A decoded value of an event or constant. Array elements and structs inside give their own fields,
 * one after the other, owner being the event or constant that they belong to. */
struct strict_value {
    const char *owner; /* "jdk.CPULoad", "java.lang.Thread" */
    uint64_t id;       /* of the constant; of an event its number in the recording */
    const char *field;
    char kind; /* 'i' integral or pool id, 'd' float or double, 's' string */
    int64_t i;
    double d;
    struct jfr_str s;
};

struct strict_summary {
    uint32_t n_events; /* without metadata and checkpoints */
    uint32_t n_checkpoints;
    uint32_t n_constants;
    uint32_t n_dangling; /* ids other than 0 in events and constants with no constant behind */
    uint32_t n_chunks;
    uint32_t n_edges; /* of n_events: headers of a next chunk that are still events of this one */
    uint64_t duration_ns; /* of the last chunk */
    uint8_t flags;        /* of the last chunk */
};

typedef void (*strict_visit)(void *arg, const struct strict_value *value);

/* NULL, or what is wrong (static text; valid until the next call). visit may be NULL. */
const char *strict_check(const uint8_t *bytes, size_t len_bytes, struct strict_summary *summary,
                         strict_visit visit, void *arg);

/* The same without the rules that only our writer keeps: how strings are encoded, flags of
 * checkpoints, ids twice in a chunk or beyond 31 bits. summary is not NULL. */
const char *strict_check_any(const uint8_t *bytes, size_t len_bytes,
                             struct strict_summary *summary);

#endif
