/* check_method.c — vm/method: Method* -> names and line table, on a fake HotSpot of both ages. */
#include <check.h>
#include <string.h>

#include "os/safe_load.h"
#include "support/fake_vm.h"
#include "vm/method.h"

static struct fake_vm g_f;
static bool g_faulted;

static void start(int jdk)
{
    struct err e;
    fake_vm_init(&g_f, (enum fake_jdk)jdk);
    ck_assert_msg(safe_load_install(&e) == 0, "%s", e.text);
    g_faulted = false;
}

static void tear_down(void)
{
    safe_load_remove();
    fake_vm_fini(&g_f);
}

static const uint8_t g_lines[] = {0x0a, 0x13, 0};

static uintptr_t some_method(void)
{
    return fake_method(&g_f, &(struct fake_method_spec){.class_name = "java/util/ArrayList",
                                                        .name = "add",
                                                        .signature = "(Ljava/lang/Object;)Z",
                                                        .modifiers = 0x0001,
                                                        .code_bytes = 25,
                                                        .lines = g_lines,
                                                        .n_lines = sizeof g_lines});
}

static bool source(uintptr_t method, struct method_source *out)
{
    return vm_method_source(&g_f.vm, method, out, &g_faulted);
}

static void assert_symbol(struct vm_symbol s, const char *text)
{
    ck_assert_uint_eq(s.len, strlen(text));
    ck_assert_mem_eq((const void *)s.body, text, s.len);
}

START_TEST(a_method_is_read_with_names_modifiers_and_lines)
{
    start(_i);
    uintptr_t method = some_method();
    struct method_source src;
    ck_assert(source(method, &src));
    assert_symbol(src.class_name, "java/util/ArrayList");
    assert_symbol(src.name, "add");
    assert_symbol(src.signature, "(Ljava/lang/Object;)Z");
    ck_assert_uint_eq(src.modifiers, 0x0001);
    ck_assert_uint_eq(src.method, method);
    ck_assert_uint_eq(src.const_method, fake_const_method(&g_f, method));
    ck_assert_uint_eq(src.number_bias, g_f.vm.number_bias);
    ck_assert_uint_ge(src.lines_max, sizeof g_lines);
    ck_assert_mem_eq((const void *)src.lines, g_lines, sizeof g_lines);
    ck_assert(!g_faulted);
}
END_TEST

START_TEST(the_bytecodes_are_behind_the_const_method)
{
    start(_i);
    uintptr_t method = some_method(), code;
    uint32_t n_bytes;
    ck_assert(vm_method_code(&g_f.vm, method, &code, &n_bytes, &g_faulted));
    ck_assert_uint_eq(code, fake_const_method(&g_f, method) + g_f.vm.const_method_bytes);
    ck_assert_uint_eq(n_bytes, 25);
    uintptr_t native = fake_method(
        &g_f,
        &(struct fake_method_spec){
            .class_name = "a/B", .name = "n", .signature = "()V", .modifiers = METHOD_ACC_NATIVE});
    ck_assert(vm_method_code(&g_f.vm, native, &code, &n_bytes, &g_faulted));
    ck_assert_uint_eq(n_bytes, 0);
    struct method_source src;
    ck_assert(source(native, &src));
    ck_assert_uint_eq(src.modifiers, METHOD_ACC_NATIVE);
}
END_TEST

START_TEST(what_cannot_be_a_pointer_is_refused_unread)
{
    start(_i);
    uintptr_t method = some_method(), code;
    const uintptr_t bad[] = {0,
                             8,
                             0xfff8,
                             method + 1,
                             method + 4,
                             method + 7,
                             (uintptr_t)1 << 47,
                             UINTPTR_MAX,
                             UINTPTR_MAX - 7};
    struct method_source src;
    uint32_t n_bytes;
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        ck_assert(!source(bad[i], &src));
        ck_assert(!vm_method_code(&g_f.vm, bad[i], &code, &n_bytes, &g_faulted));
    }
    ck_assert(!g_faulted);
}
END_TEST

START_TEST(unmapped_pointers_are_a_fault_and_no_crash)
{
    start(_i);
    uintptr_t code;
    uint32_t n_bytes;
    struct method_source src;
    ck_assert(!source(g_f.hole, &src));
    ck_assert(g_faulted);
    g_faulted = false;
    ck_assert(!vm_method_code(&g_f.vm, g_f.hole, &code, &n_bytes, &g_faulted));
    ck_assert(g_faulted);
}
END_TEST

