/* write_metadata.c — the metadata event out of the schema: a string table and a tree of elements
 * that refer to it by index (FORMAT.md §5). Built once, when a recording is opened. */
#include "jfr/write_internal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    STRINGS_MAX = 4096,
    SLOTS = 2 * STRINGS_MAX, /* of the hash table, a power of two */
    TEXT_MAX = 128 << 10,
    TREE_MAX = 128 << 10,
    NUMBER_MAX = 24,
};

/* About 330 KiB while it exists; what isn't used is never touched. */
struct builder {
    struct jfr_out tree;
    struct jfr_out text; /* the strings as they are written, one behind the other */
    uint32_t n_strings;
    bool overflow;
    uint16_t slots[SLOTS]; /* index + 1 of a string; 0 = free */
    struct {
        uint32_t at; /* in text_bytes; the characters, behind encoding and length */
        uint32_t len;
    } strings[STRINGS_MAX];
    uint8_t tree_bytes[TREE_MAX];
    uint8_t text_bytes[TEXT_MAX];
};

/* --- strings ---------------------------------------------------------------------------------- */

enum { FNV_START = 2166136261u, FNV_PRIME = 16777619u };

static uint32_t hash_bytes(uint32_t hash, const void *bytes, size_t n)
{
    for (const uint8_t *p = bytes; n > 0; n--, p++)
        hash = (hash ^ *p) * FNV_PRIME;
    return hash;
}

/* Index of the string, a new one if need be. */
static uint32_t intern_n(struct builder *b, const char *s, size_t n)
{
    uint32_t slot = hash_bytes(FNV_START, s, n) % SLOTS;
    for (; b->slots[slot] != 0; slot = (slot + 1) % SLOTS) {
        uint32_t i = b->slots[slot] - 1u;
        if (b->strings[i].len == n && memcmp(b->text_bytes + b->strings[i].at, s, n) == 0)
            return i;
    }
    jfr_out_string_n(&b->text, s, n);
    if (b->n_strings == STRINGS_MAX || !jfr_out_ok(&b->text)) {
        b->overflow = true; /* half of the slots are still free: the loop above always ends */
        return 0;
    }
    uint32_t i = b->n_strings++;
    b->slots[slot] = (uint16_t)(i + 1);
    b->strings[i].at = (uint32_t)(jfr_out_len(&b->text) - n);
    b->strings[i].len = (uint32_t)n;
    return i;
}

static uint32_t intern(struct builder *b, const char *s)
{
    return intern_n(b, s, strlen(s));
}

/* --- elements --------------------------------------------------------------------------------- */

/* element := name, number of attributes, (key value)*, number of children, element* — the numbers
 * are written before what they count, so callers count first. */
static void element(struct builder *b, const char *name, uint32_t n_attributes)
{
    jfr_out_leb(&b->tree, intern(b, name));
    jfr_out_leb(&b->tree, n_attributes);
}

static void attribute(struct builder *b, const char *key, const char *value)
{
    jfr_out_leb(&b->tree, intern(b, key));
    jfr_out_leb(&b->tree, intern(b, value));
}

static void attribute_number(struct builder *b, const char *key, int64_t value)
{
    char text[NUMBER_MAX];
    snprintf(text, sizeof text, "%" PRId64, value);
    attribute(b, key, text);
}

static void children(struct builder *b, uint32_t n)
{
    jfr_out_leb(&b->tree, n);
}

/* --- annotations ------------------------------------------------------------------------------ */

/* An annotation with one value, or without (NULL). */
static void annotation(struct builder *b, uint32_t type, const char *value)
{
    element(b, "annotation", value ? 2 : 1);
    attribute_number(b, "class", type);
    if (value)
        attribute(b, "value", value);
    children(b, 0);
}

/* Same, but a missing value means no annotation at all. */
static void annotation_if(struct builder *b, uint32_t type, const char *value)
{
    if (value)
        annotation(b, type, value);
}

/* "Operating System/Processor": one value per level, value-0, value-1, ... */
static void category(struct builder *b, const char *path)
{
    uint32_t n_levels = 1;
    for (const char *p = path; *p; p++)
        n_levels += *p == '/';
    element(b, "annotation", 1 + n_levels);
    attribute_number(b, "class", JFR_ANNOTATION_CATEGORY);
    for (uint32_t i = 0; i < n_levels; i++) {
        char key[NUMBER_MAX];
        size_t n = strcspn(path, "/");
        snprintf(key, sizeof key, "value-%" PRIu32, i);
        jfr_out_leb(&b->tree, intern(b, key));
        jfr_out_leb(&b->tree, intern_n(b, path, n));
        path += n + 1;
    }
    children(b, 0);
}

/* --- classes ---------------------------------------------------------------------------------- */

static uint32_t count_bits(uint32_t bits)
{
    uint32_t n = 0;
    for (; bits; bits &= bits - 1)
        n++;
    return n;
}

