/* recorder_wake.c — the recorder's doorbell. Signal context, and any other. */
#include "record/recorder_impl.h"

#include <errno.h>
#include <unistd.h>

SIGSAFE void recorder_wake(void *r)
{
    const uint64_t one = 1;
    int saved_errno = errno;
    /* Fails only when 2^64 - 2 rings are waiting: it is awake then. */
    ssize_t n = write(((struct recorder *)r)->wake_fd, &one, sizeof one);
    (void)n;
    errno = saved_errno;
}
