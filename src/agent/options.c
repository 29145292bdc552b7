/* options.c — parser of the agent's options. Control path: Agent_OnLoad, Agent_OnAttach. No JVM
 * needed. One row of k_options per option: name, what is allowed (help and error text), how its
 * value is read. */
#include "agent/options.h"

#include <errno.h>
#include <string.h>

#include "base/attrs.h"

#define SECOND 1000000000ull
#define MIB    (1ull << 20)

/* A piece of the option text; not terminated. */
struct span {
    const char *at;
    size_t n;
};

static bool span_is(struct span s, const char *word)
{
    return strlen(word) == s.n && memcmp(s.at, word, s.n) == 0;
}

/* --- numbers with units ----------------------------------------------------------------------- */

struct unit {
    const char *name;
    uint64_t factor;
};

/* The first entry of a list is what a bare number means. */
static const struct unit k_interval_units[] = {
    {"ns", 1}, {"us", 1000}, {"ms", 1000000}, {"s", SECOND}, {NULL, 0}};
static const struct unit k_time_units[] = {
    {"s", SECOND}, {"ms", 1000000}, {"m", 60 * SECOND}, {"h", 3600 * SECOND}, {NULL, 0}};
static const struct unit k_size_units[] = {
    {"", 1},           {"k", 1024},   {"m", MIB},   {"g", 1024 * MIB},   {"K", 1024}, {"M", MIB},
    {"G", 1024 * MIB}, {"KiB", 1024}, {"MiB", MIB}, {"GiB", 1024 * MIB}, {NULL, 0}};
static const struct unit k_no_units[] = {{"", 1}, {NULL, 0}};

static bool unit_factor(struct span name, const struct unit *units, uint64_t *factor)
{
    if (name.n == 0) {
        *factor = units[0].factor;
        return true;
    }
    for (const struct unit *u = units; u->name; u++)
        if (span_is(name, u->name)) {
            *factor = u->factor;
            return true;
        }
    return false;
}

/* DIGITS[UNIT]; false when it is anything else or does not fit. */
static bool parse_number(struct span s, const struct unit *units, uint64_t *out)
{
    uint64_t v = 0, factor;
    size_t i = 0;
    for (; i < s.n && s.at[i] >= '0' && s.at[i] <= '9'; i++)
        if (__builtin_mul_overflow(v, 10, &v) ||
            __builtin_add_overflow(v, (uint64_t)(s.at[i] - '0'), &v))
            return false;
    if (i == 0 || !unit_factor((struct span){s.at + i, s.n - i}, units, &factor))
        return false;
    return !__builtin_mul_overflow(v, factor, out);
}

/* --- the table -------------------------------------------------------------------------------- */

enum { FOR_START = 1 << COMMAND_START, FOR_ALL = 0xff };

static const struct {
    const char *name;
    enum agent_command command;
    const char *help;
} k_commands[] = {
    {"start", COMMAND_START, "begin a recording (the default)"},
    {"stop", COMMAND_STOP, "end it and complete the file"},
    {"status", COMMAND_STATUS, "one line: what is being recorded"},
    {"list", COMMAND_LIST, "what event= may be"},
    {"version", COMMAND_VERSION, "the version of this agent"},
};
static const char *const k_later_commands[] = {"resume", "dump"};

struct choice {
    const char *name;
    int value;
};

enum option_kind { KIND_NUMBER, KIND_CHOICE, KIND_TEXT, KIND_LATER };

struct option {
    const char *name;
    enum option_kind kind;
    unsigned commands;   /* bits of the commands it goes with */
    const char *allowed; /* completes "allowed: " */
    const char *meaning;
    size_t offset; /* of the member of struct options */
    const struct unit *units;
    uint64_t min, max;
    bool zero_too; /* 0 is allowed below min (= off) */
    const struct choice *choices;
    bool is_u32;
};

static const struct choice k_events[] = {{"cpu", EVENT_CPU}, {"ctimer", EVENT_CTIMER}, {NULL, 0}};
static const struct choice k_cstacks[] = {{"vm", CSTACK_VM}, {"no", CSTACK_NO}, {NULL, 0}};
static const struct choice k_levels[] = {{"error", LOG_AT_ERROR},
                                         {"warn", LOG_AT_WARN},
                                         {"info", LOG_AT_INFO},
                                         {"debug", LOG_AT_DEBUG},
                                         {NULL, 0}};

#define NUMBER(opt, member, unit_list, lo, hi, zero, allowed_text, meaning_text)                 \
    {                                                                                            \
        .name = opt, .kind = KIND_NUMBER, .commands = FOR_START, .allowed = allowed_text,        \
        .meaning = meaning_text, .offset = offsetof(struct options, member), .units = unit_list, \
        .min = lo, .max = hi, .zero_too = zero,                                                  \
        .is_u32 = sizeof(((struct options *)0)->member) == sizeof(uint32_t)                      \
    }
