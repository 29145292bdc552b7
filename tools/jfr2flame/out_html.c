/* out_html.c — the call tree as one HTML page: page/ with the data filled in.
 *
 * The data (page/model.js has the other side, `decodeProfile`):
 *   names  sorted by bytes; each is two digits of how many bytes it shares with the one before
 * (ASCII bytes only, so that it is also a count of UTF-16 units), then the rest, then a newline
 *   tree   nodes in preorder, children by name. Per node numbers of base-32 digits, lowest first,
 * all but the last with bit 5 set, each digit one character of DIGITS: name                    its
 * place in `names` up << 5 | hidden << 4 | mixed << 3 | kind up: how many levels up from the node
 * before (0 = its child) self if hidden: total of the children left out if mixed: samples that ran
 * interpreted, C1 compiled, inlined A node's total is self + hidden + its children's. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "jfr2flame/out.h"
#include "jfr2flame/page.h"

static const char DIGITS[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

enum { SHARED_MAX = 63 * 64 + 63 };

/* How a node is coloured; the numbers are model.js' KINDS. */
enum page_kind {
    PAGE_OTHER,
    PAGE_JIT,
    PAGE_INLINED,
    PAGE_C1,
    PAGE_INTERPRETED,
    PAGE_NATIVE,
    PAGE_CPP,
    PAGE_KERNEL,
};

/* --- text
 * ------------------------------------------------------------------------------------------ */

/* Inside a JSON string inside a <script>: no quote, no backslash, no markup, no line separators
 * that old JavaScript knew. Bytes above 0x7f are valid UTF-8 by names.h. */
static void json_put(FILE *to, const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)s[i];
        if (c < 0x20 || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' || c == 0x7f)
            fprintf(to, "\\u%04x", c);
        else
            putc(c, to);
    }
}

static void json_field(FILE *to, const char *key, const char *value)
{
    fprintf(to, "\"%s\":\"", key);
    json_put(to, value, strlen(value));
    fputs("\",", to);
}

static void html_put(FILE *to, const char *s)
{
    for (; *s; s++)
        if (strchr("<>&\"'", *s))
            fprintf(to, "&#%d;", *s);
        else
            putc(*s, to);
}

static void number_put(FILE *to, uint64_t v)
{
    for (; v >= 32; v >>= 5)
        putc(DIGITS[32 | (v & 31)], to);
    putc(DIGITS[v], to);
}

/* --- names
 * ------------------------------------------------------------------------------------------ */

static size_t shared_ascii(const char *a, const char *b)
{
    size_t n = 0;
    while (n < SHARED_MAX && a[n] && a[n] == b[n] && (unsigned char)a[n] < 0x80)
        n++;
    return n;
}

static int names_write(FILE *to, const struct names *names, const uint32_t *rank)
{
    uint32_t n = names_count(names);
    uint32_t *by_rank = malloc((n + 1u) * sizeof *by_rank);
    const char *before = "";
    if (!by_rank)
        return -ENOMEM;
    for (uint32_t i = 0; i < n; i++)
        by_rank[rank[i]] = i;
    fputs("\"names\":\"", to);
    for (uint32_t i = 0; i < n; i++) {
        const char *text = names_text(names, by_rank[i]);
        size_t shared = shared_ascii(before, text);
        putc(DIGITS[shared >> 6], to);
        putc(DIGITS[shared & 63], to);
        json_put(to, text + shared, names_len(names, by_rank[i]) - shared);
        fputs("\\n", to);
        before = text;
    }
    fputs("\",\n", to);
    free(by_rank);
    return 0;
}

/* --- tree
 * ------------------------------------------------------------------------------------------- */

struct tree_writer {
    FILE *to;
    const uint32_t *rank;
    uint32_t depth; /* of the node before */
    bool is_first;
};

static enum page_kind java_kind(const struct tree_node *n)
{
    uint64_t jit = n->total - n->interpreted - n->c1 - n->inlined;
    if (jit >= n->interpreted && jit >= n->c1 && jit >= n->inlined)
        return PAGE_JIT;
    if (n->inlined >= n->interpreted && n->inlined >= n->c1)
        return PAGE_INLINED;
    return n->interpreted >= n->c1 ? PAGE_INTERPRETED : PAGE_C1;
}

static enum page_kind page_kind_of(const struct tree_node *n)
{
    switch (n->world) {
    case TREE_JAVA: return java_kind(n);
    case TREE_NATIVE: return PAGE_NATIVE;
    case TREE_CPP: return PAGE_CPP;
    case TREE_KERNEL: return PAGE_KERNEL;
    default: return PAGE_OTHER;
    }
}

