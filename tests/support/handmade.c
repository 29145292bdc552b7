/* handmade.c — see handmade.h. */
#include "support/handmade.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char g_handmade_types[] = "class 4 boolean\n"
                                "class 5 char\n"
                                "class 6 float\n"
                                "class 7 double\n"
                                "class 8 byte\n"
                                "class 9 short\n"
                                "class 10 int\n"
                                "class 11 long\n"
                                "class 1000 jdk.ExecutionSample event\n" /* before what it uses */
                                "field startTime 11\n"
                                "field sampledThread 22 pool\n"
                                "field stackTrace 30 pool\n"
                                "field state 32 pool\n"
                                "class 1001 jdk.NativeMethodSample event\n"
                                "field startTime 11\n"
                                "field sampledThread 22 pool\n"
                                "field stackTrace 30 pool\n"
                                "field state 32 pool\n"
                                "class 1002 jdk.CPUTimeSample event\n"
                                "field startTime 11\n"
                                "field stackTrace 30 pool\n"
                                "field eventThread 22 pool\n"
                                "field failed 4\n"
                                "class 1003 jdk.JVMInformation event\n"
                                "field startTime 11\n"
                                "field jvmName 20\n"
                                "field jvmVersion 20\n"
                                "field javaArguments 20\n"
                                "class 20 java.lang.String\n"
                                "class 21 java.lang.Class\n"
                                "field name 27 pool\n"
                                "field modifiers 10\n"
                                "class 22 java.lang.Thread\n"
                                "field osName 20\n"
                                "field osThreadId 11\n"
                                "field javaName 20\n"
                                "field javaThreadId 11\n"
                                "class 27 jdk.types.Symbol simple\n"
                                "field string 20\n"
                                "class 28 jdk.types.Method\n"
                                "field type 21 pool\n"
                                "field name 27 pool\n"
                                "field descriptor 27 pool\n"
                                "field modifiers 10\n"
                                "field hidden 4\n"
                                "class 29 jdk.types.StackFrame\n"
                                "field method 28 pool\n"
                                "field lineNumber 10\n"
                                "field bytecodeIndex 10\n"
                                "field type 31 pool\n"
                                "class 30 jdk.types.StackTrace\n"
                                "field truncated 4\n"
                                "field frames 29 array\n"
                                "class 31 jdk.types.FrameType simple\n"
                                "field description 20\n"
                                "class 32 jdk.types.ThreadState simple\n"
                                "field name 20\n";

void handmade_init(struct handmade *h)
{
    *h = (struct handmade){.string_encoding = JFR_STRING_UTF8};
    h->bytes = malloc(HANDMADE_CAP);
    if (!h->bytes)
        abort();
    jfr_out_init(&h->out, h->bytes, HANDMADE_CAP);
}

void handmade_fini(struct handmade *h)
{
    free(h->bytes);
}

void handmade_leb(struct handmade *h, uint64_t v)
{
    jfr_out_leb(&h->out, v);
}

void handmade_leb_padded(struct handmade *h, uint64_t v, int n)
{
    for (int i = 0; i < n - 1; i++, v >>= 7)
        jfr_out_u8(&h->out, (uint8_t)(v | 0x80));
    jfr_out_u8(&h->out, (uint8_t)v);
}

/* --- strings ---------------------------------------------------------------------------------- */

/* Code points of UTF-8 that is known to be valid. */
static uint32_t next_code_point(const char **s)
{
    const unsigned char *p = (const unsigned char *)*s;
    int n = *p < 0x80 ? 1 : *p < 0xe0 ? 2 : *p < 0xf0 ? 3 : 4;
    uint32_t cp = n == 1 ? *p : *p & (0xffu >> (n + 1));
    for (int i = 1; i < n; i++)
        cp = cp << 6 | (p[i] & 0x3f);
    *s += n;
    return cp;
}

