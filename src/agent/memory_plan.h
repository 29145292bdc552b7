/* memory_plan.h — how memlimit= is divided. Pure. */
#ifndef AGENT_MEMORY_PLAN_H
#define AGENT_MEMORY_PLAN_H

#include <stddef.h>
#include <stdint.h>

struct memory_plan {
    uint32_t n_lanes;      /* power of two */
    size_t lane_bytes;     /* of one of a lane's two buffers */
    uint32_t trace_slots;  /* power of two */
    uint32_t method_slots; /* power of two */
    size_t trace_arena_bytes;
    size_t method_arena_bytes;
};

/* limit_bytes: at least 4 MiB. The sum of everything, frames scratch included, is at most the
 * limit. */
struct memory_plan memory_plan_make(uint64_t limit_bytes, int n_cpus, uint32_t max_frames);

#endif