/* Did its samples run in more than one way? */
static bool is_mixed(const struct tree_node *n)
{
    uint64_t jit = n->total - n->interpreted - n->c1 - n->inlined;
    int ways = (jit > 0) + (n->interpreted > 0) + (n->c1 > 0) + (n->inlined > 0);
    return n->world == TREE_JAVA && ways > 1;
}

static int tree_visit_write(void *context, const struct tree_visit *v)
{
    struct tree_writer *w = context;
    const struct tree_node *n = v->node;
    uint32_t up = w->is_first ? 0 : w->depth + 1 - v->depth;
    bool mixed = is_mixed(n);
    number_put(w->to, w->rank[n->name]);
    number_put(w->to, (uint64_t)up << 5 | (uint64_t)(v->hidden > 0) << 4 | (uint64_t)mixed << 3 |
                          page_kind_of(n));
    number_put(w->to, n->self);
    if (v->hidden > 0)
        number_put(w->to, v->hidden);
    if (mixed) {
        number_put(w->to, n->interpreted);
        number_put(w->to, n->c1);
        number_put(w->to, n->inlined);
    }
    w->depth = v->depth;
    w->is_first = false;
    return ferror(w->to) ? -EIO : 0;
}

/* --- the page
 * --------------------------------------------------------------------------------------- */

static void facts_write(FILE *to, const struct profile *p, const struct html_options *options)
{
    uint64_t total = tree_at(p->tree, 0)->total;
    fputs("{", to);
    json_field(to, "title", options->title);
    json_field(to, "command", p->command);
    json_field(to, "jvm", p->jvm);
    fprintf(to, "\"unit\":\"samples\",\"startMs\":%" PRId64 ",\"durationMs\":%" PRId64 ",",
            p->start_ns / 1000000, p->end_ns / 1000000 - p->start_ns / 1000000);
    fprintf(to, "\"total\":%" PRIu64 ",\"events\":{", total);
    for (int i = 0, n = 0; i < SAMPLE_SOURCES; i++)
        if (p->count[i] > 0)
            fprintf(to, "%s\"%s\":%" PRIu64, n++ ? "," : "", sample_source_name(i), p->count[i]);
    fputs("},\n", to);
}

static uint64_t min_total_of(const struct profile *p, double min_percent)
{
    double min = (double)tree_at(p->tree, 0)->total * min_percent / 100;
    return min > 1 ? (uint64_t)min + ((double)(uint64_t)min < min) : 0;
}

static int data_write(FILE *to, const struct profile *p, const struct html_options *options)
{
    uint32_t *rank = names_rank(p->names);
    struct tree_writer w = {.to = to, .rank = rank, .is_first = true};
    if (!rank)
        return -ENOMEM;
    facts_write(to, p, options);
    int rc = names_write(to, p->names, rank);
    fputs("\"tree\":\"", to);
    if (rc == 0)
        rc = tree_walk(p->tree, p->names, min_total_of(p, options->min_percent), tree_visit_write,
                       &w);
    fputs("\"}", to);
    free(rank);
    return rc;
}

/* The page's files are put together at places like {{css}}. Its own text has no other "{{". */
static int slot_write(FILE *to, const char *slot, const struct profile *p,
                      const struct html_options *options)
{
    if (!strncmp(slot, "{{title}}", 9))
        html_put(to, options->title);
    else if (!strncmp(slot, "{{css}}", 7))
        fwrite(page_css, 1, page_css_len, to);
    else if (!strncmp(slot, "{{model}}", 9))
        fwrite(model_js, 1, model_js_len, to);
    else if (!strncmp(slot, "{{js}}", 6))
        fwrite(page_js, 1, page_js_len, to);
    else if (!strncmp(slot, "{{data}}", 8))
        return data_write(to, p, options);
    return 0;
}

int out_html(FILE *to, const struct profile *profile, const struct html_options *options)
{
    const char *at = (const char *)page_html, *slot, *end;
    int rc = 0;
    while (rc == 0 && (slot = strstr(at, "{{")) && (end = strstr(slot, "}}"))) {
        fwrite(at, 1, (size_t)(slot - at), to);
        rc = slot_write(to, slot, profile, options);
        at = end + 2;
    }
    fputs(at, to);
    return rc ? rc : ferror(to) ? -EIO : 0;
}
