/* check_profile.c — jfr2flame from a recording to its outputs:
 * tools/jfr2flame/{profile,samples,frames,tree,out_*}. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "jfr2flame/out.h"
#include "jfr2flame/profile.h"
#include "support/handmade.h"

static struct handmade g_h;
static char *g_text; /* the last output */
static unsigned g_n_warnings;

static void setup(void)
{
    handmade_init(&g_h);
    g_text = NULL;
    g_n_warnings = 0;
}

static void teardown(void)
{
    free(g_text);
    handmade_fini(&g_h);
}

static void count_warning(void *context, const char *line)
{
    (void)context;
    ck_assert_ptr_eq(strchr(line, '\n'), NULL);
    g_n_warnings++;
}

static int add_bytes(struct profile *p, const uint8_t *bytes, size_t n)
{
    struct jfr_file *file;
    struct jfr_err err = {0};
    p->warn = count_warning;
    ck_assert_msg(jfr_file_wrap(&file, bytes, n, &err) == 0, "%s", err.text);
    int rc = profile_add_file(p, file, &err);
    jfr_file_close(file);
    return rc;
}

enum format { COLLAPSED, HTML };

static void render(const struct profile *p, enum format format, const struct html_options *html)
{
    size_t n;
    free(g_text);
    FILE *to = open_memstream(&g_text, &n);
    ck_assert_ptr_nonnull(to);
    ck_assert_int_eq(format == HTML ? out_html(to, p, html) : out_collapsed(to, p), 0);
    ck_assert_int_eq(fclose(to), 0);
}

static const struct {
    struct profile_options options;
    const char *collapsed;
} g_golden[] = {
    {{.with_threads = false},
     "[no stack] 1\n"
     "[truncated];app.Main.run;app.Main.sort;app.Main$$Lambda/0x00007f01.run 1\n"
     "app.Main.run 1\n"
     "app.Main.run;app.Main.sort 3\n"
     "app.Main.run;app.Main.sort;write 2\n"},
    {{.with_threads = true},
     "[evil <b> & co tid=8];[truncated];app.Main.run;app.Main.sort;app.Main$$Lambda/0x00007f01.run "
     "1\n"
     "[evil <b> & co tid=8];app.Main.run;app.Main.sort;write 2\n"
     "[main tid=7];[no stack] 1\n"
     "[main tid=7];app.Main.run 1\n"
     "[main tid=7];app.Main.run;app.Main.sort 3\n"},
    {{.style = {.with_lines = true}},
     "[no stack] 1\n"
     "[truncated];app.Main.run:11;app.Main.sort:22;app.Main$$Lambda/0x00007f01.run 1\n"
     "app.Main.run:10 1\n"
     "app.Main.run:11;app.Main.sort:20 3\n"
     "app.Main.run:11;app.Main.sort:21;write 2\n"},
    {{.style = {.with_kinds = true}},
     "[no stack] 1\n"
     "[truncated];app.Main.run_[j];app.Main.sort_[j];app.Main$$Lambda/0x00007f01.run_[j] 1\n"
     "app.Main.run_[0] 1\n"
     "app.Main.run_[j];app.Main.sort_[i] 3\n"
     "app.Main.run_[j];app.Main.sort_[j];write 2\n"},
};
enum { N_GOLDEN = sizeof g_golden / sizeof g_golden[0] };

START_TEST(collapsed_stacks_are_exactly_these)
{
    struct profile p;
    handmade_profile(&g_h);
    ck_assert_int_eq(profile_init(&p, g_golden[_i].options), 0);
    ck_assert_int_eq(add_bytes(&p, g_h.bytes, handmade_len(&g_h)), 0);
    render(&p, COLLAPSED, NULL);
    ck_assert_str_eq(g_text, g_golden[_i].collapsed);
    ck_assert_uint_eq(g_n_warnings, 0);
    profile_fini(&p);
}
END_TEST

