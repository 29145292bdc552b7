/* method_dict_scan.c — method dictionary, normal side: set-up, id -> entry, bytecode index -> line.
 */
#include "store/method_dict.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

int method_dict_init(struct method_dict *md, const struct vm *vm, struct arena *arena,
                     uint32_t n_slots)
{
    if (n_slots == 0 || (n_slots & (n_slots - 1)) != 0)
        return -EINVAL;
    void *slots = mmap(NULL, (size_t)n_slots * sizeof(atomic_ptr), PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (slots == MAP_FAILED)
        return -errno;
    *md = (struct method_dict){.vm = vm, .arena = arena, .slots = slots, .n_slots = n_slots};
    store_relaxed(&md->next_id, 1);
    return 0;
}

void method_dict_fini(struct method_dict *md)
{
    if (md->slots)
        munmap(md->slots, (size_t)md->n_slots * sizeof(atomic_ptr));
    *md = (struct method_dict){0};
}

/* --- id -> entry ------------------------------------------------------------------------------ */

struct method_index {
    const struct method_dict *md;      /* borrowed */
    const struct method_entry **by_id; /* owned; [id], NULL unknown */
    size_t cap;
    size_t count;
    const struct method_entry *seen; /* newest entry that is indexed, with all before it */
};

struct method_index *method_index_new(const struct method_dict *md)
{
    struct method_index *mi = calloc(1, sizeof *mi);
    if (mi)
        mi->md = md;
    return mi;
}

void method_index_free(struct method_index *mi)
{
    if (!mi)
        return;
    free(mi->by_id);
    free(mi);
}

static bool reserve(struct method_index *mi, size_t id)
{
    if (id < mi->cap)
        return true;
    size_t cap = mi->cap ? mi->cap : 1024;
    while (cap <= id)
        cap *= 2;
    const struct method_entry **grown = realloc(mi->by_id, cap * sizeof(mi->by_id[0]));
    if (!grown)
        return false;
    memset(grown + mi->cap, 0, (cap - mi->cap) * sizeof(grown[0]));
    mi->by_id = grown;
    mi->cap = cap;
    return true;
}

/* Index what came since the last time. */
static void index_new(struct method_index *mi)
{
    const struct method_entry *newest = load_acquire(&mi->md->newest);
    const struct method_entry *m = newest;
    for (; m && m != mi->seen; m = m->older) {
        if (!reserve(mi, m->id))
            return; /* out of memory: tried again at the next look-up */
        mi->count += mi->by_id[m->id] == NULL;
        mi->by_id[m->id] = m;
    }
    mi->seen = newest;
}

const struct method_entry *method_index_find(struct method_index *mi, method_id id)
{
    if (id >= mi->cap || !mi->by_id[id])
        index_new(mi);
    return id < mi->cap ? mi->by_id[id] : NULL;
}

size_t method_index_count(const struct method_index *mi)
{
    return mi->count;
}

/* --- lines ------------------------------------------------------------------------------------ */

/* HotSpot's compressed line table (oops/method.hpp, CompressedLineNumberReadStream): a byte holds 5
 * bits of bytecode distance and 3 of line distance; 0xff escapes to two signed UNSIGNED5 numbers; 0
 * ends. */
struct line_reader {
    const uint8_t *pos, *end;
    uint8_t bias;
};

static int32_t read_signed(struct line_reader *r)
{
    uint32_t sum = 0;
    for (int i = 0; i < 5 && r->pos < r->end; i++) {
        uint32_t b = *r->pos++;
        sum += (b - r->bias) << (6 * i);
        if (b < 192)
            break;
    }
    return (int32_t)(sum >> 1) ^ -(int32_t)(sum & 1);
}

int method_entry_line(const struct method_entry *m, int32_t bci)
{
    const uint8_t *table = (const uint8_t *)m->text + m->class_len + m->name_len + m->signature_len;
    struct line_reader r = {.pos = table, .end = table + m->lines_len, .bias = m->number_bias};
    int64_t at = 0, line = 0;
    int64_t best_at = 0, best = 0;
    while (r.pos < r.end && *r.pos != 0) {
        uint8_t b = *r.pos++;
        if (b == 0xff) {
            at += read_signed(&r);
            line += read_signed(&r);
        } else {
            at += b >> 3;
            line += b & 7;
        }
        if (at == bci) {
            best = line;
            break;
        }
        /* entries need not be in order: the nearest one before counts, the later of two (as in
         * Method::line_number_from_bci) */
        if (at < bci && at >= best_at) {
            best_at = at;
            best = line;
        }
    }
    return best > 0 && best <= UINT16_MAX ? (int)best : 0; /* u2 in the class file */
}
