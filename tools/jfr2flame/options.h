/* options.h — the command line of jfr2flame. */
#ifndef JFR2FLAME_OPTIONS_H
#define JFR2FLAME_OPTIONS_H

#include <stdbool.h>

enum out_format { OUT_HTML, OUT_COLLAPSED };

struct options {
    char **inputs; /* borrowed from argv */
    int n_inputs;
    char *output; /* owned; "-" = standard output */
    enum out_format format;
    const char *title; /* NULL: made from the input's name */
    bool with_threads, with_lines, with_kinds;
    double min_percent;
};

enum options_outcome {
    OPTIONS_RUN,
    OPTIONS_DONE,  /* --help, --version: printed, exit status 0 */
    OPTIONS_WRONG, /* told on stderr, exit status 2 */
};

enum options_outcome options_parse(struct options *options, int argc, char **argv);
void options_fini(struct options *options);

#endif