START_TEST(chunks_and_files_are_added_together)
{
    struct profile p;
    handmade_profile(&g_h);
    handmade_profile(&g_h);
    ck_assert_int_eq(profile_init(&p, (struct profile_options){0}), 0);
    ck_assert_int_eq(add_bytes(&p, g_h.bytes, handmade_len(&g_h)), 0);
    ck_assert_int_eq(add_bytes(&p, g_h.bytes, handmade_len(&g_h) / 2), 0);
    ck_assert_uint_eq(p.n_chunks, 3);
    ck_assert_uint_eq(p.count[SAMPLE_EXECUTION], 3 * 6);
    ck_assert_uint_eq(p.count[SAMPLE_NATIVE], 3 * 2);
    ck_assert_uint_eq(p.n_truncated, 3);
    ck_assert_uint_eq(p.n_without_stack, 3);
    render(&p, COLLAPSED, NULL);
    ck_assert_ptr_ne(strstr(g_text, "app.Main.run;app.Main.sort 9\n"), NULL);
    profile_fini(&p);
}
END_TEST

START_TEST(a_damaged_file_gives_what_it_has_and_a_warning)
{
    struct profile p;
    handmade_profile(&g_h);
    size_t one = handmade_len(&g_h);
    handmade_profile(&g_h);
    ck_assert_int_eq(profile_init(&p, (struct profile_options){0}), 0);
    ck_assert_int_eq(add_bytes(&p, g_h.bytes, one + 50), 0); /* half a header */
    ck_assert_uint_eq(p.n_chunks, 1);
    ck_assert_uint_eq(g_n_warnings, 1);
    ck_assert_int_lt(add_bytes(&p, g_h.bytes, 50), 0); /* nothing at all */
    profile_fini(&p);
}
END_TEST

START_TEST(nodes_add_up_at_every_level)
{
    struct profile p;
    handmade_profile(&g_h);
    ck_assert_int_eq(profile_init(&p, (struct profile_options){.with_threads = true}), 0);
    ck_assert_int_eq(add_bytes(&p, g_h.bytes, handmade_len(&g_h)), 0);
    size_t n = tree_count(p.tree);
    uint64_t *below = calloc(n, sizeof *below);
    for (size_t i = 1; i < n; i++)
        below[tree_at(p.tree, i)->parent] += tree_at(p.tree, i)->total;
    for (size_t i = 0; i < n; i++) {
        const struct tree_node *node = tree_at(p.tree, i);
        ck_assert_uint_eq(node->total, node->self + below[i]);
        ck_assert_uint_le(node->interpreted + node->c1 + node->inlined, node->total);
    }
    ck_assert_uint_eq(tree_at(p.tree, 0)->total, 8);
    free(below);
    profile_fini(&p);
}
END_TEST

/* --- the page
 * --------------------------------------------------------------------------------------- */

/* The text between the tags of the data block. */
static char *data_block(void)
{
    static const char open[] = "<script type=\"application/json\" id=\"data\">";
    char *start = strstr(g_text, open);
    ck_assert_ptr_nonnull(start);
    start += sizeof open - 1;
    char *end = strstr(start, "</script>");
    ck_assert_ptr_nonnull(end);
    return strndup(start, (size_t)(end - start));
}

START_TEST(nothing_of_a_recording_can_become_markup)
{
    static const char title[] = "</title><script>alert(1)</script>\"&";
    struct profile p;
    handmade_profile(&g_h);
    ck_assert_int_eq(profile_init(&p, (struct profile_options){.with_threads = true}), 0);
    ck_assert_int_eq(add_bytes(&p, g_h.bytes, handmade_len(&g_h)), 0);
    static const char nasty[] = "</script><img src=x onerror=alert(1)>\\\"\n\t<!--{{js}}";
    struct tree_frame frame = {.name = names_put(p.names, nasty, strlen(nasty))};
    ck_assert_int_eq(tree_add(p.tree, &frame, 1, 1), 0);
    snprintf(p.command, sizeof p.command, "%s", nasty);
    render(&p, HTML, &(struct html_options){.title = title});
    char *data = data_block();
    ck_assert_ptr_eq(strpbrk(data, "<>&"), NULL);
    ck_assert_ptr_ne(strstr(data, "\\u003c/script\\u003e\\u003cimg src=x"), NULL);
    ck_assert_ptr_eq(strstr(g_text, "<img"), NULL);
    ck_assert_ptr_eq(strstr(g_text, "<script>alert"), NULL);
    ck_assert_ptr_ne(strstr(g_text, "&#60;/title&#62;"), NULL);
    ck_assert_ptr_ne(strstr(data, "[evil \\u003cb\\u003e \\u0026 co tid=8]"), NULL);
    free(data);
    profile_fini(&p);
}
END_TEST

