/* tree.h — the call tree: stacks merged from the root on, with values. Samples go in, outputs walk
 * it. One thread.
 *
 * Frames of one parent are the same node when they have the same name and the same world (Java,
 * native, C++, kernel). A Java method may be interpreted in one sample and compiled in the next:
 * that doesn't split the node, it is counted in it.
 *
 * Invariants: total = self + the children's totals; interpreted + c1 + inlined <= total, the rest
 * ran compiled (in Java nodes). */
#ifndef JFR2FLAME_TREE_H
#define JFR2FLAME_TREE_H

#include <stddef.h>
#include <stdint.h>

#include "jfr/read.h"
#include "jfr2flame/names.h"

enum tree_world {
    TREE_OTHER, /* root, threads, marks such as [truncated] */
    TREE_JAVA,
    TREE_NATIVE,
    TREE_CPP,
    TREE_KERNEL,
};

struct tree_node {
    uint32_t name; /* id of names.h */
    uint32_t parent;
    uint8_t world; /* enum tree_world */
    uint64_t total, self;
    uint64_t interpreted, c1, inlined; /* parts of total, Java nodes only */
};

struct tree_frame {
    uint32_t name;
    enum jfr_frame_kind kind; /* JFR_FRAME_UNKNOWN: TREE_OTHER */
};

struct tree;

struct tree *tree_new(uint32_t root_name); /* NULL: out of memory */
void tree_free(struct tree *tree);
/* Add a stack, the innermost frame first as in a recording. 0 or -ENOMEM (then the tree's sums are
 * no longer exact). */
int tree_add(struct tree *tree, const struct tree_frame frames[], size_t n, uint64_t value);
size_t tree_count(const struct tree *tree);
const struct tree_node *tree_at(const struct tree *tree, size_t i); /* 0 is the root */

/* Visit the tree from the root, children by name, parents first, no recursion: stacks may be a
 * million frames deep. Nodes with a total below min_total are left out with all below them. */
struct tree_visit {
    const struct tree_node *node;
    uint32_t depth;  /* 0 = root */
    uint64_t hidden; /* totals of the children left out */
};
/* 0, -ENOMEM, or what `visit` returned when it isn't 0. */
int tree_walk(const struct tree *tree, const struct names *names, uint64_t min_total,
              int (*visit)(void *context, const struct tree_visit *v), void *context);

#endif
