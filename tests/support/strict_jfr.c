/* strict_jfr.c — see strict_jfr.h. */
#include "support/strict_jfr.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    HEADER = 68,
    MAX_STRINGS = 4096,
    MAX_TYPES = 512,
    MAX_FIELDS = 64,
    MAX_ATTRIBUTES = 8,
    MAX_NAME = 128,
    MAX_DEPTH = 8,
    FLAG_COMPRESSED = 1,
};

struct field {
    char name[MAX_NAME];
    uint64_t type;
    bool is_pool;
    bool is_array;
};

struct type {
    char name[MAX_NAME];
    uint64_t id;
    bool is_event;
    uint32_t n_fields;
    struct field fields[MAX_FIELDS];
};

struct constant {
    uint64_t type;
    uint64_t id;
};

struct strict {
    const uint8_t *bytes;
    uint64_t size;
    struct strict_summary *sum;
    strict_visit visit;
    void *arg;
    char strings[MAX_STRINGS][MAX_NAME];
    uint64_t n_strings;
    struct type types[MAX_TYPES];
    uint32_t n_types;
    bool has_region;
    struct constant *constants; /* seen in the chain */
    size_t n_constants;
    size_t cap_constants;
    int64_t last_start_ns;
    bool is_any;     /* not only what our writer does */
    bool looking_up; /* second pass: constants are complete, references can be checked */
    char error[256];
};

__attribute__((format(printf, 2, 3))) static bool bad(struct strict *s, const char *format, ...)
{
    va_list args;
    if (s->error[0])
        return false;
    va_start(args, format);
    vsnprintf(s->error, sizeof s->error, format, args);
    va_end(args);
    return false;
}

/* --- metadata --------------------------------------------------------------------------------- */

struct attributes {
    uint32_t n;
    const char *key[MAX_ATTRIBUTES];
    const char *value[MAX_ATTRIBUTES];
};

static const char *attribute(const struct attributes *a, const char *key)
{
    for (uint32_t i = 0; i < a->n; i++)
        if (strcmp(a->key[i], key) == 0)
            return a->value[i];
    return NULL;
}

static const char *string_at(struct strict *s, struct jfr_in *in)
{
    uint64_t i = jfr_in_leb(in);
    if (i < s->n_strings)
        return s->strings[i];
    bad(s, "metadata: string %" PRIu64 " of %" PRIu64, i, s->n_strings);
    return "";
}

static void keep_class(struct strict *s, const struct attributes *a)
{
    const char *id = attribute(a, "id"), *name = attribute(a, "name");
    const char *super = attribute(a, "superType");
    if (!id || !name || s->n_types == MAX_TYPES) {
        bad(s, "metadata: class without id or name, or too many");
        return;
    }
    struct type *t = &s->types[s->n_types++];
    *t = (struct type){.id = strtoull(id, NULL, 10),
                       .is_event = super && strcmp(super, "jdk.jfr.Event") == 0};
    snprintf(t->name, sizeof t->name, "%s", name);
    for (uint32_t i = 0; i + 1 < s->n_types; i++)
        if (s->types[i].id == t->id || strcmp(s->types[i].name, name) == 0)
            bad(s, "metadata: %s declared twice, or its id %s", name, id);
}

static void keep_field(struct strict *s, const struct attributes *a)
{
    const char *name = attribute(a, "name"), *class = attribute(a, "class");
    struct type *t = s->n_types ? &s->types[s->n_types - 1] : NULL;
    if (!name || !class || !t || t->n_fields == MAX_FIELDS) {
        bad(s, "metadata: field without name, class or owner, or too many");
        return;
    }
    struct field *f = &t->fields[t->n_fields++];
    *f = (struct field){.type = strtoull(class, NULL, 10),
                        .is_pool = attribute(a, "constantPool") != NULL,
                        .is_array = attribute(a, "dimension") != NULL};
    snprintf(f->name, sizeof f->name, "%s", name);
}

