/* read_layout.c — types to programs: how to get past a value, and how to pick some fields out of
 * one. Compiled when a chunk is opened (every type) and by jfr_chunk_select (the wanted fields);
 * run for each constant and each selected event. */
#include "jfr/read_internal.h"

#include <errno.h>
#include <stdlib.h>

/* --- compiling ----------------------------------------------------------------------------------
 */

struct builder {
    struct jfr_op ops[JFR_READ_LEAVES_MAX];
    uint32_t n;
    uint32_t n_leaves; /* fields visited, so that structs in structs can't explode */
    bool is_bad;
    bool no_merge; /* the next op starts a new run: a wanted field was read in between */
};

static void emit(struct builder *b, struct jfr_op op)
{
    struct jfr_op *last = b->n > 0 && !b->no_merge ? &b->ops[b->n - 1] : NULL;
    b->no_merge = false;
    if (last && last->kind == op.kind && (op.kind == JFR_OP_LEBS || op.kind == JFR_OP_BYTES))
        last->n += op.n;
    else if (b->n < JFR_READ_LEAVES_MAX)
        b->ops[b->n++] = op;
    else
        b->is_bad = true;
}

static void emit_primitive(struct builder *b, enum jfr_primitive primitive)
{
    switch (primitive) {
    case JFR_PRIM_BOOLEAN:
    case JFR_PRIM_BYTE: emit(b, (struct jfr_op){.kind = JFR_OP_BYTES, .n = 1}); break;
    case JFR_PRIM_FLOAT: emit(b, (struct jfr_op){.kind = JFR_OP_BYTES, .n = 4}); break;
    case JFR_PRIM_DOUBLE: emit(b, (struct jfr_op){.kind = JFR_OP_BYTES, .n = 8}); break;
    case JFR_PRIM_STRING: emit(b, (struct jfr_op){.kind = JFR_OP_STRING}); break;
    default: emit(b, (struct jfr_op){.kind = JFR_OP_LEBS, .n = 1}); break;
    }
}

static bool is_array_of_undeclared(const struct jfr_field *f)
{
    return f->is_array && !f->is_constant && !f->type;
}

static struct jfr_op array_op(const struct jfr_field *f)
{
    return (struct jfr_op){.kind = JFR_OP_ARRAY, .array = f->is_constant ? NULL : f->type};
}

static void emit_type(struct builder *b, const struct jfr_type *type, int depth);

static void emit_field(struct builder *b, const struct jfr_field *f, int depth)
{
    if (++b->n_leaves > JFR_READ_LEAVES_MAX || is_array_of_undeclared(f))
        b->is_bad = true;
    else if (f->is_array)
        emit(b, array_op(f));
    else if (f->is_constant)
        emit(b, (struct jfr_op){.kind = JFR_OP_LEBS, .n = 1});
    else if (!f->type)
        b->is_bad = true;
    else
        emit_type(b, f->type, depth + 1);
}

static void emit_type(struct builder *b, const struct jfr_type *type, int depth)
{
    if (depth > JFR_READ_INLINE_DEPTH_MAX)
        b->is_bad = true;
    if (type->primitive != JFR_PRIM_NONE)
        emit_primitive(b, type->primitive);
    else
        for (uint32_t i = 0; i < type->n_fields && !b->is_bad; i++)
            emit_field(b, &type->fields[i], depth);
}

static struct jfr_op *ops_keep(struct jfr_chunk *chunk, const struct builder *b)
{
    struct jfr_op *ops = jfr_arena_alloc(&chunk->arena, (b->n + 1) * sizeof *ops);
    if (ops)
        memcpy(ops, b->ops, b->n * sizeof *ops);
    return ops;
}

int jfr_layout_compile_all(struct jfr_chunk *chunk)
{
    int rc = -ENOMEM;
    struct builder *b = malloc(sizeof *b);
    for (uint32_t i = 0; b && i < chunk->n_types; i++) {
        struct jfr_type *type = &chunk->types[i];
        b->n = b->n_leaves = 0;
        b->is_bad = b->no_merge = false;
        emit_type(b, type, 0);
        type->layout = jfr_arena_alloc(&chunk->arena, sizeof *type->layout);
        if (!type->layout)
            goto out;
        type->layout->is_bad = b->is_bad;
        type->layout->ops = ops_keep(chunk, b);
        type->layout->n_ops = b->n;
        if (!type->layout->ops)
            goto out;
    }
    rc = b ? 0 : -ENOMEM;
out:
    free(b);
    return rc;
}

/* --- skipping -----------------------------------------------------------------------------------
 */

