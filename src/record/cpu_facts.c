/* cpu_facts.c — /proc/cpuinfo to the facts of jdk.CPUInformation. Pure. */
#include "record/cpu_facts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PAIRS_MAX = 1024 }; /* (socket, core) pairs told apart; more are not counted */

struct scan {
    struct cpu_facts *out;
    long socket, core; /* of the processor being described; -1 unknown */
    char family[16], model[16], stepping[16];
    struct {
        long socket, core;
    } seen[PAIRS_MAX];
    int n_seen;
};

/* A processor's block has ended. */
static void count_core(struct scan *s)
{
    bool new_socket = true;
    if (s->core < 0 || s->n_seen == PAIRS_MAX)
        return;
    for (int i = 0; i < s->n_seen; i++) {
        if (s->seen[i].socket != s->socket)
            continue;
        new_socket = false;
        if (s->seen[i].core == s->core)
            return;
    }
    s->seen[s->n_seen].socket = s->socket;
    s->seen[s->n_seen++].core = s->core;
    s->out->cores++;
    s->out->sockets += new_socket;
}

static void keep_first(char *buf, size_t cap, const char *value)
{
    size_t n = strnlen(value, cap - 1);
    if (buf[0])
        return;
    memcpy(buf, value, n);
    buf[n] = 0;
}

static void take_pair(struct scan *s, const char *key, const char *value)
{
    if (strcmp(key, "processor") == 0) {
        s->out->hw_threads++;
        s->socket = s->core = -1;
    } else if (strcmp(key, "model name") == 0 || strcmp(key, "CPU part") == 0)
        keep_first(s->out->model, sizeof s->out->model, value);
    else if (strcmp(key, "vendor_id") == 0 || strcmp(key, "CPU implementer") == 0)
        keep_first(s->out->vendor, sizeof s->out->vendor, value);
    else if (strcmp(key, "cpu family") == 0 || strcmp(key, "CPU architecture") == 0)
        keep_first(s->family, sizeof s->family, value);
    else if (strcmp(key, "model") == 0 || strcmp(key, "CPU variant") == 0)
        keep_first(s->model, sizeof s->model, value);
    else if (strcmp(key, "stepping") == 0 || strcmp(key, "CPU revision") == 0)
        keep_first(s->stepping, sizeof s->stepping, value);
    else if (strcmp(key, "physical id") == 0)
        s->socket = strtol(value, NULL, 10);
    else if (strcmp(key, "core id") == 0) {
        s->core = strtol(value, NULL, 10);
        count_core(s);
    }
}

/* "key<blanks>: value" */
static void take_line(struct scan *s, const char *line, size_t n)
{
    char key[64], value[128];
    const char *colon = memchr(line, ':', n);
    if (!colon)
        return;
    size_t n_key = (size_t)(colon - line);
    while (n_key > 0 && (line[n_key - 1] == '\t' || line[n_key - 1] == ' '))
        n_key--;
    const char *at = colon + 1;
    while (at < line + n && *at == ' ')
        at++;
    if (n_key >= sizeof key)
        return;
    snprintf(key, sizeof key, "%.*s", (int)n_key, line);
    snprintf(value, sizeof value, "%.*s", (int)(line + n - at), at);
    take_pair(s, key, value);
}

void cpu_facts_parse(const char *text, struct cpu_facts *out)
{
    *out = (struct cpu_facts){0};
    struct scan *s = calloc(1, sizeof *s);
    if (!s)
        return;
    s->out = out;
    while (*text) {
        size_t n = strcspn(text, "\n");
        take_line(s, text, n);
        text += n + (text[n] == '\n');
    }
    snprintf(out->details, sizeof out->details, "Family: %s, Model: %s, Stepping: %s", s->family,
             s->model, s->stepping);
    free(s);
    if (out->hw_threads == 0)
        out->hw_threads = 1;
    if (out->cores == 0) /* arm64 does not say */
        out->cores = out->hw_threads;
    if (out->sockets == 0)
        out->sockets = 1;
}