static bool element(struct strict *s, struct jfr_in *in, int depth)
{
    static const char *const names[] = {"root",       "metadata", "class", "field",
                                        "annotation", "setting",  "region"};
    struct attributes a = {0};
    const char *name = string_at(s, in);
    uint64_t n = jfr_in_leb(in);
    bool known = false;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        known |= strcmp(names[i], name) == 0;
    if (!known || n > MAX_ATTRIBUTES || depth > MAX_DEPTH)
        return bad(s, "metadata: element \"%s\" with %" PRIu64 " attributes, depth %d", name, n,
                   depth);
    for (; a.n < n; a.n++) {
        a.key[a.n] = string_at(s, in);
        a.value[a.n] = string_at(s, in);
    }
    if (strcmp(name, "class") == 0)
        keep_class(s, &a);
    else if (strcmp(name, "field") == 0)
        keep_field(s, &a);
    else if (strcmp(name, "region") == 0)
        s->has_region = attribute(&a, "locale") && attribute(&a, "gmtOffset");
    for (n = jfr_in_leb(in); n > 0 && jfr_in_ok(in) && !s->error[0]; n--)
        element(s, in, depth + 1);
    return !s->error[0];
}

static const struct type *type_of(const struct strict *s, uint64_t id)
{
    for (uint32_t i = 0; i < s->n_types; i++)
        if (s->types[i].id == id)
            return &s->types[i];
    return NULL;
}

/* What readers need of the types themselves. */
static bool check_types(struct strict *s)
{
    for (uint32_t t = 0; t < s->n_types; t++) {
        const struct type *type = &s->types[t];
        for (uint32_t i = 0; i < type->n_fields; i++) {
            if (!type_of(s, type->fields[i].type))
                return bad(s, "%s.%s: undeclared class", type->name, type->fields[i].name);
            if (type->is_event && i != 1 && strcmp(type->fields[i].name, "duration") == 0)
                return bad(s, "%s: duration is field %" PRIu32, type->name, i);
        }
        if (type->is_event && (!type->n_fields || strcmp(type->fields[0].name, "startTime") != 0))
            return bad(s, "%s: startTime is not the first field", type->name);
    }
    return true;
}

static bool metadata(struct strict *s, const uint8_t *event, uint64_t size)
{
    struct jfr_in in;
    jfr_in_init(&in, event, size);
    jfr_in_leb(&in); /* size */
    if (jfr_in_leb(&in) != 0)
        return bad(s, "no metadata event at the header's metadata offset");
    for (int i = 0; i < 3; i++) /* start, duration, metadata id */
        jfr_in_leb(&in);
    s->n_strings = jfr_in_leb(&in);
    if (s->n_strings > MAX_STRINGS)
        return bad(s, "metadata: %" PRIu64 " strings", s->n_strings);
    for (uint64_t i = 0; i < s->n_strings; i++) {
        struct jfr_str str = jfr_in_string(&in);
        if ((str.encoding != JFR_STRING_UTF8 && !s->is_any) ||
            jfr_str_to_utf8(&str, s->strings[i], MAX_NAME) >= MAX_NAME)
            return bad(s, "metadata: string %" PRIu64 " has encoding %d or is long", i,
                       str.encoding);
    }
    element(s, &in, 0);
    if (!jfr_in_ok(&in) || jfr_in_left(&in) != 0)
        return bad(s, "metadata doesn't end where its event does");
    if (!s->has_region)
        return bad(s, "metadata without region");
    return !s->error[0] && check_types(s);
}

/* --- values ----------------------------------------------------------------------------------- */

static bool has_constant(const struct strict *s, uint64_t type, uint64_t id)
{
    for (size_t i = 0; i < s->n_constants; i++)
        if (s->constants[i].type == type && s->constants[i].id == id)
            return true;
    return false;
}

static void reference(struct strict *s, uint64_t type, uint64_t id)
{
    if (s->looking_up && id != 0 && !has_constant(s, type, id))
        s->sum->n_dangling++;
}

struct owner {
    const char *name;
    uint64_t id;
};

static bool fields(struct strict *s, struct jfr_in *in, const struct type *t, struct owner owner,
                   int depth);

