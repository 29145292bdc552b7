/* read_constant.c — the constants every profile needs, decoded on demand: texts, stack traces,
 * methods, threads. Which of their fields lie where is found once per chunk (jfr_known_load). */
#include "jfr/read_internal.h"

#include <errno.h>
#include <stdlib.h>

enum { TEXT_DEPTH_MAX = 4 }; /* Class -> Symbol -> String */

enum { FRAME_METHOD, FRAME_LINE, FRAME_BCI, FRAME_TYPE, FRAME_FIELDS };
static const char *const frame_fields[] = {"method", "lineNumber", "bytecodeIndex", "type"};

enum { STACK_TRUNCATED, STACK_FRAMES, STACK_FIELDS };
static const char *const stack_fields[] = {"truncated", "frames"};

enum {
    METHOD_TYPE,
    METHOD_NAME,
    METHOD_DESCRIPTOR,
    METHOD_MODIFIERS,
    METHOD_HIDDEN,
    METHOD_FIELDS
};
static const char *const method_fields[] = {"type", "name", "descriptor", "modifiers", "hidden"};

enum { THREAD_OS_NAME, THREAD_OS_ID, THREAD_NAME, THREAD_ID, THREAD_FIELDS };
static const char *const thread_fields[] = {"osName", "osThreadId", "javaName", "javaThreadId"};

/* --- texts ---------------------------------------------------------------------------------------
 */

/* The field that names a constant: `name` if there is one (Class), else the first. */
static const struct jfr_field *naming_field(const struct jfr_type *type)
{
    for (uint32_t i = 0; i < type->n_fields && !type->is_simple; i++)
        if (!strcmp(type->fields[i].name, "name"))
            return &type->fields[i];
    return type->n_fields > 0 ? &type->fields[0] : NULL;
}

struct jfr_str jfr_text_read(const struct jfr_chunk *chunk, const struct jfr_type *type,
                             uint64_t id)
{
    const struct jfr_str none = {.encoding = JFR_STRING_NULL};
    for (int depth = 0; depth < TEXT_DEPTH_MAX && type; depth++) {
        struct jfr_in in = jfr_pool_cursor(chunk, type->layout->pool, id);
        if (type->primitive == JFR_PRIM_STRING) {
            struct jfr_str s = jfr_string_resolve(chunk, jfr_in_string(&in));
            return jfr_in_ok(&in) ? s : none;
        }
        const struct jfr_field *f = naming_field(type);
        if (!f || f->is_array || !f->type)
            return none;
        for (const struct jfr_field *before = type->fields; before < f; before++)
            jfr_field_skip(&in, before);
        if (!f->is_constant) {
            struct jfr_str s = none;
            if (f->type->primitive == JFR_PRIM_STRING)
                s = jfr_string_resolve(chunk, jfr_in_string(&in));
            return jfr_in_ok(&in) ? s : none;
        }
        id = jfr_fast_leb(&in);
        type = f->type;
        if (!jfr_in_ok(&in))
            return none;
    }
    return none;
}

/* --- finding the known types
 * ---------------------------------------------------------------------- */

static enum jfr_frame_kind frame_kind_of(const struct jfr_str *text)
{
    static const struct {
        const char *text;
        enum jfr_frame_kind kind;
    } kinds[] = {
        {"Interpreted", JFR_FRAME_INTERPRETED}, {"C1 compiled", JFR_FRAME_C1},
        {"JIT compiled", JFR_FRAME_JIT},        {"Inlined", JFR_FRAME_INLINED},
        {"Native", JFR_FRAME_NATIVE},           {"C++", JFR_FRAME_CPP},
        {"Kernel", JFR_FRAME_KERNEL},
    };
    char buf[32];
    if (jfr_str_to_utf8(text, buf, sizeof buf) < sizeof buf)
        for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
            if (!strcmp(kinds[i].text, buf))
                return kinds[i].kind;
    return JFR_FRAME_UNKNOWN;
}

static void frame_kinds_load(struct jfr_chunk *c, const struct jfr_type *frame_type)
{
    const struct jfr_pool *pool = c->known.frame_types;
    for (uint32_t i = 0; i < jfr_pool_count(pool); i++) {
        uint64_t id = jfr_pool_id(pool, i);
        struct jfr_str text = jfr_text_read(c, frame_type, id);
        if (id < JFR_READ_FRAME_TYPES_MAX)
            c->known.frame_kind[id] = frame_kind_of(&text);
    }
}

/* A plan for a type's fields, or NULL if the type isn't declared or can't be decoded. */
static int known_plan(struct jfr_chunk *c, const struct jfr_type *type, const char *const fields[],
                      int n, struct jfr_plan **plan)
{
    bool bad = false;
    *plan = type ? jfr_plan_compile(c, type, fields, n, &bad) : NULL;
    return *plan || !type || bad ? 0 : -ENOMEM;
}

