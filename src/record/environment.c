/* environment.c — where and how a recording was made: properties, settings, machine. Recorder
 * thread, once per recording. */
#include "record/environment.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "os/cgroup.h"
#include "os/clock.h"
#include "os/hypervisor.h"
#include "os/procfs.h"
#include "os/tasks.h"
#include "record/environment_agents.h"

/* --- properties ---------------------------------------------------------------------------------
 */

void environment_fini(struct environment *env)
{
    for (size_t i = 0; i < env->n_properties; i++) {
        free(env->keys[i]);
        free(env->values[i]);
    }
    free(env->keys);
    free(env->values);
    free(env->agent_options);
    free(env->agent_path);
    *env = (struct environment){0};
}

int environment_add_property(struct environment *env, const char *key, const char *value)
{
    size_t n = env->n_properties;
    char **keys = realloc(env->keys, (n + 1) * sizeof *keys);
    if (keys)
        env->keys = keys;
    char **values = realloc(env->values, (n + 1) * sizeof *values);
    if (values)
        env->values = values;
    char *k = strdup(key), *v = strdup(value);
    if (!keys || !values || !k || !v) {
        free(k);
        free(v);
        return -ENOMEM;
    }
    keys[n] = k;
    values[n] = v;
    env->n_properties++;
    return 0;
}

const char *environment_property(const struct environment *env, const char *key)
{
    for (size_t i = 0; i < env->n_properties; i++)
        if (strcmp(env->keys[i], key) == 0)
            return env->values[i];
    return NULL;
}

enum { RECORDING_ID = 1 }; /* of jdk.ActiveRecording; there is one at a time */

/* --- the recording itself -----------------------------------------------------------------------
 */

void environment_format_period(uint64_t ns, char *buf, size_t cap)
{
    static const struct {
        uint64_t ns;
        const char *name;
    } k_units[] = {{1000000000, "s"}, {1000000, "ms"}, {1000, "us"}, {1, "ns"}};
    size_t i = 0;
    while (ns % k_units[i].ns != 0)
        i++;
    snprintf(buf, cap, "%llu %s", (unsigned long long)(ns / k_units[i].ns), k_units[i].name);
}

void environment_write_setting(struct jfr_writer *w, uint64_t now_ticks, uint32_t event_type,
                               const char *name, const char *value)
{
    jfr_write_active_setting(
        w, &(struct jfr_active_setting){
               .startTime = (int64_t)now_ticks, .id = event_type, .name = name, .value = value});
}

void environment_write_dump_reason(struct jfr_writer *w, uint64_t now_ticks, const char *reason)
{
    jfr_write_dump_reason(w, &(struct jfr_dump_reason){.startTime = (int64_t)now_ticks,
                                                       .reason = reason,
                                                       .recordingId = RECORDING_ID});
}

static void write_recording(struct jfr_writer *w, const struct recording_facts *f)
{
    jfr_write_active_recording(
        w, &(struct jfr_active_recording){.startTime = (int64_t)f->start_ticks,
                                          .id = RECORDING_ID,
                                          .name = "jfrprof",
                                          .destination = f->path,
                                          .flushInterval = (int64_t)(f->flush_ns / 1000000),
                                          .recordingStart = f->start_epoch_ms,
                                          .recordingDuration = (int64_t)(f->timeout_ns / 1000000)});
}

void environment_write_enabled(struct jfr_writer *w, uint64_t now_ticks, uint32_t event_type,
                               const char *period)
{
    environment_write_setting(w, now_ticks, event_type, "enabled", "true");
    if (period)
        environment_write_setting(w, now_ticks, event_type, "period", period);
}

/* JMC's rules read "enabled" of every type and "period" of the sampled ones. Here are those that
 * every recording has; periodic.c has the others. */
