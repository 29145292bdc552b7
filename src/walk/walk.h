/* walk.h — ucontext -> frames[]. Signal context.
 *
 * One algorithm per file. The walker reads the interrupted thread's stack with fault-safe loads
 * only, allocates nothing and always terminates (loops are bounded by max_frames and by the stack's
 * bounds). Java frames come out with a Method* as their id; store/method_dict.h turns them into
 * method ids. */
#ifndef WALK_WALK_H
#define WALK_WALK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attrs.h"
#include "base/frame.h"
#include "os/context.h"

/* Why a walk ended before the root of the stack. Each has its counter (base/counters.h). */
enum walk_status {
    WALK_OK = 0,
    WALK_TRUNCATED,  /* max_frames reached: the root side is missing */
    WALK_UNKNOWN_PC, /* the program counter is in no library, stub or compiled method */
    WALK_NO_ANCHOR,  /* in native code, the way back to Java unknown */
    WALK_BAD_FRAME,
    WALK_BAD_METHOD,
    WALK_FAULT,
    WALK_METHODS_FULL, /* not from the walker: the method dictionary or its arena is full */
};

struct walker; /* walk/walker.h */

struct walk_result {
    uint32_t n_frames;
    enum walk_status status;
    bool has_java;           /* at least one Java frame */
    uint32_t scanned_frames; /* callers found by searching, not by layout */
};

/* Walk the interrupted thread. java_thread is its JavaThread*, NULL for threads without Java.
 * frames[0..max_frames) gets the frames, top first; a failed walk keeps what it found. */
SIGSAFE struct walk_result walk_stack(struct walker *w, const struct cpu_context *cpu,
                                      void *java_thread, struct frame *frames, uint32_t max_frames);

/* One word or two for a status, as in messages and in the marker frame of a broken stack. */
SIGSAFE const char *walk_status_name(enum walk_status status);

#endif
