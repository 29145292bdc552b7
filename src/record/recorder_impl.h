/* recorder_impl.h — inside of the recorder; for recorder*.c only. */
#ifndef RECORD_RECORDER_IMPL_H
#define RECORD_RECORDER_IMPL_H

#include <pthread.h>

#include "base/atomics.h"
#include "jfr/writer.h"
#include "record/constants.h"
#include "record/periodic.h"
#include "record/recorder.h"
#include "record/report.h"

struct recorder {
    struct recorder_config config;
    int wake_fd; /* eventfd */
    atomic_u32 stop_requested;
    atomic_ptr shutdown_reason;
    struct jfr_writer *writer;
    struct method_index *methods;
    struct codemap *code;
    struct constants *constants;
    struct trace_scan *traces;
    struct recording_facts facts;
    struct report last_report;
    struct periodic *periodic;
    uint64_t start_cpu_ns; /* of the process */
    bool keeps_code;       /* a handler hangs that may be looking at its ranges */
};

#endif