static void write_settings(struct jfr_writer *w, const struct recording_facts *f)
{
    static const uint32_t k_always[] = {JFR_TYPE_THREAD_START,     JFR_TYPE_THREAD_END,
                                        JFR_TYPE_ACTIVE_RECORDING, JFR_TYPE_ACTIVE_SETTING,
                                        JFR_TYPE_SHUTDOWN,         JFR_TYPE_DATA_LOSS,
                                        JFR_TYPE_STATISTICS};
    static const uint32_t k_once[] = {
        JFR_TYPE_JVM_INFORMATION,       JFR_TYPE_OS_INFORMATION,
        JFR_TYPE_CPU_INFORMATION,       JFR_TYPE_INITIAL_SYSTEM_PROPERTY,
        JFR_TYPE_NATIVE_LIBRARY,        JFR_TYPE_INITIAL_ENVIRONMENT_VARIABLE,
        JFR_TYPE_SYSTEM_PROCESS,        JFR_TYPE_VIRTUALIZATION_INFORMATION,
        JFR_TYPE_NATIVE_AGENT,          JFR_TYPE_JAVA_AGENT,
        JFR_TYPE_CPU_TIME_STAMP_COUNTER};
    char interval[32];
    environment_format_period(f->interval_ns, interval, sizeof interval);
    environment_write_enabled(w, f->start_ticks, JFR_TYPE_EXECUTION_SAMPLE, interval);
    environment_write_enabled(w, f->start_ticks, JFR_TYPE_NATIVE_METHOD_SAMPLE, interval);
    for (size_t i = 0; i < COUNT_OF(k_always); i++)
        environment_write_enabled(w, f->start_ticks, k_always[i], NULL);
    for (size_t i = 0; i < COUNT_OF(k_once); i++)
        environment_write_enabled(w, f->start_ticks, k_once[i], "beginChunk");
}

/* --- the JVM ------------------------------------------------------------------------------------
 */

/* Append a word and a blank before it; cut at cap. */
static void join_word(char *buf, size_t cap, const char *word)
{
    size_t at = strlen(buf);
    if (at > 0 && at + 1 < cap)
        buf[at++] = ' ';
    size_t n = strnlen(word, cap - 1 - at);
    memcpy(buf + at, word, n);
    buf[at + n] = 0;
}

/* Options that are followed by their value in a word of its own (java.c, IsWhiteSpaceOption). */
static bool takes_a_word(const char *option)
{
    static const char *const k_options[] = {"-cp",
                                            "-classpath",
                                            "--class-path",
                                            "-p",
                                            "--module-path",
                                            "--upgrade-module-path",
                                            "--add-modules",
                                            "--add-exports",
                                            "--add-opens",
                                            "--add-reads",
                                            "--patch-module",
                                            "--limit-modules",
                                            "--enable-native-access",
                                            "--source",
                                            "-d",
                                            "--describe-module"};
    for (size_t i = 0; i < sizeof k_options / sizeof *k_options; i++)
        if (strcmp(option, k_options[i]) == 0)
            return true;
    return false;
}

static bool ends_options(const char *word)
{
    return word[0] != '-' || strcmp(word, "-jar") == 0 || strcmp(word, "-m") == 0 ||
           strcmp(word, "--module") == 0;
}

void environment_jvm_arguments(const char *cmdline, size_t n, char *buf, size_t cap)
{
    const char *end = cmdline + n;
    const char *word = memchr(cmdline, 0, n); /* of the launcher's name */
    bool is_value = false;
    if (cap > 0)
        buf[0] = 0;
    for (word = word ? word + 1 : end; word < end && memchr(word, 0, (size_t)(end - word));
         word += strlen(word) + 1) {
        if (!is_value && word[0] != '@' && ends_options(word))
            return;
        is_value = !is_value && takes_a_word(word);
        join_word(buf, cap, word);
    }
}

static void write_jvm(struct jfr_writer *w, const struct environment *env, uint64_t ticks)
{
    static const char *const k_before[] = {"JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS"};
    char cmdline[16384], arguments[16384], options[16384] = "";
    ssize_t n = procfs_read("/proc/self/cmdline", cmdline, sizeof cmdline);
    environment_jvm_arguments(cmdline, n > 0 ? (size_t)n : 0, arguments, sizeof arguments);
    for (size_t i = 0; i < sizeof k_before / sizeof *k_before; i++)
        if (getenv(k_before[i]))
            join_word(options, sizeof options, getenv(k_before[i]));
    if (arguments[0])
        join_word(options, sizeof options, arguments);
    if (getenv("_JAVA_OPTIONS"))
        join_word(options, sizeof options, getenv("_JAVA_OPTIONS"));
    jfr_write_jvm_information(w, &(struct jfr_jvm_information){
                                     .startTime = (int64_t)ticks,
                                     .jvmName = environment_property(env, "java.vm.name"),
                                     .jvmVersion = env->jvm_version,
                                     .jvmArguments = options[0] ? options : NULL,
                                     .javaArguments = environment_property(env, "sun.java.command"),
                                     .jvmStartTime = procfs_start_epoch_ms(),
                                     .pid = getpid()});
}

