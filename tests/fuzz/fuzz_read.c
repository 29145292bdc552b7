/* fuzz_read.c — any bytes through the whole reader: header, metadata, checkpoints, events,
 * constants. */
#include "support/read_all.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len_bytes);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len_bytes)
{
    read_all(bytes, len_bytes);
    return 0;
}
