/* synthetic.h — a recording with every declared event, every field and every type of constant,
 * written through the public interface. Used by check_writer and by make_recording.
 *
 * Values follow from the schema: a test that knows the rule can check any field of any event. */
#ifndef TESTS_SYNTHETIC_H
#define TESTS_SYNTHETIC_H

#include <stdint.h>

#include "jfr/schema.h"
#include "jfr/writer.h"

enum {
    SYNTHETIC_THREADS = 3,
    SYNTHETIC_TRACES = 4,
    SYNTHETIC_FIRST_ID = 1, /* ids of the constants of every type start here */
};

extern const struct jfr_writer_options g_synthetic_options; /* 2024-ish, ticks are nanoseconds */

/* All constants: SYNTHETIC_THREADS threads, SYNTHETIC_TRACES stack traces and what they refer to.
 */
int synthetic_add_constants(struct jfr_writer *w);
/* One event of every type. */
int synthetic_write_events(struct jfr_writer *w);
/* n execution samples, one per millisecond from the start, going round threads and stack traces. */
int synthetic_write_samples(struct jfr_writer *w, int n);

/* What synthetic_write_events puts into a field of an integral or pool kind. */
int64_t synthetic_integer(const struct jfr_schema_type *type, const struct jfr_schema_field *field);
/* Into a float or double; into a string (buf is large enough for any). */
double synthetic_real(const struct jfr_schema_field *field);
enum { SYNTHETIC_TEXT_CAP = 256 };
void synthetic_text(const struct jfr_schema_type *type, const struct jfr_schema_field *field,
                    char buf[SYNTHETIC_TEXT_CAP]);

#endif
