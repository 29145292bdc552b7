/* main.c — jfr2flame: recordings in, a flame graph page or collapsed stacks out. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "jfr2flame/options.h"
#include "jfr2flame/out.h"

static void warn_line(void *path, const char *line)
{
    fprintf(stderr, "jfr2flame: %s: warning: %s\n", (const char *)path, line);
}

static int add_input(struct profile *profile, const char *path)
{
    struct jfr_file *file;
    struct jfr_err err = {0};
    int rc = jfr_file_open(&file, path, &err);
    if (rc == 0) {
        profile->warn = warn_line;
        profile->warn_context = (void *)path;
        rc = profile_add_file(profile, file, &err);
        jfr_file_close(file);
    }
    if (rc)
        fprintf(stderr, "jfr2flame: %s: %s\n", path, err.text);
    return rc;
}

/* There were no samples: say what there is instead. */
static void tell_contents(const char *path)
{
    enum { SHOWN = 8 };
    struct event_count counts[SHOWN];
    struct jfr_file *file;
    uint64_t n_events;
    if (jfr_file_open(&file, path, NULL) != 0)
        return;
    size_t n_types = profile_count_events(file, counts, SHOWN, &n_events);
    jfr_file_close(file);
    fprintf(stderr, "jfr2flame: %s: no CPU samples in it (", path);
    for (int i = 0; i < SAMPLE_SOURCES; i++)
        fprintf(stderr, "%s%s", i ? ", " : "", sample_source_name(i));
    fprintf(stderr, "). It holds %" PRIu64 " events%s\n", n_events, n_events ? ":" : ".");
    for (size_t i = 0; i < n_types && i < SHOWN; i++)
        fprintf(stderr, "%12" PRIu64 "  %s\n", counts[i].n, counts[i].name);
    if (n_types > SHOWN)
        fprintf(stderr, "%12s  and %zu more types\n", "", n_types - SHOWN);
}

static int write_to(FILE *to, const struct profile *profile, const struct options *o)
{
    const char *slash = strrchr(o->inputs[0], '/');
    struct html_options html = {
        .title = o->title ? o->title
                 : slash  ? slash + 1
                          : o->inputs[0],
        .min_percent = o->min_percent,
    };
    return o->format == OUT_HTML ? out_html(to, profile, &html) : out_collapsed(to, profile);
}

/* Write the output. A file that could not be finished is removed, unless it is a device or a pipe.
 */
static int write_output(const struct profile *profile, const struct options *o)
{
    bool is_stdout = !strcmp(o->output, "-");
    FILE *to = is_stdout ? stdout : fopen(o->output, "we");
    if (!to) {
        fprintf(stderr, "jfr2flame: can't write %s: %s\n", o->output, strerror(errno));
        return -errno;
    }
    int rc = write_to(to, profile, o);
    int why = errno;
    if (fflush(to) != 0 && rc == 0) {
        rc = -EIO;
        why = errno;
    }
    if (!is_stdout && fclose(to) != 0 && rc == 0) {
        rc = -EIO;
        why = errno;
    }
    if (rc == 0)
        return 0;
    fprintf(stderr, "jfr2flame: can't write %s: %s\n", is_stdout ? "standard output" : o->output,
            strerror(rc == -EIO ? why : -rc));
    struct stat st;
    if (!is_stdout && stat(o->output, &st) == 0 && S_ISREG(st.st_mode))
        unlink(o->output);
    return rc;
}

static void tell_verdict(const struct profile *p, const struct options *o)
{
    uint64_t total = tree_at(p->tree, 0)->total;
    const char *separator = ": ";
    fprintf(stderr, "jfr2flame: %" PRIu64 " samples", total);
    for (int i = 0; i < SAMPLE_SOURCES; i++)
        if (p->count[i] > 0) {
            fprintf(stderr, "%s%" PRIu64 " %s", separator, p->count[i], sample_source_name(i));
            separator = ", ";
        }
    if (p->n_without_stack > 0)
        fprintf(stderr, "; %" PRIu64 " without a stack", p->n_without_stack);
    if (p->n_truncated > 0)
        fprintf(stderr, "; %" PRIu64 " with a truncated one", p->n_truncated);
    if (p->n_bad > 0)
        fprintf(stderr, "; %" PRIu64 " unreadable", p->n_bad);
    fprintf(stderr, " -> %s\n", o->output);
}

/* Exit status. */
static int convert(struct profile *profile, const struct options *o)
{
    for (int i = 0; i < o->n_inputs; i++)
        if (add_input(profile, o->inputs[i]) != 0)
            return 1;
    if (tree_at(profile->tree, 0)->total == 0) {
        for (int i = 0; i < o->n_inputs; i++)
            tell_contents(o->inputs[i]);
        return 1;
    }
    if (write_output(profile, o) != 0)
        return 1;
    if (strcmp(o->output, "-") != 0)
        tell_verdict(profile, o);
    return 0;
}

int main(int argc, char **argv)
{
    struct options options;
    struct profile profile;
    switch (options_parse(&options, argc, argv)) {
    case OPTIONS_DONE: return 0;
    case OPTIONS_WRONG: return 2;
    case OPTIONS_RUN: break;
    }
    struct profile_options wanted = {
        .style = {.with_lines = options.with_lines, .with_kinds = options.with_kinds},
        .with_threads = options.with_threads,
    };
    int status = 1;
    if (profile_init(&profile, wanted) == 0)
        status = convert(&profile, &options);
    else
        fputs("jfr2flame: out of memory\n", stderr);
    profile_fini(&profile);
    options_fini(&options);
    return status;
}
