/* tree.c — the call tree. Children are found by one hash map for all nodes; orders are made for a
 * walk. */
#include "jfr2flame/tree.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "jfr2flame/map.h"

struct tree {
    struct tree_node *nodes;
    uint32_t n, cap;
    struct map children; /* parent, name, world -> node */
};

static enum tree_world world_of(enum jfr_frame_kind kind)
{
    switch (kind) {
    case JFR_FRAME_INTERPRETED:
    case JFR_FRAME_C1:
    case JFR_FRAME_JIT:
    case JFR_FRAME_INLINED: return TREE_JAVA;
    case JFR_FRAME_NATIVE: return TREE_NATIVE;
    case JFR_FRAME_CPP: return TREE_CPP;
    case JFR_FRAME_KERNEL: return TREE_KERNEL;
    default: return TREE_OTHER;
    }
}

static bool node_append(struct tree *t, struct tree_node node)
{
    if (t->n == t->cap) {
        if (t->cap > UINT32_MAX / 4)
            return false;
        uint32_t cap = t->cap ? t->cap * 2 : 4096;
        struct tree_node *bigger = realloc(t->nodes, cap * sizeof *bigger);
        if (!bigger)
            return false;
        t->nodes = bigger;
        t->cap = cap;
    }
    t->nodes[t->n++] = node;
    return true;
}

struct tree *tree_new(uint32_t root_name)
{
    struct tree *t = calloc(1, sizeof *t);
    if (t && !node_append(t, (struct tree_node){.name = root_name})) {
        free(t);
        t = NULL;
    }
    return t;
}

void tree_free(struct tree *tree)
{
    if (!tree)
        return;
    map_fini(&tree->children);
    free(tree->nodes);
    free(tree);
}

/* Index of the child, made if needed; 0 (the root is nobody's child): out of memory. */
static uint32_t child_of(struct tree *t, uint32_t parent, uint32_t name, enum tree_world world)
{
    bool is_new;
    uint64_t key = (uint64_t)parent << 32 | (uint64_t)name << 3 | world;
    uint32_t *slot = map_put(&t->children, key, t->n, &is_new);
    if (!slot)
        return 0;
    uint32_t child = *slot;
    if (is_new && !node_append(t, (struct tree_node){
                                      .name = name, .parent = parent, .world = (uint8_t)world}))
        return 0;
    return child < t->n ? child : 0; /* a child promised when memory ran out */
}

int tree_add(struct tree *tree, const struct tree_frame frames[], size_t n, uint64_t value)
{
    uint32_t at = 0;
    tree->nodes[0].total += value;
    for (size_t i = n; i-- > 0;) {
        at = child_of(tree, at, frames[i].name, world_of(frames[i].kind));
        if (at == 0)
            return -ENOMEM;
        struct tree_node *node = &tree->nodes[at];
        node->total += value;
        if (frames[i].kind == JFR_FRAME_INTERPRETED)
            node->interpreted += value;
        else if (frames[i].kind == JFR_FRAME_C1)
            node->c1 += value;
        else if (frames[i].kind == JFR_FRAME_INLINED)
            node->inlined += value;
    }
    tree->nodes[at].self += value;
    return 0;
}

size_t tree_count(const struct tree *tree)
{
    return tree->n;
}
const struct tree_node *tree_at(const struct tree *tree, size_t i)
{
    return &tree->nodes[i];
}

/* --- walking
 * -------------------------------------------------------------------------------------- */

/* For each node its children, by name: children[first[i] .. first[i + 1]). */
struct order {
    uint32_t *first;
    uint32_t *children;
};

static void order_fini(struct order *o)
{
    free(o->first);
    free(o->children);
}

