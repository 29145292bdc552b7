/* make_recording.c — writes a synthetic recording with every event, for checks by other programs:
 *     make_recording PATH [samples [chunks]]
 * Two flushes per chunk, so that there is a chain of checkpoints; samples are per chunk; compressed
 * when PATH ends in .lz4. Exit status 0 when it was written. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/synthetic.h"

static int write_all(struct jfr_writer *w, int n_samples)
{
    uint64_t end = g_synthetic_options.clock.start_ticks + 2 * (uint64_t)n_samples * 1000000;
    int rc = synthetic_add_constants(w);
    rc |= synthetic_write_samples(w, n_samples);
    rc |= jfr_writer_flush(w, end);
    rc |= jfr_add_thread(w, 100, &(struct jfr_pool_thread){.osName = "late", .osThreadId = 4300});
    rc |= jfr_write_thread_start(
        w, &(struct jfr_thread_start){.startTime = (int64_t)end, .thread = 100, .parentThread = 1});
    rc |= synthetic_write_events(w);
    return rc;
}

enum { SECOND = 1000000000 };

static int write_chunks(struct jfr_writer *w, int n_samples, int n_chunks)
{
    int rc = write_all(w, n_samples);
    for (int i = 1; i < n_chunks && rc == 0; i++) {
        struct jfr_clock clock = g_synthetic_options.clock;
        clock.start_ticks += (uint64_t)i * 4 * SECOND;
        clock.start_epoch_ns += (int64_t)i * 4 * SECOND;
        rc = jfr_writer_rotate(w, clock.start_ticks, &clock);
        rc |= write_all(w, n_samples);
    }
    return rc;
}

int main(int argc, char **argv)
{
    struct jfr_err err = {0};
    struct jfr_sink *sink;
    struct jfr_writer *w;
    struct jfr_writer_options options = g_synthetic_options;
    int n_samples = argc > 2 ? atoi(argv[2]) : 2000, n_chunks = argc > 3 ? atoi(argv[3]) : 1;
    if (argc < 2 || argc > 4 || n_samples < 0 || n_chunks < 1) {
        fprintf(stderr, "usage: make_recording PATH [samples [chunks]]\n");
        return 2;
    }
    size_t len = strlen(argv[1]);
    if (len > 4 && strcmp(argv[1] + len - 4, ".lz4") == 0)
        options.compression = JFR_LZ4;
    int rc = jfr_sink_file_open(&sink, argv[1], &err);
    if (rc == 0)
        rc = jfr_writer_open(&w, sink, &options, &err);
    if (rc == 0) {
        int wrong = write_chunks(w, n_samples, n_chunks);
        rc = jfr_writer_close(
            w, g_synthetic_options.clock.start_ticks + (uint64_t)n_chunks * 4 * SECOND, NULL, &err);
        rc = rc ? rc : wrong;
    }
    if (rc != 0)
        fprintf(stderr, "make_recording: %s\n", err.code ? err.text : "refused");
    return rc == 0 ? 0 : 1;
}
