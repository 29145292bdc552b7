/* constants.c — stacks and threads to constant pools. Recorder thread only.
 * Called once per new trace and new thread at every flush, before the flush publishes them. */
#include "record/constants.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/frame.h"
#include "base/hash.h"
#include "elf/demangle.h"
#include "record/string_table.h"

enum { PC_CACHE = 4096 };

/* flags of a string_entry: which constants with this id were written */
enum { HAS_SYMBOL = 1, HAS_CLASS = 2, HAS_PACKAGE = 4, HAS_GROUP = 8 };

struct pc_entry {
    uint64_t pc;
    uint32_t method;
    uint32_t type; /* enum frame_type */
};

struct constants {
    struct constants_config config;
    struct string_table symbols;
    struct string_table natives; /* "library\nsymbol" -> id - CONSTANTS_NATIVE_BASE */
    uint8_t *java_written;       /* by method_id */
    size_t n_java_written;
    struct jfr_pool_stack_frame *frames; /* config.max_frames, scratch */
    uint64_t n_methods, n_threads, n_traces;
    bool may_refresh;
    struct pc_entry cache[PC_CACHE]; /* pc 0: empty */
};

struct constants *constants_new(const struct constants_config *config)
{
    struct constants *c = calloc(1, sizeof *c);
    if (!c)
        return NULL;
    c->config = *config;
    c->frames = calloc(config->max_frames, sizeof *c->frames);
    if (!c->frames) {
        free(c);
        return NULL;
    }
    return c;
}

void constants_free(struct constants *c)
{
    if (!c)
        return;
    string_table_fini(&c->symbols);
    string_table_fini(&c->natives);
    free(c->java_written);
    free(c->frames);
    free(c);
}

void constants_begin_flush(struct constants *c)
{
    c->may_refresh = true;
}

/* --- symbols, packages, classes -----------------------------------------------------------------
 */

uint32_t constants_add_symbol(struct constants *c, const char *text, size_t n_bytes)
{
    uint32_t id = string_table_put(&c->symbols, text, n_bytes);
    if (!id)
        return 0;
    struct string_entry *e = string_table_entry(&c->symbols, id);
    if (!(e->flags & HAS_SYMBOL)) {
        e->flags |= HAS_SYMBOL;
        jfr_add_symbol(c->config.writer, id, &(struct jfr_pool_symbol){{e->text, e->n_bytes}});
    }
    return id;
}

static uint32_t add_string(struct constants *c, const char *text)
{
    return constants_add_symbol(c, text, strlen(text));
}

/* True the first time. */
static bool claim(struct constants *c, uint32_t id, uint32_t flag)
{
    struct string_entry *e = string_table_entry(&c->symbols, id);
    bool is_new = !(e->flags & flag);
    e->flags |= flag;
    return is_new;
}

/* The package part of a/b/C, which JMC cuts off the name: a real prefix or nothing. The name of a
 * hidden class goes on after a '+' (HotSpot's Symbol of a lambda form), and slashes may follow
 * there. */
static uint32_t add_package_of(struct constants *c, const char *name, size_t n)
{
    if (n == 0 || name[0] == '[')
        return 0;
    const char *plus = memchr(name, '+', n);
    const char *slash = memrchr(name, '/', plus ? (size_t)(plus - name) : n);
    if (!slash || slash == name)
        return 0;
    uint32_t id = constants_add_symbol(c, name, (size_t)(slash - name));
    if (id && claim(c, id, HAS_PACKAGE))
        jfr_add_package(c->config.writer, id,
                        &(struct jfr_pool_package){.name = id, .exported = true});
    return id;
}

static uint32_t add_class(struct constants *c, const char *name, size_t n, bool is_java)
{
    uint32_t id = constants_add_symbol(c, name, n);
    if (!id || !claim(c, id, HAS_CLASS))
        return id;
    struct jfr_pool_class value = {.name = id};
    if (is_java)
        value.package = add_package_of(c, name, n);
    jfr_add_class(c->config.writer, id, &value);
    return id;
}

/* --- methods ------------------------------------------------------------------------------------
 */

static bool claim_java_method(struct constants *c, method_id id)
{
    if (id >= c->n_java_written) {
        size_t n = c->n_java_written ? c->n_java_written : 1024;
        while (n <= id)
            n *= 2;
        uint8_t *grown = realloc(c->java_written, n);
        if (!grown)
            return false;
        memset(grown + c->n_java_written, 0, n - c->n_java_written);
        c->java_written = grown;
        c->n_java_written = n;
    }
    bool is_new = !c->java_written[id];
    c->java_written[id] = 1;
    return is_new;
}

static void add_java_method(struct constants *c, method_id id, const struct method_entry *m)
{
    if (!claim_java_method(c, id))
        return;
    c->n_methods++;
    struct jfr_pool_method value = {
        .type = add_class(c, method_entry_class(m), m->class_len, true),
        .name = constants_add_symbol(c, method_entry_name(m), m->name_len),
        .descriptor = constants_add_symbol(c, method_entry_signature(m), m->signature_len),
        .modifiers = m->modifiers,
    };
    jfr_add_method(c->config.writer, id, &value);
}

