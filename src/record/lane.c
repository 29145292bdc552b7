/* lane.c — lanes, signal side: take one for a sample, give it back. Called by sample_take().
 * Normal side (init, drain) is lane_drain.c. Locking: lane.h. */
#include "record/lane.h"

struct lane *lane_acquire(struct lane_set *set, uint32_t hint)
{
    for (uint32_t i = 0; i < set->n_lanes; i++) {
        struct lane *lane = &set->lanes[(hint + i) & (set->n_lanes - 1)];
        uint32_t expected = 0;
        /* The look before the CAS keeps a busy lane's cache line shared. */
        if (load_relaxed(&lane->lock) == 0 && cas_acq_rel(&lane->lock, &expected, 1))
            return lane;
    }
    return NULL;
}

void lane_release(struct lane_set *set, struct lane *lane)
{
    bool is_half_full = jfr_out_len(&lane->out) > set->buf_bytes / 2;
    store_release(&lane->lock, 0); /* PAIRS lane_acquire, lock_lane: cas_acq_rel */
    if (is_half_full && load_relaxed(&set->wake) == 0 && exchange_acq_rel(&set->wake, 1) == 0 &&
        set->on_half_full)
        set->on_half_full(set->on_half_full_ctx);
}
