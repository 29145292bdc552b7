/* environment.c — where and how a recording was made: properties, settings, machine. Recorder
 * thread, once per recording. */
#include "record/environment.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "os/clock.h"
#include "record/cpu_facts.h"
#include "record/system_load.h"

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

static void write_recording(struct jfr_writer *w, const struct recording_facts *f)
{
    jfr_write_active_recording(
        w, &(struct jfr_active_recording){.startTime = (int64_t)f->start_ticks,
                                          .id = 1,
                                          .name = "jfrprof",
                                          .destination = f->path,
                                          .flushInterval = (int64_t)(f->flush_ns / 1000000),
                                          .recordingStart = f->start_epoch_ms,
                                          .recordingDuration = (int64_t)(f->timeout_ns / 1000000)});
}

/* JMC's rules read "enabled" of every type and "period" of the sampled ones. */
static void write_settings(struct jfr_writer *w, const struct recording_facts *f)
{
    size_t n;
    const struct jfr_schema_type *types = jfr_schema_types(&n);
    char interval[32], flush[32];
    environment_format_period(f->interval_ns, interval, sizeof interval);
    environment_format_period(f->flush_ns, flush, sizeof flush);
    for (size_t i = 0; i < n; i++) {
        uint32_t id = types[i].id;
        if (!types[i].is_event)
            continue;
        environment_write_setting(w, f->start_ticks, id, "enabled", "true");
        if (id == JFR_TYPE_EXECUTION_SAMPLE || id == JFR_TYPE_NATIVE_METHOD_SAMPLE)
            environment_write_setting(w, f->start_ticks, id, "period", interval);
        if (id == JFR_TYPE_CPU_LOAD || id == JFR_TYPE_PHYSICAL_MEMORY)
            environment_write_setting(w, f->start_ticks, id, "period", flush);
    }
}

/* --- the JVM ------------------------------------------------------------------------------------
 */

/* When the process began: now minus its age, of which the kernel keeps the beginning since boot in
 * clock ticks (field 22 of /proc/self/stat; the name before it may contain anything but the last
 * ')'). */
static int64_t jvm_start_epoch_ms(void)
{
    char text[1024];
    unsigned long long start = 0;
    system_read_file("/proc/self/stat", text, sizeof text);
    const char *p = strrchr(text, ')');
    if (!p ||
        sscanf(p + 1,
               " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %llu",
               &start) != 1)
        return (int64_t)(clock_epoch_ns() / 1000000);
    int64_t since_boot_ms = (int64_t)(start * 1000 / (unsigned long long)sysconf(_SC_CLK_TCK));
    int64_t uptime_ms = (int64_t)(clock_ns_of(CLOCK_BOOTTIME) / 1000000);
    return (int64_t)(clock_epoch_ns() / 1000000) - uptime_ms + since_boot_ms;
}

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
    size_t n = system_read_file("/proc/self/cmdline", cmdline, sizeof cmdline);
    environment_jvm_arguments(cmdline, n, arguments, sizeof arguments);
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
                                     .jvmStartTime = jvm_start_epoch_ms(),
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
    size_t n = text ? system_read_file("/proc/self/environ", text, CAP) : 0;
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
    char release[2048], pretty[128] = "", text[1024];
    struct utsname u = {0};
    uname(&u);
    system_read_file("/etc/os-release", release, sizeof release);
    const char *line = strstr(release, "PRETTY_NAME=\"");
    if (line)
        sscanf(line, "PRETTY_NAME=\"%127[^\"\n]", pretty);
    snprintf(text, sizeof text, "%s\nuname: %s %s %s %s\nlibc: ", pretty, u.sysname, u.release,
             u.version, u.machine);
    size_t n = strlen(text);
    confstr(_CS_GNU_LIBC_VERSION, text + n, sizeof text - n);
    jfr_write_os_information(
        w, &(struct jfr_os_information){.startTime = (int64_t)ticks, .osVersion = text});
}

static void write_cpu(struct jfr_writer *w, uint64_t ticks)
{
    enum { CAP = 1 << 20 };
    char description[512];
    struct cpu_facts facts = {0};
    char *text = malloc(CAP);
    if (text) {
        system_read_file("/proc/cpuinfo", text, CAP);
        cpu_facts_parse(text, &facts);
    }
    free(text);
    snprintf(description, sizeof description, "Brand: %s, Vendor: %s\n%s", facts.model,
             facts.vendor, facts.details);
    jfr_write_cpu_information(w, &(struct jfr_cpu_information){.startTime = (int64_t)ticks,
                                                               .cpu = facts.model,
                                                               .description = description,
                                                               .sockets = facts.sockets,
                                                               .cores = facts.cores,
                                                               .hwThreads = facts.hw_threads});
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
    write_properties(w, env, ticks);
    write_variables(w, ticks);
    if (code)
        codemap_each_library(code, write_library, &(struct library_ctx){w, ticks});
}
