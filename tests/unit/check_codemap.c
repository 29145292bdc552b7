/* check_codemap.c — elf/codemap on this very process and on libraries it loads. */
#include <check.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/attrs.h"
#include "elf/codemap.h"

static struct codemap *g_cm;

static void set_up(void)
{
    g_cm = codemap_new();
    ck_assert_ptr_nonnull(g_cm);
    ck_assert_int_eq(codemap_refresh(g_cm), 0);
}

static void tear_down(void)
{
    codemap_free(g_cm);
}

static struct code_symbol find(uintptr_t pc)
{
    struct code_symbol s;
    ck_assert_msg(codemap_find(g_cm, pc, &s), "%#lx is in no library", (unsigned long)pc);
    return s;
}

static bool knows(uintptr_t pc)
{
    struct code_symbol s;
    return codemap_find(g_cm, pc, &s);
}

__attribute__((noinline)) static void function_of_this_test(void)
{
    __asm__ volatile("nop\nnop");
}

START_TEST(a_function_of_the_program_is_found_by_name)
{
    uintptr_t at = (uintptr_t)function_of_this_test;
    function_of_this_test();
    struct code_symbol s = find(at);
    ck_assert_str_eq(s.name, "function_of_this_test");
    ck_assert_str_eq(s.library, "check_codemap");
    ck_assert_uint_eq(s.start, at);
    ck_assert(!s.is_cpp);
    ck_assert_str_eq(find(at + 1).name, "function_of_this_test");
    ck_assert(code_ranges_contain(codemap_ranges(g_cm), at));
}
END_TEST

START_TEST(a_function_of_the_c_library_is_found_by_name)
{
    Dl_info info;
    uintptr_t at = (uintptr_t)dlsym(RTLD_NEXT, "qsort_r");
    ck_assert(at != 0 && dladdr((void *)at, &info) != 0);
    struct code_symbol s = find(at);
    const char *slash = strrchr(info.dli_fname, '/');
    ck_assert_str_eq(s.library, slash ? slash + 1 : info.dli_fname);
    ck_assert_ptr_nonnull(strstr(s.name, "qsort_r"));
    ck_assert_uint_eq(s.start, at);
}
END_TEST

START_TEST(the_vdso_has_its_functions)
{
    uintptr_t vdso = getauxval(AT_SYSINFO_EHDR);
    ck_assert_uint_ne(vdso, 0);
    struct code_symbol s = find(vdso);
    ck_assert_str_eq(s.library, "[vdso]");
    bool found = false;
    for (uintptr_t pc = vdso; pc < vdso + 8192 && knows(pc) && !found; pc++)
        found = strstr(find(pc).name, "clock_gettime") != NULL;
    ck_assert(found);
}
END_TEST

START_TEST(an_address_in_no_library_is_not_found)
{
    int local;
    void *page = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ck_assert_ptr_ne(page, MAP_FAILED);
    ck_assert_int_eq(codemap_refresh(g_cm), 0);
    const uintptr_t none[] = {0,          1, (uintptr_t)&local, (uintptr_t)page, (uintptr_t)g_cm,
                              UINTPTR_MAX};
    for (size_t i = 0; i < COUNT_OF(none); i++) {
        ck_assert(!knows(none[i]));
        ck_assert(!code_ranges_contain(codemap_ranges(g_cm), none[i]));
    }
    munmap(page, 4096);
}
END_TEST

START_TEST(ranges_are_sorted_and_disjoint)
{
    const struct code_ranges *c = codemap_ranges(g_cm);
    ck_assert_uint_gt(c->n, 2);
    for (uint32_t i = 0; i < c->n; i++) {
        ck_assert_uint_lt(c->r[i].start, c->r[i].end);
        ck_assert(i == 0 || c->r[i - 1].end <= c->r[i].start);
        ck_assert(code_ranges_contain(c, c->r[i].start));
        ck_assert(code_ranges_contain(c, c->r[i].end - 1));
    }
    ck_assert(!code_ranges_contain(c, c->r[0].start - 1));
    ck_assert(!code_ranges_contain(c, c->r[c->n - 1].end));
    static const struct code_ranges empty = {.n = 0};
    ck_assert(!code_ranges_contain(&empty, c->r[0].start));
}
END_TEST

/* --- libraries that come and go --------------------------------------------------------------- */