START_TEST(the_page_needs_no_network)
{
    struct profile p;
    handmade_profile(&g_h);
    ck_assert_int_eq(profile_init(&p, (struct profile_options){0}), 0);
    ck_assert_int_eq(add_bytes(&p, g_h.bytes, handmade_len(&g_h)), 0);
    render(&p, HTML, &(struct html_options){.title = "t"});
    ck_assert_ptr_ne(strstr(g_text, "default-src 'none'"), NULL);
    ck_assert_ptr_eq(strstr(g_text, "{{"), NULL);
    ck_assert_ptr_eq(strstr(g_text, "https://"), NULL);
    ck_assert_ptr_eq(strstr(g_text, " src="), NULL);
    ck_assert_ptr_eq(strstr(g_text, "@import"), NULL);
    for (const char *http = g_text; (http = strstr(http, "http://")); http++)
        ck_assert_int_eq(strncmp(http, "http://www.w3.org/2000/svg", 26),
                         0); /* a name, not a link */
    profile_fini(&p);
}
END_TEST

START_TEST(narrow_frames_are_left_out_of_the_page_only)
{
    struct profile p;
    handmade_profile(&g_h);
    ck_assert_int_eq(profile_init(&p, (struct profile_options){0}), 0);
    ck_assert_int_eq(add_bytes(&p, g_h.bytes, handmade_len(&g_h)), 0);
    render(&p, HTML, &(struct html_options){.title = "t"});
    size_t whole = strlen(g_text);
    render(&p, HTML, &(struct html_options){.title = "t", .min_percent = 30});
    ck_assert_uint_lt(strlen(g_text), whole);
    char *data = data_block();
    ck_assert_ptr_ne(strstr(data, "\"total\":8,"), NULL);
    free(data);
    profile_fini(&p);
}
END_TEST

START_TEST(a_failing_stream_is_reported)
{
    struct profile p;
    FILE *full = fopen("/dev/full", "w");
    ck_assert_ptr_nonnull(full);
    setvbuf(full, NULL, _IONBF, 0);
    handmade_profile(&g_h);
    ck_assert_int_eq(profile_init(&p, (struct profile_options){0}), 0);
    ck_assert_int_eq(add_bytes(&p, g_h.bytes, handmade_len(&g_h)), 0);
    ck_assert_int_lt(out_collapsed(full, &p), 0);
    ck_assert_int_lt(out_html(full, &p, &(struct html_options){.title = "t"}), 0);
    fclose(full);
    profile_fini(&p);
}
END_TEST

START_TEST(events_are_counted_by_type)
{
    struct event_count counts[4];
    struct jfr_file *file;
    uint64_t n_events;
    handmade_profile(&g_h);
    ck_assert_int_eq(jfr_file_wrap(&file, g_h.bytes, handmade_len(&g_h), NULL), 0);
    ck_assert_uint_eq(profile_count_events(file, counts, 4, &n_events), 2);
    ck_assert_uint_eq(n_events, 8);
    ck_assert_str_eq(counts[0].name, "jdk.ExecutionSample");
    ck_assert_uint_eq(counts[0].n, 6);
    ck_assert_str_eq(counts[1].name, "jdk.NativeMethodSample");
    ck_assert_uint_eq(counts[1].n, 2);
    jfr_file_close(file);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("profile");
    TCase *t = tcase_create("profile");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_loop_test(t, collapsed_stacks_are_exactly_these, 0, N_GOLDEN);
    tcase_add_test(t, chunks_and_files_are_added_together);
    tcase_add_test(t, a_damaged_file_gives_what_it_has_and_a_warning);
    tcase_add_test(t, nodes_add_up_at_every_level);
    tcase_add_test(t, nothing_of_a_recording_can_become_markup);
    tcase_add_test(t, the_page_needs_no_network);
    tcase_add_test(t, narrow_frames_are_left_out_of_the_page_only);
    tcase_add_test(t, a_failing_stream_is_reported);
    tcase_add_test(t, events_are_counted_by_type);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int n_failed = srunner_ntests_failed(r);
    srunner_free(r);
    return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
