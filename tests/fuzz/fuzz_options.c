/* fuzz_options.c — any text as agent options: parsed or refused with one line, and its file pattern
 * expanded. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "agent/options.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int condition)
{
    if (!condition)
        abort();
}

static const char *no_env(const char *name)
{
    return name[0] == 'A' ? "value" : NULL;
}

/* The pattern may come from anywhere, so the buffer is smaller than it can become. */
static void expand(const char *pattern)
{
    char buf[64];
    struct tm tm = {.tm_mday = 1};
    struct err e = {0};
    struct file_vars vars = {.pid = 1, .start = &tm, .sequence = 7, .env = no_env};
    if (options_expand_file(pattern, &vars, buf, sizeof buf, &e) == 0)
        check(strlen(buf) < sizeof buf && !e.text[0]);
    else
        check(e.text[0] && !strchr(e.text, '\n'));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct options o;
    struct err e = {0};
    char *text = malloc(size + 1);
    if (!text)
        return 0;
    memcpy(text, data, size);
    text[size] = 0;
    if (options_parse(text, &o, &e) == 0) {
        check(!e.text[0] && o.interval_ns >= 10000 && o.depth >= 1 && o.depth <= DEPTH_MAX);
        check(memchr(o.file, 0, sizeof o.file) && memchr(o.log_file, 0, sizeof o.log_file));
        expand(o.file);
    } else {
        check(e.text[0] && !strchr(e.text, '\n'));
    }
    expand(text);
    free(text);
    return 0;
}
