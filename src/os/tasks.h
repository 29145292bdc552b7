/* tasks.h — the threads of this process as the kernel lists them. Normal side.
 * Source: proc(5), /proc/PID/task. */
#ifndef OS_TASKS_H
#define OS_TASKS_H

#include <stddef.h>
#include <sys/types.h>

#define TASKS_NAME_MAX 16 /* TASK_COMM_LEN, final 0 included */

/* Call fn for every thread that exists now; one that starts or ends meanwhile may be missed or
 * given. Returns their number or -errno (of opening or reading the folder). */
int tasks_each(void (*fn)(void *ctx, pid_t tid), void *ctx);
/* The same for another process's or a test's folder of numbers. */
int tasks_each_in(const char *task_dir, void (*fn)(void *ctx, pid_t tid), void *ctx);

/* The thread's name (comm), control characters as '?'. Returns its length, or -errno and name is
 * "": -ESRCH when the thread has ended. */
int tasks_name(pid_t tid, char name[TASKS_NAME_MAX]);

#endif
