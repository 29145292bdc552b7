/* synthetic.c — see synthetic.h. Plausible where JMC's rules look (versions, units, settings), by
 * rule everywhere else. */
#include "support/synthetic.h"

#include <stdio.h>
#include <string.h>

enum { MILLISECOND = 1000000, MAX_EVENT_STRUCT = 512 };

const struct jfr_writer_options g_synthetic_options = {
    .clock = {.start_epoch_ns = 1700000000000000000,
              .start_ticks = 5000,
              .ticks_per_sec = 1000000000},
    .gmt_offset_ms = 3600000,
};

/* --- constants -------------------------------------------------------------------------------- */

static const char *const g_symbols[] = {
    /* the id of a symbol is its index + 1 */
    "com/example/app/Orders",
    "com/example/app",
    "process",
    "(Ljava/lang/String;)V",
    "parse",
    "()V",
    "app",
    "java/util/HashMap",
    "java/util",
    "getNode",
    "(Ljava/lang/Object;)V",
    "libc.so.6",
    "malloc",
    "21.0.1",
    "jrt:/java.base",
    "java.base",
    "",
    "h\xc3\xa9llo",
};
enum {
    SYM_ORDERS = 1,
    SYM_PACKAGE,
    SYM_PROCESS,
    SYM_STRING_V,
    SYM_PARSE,
    SYM_V,
    SYM_LOADER,
    SYM_HASHMAP,
    SYM_JAVA_UTIL,
    SYM_GET_NODE,
    SYM_OBJECT_V,
    SYM_LIBC,
    SYM_MALLOC,
    SYM_VERSION,
    SYM_LOCATION,
    SYM_JAVA_BASE,
    SYM_EMPTY,
    SYM_UTF8,
};

static int add_symbols(struct jfr_writer *w)
{
    int rc = 0;
    for (size_t i = 0; i < sizeof g_symbols / sizeof g_symbols[0]; i++)
        rc |= jfr_add_symbol(
            w, (uint32_t)i + 1,
            &(struct jfr_pool_symbol){.string = {g_symbols[i], strlen(g_symbols[i])}});
    return rc;
}

static int add_classes(struct jfr_writer *w)
{
    int rc =
        jfr_add_class_loader(w, 1, &(struct jfr_pool_class_loader){.name = SYM_LOADER, .type = 2});
    rc |= jfr_add_module(w, 1,
                         &(struct jfr_pool_module){.name = SYM_JAVA_BASE,
                                                   .version = SYM_VERSION,
                                                   .location = SYM_LOCATION,
                                                   .classLoader = 1});
    rc |= jfr_add_package(
        w, 1, &(struct jfr_pool_package){.name = SYM_PACKAGE, .module = 1, .exported = true});
    rc |= jfr_add_package(
        w, 2, &(struct jfr_pool_package){.name = SYM_JAVA_UTIL, .module = 1, .exported = true});
    rc |= jfr_add_class(
        w, 1,
        &(struct jfr_pool_class){
            .classLoader = 1, .name = SYM_ORDERS, .package = 1, .modifiers = 1, .hidden = false});
    rc |= jfr_add_class(
        w, 2, &(struct jfr_pool_class){.name = SYM_HASHMAP, .package = 2, .modifiers = 1});
    rc |= jfr_add_class(w, 3, &(struct jfr_pool_class){.name = SYM_LIBC, .hidden = false});
    return rc;
}

static int add_methods(struct jfr_writer *w)
{
    static const struct jfr_pool_method methods[] = {
        {.type = 1, .name = SYM_PROCESS, .descriptor = SYM_STRING_V, .modifiers = 1},
        {.type = 1, .name = SYM_PARSE, .descriptor = SYM_V, .modifiers = 9},
        {.type = 2, .name = SYM_GET_NODE, .descriptor = SYM_OBJECT_V, .modifiers = 16},
        {.type = 3, .name = SYM_MALLOC, .descriptor = SYM_V, .modifiers = 0x100},
    };
    int rc = 0;
    for (uint32_t i = 0; i < sizeof methods / sizeof methods[0]; i++)
        rc |= jfr_add_method(w, i + 1, &methods[i]);
    return rc;
}

/* Trace k has k + 2 frames, between them all frame types. */
static int add_traces(struct jfr_writer *w)
{
    int rc = 0;
    for (uint32_t trace = 0; trace < SYNTHETIC_TRACES; trace++) {
        struct jfr_pool_stack_frame frames[SYNTHETIC_TRACES + 2];
        for (uint32_t i = 0; i < trace + 2; i++)
            frames[i] = (struct jfr_pool_stack_frame){
                .method = 1 + (trace + i) % 4,
                .lineNumber = i == 0 ? -1 : (int32_t)(100 * trace + i),
                .bytecodeIndex = (int32_t)i,
                .type = (trace * 2 + i) % (JFR_FRAME_TYPE_C1_COMPILED + 1),
            };
        rc |= jfr_add_stack_trace(
            w, trace + 1,
            &(struct jfr_pool_stack_trace){.truncated = trace == 3, .frames = {frames, trace + 2}});
    }
    return rc;
}