/* Past n LEB128s, eight bytes at a time: those without the high bit end one. A run of eight bytes
 * with it (a nine-byte number, whose last byte ends it whatever its high bit) goes the slow way. */
static void skip_lebs(struct jfr_in *in, uint64_t n)
{
    const uint64_t high_bits = 0x8080808080808080u;
    const uint8_t *p = in->pos;
    unsigned run = 0; /* bytes before p that belong to an unfinished number */
    while (n > 8 && !in->error && (size_t)(in->end - p) >= 8) {
        uint64_t word;
        memcpy(&word, p, 8);
        uint64_t ends = ~__builtin_bswap64(word) & high_bits; /* first byte = highest */
        if (ends == 0 || run + (unsigned)__builtin_clzll(ends) / 8 >= 8)
            break;
        n -= (unsigned)__builtin_popcountll(ends);
        run = (unsigned)__builtin_ctzll(ends) / 8;
        p += 8;
    }
    in->pos = p - run;
    for (; n > 0 && jfr_in_ok(in); n--)
        jfr_fast_leb(in);
}

static void layout_skip(struct jfr_in *in, const struct jfr_layout *layout, int depth);

static void skip_array(struct jfr_in *in, const struct jfr_type *elem, int depth)
{
    uint64_t n = jfr_fast_leb(in);
    const struct jfr_layout *layout = elem ? elem->layout : NULL;
    if (layout && (layout->is_bad || depth >= JFR_READ_ARRAY_DEPTH_MAX)) {
        jfr_in_fail(in, "an array that can't be decoded");
        return;
    }
    if (layout && layout->n_ops == 0) /* elements without bytes */
        return;
    if (n > jfr_in_left(in)) {
        jfr_in_fail(in, "an array longer than its event");
        return;
    }
    if (!layout)
        skip_lebs(in, n);
    else if (layout->n_ops == 1 && layout->ops[0].kind == JFR_OP_LEBS)
        skip_lebs(in, n * layout->ops[0].n);
    else if (layout->n_ops == 1 && layout->ops[0].kind == JFR_OP_BYTES)
        jfr_in_skip(in, n * layout->ops[0].n);
    else
        for (uint64_t i = 0; i < n && jfr_in_ok(in); i++)
            layout_skip(in, layout, depth + 1);
}

static inline void op_skip(struct jfr_in *in, const struct jfr_op *op, int depth)
{
    switch (op->kind) {
    case JFR_OP_LEBS: skip_lebs(in, op->n); break;
    case JFR_OP_BYTES: jfr_in_skip(in, op->n); break;
    case JFR_OP_STRING: jfr_in_string(in); break;
    case JFR_OP_ARRAY: skip_array(in, op->array, depth); break;
    }
}

static void layout_skip(struct jfr_in *in, const struct jfr_layout *layout, int depth)
{
    for (uint32_t i = 0; i < layout->n_ops && jfr_in_ok(in); i++)
        op_skip(in, &layout->ops[i], depth);
}

void jfr_layout_skip(struct jfr_in *in, const struct jfr_layout *layout)
{
    if (layout->is_bad)
        jfr_in_fail(in, "a type that can't be decoded");
    layout_skip(in, layout, 0);
}

void jfr_field_skip(struct jfr_in *in, const struct jfr_field *f)
{
    if (f->is_array && is_array_of_undeclared(f))
        jfr_in_fail(in, "an array of an undeclared type");
    else if (f->is_array)
        skip_array(in, f->is_constant ? NULL : f->type, 0);
    else if (f->is_constant)
        jfr_fast_leb(in);
    else if (f->type)
        jfr_layout_skip(in, f->type->layout);
    else
        jfr_in_fail(in, "a field of an undeclared type");
}

/* --- plans --------------------------------------------------------------------------------------
 */

struct planner {
    struct builder b;
    struct jfr_plan *plan;
    int n_wanted;
    int n_found;
    uint32_t run_start; /* first op since the last wanted field */
};

static void plan_step(struct planner *p, const struct jfr_field *f, int slot)
{
    struct jfr_plan_step *s = &p->plan->steps[p->plan->n_steps++];
    *s = (struct jfr_plan_step){
        .first_op = p->run_start,
        .n_ops = p->b.n - p->run_start,
        .slot = (uint8_t)slot,
        .is_constant = f->is_constant,
        .is_array = f->is_array,
        .primitive = f->type ? f->type->primitive : JFR_PRIM_NONE,
        .array = array_op(f),
    };
    p->run_start = p->b.n;
    p->b.no_merge = true;
    p->plan->present |= 1u << slot;
    p->n_found++;
}

/* rest[k]: what is left of wanted name k at this level, NULL when it leads elsewhere. */
static void plan_type(struct planner *p, const struct jfr_type *type, const char *const rest[],
                      int depth);

