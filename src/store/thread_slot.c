/* thread_slot.c — the thread table, signal side. First question of every sample. */
#include "store/thread_table.h"

#include <sys/syscall.h>
#include <unistd.h>

bool thread_slot_is_current(const struct thread_slot *slot)
{
    return load_acquire(&slot->state) == THREAD_LIVE &&
           load_relaxed(&slot->tid) == (pid_t)syscall(SYS_gettid);
}
