/* repair.h — save what can be saved of a damaged JFR 2.x recording, whoever wrote it.
 *
 * What is done, chunk by chunk: bytes that are no chunk, and bytes behind the end of one, are left
 * out; a chunk that was cut short or never finished ends behind its last whole event; events and
 * checkpoints that can't be decoded by the chunk's own metadata become paddings (FORMAT.md §8),
 * which all readers skip; a broken chain of checkpoints is joined again from those that are there;
 * size, offsets, state, flags and duration in the header are set right, and starts made to rise.
 * A chunk without metadata, or without any constants, is lost. Sound chunks are copied unchanged
 * (but for the flag that says which one is the last).
 *
 * The input is only read, in a mapping. Memory: as for reading a chunk (read.h), and 32 bytes per
 * checkpoint. The work is linear in the size of the input.
 *
 * Functions return 0 when something was saved, else -errno with a text in err (NULL is fine):
 * -EBADMSG when there is nothing to save, -ENOTSUP for a compressed file that can't be read here.
 */
#ifndef JFR_REPAIR_H
#define JFR_REPAIR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "jfr/err.h"
#include "jfr/sink.h"

/* A chunk of the input, or bytes between chunks. */
struct jfr_repair_chunk {
    uint64_t offset;     /* in the input (unpacked, if it is compressed) */
    uint64_t bytes_in;   /* of the input */
    uint64_t bytes_kept; /* of them; 0 = all of it is lost */
    uint64_t n_events;   /* kept, without metadata and checkpoints */
    uint64_t n_spoilt;   /* places where events or checkpoints could not be decoded */
    const char *wrong;   /* NULL: it was sound; else the first thing that was wrong. Static text */
};

struct jfr_repair_summary {
    uint32_t n_chunks_kept, n_chunks_mended, n_chunks_lost; /* mended ones are kept too */
    uint64_t bytes_in, bytes_kept, n_events;
};

/* Called once per chunk, in the order of the input. */
typedef void (*jfr_repair_report)(void *arg, const struct jfr_repair_chunk *chunk);

/* Into out, which must be empty and belongs to the function: it is closed, and discarded when
 * nothing could be saved. report and summary may be NULL. */
int jfr_repair(const void *bytes, size_t len_bytes, struct jfr_sink *out, jfr_repair_report report,
               void *arg, struct jfr_repair_summary *summary, struct jfr_err *err);

/* The same from file to file; LZ4 is unpacked. out_path must be another file than in_path
 * (-EINVAL). */
int jfr_repair_file(const char *in_path, const char *out_path, jfr_repair_report report, void *arg,
                    struct jfr_repair_summary *summary, struct jfr_err *err);

#endif
