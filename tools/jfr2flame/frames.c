/* frames.c — methods and threads to text, cached per chunk. */
#include "jfr2flame/frames.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_CACHED_MAX = (1 << 29) - 1 }; /* of a cache key */

void frames_init(struct frames *frames, const struct jfr_chunk *chunk, struct names *names,
                 struct frame_style style)
{
    *frames = (struct frames){
        .chunk = chunk,
        .methods = jfr_chunk_pool(chunk, "jdk.types.Method"),
        .names = names,
        .style = style,
    };
}

void frames_fini(struct frames *frames)
{
    map_fini(&frames->cache);
    map_fini(&frames->threads);
    free(frames->text);
}

/* --- building a text
 * ------------------------------------------------------------------------------ */

static bool text_reserve(struct frames *f, size_t more)
{
    if (f->cap - f->len > more)
        return true;
    size_t cap = (f->len + more + 1) * 2;
    char *bigger = realloc(f->text, cap);
    if (!bigger)
        return false;
    f->text = bigger;
    f->cap = cap;
    return true;
}

static bool text_add(struct frames *f, const char *s)
{
    size_t n = strlen(s);
    if (!text_reserve(f, n))
        return false;
    memcpy(f->text + f->len, s, n + 1);
    f->len += n;
    return true;
}

static bool text_add_str(struct frames *f, const struct jfr_str *s)
{
    size_t n = jfr_str_to_utf8(s, NULL, 0);
    if (n > NAME_MAX_BYTES)
        n = NAME_MAX_BYTES;
    if (!text_reserve(f, n))
        return false;
    jfr_str_to_utf8(s, f->text + f->len, n + 1);
    f->len += n;
    return true;
}

/* Internal form to the form of the source: dots for slashes, except before the address or number of
 * a hidden class (java.lang.invoke.LambdaForm$MH/0x00007f0a), where the JVM itself writes a slash.
 * No part of a package's name starts with a digit. */
static void slashes_to_dots(char *s, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (s[i] == '/' && !(i + 1 < n && s[i + 1] >= '0' && s[i + 1] <= '9'))
            s[i] = '.';
}

/* Is this "class" the library of a native function? No Java class has a dot in its internal name,
 * and only libraries are called libjvm.so, libc.so.6 or [vdso]. */
static bool is_library(const struct jfr_method *m, enum jfr_frame_kind kind)
{
    char name[256], descriptor[8];
    size_t n = jfr_str_to_utf8(&m->class_name, name, sizeof name);
    jfr_str_to_utf8(&m->descriptor, descriptor, sizeof descriptor);
    if (kind == JFR_FRAME_CPP || kind == JFR_FRAME_KERNEL || n == 0)
        return true;
    return kind == JFR_FRAME_NATIVE &&
           (name[0] == '[' || strstr(name, ".so") || !strcmp(descriptor, "()L;"));
}

static const char *kind_suffix(enum jfr_frame_kind kind)
{
    switch (kind) {
    case JFR_FRAME_INTERPRETED: return "_[0]";
    case JFR_FRAME_C1: return "_[1]";
    case JFR_FRAME_JIT: return "_[j]";
    case JFR_FRAME_INLINED: return "_[i]";
    case JFR_FRAME_KERNEL: return "_[k]";
    default: return "";
    }
}

static bool frame_text(struct frames *f, const struct jfr_frame *frame)
{
    struct jfr_method m;
    char line[16];
    f->len = 0;
    if (jfr_method_read(f->chunk, frame->method, &m) != 0)
        return text_add(f, "[unknown method]");
    if (!is_library(&m, frame->kind)) {
        if (!text_add_str(f, &m.class_name) || !text_add(f, "."))
            return false;
        slashes_to_dots(f->text, f->len);
    }
    if (!text_add_str(f, &m.name))
        return false;
    if (f->len == 0 && (!text_add(f, "[unknown] ") || !text_add_str(f, &m.class_name)))
        return false;
    snprintf(line, sizeof line, ":%" PRId32, frame->line);
    if (f->style.with_lines && frame->line > 0 && !text_add(f, line))
        return false;
    return !f->style.with_kinds || text_add(f, kind_suffix(frame->kind));
}

uint32_t frames_name(struct frames *frames, const struct jfr_frame *frame)
{
    bool is_new;
    uint32_t method = jfr_pool_find(frames->methods, frame->method);
    uint64_t line = frames->style.with_lines && frame->line > 0 ? (uint64_t)frame->line : 0;
    if (line > LINE_CACHED_MAX)
        line = LINE_CACHED_MAX;
    uint64_t key = (uint64_t)method << 32 | line << 3 | frame->kind;
    uint32_t *name = map_put(&frames->cache, key, NAME_NONE, &is_new);
    if (!name)
        return NAME_NONE;
    if (*name == NAME_NONE && frame_text(frames, frame))
        *name = names_put(frames->names, frames->text, frames->len);
    return *name;
}

static bool thread_text(struct frames *f, uint64_t thread_id)
{
    struct jfr_thread t;
    char id[32];
    f->len = 0;
    if (jfr_thread_read(f->chunk, thread_id, &t) != 0)
        return text_add(f, "[unknown thread]");
    const struct jfr_str *name =
        t.java_name.encoding == JFR_STRING_NULL ? &t.os_name : &t.java_name;
    int64_t number = t.os_id ? t.os_id : t.java_id;
    snprintf(id, sizeof id, "tid=%" PRId64 "]", number);
    if (!text_add(f, "[") || !text_add_str(f, name))
        return false;
    return (f->len == 1 || text_add(f, " ")) && text_add(f, id);
}

uint32_t frames_thread_name(struct frames *frames, uint64_t thread_id)
{
    bool is_new;
    uint32_t *name = map_put(&frames->threads, thread_id, NAME_NONE, &is_new);
    if (!name)
        return NAME_NONE;
    if (*name == NAME_NONE && thread_text(frames, thread_id))
        *name = names_put(frames->names, frames->text, frames->len);
    return *name;
}
