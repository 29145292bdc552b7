/* trace_store_impl.h — what the two sides of the trace store share; nobody else includes it. */
#ifndef STORE_TRACE_STORE_IMPL_H
#define STORE_TRACE_STORE_IMPL_H

#include "store/trace_store.h"

enum {
    TRACE_PROBES_MAX = 64,      /* slots looked at before the table counts as full */
    TRACE_FRAMES_MAX = 1 << 20, /* keeps sizes far from overflow; real depths are below 10^5 */
    TRACE_SLOTS_MAX = 1 << 26,
    TRACE_ID_MAX = 0x7ffffeff, /* room for threads that step past it at once, below 2^31 */
};

/* Stacks are hashed and compared as bytes. */
_Static_assert(sizeof(struct frame) == 16, "struct frame has no padding");

/* The key of a stack; never 0. */
SIGSAFE uint64_t trace_store_hash(const struct frame *frames, uint32_t n, bool truncated);

#endif
