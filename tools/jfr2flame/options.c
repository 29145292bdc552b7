/* options.c — the command line of jfr2flame, by getopt_long. */
#include "jfr2flame/options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char HELP[] =
    "Usage: jfr2flame [options] IN.jfr... [OUT.html]\n"
    "\n"
    "Turns JFR recordings (of jfrprof, the JDK's recorder, async-profiler) into a CPU flame "
    "graph.\n"
    "Several recordings are added together. Without OUT the page goes next to the first "
    "recording.\n"
    "\n"
    "  -o, --output OUT       file to write; its extension picks the format: .html, or .collapsed "
    "or\n"
    "                         .txt for collapsed stacks. '-' writes collapsed stacks to standard\n"
    "                         output. Just 'html' or 'collapsed' picks the format alone.\n"
    "  -t, --threads          split by thread\n"
    "  -l, --lines            split by line of code\n"
    "      --ann              mark compiled, inlined ... frames: _[j] _[i] _[0] interpreted _[1] "
    "C1 _[k]\n"
    "      --title TEXT       title of the page\n"
    "      --minwidth PCT     leave frames below this share of all samples out of the page (0 to "
    "100)\n"
    "  -h, --help             this text\n"
    "      --version          the version\n"
    "\n"
    "Exit status: 0 fine, 1 failed, 2 wrong usage.\n";

enum { OPT_ANN = 256, OPT_TITLE, OPT_MINWIDTH, OPT_VERSION };

static const struct option long_options[] = {
    {"output", required_argument, NULL, 'o'},
    {"threads", no_argument, NULL, 't'},
    {"lines", no_argument, NULL, 'l'},
    {"ann", no_argument, NULL, OPT_ANN},
    {"title", required_argument, NULL, OPT_TITLE},
    {"minwidth", required_argument, NULL, OPT_MINWIDTH},
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, OPT_VERSION},
    {0},
};

static enum options_outcome wrong(const char *what, const char *value)
{
    fprintf(stderr, "jfr2flame: %s%s%s\nTry 'jfr2flame --help'.\n", what, value ? ": " : "",
            value ? value : "");
    return OPTIONS_WRONG;
}

/* Where the file's extension starts, its end if it has none. */
static const char *extension_of(const char *path)
{
    const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
    const char *dot = strrchr(base, '.');
    return dot && dot != base ? dot : path + strlen(path);
}

static bool format_of(const char *path, enum out_format *format)
{
    const char *extension = extension_of(path);
    bool is_html = !strcmp(extension, ".html") || !strcmp(extension, ".htm");
    *format = is_html ? OUT_HTML : OUT_COLLAPSED;
    return is_html || !strcmp(extension, ".collapsed") || !strcmp(extension, ".txt") ||
           !strcmp(path, "-");
}

static bool percent_parse(const char *text, double *percent)
{
    char *end;
    errno = 0;
    *percent = strtod(text, &end);
    return end != text && !*end && errno == 0 && *percent >= 0 && *percent <= 100;
}

/* app.jfr -> app.html, next to it. NULL: out of memory. */
static char *output_beside(const char *input, enum out_format format)
{
    const char *extension = extension_of(input);
    size_t n = strcmp(extension, ".jfr") ? strlen(input) : (size_t)(extension - input);
    char *path = malloc(n + sizeof ".collapsed");
    if (path)
        sprintf(path, "%.*s%s", (int)n, input, format == OUT_HTML ? ".html" : ".collapsed");
    return path;
}

/* Which of the arguments is the output, and what format it is. */
static enum options_outcome output_choose(struct options *o, const char *wanted)
{
    const char *path = wanted;
    o->format = OUT_HTML;
    if (wanted && (!strcmp(wanted, "html") || !strcmp(wanted, "collapsed"))) {
        o->format = !strcmp(wanted, "html") ? OUT_HTML : OUT_COLLAPSED;
        path = NULL;
        wanted = "";
    }
    if (!path && o->n_inputs > 1) {
        enum out_format format;
        const char *last = o->inputs[o->n_inputs - 1];
        if (format_of(last, &format)) {
            path = last;
            o->n_inputs--;
            if (!wanted)
                o->format = format;
        }
    } else if (path && !format_of(path, &o->format)) {
        return wrong("the output must end with .html, .collapsed or .txt", path);
    }
    if (o->n_inputs == 0)
        return wrong("no recording given", NULL);
    o->output = path ? strdup(path) : output_beside(o->inputs[0], o->format);
    return o->output ? OPTIONS_RUN : wrong("out of memory", NULL);
}

enum options_outcome options_parse(struct options *options, int argc, char **argv)
{
    const char *wanted = NULL;
    *options = (struct options){0};
    optind = 0; /* tests parse more than once */
    for (int c; (c = getopt_long(argc, argv, "o:tlh", long_options, NULL)) != -1;) {
        switch (c) {
        case 'o': wanted = optarg; break;
        case 't': options->with_threads = true; break;
        case 'l': options->with_lines = true; break;
        case OPT_ANN: options->with_kinds = true; break;
        case OPT_TITLE: options->title = optarg; break;
        case OPT_MINWIDTH:
            if (!percent_parse(optarg, &options->min_percent))
                return wrong("--minwidth takes a percentage from 0 to 100", optarg);
            break;
        case 'h': fputs(HELP, stdout); return OPTIONS_DONE;
        case OPT_VERSION: puts("jfr2flame " JFRPROF_VERSION); return OPTIONS_DONE;
        default: return wrong("wrong usage", NULL);
        }
    }
    options->inputs = argv + optind;
    options->n_inputs = argc - optind;
    return output_choose(options, wanted);
}

void options_fini(struct options *options)
{
    free(options->output);
}