/* A primitive, string or inline struct. */
static bool plain(struct strict *s, struct jfr_in *in, const struct type *t, struct strict_value *v,
                  int depth)
{
    v->kind = 'i';
    if (strcmp(t->name, "boolean") == 0 || strcmp(t->name, "byte") == 0) {
        v->i = (int8_t)jfr_in_u8(in);
    } else if (strcmp(t->name, "int") == 0) {
        v->i = (int32_t)jfr_in_leb(in);
    } else if (strcmp(t->name, "short") == 0) {
        v->i = (int16_t)jfr_in_leb(in);
    } else if (strcmp(t->name, "long") == 0 || strcmp(t->name, "char") == 0) {
        v->i = (int64_t)jfr_in_leb(in);
    } else if (strcmp(t->name, "float") == 0 || strcmp(t->name, "double") == 0) {
        v->kind = 'd';
        v->d = t->name[0] == 'f' ? (double)jfr_in_float(in) : jfr_in_double(in);
    } else if (strcmp(t->name, "java.lang.String") == 0) {
        v->kind = 's';
        v->s = jfr_in_string(in);
        if (!s->is_any && v->s.encoding != JFR_STRING_UTF8 && v->s.encoding != JFR_STRING_NULL)
            return bad(s, "%s.%s: string encoding %d", v->owner, v->field, v->s.encoding);
    } else {
        return fields(s, in, t, (struct owner){v->owner, v->id}, depth + 1);
    }
    if (s->visit && s->looking_up)
        s->visit(s->arg, v);
    return true;
}

static bool field(struct strict *s, struct jfr_in *in, const struct field *f, struct owner owner,
                  int depth)
{
    struct strict_value v = {.owner = owner.name, .id = owner.id, .field = f->name, .kind = 'i'};
    uint64_t n = f->is_array ? jfr_in_leb(in) : 1;
    for (; n > 0 && jfr_in_ok(in) && !s->error[0]; n--) {
        if (!f->is_pool) {
            plain(s, in, type_of(s, f->type), &v, depth);
            continue;
        }
        v.i = (int64_t)jfr_in_leb(in);
        reference(s, f->type, (uint64_t)v.i);
        if (s->visit && s->looking_up)
            s->visit(s->arg, &v);
    }
    return jfr_in_ok(in) && !s->error[0];
}

static bool fields(struct strict *s, struct jfr_in *in, const struct type *t, struct owner owner,
                   int depth)
{
    if (depth > MAX_DEPTH)
        return bad(s, "%s: structs too deep", owner.name);
    for (uint32_t i = 0; i < t->n_fields; i++)
        if (!field(s, in, &t->fields[i], owner, depth))
            return bad(s, "%s.%s can't be decoded", owner.name, t->fields[i].name);
    return true;
}

/* --- checkpoints ------------------------------------------------------------------------------ */

static bool keep_constant(struct strict *s, uint64_t type, uint64_t id)
{
    if (!s->is_any && has_constant(s, type, id))
        return bad(s, "constant %" PRIu64 " of type %" PRIu64 " written twice", id, type);
    if (s->n_constants == s->cap_constants) {
        size_t cap = s->cap_constants ? s->cap_constants * 2 : 64;
        struct constant *grown = realloc(s->constants, cap * sizeof *grown);
        if (!grown)
            return bad(s, "out of memory");
        s->constants = grown;
        s->cap_constants = cap;
    }
    s->constants[s->n_constants++] = (struct constant){type, id};
    return true;
}

static bool pool(struct strict *s, struct jfr_in *in)
{
    uint64_t id = jfr_in_leb(in), n = jfr_in_leb(in);
    const struct type *t = type_of(s, id);
    if (!t || t->is_event)
        return bad(s, "pool of type %" PRIu64 ": not declared, or an event", id);
    if (n == 0)
        return bad(s, "empty pool of %s", t->name);
    for (; n > 0 && !s->error[0]; n--) {
        uint64_t constant = jfr_in_leb(in);
        if (constant > INT32_MAX && !s->is_any)
            return bad(s, "%s: id %" PRIu64 " exceeds 31 bits", t->name, constant);
        if (!s->looking_up)
            keep_constant(s, id, constant);
        fields(s, in, t, (struct owner){t->name, constant}, 0);
    }
    return !s->error[0];
}