static void field(struct builder *b, const struct jfr_schema_field *f)
{
    bool is_pool = f->kind == JFR_KIND_POOL;
    bool is_array = f->kind == JFR_KIND_ARRAY;
    element(b, "field", 2u + is_pool + is_array);
    attribute(b, "name", f->name);
    attribute_number(b, "class", f->type);
    if (is_pool)
        attribute(b, "constantPool", "true");
    if (is_array)
        attribute(b, "dimension", "1");
    children(b, (f->label != NULL) + count_bits(f->units));
    annotation_if(b, JFR_ANNOTATION_LABEL, f->label);
    for (uint32_t bit = 0; bit < JFR_UNIT_COUNT; bit++)
        if (f->units & 1u << bit)
            annotation(b, jfr_schema_units()[bit].annotation, jfr_schema_units()[bit].value);
}

static void type_class(struct builder *b, const struct jfr_schema_type *t)
{
    uint32_t n_fields;
    const struct jfr_schema_field *fields = jfr_schema_fields(t, &n_fields);
    element(b, "class", 2u + t->is_event + t->is_simple);
    attribute_number(b, "id", t->id);
    attribute(b, "name", t->name);
    if (t->is_event)
        attribute(b, "superType", "jdk.jfr.Event");
    if (t->is_simple)
        attribute(b, "simpleType", "true");
    children(b, n_fields + (t->label != NULL) + (t->category != NULL) + (t->description != NULL));
    annotation_if(b, JFR_ANNOTATION_LABEL, t->label);
    annotation_if(b, JFR_ANNOTATION_DESCRIPTION, t->description);
    if (t->category)
        category(b, t->category);
    for (uint32_t i = 0; i < n_fields; i++)
        field(b, &fields[i]);
}

static void annotation_class(struct builder *b, const struct jfr_schema_annotation *a)
{
    element(b, "class", 3);
    attribute_number(b, "id", a->id);
    attribute(b, "name", a->name);
    attribute(b, "superType", "java.lang.annotation.Annotation");
    children(b, 0u + a->has_value + a->is_content_type + (a->label != NULL) +
                    (a->description != NULL));
    if (a->is_content_type)
        annotation(b, JFR_ANNOTATION_CONTENT_TYPE, NULL);
    annotation_if(b, JFR_ANNOTATION_LABEL, a->label);
    annotation_if(b, JFR_ANNOTATION_DESCRIPTION, a->description);
    if (!a->has_value)
        return;
    element(b, "field", 2u + a->is_array);
    attribute(b, "name", "value");
    attribute_number(b, "class", JFR_TYPE_STRING);
    if (a->is_array)
        attribute(b, "dimension", "1");
    children(b, 0);
}

/* --- the event -------------------------------------------------------------------------------- */

static void tree(struct builder *b, const struct jfr_writer_options *options)
{
    size_t n_types, n_annotations;
    const struct jfr_schema_type *types = jfr_schema_types(&n_types);
    const struct jfr_schema_annotation *annotations = jfr_schema_annotations(&n_annotations);
    element(b, "root", 0);
    children(b, 2);
    element(b, "metadata", 0);
    children(b, (uint32_t)(n_types + n_annotations));
    for (size_t i = 0; i < n_types; i++)
        type_class(b, &types[i]);
    for (size_t i = 0; i < n_annotations; i++)
        annotation_class(b, &annotations[i]);
    element(b, "region", 2); /* the JDK's reader fails without it */
    attribute(b, "locale", options->locale ? options->locale : "en_US");
    attribute_number(b, "gmtOffset", options->gmt_offset_ms);
    children(b, 0);
}

/* Readers skip the metadata of a chunk whose metadata id is the previous chunk's: a hash of the
 * content keeps that right even when recordings of different versions are put into one file. */
static uint32_t metadata_id(const struct builder *b)
{
    uint32_t hash = hash_bytes(FNV_START, b->text_bytes, jfr_out_len(&b->text));
    return hash_bytes(hash, b->tree_bytes, jfr_out_len(&b->tree)) & 0x7fffffff;
}

int jfr_metadata_put(struct jfr_out *out, const struct jfr_writer_options *options)
{
    struct builder *b = calloc(1, sizeof *b);
    if (!b)
        return -ENOMEM;
    jfr_out_init(&b->tree, b->tree_bytes, sizeof b->tree_bytes);
    jfr_out_init(&b->text, b->text_bytes, sizeof b->text_bytes);
    tree(b, options);

    struct jfr_event_mark mark = jfr_event_begin(out, JFR_EVENT_METADATA);
    jfr_out_leb(out, options->clock.start_ticks);
    jfr_out_leb(out, 0); /* duration */
    jfr_out_leb(out, metadata_id(b));
    jfr_out_leb(out, b->n_strings);
    jfr_out_bytes(out, b->text_bytes, jfr_out_len(&b->text));
    jfr_out_bytes(out, b->tree_bytes, jfr_out_len(&b->tree));
    bool complete = !b->overflow && jfr_out_ok(&b->tree);
    bool fits = jfr_event_end(out, mark);
    free(b);
    return complete && fits ? 0 : -E2BIG;
}
