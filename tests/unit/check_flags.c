/* check_flags.c — vm/flags: made-up tables of flags, with types by name and by number. */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/attrs.h"
#include "os/safe_load.h"
#include "vm/flags.h"

/* JDK 16 and later. */
struct numbered_row {
    void *value;
    const char *name;
    uint32_t flags, type;
};
/* JDK 8 .. 15. */
struct named_row {
    const char *type, *name;
    void *value;
    uint64_t flags;
};

static bool g_bool = true;
static int32_t g_int = -5;
static uint32_t g_uint = 0xffffffff;
static int64_t g_intx = INT64_MIN;
static uint64_t g_uintx = 7, g_uint64 = UINT64_MAX, g_size = 1 << 20;
static double g_double = 0.5;
static const char *g_text = "value", *g_list = "a\nb", *g_null = NULL;

enum { DIAGNOSTIC = 1 << 6, EXPERIMENTAL = 1 << 7 };

static struct numbered_row g_numbered[] = {
    {&g_bool, "Bool", 0, 0}, {&g_int, "Int", 1, 1},       {&g_uint, "Uint", 2, 2},
    {&g_intx, "Intx", 5, 3}, {&g_uintx, "Uintx", 0, 4},   {&g_uint64, "Uint64", 0, 5},
    {&g_size, "Size", 0, 6}, {&g_double, "Double", 0, 7}, {&g_text, "Text", 0, 8},
    {&g_list, "List", 0, 9}, {&g_null, "Null", 0, 8},     {NULL, NULL, 0, 0},
};
static const char *const k_type_names[] = {"bool",     "int",    "uint",   "intx",  "uintx",
                                           "uint64_t", "size_t", "double", "ccstr", "ccstrlist"};

static struct vm_flags numbered(struct numbered_row *rows, size_t n)
{
    return (struct vm_flags){.at = (uintptr_t)rows,
                             .n = n,
                             .row_bytes = sizeof *rows,
                             .type_at = offsetof(struct numbered_row, type),
                             .name_at = offsetof(struct numbered_row, name),
                             .value_at = offsetof(struct numbered_row, value),
                             .flags_at = offsetof(struct numbered_row, flags)};
}

static struct vm_flags named(struct named_row *rows, size_t n)
{
    return (struct vm_flags){.at = (uintptr_t)rows,
                             .n = n,
                             .row_bytes = sizeof *rows,
                             .type_at = offsetof(struct named_row, type),
                             .name_at = offsetof(struct named_row, name),
                             .value_at = offsetof(struct named_row, value),
                             .flags_at = offsetof(struct named_row, flags),
                             .type_is_text = true};
}

struct taken {
    struct vm_flag at[16];
    size_t n;
};

static void take(void *ctx, const struct vm_flag *flag)
{
    struct taken *t = ctx;
    ck_assert_uint_lt(t->n, COUNT_OF(t->at));
    t->at[t->n++] = *flag;
}

static void check_all(const struct taken *t)
{
    ck_assert_uint_eq(t->n, 11);
    for (size_t i = 0; i < 10; i++)
        ck_assert_int_eq(t->at[i].type, i);
    ck_assert_str_eq(t->at[0].name, "Bool");
    ck_assert_int_eq(t->at[0].i, 1);
    ck_assert_int_eq(t->at[1].i, -5);
    ck_assert_int_eq(t->at[2].i, 0xffffffff);
    ck_assert_int_eq(t->at[3].i, INT64_MIN);
    ck_assert_int_eq(t->at[4].i, 7);
    ck_assert_int_eq(t->at[5].i, -1);
    ck_assert_int_eq(t->at[6].i, 1 << 20);
    ck_assert_double_eq(t->at[7].d, 0.5);
    ck_assert_str_eq(t->at[8].text, "value");
    ck_assert_str_eq(t->at[9].text, "a\nb");
    ck_assert(!t->at[9].is_null);
    ck_assert(t->at[10].is_null);
}

