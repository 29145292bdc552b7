/* profile.h — recordings to one call tree: the way reader -> samples -> tree, chunk by chunk. One
 * thread. A filter of samples and frames will stand between the two (profile_add_sample). */
#ifndef JFR2FLAME_PROFILE_H
#define JFR2FLAME_PROFILE_H

#include <stdbool.h>
#include <stdint.h>

#include "jfr/read.h"
#include "jfr2flame/frames.h"
#include "jfr2flame/names.h"
#include "jfr2flame/samples.h"
#include "jfr2flame/tree.h"

struct profile_options {
    struct frame_style style;
    bool with_threads; /* a frame per thread below the root */
};

/* How often an event type occurs: to say what a recording without samples holds. */
struct event_count {
    char name[96];
    uint64_t n;
};

struct profile {
    struct profile_options options;
    struct names *names;
    struct tree *tree;
    uint64_t count[SAMPLE_SOURCES]; /* events behind the samples */
    uint64_t n_without_stack, n_truncated, n_bad;
    unsigned n_chunks;
    int64_t start_ns, end_ns; /* since the epoch; of all chunks */
    char jvm[192];            /* "OpenJDK 64-Bit Server VM 17.0.9+9", "" if not recorded */
    char command[256];        /* main class and arguments */
    /* Told one line at a time, about things that don't stop the conversion. */
    void (*warn)(void *context, const char *line);
    void *warn_context;
};

int profile_init(struct profile *profile, struct profile_options options); /* 0 or -ENOMEM */
void profile_fini(struct profile *profile);

/* Add all of a file. Damaged chunks are warned about and the rest is kept; fails when nothing of
 * the file could be read (text in err), or with -ENOMEM. */
int profile_add_file(struct profile *profile, struct jfr_file *file, struct jfr_err *err);

/* The event types of a file by falling number, at most `max`; returns how many types there are. */
size_t profile_count_events(struct jfr_file *file, struct event_count counts[], size_t max,
                            uint64_t *n_events);

#endif
