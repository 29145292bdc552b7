/* read_pool.c — checkpoint events to an index of the constants (FORMAT.md §6). Runs once per chunk,
 * when it is opened; lookups run whenever a constant is asked for. Values are only stepped over
 * here. */
#include "jfr/read_internal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

/* --- one checkpoint ------------------------------------------------------------------------------
 */

static struct jfr_pool *pool_of(struct jfr_chunk *c, const struct jfr_type *type)
{
    if (!type->layout->pool) {
        struct jfr_pool *pool = &c->pools[c->n_pools++]; /* room for every type was made */
        pool->type = type;
        type->layout->pool = pool;
    }
    return type->layout->pool;
}

static bool pool_add(struct jfr_pool *pool, uint64_t id, uint64_t offset)
{
    if (pool->n == pool->cap) {
        if (pool->cap >= JFR_NO_ORDINAL / 2)
            return false;
        uint32_t cap = pool->cap ? pool->cap * 2 : 64;
        struct jfr_constant *bigger = realloc(pool->entries, cap * sizeof *bigger);
        if (!bigger)
            return false;
        pool->entries = bigger;
        pool->cap = cap;
    }
    pool->entries[pool->n++] = (struct jfr_constant){.id = id, .offset = offset};
    return true;
}

/* What precedes the pools in a checkpoint event. */
struct checkpoint_head {
    int64_t delta;
    uint64_t n_pools;
};

static struct checkpoint_head checkpoint_head_read(struct jfr_in *in)
{
    struct checkpoint_head h;
    jfr_in_leb(in); /* start ticks */
    jfr_in_leb(in); /* duration */
    h.delta = (int64_t)jfr_in_leb(in);
    jfr_in_u8(in); /* flags */
    h.n_pools = jfr_in_leb(in);
    return h;
}

/* The constants of one type in one checkpoint. 0 or -ENOMEM; damage fails the cursor. */
static int constants_index(struct jfr_chunk *c, struct jfr_in *in, const struct jfr_type *type)
{
    uint64_t n = jfr_in_leb(in);
    if (n > jfr_in_left(in)) {
        jfr_in_fail(in, "more constants than bytes");
        return 0;
    }
    struct jfr_pool *pool = n > 0 ? pool_of(c, type) : NULL;
    for (uint64_t i = 0; i < n; i++) {
        uint64_t id = jfr_fast_leb(in);
        uint64_t offset = jfr_in_offset(c, in);
        jfr_layout_skip(in, type->layout);
        if (!jfr_in_ok(in))
            return 0;
        if (!pool_add(pool, id, offset))
            return -ENOMEM;
    }
    return 0;
}

static int checkpoint_index(struct jfr_chunk *c, uint64_t offset)
{
    struct jfr_frame_of_event ev;
    if (!jfr_event_frame(c, offset, &ev))
        return 0;
    struct checkpoint_head h = checkpoint_head_read(&ev.in);
    for (uint64_t i = 0; i < h.n_pools && jfr_in_ok(&ev.in); i++) {
        uint64_t type_id = jfr_in_leb(&ev.in);
        const struct jfr_type *type = jfr_chunk_type(c, type_id);
        if (!jfr_in_ok(&ev.in))
            break;
        if (!type) {
            jfr_chunk_note(c, "constants of an undeclared type (%" PRIu64 ") at %" PRIu64, type_id,
                           offset);
            return 0;
        }
        int rc = constants_index(c, &ev.in, type);
        if (rc)
            return rc;
    }
    if (!jfr_in_ok(&ev.in))
        jfr_chunk_note(c, "damaged constants in the checkpoint at %" PRIu64 ": %s", offset,
                       ev.in.error);
    return 0;
}

/* --- which checkpoints
 * ----------------------------------------------------------------------------- */

struct offsets {
    uint64_t *at;
    size_t n, cap;
    bool no_memory;
};

static void offsets_add(struct offsets *o, uint64_t at)
{
    if (o->n == o->cap) {
        size_t cap = o->cap ? o->cap * 2 : 64;
        uint64_t *bigger = realloc(o->at, cap * sizeof *bigger);
        if (!bigger) {
            o->no_memory = true;
            return;
        }
        o->at = bigger;
        o->cap = cap;
    }
    o->at[o->n++] = at;
}

/* Walk the chain from the last checkpoint to the first. Each must lie wholly before the one that
 * led to it: this bounds the walk, and no byte is read as part of two checkpoints. False: the chain
 * is broken. */
static bool chain_walk(const struct jfr_chunk *c, struct offsets *o)
{
    uint64_t at = c->head.checkpoint_offset, end = c->n;
    for (;;) {
        struct jfr_frame_of_event ev;
        if (at < JFR_HEADER_LEN || at >= end || !jfr_event_frame(c, at, &ev) ||
            ev.type_id != JFR_TYPE_CHECKPOINT || ev.size > end - at)
            return false;
        struct checkpoint_head h = checkpoint_head_read(&ev.in);
        if (!jfr_in_ok(&ev.in))
            return false;
        offsets_add(o, at);
        if (h.delta == 0)
            return true;
        end = at;
        at += (uint64_t)h.delta; /* negative: wraps to a smaller one, or to one >= end */
    }
}

/* Salvage: every checkpoint event that has constants, last one first. */
static void checkpoints_scan(const struct jfr_chunk *c, struct offsets *o)
{
    struct jfr_frame_of_event ev;
    o->n = 0;
    for (uint64_t at = JFR_HEADER_LEN; jfr_event_frame(c, at, &ev); at += ev.size)
        if (ev.type_id == JFR_TYPE_CHECKPOINT && checkpoint_head_read(&ev.in).n_pools > 0)
            offsets_add(o, at);
    for (size_t i = 0; i < o->n / 2; i++) {
        uint64_t swap = o->at[i];
        o->at[i] = o->at[o->n - 1 - i];
        o->at[o->n - 1 - i] = swap;
    }
}

