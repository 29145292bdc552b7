/* fake_perf.h — the JVM's counters (vm/perf_data.h) in ordinary memory, entry by entry, as HotSpot
 * lays them out. */
#ifndef TESTS_SUPPORT_FAKE_PERF_H
#define TESTS_SUPPORT_FAKE_PERF_H

#include <stddef.h>
#include <stdint.h>

enum { FAKE_PERF_BYTES = 8192 };

struct fake_perf {
    _Alignas(8) uint8_t bytes[FAKE_PERF_BYTES];
    uint32_t n_bytes, n_entries;
};

void fake_perf_init(struct fake_perf *f);
/* Where the value lies. */
int64_t *fake_perf_number(struct fake_perf *f, const char *name, int64_t value);
/* room: of the text, which is padded with zeros. */
char *fake_perf_text(struct fake_perf *f, const char *name, const char *text, uint32_t room);

#endif