static void string_utf16(struct handmade *h, const char *utf8)
{
    uint64_t units = 0;
    for (const char *s = utf8; *s;)
        units += next_code_point(&s) > 0xffff ? 2 : 1;
    handmade_leb(h, units);
    for (const char *s = utf8; *s;) {
        uint32_t cp = next_code_point(&s);
        if (cp > 0xffff) {
            handmade_leb(h, 0xd800 + ((cp - 0x10000) >> 10));
            cp = 0xdc00 + ((cp - 0x10000) & 0x3ff);
        }
        handmade_leb(h, cp);
    }
}

static void string_latin1(struct handmade *h, const char *utf8)
{
    uint64_t n = 0;
    for (const char *s = utf8; *s; n++)
        next_code_point(&s);
    handmade_leb(h, n);
    for (const char *s = utf8; *s;)
        jfr_out_u8(&h->out, (uint8_t)next_code_point(&s));
}

void handmade_string(struct handmade *h, const char *utf8)
{
    jfr_out_u8(&h->out, (uint8_t)h->string_encoding);
    switch (h->string_encoding) {
    case JFR_STRING_UTF8:
        handmade_leb(h, strlen(utf8));
        jfr_out_bytes(&h->out, utf8, strlen(utf8));
        break;
    case JFR_STRING_UTF16: string_utf16(h, utf8); break;
    case JFR_STRING_LATIN1: string_latin1(h, utf8); break;
    default: break; /* null and empty have no more; pool: the caller writes the id */
    }
}

/* --- chunks and events ------------------------------------------------------------------------ */

void handmade_chunk_begin(struct handmade *h)
{
    h->chunk_at = handmade_len(h);
    jfr_out_bytes(&h->out, "FLR\0", 4);
    jfr_out_be16(&h->out, 2);
    jfr_out_be16(&h->out, 1);
    for (int i = 0; i < 3; i++)
        jfr_out_be64(&h->out, 0); /* size, checkpoint, metadata */
    jfr_out_be64(&h->out, 1000000000);
    jfr_out_be64(&h->out, 2000000000);
    jfr_out_be64(&h->out, 5000);
    jfr_out_be64(&h->out, 1000000000);
    jfr_out_be32(&h->out, 1); /* finished, compressed integers */
}

void handmade_chunk_end(struct handmade *h, uint64_t checkpoint_at, uint64_t metadata_at)
{
    struct jfr_out header;
    jfr_out_init(&header, h->bytes + h->chunk_at + 8, 24);
    jfr_out_be64(&header, handmade_at(h));
    jfr_out_be64(&header, checkpoint_at);
    jfr_out_be64(&header, metadata_at);
}

size_t handmade_event_begin(struct handmade *h, uint64_t type)
{
    h->event_at = handmade_len(h);
    for (int i = 0; i < JFR_LEB_MAX; i++) /* room for any size */
        jfr_out_u8(&h->out, 0);
    handmade_leb(h, type);
    return h->event_at - h->chunk_at;
}

size_t handmade_event_end(struct handmade *h)
{
    uint8_t body[1 << 16];
    size_t n = handmade_len(h) - h->event_at - JFR_LEB_MAX;
    if (n > sizeof body || !jfr_out_ok(&h->out))
        abort();
    memcpy(body, h->bytes + h->event_at + JFR_LEB_MAX, n);
    h->out.pos = h->bytes + h->event_at;
    int len = h->pad ? h->pad : n + 1 < 0x80 ? 1 : n + 2 < 0x4000 ? 2 : 3;
    handmade_leb_padded(h, n + (size_t)len, len);
    jfr_out_bytes(&h->out, body, n);
    return h->event_at - h->chunk_at;
}

size_t handmade_checkpoint_begin(struct handmade *h, int64_t delta, uint64_t n_pools)
{
    size_t at = handmade_event_begin(h, 1);
    handmade_leb(h, 5000); /* ticks */
    handmade_leb(h, 0);    /* duration */
    handmade_leb(h, (uint64_t)delta);
    jfr_out_u8(&h->out, 0);
    handmade_leb(h, n_pools);
    return at;
}

void handmade_pool(struct handmade *h, uint64_t type, uint64_t count)
{
    handmade_leb(h, type);
    handmade_leb(h, count);
}

/* --- metadata --------------------------------------------------------------------------------- */

/* Strings are listed as they come, also twice. */
struct strings {
    char text[2048][64];
    uint64_t n;
};