/* --- sorting
 * --------------------------------------------------------------------------------------- */

static bool is_rising(const struct jfr_pool *p)
{
    for (uint32_t i = 1; i < p->n; i++)
        if (p->entries[i - 1].id >= p->entries[i].id)
            return false;
    return true;
}

/* Stable sort by id, one byte of it per round; rounds in which all bytes are equal are left out. */
static bool radix_sort(struct jfr_pool *p)
{
    struct jfr_constant *from = p->entries;
    struct jfr_constant *to = malloc(p->n * sizeof *to);
    if (!to)
        return false;
    for (int shift = 0; shift < 64; shift += 8) {
        uint32_t start[257] = {0};
        for (uint32_t i = 0; i < p->n; i++)
            start[(from[i].id >> shift & 0xff) + 1]++;
        if (start[(from[0].id >> shift & 0xff) + 1] == p->n)
            continue;
        for (int b = 0; b < 256; b++)
            start[b + 1] += start[b];
        for (uint32_t i = 0; i < p->n; i++)
            to[start[from[i].id >> shift & 0xff]++] = from[i];
        struct jfr_constant *swap = from;
        from = to;
        to = swap;
    }
    free(to);
    p->entries = from;
    p->cap = p->n;
    return true;
}

/* By rising id; of equal ids the one written last stays. */
static bool pool_sort(struct jfr_pool *p)
{
    if (is_rising(p))
        return true;
    if (!radix_sort(p))
        return false;
    uint32_t n = 0;
    for (uint32_t i = 0; i < p->n; i++) {
        if (n > 0 && p->entries[n - 1].id == p->entries[i].id)
            n--;
        p->entries[n++] = p->entries[i];
    }
    p->n = n;
    return true;
}

int jfr_pool_load_all(struct jfr_chunk *chunk)
{
    struct offsets o = {0};
    chunk->pools = calloc(chunk->n_types + 1u, sizeof *chunk->pools);
    bool is_chained = chain_walk(chunk, &o);
    if (!is_chained) {
        if (chunk->head.checkpoint_offset != 0)
            jfr_chunk_note(chunk, "the chain of constants is broken; all that were found are used");
        checkpoints_scan(chunk, &o);
    }
    int rc = !chunk->pools || o.no_memory ? -ENOMEM : 0;
    for (size_t i = o.n; i-- > 0 && rc == 0;) /* first one first, so that later values win */
        rc = checkpoint_index(chunk, o.at[i]);
    for (uint32_t i = 0; i < chunk->n_pools && rc == 0; i++)
        rc = pool_sort(&chunk->pools[i]) ? 0 : -ENOMEM;
    free(o.at);
    return rc;
}

/* --- looking up
 * ------------------------------------------------------------------------------------ */

const struct jfr_pool *jfr_chunk_pool(const struct jfr_chunk *chunk, const char *type_name)
{
    const struct jfr_type *type = jfr_chunk_type_named(chunk, type_name);
    return type ? type->layout->pool : NULL;
}

uint32_t jfr_pool_count(const struct jfr_pool *pool)
{
    return pool ? pool->n : 0;
}

uint32_t jfr_pool_find(const struct jfr_pool *pool, uint64_t id)
{
    if (!pool || pool->n == 0 || id < pool->entries[0].id || id > pool->entries[pool->n - 1].id)
        return JFR_NO_ORDINAL;
    uint64_t guess = id - pool->entries[0].id; /* right when the ids have no gaps ... */
    uint64_t high = pool->n - 1;
    if (guess > high)
        guess = high; /* ... and never too low otherwise: ordinals rise slower than ids */
    if (pool->entries[guess].id == id)
        return (uint32_t)guess;
    uint64_t low = 0;
    for (high = guess; low < high;) {
        uint64_t mid = low + (high - low) / 2;
        if (pool->entries[mid].id < id)
            low = mid + 1;
        else
            high = mid;
    }
    return pool->entries[low].id == id ? (uint32_t)low : JFR_NO_ORDINAL;
}

uint64_t jfr_pool_id(const struct jfr_pool *pool, uint32_t ordinal)
{
    return pool->entries[ordinal].id;
}

struct jfr_in jfr_pool_cursor(const struct jfr_chunk *chunk, const struct jfr_pool *pool,
                              uint64_t id)
{
    struct jfr_in in;
    uint32_t ordinal = jfr_pool_find(pool, id);
    if (ordinal == JFR_NO_ORDINAL) {
        jfr_in_init(&in, chunk->bytes, 0);
        jfr_in_fail(&in, "no such constant");
        return in;
    }
    uint64_t offset = pool->entries[ordinal].offset;
    jfr_in_init(&in, chunk->bytes + offset, chunk->n - offset);
    return in;
}

struct jfr_str jfr_string_resolve(const struct jfr_chunk *chunk, struct jfr_str s)
{
    if (s.encoding != JFR_STRING_POOL)
        return s;
    struct jfr_in in = jfr_pool_cursor(chunk, chunk->known.strings, s.pool_id);
    struct jfr_str target = jfr_in_string(&in);
    if (!jfr_in_ok(&in) || target.encoding == JFR_STRING_POOL)
        return (struct jfr_str){.encoding = JFR_STRING_NULL};
    return target;
}
