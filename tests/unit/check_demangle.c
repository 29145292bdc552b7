/* check_demangle.c — readable names of C++ symbols: the cut on texts, the whole on real symbols. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "elf/demangle.h"

struct cut_case {
    const char *text, *name;
};

static const struct cut_case g_cuts[] = {
    {"Compile::Optimize()", "Compile::Optimize"},
    {"Compile::Optimize() const", "Compile::Optimize"},
    {"Node::igvn(Phase*) [clone .part.0]", "Node::igvn"},
    {"void G1Scan::work<true>(Task*, int)", "G1Scan::work<true>"},
    {"(anonymous namespace)::run(int)", "(anonymous namespace)::run"},
    {"a::(anonymous namespace)::b::run(int)", "a::(anonymous namespace)::b::run"},
    {"Closure::operator()(Thread*)", "Closure::operator()"},
    {"outputStream& operator<< <int>(outputStream&, int)", "operator<< <int>"},
    {"Ptr<A(int)>::operator->() const", "Ptr<A(int)>::operator->"},
    {"std::vector<int>::operator[](unsigned long)", "std::vector<int>::operator[]"},
    {"operator new(unsigned long)", "operator new"},
    {"typeinfo for Foo", "Foo"},
    {"", ""},
};

START_TEST(cut_leaves_the_qualified_name)
{
    char text[128];
    strcpy(text, g_cuts[_i].text);
    demangle_cut(text);
    ck_assert_str_eq(text, g_cuts[_i].name);
}
END_TEST

START_TEST(cut_of_unbalanced_text_ends)
{
    static const char *const texts[] = {"a<(", "))>", "x::operator", "(((", "operator()", "<"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        char text[64];
        strcpy(text, texts[i]);
        demangle_cut(text);
        ck_assert_uint_le(strlen(text), strlen(texts[i]));
    }
}
END_TEST

START_TEST(demangle_of_a_cpp_symbol_gives_its_name)
{
    char buf[256];
    ck_assert_str_eq(demangle("_ZN7Compile8OptimizeEv", buf, sizeof buf), "Compile::Optimize");
    ck_assert_str_eq(demangle("_ZN7Compile8OptimizeEv.part.0", buf, sizeof buf),
                     "Compile::Optimize");
    ck_assert_str_eq(demangle("_ZL19thread_native_entryP6Thread", buf, sizeof buf),
                     "thread_native_entry");
}
END_TEST

START_TEST(demangle_of_other_names_gives_them_back)
{
    char buf[256];
    const char *c_name = "start_thread", *broken = "_ZN7Comp";
    ck_assert_ptr_eq(demangle(c_name, buf, sizeof buf), c_name);
    ck_assert_ptr_eq(demangle(broken, buf, sizeof buf), broken);
    const char *no_room = "_ZN7Compile8OptimizeEv";
    ck_assert_ptr_eq(demangle(no_room, buf, 0), no_room);
}
END_TEST

START_TEST(demangle_cuts_to_the_buffer)
{
    char buf[8];
    ck_assert_str_eq(demangle("_ZN7Compile8OptimizeEv", buf, sizeof buf), "Compile");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("demangle");
    TCase *tc = tcase_create("demangle");
    tcase_add_loop_test(tc, cut_leaves_the_qualified_name, 0, sizeof g_cuts / sizeof g_cuts[0]);
    tcase_add_test(tc, cut_of_unbalanced_text_ends);
    tcase_add_test(tc, demangle_of_a_cpp_symbol_gives_its_name);
    tcase_add_test(tc, demangle_of_other_names_gives_them_back);
    tcase_add_test(tc, demangle_cuts_to_the_buffer);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
