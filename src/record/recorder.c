/* recorder.c — the recorder thread. Never attached to the JVM, signals blocked; the only one that
 * touches the file. At every flush: drain the lanes, add the constants of new stacks and threads,
 * publish. */
#include "record/recorder_impl.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "os/clock.h"

/* --- opening ------------------------------------------------------------------------------------
 */

static int gmt_offset_ms(time_t now)
{
    struct tm tm = {0};
    localtime_r(&now, &tm);
    return (int)(tm.tm_gmtoff * 1000);
}

static int open_writer(struct recorder *r, struct err *e)
{
    struct jfr_err je = {0};
    struct jfr_sink *sink;
    uint64_t epoch_ns = clock_epoch_ns(), ticks = clock_ticks_ns();
    struct jfr_writer_options options = {
        .clock = {.start_epoch_ns = (int64_t)epoch_ns,
                  .start_ticks = ticks,
                  .ticks_per_sec = 1000000000},
        .gmt_offset_ms = gmt_offset_ms((time_t)(epoch_ns / 1000000000)),
    };
    int rc = jfr_sink_file_open(&sink, r->config.path, &je);
    if (rc == 0)
        rc = jfr_writer_open(&r->writer, sink, &options, &je);
    if (rc)
        return err_set(e, rc, "file: %s (as uid %u)", je.text, (unsigned)geteuid());
    r->facts = (struct recording_facts){.path = r->config.path,
                                        .start_ticks = ticks,
                                        .start_epoch_ms = (int64_t)(epoch_ns / 1000000),
                                        .interval_ns = r->config.interval_ns,
                                        .flush_ns = r->config.flush_ns,
                                        .timeout_ns = r->config.timeout_ns};
    return 0;
}

/* Everything but the writer. */
static int open_parts(struct recorder *r, struct err *e)
{
    r->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (r->wake_fd < 0)
        return err_set(e, -errno, "eventfd: %s", strerror(errno));
    r->code = codemap_new();
    r->traces = trace_scan_new(r->config.traces);
    if (r->config.methods)
        r->methods = method_index_new(r->config.methods);
    r->periodic =
        periodic_new(&(struct periodic_config){.vm = r->config.vm,
                                               .threads = r->config.threads,
                                               .n_cpus = (int)sysconf(_SC_NPROCESSORS_ONLN),
                                               .has_pauses = r->config.has_pauses});
    if (!r->code || !r->traces || !r->periodic || (r->config.methods && !r->methods))
        return err_set(e, -ENOMEM, "the recorder: out of memory");
    return 0;
}

static int open_constants(struct recorder *r, struct err *e)
{
    r->constants =
        constants_new(&(struct constants_config){.writer = r->writer,
                                                 .methods = r->methods,
                                                 .code = r->code,
                                                 .max_frames = r->config.max_frames,
                                                 .failure_name = r->config.ops->failure_name});
    return r->constants ? 0 : err_set(e, -ENOMEM, "the recorder: out of memory");
}

static void free_recorder(struct recorder *r)
{
    constants_free(r->constants);
    trace_scan_free(r->traces);
    method_index_free(r->methods);
    periodic_free(r->periodic);
    if (!r->keeps_code)
        codemap_free(r->code);
    if (r->wake_fd >= 0)
        close(r->wake_fd);
    free(r);
}

/* The recording has not begun: no file is to stay, if it is a file. */
static void discard(struct recorder *r)
{
    struct stat st;
    jfr_writer_close(r->writer, clock_ticks_ns(), NULL, NULL);
    if (stat(r->config.path, &st) == 0 && S_ISREG(st.st_mode))
        unlink(r->config.path);
    free_recorder(r);
}

int recorder_open(struct recorder **out, const struct recorder_config *config, struct err *e)
{
    struct recorder *r = calloc(1, sizeof *r);
    if (!r)
        return err_set(e, -ENOMEM, "the recorder: out of memory");
    r->config = *config;
    r->wake_fd = -1;
    int rc = open_parts(r, e);
    if (rc == 0)
        rc = open_writer(r, e);
    if (rc) {
        free_recorder(r);
        return rc;
    }
    rc = open_constants(r, e);
    if (rc) {
        discard(r);
        return rc;
    }
    *out = r;
    return 0;
}

/* --- flushing -----------------------------------------------------------------------------------
 */

static void take_events(void *ctx, const void *bytes, size_t n)
{
    struct recorder *r = ctx;
    if (jfr_writer_append(r->writer, bytes, n) == -EINVAL)
        log_once(LOG_ERROR, "a lane held something that is no event; it was dropped");
}

