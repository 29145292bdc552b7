/* perf_data.c — the index of the JVM's counters, and reading them. Contexts: perf_data.h. */
#include "vm/perf_data.h"

#include <stdlib.h>
#include <string.h>

#include "base/attrs.h"
#include "os/safe_load.h"
#include "vm/lookup.h"

enum {
    PROLOGUE_BYTES = 32,
    ENTRY_BYTES = 20, /* its head; name and value follow */
    ENTRIES_MAX = 1 << 14,
    MEMORY_MAX = 4 << 20, /* -XX:PerfDataMemorySize; 32 KiB as a rule */
    LITTLE_ENDIAN_MARK = 1,
};

/* 0xcafec0c0, whatever the byte order */
static const uint8_t k_magic[4] = {0xca, 0xfe, 0xc0, 0xc0};

static const char *const k_names[PERF_N] = {
#define PERF_NAME(NAME, text) text,
    PERF_COUNTERS(PERF_NAME)
#undef PERF_NAME
};

static uint32_t u32_at(const uint8_t *p)
{
    uint32_t v;
    memcpy(&v, p, sizeof v);
    return v;
}

/* An entry: n bytes of memory that lie at offset at of the whole. */
static void take_entry(struct perf_data *out, const uint8_t *entry, uint32_t n, uint32_t at)
{
    uint32_t name_at = u32_at(entry + 4), vector_len = u32_at(entry + 8);
    uint32_t data_at = u32_at(entry + 16);
    uint8_t type = entry[12]; /* as in class files: J long, B byte (of a text) */
    if (name_at >= n || data_at >= n || !memchr(entry + name_at, 0, n - name_at))
        return;
    uint32_t n_bytes = vector_len ? vector_len : 8;
    if (n_bytes > n - data_at || (type != 'J' && type != 'B') ||
        (type == 'J' && (vector_len || (at + data_at) % 8)) || (type == 'B' && !vector_len))
        return;
    const char *name = (const char *)entry + name_at;
    for (int c = 0; c < PERF_N; c++)
        if ((c >= PERF_GC_CAUSE) == (type == 'B') && strcmp(name, k_names[c]) == 0) {
            out->counters[c].at = at + data_at;
            out->counters[c].n_bytes = n_bytes;
        }
}

bool perf_data_index(const void *bytes, size_t n, struct perf_data *out)
{
    const uint8_t *p = bytes;
    memset(out->counters, 0, sizeof out->counters);
    if (n < PROLOGUE_BYTES || n > MEMORY_MAX || memcmp(p, k_magic, sizeof k_magic) != 0 ||
        p[4] != LITTLE_ENDIAN_MARK || p[5] != 2)
        return false;
    uint32_t at = u32_at(p + 24), n_entries = u32_at(p + 28);
    for (uint32_t i = 0; i < n_entries && i < ENTRIES_MAX; i++) {
        if (at > n || n - at < ENTRY_BYTES)
            break;
        uint32_t len = u32_at(p + at);
        if (len < ENTRY_BYTES || len > n - at)
            break;
        take_entry(out, p + at, len, at);
        at += len;
    }
    return true;
}

bool perf_data_open(struct perf_data *out)
{
    struct vm_entry e[] = {{.type = "PerfMemory", .field = "_start"},
                           {.type = "PerfMemory", .field = "_capacity"}};
    bool faulted = false;
    *out = (struct perf_data){0};
    vm_lookup(e, COUNT_OF(e));
    if (!e[0].found || !e[1].found)
        return false;
    out->start = safe_load64(e[0].value, &faulted);
    uint64_t n = safe_load64(e[1].value, &faulted);
    if (faulted || !out->start || n < PROLOGUE_BYTES || n > MEMORY_MAX)
        return false;
    uint8_t *copy = malloc(n);
    bool is_good = copy && safe_copy(copy, out->start, n) && perf_data_index(copy, n, out);
    free(copy);
    return is_good;
}

int64_t perf_data_get(const struct perf_data *p, enum perf_counter c)
{
    bool faulted = false;
    return p->counters[c].at ? (int64_t)safe_load64(p->start + p->counters[c].at, &faulted) : 0;
}

size_t perf_data_text(const struct perf_data *p, enum perf_counter c, char *buf, size_t cap)
{
    size_t n = p->counters[c].at ? p->counters[c].n_bytes : 0;
    if (n > cap - 1)
        n = cap - 1;
    if (n && !safe_copy(buf, p->start + p->counters[c].at, n))
        n = 0;
    buf[n] = 0;
    return strlen(buf);
}
