/* samples.h — events of a chunk to samples: which stack, which thread, how often. The stage behind
 * the reader; what a profile is made of (CPU, later others) is decided here. One thread. */
#ifndef JFR2FLAME_SAMPLES_H
#define JFR2FLAME_SAMPLES_H

#include <stddef.h>
#include <stdint.h>

#include "jfr/read.h"

/* The events that make a CPU profile, each counting 1. */
enum sample_source {
    SAMPLE_EXECUTION, /* jdk.ExecutionSample: JDK's recorder, jfrprof, async-profiler */
    SAMPLE_NATIVE,    /* jdk.NativeMethodSample: Java threads in native code */
    SAMPLE_CPU_TIME,  /* jdk.CPUTimeSample: JDK 25+ */
    SAMPLE_SOURCES,
};
const char *sample_source_name(enum sample_source source);

struct sample {
    uint64_t stack_id; /* of jdk.types.StackTrace; 0 = none */
    uint64_t thread_id;
    uint64_t value;
};

struct samples {
    struct sample *all; /* owned; each (stack, thread) once */
    size_t n, cap;
    uint64_t count[SAMPLE_SOURCES]; /* events */
    uint64_t n_bad;                 /* events that couldn't be decoded */
    uint64_t damage_at; /* offset in the chunk where reading stopped early, 0 = at its end */
};

/* Read all samples of a chunk; with_threads = false leaves thread_id 0 (fewer, larger samples).
 * 0 or -ENOMEM; damage is told in the struct. Selects in the chunk with the tags 0 ..
 * SAMPLE_SOURCES - 1; others' selections must have greater ones. */
int samples_read(struct jfr_chunk *chunk, bool with_threads, struct samples *samples);
void samples_fini(struct samples *samples);

#endif
