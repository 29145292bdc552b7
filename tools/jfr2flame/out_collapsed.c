/* out_collapsed.c — the call tree as collapsed stacks, the format of flame graph tools. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "jfr2flame/out.h"

struct collapser {
    FILE *to;
    const struct names *names;
    char *line; /* the frames down to the current depth */
    size_t cap;
    size_t *len_at; /* per depth: length of the line with that frame */
    size_t cap_depth;
};

static bool line_reserve(struct collapser *c, size_t len, size_t depth)
{
    if (len > c->cap) {
        char *bigger = realloc(c->line, len * 2);
        if (!bigger)
            return false;
        c->line = bigger;
        c->cap = len * 2;
    }
    if (depth >= c->cap_depth) {
        size_t *bigger = realloc(c->len_at, (depth + 64) * 2 * sizeof *bigger);
        if (!bigger)
            return false;
        c->len_at = bigger;
        c->cap_depth = (depth + 64) * 2;
    }
    return true;
}

static int collapse_visit(void *context, const struct tree_visit *v)
{
    struct collapser *c = context;
    if (v->depth == 0) { /* the root has no name here */
        if (!line_reserve(c, 1, 0))
            return -ENOMEM;
        c->len_at[0] = 0;
        if (v->node->self > 0)
            fprintf(c->to, "[no stack] %" PRIu64 "\n", v->node->self);
        return ferror(c->to) ? -EIO : 0;
    }
    size_t n = names_len(c->names, v->node->name), at = c->len_at[v->depth - 1];
    if (!line_reserve(c, at + n + 1, v->depth))
        return -ENOMEM;
    if (at > 0)
        c->line[at++] = ';';
    memcpy(c->line + at, names_text(c->names, v->node->name), n);
    for (char *p = c->line + at; (p = memchr(p, ';', (size_t)(c->line + at + n - p)));)
        *p = ',';
    c->len_at[v->depth] = at + n;
    if (v->node->self > 0) {
        fwrite(c->line, 1, at + n, c->to);
        fprintf(c->to, " %" PRIu64 "\n", v->node->self);
    }
    return ferror(c->to) ? -EIO : 0;
}

int out_collapsed(FILE *to, const struct profile *profile)
{
    struct collapser c = {.to = to, .names = profile->names};
    int rc = tree_walk(profile->tree, profile->names, 0, collapse_visit, &c);
    free(c.line);
    free(c.len_at);
    return rc;
}
