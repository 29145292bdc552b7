/* handmade.h — recordings made byte by byte, with everything that a writer may do but ours doesn't:
 * all string encodings, padded sizes, constants in any order, other layouts, damage. For tests of
 * the reader and of jfr2flame. Independent of jfr/writer and jfr/schema. */
#ifndef TESTS_HANDMADE_H
#define TESTS_HANDMADE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "jfr/wire.h"

enum { HANDMADE_CAP = 1 << 20 };

struct handmade {
    uint8_t *bytes; /* of HANDMADE_CAP */
    struct jfr_out out;
    size_t chunk_at;                          /* offset of the chunk being made */
    int pad;                                  /* bytes of an event's size; 0 = as few as possible */
    enum jfr_string_encoding string_encoding; /* of handmade_string and of the metadata */
    size_t event_at;
};

/* What every test starts from: no padding, strings in UTF-8. */
void handmade_init(struct handmade *h);
void handmade_fini(struct handmade *h);
static inline size_t handmade_len(const struct handmade *h)
{
    return jfr_out_len(&h->out);
}
static inline size_t handmade_at(const struct handmade *h)
{
    return handmade_len(h) - h->chunk_at;
}

/* Header with size, offsets 0 to be filled in by end; start 1 s after the epoch, ticks = ns, state
 * 0. */
void handmade_chunk_begin(struct handmade *h);
void handmade_chunk_end(struct handmade *h, uint64_t checkpoint_at, uint64_t metadata_at);

/* Events; both give the event's offset in the chunk. Between the two: jfr_out_* on h->out. */
size_t handmade_event_begin(struct handmade *h, uint64_t type);
size_t handmade_event_end(struct handmade *h);
/* Type 1, with its fields up to the number of pools. */
size_t handmade_checkpoint_begin(struct handmade *h, int64_t delta, uint64_t n_pools);
void handmade_leb(struct handmade *h, uint64_t v);
/* v in n bytes, padded. */
void handmade_leb_padded(struct handmade *h, uint64_t v, int n);
void handmade_string(struct handmade *h, const char *utf8);
/* typeId and count of a pool. */
void handmade_pool(struct handmade *h, uint64_t type, uint64_t count);

/* A metadata event from a description, a line per class followed by its fields:
 *     class 30 jdk.types.StackTrace
 *     field truncated 4
 *     field frames 29 array
 *     class 1000 jdk.ExecutionSample event
 *     field stackTrace 30 pool
 *     class 27 jdk.types.Symbol simple
 * Returns its offset. Order of the elements is that of the text. */
size_t handmade_metadata(struct handmade *h, const char *description);

/* The types of a CPU profile with the field order of the JDK; ids as in FORMAT.md §11. */
extern const char g_handmade_types[];
enum {
    HM_BOOLEAN = 4,
    HM_CHAR,
    HM_FLOAT,
    HM_DOUBLE,
    HM_BYTE,
    HM_SHORT,
    HM_INT,
    HM_LONG,
    HM_STRING = 20,
    HM_CLASS,
    HM_THREAD,
    HM_SYMBOL = 27,
    HM_METHOD,
    HM_STACK_FRAME,
    HM_STACK,
    HM_FRAME_TYPE,
    HM_STATE,
    HM_EXECUTION = 1000,
    HM_NATIVE,
    HM_CPU_TIME,
    HM_JVM,
};

/* A chunk with a profile: threads 1 "main" (osId 7) and 2 "evil <b> & co", methods 1 app.Main.run,
 * 2 app.Main.sort, 3 write in libc.so.6, 4 a hidden class; stacks 1 run, 2 run > sort, 3 run > sort
 * > write, 4 none, 5 run > sort > hidden, truncated; samples (stack x times): 1 x 1, 2 x 3, 3 x 2
 * (native), 5 x 1, 0 x 1. */
void handmade_profile(struct handmade *h);

#endif
