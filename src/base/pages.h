/* pages.h — whole pages from the kernel: zeroed, touched lazily. Normal side only. */
#ifndef BASE_PAGES_H
#define BASE_PAGES_H

#include <stddef.h>

/* n_bytes rounded up to whole pages; 0 when that overflows. */
size_t pages_round_up(size_t n_bytes);
/* Map n_bytes (> 0; rounded up) of zeroed memory that costs nothing until it is touched. NULL with
 * errno set on failure. */
void *pages_map(size_t n_bytes);
/* NULL is allowed. n_bytes as given to pages_map(). */
void pages_unmap(void *pages, size_t n_bytes);
/* Make the range read as zero again and give its memory back to the kernel where that is possible.
 */
void pages_clear(void *pages, size_t n_bytes);

#endif