/* Decode one checkpoint and give its delta. */
static bool checkpoint(struct strict *s, uint64_t at, int64_t *delta)
{
    struct jfr_in in;
    jfr_in_init(&in, s->bytes + at, s->size - at);
    uint64_t size = jfr_in_leb(&in);
    if (!jfr_in_ok(&in) || size > s->size - at || size < jfr_in_at(&in))
        return bad(s, "checkpoint at %" PRIu64 ": size %" PRIu64, at, size);
    in.end = in.begin + size;
    if (jfr_in_leb(&in) != 1)
        return bad(s, "no checkpoint event at %" PRIu64 ", where the chain says so", at);
    jfr_in_leb(&in); /* start */
    jfr_in_leb(&in); /* duration */
    *delta = (int64_t)jfr_in_leb(&in);
    if (jfr_in_u8(&in) != 1 && !s->is_any)
        return bad(s, "checkpoint at %" PRIu64 ": flags", at);
    for (uint64_t n = jfr_in_leb(&in); n > 0 && !s->error[0]; n--)
        pool(s, &in);
    if (!s->error[0] && (!jfr_in_ok(&in) || jfr_in_left(&in) != 0))
        bad(s, "checkpoint at %" PRIu64 " doesn't end where its event does", at);
    return !s->error[0];
}

static bool chain(struct strict *s, uint64_t at)
{
    int64_t delta = -1;
    for (; delta != 0; at += (uint64_t)delta) {
        if (at < HEADER || at >= s->size)
            return bad(s, "checkpoint at %" PRIu64 ", outside the chunk", at);
        if (!checkpoint(s, at, &delta))
            return false;
        if (delta > 0)
            return bad(s, "the chain of checkpoints goes forward at %" PRIu64, at);
        s->sum->n_checkpoints += s->looking_up;
    }
    return true;
}

/* --- events ----------------------------------------------------------------------------------- */

static bool event(struct strict *s, struct jfr_in *in)
{
    uint64_t type = jfr_in_leb(in);
    const struct type *t = type_of(s, type);
    if (!t || !t->is_event)
        return bad(s, "event of type %" PRIu64 ", which isn't declared as one", type);
    bool is_edge = strcmp(t->name, "profiler.ChunkEdge") == 0; /* 70 bytes, whatever it declares */
    s->sum->n_edges += is_edge;
    fields(s, in, t, (struct owner){t->name, s->sum->n_events++}, 0);
    if (!s->error[0] && !is_edge && (!jfr_in_ok(in) || jfr_in_left(in) != 0))
        return bad(s, "%s doesn't end where its fields do", t->name);
    return !s->error[0];
}

/* All events from the header to the end; chain_at has to be one of them, or lie in the last. */
static bool tiles(struct strict *s, uint64_t chain_at)
{
    bool is_chain_found = false;
    uint64_t at = HEADER;
    uint64_t type = 2, size = 0;
    for (; at < s->size; at += size) {
        struct jfr_in in;
        jfr_in_init(&in, s->bytes + at, s->size - at);
        size = jfr_in_leb(&in);
        uint64_t body = jfr_in_at(&in);
        type = jfr_in_leb(&in);
        if (!jfr_in_ok(&in) || size < jfr_in_at(&in) || size > s->size - at)
            return bad(s, "event at %" PRIu64 ": size %" PRIu64 ", %" PRIu64 " bytes left", at,
                       size, s->size - at);
        in.end = in.begin + size;
        in.pos = in.begin + body;
        is_chain_found |= at == chain_at || (at < chain_at && at + size == s->size);
        if (type > 1 && !event(s, &in))
            return false;
    }
    if (type > 1 || size < HEADER)
        return bad(s, "the last event, of type %" PRIu64 ", has only %" PRIu64 " bytes", type,
                   size);
    return is_chain_found ||
           bad(s, "the chain starts at %" PRIu64 ", in the middle of an event", chain_at);
}

