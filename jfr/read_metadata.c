/* read_metadata.c — the metadata event (FORMAT.md §5) to a table of types. Runs once per chunk,
 * when it is opened. Only `class` elements and their fields are kept; annotations and settings are
 * passed over. */
#include "jfr/read_internal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

enum { DEPTH_MAX = 32 }; /* root/metadata/class/field/annotation is 5 */

/* A field before the types are sorted: its type is still an id. */
struct raw_field {
    struct jfr_field field;
    uint64_t type_id;
};

struct meta_string {
    const char *text; /* decoded when first asked for */
    uint32_t at;      /* offset in the event */
};

struct meta {
    struct jfr_chunk *chunk;
    struct jfr_in in;
    struct meta_string *strings;
    uint32_t n_strings;
    struct jfr_type *types;
    uint32_t n_types, cap_types;
    struct raw_field *fields; /* of all types, one type's side by side */
    uint32_t n_fields, cap_fields;
    uint32_t *first_field; /* per type */
    uint32_t cap_first;
    bool no_memory;
};

/* `array` with room for one more element; the old one and m->no_memory when there is none. */
static void *grow(struct meta *m, void *array, uint32_t n, uint32_t *cap, size_t elem)
{
    if (n < *cap)
        return array;
    uint32_t want = *cap ? *cap * 2 : 256;
    void *bigger = realloc(array, want * elem);
    if (!bigger) {
        m->no_memory = true;
        jfr_in_fail(&m->in, "out of memory");
        return array;
    }
    *cap = want;
    return bigger;
}

static void strings_index(struct meta *m)
{
    uint64_t n = jfr_in_leb(&m->in);
    if (n > JFR_READ_STRINGS_MAX || n > jfr_in_left(&m->in)) {
        jfr_in_fail(&m->in, "impossible number of strings");
        return;
    }
    m->strings = calloc(n + 1, sizeof *m->strings);
    if (!m->strings) {
        m->no_memory = true;
        jfr_in_fail(&m->in, "out of memory");
        return;
    }
    m->n_strings = (uint32_t)n;
    for (uint32_t i = 0; i < m->n_strings && jfr_in_ok(&m->in); i++) {
        m->strings[i].at = (uint32_t)jfr_in_at(&m->in);
        jfr_in_string(&m->in);
    }
}

/* Text of a string of the event; "" for null. Lives as long as the chunk. */
static const char *meta_text(struct meta *m, uint64_t index)
{
    if (!jfr_in_ok(&m->in))
        return "";
    if (index >= m->n_strings) {
        jfr_in_fail(&m->in, "string index out of range");
        return "";
    }
    struct meta_string *s = &m->strings[index];
    if (s->text)
        return s->text;
    struct jfr_in at = m->in;
    at.pos = at.begin + s->at;
    struct jfr_str str = jfr_in_string(&at);
    size_t n = jfr_str_to_utf8(&str, NULL, 0);
    char *text = jfr_arena_alloc(&m->chunk->arena, n + 1);
    if (!text) {
        m->no_memory = true;
        jfr_in_fail(&m->in, "out of memory");
        return "";
    }
    jfr_str_to_utf8(&str, text, n + 1);
    return s->text = text;
}

/* Ids are decimal numbers in strings. */
static uint64_t meta_id(struct meta *m, const char *text)
{
    char *end;
    errno = 0;
    uint64_t id = strtoull(text, &end, 10);
    if (errno || *end || end == text || *text == '-')
        jfr_in_fail(&m->in, "a type id is not a number");
    return id;
}

/* --- elements -----------------------------------------------------------------------------------
 */

/* All attributes that any element we keep has. */
struct attributes {
    const char *name, *id, *class_id, *super_name;
    bool is_simple, is_constant, is_array;
};

static void attribute_keep(struct meta *m, struct attributes *a, const char *key, uint64_t value)
{
    if (!strcmp(key, "name"))
        a->name = meta_text(m, value);
    else if (!strcmp(key, "id"))
        a->id = meta_text(m, value);
    else if (!strcmp(key, "class"))
        a->class_id = meta_text(m, value);
    else if (!strcmp(key, "superType"))
        a->super_name = meta_text(m, value);
    else if (!strcmp(key, "simpleType"))
        a->is_simple = !strcmp(meta_text(m, value), "true");
    else if (!strcmp(key, "constantPool")) /* the JDK's reader: present is true */
        a->is_constant = true;
    else if (!strcmp(key, "dimension"))
        a->is_array = strcmp(meta_text(m, value), "0") != 0;
}