static int add_threads(struct jfr_writer *w)
{
    int rc = jfr_add_thread_group(w, 1, &(struct jfr_pool_thread_group){.name = "system"});
    rc |= jfr_add_thread_group(w, 2, &(struct jfr_pool_thread_group){.parent = 1, .name = "main"});
    rc |= jfr_add_thread(w, 1,
                         &(struct jfr_pool_thread){.osName = "main",
                                                   .osThreadId = 4242,
                                                   .javaName = "main",
                                                   .javaThreadId = 1,
                                                   .group = 2});
    rc |= jfr_add_thread(w, 2,
                         &(struct jfr_pool_thread){.osName = "worker-1",
                                                   .osThreadId = 4243,
                                                   .javaName = "worker-1",
                                                   .javaThreadId = 22,
                                                   .group = 2,
                                                   .virtual = true});
    rc |= jfr_add_thread(
        w, 3, &(struct jfr_pool_thread){.osName = "C2 CompilerThre", .osThreadId = 4244});
    return rc;
}

int synthetic_add_constants(struct jfr_writer *w)
{
    int rc = add_symbols(w);
    rc |= add_classes(w);
    rc |= add_methods(w);
    rc |= add_traces(w);
    rc |= add_threads(w);
    /* Their fixed values are the writer's; one more of each, as a caller may add any. */
    rc |= jfr_add_frame_type(w, 77, &(struct jfr_pool_frame_type){.description = "Other"});
    rc |= jfr_add_thread_state(w, 77, &(struct jfr_pool_thread_state){.name = "STATE_OTHER"});
    rc |= jfr_add_gc_name(w, 77, &(struct jfr_pool_gc_name){.name = "Other"});
    rc |= jfr_add_vm_operation_type(w, 77, &(struct jfr_pool_vm_operation_type){.type = "Other"});
    rc |= jfr_add_gc_cause(w, 77, &(struct jfr_pool_gc_cause){.cause = "Other"});
    return rc;
}

/* --- values of events ---------------------------------------------------------------------------
 */

static int64_t constant_id(uint32_t type)
{
    switch (type) {
    case JFR_TYPE_THREAD_STATE: return JFR_THREAD_STATE_RUNNABLE;
    case JFR_TYPE_FRAME_TYPE: return JFR_FRAME_TYPE_INLINED;
    default: return SYNTHETIC_FIRST_ID;
    }
}

int64_t synthetic_integer(const struct jfr_schema_type *type, const struct jfr_schema_field *field)
{
    bool is_setting = type->id == JFR_TYPE_ACTIVE_SETTING;
    if (field->kind == JFR_KIND_POOL)
        return constant_id(field->type);
    if (field->kind == JFR_KIND_BOOLEAN)
        return 1;
    if (strcmp(field->name, "startTime") == 0)
        return (int64_t)g_synthetic_options.clock.start_ticks + (int64_t)type->id * MILLISECOND;
    if (is_setting && strcmp(field->name, "id") == 0)
        return JFR_TYPE_EXECUTION_SAMPLE; /* JMC loses the recording when it is not an event type */
    if (field->units & JFR_EPOCH_MILLIS)
        return g_synthetic_options.clock.start_epoch_ns / MILLISECOND;
    if (field->kind == JFR_KIND_BYTE)
        return (int8_t)field->offset;
    /* Different in every field of every event, of one to three bytes. */
    return (int64_t)((type->id * 37 + field->offset) % 50000 + 1);
}

double synthetic_real(const struct jfr_schema_field *field)
{
    return 0.0625 * (double)(field->offset % 16 + 1); /* exact in binary, between 0 and 1 */
}

/* Texts that JMC's rules parse. */
static const struct {
    uint32_t type;
    const char *field;
    const char *text;
} g_texts[] = {
    {JFR_TYPE_JVM_INFORMATION, "jvmVersion",
     "OpenJDK 64-Bit Server VM (17.0.9+9) for linux-amd64 JRE (17.0.9+9), built on Oct 17 2023"},
    {JFR_TYPE_JVM_INFORMATION, "jvmArguments", "-Xmx512m -XX:+UseG1GC"},
    {JFR_TYPE_ACTIVE_SETTING, "name", "period"},
    {JFR_TYPE_ACTIVE_SETTING, "value", "10 ms"},
};

