/* report.h — what the profiler says of itself: profiler.Statistics, jdk.DataLoss, the verdict at
 * stop. Recorder thread only. */
#ifndef RECORD_REPORT_H
#define RECORD_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/counters.h"
#include "jfr/writer.h"

/* A copy of the counters and of what others count. */
struct report {
#define REPORT_MEMBER(name, meaning) uint64_t name;
    COUNTERS(REPORT_MEMBER)
#undef REPORT_MEMBER
    uint64_t bytes_written;
    uint64_t traces, methods, threads;
    uint64_t recorder_ns,
        periodic_ns; /* CPU time of the recorder thread; of it in periodic events */
};

void report_read(const struct counters *c, struct report *out);
/* Samples that happened and are in no file, by whatever cause. */
uint64_t report_lost(const struct report *r);
uint64_t report_failed(const struct report *r);

/* profiler.Statistics when anything changed since *last; jdk.DataLoss when more was lost. *last is
 * updated. */
void report_write(struct jfr_writer *w, uint64_t now_ticks, const struct report *now,
                  struct report *last);

struct verdict {
    struct report report;
    uint64_t cpu_ns;      /* CPU time of the process while it was recorded, our own excluded */
    uint64_t interval_ns; /* asked for */
    const char *engine;
    const char *walker;
    const char *path;
};

/* CPU time per sample, 0 when there are too few samples to say. */
uint64_t verdict_period_ns(const struct verdict *v);
/* True when the kernel gave clearly fewer samples than were asked for: more than 1.5 times the
 * interval. */
bool verdict_is_slow(const struct verdict *v);
/* True when there is no sample though there should be: more than a few intervals of CPU time
 * passed. */
bool verdict_is_empty(const struct verdict *v);
/* "app.jfr: 26.2 KiB, 325 samples of 3.29 s CPU, 0 failed, 0 lost; engine ctimer, walker vm" */
void verdict_format(const struct verdict *v, char *buf, size_t cap);

#endif
