/* out.h — a profile to a file: one function per format. They write to a stream that the caller
 * opened, and return 0, -ENOMEM, or -EIO when a write failed (the caller asks ferror and errno).
 * One thread. */
#ifndef JFR2FLAME_OUT_H
#define JFR2FLAME_OUT_H

#include <stdio.h>

#include "jfr2flame/profile.h"

/* Collapsed stacks: `frame;frame;frame count`, outermost frame first, one line per stack, sorted.
 * A ';' inside a name (only thread names have one) becomes ','. */
int out_collapsed(FILE *to, const struct profile *profile);

struct html_options {
    const char *title;
    double min_percent; /* frames narrower than this share of all are left out of the page */
};

/* One self-contained HTML page. Nothing in a recording can become markup or code in it: names are
 * only in a JSON block in which every '<', '>' and '&' is escaped. */
int out_html(FILE *to, const struct profile *profile, const struct html_options *options);

#endif
