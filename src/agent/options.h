/* options.h — the text after `libjfrprof.so=`: COMMAND[,option...]. Pure logic, no JVM, no files.
 *
 * One table (options.c) gives the parser, the help text and the error texts. Every error is one
 * line that names the option, the value and what is allowed; the caller prints it and starts
 * nothing. */
#ifndef AGENT_OPTIONS_H
#define AGENT_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

#include "base/err.h"

enum agent_command {
    COMMAND_START, /* also when no command is given */
    COMMAND_STOP,
    COMMAND_STATUS,
    COMMAND_LIST, /* what event= may be */
    COMMAND_VERSION,
};

enum event_kind { EVENT_CPU, EVENT_CTIMER };
enum cstack_mode { CSTACK_VM, CSTACK_NO };
enum log_threshold { LOG_AT_ERROR, LOG_AT_WARN, LOG_AT_INFO, LOG_AT_DEBUG };

enum {
    OPTION_PATH_MAX = 1024, /* bytes of a pattern or path, final 0 included */
    DEPTH_MAX = 8192,
};

struct options {
    enum agent_command command;
    enum event_kind event;
    enum cstack_mode cstack;
    enum log_threshold log_level;
    uint64_t interval_ns;
    uint64_t flush_ns;
    uint64_t timeout_ns; /* 0: until stopped */
    uint64_t memlimit_bytes;
    uint32_t depth;                 /* frames of a stack at most */
    char file[OPTION_PATH_MAX];     /* pattern, see options_expand_file() */
    char log_file[OPTION_PATH_MAX]; /* "": stderr */
};

/* The defaults, as for an empty text. */
void options_init(struct options *o);
/* text: NULL or "" means `start` with the defaults. 0, or -EINVAL with the line in e; *o is then
 * unusable. */
int options_parse(const char *text, struct options *o, struct err *e);

/* What the patterns of file= stand for. */
struct file_vars {
    long pid;               /* %p */
    const struct tm *start; /* %t: YYYYMMDD-HHMMSS */
    unsigned sequence;      /* %n{MAX}: this number modulo MAX; %n: the number itself */
    const char *(*env)(const char *name); /* %{ENV}; NULL result = "" */
};
/* Expand the pattern into buf. 0, -EINVAL (unknown %, unclosed brace) or -ENAMETOOLONG, with the
 * line in e. */
int options_expand_file(const char *pattern, const struct file_vars *vars, char *buf,
                        size_t cap_bytes, struct err *e);

/* Commands and options, one per line, with what is allowed. */
void options_print_help(FILE *to);

#endif