void synthetic_text(const struct jfr_schema_type *type, const struct jfr_schema_field *field,
                    char buf[SYNTHETIC_TEXT_CAP])
{
    snprintf(buf, SYNTHETIC_TEXT_CAP, "%s.%s \xe2\x82\xac", type->c_name, field->name);
    for (size_t i = 0; i < sizeof g_texts / sizeof g_texts[0]; i++)
        if (g_texts[i].type == type->id && strcmp(g_texts[i].field, field->name) == 0)
            snprintf(buf, SYNTHETIC_TEXT_CAP, "%s", g_texts[i].text);
}

/* An inline struct: integers only. */
static void set_struct(uint8_t *member, uint32_t type_id)
{
    size_t n_types;
    const struct jfr_schema_type *types = jfr_schema_types(&n_types);
    for (size_t t = 0; t < n_types; t++) {
        uint32_t n_fields = 0;
        const struct jfr_schema_field *fields =
            types[t].id == type_id ? jfr_schema_fields(&types[t], &n_fields) : NULL;
        for (uint32_t i = 0; i < n_fields; i++)
            if (fields[i].kind == JFR_KIND_LONG)
                memcpy(member + fields[i].offset,
                       &(int64_t){synthetic_integer(&types[t], &fields[i])}, sizeof(int64_t));
    }
}

/* Put a field's value into the C struct; a string's bytes into text, which must outlive it. */
static void set_field(uint8_t *event, const struct jfr_schema_type *type,
                      const struct jfr_schema_field *f, char text[SYNTHETIC_TEXT_CAP])
{
    uint8_t *member = event + f->offset;
    int64_t i =
        f->kind == JFR_KIND_STRING || f->kind == JFR_KIND_INLINE ? 0 : synthetic_integer(type, f);
#define SET(c_type, value) memcpy(member, &(c_type){(c_type)(value)}, sizeof(c_type))
    switch (f->kind) {
    case JFR_KIND_LONG: SET(int64_t, i); break;
    case JFR_KIND_INT: SET(int32_t, i); break;
    case JFR_KIND_SHORT: SET(int16_t, i); break;
    case JFR_KIND_BYTE: SET(int8_t, i); break;
    case JFR_KIND_BOOLEAN: SET(bool, i); break;
    case JFR_KIND_POOL: SET(uint32_t, i); break;
    case JFR_KIND_FLOAT: SET(float, synthetic_real(f)); break;
    case JFR_KIND_DOUBLE: SET(double, synthetic_real(f)); break;
    case JFR_KIND_STRING:
        synthetic_text(type, f, text);
        memcpy(member, &(const char *){text}, sizeof(char *));
        break;
    case JFR_KIND_INLINE: set_struct(member, f->type); break;
    case JFR_KIND_TEXT:
    case JFR_KIND_ARRAY: break; /* not in events; check_schema says so */
    }
#undef SET
}

/* clang-format off */
#define SKIP(...)
#define WRITE(c_name, TYPE, ...)                                                                   \
    case JFR_TYPE_##TYPE: return jfr_write_##c_name(w, (const struct jfr_##c_name *)event);
static int write_event(struct jfr_writer *w, uint32_t type, const void *event)
{
    switch (type) {
    JFR_EVENTS(WRITE, SKIP, SKIP)
    default: return -1;
    }
}
/* clang-format on */

int synthetic_write_events(struct jfr_writer *w)
{
    size_t n_types;
    const struct jfr_schema_type *types = jfr_schema_types(&n_types);
    int rc = 0;
    for (size_t t = 0; t < n_types && rc == 0; t++) {
        _Alignas(16) uint8_t event[MAX_EVENT_STRUCT] = {0};
        char texts[32][SYNTHETIC_TEXT_CAP];
        uint32_t n_fields;
        const struct jfr_schema_field *fields = jfr_schema_fields(&types[t], &n_fields);
        if (!types[t].is_event)
            continue;
        if (types[t].size > sizeof event || n_fields > 32)
            return -1;
        for (uint32_t i = 0; i < n_fields; i++)
            set_field(event, &types[t], &fields[i], texts[i]);
        rc = write_event(w, types[t].id, event);
    }
    return rc;
}

int synthetic_write_samples(struct jfr_writer *w, int n)
{
    int rc = 0;
    for (int i = 0; i < n && rc == 0; i++)
        rc = jfr_write_execution_sample(
            w, &(struct jfr_execution_sample){
                   .startTime =
                       (int64_t)g_synthetic_options.clock.start_ticks + (int64_t)i * MILLISECOND,
                   .sampledThread = 1 + (uint32_t)i % SYNTHETIC_THREADS,
                   .stackTrace = 1 + (uint32_t)i % SYNTHETIC_TRACES,
                   .state = JFR_THREAD_STATE_RUNNABLE,
               });
    return rc;
}
