/* unlz4.h — what every LZ4 decoder makes of a file, frame by frame. For tests of jfr/write_lz4. */
#ifndef TESTS_UNLZ4_H
#define TESTS_UNLZ4_H

#include <stddef.h>
#include <stdint.h>

/* Decode. *out is malloc'ed, also when something was wrong. Returns NULL, or what is wrong: an
 * incomplete frame, unless it is a skippable one (decoders don't mind), linked blocks, a skippable
 * frame at the start, or what liblz4 says. */
const char *unlz4(const uint8_t *bytes, size_t len_bytes, uint8_t **out, size_t *out_len);

#endif