/* Is a frame a plain run of LEB128s? Then read it as one. */
static void frame_lebs_find(struct jfr_known *k)
{
    const struct jfr_type *type = k->frame->type;
    k->n_frame_lebs = 0;
    if (type->layout->n_ops != 1 || type->layout->ops[0].kind != JFR_OP_LEBS ||
        type->n_fields != type->layout->ops[0].n || type->n_fields > sizeof k->frame_slot)
        return;
    for (uint32_t i = 0; i < type->n_fields; i++) {
        k->frame_slot[i] = FRAME_FIELDS; /* read and dropped */
        for (uint8_t slot = FRAME_FIELDS; slot-- > 0;)
            if (!strcmp(type->fields[i].name, frame_fields[slot]))
                k->frame_slot[i] = slot;
    }
    k->n_frame_lebs = type->n_fields;
}

/* The element type of StackTrace.frames, if it is an array of structs. */
static const struct jfr_type *frame_type_of(const struct jfr_type *stack)
{
    for (uint32_t i = 0; stack && i < stack->n_fields; i++) {
        const struct jfr_field *f = &stack->fields[i];
        if (!strcmp(f->name, "frames") && f->is_array && !f->is_constant)
            return f->type && f->type->layout->n_ops > 0 ? f->type : NULL; /* frames take bytes */
    }
    return NULL;
}

int jfr_known_load(struct jfr_chunk *chunk)
{
    struct jfr_known *k = &chunk->known;
    const struct jfr_type *stack = jfr_chunk_type_named(chunk, "jdk.types.StackTrace");
    const struct jfr_type *method = jfr_chunk_type_named(chunk, "jdk.types.Method");
    const struct jfr_type *thread = jfr_chunk_type_named(chunk, "java.lang.Thread");
    k->klass = jfr_chunk_type_named(chunk, "java.lang.Class");
    k->strings = jfr_chunk_pool(chunk, "java.lang.String");
    k->stacks = stack ? stack->layout->pool : NULL;
    k->methods = method ? method->layout->pool : NULL;
    k->threads = thread ? thread->layout->pool : NULL;
    k->frame_types = jfr_chunk_pool(chunk, "jdk.types.FrameType");
    if (known_plan(chunk, stack, stack_fields, STACK_FIELDS, &k->stack) ||
        known_plan(chunk, frame_type_of(stack), frame_fields, FRAME_FIELDS, &k->frame) ||
        known_plan(chunk, method, method_fields, METHOD_FIELDS, &k->method) ||
        known_plan(chunk, thread, thread_fields, THREAD_FIELDS, &k->thread))
        return -ENOMEM;
    if (k->frame)
        frame_lebs_find(k);
    frame_kinds_load(chunk, jfr_chunk_type_named(chunk, "jdk.types.FrameType"));
    return 0;
}

/* --- stack traces
 * ----------------------------------------------------------------------------------- */

static bool stack_reserve(struct jfr_stack *stack, uint32_t n)
{
    if (n <= stack->cap)
        return true;
    uint32_t cap = stack->cap ? stack->cap : 64;
    while (cap < n)
        cap *= 2;
    struct jfr_frame *bigger = realloc(stack->frames, cap * sizeof *bigger);
    if (!bigger)
        return false;
    stack->frames = bigger;
    stack->cap = cap;
    return true;
}

static void frame_set(const struct jfr_known *k, const uint64_t v[], struct jfr_frame *f)
{
    *f = (struct jfr_frame){
        .method = v[FRAME_METHOD],
        .line = (int32_t)v[FRAME_LINE],
        .bci = (int32_t)v[FRAME_BCI],
        .type = (uint32_t)v[FRAME_TYPE],
    };
    if (v[FRAME_TYPE] < JFR_READ_FRAME_TYPES_MAX)
        f->kind = k->frame_kind[v[FRAME_TYPE]];
}

/* A frame with other fields than numbers, by its plan. */
static void frame_read_any(const struct jfr_chunk *c, struct jfr_in *in, uint64_t v[])
{
    const struct jfr_plan *plan = c->known.frame;
    struct jfr_value values[FRAME_FIELDS] = {0};
    struct jfr_in start = *in;
    jfr_plan_read(c, plan, &start, values);
    jfr_layout_skip(in, plan->type->layout);
    for (int slot = 0; slot < FRAME_FIELDS; slot++)
        v[slot] = values[slot].u;
}