static uint64_t string_add(struct strings *s, const char *text)
{
    snprintf(s->text[s->n], sizeof s->text[s->n], "%s", text);
    return s->n++;
}

static void attribute(struct strings *s, struct jfr_out *body, const char *key, const char *value)
{
    jfr_out_leb(body, string_add(s, key));
    jfr_out_leb(body, string_add(s, value));
}

/* Up to three words of a line behind its first; missing ones are "". */
static void words_of(const char *line, char a[64], char b[64], char c[64])
{
    char copy[256];
    snprintf(copy, sizeof copy, "%.*s", (int)strcspn(line, "\n"), line);
    a[0] = b[0] = c[0] = 0;
    if (sscanf(copy, "%*s %63s %63s %63s", a, b, c) < 2)
        abort();
}

static void element_class(struct strings *s, struct jfr_out *body, const char *line, int n_fields)
{
    char id[64], name[64], kind[64];
    words_of(line, id, name, kind);
    jfr_out_leb(body, string_add(s, "class"));
    jfr_out_leb(body, kind[0] ? 3 : 2);
    attribute(s, body, "id", id);
    attribute(s, body, "name", name);
    if (!strcmp(kind, "event"))
        attribute(s, body, "superType", "jdk.jfr.Event");
    else if (!strcmp(kind, "simple"))
        attribute(s, body, "simpleType", "true");
    jfr_out_leb(body, (uint64_t)n_fields);
}

static void element_field(struct strings *s, struct jfr_out *body, const char *line)
{
    char name[64], type[64], kind[64];
    words_of(line, name, type, kind);
    jfr_out_leb(body, string_add(s, "field"));
    jfr_out_leb(body, kind[0] ? 3 : 2);
    attribute(s, body, "name", name);
    attribute(s, body, "class", type);
    if (!strcmp(kind, "pool"))
        attribute(s, body, "constantPool", "true");
    else if (!strcmp(kind, "array"))
        attribute(s, body, "dimension", "1");
    jfr_out_leb(body, 0); /* children */
}

static const char *next_line(const char *line)
{
    const char *end = strchr(line, '\n');
    return end ? end + 1 : line + strlen(line);
}

static int count_lines(const char *text, const char *start, bool until_other)
{
    int n = 0;
    for (; *text; text = next_line(text)) {
        bool is_it = !strncmp(text, start, strlen(start));
        if (!is_it && until_other)
            break;
        n += is_it;
    }
    return n;
}

size_t handmade_metadata(struct handmade *h, const char *description)
{
    uint8_t bytes[1 << 15];
    struct jfr_out body;
    struct strings *s = calloc(1, sizeof *s);
    if (!s)
        abort();
    jfr_out_init(&body, bytes, sizeof bytes);
    jfr_out_leb(&body, string_add(s, "root"));
    jfr_out_leb(&body, 0);
    jfr_out_leb(&body, 2);
    jfr_out_leb(&body, string_add(s, "metadata"));
    jfr_out_leb(&body, 0);
    jfr_out_leb(&body, (uint64_t)count_lines(description, "class ", false));
    for (const char *line = description; *line; line = next_line(line))
        if (!strncmp(line, "class ", 6))
            element_class(s, &body, line, count_lines(next_line(line), "field ", true));
        else
            element_field(s, &body, line);
    jfr_out_leb(&body, string_add(s, "region"));
    jfr_out_leb(&body, 1);
    attribute(s, &body, "locale", "en_US");
    jfr_out_leb(&body, 0);

    size_t at = handmade_event_begin(h, 0);
    handmade_leb(h, 5000);
    handmade_leb(h, 0);
    handmade_leb(h, 1);
    handmade_leb(h, s->n);
    for (uint64_t i = 0; i < s->n; i++)
        handmade_string(h, s->text[i]);
    jfr_out_bytes(&h->out, bytes, jfr_out_len(&body));
    handmade_event_end(h);
    free(s);
    return at;
}

/* --- a profile -------------------------------------------------------------------------------- */