START_TEST(flags_of_every_type_are_read_from_a_table_with_numbers)
{
    static struct taken t;
    struct vm_flags f = numbered(g_numbered, COUNT_OF(g_numbered));
    ck_assert_uint_eq(vm_flags_each(&f, take, &t), 11);
    check_all(&t);
    ck_assert_uint_eq(t.at[1].origin, 1);
    ck_assert_uint_eq(t.at[3].origin, 5);
}
END_TEST

START_TEST(flags_of_every_type_are_read_from_a_table_with_names)
{
    static struct taken t;
    struct named_row rows[COUNT_OF(g_numbered)] = {0};
    for (size_t i = 0; i + 1 < COUNT_OF(rows); i++)
        rows[i] = (struct named_row){.type = k_type_names[g_numbered[i].type],
                                     .name = g_numbered[i].name,
                                     .value = g_numbered[i].value,
                                     .flags = g_numbered[i].flags};
    struct vm_flags f = named(rows, COUNT_OF(rows));
    vm_flags_each(&f, take, &t);
    check_all(&t);
}
END_TEST

START_TEST(unknown_types_and_unreadable_rows_are_left_out)
{
    static struct taken t;
    void *hole = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    const char *bad_text = hole;
    struct numbered_row rows[] = {
        {&g_bool, "Unknown", 0, 10}, {&g_bool, "Unknown", 0, 0xffffffff},
        {hole, "Value", 0, 0},       {&g_bool, hole, 0, 0},
        {&bad_text, "Text", 0, 8},   {NULL, "NoValue", 0, 0},
        {&g_bool, "", 0, 0},         {&g_bool, "Good", 0, 0},
    };
    struct err e;
    ck_assert_int_eq(safe_load_install(&e), 0);
    struct vm_flags f = numbered(rows, COUNT_OF(rows));
    vm_flags_each(&f, take, &t);
    f.at = (uintptr_t)hole;
    ck_assert_uint_eq(vm_flags_each(&f, take, &t), 0);
    safe_load_remove();
    ck_assert_uint_eq(t.n, 1);
    ck_assert_str_eq(t.at[0].name, "Good");
    munmap(hole, 4096);
}
END_TEST

START_TEST(a_long_text_is_cut)
{
    static struct taken t;
    char *text = malloc(VM_FLAG_TEXT_MAX * 2);
    memset(text, 'x', VM_FLAG_TEXT_MAX * 2);
    text[VM_FLAG_TEXT_MAX * 2 - 1] = 0;
    struct numbered_row rows[] = {{&text, "Text", 0, 8}};
    struct vm_flags f = numbered(rows, 1);
    vm_flags_each(&f, take, &t);
    ck_assert_uint_eq(strlen(t.at[0].text), VM_FLAG_TEXT_MAX - 1);
    free(text);
}
END_TEST

START_TEST(diagnostic_and_experimental_flags_are_locked_until_unlocked)
{
    static struct taken t;
    bool diagnostic = false, experimental = true;
    struct numbered_row rows[] = {{&diagnostic, "UnlockDiagnosticVMOptions", DIAGNOSTIC, 0},
                                  {&experimental, "UnlockExperimentalVMOptions", EXPERIMENTAL, 0},
                                  {&g_bool, "Diagnostic", DIAGNOSTIC, 0},
                                  {&g_bool, "Experimental", EXPERIMENTAL, 0},
                                  {&g_bool, "Product", 1 << 4, 0}};
    struct vm_flags f = numbered(rows, COUNT_OF(rows));
    vm_flags_read_locks(&f);
    vm_flags_each(&f, take, &t);
    ck_assert_uint_eq(t.n, 5);
    ck_assert(t.at[2].is_locked);
    ck_assert(!t.at[3].is_locked);
    ck_assert(!t.at[4].is_locked);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("flags");
    TCase *tc = tcase_create("flags");
    suite_add_tcase(suite, tc);
    tcase_add_test(tc, flags_of_every_type_are_read_from_a_table_with_numbers);
    tcase_add_test(tc, flags_of_every_type_are_read_from_a_table_with_names);
    tcase_add_test(tc, unknown_types_and_unreadable_rows_are_left_out);
    tcase_add_test(tc, a_long_text_is_cut);
    tcase_add_test(tc, diagnostic_and_experimental_flags_are_locked_until_unlocked);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int n_failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return n_failed != 0;
}
