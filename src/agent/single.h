/* single.h — one profiler per process: two copies of the agent (two files, or two versions) must
 * not both sample. Any thread.
 *
 * A copy cannot see another one's symbols (both hide them), so the claim is a mapping whose name
 * shows in /proc/self/maps: a memfd of one page. No descriptor stays open; fork() and exec()
 * children are not fooled, as the mapping is not inherited. */
#ifndef AGENT_SINGLE_H
#define AGENT_SINGLE_H

#include "base/err.h"

/* 0: the process is ours. -EBUSY with a line in e: another copy of the agent has it. When the
 * kernel refuses memfd_create() the claim is taken as granted (SIGPROF has one owner all the same).
 */
int single_claim(struct err *e);
void single_release(void);

#endif