#define CHOICE(opt, member, list, cmds, allowed_text, meaning_text)                          \
    {                                                                                        \
        .name = opt, .kind = KIND_CHOICE, .commands = cmds, .allowed = allowed_text,         \
        .meaning = meaning_text, .offset = offsetof(struct options, member), .choices = list \
    }
#define TEXT(opt, member, cmds, allowed_text, meaning_text)                        \
    {                                                                              \
        .name = opt, .kind = KIND_TEXT, .commands = cmds, .allowed = allowed_text, \
        .meaning = meaning_text, .offset = offsetof(struct options, member)        \
    }
#define LATER(opt)                                           \
    {                                                        \
        .name = opt, .kind = KIND_LATER, .commands = FOR_ALL \
    }

static const struct option k_options[] = {
    TEXT("file", file, FOR_START,
         "a path; %p pid, %t time, %n{MAX} number, %{ENV} variable, %% percent", "the recording"),
    CHOICE("event", event, k_events, FOR_START, "cpu, ctimer", "what is sampled"),
    NUMBER("interval", interval_ns, k_interval_units, 10000, 3600 * SECOND, false,
           "10us to 1h as N[ns|us|ms|s]", "CPU time between two samples of a thread, default 10ms"),
    NUMBER("flush", flush_ns, k_time_units, SECOND / 10, 3600 * SECOND, false,
           "100ms to 1h as N[ms|s|m|h]", "how often the file is brought up to date, default 1s"),
    NUMBER("timeout", timeout_ns, k_time_units, SECOND / 10, 366 * 86400 * SECOND, true,
           "100ms to 366 days as N[ms|s|m|h], 0 for none", "end the recording after this time"),
    NUMBER("jstackdepth", depth, k_no_units, 1, DEPTH_MAX, false, "1 to 8192",
           "frames of a stack at most, default 2048"),
    CHOICE("cstack", cstack, k_cstacks, FOR_START, "vm, no",
           "how stacks are read (no: without native frames), default vm"),
    NUMBER("memlimit", memlimit_bytes, k_size_units, 4 * MIB, 64ull * 1024 * MIB, false,
           "4m to 64g as N[k|m|g]", "memory for stacks, methods and buffers, default 64m"),
    TEXT("log", log_file, FOR_ALL, "a path", "where messages go, default stderr"),
    CHOICE("loglevel", log_level, k_levels, FOR_ALL, "error, warn, info, debug",
           "which messages, default info"),
    LATER("wall"),
    LATER("alloc"),
    LATER("lock"),
    LATER("nativemem"),
    LATER("nativelock"),
    LATER("live"),
    LATER("tlab"),
    LATER("nofree"),
    LATER("loop"),
    LATER("begin"),
    LATER("end"),
    LATER("ttsp"),
    LATER("nostop"),
    LATER("chunksize"),
    LATER("chunktime"),
    LATER("lz4"),
    LATER("ratelimit"),
    LATER("threads"),
    LATER("filter"),
    LATER("alluser"),
    LATER("allkernel"),
    LATER("record-cpu"),
    LATER("target-cpu"),
    LATER("signal"),
    LATER("fdtransfer"),
    LATER("jfrsync"),
};

/* Values that the contract promises and that do not exist yet: a clearer answer than "not allowed".
 */
static const struct {
    const char *option;
    const char *value;
} k_later_values[] = {
    {"event", "itimer"},
    {"event", "wall"},
    {"event", "alloc"},
    {"event", "lock"},
    {"event", "nativemem"},
    {"event", "nativelock"},
    {"event", "cycles"},
    {"event", "instructions"},
    {"event", "cache-misses"},
    {"event", "cache-references"},
    {"event", "branch-misses"},
    {"event", "page-faults"},
    {"event", "context-switches"},
    {"cstack", "vmx"},
    {"cstack", "fp"},
    {"cstack", "dwarf"},
    {"cstack", "agct"},
};

/* --- parsing ---------------------------------------------------------------------------------- */

static int fail_value(struct err *e, const struct option *opt, struct span value)
{
    for (size_t i = 0; i < COUNT_OF(k_later_values); i++)
        if (strcmp(k_later_values[i].option, opt->name) == 0 &&
            span_is(value, k_later_values[i].value))
            return err_set(e, -EINVAL, "%s=%s: not in this version yet; allowed: %s", opt->name,
                           k_later_values[i].value, opt->allowed);
    return err_set(e, -EINVAL, "%s=%.*s: not allowed; allowed: %s", opt->name, (int)value.n,
                   value.at, opt->allowed);
}