static void *load(const char *path, uintptr_t *alpha)
{
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    ck_assert_msg(library != NULL, "%s", dlerror());
    *alpha = (uintptr_t)dlsym(library, "sample_alpha");
    ck_assert_uint_ne(*alpha, 0);
    return library;
}

START_TEST(a_loaded_library_is_known_after_the_next_refresh)
{
    uintptr_t alpha;
    void *library = load(ELF_SAMPLE, &alpha);
    ck_assert(!knows(alpha));
    const struct code_ranges *before = codemap_ranges(g_cm);
    ck_assert_int_eq(codemap_refresh(g_cm), 0);
    struct code_symbol s = find(alpha);
    ck_assert_str_eq(s.name, "sample_alpha");
    ck_assert_str_eq(s.library, "libelf_sample.so");
    ck_assert_uint_eq(s.start, alpha);
    ck_assert_str_eq(find((uintptr_t)dlsym(library, "sample_sizeless") + 1).name,
                     "sample_sizeless");
    ck_assert(code_ranges_contain(codemap_ranges(g_cm), alpha));
    ck_assert(!code_ranges_contain(before, alpha)); /* a walker may still look at the old ones */
    dlclose(library);
    ck_assert_int_eq(codemap_refresh(g_cm), 0);
    ck_assert(!knows(alpha));
    ck_assert(!code_ranges_contain(codemap_ranges(g_cm), alpha));
    ck_assert_str_eq(s.name, "sample_alpha"); /* its names live on */
    ck_assert_str_eq(s.library, "libelf_sample.so");
}
END_TEST

START_TEST(a_refresh_without_news_keeps_the_ranges)
{
    const struct code_ranges *before = codemap_ranges(g_cm);
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(codemap_refresh(g_cm), 0);
    ck_assert_ptr_eq(codemap_ranges(g_cm), before);
}
END_TEST

/* The file mapped again by hand, at places of our choosing: as if it were loaded there. */
static uintptr_t map_at(uintptr_t at, const char *path, size_t n_bytes, int prot)
{
    int fd = open(path, O_RDONLY);
    ck_assert_int_ge(fd, 0);
    void *p = mmap((void *)at, n_bytes, prot, MAP_PRIVATE | (at ? MAP_FIXED : 0), fd, 0);
    ck_assert_ptr_ne(p, MAP_FAILED);
    close(fd);
    return (uintptr_t)p;
}