static void write_properties(struct jfr_writer *w, const struct environment *env, uint64_t ticks)
{
    for (size_t i = 0; i < env->n_properties; i++)
        jfr_write_initial_system_property(
            w, &(struct jfr_initial_system_property){
                   .startTime = (int64_t)ticks, .key = env->keys[i], .value = env->values[i]});
}

/* The environment as the process was given it (the JVM changes its own copy: LD_LIBRARY_PATH,
 * NLSPATH). */
static void write_variables(struct jfr_writer *w, uint64_t ticks)
{
    enum { CAP = 1 << 20 };
    char *text = malloc(CAP);
    ssize_t n = text ? procfs_read("/proc/self/environ", text, CAP) : 0;
    for (char *word = text; word && word < text + n; word += strlen(word) + 1) {
        char *eq = strchr(word, '=');
        if (!eq)
            continue;
        *eq = 0;
        jfr_write_initial_environment_variable(
            w, &(struct jfr_initial_environment_variable){
                   .startTime = (int64_t)ticks, .key = word, .value = eq + 1});
        *eq = '=';
    }
    free(text);
}

/* --- the machine --------------------------------------------------------------------------------
 */

static void write_os(struct jfr_writer *w, uint64_t ticks)
{
    char text[4096];
    const char *virtualization = hypervisor_name();
    procfs_os_description(text, sizeof text);
    jfr_write_os_information(
        w, &(struct jfr_os_information){.startTime = (int64_t)ticks, .osVersion = text});
    if (virtualization)
        jfr_write_virtualization_information(
            w, &(struct jfr_virtualization_information){.startTime = (int64_t)ticks,
                                                        .name = virtualization});
}

static void write_cpu(struct jfr_writer *w, uint64_t ticks)
{
    char description[512];
    struct procfs_cpu cpu;
    procfs_cpu(&cpu); /* what it could not find out is empty */
    snprintf(description, sizeof description,
             "Brand: %s, Vendor: %s\nFamily: %lld, Model: %lld, Stepping: %lld", cpu.model,
             cpu.vendor, (long long)cpu.family, (long long)cpu.model_number,
             (long long)cpu.stepping);
    jfr_write_cpu_information(w,
                              &(struct jfr_cpu_information){.startTime = (int64_t)ticks,
                                                            .cpu = cpu.model,
                                                            .description = description,
                                                            .sockets = (int32_t)cpu.n_sockets,
                                                            .cores = (int32_t)cpu.n_cores,
                                                            .hwThreads = (int32_t)cpu.n_threads});
    /* Our clock is CLOCK_MONOTONIC: the processor's counter is not used. */
    jfr_write_cpu_time_stamp_counter(
        w, &(struct jfr_cpu_time_stamp_counter){.startTime = (int64_t)ticks,
                                                .osFrequency = 1000000000,
                                                .fastTimeFrequency = 1000000000});
}

static void write_container(struct jfr_writer *w, uint64_t ticks)
{
    struct cgroup_limits c;
    if (!cgroup_read(&c))
        return;
    environment_write_enabled(w, ticks, JFR_TYPE_CONTAINER_CONFIGURATION, "beginChunk");
    jfr_write_container_configuration(
        w, &(struct jfr_container_configuration){.startTime = (int64_t)ticks,
                                                 .containerType = c.is_v2 ? "cgroupv2" : "cgroupv1",
                                                 .cpuSlicePeriod = c.cpu_period_us,
                                                 .cpuQuota = c.cpu_quota_us,
                                                 .cpuShares = c.cpu_shares,
                                                 .effectiveCpuCount = sysconf(_SC_NPROCESSORS_ONLN),
                                                 .memorySoftLimit = c.memory_soft,
                                                 .memoryLimit = c.memory_limit,
                                                 .swapMemoryLimit = c.memory_swap_limit});
}

/* --- processes ----------------------------------------------------------------------------------
 */

enum { PROCESSES_MAX = 1000, COMMAND_MAX = 2048 };

struct process_ctx {
    struct jfr_writer *w;
    uint64_t ticks;
    int n;
};