static void symbols_write(struct handmade *h, const char *const symbols[], uint64_t n)
{
    handmade_pool(h, HM_SYMBOL, n);
    for (uint64_t i = 0; i < n; i++) {
        handmade_leb(h, i + 1);
        handmade_string(h, symbols[i]);
    }
}

static void lebs_write(struct handmade *h, const uint64_t values[], size_t n)
{
    for (size_t i = 0; i < n; i++)
        handmade_leb(h, values[i]);
}
#define LEBS(...) \
    lebs_write(h, (uint64_t[]){__VA_ARGS__}, sizeof((uint64_t[]){__VA_ARGS__}) / sizeof(uint64_t))

static void threads_write(struct handmade *h)
{
    static const char *const names[] = {"main", "evil <b> & co"};
    handmade_pool(h, HM_THREAD, 2);
    for (uint64_t i = 0; i < 2; i++) {
        handmade_leb(h, i + 1);
        handmade_string(h, names[i]);
        handmade_leb(h, 7 + i);
        handmade_string(h, names[i]);
        handmade_leb(h, 1 + i);
    }
}

static void methods_write(struct handmade *h)
{
    handmade_pool(h, HM_CLASS, 3);
    LEBS(1, 1, 1); /* id, name, modifiers */
    LEBS(2, 5, 0);
    LEBS(3, 7, 0);
    handmade_pool(h, HM_METHOD, 4);
    LEBS(1, 1, 2, 4, 1, 0); /* id, class, name, descriptor, modifiers, hidden */
    LEBS(2, 1, 3, 4, 1, 0);
    LEBS(3, 2, 6, 4, 0, 0);
    LEBS(4, 3, 2, 4, 0, 1);
}

static void stacks_write(struct handmade *h)
{
    static const char *const kinds[] = {"Interpreted", "JIT compiled", "Inlined", "Native"};
    handmade_pool(h, HM_FRAME_TYPE, 4);
    for (uint64_t i = 0; i < 4; i++) {
        handmade_leb(h, i);
        handmade_string(h, kinds[i]);
    }
    handmade_pool(h, HM_STACK, 5);
    LEBS(1, 0, 1); /* id, truncated, frames; per frame: method, line, bci, type */
    LEBS(1, 10, 5, 0);
    LEBS(2, 0, 2);
    LEBS(2, 20, 6, 2);
    LEBS(1, 11, 7, 1);
    LEBS(3, 0, 3);
    LEBS(3, 0xffffffff, 0, 3);
    LEBS(2, 21, 8, 1);
    LEBS(1, 11, 7, 1);
    LEBS(4, 0, 0);
    LEBS(5, 1, 3);
    LEBS(4, 0, 0, 1);
    LEBS(2, 22, 9, 1);
    LEBS(1, 11, 7, 1);
}

static void samples_write(struct handmade *h, uint64_t type, uint64_t thread, uint64_t stack, int n)
{
    for (int i = 0; i < n; i++) {
        handmade_event_begin(h, type);
        LEBS(6000, thread, stack, 1);
        handmade_event_end(h);
    }
}

void handmade_profile(struct handmade *h)
{
    static const char *const symbols[] = {
        "app/Main", "run", "sort", "()V", "libc.so.6", "write", "app/Main$$Lambda/0x00007f01"};
    handmade_chunk_begin(h);
    samples_write(h, HM_EXECUTION, 1, 1, 1);
    samples_write(h, HM_EXECUTION, 1, 2, 3);
    size_t metadata = handmade_metadata(h, g_handmade_types);
    samples_write(h, HM_NATIVE, 2, 3, 2);
    samples_write(h, HM_EXECUTION, 2, 5, 1);
    samples_write(h, HM_EXECUTION, 1, 0, 1);
    size_t first = handmade_checkpoint_begin(h, 0, 3);
    stacks_write(h); /* two pools; refers to what comes later */
    threads_write(h);
    handmade_event_end(h);
    size_t last = handmade_at(h);
    handmade_checkpoint_begin(h, (int64_t)first - (int64_t)last, 3);
    symbols_write(h, symbols, 7);
    methods_write(h);
    handmade_event_end(h);
    handmade_chunk_end(h, last, metadata);
}
