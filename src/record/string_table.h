/* string_table.h — strings to small ids: 1, 2, 3, ... in order of arrival. Recorder thread only.
 * Memory: the strings and 16 bytes of table per string, twice over while it grows. */
#ifndef RECORD_STRING_TABLE_H
#define RECORD_STRING_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct string_entry {
    uint32_t hash;
    uint32_t n_bytes;
    uint32_t flags; /* the user's */
    char text[];    /* n_bytes, and a 0 for debuggers */
};

struct string_table {
    struct string_entry **entries; /* owned, of id i at [i - 1]; pointers stay good until fini */
    uint32_t n;
    uint32_t cap;
    uint32_t *slots;  /* owned: ids, 0 = free; open addressing */
    uint32_t n_slots; /* power of two */
};

/* A zeroed struct is a valid empty table. */
void string_table_fini(struct string_table *t);
/* The id of the string, new or known. 0 when out of memory or when there are 2^30 of them. */
uint32_t string_table_put(struct string_table *t, const char *text, size_t n_bytes);
static inline struct string_entry *string_table_entry(const struct string_table *t, uint32_t id)
{
    return t->entries[id - 1];
}

#endif
