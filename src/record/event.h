/* event.h — the events that are written where they happen, into a lane. Signal context. */
#ifndef RECORD_EVENT_H
#define RECORD_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attrs.h"
#include "record/lane.h"
#include "store/thread_table.h"
#include "store/trace_store.h"

/* The lane is held by the caller. now_ns: clock_ticks_ns(). All return false when the event does
 * not fit: then nothing was written and the loss is the caller's to count. */

/* jdk.ExecutionSample, or, for a stack without Java (GC, JIT, VM threads), jdk.NativeMethodSample.
 */
SIGSAFE bool event_put_sample(struct lane *lane, bool has_java, uint64_t now_ns, thread_id thread,
                              trace_id trace);
/* jdk.ThreadStart and jdk.ThreadEnd. */
SIGSAFE bool event_put_thread_start(struct lane *lane, uint64_t now_ns, thread_id thread);
SIGSAFE bool event_put_thread_end(struct lane *lane, uint64_t now_ns, thread_id thread);

#endif