/* A method that is not Java's: the library is its class (never none: jfr and others need one). */
static uint32_t add_native_method(struct constants *c, const char *library, const char *name)
{
    char key[1024];
    int n = snprintf(key, sizeof key, "%.250s\n%.700s", library, name);
    uint32_t before = c->natives.n;
    uint32_t n_th = string_table_put(&c->natives, key, (size_t)n);
    if (!n_th)
        return 0;
    uint32_t id = CONSTANTS_NATIVE_BASE + n_th;
    if (c->natives.n == before)
        return id;
    c->n_methods++;
    struct jfr_pool_method value = {
        .type = add_class(c, library, strlen(library), false),
        .name = add_string(c, name),
        .descriptor = add_string(c, "()V"), /* readers parse it: never empty */
    };
    jfr_add_method(c->config.writer, id, &value);
    return id;
}

/* --- frames -------------------------------------------------------------------------------------
 */

/* A library as the class of its functions. "[vdso]" must not look like an array's class: JMC would
 * refuse it. */
static const char *library_class(const char *library)
{
    return strcmp(library, "[vdso]") == 0 ? "vdso" : library;
}

/* The name of code at an address: its symbol, else "[library]", one for all of its addresses. */
static const char *code_name(const struct code_symbol *s, const char *library, char *buf,
                             size_t cap)
{
    if (s->name && s->name[0])
        return demangle(s->name, buf, cap);
    if (!library[0])
        return "[unknown]";
    snprintf(buf, cap, "[%s]", library);
    return buf;
}

static struct pc_entry resolve_code(struct constants *c, uint64_t pc)
{
    struct code_symbol s = {.library = "", .name = ""};
    if (c->config.code && !codemap_find(c->config.code, (uintptr_t)pc, &s) && c->may_refresh) {
        c->may_refresh = false; /* a library loaded since, or code in no library: once per flush */
        codemap_refresh(c->config.code);
        codemap_find(c->config.code, (uintptr_t)pc, &s);
    }
    const char *library = library_class(s.library ? s.library : "");
    char name[512];
    return (struct pc_entry){
        .pc = pc,
        .method = add_native_method(c, library, code_name(&s, library, name, sizeof name)),
        .type = s.is_cpp ? FRAME_CPP : FRAME_NATIVE,
    };
}

static struct jfr_pool_stack_frame code_frame(struct constants *c, uint64_t pc)
{
    struct pc_entry *e = &c->cache[hash_mix64(pc) % PC_CACHE];
    if (e->pc != pc || e->method == 0)
        *e = resolve_code(c, pc);
    return (struct jfr_pool_stack_frame){.method = e->method, .type = e->type};
}

static struct jfr_pool_stack_frame failed_frame(struct constants *c, uint64_t status)
{
    char name[64];
    snprintf(name, sizeof name, "[failed: %s]", c->config.failure_name(status));
    return (struct jfr_pool_stack_frame){.method = add_native_method(c, "", name),
                                         .type = FRAME_NATIVE};
}

static struct jfr_pool_stack_frame java_frame(struct constants *c, const struct frame *f)
{
    const struct method_entry *m =
        c->config.methods ? method_index_find(c->config.methods, (method_id)f->id) : NULL;
    if (!m)
        return (struct jfr_pool_stack_frame){.method = add_native_method(c, "", "[unknown Java]"),
                                             .type = f->type};
    add_java_method(c, (method_id)f->id, m);
    return (struct jfr_pool_stack_frame){
        .method = (uint32_t)f->id,
        .lineNumber = method_entry_line(m, f->bci),
        .bytecodeIndex = f->bci,
        .type = f->type,
    };
}

static struct jfr_pool_stack_frame convert_frame(struct constants *c, const struct frame *f)
{
    switch ((enum frame_type)f->type) {
    case FRAME_CPP: return code_frame(c, f->id);
    case FRAME_KERNEL:
        return (struct jfr_pool_stack_frame){.method = code_frame(c, f->id).method,
                                             .type = FRAME_KERNEL};
    case FRAME_FAILED: return failed_frame(c, f->id);
    case FRAME_INTERPRETED:
    case FRAME_JIT_COMPILED:
    case FRAME_INLINED:
    case FRAME_NATIVE:
    case FRAME_C1_COMPILED: break;
    }
    return java_frame(c, f);
}

void constants_add_trace(struct constants *c, const struct trace *trace)
{
    uint32_t n = trace->n_frames < c->config.max_frames ? trace->n_frames : c->config.max_frames;
    for (uint32_t i = 0; i < n; i++)
        c->frames[i] = convert_frame(c, &trace->frames[i]);
    struct jfr_pool_stack_trace value = {.truncated = trace->truncated, .frames = {c->frames, n}};
    jfr_add_stack_trace(c->config.writer, trace->id, &value);
    c->n_traces++;
}

/* --- threads ------------------------------------------------------------------------------------
 */

static uint32_t add_group(struct constants *c, const char *name)
{
    uint32_t id = name ? add_string(c, name) : 0;
    if (id && claim(c, id, HAS_GROUP))
        jfr_add_thread_group(c->config.writer, id, &(struct jfr_pool_thread_group){.name = name});
    return id;
}

void constants_add_thread(struct constants *c, const struct thread_info *info)
{
    struct jfr_pool_thread value = {
        .osName = info->os_name,
        .osThreadId = info->tid,
        .javaName = info->java_name,
        .javaThreadId = info->java_id,
        .group = add_group(c, info->group_name),
        .virtual = info->is_virtual,
    };
    jfr_add_thread(c->config.writer, info->id, &value);
    c->n_threads++;
}

uint64_t constants_n_methods(const struct constants *c)
{
    return c->n_methods;
}
uint64_t constants_n_threads(const struct constants *c)
{
    return c->n_threads;
}
uint64_t constants_n_traces(const struct constants *c)
{
    return c->n_traces;
}
