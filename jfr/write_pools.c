/* write_pools.c — constants waiting for the next checkpoint, one growing buffer per type
 * (FORMAT.md §6). They are encoded when they are added: nothing of the caller's is kept. */
#include "jfr/write_internal.h"

#include <errno.h>
#include <stdlib.h>

enum {
    CAP_MIN = 4 << 10,
    CAP_KEEP = 256 << 10, /* buffers up to this size stay allocated from flush to flush */
};

#define SKIP(...)
#define FITS(c_name, TYPE, id, ...) _Static_assert((id) < JFR_POOL_TYPES, #c_name);
JFR_STRUCTS(FITS, SKIP, SKIP)

void jfr_pools_fini(struct jfr_pools *pools)
{
    for (uint32_t i = 0; i < JFR_POOL_TYPES; i++)
        free(pools->by_type[i].bytes);
    *pools = (struct jfr_pools){0};
}

int jfr_pools_reserve(struct jfr_pools *pools, uint32_t type, size_t room, struct jfr_out *out)
{
    struct jfr_pool_buf *pool = &pools->by_type[type];
    if (pool->cap - pool->len < room) {
        size_t cap = pool->len + room < CAP_MIN ? CAP_MIN : (pool->len + room) / 2 * 3;
        uint8_t *bytes = realloc(pool->bytes, cap);
        if (!bytes)
            return -ENOMEM;
        pool->bytes = bytes;
        pool->cap = cap;
    }
    size_t left = pool->cap - pool->len;
    jfr_out_init(out, pool->bytes + pool->len,
                 left < JFR_WRITER_CONSTANT_MAX ? left : JFR_WRITER_CONSTANT_MAX);
    return 0;
}

void jfr_pools_take(struct jfr_pools *pools, uint32_t type, const struct jfr_out *out)
{
    struct jfr_pool_buf *pool = &pools->by_type[type];
    pools->n_types += pool->count == 0;
    pool->count++;
    pool->len += jfr_out_len(out);
    pools->len += jfr_out_len(out);
    pools->count++;
}

void jfr_pools_clear(struct jfr_pools *pools)
{
    for (uint32_t i = 0; i < JFR_POOL_TYPES; i++) {
        struct jfr_pool_buf *pool = &pools->by_type[i];
        if (pool->cap > CAP_KEEP) {
            free(pool->bytes);
            *pool = (struct jfr_pool_buf){0};
        }
        pool->len = 0;
        pool->count = 0;
    }
    pools->len = 0;
    pools->n_types = 0;
    pools->count = 0;
}

void jfr_pools_put_pool_head(const struct jfr_pools *pools, uint32_t type, struct jfr_out *out)
{
    if (pools->by_type[type].count == 0)
        return;
    jfr_out_leb(out, type);
    jfr_out_leb(out, pools->by_type[type].count);
}

/* Bytes of all pools with their heads. */
static size_t pools_size(const struct jfr_pools *pools)
{
    size_t size = pools->len;
    for (uint32_t i = 0; i < JFR_POOL_TYPES; i++) {
        uint8_t head[JFR_POOL_HEAD_MAX];
        struct jfr_out out;
        jfr_out_init(&out, head, sizeof head);
        jfr_pools_put_pool_head(pools, i, &out);
        size += jfr_out_len(&out);
    }
    return size;
}

void jfr_pools_put_head(const struct jfr_pools *pools, const struct jfr_checkpoint *checkpoint,
                        struct jfr_out *out)
{
    uint8_t bytes[JFR_CHECKPOINT_HEAD_MAX];
    struct jfr_out head;
    jfr_out_init(&head, bytes, sizeof bytes);
    jfr_out_leb(&head, JFR_EVENT_CHECKPOINT);
    jfr_out_leb(&head, checkpoint->ticks);
    jfr_out_leb(&head, 0); /* duration */
    jfr_out_leb(&head, (uint64_t)checkpoint->delta);
    jfr_out_u8(&head, JFR_CHECKPOINT_FLUSH);
    jfr_out_leb(&head, pools->n_types);
    size_t size = JFR_EVENT_SIZE_LEN + jfr_out_len(&head) + pools_size(pools);
    jfr_out_event_size(out, (uint32_t)size);
    jfr_out_bytes(out, bytes, jfr_out_len(&head));
}