static void take_trace(void *ctx, const struct trace *trace)
{
    constants_add_trace(ctx, trace);
}

static void take_thread(void *ctx, const struct thread_info *info)
{
    constants_add_thread(ctx, info);
}

static void fill_report(struct recorder *r, struct report *out)
{
    struct jfr_writer_stats stats;
    *out = (struct report){0};
    report_read(r->config.counters, out);
    jfr_writer_get_stats(r->writer, &stats);
    out->bytes_written = stats.bytes_written;
    out->traces = constants_n_traces(r->constants);
    out->methods = constants_n_methods(r->constants);
    out->threads = constants_n_threads(r->constants);
    out->recorder_ns = clock_ns_of(CLOCK_THREAD_CPUTIME_ID);
    out->periodic_ns = periodic_cpu_ns(r->periodic);
}

/* Events first: whatever they refer to was in the stores before them. */
static void drain(struct recorder *r)
{
    constants_begin_flush(r->constants);
    lane_set_drain(r->config.lanes, take_events, r);
    trace_scan_next(r->traces, take_trace, r->constants);
    thread_table_take_new(r->config.threads, take_thread, r->constants);
}

static void refresh_code(struct recorder *r)
{
    codemap_refresh(r->code);
    r->config.ops->code_ranges(r->config.ctx, codemap_ranges(r->code));
}

static void flush(struct recorder *r)
{
    struct report report;
    uint64_t now = clock_ticks_ns();
    drain(r);
    fill_report(r, &report);
    report_write(r->writer, now, &report, &r->last_report);
    jfr_writer_flush(r->writer, now);
    thread_table_reclaim(r->config.threads);
}

/* --- the thread ---------------------------------------------------------------------------------
 */

/* Until the doorbell or the time; returns true when it rang. */
static bool wait_until(struct recorder *r, uint64_t deadline_ns)
{
    struct pollfd fd = {.fd = r->wake_fd, .events = POLLIN};
    uint64_t now = clock_ticks_ns(), rings;
    if (deadline_ns <= now)
        return false;
    uint64_t left = deadline_ns - now;
    struct timespec timeout = {.tv_sec = (time_t)(left / 1000000000),
                               .tv_nsec = (long)(left % 1000000000)};
    if (ppoll(&fd, 1, &timeout, NULL) <= 0)
        return false;
    return read(r->wake_fd, &rings, sizeof rings) == sizeof rings;
}

static uint64_t process_cpu_ns(void)
{
    return clock_ns_of(CLOCK_PROCESS_CPUTIME_ID);
}

static bool has_failed(struct recorder *r)
{
    const struct jfr_err *je = jfr_writer_error(r->writer);
    if (je)
        log_error("%s; the recording ends here, what it has is valid", je->text);
    return je != NULL;
}

static uint64_t earliest(uint64_t a, uint64_t b, uint64_t c)
{
    uint64_t ab = a < b ? a : b;
    return ab < c ? ab : c;
}

static void record_until_end(struct recorder *r)
{
    uint64_t start = r->facts.start_ticks;
    uint64_t end = r->config.timeout_ns ? start + r->config.timeout_ns : UINT64_MAX;
    uint64_t next = start + r->config.flush_ns;
    while (!load_acquire(&r->stop_requested) && clock_ticks_ns() < end && !has_failed(r)) {
        if (wait_until(r, earliest(next, end, periodic_next_due_ns(r->periodic)))) {
            if (!load_acquire(&r->stop_requested))
                flush(r); /* a lane is half full */
            continue;
        }
        periodic_tick(r->periodic, r->writer, clock_ticks_ns());
        if (clock_ticks_ns() < next)
            continue; /* the flush comes later */
        refresh_code(r);
        r->config.ops->tick(r->config.ctx);
        flush(r);
        next += r->config.flush_ns;
        if (next < clock_ticks_ns()) /* the machine slept, or so */
            next = clock_ticks_ns() + r->config.flush_ns;
    }
}

static const char *why_it_ends(struct recorder *r)
{
    if (load_acquire(&r->shutdown_reason))
        return "JVM shutdown";
    return load_acquire(&r->stop_requested) ? "Stopped on request" : "End of the time asked for";
}