/* --- all of it -------------------------------------------------------------------------------- */

/* The header at s->bytes, of a chunk in s->size bytes; s->size becomes the chunk's. */
static bool header(struct strict *s, uint64_t *checkpoint_at, uint64_t *metadata_at)
{
    struct jfr_in in;
    jfr_in_init(&in, s->bytes, s->size);
    if (s->size < HEADER || memcmp(s->bytes, "FLR\0\0\2", 6) != 0)
        return bad(s, "%" PRIu64 " bytes, no header of version 2", s->size);
    jfr_in_skip(&in, 8);
    uint64_t size = jfr_in_be64(&in);
    *checkpoint_at = jfr_in_be64(&in);
    *metadata_at = jfr_in_be64(&in);
    int64_t start_ns = (int64_t)jfr_in_be64(&in);
    s->sum->duration_ns = jfr_in_be64(&in);
    s->sum->flags = s->bytes[67];
    jfr_in_skip(&in, 8);
    if (size > s->size || size < HEADER)
        return bad(s, "chunk size %" PRIu64 " of %" PRIu64 " bytes", size, s->size);
    s->size = size;
    if (jfr_in_be64(&in) == 0)
        return bad(s, "no ticks per second");
    if (s->bytes[64] != 0 || !(s->bytes[67] & FLAG_COMPRESSED))
        return bad(s, "state %d, flags %d", s->bytes[64], s->bytes[67]);
    if (start_ns <= s->last_start_ns)
        return bad(s, "starts at %" PRId64 ", not later than the chunk before", start_ns);
    s->last_start_ns = start_ns;
    return true;
}

static bool chunk(struct strict *s)
{
    uint64_t checkpoint_at = 0, metadata_at = 0;
    if (!header(s, &checkpoint_at, &metadata_at))
        return false;
    if (metadata_at < HEADER || metadata_at >= s->size)
        return bad(s, "metadata at %" PRIu64, metadata_at);
    struct jfr_in in;
    jfr_in_init(&in, s->bytes + metadata_at, s->size - metadata_at);
    uint64_t metadata_size = jfr_in_leb(&in);
    if (metadata_size > s->size - metadata_at)
        return bad(s, "metadata event of %" PRIu64 " bytes", metadata_size);
    s->n_strings = s->n_types = s->has_region = s->looking_up = false;
    s->n_constants = 0;
    if (!metadata(s, s->bytes + metadata_at, metadata_size) || !chain(s, checkpoint_at))
        return false;
    s->sum->n_constants += (uint32_t)s->n_constants;
    s->looking_up = true;
    return chain(s, checkpoint_at) && tiles(s, checkpoint_at);
}

static const char *check(const uint8_t *bytes, size_t len_bytes, struct strict *s)
{
    static char error[300];
    size_t at = 0;
    if (!s)
        return "out of memory";
    s->last_start_ns = INT64_MIN;
    *s->sum = (struct strict_summary){0};
    do {
        s->bytes = bytes + at;
        s->size = len_bytes - at;
        s->sum->n_chunks++;
        if (!chunk(s))
            break;
        at += s->size;
    } while (at < len_bytes);
    bool ok = !s->error[0];
    snprintf(error, sizeof error, "chunk %u at %zu: %s", s->sum->n_chunks, at, s->error);
    free(s->constants);
    free(s);
    return ok ? NULL : error;
}

const char *strict_check(const uint8_t *bytes, size_t len_bytes, struct strict_summary *summary,
                         strict_visit visit, void *arg)
{
    struct strict_summary unused;
    struct strict *s = calloc(1, sizeof *s);
    if (s) {
        s->sum = summary ? summary : &unused;
        s->visit = visit;
        s->arg = arg;
    }
    return check(bytes, len_bytes, s);
}

const char *strict_check_any(const uint8_t *bytes, size_t len_bytes, struct strict_summary *summary)
{
    struct strict *s = calloc(1, sizeof *s);
    if (s) {
        s->sum = summary;
        s->is_any = true;
    }
    return check(bytes, len_bytes, s);
}