/* The words joined by blanks; the name alone of a kernel thread, which has none. */
static size_t read_command(pid_t pid, char *buf, size_t cap)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/cmdline", (int)pid);
    ssize_t n = procfs_read(path, buf, cap);
    for (ssize_t i = 0; i + 1 < n; i++)
        if (buf[i] == 0)
            buf[i] = ' ';
    if (n > 0)
        return strlen(buf);
    snprintf(path, sizeof path, "/proc/%d/comm", (int)pid);
    n = procfs_read(path, buf, cap);
    if (n > 0 && buf[n - 1] == '\n')
        buf[n - 1] = 0;
    return strlen(buf);
}

static void write_process(void *ctx, pid_t pid)
{
    struct process_ctx *c = ctx;
    char number[16], command[COMMAND_MAX];
    if (c->n >= PROCESSES_MAX || read_command(pid, command, sizeof command) == 0)
        return;
    c->n++;
    snprintf(number, sizeof number, "%d", (int)pid);
    jfr_write_system_process(c->w, &(struct jfr_system_process){.startTime = (int64_t)c->ticks,
                                                                .pid = number,
                                                                .commandLine = command});
}

/* --- agents -------------------------------------------------------------------------------------
 */

static void write_agent(struct jfr_writer *w, uint64_t ticks, const struct agent_option *a,
                        int64_t init_ticks)
{
    if (a->is_java)
        jfr_write_java_agent(w, &(struct jfr_java_agent){.startTime = (int64_t)ticks,
                                                         .name = a->name,
                                                         .options = a->options,
                                                         .initializationTime = init_ticks});
    else
        jfr_write_native_agent(w, &(struct jfr_native_agent){.startTime = (int64_t)ticks,
                                                             .name = a->name,
                                                             .options = a->options,
                                                             .initializationTime = init_ticks,
                                                             .path = a->path});
}

/* Those of the command line and of JAVA_TOOL_OPTIONS, as of the JVM's start, then ourselves if we
 * came later. Java agents that came later are not known. */
static void write_agents(struct jfr_writer *w, const struct environment *env, uint64_t ticks)
{
    char words[16384];
    struct agent_option agent;
    int64_t age_ms = (int64_t)(clock_epoch_ns() / 1000000) - procfs_start_epoch_ms();
    int64_t start_ticks = (int64_t)clock_ticks_ns() - age_ms * 1000000;
    const char *more = getenv("JAVA_TOOL_OPTIONS");
    char *at = NULL;
    ssize_t n = procfs_read("/proc/self/cmdline", words, sizeof words);
    for (char *word = words; n > 0 && word < words + n; word += strlen(word) + 1)
        if (environment_agent_option(word, &agent))
            write_agent(w, ticks, &agent, start_ticks);
    snprintf(words, sizeof words, "%s", more ? more : "");
    for (char *word = strtok_r(words, " \t\n", &at); word; word = strtok_r(NULL, " \t\n", &at))
        if (environment_agent_option(word, &agent))
            write_agent(w, ticks, &agent, start_ticks);
    if (env->agent_is_dynamic)
        jfr_write_native_agent(
            w, &(struct jfr_native_agent){.startTime = (int64_t)ticks,
                                          .name = "jfrprof",
                                          .options = env->agent_options,
                                          .dynamic = true,
                                          .initializationTime = (int64_t)env->agent_init_ticks,
                                          .initializationDuration = (int64_t)env->agent_init_ns,
                                          .path = env->agent_path});
}

struct library_ctx {
    struct jfr_writer *w;
    uint64_t ticks;
};

static void write_library(void *ctx, const char *path, uintptr_t base, uintptr_t top)
{
    const struct library_ctx *c = ctx;
    jfr_write_native_library(c->w, &(struct jfr_native_library){.startTime = (int64_t)c->ticks,
                                                                .name = path,
                                                                .baseAddress = (int64_t)base,
                                                                .topAddress = (int64_t)top});
}

void environment_write(struct jfr_writer *w, const struct environment *env,
                       const struct recording_facts *facts, struct codemap *code)
{
    uint64_t ticks = facts->start_ticks;
    write_recording(w, facts);
    write_settings(w, facts);
    write_jvm(w, env, ticks);
    write_os(w, ticks);
    write_cpu(w, ticks);
    write_container(w, ticks);
    write_agents(w, env, ticks);
    write_properties(w, env, ticks);
    write_variables(w, ticks);
    tasks_each_in("/proc", write_process, &(struct process_ctx){w, ticks, 0});
    if (code)
        codemap_each_library(code, write_library, &(struct library_ctx){w, ticks});
}
