/* fuzz_repair.c — any bytes through jfr_repair: what comes out, if anything does, is a recording
 * that needs no repair, and that the reader takes. */
#include <stdlib.h>

#include "jfr/repair.h"
#include "support/read_all.h"

enum { LIMIT = 64 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len_bytes);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len_bytes)
{
    struct jfr_sink_mem once, twice;
    struct jfr_repair_summary sum, again;
    jfr_sink_mem_init(&once, LIMIT);
    jfr_sink_mem_init(&twice, LIMIT);
    if (jfr_repair(bytes, len_bytes, &once.base, NULL, NULL, &sum, NULL) == 0) {
        struct read_all all = read_all(once.bytes, once.len_bytes);
        if (all.chunks != sum.n_chunks_kept)
            abort();
        if (jfr_repair(once.bytes, once.len_bytes, &twice.base, NULL, NULL, &again, NULL) != 0 ||
            again.n_chunks_mended != 0 || again.n_chunks_lost != 0 ||
            again.n_events != sum.n_events)
            abort();
    }
    jfr_sink_mem_fini(&once);
    jfr_sink_mem_fini(&twice);
    return 0;
}
