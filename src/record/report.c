/* report.c — statistics into the recording, and the one line at stop. Recorder thread only. */
#include "record/report.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/attrs.h"

enum {
    LOST_EVENT_BYTES = 16, /* a sample's event; what jdk.DataLoss counts is bytes */
    ENOUGH_SAMPLES = 100,  /* to judge the period by: a relative error of about 10 % */
};

void report_read(const struct counters *c, struct report *out)
{
#define COPY(name, meaning) out->name = counter_get(c, name);
    COUNTERS(COPY)
#undef COPY
}

uint64_t report_lost(const struct report *r)
{
    return r->lost_lane_busy + r->lost_lane_full + r->lost_store_full + r->lost_reentered +
           r->lost_unsafe;
}

uint64_t report_failed(const struct report *r)
{
    return r->failed_unknown_pc + r->failed_no_anchor + r->failed_bad_frame + r->failed_bad_method +
           r->failed_fault + r->failed_other + r->lost_methods_full;
}

static void write_statistics(struct jfr_writer *w, uint64_t now_ticks, const struct report *r)
{
    jfr_write_statistics(w,
                         &(struct jfr_statistics){.startTime = (int64_t)now_ticks,
                                                  .samples = (int64_t)r->samples,
                                                  .failedUnknownPc = (int64_t)r->failed_unknown_pc,
                                                  .failedNoAnchor = (int64_t)r->failed_no_anchor,
                                                  .failedBadFrame = (int64_t)r->failed_bad_frame,
                                                  .failedBadMethod = (int64_t)r->failed_bad_method,
                                                  .failedFault = (int64_t)r->failed_fault,
                                                  .failedOther = (int64_t)r->failed_other,
                                                  .lostLaneFull = (int64_t)r->lost_lane_full,
                                                  .lostLaneBusy = (int64_t)r->lost_lane_busy,
                                                  .lostStoreFull = (int64_t)r->lost_store_full,
                                                  .lostMethodsFull = (int64_t)r->lost_methods_full,
                                                  .lostReentered = (int64_t)r->lost_reentered,
                                                  .lostNoThread = (int64_t)r->lost_no_thread,
                                                  .lostUnsafe = (int64_t)r->lost_unsafe,
                                                  .truncatedStacks = (int64_t)r->truncated_stacks,
                                                  .scannedFrames = (int64_t)r->scanned_frames,
                                                  .handlerNanos = (int64_t)r->handler_ns,
                                                  .timersFailed = (int64_t)r->timers_failed,
                                                  .bytesWritten = (int64_t)r->bytes_written,
                                                  .traces = (int64_t)r->traces,
                                                  .methods = (int64_t)r->methods,
                                                  .threads = (int64_t)r->threads,
                                                  .recorderNanos = (int64_t)r->recorder_ns,
                                                  .periodicNanos = (int64_t)r->periodic_ns});
}

/* bytes_written and our own CPU time grow by our own events: alone they are no news. */
static bool is_news(const struct report *now, const struct report *last)
{
    struct report a = *now, b = *last;
    a.bytes_written = b.bytes_written = 0;
    a.recorder_ns = b.recorder_ns = 0;
    a.periodic_ns = b.periodic_ns = 0;
    return memcmp(&a, &b, sizeof a) != 0;
}

void report_write(struct jfr_writer *w, uint64_t now_ticks, const struct report *now,
                  struct report *last)
{
    uint64_t lost = report_lost(now), before = report_lost(last);
    if (lost > before)
        jfr_write_data_loss(
            w, &(struct jfr_data_loss){.startTime = (int64_t)now_ticks,
                                       .amount = (int64_t)((lost - before) * LOST_EVENT_BYTES),
                                       .total = (int64_t)(lost * LOST_EVENT_BYTES)});
    if (is_news(now, last))
        write_statistics(w, now_ticks, now);
    *last = *now;
}

/* --- the verdict --------------------------------------------------------------------------------
 */

uint64_t verdict_period_ns(const struct verdict *v)
{
    uint64_t n = v->report.samples + report_lost(&v->report);
    return n < ENOUGH_SAMPLES ? 0 : v->cpu_ns / n;
}

bool verdict_is_slow(const struct verdict *v)
{
    return verdict_period_ns(v) > v->interval_ns + v->interval_ns / 2;
}

bool verdict_is_empty(const struct verdict *v)
{
    return v->report.samples == 0 && v->cpu_ns / 8 > v->interval_ns;
}

struct text {
    char *buf;
    size_t cap, n;
};

PRINTF_LIKE(2, 3) static void put(struct text *t, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    if (t->n < t->cap) {
        int n = vsnprintf(t->buf + t->n, t->cap - t->n, fmt, args);
        t->n += n > 0 ? (size_t)n : 0;
    }
    va_end(args);
}

struct cause {
    uint64_t n;
    const char *name;
};

/* "17 failed (no anchor 12, bad frame 5)" */
static void put_causes(struct text *t, uint64_t total, const char *word, const struct cause *causes,
                       size_t n_causes)
{
    const char *separator = " (";
    put(t, ", %llu %s", (unsigned long long)total, word);
    for (size_t i = 0; i < n_causes; i++)
        if (causes[i].n) {
            put(t, "%s%s %llu", separator, causes[i].name, (unsigned long long)causes[i].n);
            separator = ", ";
        }
    if (separator[0] == ',')
        put(t, ")");
}

static void put_size(struct text *t, uint64_t bytes)
{
    if (bytes < 1 << 20)
        put(t, "%.1f KiB", (double)bytes / 1024);
    else
        put(t, "%.1f MiB", (double)bytes / (1 << 20));
}

void verdict_format(const struct verdict *v, char *buf, size_t cap)
{
    const struct report *r = &v->report;
    const struct cause failed[] = {
        {r->failed_unknown_pc, "unknown pc"},  {r->failed_no_anchor, "no anchor"},
        {r->failed_bad_frame, "bad frame"},    {r->failed_bad_method, "bad method"},
        {r->failed_fault, "memory fault"},     {r->failed_other, "other"},
        {r->lost_methods_full, "methods full"}};
    const struct cause lost[] = {{r->lost_lane_busy, "lanes busy"},
                                 {r->lost_lane_full, "lane full"},
                                 {r->lost_store_full, "trace store full"},
                                 {r->lost_reentered, "handler reentered"},
                                 {r->lost_unsafe, "faults blocked"}};
    struct text t = {.buf = buf, .cap = cap};
    put(&t, "%s: ", v->path);
    put_size(&t, r->bytes_written);
    put(&t, ", %llu samples of %.2f s CPU", (unsigned long long)r->samples,
        (double)v->cpu_ns / 1e9);
    put_causes(&t, report_failed(r), "failed", failed, COUNT_OF(failed));
    put_causes(&t, report_lost(r), "lost", lost, COUNT_OF(lost));
    if (r->truncated_stacks)
        put(&t, ", %llu cut at jstackdepth", (unsigned long long)r->truncated_stacks);
    if (r->timers_failed)
        put(&t, ", %llu threads without timer", (unsigned long long)r->timers_failed);
    put(&t, "; engine %s, walker %s", v->engine, v->walker);
}