/* Each pointer on the way to the names, one by one: null, crooked, unmapped. */
START_TEST(a_bad_pointer_anywhere_on_the_way_refuses_the_method)
{
    start(_i);
    const struct vm *vm = &g_f.vm;
    for (int which = 0; which < 6; which++) {
        uintptr_t method = some_method(), cm = fake_const_method(&g_f, method);
        uintptr_t pool = vm_get(vm->cm_constants, cm, &g_faulted);
        uintptr_t klass = vm_get(vm->cp_holder, pool, &g_faulted);
        const uintptr_t places[] = {
            method + (uintptr_t)vm->method_const.offset, cm + (uintptr_t)vm->cm_constants.offset,
            pool + (uintptr_t)vm->cp_holder.offset,      klass + (uintptr_t)vm->klass_name.offset,
            pool + vm->constant_pool_bytes + 3 * 8,      pool + vm->constant_pool_bytes + 5 * 8};
        const uintptr_t bad[] = {0, 0x8000, cm + 3, (uintptr_t)1 << 50, g_f.hole};
        struct method_source src;
        bool faulted = false;
        uintptr_t good = safe_load64(places[which], &faulted);
        for (size_t i = 0; i < COUNT_OF(bad); i++) {
            fake_poke(places[which], bad[i]);
            g_faulted = false;
            ck_assert_msg(!source(method, &src), "pointer %d, value %zu", which, i);
            ck_assert(g_faulted == (bad[i] == g_f.hole));
        }
        fake_poke(places[which], good);
        g_faulted = false;
        ck_assert(source(method, &src));
    }
}
END_TEST

START_TEST(a_name_outside_the_pool_refuses_the_method)
{
    start(_i);
    static const uint16_t bad[] = {0, 8, 9, 0xffff};
    struct vm_field fields[] = {g_f.vm.cm_name, g_f.vm.cm_signature};
    for (size_t k = 0; k < COUNT_OF(fields); k++)
        for (size_t i = 0; i < COUNT_OF(bad); i++) {
            uintptr_t method = some_method();
            struct method_source src;
            fake_set(fields[k], fake_const_method(&g_f, method), bad[i]);
            ck_assert(!source(method, &src));
        }
    ck_assert(!g_faulted);
}
END_TEST

START_TEST(a_pool_of_negative_length_refuses_the_method)
{
    start(_i);
    uintptr_t method = some_method();
    struct method_source src;
    uintptr_t pool = vm_get(g_f.vm.cm_constants, fake_const_method(&g_f, method), &g_faulted);
    fake_set(g_f.vm.cp_length, pool, (uint32_t)-1);
    ck_assert(!source(method, &src));
    ck_assert(!g_faulted);
}
END_TEST

START_TEST(an_empty_symbol_refuses_the_method)
{
    start(_i);
    static const struct fake_method_spec specs[] = {
        {.class_name = "", .name = "n", .signature = "()V", .code_bytes = 1},
        {.class_name = "a/B", .name = "", .signature = "()V", .code_bytes = 1},
        {.class_name = "a/B", .name = "n", .signature = "", .code_bytes = 1},
    };
    struct method_source src;
    for (size_t i = 0; i < COUNT_OF(specs); i++)
        ck_assert(!source(fake_method(&g_f, &specs[i]), &src));
    ck_assert(!g_faulted);
}
END_TEST

START_TEST(a_method_without_line_table_has_none)
{
    start(_i);
    struct method_source src = {.lines = 1, .lines_max = 1};
    ck_assert(source(fake_java(&g_f, "run"), &src));
    ck_assert_uint_eq(src.lines, 0);
    ck_assert_uint_eq(src.lines_max, 0);
}
END_TEST

START_TEST(a_line_table_beyond_its_const_method_is_none)
{
    start(_i);
    uintptr_t method = some_method(), cm = fake_const_method(&g_f, method);
    struct method_source src;
    /* in words: nothing left, less than the header, absurd, negative */
    static const int32_t words[] = {9, 1, 0, (1 << 16) + 1, INT32_MAX, -1, INT32_MIN};
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        fake_set(g_f.vm.cm_size, cm, (uint32_t)words[i]);
        ck_assert(source(method, &src));
        ck_assert_msg(src.lines == 0 && src.lines_max == 0, "%d words", words[i]);
    }
    fake_set(g_f.vm.cm_size, cm, 10); /* 48 + 25 = 73 bytes of 80 */
    ck_assert(source(method, &src));
    ck_assert_uint_eq(src.lines, cm + 73);
    ck_assert_uint_eq(src.lines_max, 7);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("method");
    TCase *tc = tcase_create("method");
    suite_add_tcase(suite, tc);
    tcase_add_checked_fixture(tc, NULL, tear_down);
#define ADD(test) tcase_add_loop_test(tc, test, 0, FAKE_N_JDKS)
    ADD(a_method_is_read_with_names_modifiers_and_lines);
    ADD(the_bytecodes_are_behind_the_const_method);
    ADD(what_cannot_be_a_pointer_is_refused_unread);
    ADD(unmapped_pointers_are_a_fault_and_no_crash);
    ADD(a_bad_pointer_anywhere_on_the_way_refuses_the_method);
    ADD(a_name_outside_the_pool_refuses_the_method);
    ADD(a_pool_of_negative_length_refuses_the_method);
    ADD(an_empty_symbol_refuses_the_method);
    ADD(a_method_without_line_table_has_none);
    ADD(a_line_table_beyond_its_const_method_is_none);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int n_failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return n_failed != 0;
}
