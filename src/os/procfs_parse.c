/* procfs_parse.c — texts of /proc to numbers. Pure: no I/O, no allocation. Normal side.
 * Sticky cursor: the first thing that is not as expected ends the text for good. */
#include "os/procfs.h"

#include <string.h>

struct text {
    const char *p, *end;
    bool failed;
};

static struct text text_of(const char *p, size_t n)
{
    return (struct text){.p = p, .end = p + n};
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static void skip_blanks(struct text *t)
{
    while (t->p < t->end && is_blank(*t->p))
        t->p++;
}

static int digit_of(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return 99;
}

/* An unsigned number after blanks; too large ones fail. */
static uint64_t take_number(struct text *t, uint64_t base)
{
    uint64_t v = 0;
    skip_blanks(t);
    const char *start = t->p;
    for (; !t->failed && t->p < t->end && (uint64_t)digit_of(*t->p) < base; t->p++)
        if (__builtin_mul_overflow(v, base, &v) ||
            __builtin_add_overflow(v, (uint64_t)digit_of(*t->p), &v))
            t->failed = true;
    t->failed |= t->p == start;
    return t->failed ? 0 : v;
}

static void take_char(struct text *t, char c)
{
    if (t->failed || t->p == t->end || *t->p != c)
        t->failed = true;
    else
        t->p++;
}

/* A blank-separated word of whatever. */
static void skip_word(struct text *t)
{
    skip_blanks(t);
    const char *start = t->p;
    while (t->p < t->end && !is_blank(*t->p) && *t->p != '\n')
        t->p++;
    t->failed |= t->p == start;
}

/* The next line, without its newline; false at the end. */
static bool take_line(struct text *t, struct text *line)
{
    if (t->p == t->end)
        return false;
    const char *newline = memchr(t->p, '\n', (size_t)(t->end - t->p));
    const char *end = newline ? newline : t->end;
    *line = text_of(t->p, (size_t)(end - t->p));
    t->p = newline ? newline + 1 : t->end;
    return true;
}

/* If the line is "key:value" or "key value" (the separator is part of key), go past key. */
static bool take_key(struct text *line, const char *key)
{
    size_t n = strlen(key);
    if ((size_t)(line->end - line->p) < n || memcmp(line->p, key, n) != 0)
        return false;
    line->p += n;
    return true;
}

/* --- /proc/PID/stat --------------------------------------------------------------------------- */

/* "pid (name) state ppid ...": the name may contain anything, so its end is the last ')'. */
bool procfs_parse_process(const char *text, size_t n, struct procfs_process *out)
{
    *out = (struct procfs_process){0};
    const char *name_end = n ? memrchr(text, ')', n) : NULL;
    if (!name_end)
        return false;
    struct text t = text_of(name_end + 1, (size_t)(text + n - (name_end + 1)));
    struct procfs_process p = {0};
    for (int field = 3; field <= 24; field++) { /* numbered as in proc(5) */
        switch (field) {
        case 14: p.user_ticks = take_number(&t, 10); break;
        case 15: p.system_ticks = take_number(&t, 10); break;
        case 20: p.n_threads = take_number(&t, 10); break;
        case 22: p.start_ticks = take_number(&t, 10); break;
        case 24: p.rss_pages = take_number(&t, 10); break;
        default: skip_word(&t); break;
        }
    }
    if (t.failed)
        return false;
    *out = p;
    return true;
}

/* --- /proc/stat ------------------------------------------------------------------------------- */

/* user nice system idle iowait irq softirq steal; what follows (guest) is counted in user already.
 * The first four have always been there. */
static bool take_cpu_times(struct text *line, struct procfs_machine *out)
{
    for (int i = 0; i < 8; i++) {
        uint64_t ticks = take_number(line, 10);
        if (line->failed)
            return i >= 4;
        out->all_ticks += ticks;
        if (i != 3 && i != 4)
            out->busy_ticks += ticks;
    }
    return true;
}

bool procfs_parse_machine(const char *text, size_t n, struct procfs_machine *out)
{
    struct text t = text_of(text, n), line;
    struct procfs_machine m = {0};
    bool has_times = false;
    *out = m;
    while (take_line(&t, &line)) {
        if (!has_times && take_key(&line, "cpu "))
            has_times = take_cpu_times(&line, &m);
        else if (take_key(&line, "ctxt "))
            m.n_switches = take_number(&line, 10);
    }
    if (has_times)
        *out = m;
    return has_times;
}

/* --- "Name:   123 kB" lines: meminfo, status -------------------------------------------------- */

struct pair {
    const char *key; /* with its ':' */
    uint64_t unit;
    uint64_t value;
    bool is_found;
};

static void take_pairs(const char *text, size_t n, struct pair *pairs, size_t n_pairs)
{
    struct text t = text_of(text, n), line;
    while (take_line(&t, &line))
        for (size_t i = 0; i < n_pairs; i++) {
            struct text rest = line;
            if (pairs[i].is_found || !take_key(&rest, pairs[i].key))
                continue;
            uint64_t v = take_number(&rest, 10);
            pairs[i].is_found =
                !rest.failed && !__builtin_mul_overflow(v, pairs[i].unit, &pairs[i].value);
        }
}

bool procfs_parse_memory(const char *text, size_t n, struct procfs_memory *out)
{
    enum { TOTAL, AVAILABLE, FREE, BUFFERS, CACHED, N };
    struct pair p[N] = {{"MemTotal:", 1024, 0, false},
                        {"MemAvailable:", 1024, 0, false},
                        {"MemFree:", 1024, 0, false},
                        {"Buffers:", 1024, 0, false},
                        {"Cached:", 1024, 0, false}};
    *out = (struct procfs_memory){0};
    take_pairs(text, n, p, N);
    uint64_t available = p[AVAILABLE].value;
    if (!p[AVAILABLE].is_found &&
        (__builtin_add_overflow(p[FREE].value, p[BUFFERS].value, &available) ||
         __builtin_add_overflow(available, p[CACHED].value, &available)))
        return false;
    if (!p[TOTAL].is_found || (!p[AVAILABLE].is_found && !p[FREE].is_found))
        return false;
    out->total_bytes = p[TOTAL].value;
    out->used_bytes = available < out->total_bytes ? out->total_bytes - available : 0;
    return true;
}

bool procfs_parse_status(const char *text, size_t n, struct procfs_status *out)
{
    enum { RSS, PEAK, VOLUNTARY, INVOLUNTARY, N };
    struct pair p[N] = {{"VmRSS:", 1024, 0, false},
                        {"VmHWM:", 1024, 0, false},
                        {"voluntary_ctxt_switches:", 1, 0, false},
                        {"nonvoluntary_ctxt_switches:", 1, 0, false}};
    *out = (struct procfs_status){0};
    take_pairs(text, n, p, N);
    if (!p[RSS].is_found && !p[VOLUNTARY].is_found)
        return false;
    *out = (struct procfs_status){.rss_bytes = p[RSS].value,
                                  .rss_peak_bytes = p[PEAK].value,
                                  .n_voluntary = p[VOLUNTARY].value,
                                  .n_involuntary = p[INVOLUNTARY].value};
    return true;
}

/* --- /proc/cpuinfo ---------------------------------------------------------------------------- */

enum { CORES_MAX = 2048 }; /* cores told apart; more are not counted */

struct cpu_scan {
    struct procfs_cpu *out;
    int64_t socket;            /* of the processor being described; -1 not said */
    uint64_t cores[CORES_MAX]; /* socket << 32 | core */
};

static void note_core(struct cpu_scan *s, uint64_t core)
{
    uint64_t socket = s->socket < 0 ? 0 : (uint64_t)s->socket & 0xffffffff;
    uint64_t key = socket << 32 | (core & 0xffffffff);
    bool is_new_socket = true;
    for (uint32_t i = 0; i < s->out->n_cores; i++) {
        if (s->cores[i] == key)
            return;
        is_new_socket &= s->cores[i] >> 32 != socket;
    }
    if (s->out->n_cores == CORES_MAX)
        return;
    s->cores[s->out->n_cores++] = key;
    s->out->n_sockets += is_new_socket;
}

static void keep_text(char *buf, size_t cap, const struct text *value)
{
    size_t n = (size_t)(value->end - value->p);
    if (buf[0])
        return;
    n = n < cap - 1 ? n : cap - 1;
    memcpy(buf, value->p, n);
    buf[n] = 0;
}

static void keep_number(int64_t *to, struct text *value)
{
    if (*to >= 0)
        return;
    if (take_key(value, "0x"))
        *to = (int64_t)(take_number(value, 16) & INT64_MAX);
    else
        *to = (int64_t)(take_number(value, 10) & INT64_MAX);
    if (value->failed)
        *to = -1;
}

/* "key\t: value"; key with its first blank or ':' would also match longer keys, so it is compared
 * whole. */
static bool is_key(const struct text *key, const char *name)
{
    size_t n = strlen(name);
    return (size_t)(key->end - key->p) == n && memcmp(key->p, name, n) == 0;
}

static void take_cpu_pair(struct cpu_scan *s, const struct text *key, struct text *value)
{
    struct procfs_cpu *out = s->out;
    if (is_key(key, "processor")) {
        out->n_threads++;
        s->socket = -1;
    } else if (is_key(key, "model name"))
        keep_text(out->model, sizeof out->model, value);
    else if (is_key(key, "vendor_id") || is_key(key, "CPU implementer"))
        keep_text(out->vendor, sizeof out->vendor, value);
    else if (is_key(key, "cpu family") || is_key(key, "CPU architecture"))
        keep_number(&out->family, value);
    else if (is_key(key, "model") || is_key(key, "CPU part"))
        keep_number(&out->model_number, value);
    else if (is_key(key, "stepping") || is_key(key, "CPU revision"))
        keep_number(&out->stepping, value);
    else if (is_key(key, "physical id"))
        s->socket = (int64_t)(take_number(value, 10) & INT64_MAX);
    else if (is_key(key, "core id")) {
        uint64_t core = take_number(value, 10);
        if (!value->failed)
            note_core(s, core);
    }
}

bool procfs_parse_cpu(const char *text, size_t n, struct procfs_cpu *out)
{
    struct text t = text_of(text, n), line;
    struct cpu_scan s = {.out = out, .socket = -1};
    *out = (struct procfs_cpu){.family = -1, .model_number = -1, .stepping = -1};
    while (take_line(&t, &line)) {
        const char *colon = memchr(line.p, ':', (size_t)(line.end - line.p));
        if (!colon)
            continue;
        struct text key = {.p = line.p, .end = colon}, value = {.p = colon + 1, .end = line.end};
        while (key.end > key.p && is_blank(key.end[-1]))
            key.end--;
        skip_blanks(&value);
        take_cpu_pair(&s, &key, &value);
    }
    return out->n_threads > 0;
}

/* --- /proc/PID/maps --------------------------------------------------------------------------- */

static bool take_flag(struct text *t, char set, char unset)
{
    bool is_set = t->p < t->end && *t->p == set;
    take_char(t, is_set ? set : unset);
    return is_set;
}

/* "start-end rwxp offset major:minor inode   path" */
bool procfs_parse_map(const char *line, size_t n, struct procfs_map *out)
{
    struct text t = text_of(line, n);
    struct procfs_map m = {0};
    m.start = take_number(&t, 16);
    take_char(&t, '-');
    m.end = take_number(&t, 16);
    skip_blanks(&t);
    m.is_readable = take_flag(&t, 'r', '-');
    m.is_writable = take_flag(&t, 'w', '-');
    m.is_executable = take_flag(&t, 'x', '-');
    m.is_shared = take_flag(&t, 's', 'p');
    m.offset = take_number(&t, 16);
    m.dev_major = (uint32_t)take_number(&t, 16);
    take_char(&t, ':');
    m.dev_minor = (uint32_t)take_number(&t, 16);
    m.inode = take_number(&t, 10);
    t.failed |= t.p < t.end && !is_blank(*t.p);
    skip_blanks(&t);
    m.path = t.p;
    m.n_path = (size_t)(t.end - t.p);
    bool is_good = !t.failed && m.start < m.end;
    *out = is_good ? m : (struct procfs_map){.path = ""};
    return is_good;
}