START_TEST(a_library_loaded_again_nearby_has_its_names_at_the_new_place)
{
    uintptr_t alpha;
    void *library = load(ELF_SAMPLE, &alpha);
    Dl_info info;
    ck_assert_int_ne(dladdr((void *)alpha, &info), 0);
    size_t linked = alpha - (uintptr_t)info.dli_fbase, n_bytes = 16384;
    char *room = mmap(NULL, 8 * n_bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ck_assert_ptr_ne(room, MAP_FAILED);
    uintptr_t text = linked & ~(size_t)4095; /* the sample has addresses == file offsets */
    for (size_t i = 0; i < 8; i += 2) {      /* one place after the other */
        uintptr_t base = (uintptr_t)room + i * n_bytes;
        map_at(base, ELF_SAMPLE, n_bytes, PROT_READ);
        ck_assert_int_eq(mprotect((void *)(base + text), 4096, PROT_READ | PROT_EXEC), 0);
        ck_assert_int_eq(codemap_refresh(g_cm), 0);
        struct code_symbol s = find(base + linked);
        ck_assert_str_eq(s.name, "sample_alpha");
        ck_assert_uint_eq(s.start, base + linked);
        mmap((void *)base, n_bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    }
    munmap(room, 8 * n_bytes);
    dlclose(library);
}
END_TEST

/* A copy of the sample library in a folder of its own. */
struct copy {
    char folder[64], path[96];
};

static void copy_file(const char *to, const char *from)
{
    char buffer[65536];
    FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");
    ck_assert(in && out);
    size_t n = fread(buffer, 1, sizeof buffer, in);
    ck_assert_uint_lt(n, sizeof buffer);
    ck_assert_uint_eq(fwrite(buffer, 1, n, out), n);
    fclose(in);
    ck_assert_int_eq(fclose(out), 0);
}

static struct copy make_copy(void)
{
    struct copy c;
    snprintf(c.folder, sizeof c.folder, "%s/codemap.XXXXXX", P_tmpdir);
    ck_assert_ptr_nonnull(mkdtemp(c.folder));
    snprintf(c.path, sizeof c.path, "%s/libcopy.so", c.folder);
    copy_file(c.path, ELF_SAMPLE);
    return c;
}

START_TEST(a_deleted_library_keeps_its_name_and_is_not_mistaken_for_its_successor)
{
    struct copy c = make_copy();
    uintptr_t alpha;
    void *library = load(c.path, &alpha);
    ck_assert_int_eq(unlink(c.path), 0);
    FILE *f = fopen(c.path, "wb"); /* the successor: no ELF file at all */
    ck_assert_ptr_nonnull(f);
    fputs("not", f);
    fclose(f);
    ck_assert_int_eq(codemap_refresh(g_cm), 0);
    struct code_symbol s = find(alpha);
    ck_assert_str_eq(s.library, "libcopy.so");
    /* the file itself is still there for the privileged */
    ck_assert(s.name[0] == 0 || strcmp(s.name, "sample_alpha") == 0);
    dlclose(library);
    unlink(c.path);
    rmdir(c.folder);
}
END_TEST

START_TEST(another_file_at_the_same_path_and_place_is_read_anew)
{
    struct copy c = make_copy();
    char *room = mmap(NULL, 16384, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ck_assert_ptr_ne(room, MAP_FAILED);
    ck_assert_int_eq(truncate(c.path, 0), 0); /* damaged: unnamed */
    ck_assert_int_eq(truncate(c.path, 16384), 0);
    map_at((uintptr_t)room, c.path, 16384, PROT_READ | PROT_EXEC);
    ck_assert_int_eq(codemap_refresh(g_cm), 0);
    ck_assert_str_eq(find((uintptr_t)room + 4096).name, "");
    char next[128];
    snprintf(next, sizeof next, "%s.next", c.path);
    copy_file(next, ELF_SAMPLE);
    ck_assert_int_eq(rename(next, c.path), 0);
    map_at((uintptr_t)room, c.path, 16384, PROT_READ | PROT_EXEC);
    ck_assert_int_eq(codemap_refresh(g_cm), 0);
    bool found = false;
    for (uintptr_t pc = (uintptr_t)room; pc < (uintptr_t)room + 16384 && !found; pc++)
        found = strcmp(find(pc).name, "sample_alpha") == 0;
    ck_assert(found);
    munmap(room, 16384);
    unlink(c.path);
    rmdir(c.folder);
}
END_TEST

static void look_for(void *ctx, const char *path, uintptr_t base, uintptr_t top)
{
    ck_assert_uint_lt(base, top);
    if (strstr(path, "libelf_sample.so"))
        *(int *)ctx += 1;
    if (strstr(path, "libcopy.so"))
        *(int *)ctx += 100;
}

START_TEST(each_library_is_told_once_and_data_files_are_none)
{
    struct copy c = make_copy();
    uintptr_t alpha;
    int n = 0;
    void *library = load(ELF_SAMPLE, &alpha);
    uintptr_t data = map_at(0, c.path, 4096, PROT_READ);
    ck_assert_int_eq(codemap_refresh(g_cm), 0);
    codemap_each_library(g_cm, look_for, &n);
    ck_assert_int_eq(n, 1);
    munmap((void *)data, 4096);
    dlclose(library);
    unlink(c.path);
    rmdir(c.folder);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("codemap");
    TCase *tc = tcase_create("codemap");
    suite_add_tcase(suite, tc);
    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, a_function_of_the_program_is_found_by_name);
    tcase_add_test(tc, a_function_of_the_c_library_is_found_by_name);
    tcase_add_test(tc, the_vdso_has_its_functions);
    tcase_add_test(tc, an_address_in_no_library_is_not_found);
    tcase_add_test(tc, ranges_are_sorted_and_disjoint);
    tcase_add_test(tc, a_loaded_library_is_known_after_the_next_refresh);
    tcase_add_test(tc, a_refresh_without_news_keeps_the_ranges);
    tcase_add_test(tc, a_library_loaded_again_nearby_has_its_names_at_the_new_place);
    tcase_add_test(tc, a_deleted_library_keeps_its_name_and_is_not_mistaken_for_its_successor);
    tcase_add_test(tc, another_file_at_the_same_path_and_place_is_read_anew);
    tcase_add_test(tc, each_library_is_told_once_and_data_files_are_none);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int n_failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return n_failed != 0;
}
