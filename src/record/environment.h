/* environment.h — the events at the start of a recording that say where and how it was made.
 * Recorder thread; what only the JVM knows was collected before (agent/jvm.c) into struct
 * environment. */
#ifndef RECORD_ENVIRONMENT_H
#define RECORD_ENVIRONMENT_H

#include <stdbool.h>
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
    /* Ourselves, when we came into a running JVM: on the command line we are found there. */
    bool agent_is_dynamic;
    char *agent_options, *agent_path;
    uint64_t agent_init_ticks, agent_init_ns;
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

/* What is known at the start and does not change: ActiveRecording, ActiveSetting for these events
 * and the sampled ones, JVMInformation, OSInformation, VirtualizationInformation, CPUInformation,
 * CPUTimeStampCounter, ContainerConfiguration, NativeAgent, JavaAgent, InitialSystemProperty,
 * InitialEnvironmentVariable, SystemProcess, NativeLibrary (code: NULL = none). What the writer
 * refuses is the writer's to report. */
void environment_write(struct jfr_writer *w, const struct environment *env,
                       const struct recording_facts *facts, struct codemap *code);
/* One ActiveSetting, at any time. */
void environment_write_setting(struct jfr_writer *w, uint64_t now_ticks, uint32_t event_type,
                               const char *name, const char *value);
/* Why the file is written that ends here (jdk.DumpReason). JMC warns of "Crash" and "Out of
 * Memory". */
void environment_write_dump_reason(struct jfr_writer *w, uint64_t now_ticks, const char *reason);

/* "enabled", and "period" unless that is NULL. Only for types that this recording really has: JMC
 * takes an enabled type without events for "it did not happen". */
void environment_write_enabled(struct jfr_writer *w, uint64_t now_ticks, uint32_t event_type,
                               const char *period);

/* "10 ms", as the JDK writes periods: the largest unit that divides the time. */
void environment_format_period(uint64_t ns, char *buf, size_t cap);

/* The JVM's options out of /proc/self/cmdline (n bytes, zero-separated): everything between the
 * launcher and the main class, -jar or module, joined by blanks and cut at cap. */
void environment_jvm_arguments(const char *cmdline, size_t n, char *buf, size_t cap);

#endif