static struct attributes attributes_read(struct meta *m)
{
    struct attributes a = {.name = "", .id = "", .class_id = "", .super_name = ""};
    uint64_t n = jfr_in_leb(&m->in);
    for (uint64_t i = 0; i < n && jfr_in_ok(&m->in); i++) {
        const char *key = meta_text(m, jfr_in_leb(&m->in));
        attribute_keep(m, &a, key, jfr_in_leb(&m->in));
    }
    return a;
}

static enum jfr_primitive primitive_of(const char *name)
{
    static const char *const names[] = {
        [JFR_PRIM_BOOLEAN] = "boolean",
        [JFR_PRIM_BYTE] = "byte",
        [JFR_PRIM_CHAR] = "char",
        [JFR_PRIM_SHORT] = "short",
        [JFR_PRIM_INT] = "int",
        [JFR_PRIM_LONG] = "long",
        [JFR_PRIM_FLOAT] = "float",
        [JFR_PRIM_DOUBLE] = "double",
        [JFR_PRIM_STRING] = "java.lang.String",
    };
    for (int i = JFR_PRIM_BOOLEAN; i <= JFR_PRIM_STRING; i++)
        if (!strcmp(names[i], name))
            return (enum jfr_primitive)i;
    return JFR_PRIM_NONE;
}

static void class_add(struct meta *m, const struct attributes *a)
{
    if (m->n_types >= JFR_READ_TYPES_MAX) {
        jfr_in_fail(&m->in, "too many types");
        return;
    }
    m->types = grow(m, m->types, m->n_types, &m->cap_types, sizeof *m->types);
    m->first_field = grow(m, m->first_field, m->n_types, &m->cap_first, sizeof *m->first_field);
    if (m->no_memory)
        return;
    m->first_field[m->n_types] = m->n_fields;
    m->types[m->n_types++] = (struct jfr_type){
        .id = meta_id(m, a->id),
        .name = a->name,
        .super_name = a->super_name,
        .is_event = !strcmp(a->super_name, "jdk.jfr.Event"),
        .is_simple = a->is_simple,
        .primitive = primitive_of(a->name),
    };
}

static void field_add(struct meta *m, const struct attributes *a)
{
    if (m->n_fields >= JFR_READ_ALL_FIELDS_MAX) {
        jfr_in_fail(&m->in, "too many fields");
        return;
    }
    m->fields = grow(m, m->fields, m->n_fields, &m->cap_fields, sizeof *m->fields);
    if (m->no_memory)
        return;
    m->fields[m->n_fields++] = (struct raw_field){
        .field = {.name = a->name, .is_constant = a->is_constant, .is_array = a->is_array},
        .type_id = meta_id(m, a->class_id),
    };
    m->types[m->n_types - 1].n_fields++;
}

static void element_read(struct meta *m, int depth, bool in_class)
{
    if (depth > DEPTH_MAX) {
        jfr_in_fail(&m->in, "elements nested too deep");
        return;
    }
    const char *kind = meta_text(m, jfr_in_leb(&m->in));
    struct attributes a = attributes_read(m);
    bool is_class = !in_class && !strcmp(kind, "class");
    if (is_class)
        class_add(m, &a);
    else if (in_class && !strcmp(kind, "field") && m->n_types > 0)
        field_add(m, &a);
    uint64_t n = jfr_in_leb(&m->in);
    for (uint64_t i = 0; i < n && jfr_in_ok(&m->in); i++)
        element_read(m, depth + 1, is_class);
}

/* --- the table ----------------------------------------------------------------------------------
 */

static int type_order(const void *a, const void *b)
{
    const struct jfr_type *x = a, *y = b;
    if (x->id != y->id)
        return x->id < y->id ? -1 : 1;
    return x->fields < y->fields ? -1 : x->fields > y->fields; /* the first declaration first */
}

