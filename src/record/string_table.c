/* string_table.c — strings to ids for the constant pools. Recorder thread only. */
#include "record/string_table.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

enum { FIRST_SLOTS = 1024, MAX_STRINGS = 1 << 30 };

void string_table_fini(struct string_table *t)
{
    for (uint32_t i = 0; i < t->n; i++)
        free(t->entries[i]);
    free(t->entries);
    free(t->slots);
    *t = (struct string_table){0};
}

/* The slot that holds the string, or the free one where it belongs. There always is a free one. */
static uint32_t *find_slot(const struct string_table *t, uint32_t hash, const char *text, size_t n)
{
    for (uint32_t i = hash;; i++) {
        uint32_t *slot = &t->slots[i & (t->n_slots - 1)];
        if (*slot == 0)
            return slot;
        const struct string_entry *e = string_table_entry(t, *slot);
        if (e->hash == hash && e->n_bytes == n && memcmp(e->text, text, n) == 0)
            return slot;
    }
}

static bool grow_slots(struct string_table *t)
{
    uint32_t n = t->n_slots ? t->n_slots * 2 : FIRST_SLOTS;
    uint32_t *slots = calloc(n, sizeof *slots);
    if (!slots)
        return false;
    for (uint32_t id = 1; id <= t->n; id++) {
        uint32_t i = string_table_entry(t, id)->hash;
        while (slots[i & (n - 1)])
            i++;
        slots[i & (n - 1)] = id;
    }
    free(t->slots);
    t->slots = slots;
    t->n_slots = n;
    return true;
}

static bool grow_entries(struct string_table *t)
{
    uint32_t cap = t->cap ? t->cap * 2 : FIRST_SLOTS;
    struct string_entry **entries = realloc(t->entries, cap * sizeof *entries);
    if (!entries)
        return false;
    t->entries = entries;
    t->cap = cap;
    return true;
}

/* Room for one more, and at least half of the slots free. */
static bool make_room(struct string_table *t)
{
    if (t->n >= MAX_STRINGS)
        return false;
    if (t->n * 2 >= t->n_slots && !grow_slots(t))
        return false;
    return t->n < t->cap || grow_entries(t);
}

uint32_t string_table_put(struct string_table *t, const char *text, size_t n_bytes)
{
    if (n_bytes > UINT32_MAX / 2 || !make_room(t))
        return 0;
    uint32_t hash = (uint32_t)hash_bytes(text, n_bytes);
    uint32_t *slot = find_slot(t, hash, text, n_bytes);
    if (*slot)
        return *slot;
    struct string_entry *e = malloc(sizeof *e + n_bytes + 1);
    if (!e)
        return 0;
    *e = (struct string_entry){.hash = hash, .n_bytes = (uint32_t)n_bytes};
    memcpy(e->text, text, n_bytes);
    e->text[n_bytes] = 0;
    t->entries[t->n++] = e;
    *slot = t->n;
    return t->n;
}