static void frames_read(const struct jfr_chunk *c, struct jfr_in *in, struct jfr_stack *stack,
                        uint32_t n)
{
    const struct jfr_known *k = &c->known;
    for (uint32_t i = 0; i < n && jfr_in_ok(in); i++) {
        uint64_t v[FRAME_FIELDS + 1] = {0};
        for (uint32_t j = 0; j < k->n_frame_lebs; j++)
            v[k->frame_slot[j]] = jfr_fast_leb(in);
        if (k->n_frame_lebs == 0)
            frame_read_any(c, in, v);
        frame_set(k, v, &stack->frames[i]);
    }
}

int jfr_stack_read(const struct jfr_chunk *chunk, uint64_t stack_id, struct jfr_stack *stack)
{
    const struct jfr_known *k = &chunk->known;
    struct jfr_value v[STACK_FIELDS] = {0};
    stack->n_frames = 0;
    stack->truncated = false;
    struct jfr_in in = jfr_pool_cursor(chunk, k->stacks, stack_id);
    if (!jfr_in_ok(&in))
        return -ENOENT;
    if (!k->stack || !k->frame || !(k->stack->present & 1u << STACK_FRAMES))
        return -EBADMSG;
    jfr_plan_read(chunk, k->stack, &in, v);
    if (!jfr_in_ok(&in) || v[STACK_FRAMES].u > (uint64_t)(in.end - v[STACK_FRAMES].str.bytes))
        return -EBADMSG;
    bool is_cut = v[STACK_FRAMES].u > JFR_READ_FRAMES_MAX;
    uint32_t n = is_cut ? JFR_READ_FRAMES_MAX : (uint32_t)v[STACK_FRAMES].u;
    if (!stack_reserve(stack, n))
        return -ENOMEM;
    in.pos = v[STACK_FRAMES].str.bytes;
    frames_read(chunk, &in, stack, n);
    if (!jfr_in_ok(&in))
        return -EBADMSG;
    stack->n_frames = n;
    stack->truncated = v[STACK_TRUNCATED].i || is_cut;
    return 0;
}

void jfr_stack_fini(struct jfr_stack *stack)
{
    free(stack->frames);
    *stack = (struct jfr_stack){0};
}

/* --- methods and threads
 * ------------------------------------------------------------------------------ */

/* The text of a field that is a string itself or leads to one. */
static struct jfr_str field_text(const struct jfr_chunk *c, const struct jfr_plan *plan,
                                 const char *name, int slot, const struct jfr_value values[])
{
    const struct jfr_type *type = plan->type;
    for (uint32_t i = 0; i < type->n_fields; i++)
        if (!strcmp(type->fields[i].name, name) && type->fields[i].is_constant)
            return jfr_text_read(c, type->fields[i].type, values[slot].u);
    return values[slot].str;
}

int jfr_method_read(const struct jfr_chunk *chunk, uint64_t method_id, struct jfr_method *method)
{
    const struct jfr_known *k = &chunk->known;
    struct jfr_value v[METHOD_FIELDS] = {0};
    struct jfr_in in = jfr_pool_cursor(chunk, k->methods, method_id);
    *method = (struct jfr_method){0};
    if (!jfr_in_ok(&in) || !k->method)
        return -ENOENT;
    jfr_plan_read(chunk, k->method, &in, v);
    if (!jfr_in_ok(&in))
        return -EBADMSG;
    *method = (struct jfr_method){
        .class_id = v[METHOD_TYPE].u,
        .class_name = jfr_text_read(chunk, k->klass, v[METHOD_TYPE].u),
        .name = field_text(chunk, k->method, "name", METHOD_NAME, v),
        .descriptor = field_text(chunk, k->method, "descriptor", METHOD_DESCRIPTOR, v),
        .modifiers = (int32_t)v[METHOD_MODIFIERS].i,
        .is_hidden = v[METHOD_HIDDEN].i != 0,
    };
    return 0;
}

int jfr_thread_read(const struct jfr_chunk *chunk, uint64_t thread_id, struct jfr_thread *thread)
{
    const struct jfr_known *k = &chunk->known;
    struct jfr_value v[THREAD_FIELDS] = {0};
    struct jfr_in in = jfr_pool_cursor(chunk, k->threads, thread_id);
    *thread = (struct jfr_thread){0};
    if (!jfr_in_ok(&in) || !k->thread)
        return -ENOENT;
    jfr_plan_read(chunk, k->thread, &in, v);
    if (!jfr_in_ok(&in))
        return -EBADMSG;
    *thread = (struct jfr_thread){
        .os_name = field_text(chunk, k->thread, "osName", THREAD_OS_NAME, v),
        .java_name = field_text(chunk, k->thread, "javaName", THREAD_NAME, v),
        .os_id = v[THREAD_OS_ID].i,
        .java_id = v[THREAD_ID].i,
    };
    return 0;
}