static void write_ending(struct recorder *r, struct verdict *v)
{
    uint64_t now = clock_ticks_ns();
    const char *reason = load_acquire(&r->shutdown_reason);
    char period[32];
    periodic_end(r->periodic, r->writer, now);
    drain(r);
    if (reason)
        jfr_write_shutdown(r->writer,
                           &(struct jfr_shutdown){.startTime = (int64_t)now, .reason = reason});
    environment_write_dump_reason(r->writer, now, why_it_ends(r));
    fill_report(r, &v->report);
    if (verdict_is_slow(v)) {
        environment_format_period(verdict_period_ns(v) / 1000 * 1000, period, sizeof period);
        environment_write_setting(r->writer, now, JFR_TYPE_EXECUTION_SAMPLE, "effectivePeriod",
                                  period);
        environment_write_setting(r->writer, now, JFR_TYPE_NATIVE_METHOD_SAMPLE, "effectivePeriod",
                                  period);
    }
    report_write(r->writer, now, &v->report, &r->last_report);
}

static void say_verdict(const struct verdict *v)
{
    char text[900];
    if (verdict_is_slow(v))
        log_warn("interval: asked for %.3f ms, the kernel's timers gave one sample every %.3f ms "
                 "(its tick is the limit)",
                 (double)v->interval_ns / 1e6, (double)verdict_period_ns(v) / 1e6);
    if (verdict_is_empty(v))
        log_warn("no samples, though the process used %.3f s of CPU: signals blocked, or timers "
                 "not permitted",
                 (double)v->cpu_ns / 1e9);
    verdict_format(v, text, sizeof text);
    log_info("%s", text);
}

static void end_recording(struct recorder *r)
{
    struct jfr_err je = {0};
    struct jfr_writer_stats stats = {0};
    uint64_t cpu_ns = process_cpu_ns() - r->start_cpu_ns;
    uint64_t own_ns = clock_ns_of(CLOCK_THREAD_CPUTIME_ID);
    struct verdict v = {.cpu_ns = cpu_ns > own_ns ? cpu_ns - own_ns : 0,
                        .interval_ns = r->config.interval_ns,
                        .engine = r->config.engine,
                        .walker = r->config.walker,
                        .path = r->config.path};
    bool had_failed = jfr_writer_error(r->writer) != NULL;
    if (!r->config.ops->quiesce(r->config.ctx))
        r->keeps_code = true;
    write_ending(r, &v);
    int rc = jfr_writer_close(r->writer, clock_ticks_ns(), &stats, &je);
    r->writer = NULL;
    if (rc && !had_failed)
        log_error("%s; what the recording has is valid", je.text);
    v.report.bytes_written = stats.bytes_written;
    say_verdict(&v);
}

static void *recorder_main(void *arg)
{
    struct recorder *r = arg;
    void (*finished)(void *) = r->config.ops->finished;
    void *ctx = r->config.ctx;
    prctl(PR_SET_NAME, "jfrprof");
    refresh_code(r);
    r->config.ops->tick(ctx); /* the threads that are no Java threads */
    environment_write(r->writer, r->config.environment, &r->facts, r->code);
    periodic_begin(r->periodic, r->writer, clock_ticks_ns());
    flush(r);
    record_until_end(r);
    end_recording(r);
    free_recorder(r);
    finished(ctx);
    return NULL;
}

/* All but those that a fault of the thread itself raises: blocked, they would end the process,
 * where our handler (os/safe_load) or the JVM's can deal with them. */
static void fill_asynchronous(sigset_t *set)
{
    static const int k_synchronous[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP};
    sigfillset(set);
    for (size_t i = 0; i < COUNT_OF(k_synchronous); i++)
        sigdelset(set, k_synchronous[i]);
}

int recorder_run(struct recorder *r, pthread_t *thread, struct err *e)
{
    sigset_t all, before;
    fill_asynchronous(&all);
    r->start_cpu_ns = process_cpu_ns();
    pthread_sigmask(SIG_SETMASK, &all, &before); /* inherited by the new thread */
    int rc = -pthread_create(thread, NULL, recorder_main, r);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (rc) {
        discard(r);
        return err_set(e, rc, "the recorder thread: %s", strerror(-rc));
    }
    return 0;
}

void recorder_post_thread_dump(struct recorder *r, char *text)
{
    periodic_post_thread_dump(r->periodic, text);
}

void recorder_request_stop(struct recorder *r, const char *shutdown_reason)
{
    uint32_t no = 0;
    store_release(&r->shutdown_reason, (void *)(uintptr_t)shutdown_reason);
    if (cas_acq_rel(&r->stop_requested, &no, 1))
        recorder_wake(r);
}