static int set_number(const struct option *opt, struct span value, struct options *o, struct err *e)
{
    uint64_t v;
    if (!parse_number(value, opt->units, &v))
        return fail_value(e, opt, value);
    if ((v < opt->min || v > opt->max) && !(v == 0 && opt->zero_too))
        return fail_value(e, opt, value);
    char *member = (char *)o + opt->offset;
    if (opt->is_u32)
        *(uint32_t *)(void *)member = (uint32_t)v;
    else
        *(uint64_t *)(void *)member = v;
    return 0;
}

static int set_choice(const struct option *opt, struct span value, struct options *o, struct err *e)
{
    for (const struct choice *c = opt->choices; c->name; c++)
        if (span_is(value, c->name)) {
            *(int *)(void *)((char *)o + opt->offset) = c->value; /* enums have int's layout here */
            return 0;
        }
    return fail_value(e, opt, value);
}

static int set_text(const struct option *opt, struct span value, struct options *o, struct err *e)
{
    if (value.n == 0 || value.n >= OPTION_PATH_MAX)
        return fail_value(e, opt, (struct span){value.at, value.n < 40 ? value.n : 40});
    char *member = (char *)o + opt->offset;
    memcpy(member, value.at, value.n);
    member[value.n] = 0;
    return 0;
}

static int set_option(const struct option *opt, struct span value, struct options *o, struct err *e)
{
    switch (opt->kind) {
    case KIND_NUMBER: return set_number(opt, value, o, e);
    case KIND_CHOICE: return set_choice(opt, value, o, e);
    case KIND_TEXT: return set_text(opt, value, o, e);
    case KIND_LATER: break;
    }
    return err_set(e, -EINVAL, "%s: not in this version yet", opt->name);
}

static int list_names(char *buf, size_t cap)
{
    size_t n = 0;
    buf[0] = 0;
    for (size_t i = 0; i < COUNT_OF(k_options) && n < cap; i++)
        if (k_options[i].kind != KIND_LATER)
            n += (size_t)snprintf(buf + n, cap - n, "%s%s=", n ? " " : "", k_options[i].name);
    return n < cap ? 0 : -ENAMETOOLONG;
}

static int fail_unknown(struct err *e, struct span word)
{
    char names[256];
    list_names(names, sizeof names);
    return err_set(
        e, -EINVAL,
        "%.*s: unknown command or option; allowed: start stop status list version, and %s",
        (int)word.n, word.at, names);
}

struct parse {
    struct options *o;
    struct err *e;
    bool has_command;
    uint64_t given; /* bit i: k_options[i] was set */
};
_Static_assert(COUNT_OF(k_options) <= 64, "struct parse.given has a bit per option");

static int take_command(struct parse *p, struct span word, bool *taken)
{
    *taken = true;
    for (size_t i = 0; i < COUNT_OF(k_commands); i++) {
        if (!span_is(word, k_commands[i].name))
            continue;
        if (p->has_command)
            return err_set(p->e, -EINVAL,
                           "%s: a second command; allowed: one of start stop status list "
                           "version",
                           k_commands[i].name);
        p->has_command = true;
        p->o->command = k_commands[i].command;
        return 0;
    }
    for (size_t i = 0; i < COUNT_OF(k_later_commands); i++)
        if (span_is(word, k_later_commands[i]))
            return err_set(p->e, -EINVAL,
                           "%s: not in this version yet; allowed: start stop status list version",
                           k_later_commands[i]);
    *taken = false;
    return 0;
}

static int take_option(struct parse *p, struct span name, struct span value, bool has_value)
{
    for (size_t i = 0; i < COUNT_OF(k_options); i++) {
        const struct option *opt = &k_options[i];
        if (!span_is(name, opt->name))
            continue;
        if (!has_value && opt->kind != KIND_LATER)
            return err_set(p->e, -EINVAL, "%s: has no value; allowed: %s", opt->name, opt->allowed);
        if (p->given & (1ull << i))
            return err_set(p->e, -EINVAL, "%s=%.*s: given twice; allowed: once", opt->name,
                           (int)value.n, value.at);
        p->given |= 1ull << i;
        return set_option(opt, value, p->o, p->e);
    }
    return fail_unknown(p->e, name);
}

static int take_word(struct parse *p, struct span word)
{
    bool taken;
    int rc = take_command(p, word, &taken);
    if (rc || taken)
        return rc;
    const char *eq = memchr(word.at, '=', word.n);
    struct span name = {word.at, eq ? (size_t)(eq - word.at) : word.n};
    struct span value = {eq ? eq + 1 : "", eq ? word.n - name.n - 1 : 0};
    return take_option(p, name, value, eq != NULL);
}

/* Options that are fine alone and make no sense together. */
static int check_together(const struct parse *p)
{
    for (size_t i = 0; i < COUNT_OF(k_options); i++)
        if ((p->given & (1ull << i)) && !(k_options[i].commands & (1u << p->o->command)))
            return err_set(p->e, -EINVAL, "%s= with %s: a contradiction; allowed: only with start",
                           k_options[i].name, k_commands[p->o->command].name);
    return 0;
}

