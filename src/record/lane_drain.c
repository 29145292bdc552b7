/* lane_drain.c — lanes, normal side: init, drain, self-check. Recorder thread.
 * Signal side (acquire, release) is lane.c. Locking: lane.h. */
#include <errno.h>
#include <sched.h>
#include <stdlib.h>

#include "base/pages.h"
#include "record/lane.h"

enum { LANES_MAX = 1 << 12, FRAMES_MAX = 1 << 20, BUF_BYTES_MAX = 1 << 28 };

static size_t round_up(size_t n_bytes)
{
    return (n_bytes + CACHE_LINE - 1) & ~(size_t)(CACHE_LINE - 1);
}

static size_t frames_bytes(const struct lane_set *set)
{
    return round_up(set->max_frames * sizeof(struct frame));
}

/* A lane's share of the one mapping: its frames and two buffers. Below 2^30 for the limits above.
 */
static size_t lane_bytes(const struct lane_set *set)
{
    return frames_bytes(set) + 2 * set->buf_bytes;
}

static void init_lane(const struct lane_set *set, struct lane *lane, uint8_t *memory)
{
    *lane = (struct lane){.active = 0};
    lane->frames = (struct frame *)memory;
    lane->buf[0] = memory + frames_bytes(set);
    lane->buf[1] = lane->buf[0] + set->buf_bytes;
    jfr_out_init(&lane->out, lane->buf[0], set->buf_bytes);
}

int lane_set_init(struct lane_set *set, uint32_t n_lanes, size_t buf_bytes, uint32_t max_frames)
{
    *set = (struct lane_set){.lanes = NULL};
    if (n_lanes == 0 || n_lanes > LANES_MAX || (n_lanes & (n_lanes - 1)) != 0 || buf_bytes == 0 ||
        buf_bytes > BUF_BYTES_MAX || max_frames > FRAMES_MAX)
        return -EINVAL;
    set->n_lanes = n_lanes;
    set->buf_bytes = round_up(buf_bytes);
    set->max_frames = max_frames;
    size_t bytes = n_lanes * lane_bytes(set);
    uint8_t *memory = pages_map(bytes);
    struct lane *lanes = memory ? aligned_alloc(CACHE_LINE, n_lanes * sizeof *lanes) : NULL;
    if (!lanes) {
        pages_unmap(memory, bytes);
        *set = (struct lane_set){.lanes = NULL};
        return -ENOMEM;
    }
    for (uint32_t i = 0; i < n_lanes; i++)
        init_lane(set, &lanes[i], memory + i * lane_bytes(set));
    set->lanes = lanes;
    return 0;
}

void lane_set_fini(struct lane_set *set)
{
    if (set->lanes)
        pages_unmap(set->lanes[0].frames, set->n_lanes * lane_bytes(set));
    free(set->lanes);
    *set = (struct lane_set){.lanes = NULL};
}

/* Wait for the lane: its holder is a handler that waits for nothing, but may have been preempted.
 */
static void lock_lane(struct lane *lane)
{
    uint32_t expected = 0;
    while (!cas_acq_rel(&lane->lock, &expected, 1)) {
        expected = 0;
        sched_yield();
    }
}

void lane_set_drain(struct lane_set *set, void (*fn)(void *ctx, const void *bytes, size_t n),
                    void *ctx)
{
    store_relaxed(&set->wake, 0); /* first: a lane that fills up from here on shall wake us again */
    for (uint32_t i = 0; i < set->n_lanes; i++) {
        struct lane *lane = &set->lanes[i];
        lock_lane(lane);
        const uint8_t *full = lane->out.begin;
        size_t n = jfr_out_len(&lane->out);
        if (n > 0) {
            lane->active = !lane->active;
            jfr_out_init(&lane->out, lane->buf[lane->active], set->buf_bytes);
        }
        store_release(&lane->lock, 0);
        if (n > 0)
            fn(ctx, full, n);
    }
}

static const char *check_lane(const struct lane_set *set, const struct lane *lane)
{
    if (load_relaxed(&lane->lock) != 0)
        return "a lane is taken";
    if (lane->active != 0 && lane->active != 1)
        return "a lane's active buffer is neither of the two";
    const struct jfr_out *out = &lane->out;
    if (out->begin != lane->buf[lane->active] || out->end != out->begin + set->buf_bytes)
        return "a lane's cursor is not on its active buffer";
    if (out->pos < out->begin || out->pos > out->end)
        return "a lane's cursor is outside its buffer";
    if (out->overflow)
        return "a lane's overflow was not taken back by jfr_event_end";
    return NULL;
}

const char *lane_set_check_valid(const struct lane_set *set)
{
    for (uint32_t i = 0; i < set->n_lanes; i++) {
        const char *problem = check_lane(set, &set->lanes[i]);
        if (problem)
            return problem;
    }
    return NULL;
}
