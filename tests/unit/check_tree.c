/* check_tree.c — jfr2flame's floor: the call tree, the names, the map
 * (tools/jfr2flame/{tree,names,map}). */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "jfr2flame/map.h"
#include "jfr2flame/names.h"
#include "jfr2flame/tree.h"

/* --- map ----------------------------------------------------------------------------------------
 */

START_TEST(map_keeps_every_key_once_while_it_grows)
{
    struct map map = {0};
    enum { N = 20000 };
    for (uint32_t round = 0; round < 2; round++)
        for (uint32_t i = 0; i < N; i++) {
            bool is_new;
            uint32_t *value = map_put(&map, (uint64_t)i << 40 | i % 7, i, &is_new);
            ck_assert_ptr_nonnull(value);
            ck_assert_int_eq(is_new, round == 0);
            ck_assert_uint_eq(*value, i);
        }
    ck_assert_uint_eq(map.n, N);
    map_fini(&map);
}
END_TEST

/* --- names ---------------------------------------------------------------------------------------
 */

static const struct {
    const char *in;
    const char *out;
} g_texts[] = {
    {"java.util.HashMap.put", "java.util.HashMap.put"},
    {"gr\xc3\xbcn \xe2\x82\xac \xf0\x9f\x94\xa5", "gr\xc3\xbcn \xe2\x82\xac \xf0\x9f\x94\xa5"},
    {"tab\there\nline", "tab\xef\xbf\xbdhere\xef\xbf\xbdline"},
    {"\x7f\xc2\x85", "\xef\xbf\xbd\xef\xbf\xbd"},             /* controls */
    {"\xff\xfe", "\xef\xbf\xbd\xef\xbf\xbd"},                 /* no UTF-8 */
    {"\xc0\x80", "\xef\xbf\xbd\xef\xbf\xbd"},                 /* overlong */
    {"\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"}, /* half a surrogate pair */
    {"cut \xe2\x82", "cut \xef\xbf\xbd\xef\xbf\xbd"},
    {"\xf4\x90\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"}, /* beyond Unicode */
    {"", ""},
};
enum { N_TEXTS = sizeof g_texts / sizeof g_texts[0] };

START_TEST(names_are_clean_utf8)
{
    struct names *names = names_new();
    uint32_t id = names_put(names, g_texts[_i].in, strlen(g_texts[_i].in));
    ck_assert_str_eq(names_text(names, id), g_texts[_i].out);
    ck_assert_uint_eq(names_len(names, id), strlen(g_texts[_i].out));
    names_free(names);
}
END_TEST

START_TEST(equal_names_have_one_id_and_ranks_are_the_order_of_bytes)
{
    static const char *const texts[] = {"b", "a", "b", "aa", "B", "a"};
    struct names *names = names_new();
    uint32_t ids[6];
    for (int i = 0; i < 6; i++)
        ids[i] = names_put(names, texts[i], strlen(texts[i]));
    ck_assert_uint_eq(names_count(names), 4);
    ck_assert_uint_eq(ids[0], ids[2]);
    ck_assert_uint_eq(ids[1], ids[5]);
    uint32_t *rank = names_rank(names);
    ck_assert_uint_eq(rank[ids[4]], 0); /* B */
    ck_assert_uint_eq(rank[ids[1]], 1); /* a */
    ck_assert_uint_eq(rank[ids[3]], 2); /* aa */
    ck_assert_uint_eq(rank[ids[0]], 3); /* b */
    free(rank);
    names_free(names);
}
END_TEST

START_TEST(a_name_of_any_length_is_kept_up_to_the_limit)
{
    enum { LONG = NAME_MAX_BYTES + 100 };
    struct names *names = names_new();
    char *text = malloc(LONG);
    memset(text, 'x', LONG);
    uint32_t id = names_put(names, text, LONG);
    ck_assert_uint_eq(names_len(names, id), NAME_MAX_BYTES);
    memset(text, 0xff, LONG); /* each becomes three bytes */
    id = names_put(names, text, LONG);
    ck_assert_uint_eq(names_len(names, id), 3 * NAME_MAX_BYTES);
    free(text);
    names_free(names);
}
END_TEST

/* --- tree ----------------------------------------------------------------------------------------
 */

static struct names *g_names;
static struct tree *g_tree;

static void setup(void)
{
    g_names = names_new();
    g_tree = tree_new(names_put(g_names, "all", 3));
}

static void teardown(void)
{
    tree_free(g_tree);
    names_free(g_names);
}

/* A stack of one-letter frames, the root first: "abc" = a calls b calls c. Capital letters run
 * interpreted. */
static void add(const char *stack, uint64_t value)
{
    struct tree_frame frames[64];
    size_t n = strlen(stack);
    for (size_t i = 0; i < n; i++) {
        char name = stack[n - 1 - i];
        bool is_capital = name >= 'A' && name <= 'Z';
        char small = (char)(is_capital ? name - 'A' + 'a' : name);
        frames[i].name = names_put(g_names, &small, 1);
        frames[i].kind = is_capital ? JFR_FRAME_INTERPRETED : JFR_FRAME_JIT;
    }
    ck_assert_int_eq(tree_add(g_tree, frames, n, value), 0);
}