static void plan_field(struct planner *p, const struct jfr_field *f, const char *const rest[],
                       int depth)
{
    const char *below[JFR_READ_FIELDS_MAX] = {0};
    size_t n_name = strlen(f->name);
    bool is_struct = !f->is_array && !f->is_constant && f->type &&
                     f->type->primitive == JFR_PRIM_NONE && f->type->n_fields > 0;
    bool is_below = false;
    if (++p->b.n_leaves > JFR_READ_LEAVES_MAX)
        p->b.is_bad = true;
    for (int k = 0; k < p->n_wanted; k++) {
        bool is_done = p->plan->present >> k & 1;
        if (is_done || !rest[k] || strncmp(rest[k], f->name, n_name) != 0)
            continue;
        bool is_leaf = rest[k][n_name] == 0;
        if (is_leaf && !is_struct && !is_array_of_undeclared(f) &&
            (f->is_array || f->is_constant || f->type)) {
            plan_step(p, f, k);
            return;
        }
        if (is_struct && rest[k][n_name] == '.')
            below[k] = rest[k] + n_name + 1;
        else if (is_struct && is_leaf && f->type->is_simple)
            below[k] = f->type->fields[0].name;
        is_below |= below[k] != NULL;
    }
    if (is_below && depth < JFR_READ_INLINE_DEPTH_MAX)
        plan_type(p, f->type, below, depth + 1);
    else
        emit_field(&p->b, f, depth);
}

static void plan_type(struct planner *p, const struct jfr_type *type, const char *const rest[],
                      int depth)
{
    for (uint32_t i = 0; i < type->n_fields; i++) {
        if (p->b.is_bad || p->n_found == p->n_wanted)
            return;
        plan_field(p, &type->fields[i], rest, depth);
    }
}

struct jfr_plan *jfr_plan_compile(struct jfr_chunk *chunk, const struct jfr_type *type,
                                  const char *const fields[], int n_fields, bool *bad)
{
    struct planner *p = calloc(1, sizeof *p);
    *bad = false;
    if (!p)
        return NULL;
    struct jfr_plan *plan = jfr_arena_alloc(&chunk->arena, sizeof *plan);
    if (plan) {
        plan->type = type;
        p->plan = plan;
        p->n_wanted = n_fields;
        plan_type(p, type, fields, 0);
        *bad = p->b.is_bad;
        plan->ops = ops_keep(chunk, &p->b);
        if (*bad || !plan->ops)
            plan = NULL;
    }
    free(p);
    return plan;
}

/* --- running a plan -----------------------------------------------------------------------------
 */

static void primitive_read(const struct jfr_chunk *chunk, enum jfr_primitive primitive,
                           struct jfr_in *in, struct jfr_value *v)
{
    switch (primitive) {
    case JFR_PRIM_BOOLEAN: v->i = jfr_in_u8(in) != 0; break;
    case JFR_PRIM_BYTE: v->i = (int8_t)jfr_in_u8(in); break;
    case JFR_PRIM_CHAR: v->i = (uint16_t)jfr_fast_leb(in); break;
    case JFR_PRIM_SHORT: v->i = (int16_t)jfr_fast_leb(in); break;
    case JFR_PRIM_INT: v->i = (int32_t)jfr_fast_leb(in); break;
    case JFR_PRIM_FLOAT: v->d = (double)jfr_in_float(in); break;
    case JFR_PRIM_DOUBLE: v->d = jfr_in_double(in); break;
    case JFR_PRIM_STRING: v->str = jfr_string_resolve(chunk, jfr_in_string(in)); break;
    default: v->u = jfr_fast_leb(in); break;
    }
}

static void array_read(const struct jfr_plan_step *s, struct jfr_in *in, struct jfr_value *v)
{
    struct jfr_in ahead = *in;
    v->u = jfr_fast_leb(&ahead);
    v->str.bytes = ahead.pos;
    op_skip(in, &s->array, 0);
}

void jfr_plan_read(const struct jfr_chunk *chunk, const struct jfr_plan *plan, struct jfr_in *in,
                   struct jfr_value values[])
{
    for (uint32_t i = 0; i < plan->n_steps; i++) {
        const struct jfr_plan_step *s = &plan->steps[i];
        for (uint32_t k = 0; k < s->n_ops; k++)
            op_skip(in, &plan->ops[s->first_op + k], 0);
        struct jfr_value *v = &values[s->slot];
        if (s->is_array)
            array_read(s, in, v);
        else if (s->is_constant)
            v->u = jfr_fast_leb(in);
        else
            primitive_read(chunk, s->primitive, in, v);
    }
}