void options_init(struct options *o)
{
    *o = (struct options){
        .command = COMMAND_START,
        .event = EVENT_CPU,
        .cstack = CSTACK_VM,
        .log_level = LOG_AT_INFO,
        .interval_ns = 10 * 1000000,
        .flush_ns = SECOND,
        .memlimit_bytes = 64 * MIB,
        .depth = 2048,
        .file = "jfrprof-%p.jfr",
    };
}

int options_parse(const char *text, struct options *o, struct err *e)
{
    struct parse p = {.o = o, .e = e};
    options_init(o);
    const char *at = text ? text : "";
    while (*at) {
        size_t n = strcspn(at, ",");
        if (n > 0) { /* "start,,interval=1ms": empty words mean nothing */
            int rc = take_word(&p, (struct span){at, n});
            if (rc)
                return rc;
        }
        at += n + (at[n] == ',');
    }
    return check_together(&p);
}

/* --- file patterns ---------------------------------------------------------------------------- */

struct expansion {
    char *buf;
    size_t cap, n;
};

static void put_text(struct expansion *x, const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++, x->n++)
        if (x->n + 1 < x->cap)
            x->buf[x->n] = text[i];
}

static void put_string(struct expansion *x, const char *text)
{
    put_text(x, text, strlen(text));
}

/* "{TEXT}" at *at: TEXT into out, *at moves behind it. False without a closing brace or when too
 * long. */
static bool take_braces(const char **at, char *out, size_t cap)
{
    const char *end = **at == '{' ? strchr(*at, '}') : NULL;
    if (!end || (size_t)(end - *at) > cap)
        return false;
    size_t n = (size_t)(end - *at) - 1;
    memcpy(out, *at + 1, n);
    out[n] = 0;
    *at = end + 1;
    return true;
}

static bool put_sequence(struct expansion *x, const char **at, unsigned sequence)
{
    char braces[16], number[16];
    if (**at == '{') {
        uint64_t max;
        if (!take_braces(at, braces, sizeof braces) ||
            !parse_number((struct span){braces, strlen(braces)}, k_no_units, &max) || max == 0)
            return false;
        sequence = (unsigned)(sequence % max);
    }
    snprintf(number, sizeof number, "%u", sequence);
    put_string(x, number);
    return true;
}

/* One conversion; *at points behind the '%'. */
static bool put_conversion(struct expansion *x, const char **at, const struct file_vars *vars)
{
    char text[256];
    switch (**at) {
    case '%': put_string(x, "%"); break;
    case 'p':
        snprintf(text, sizeof text, "%ld", vars->pid);
        put_string(x, text);
        break;
    case 't':
        if (strftime(text, sizeof text, "%Y%m%d-%H%M%S", vars->start) == 0)
            return false;
        put_string(x, text);
        break;
    case 'n': (*at)++; return put_sequence(x, at, vars->sequence);
    case '{': {
        if (!take_braces(at, text, sizeof text))
            return false;
        const char *value = vars->env(text);
        put_string(x, value ? value : "");
        return true;
    }
    default: return false;
    }
    (*at)++;
    return true;
}

int options_expand_file(const char *pattern, const struct file_vars *vars, char *buf,
                        size_t cap_bytes, struct err *e)
{
    struct expansion x = {.buf = buf, .cap = cap_bytes};
    const char *at = pattern;
    while (*at) {
        if (*at != '%') {
            put_text(&x, at++, 1);
            continue;
        }
        at++;
        if (!put_conversion(&x, &at, vars))
            return err_set(e, -EINVAL,
                           "file=%.200s: bad %% pattern; allowed: %%p %%t %%n{MAX} %%{ENV} %%%%",
                           pattern);
    }
    if (x.n >= cap_bytes)
        return err_set(e, -ENAMETOOLONG, "file=%.200s: longer than %zu bytes when expanded",
                       pattern, cap_bytes - 1);
    buf[x.n] = 0;
    return 0;
}

void options_print_help(FILE *to)
{
    fprintf(to, "-agentpath:/path/libjfrprof.so=COMMAND[,option...]\n\ncommands\n");
    for (size_t i = 0; i < COUNT_OF(k_commands); i++)
        fprintf(to, "  %-12s %s\n", k_commands[i].name, k_commands[i].help);
    fprintf(to, "\noptions\n");
    for (size_t i = 0; i < COUNT_OF(k_options); i++)
        if (k_options[i].kind != KIND_LATER)
            fprintf(to, "  %-12s %s\n  %-12s allowed: %s\n", k_options[i].name,
                    k_options[i].meaning, "", k_options[i].allowed);
}
