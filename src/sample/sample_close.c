/* sample_close.c — the closing side of the gate in sample.c: it waits, so it is no signal code.
 * Recorder thread, when a session ends. */
#include "sample/sample.h"

#include <time.h>

enum { WAIT_STEP_NS = 100000, WAIT_STEPS = 10000 };

bool sample_close(void)
{
    const struct timespec step = {.tv_nsec = WAIT_STEP_NS};
    sample_shut();
    for (int i = 0; i < WAIT_STEPS; i++) {
        if (sample_is_empty())
            return true;
        nanosleep(&step, NULL);
    }
    return sample_is_empty();
}
