/* event.c — samples and thread events into a lane. Signal context (samples), JVMTI callbacks
 * (threads). */
#include "record/event.h"

#include "jfr/schema.h"

SIGSAFE bool event_put_sample(struct lane *lane, bool has_java, uint64_t now_ns, thread_id thread,
                              trace_id trace)
{
    if (has_java)
        return jfr_put_execution_sample(
            &lane->out, &(struct jfr_execution_sample){.startTime = (int64_t)now_ns,
                                                       .sampledThread = thread,
                                                       .stackTrace = trace,
                                                       .state = JFR_THREAD_STATE_RUNNABLE});
    return jfr_put_native_method_sample(
        &lane->out, &(struct jfr_native_method_sample){.startTime = (int64_t)now_ns,
                                                       .sampledThread = thread,
                                                       .stackTrace = trace,
                                                       .state = JFR_THREAD_STATE_RUNNABLE});
}

SIGSAFE bool event_put_thread_start(struct lane *lane, uint64_t now_ns, thread_id thread)
{
    return jfr_put_thread_start(&lane->out, &(struct jfr_thread_start){.startTime = (int64_t)now_ns,
                                                                       .eventThread = thread,
                                                                       .thread = thread});
}

SIGSAFE bool event_put_thread_end(struct lane *lane, uint64_t now_ns, thread_id thread)
{
    return jfr_put_thread_end(&lane->out, &(struct jfr_thread_end){.startTime = (int64_t)now_ns,
                                                                   .eventThread = thread,
                                                                   .thread = thread});
}
