/* names.h — the texts of frames, each once. Ids are dense from 0 in the order of first use. One
 * thread. */
#ifndef JFR2FLAME_NAMES_H
#define JFR2FLAME_NAMES_H

#include <stddef.h>
#include <stdint.h>

enum {
    NAME_MAX_COUNT = 1 << 29, /* ids fit 29 bits: tree.c packs them */
    NAME_MAX_BYTES = 1 << 16, /* longer texts are cut */
};
#define NAME_NONE UINT32_MAX

struct names;

struct names *names_new(void); /* NULL: out of memory */
void names_free(struct names *names);

/* Id of a text. What is not valid UTF-8 and every control character becomes U+FFFD, so that names
 * can be written anywhere. NAME_NONE: out of memory. The text is not retained. */
uint32_t names_put(struct names *names, const char *text, size_t n_bytes);
uint32_t names_count(const struct names *names);
const char *names_text(const struct names *names, uint32_t id); /* ends with 0 */
size_t names_len(const struct names *names, uint32_t id);

/* rank[id]: the place of each name in the order of their bytes. To be freed; NULL: out of memory.
 */
uint32_t *names_rank(const struct names *names);

#endif
