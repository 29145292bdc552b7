/* environment.h — the events at the start of a recording that say where and how it was made.
 * Recorder thread; what only the JVM knows was collected before (agent/jvm.c) into struct
 * environment. */
#ifndef RECORD_ENVIRONMENT_H
#define RECORD_ENVIRONMENT_H

#include <stddef.h>
#include <stdint.h>

#include "elf/codemap.h"
#include "jfr/writer.h"

/* Strings owned; zeroed = empty. */
struct environment {
    char **keys; /* system properties */
    char **values;
    size_t n_properties;
    const char *jvm_version; /* borrowed for ever (vm_info_string) */
};

void environment_fini(struct environment *env);
/* Copies both. 0 or -ENOMEM. */
int environment_add_property(struct environment *env, const char *key, const char *value);
/* NULL if there is none. */
const char *environment_property(const struct environment *env, const char *key);

struct recording_facts {
    const char *path;
    uint64_t start_ticks;
    int64_t start_epoch_ms;
    uint64_t interval_ns, flush_ns, timeout_ns;
};

/* ActiveRecording, ActiveSetting for every event type, JVMInformation, OSInformation,
 * CPUInformation, InitialSystemProperty, InitialEnvironmentVariable, NativeLibrary (code: NULL =
 * none). What the writer refuses is the writer's to report. */
void environment_write(struct jfr_writer *w, const struct environment *env,
                       const struct recording_facts *facts, struct codemap *code);
/* One ActiveSetting of jdk.ExecutionSample, at any time. */
void environment_write_setting(struct jfr_writer *w, uint64_t now_ticks, uint32_t event_type,
                               const char *name, const char *value);

/* "10 ms", as the JDK writes periods: the largest unit that divides the time. */
void environment_format_period(uint64_t ns, char *buf, size_t cap);

/* The JVM's options out of /proc/self/cmdline (n bytes, zero-separated): everything between the
 * launcher and the main class, -jar or module, joined by blanks and cut at cap. */
void environment_jvm_arguments(const char *cmdline, size_t n, char *buf, size_t cap);

#endif