/* Fields next to their types, in the chunk's arena. */
static bool fields_attach(struct meta *m)
{
    struct jfr_chunk *c = m->chunk;
    struct jfr_field *all = jfr_arena_alloc(&c->arena, (m->n_fields + 1) * sizeof *all);
    if (!all)
        return false;
    for (uint32_t i = 0; i < m->n_fields; i++)
        all[i] = m->fields[i].field;
    for (uint32_t i = 0; i < m->n_types; i++)
        m->types[i].fields = all + m->first_field[i];
    qsort(m->types, m->n_types, sizeof *m->types, type_order);
    uint32_t n = 0;
    for (uint32_t i = 0; i < m->n_types; i++) {
        if (n > 0 && m->types[i].id == m->types[n - 1].id)
            jfr_chunk_note(c, "type id %" PRIu64 " is declared twice", m->types[i].id);
        else
            m->types[n++] = m->types[i];
    }
    c->types = jfr_arena_alloc(&c->arena, (n + 1) * sizeof *c->types);
    if (!c->types)
        return false;
    memcpy(c->types, m->types, n * sizeof *c->types);
    c->n_types = n;
    for (uint32_t i = 0; i < m->n_fields; i++) /* types stay where they are from here on */
        all[i].type = jfr_chunk_type(c, m->fields[i].type_id);
    return true;
}

/* A table from id to type for the small ids: events are looked up by it. */
static bool index_make(struct jfr_chunk *c)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < c->n_types; i++)
        if (c->types[i].id < JFR_READ_DENSE_TYPES_MAX)
            n = (uint32_t)c->types[i].id + 1;
    uint32_t *index = jfr_arena_alloc(&c->arena, (n + 1) * sizeof *index);
    c->plans = jfr_arena_alloc(&c->arena, (c->n_types + 1) * sizeof(struct jfr_plan *));
    if (!index || !c->plans)
        return false;
    for (uint32_t i = 0; i < c->n_types; i++)
        if (c->types[i].id < n)
            index[c->types[i].id] = i + 1;
    c->type_index = index;
    c->n_type_index = n;
    return true;
}

/* Where the metadata event is: where the header says, else the first one there is. */
static bool metadata_find(struct jfr_chunk *c, struct jfr_frame_of_event *ev)
{
    if (c->head.metadata_offset >= JFR_HEADER_LEN &&
        jfr_event_frame(c, c->head.metadata_offset, ev) && ev->type_id == JFR_TYPE_METADATA)
        return true;
    for (uint64_t at = JFR_HEADER_LEN; jfr_event_frame(c, at, ev); at += ev->size)
        if (ev->type_id == JFR_TYPE_METADATA) {
            jfr_chunk_note(c, "the header doesn't point to the metadata (found at %" PRIu64 ")",
                           at);
            return true;
        }
    return false;
}

static void meta_parse(struct meta *m)
{
    jfr_in_leb(&m->in); /* start ticks */
    jfr_in_leb(&m->in); /* duration */
    jfr_in_leb(&m->in); /* metadata id */
    strings_index(m);
    element_read(m, 0, false);
    if (m->n_types == 0)
        jfr_in_fail(&m->in, "no types declared");
}

int jfr_metadata_load(struct jfr_chunk *chunk, struct jfr_err *err)
{
    struct jfr_frame_of_event ev;
    if (!metadata_find(chunk, &ev))
        return jfr_err_set(err, -EBADMSG, "the chunk has no metadata event%s",
                           chunk->head.state ? " yet: it was never flushed" : "");
    if (ev.size > JFR_READ_METADATA_MAX)
        return jfr_err_set(err, -EBADMSG, "the metadata event is too big (%" PRIu64 " bytes)",
                           ev.size);
    struct meta m = {.chunk = chunk, .in = ev.in};
    meta_parse(&m);
    int rc = 0;
    if (!m.no_memory && jfr_in_ok(&m.in) && (!fields_attach(&m) || !index_make(chunk)))
        m.no_memory = true;
    if (m.no_memory)
        rc = jfr_err_set(err, -ENOMEM, "out of memory");
    else if (!jfr_in_ok(&m.in))
        rc = jfr_err_set(err, -EBADMSG, "damaged metadata: %s", m.in.error);
    free(m.strings);
    free(m.types);
    free(m.fields);
    free(m.first_field);
    return rc;
}
