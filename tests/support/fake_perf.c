/* fake_perf.c — see fake_perf.h. Layout: HotSpot runtime/perfMemory.hpp (PerfDataPrologue,
 * PerfDataEntry). */
#include "support/fake_perf.h"

#include <stdlib.h>
#include <string.h>

enum { PROLOGUE = 32, HEAD = 20 };

static void put32(struct fake_perf *f, uint32_t at, uint32_t v)
{
    memcpy(f->bytes + at, &v, sizeof v);
}

void fake_perf_init(struct fake_perf *f)
{
    *f = (struct fake_perf){.n_bytes = PROLOGUE};
    memcpy(f->bytes, "\xca\xfe\xc0\xc0\x01\x02\x00\x01", 8);
    put32(f, 24, PROLOGUE);
}

static void *add(struct fake_perf *f, const char *name, char type, const void *value,
                 uint32_t n_bytes, uint32_t vector)
{
    uint32_t name_len = (uint32_t)strlen(name) + 1;
    uint32_t data_at = (HEAD + name_len + 7) / 8 * 8;
    uint32_t len = (data_at + n_bytes + 7) / 8 * 8;
    uint32_t at = f->n_bytes;
    if (len > FAKE_PERF_BYTES - at)
        abort();
    put32(f, at, len);
    put32(f, at + 4, HEAD);
    put32(f, at + 8, vector);
    f->bytes[at + 12] = (uint8_t)type;
    put32(f, at + 16, data_at);
    memcpy(f->bytes + at + HEAD, name, name_len);
    memcpy(f->bytes + at + data_at, value, n_bytes);
    f->n_bytes += len;
    put32(f, 28, ++f->n_entries);
    return f->bytes + at + data_at;
}

int64_t *fake_perf_number(struct fake_perf *f, const char *name, int64_t value)
{
    return add(f, name, 'J', &value, sizeof value, 0);
}

char *fake_perf_text(struct fake_perf *f, const char *name, const char *text, uint32_t room)
{
    char padded[256] = "";
    if (room > sizeof padded || strlen(text) >= room)
        abort();
    strcpy(padded, text);
    return add(f, name, 'B', padded, room, room);
}
