/* frames.h — frames of one chunk to names: what a frame is called in every output. One thread. */
#ifndef JFR2FLAME_FRAMES_H
#define JFR2FLAME_FRAMES_H

#include "jfr/read.h"
#include "jfr2flame/map.h"
#include "jfr2flame/names.h"
#include "jfr2flame/tree.h"

struct frame_style {
    bool with_lines; /* java.util.HashMap.put:612 */
    bool with_kinds; /* suffixes _[j] JIT, _[i] inlined, _[0] interpreted, _[1] C1, _[k] kernel */
};

struct frames {
    const struct jfr_chunk *chunk; /* borrowed */
    const struct jfr_pool *methods;
    struct names *names; /* borrowed */
    struct frame_style style;
    struct map cache;   /* method, kind, line -> name */
    struct map threads; /* thread -> name */
    char *text;         /* a name being made */
    size_t len, cap;
};

void frames_init(struct frames *frames, const struct jfr_chunk *chunk, struct names *names,
                 struct frame_style style);
void frames_fini(struct frames *frames);

/* NAME_NONE: out of memory.
 * Java: java.util.HashMap.put. Native, C++, kernel: the function alone, its library left out. */
uint32_t frames_name(struct frames *frames, const struct jfr_frame *frame);
/* [main tid=123] */
uint32_t frames_thread_name(struct frames *frames, uint64_t thread_id);

#endif