struct listing {
    char text[4096];
    size_t n;
    int stop_after;
};

static int list(void *context, const struct tree_visit *v)
{
    struct listing *l = context;
    l->n += (size_t)snprintf(l->text + l->n, sizeof l->text - l->n, "%u %s %d/%d i%d h%d\n",
                             v->depth, names_text(g_names, v->node->name), (int)v->node->self,
                             (int)v->node->total, (int)v->node->interpreted, (int)v->hidden);
    return --l->stop_after == 0 ? -EIO : 0;
}

START_TEST(stacks_merge_from_the_root_and_children_come_by_name)
{
    struct listing l = {0};
    add("ac", 2);
    add("ab", 3);
    add("aBd", 1);
    add("a", 4);
    add("c", 5);
    add("", 6);
    ck_assert_int_eq(tree_walk(g_tree, g_names, 0, list, &l), 0);
    ck_assert_str_eq(l.text, "0 all 6/21 i0 h0\n"
                             "1 a 4/10 i0 h0\n"
                             "2 b 3/4 i1 h0\n"
                             "3 d 1/1 i0 h0\n"
                             "2 c 2/2 i0 h0\n"
                             "1 c 5/5 i0 h0\n");
}
END_TEST

START_TEST(small_nodes_are_hidden_with_all_below_and_counted_at_their_parent)
{
    struct listing l = {0};
    add("ab", 1);
    add("acd", 2);
    add("ae", 7);
    ck_assert_int_eq(tree_walk(g_tree, g_names, 3, list, &l), 0);
    ck_assert_str_eq(l.text, "0 all 0/10 i0 h0\n"
                             "1 a 0/10 i0 h3\n"
                             "2 e 7/7 i0 h0\n");
}
END_TEST

START_TEST(a_walk_stops_when_the_visitor_fails)
{
    struct listing l = {.stop_after = 2};
    add("abc", 1);
    ck_assert_int_eq(tree_walk(g_tree, g_names, 0, list, &l), -EIO);
    ck_assert_str_eq(l.text, "0 all 0/1 i0 h0\n1 a 0/1 i0 h0\n");
}
END_TEST

START_TEST(equal_names_of_different_worlds_are_different_nodes)
{
    uint32_t name = names_put(g_names, "write", 5);
    const enum jfr_frame_kind kinds[] = {JFR_FRAME_JIT,     JFR_FRAME_INTERPRETED, JFR_FRAME_C1,
                                         JFR_FRAME_INLINED, JFR_FRAME_NATIVE,      JFR_FRAME_CPP,
                                         JFR_FRAME_KERNEL,  JFR_FRAME_UNKNOWN};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        ck_assert_int_eq(
            tree_add(g_tree, &(struct tree_frame){.name = name, .kind = kinds[i]}, 1, 1), 0);
    ck_assert_uint_eq(tree_count(g_tree), 1 + 5); /* Java once, native, C++, kernel, other */
    const struct tree_node *java = tree_at(g_tree, 1);
    ck_assert_uint_eq(java->total, 4);
    ck_assert_uint_eq(java->interpreted, 1);
    ck_assert_uint_eq(java->c1, 1);
    ck_assert_uint_eq(java->inlined, 1);
}
END_TEST

static int count_depth(void *context, const struct tree_visit *v)
{
    uint32_t *deepest = context;
    if (v->depth > *deepest)
        *deepest = v->depth;
    return 0;
}

START_TEST(a_stack_of_half_a_million_frames_is_walked)
{
    enum { N = 500000 };
    struct tree_frame *frames = malloc(N * sizeof *frames);
    uint32_t deepest = 0;
    ck_assert_ptr_nonnull(frames);
    for (size_t i = 0; i < N; i++)
        frames[i] = (struct tree_frame){.name = 0, .kind = JFR_FRAME_JIT};
    ck_assert_int_eq(tree_add(g_tree, frames, N, 1), 0);
    ck_assert_int_eq(tree_walk(g_tree, g_names, 0, count_depth, &deepest), 0);
    ck_assert_uint_eq(deepest, N);
    free(frames);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("tree");
    TCase *floor = tcase_create("map and names");
    TCase *tree = tcase_create("tree");
    tcase_add_test(floor, map_keeps_every_key_once_while_it_grows);
    tcase_add_loop_test(floor, names_are_clean_utf8, 0, N_TEXTS);
    tcase_add_test(floor, equal_names_have_one_id_and_ranks_are_the_order_of_bytes);
    tcase_add_test(floor, a_name_of_any_length_is_kept_up_to_the_limit);
    tcase_add_checked_fixture(tree, setup, teardown);
    tcase_add_test(tree, stacks_merge_from_the_root_and_children_come_by_name);
    tcase_add_test(tree, small_nodes_are_hidden_with_all_below_and_counted_at_their_parent);
    tcase_add_test(tree, a_walk_stops_when_the_visitor_fails);
    tcase_add_test(tree, equal_names_of_different_worlds_are_different_nodes);
    tcase_add_test(tree, a_stack_of_half_a_million_frames_is_walked);
    suite_add_tcase(s, floor);
    suite_add_tcase(s, tree);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int n_failed = srunner_ntests_failed(r);
    srunner_free(r);
    return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
