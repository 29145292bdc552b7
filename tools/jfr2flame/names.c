/* names.c — string interning, and making texts of a recording fit for output. */
#include "jfr2flame/names.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "jfr2flame/map.h"

struct name {
    char *text;
    uint32_t len;
    uint32_t next; /* same hash */
};

struct names {
    struct name *all;
    uint32_t n, cap;
    struct map by_hash; /* hash -> first id with it */
    uint64_t seed;
    char *scratch; /* a cleaned text, up to 3 bytes per byte of the original */
};

struct names *names_new(void)
{
    struct names *names = calloc(1, sizeof *names);
    if (!names)
        return NULL;
    names->seed = map_random_seed();
    names->scratch = malloc(3 * NAME_MAX_BYTES + 1);
    if (!names->scratch) {
        free(names);
        return NULL;
    }
    return names;
}

void names_free(struct names *names)
{
    if (!names)
        return;
    for (uint32_t i = 0; i < names->n; i++)
        free(names->all[i].text);
    free(names->all);
    free(names->scratch);
    map_fini(&names->by_hash);
    free(names);
}

/* Length of the valid UTF-8 character at s, 0 if there is none. */
static size_t utf8_char_len(const unsigned char *s, size_t n)
{
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    if (s[0] < 0x80)
        return 1;
    size_t len = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
    if (s[0] < 0xc2 || s[0] > 0xf4 || n < len)
        return 0;
    uint32_t cp = s[0] & (0xff >> (len + 1));
    for (size_t i = 1; i < len; i++) {
        if ((s[i] & 0xc0) != 0x80)
            return 0;
        cp = cp << 6 | (s[i] & 0x3f);
    }
    bool is_surrogate = cp >= 0xd800 && cp < 0xe000;
    return cp < smallest[len] || cp > 0x10ffff || is_surrogate ? 0 : len;
}

static size_t text_clean(char *out, const char *text, size_t n)
{
    size_t len = 0;
    for (size_t i = 0; i < n;) {
        const unsigned char *s = (const unsigned char *)text + i;
        size_t k = utf8_char_len(s, n - i);
        bool is_control = k == 1 && (*s < 0x20 || *s == 0x7f);
        bool is_c1_control = k == 2 && s[0] == 0xc2 && s[1] < 0xa0;
        if (k == 0 || is_control || is_c1_control) {
            memcpy(out + len, "\xef\xbf\xbd", 3);
            len += 3;
        } else {
            memcpy(out + len, s, k);
            len += k;
        }
        i += k ? k : 1;
    }
    return len;
}

static uint64_t text_hash(uint64_t seed, const char *text, size_t n)
{
    uint64_t h = seed ^ n;
    for (size_t i = 0; i < n; i++)
        h = ((h ^ (unsigned char)text[i]) * 0x100000001b3u) ^ h >> 47;
    return h;
}

/* A new name at the end; the caller links it. */
static bool name_append(struct names *names, const char *text, size_t n, uint32_t next)
{
    if (names->n == names->cap) {
        uint32_t cap = names->cap ? names->cap * 2 : 1024;
        struct name *bigger = realloc(names->all, cap * sizeof *bigger);
        if (!bigger)
            return false;
        names->all = bigger;
        names->cap = cap;
    }
    char *copy = malloc(n + 1);
    if (!copy)
        return false;
    memcpy(copy, text, n);
    copy[n] = 0;
    names->all[names->n++] = (struct name){.text = copy, .len = (uint32_t)n, .next = next};
    return true;
}

uint32_t names_put(struct names *names, const char *text, size_t n_bytes)
{
    bool is_new;
    char *clean = names->scratch;
    size_t n = text_clean(clean, text, n_bytes < NAME_MAX_BYTES ? n_bytes : NAME_MAX_BYTES);
    uint64_t hash = text_hash(names->seed, clean, n);
    if (names->n >= NAME_MAX_COUNT)
        return NAME_NONE;
    uint32_t *first = map_put(&names->by_hash, hash, NAME_NONE, &is_new);
    if (!first)
        return NAME_NONE;
    for (uint32_t id = *first; id != NAME_NONE; id = names->all[id].next)
        if (names->all[id].len == n && !memcmp(names->all[id].text, clean, n))
            return id;
    if (!name_append(names, clean, n, *first))
        return NAME_NONE;
    return *first = names->n - 1;
}

uint32_t names_count(const struct names *names)
{
    return names->n;
}
const char *names_text(const struct names *names, uint32_t id)
{
    return names->all[id].text;
}
size_t names_len(const struct names *names, uint32_t id)
{
    return names->all[id].len;
}

static int name_order(const void *a, const void *b, void *names)
{
    const struct name *all = ((const struct names *)names)->all;
    return strcmp(all[*(const uint32_t *)a].text, all[*(const uint32_t *)b].text);
}

uint32_t *names_rank(const struct names *names)
{
    uint32_t *order = malloc((names->n + 1u) * sizeof *order);
    uint32_t *rank = malloc((names->n + 1u) * sizeof *rank);
    if (order && rank) {
        for (uint32_t i = 0; i < names->n; i++)
            order[i] = i;
        qsort_r(order, names->n, sizeof *order, name_order, (void *)names);
        for (uint32_t i = 0; i < names->n; i++)
            rank[order[i]] = i;
    } else {
        free(rank);
        rank = NULL;
    }
    free(order);
    return rank;
}
