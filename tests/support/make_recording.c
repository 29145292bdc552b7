/* make_recording.c — writes a synthetic recording with every event, for checks by other programs:
 *     make_recording PATH [samples]
 * Two flushes, so that there is a chain of checkpoints. Exit status 0 when it was written. */
#include <stdio.h>
#include <stdlib.h>

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

int main(int argc, char **argv)
{
    struct jfr_err err = {0};
    struct jfr_sink *sink;
    struct jfr_writer *w;
    int n_samples = argc > 2 ? atoi(argv[2]) : 2000;
    if (argc < 2 || argc > 3 || n_samples < 0) {
        fprintf(stderr, "usage: make_recording PATH [samples]\n");
        return 2;
    }
    int rc = jfr_sink_file_open(&sink, argv[1], &err);
    if (rc == 0)
        rc = jfr_writer_open(&w, sink, &g_synthetic_options, &err);
    if (rc == 0) {
        int wrong = write_all(w, n_samples);
        rc = jfr_writer_close(w, g_synthetic_options.clock.start_ticks + 4000000000u, NULL, &err);
        rc = rc ? rc : wrong;
    }
    if (rc != 0)
        fprintf(stderr, "make_recording: %s\n", err.code ? err.text : "refused");
    return rc == 0 ? 0 : 1;
}
