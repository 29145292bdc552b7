/* method_dict.c — method dictionary, signal side: Method* -> id, names copied at first sight.
 * Called by sample_take() between the walk and the trace store, by any number of threads at once.
 */
#include "store/method_dict.h"

#include <string.h>

#include "base/hash.h"
#include "os/safe_load.h"
#include "vm/method.h"

enum {
    PROBE_MAX = 64,
    LINES_BYTES_MAX = 1 << 16,
};

static bool is_same(const struct method_entry *m, const struct method_source *src)
{
    return m->const_method == src->const_method && m->constants == src->constants &&
           m->class_symbol == src->class_name.body && m->name_symbol == src->name.body &&
           m->signature_symbol == src->signature.body;
}

/* Bytes of the compressed line table: up to and with its 0 byte, which occurs nowhere inside the
 * one-byte pairs but may inside an escape's numbers (JDK < 20), so these are stepped over. */
static uint32_t measure_lines(const struct method_source *src, bool *faulted)
{
    uint32_t max = src->lines_max < LINES_BYTES_MAX ? src->lines_max : LINES_BYTES_MAX;
    uint32_t n = 0;
    while (src->lines && n < max && !*faulted) {
        uint8_t b = safe_load8(src->lines + n++, faulted);
        if (b == 0)
            return n;
        if (b != 0xff)
            continue;
        for (int number = 0; number < 2; number++)
            for (int i = 0; i < 5 && n < max; i++)
                if (safe_load8(src->lines + n++, faulted) < 192)
                    break;
    }
    return 0; /* no end in sight: no table */
}

static char *copy_symbol(char *to, struct vm_symbol s, bool *ok)
{
    *ok = *ok && safe_copy(to, s.body, s.len);
    return to + s.len;
}

static struct method_entry *copy_method(struct method_dict *md, const struct method_source *src,
                                        enum method_result *result)
{
    bool faulted = false;
    uint32_t lines_len = measure_lines(src, &faulted);
    size_t text = (size_t)src->class_name.len + src->name.len + src->signature.len + lines_len;
    struct method_entry *m = faulted ? NULL : arena_alloc(md->arena, sizeof *m + text);
    if (!m) {
        *result = faulted ? METHOD_FAULT : METHOD_FULL;
        return NULL;
    }
    bool ok = true;
    char *to = copy_symbol(m->text, src->class_name, &ok);
    to = copy_symbol(to, src->name, &ok);
    to = copy_symbol(to, src->signature, &ok);
    if (!ok || (lines_len && !safe_copy(to, src->lines, lines_len))) {
        *result = METHOD_FAULT;
        return NULL;
    }
    m->modifiers = src->modifiers;
    m->class_len = src->class_name.len;
    m->name_len = src->name.len;
    m->signature_len = src->signature.len;
    m->number_bias = src->number_bias;
    m->lines_len = lines_len;
    m->method = src->method;
    m->const_method = src->const_method;
    m->constants = src->constants;
    m->class_symbol = src->class_name.body;
    m->name_symbol = src->name.body;
    m->signature_symbol = src->signature.body;
    m->id = add_relaxed(&md->next_id, 1);
    return m;
}

static void link_entry(struct method_dict *md, struct method_entry *m)
{
    void *newest = load_relaxed(&md->newest);
    do
        m->older = newest;
    while (!cas_acq_rel(&md->newest, &newest, m));
}

static struct method_entry *add_entry(struct method_dict *md, const struct method_source *src,
                                      enum method_result *result)
{
    struct method_entry *m = copy_method(md, src, result);
    if (m && m->id >= METHOD_ID_MAX) {
        *result = METHOD_FULL;
        return NULL;
    }
    if (m)
        link_entry(md, m);
    return m;
}

/* A slot belongs to one Method* for good; its entry is replaced when another method lives there.
 * Where another thread is faster its entry is taken if it is of the same method, else ours goes to
 * the next slot; an entry that got no slot stays in the list, unused. */
static const struct method_entry *
find_or_copy(struct method_dict *md, const struct method_source *src, enum method_result *result)
{
    uint64_t hash = hash_mix64(src->method);
    struct method_entry *mine = NULL;
    for (uint32_t i = 0; i < PROBE_MAX; i++) {
        atomic_ptr *slot = &md->slots[(hash + i) & (md->n_slots - 1)];
        void *seen = load_acquire(slot);
        const struct method_entry *m = seen;
        if (m && m->method != src->method)
            continue;
        if (m && is_same(m, src))
            return m;
        if (!mine && !(mine = add_entry(md, src, result)))
            return NULL;
        if (cas_acq_rel(slot, &seen, mine))
            return mine;
        const struct method_entry *other = seen;
        if (other->method == src->method)
            return is_same(other, src) ? other : mine;
    }
    *result = METHOD_FULL;
    return mine;
}

static bool is_java(const struct frame *f)
{
    return f->type != FRAME_CPP && f->type != FRAME_KERNEL;
}

SIGSAFE enum method_result method_dict_resolve(struct method_dict *md, struct frame *frames,
                                               uint32_t *n)
{
    for (uint32_t i = 0; i < *n; i++) {
        struct method_source src;
        bool faulted = false;
        if (!is_java(&frames[i]))
            continue;
        enum method_result result = METHOD_BAD;
        const struct method_entry *m = NULL;
        if (vm_method_source(md->vm, (uintptr_t)frames[i].id, &src, &faulted))
            m = find_or_copy(md, &src, &result);
        if (!m) {
            *n = i;
            return faulted ? METHOD_FAULT : result;
        }
        frames[i].id = m->id;
    }
    return METHOD_OK;
}
