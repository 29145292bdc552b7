/* read_events.c — see read_events.h. */
#include "support/read_events.h"

#include <stdlib.h>

static void must(bool ok)
{
    if (!ok)
        abort();
}

static int read_chunk(struct jfr_chunk *chunk, struct read_event *out, int max, int n_fields)
{
    struct jfr_events it;
    struct jfr_event ev;
    int n = 0;
    jfr_events_init(&it, chunk);
    while (jfr_events_next(&it, &ev)) {
        for (int i = 0; i < n_fields && n < max; i++)
            out[n].v[i] = ev.values[i];
        n++;
    }
    must(it.error == NULL && it.n_bad == 0);
    return n;
}

int read_events(const struct jfr_sink_mem *sink, const char *type, const char *const *names,
                struct read_event *out, int max)
{
    struct jfr_file *file;
    struct jfr_chunk *chunk;
    struct jfr_chunk_header header;
    int n_fields = 0;
    while (names[n_fields])
        n_fields++;
    must(n_fields > 0 && n_fields <= READ_EVENTS_FIELDS);
    must(jfr_file_wrap(&file, sink->bytes, sink->len_bytes, NULL) == 0);
    must(jfr_file_next(file, &header, NULL) == 1);
    must(jfr_chunk_open(&chunk, file, &header, NULL) == 0);
    must(jfr_chunk_select(chunk, type, names, n_fields, 1) == 0);
    int n = read_chunk(chunk, out, max, n_fields);
    jfr_chunk_close(chunk);
    jfr_file_close(file);
    return n;
}

int read_events_count(const struct jfr_sink_mem *sink, const char *type)
{
    static const char *const names[] = {"startTime", NULL};
    return read_events(sink, type, names, NULL, 0);
}
