/* read_events.h — the events of one type in a recording in memory, as values of chosen fields. */
#ifndef TESTS_SUPPORT_READ_EVENTS_H
#define TESTS_SUPPORT_READ_EVENTS_H

#include "jfr/read.h"
#include "jfr/sink.h"

enum { READ_EVENTS_FIELDS = 8 };

struct read_event {
    struct jfr_value v[READ_EVENTS_FIELDS];
};

/* Up to max events, in the order of the file; strings point into the sink's bytes. names ends with
 * NULL. Returns how many there are in all; a recording that can't be read aborts. */
int read_events(const struct jfr_sink_mem *sink, const char *type, const char *const *names,
                struct read_event *out, int max);
/* How many there are. */
int read_events_count(const struct jfr_sink_mem *sink, const char *type);

#endif