/* Node indexes by the rank of their names, worlds in order within a name: a counting sort. */
static uint32_t *nodes_by_name(const struct tree *t, const uint32_t *rank, uint32_t n_names)
{
    size_t n_keys = ((size_t)n_names << 3) + 1;
    uint32_t *start = calloc(n_keys + 1, sizeof *start);
    uint32_t *sorted = malloc(t->n * sizeof *sorted);
    if (start && sorted) {
        for (uint32_t i = 0; i < t->n; i++)
            start[((size_t)rank[t->nodes[i].name] << 3 | t->nodes[i].world) + 1]++;
        for (size_t k = 0; k < n_keys; k++)
            start[k + 1] += start[k];
        for (uint32_t i = 0; i < t->n; i++)
            sorted[start[(size_t)rank[t->nodes[i].name] << 3 | t->nodes[i].world]++] = i;
    } else {
        free(sorted);
        sorted = NULL;
    }
    free(start);
    return sorted;
}

static int order_init(struct order *o, const struct tree *t, const struct names *names)
{
    uint32_t *rank = names_rank(names);
    uint32_t *sorted = rank ? nodes_by_name(t, rank, names_count(names)) : NULL;
    uint32_t *fill = malloc((t->n + 1u) * sizeof *fill);
    o->first = calloc(t->n + 2u, sizeof *o->first);
    o->children = malloc((t->n + 1u) * sizeof *o->children);
    bool ok = sorted && fill && o->first && o->children;
    if (ok) {
        for (uint32_t i = 1; i < t->n; i++)
            o->first[t->nodes[i].parent + 1]++;
        for (uint32_t i = 0; i < t->n; i++)
            o->first[i + 1] += o->first[i];
        memcpy(fill, o->first, t->n * sizeof *fill);
        for (uint32_t i = 0; i < t->n; i++)
            if (sorted[i] != 0)
                o->children[fill[t->nodes[sorted[i]].parent]++] = sorted[i];
    }
    free(rank);
    free(sorted);
    free(fill);
    return ok ? 0 : -ENOMEM;
}

static uint64_t hidden_below(const struct tree *t, const struct order *o, uint32_t i,
                             uint64_t min_total)
{
    uint64_t hidden = 0;
    for (uint32_t c = o->first[i]; c < o->first[i + 1]; c++)
        if (t->nodes[o->children[c]].total < min_total)
            hidden += t->nodes[o->children[c]].total;
    return hidden;
}

/* Where the walk stands at one depth: the next child to visit, and where they end. */
struct level {
    uint32_t next, end;
};

struct walker {
    const struct tree *tree;
    struct order order;
    struct level *levels; /* per depth */
    uint32_t depth, cap;
};

static bool level_enter(struct walker *w, uint32_t node)
{
    if (w->depth == w->cap) {
        uint32_t cap = w->cap ? w->cap * 2 : 256;
        struct level *bigger = realloc(w->levels, cap * sizeof *bigger);
        if (!bigger)
            return false;
        w->levels = bigger;
        w->cap = cap;
    }
    w->levels[w->depth++] =
        (struct level){.next = w->order.first[node], .end = w->order.first[node + 1]};
    return true;
}

int tree_walk(const struct tree *tree, const struct names *names, uint64_t min_total,
              int (*visit)(void *context, const struct tree_visit *v), void *context)
{
    struct walker w = {.tree = tree};
    uint32_t node = 0;
    int rc = order_init(&w.order, tree, names);
    while (rc == 0) {
        struct tree_visit v = {.node = &tree->nodes[node],
                               .depth = w.depth,
                               .hidden = hidden_below(tree, &w.order, node, min_total)};
        rc = visit(context, &v);
        if (rc == 0 && !level_enter(&w, node))
            rc = -ENOMEM;
        for (node = 0; rc == 0 && w.depth > 0 && node == 0;) { /* the next node in preorder */
            struct level *l = &w.levels[w.depth - 1];
            if (l->next == l->end)
                w.depth--;
            else if (tree->nodes[w.order.children[l->next++]].total >= min_total)
                node = w.order.children[l->next - 1];
        }
        if (node == 0)
            break;
    }
    order_fini(&w.order);
    free(w.levels);
    return rc;
}
