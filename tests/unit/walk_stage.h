/* walk_stage.h — what the tests of whole stacks share: a fake thread, the methods and code its
 * stack is made of, and the comparison. One copy in each test program. */
#ifndef TESTS_UNIT_WALK_STAGE_H
#define TESTS_UNIT_WALK_STAGE_H

#include <check.h>
#include <string.h>

#include "os/safe_load.h"
#include "support/fake_vm.h"
#include "walk/walk.h"

enum { FRAMES_MAX = 512 };

static struct fake_vm g_f;
static struct frame g_frames[FRAMES_MAX];
static struct walk_result g_result;

/* Methods and code that most stacks here are made of. */
static uintptr_t g_main, g_run, g_leaf, g_inlined, g_native_method;
static struct fake_code g_caller, g_callee, g_wrapper, g_runtime_stub;
enum {
    CALL_AT = 40, /* where g_caller calls; g_inlined is inlined there */
    CALLER_FRAME_WORDS = 6,
    CALLEE_FRAME_WORDS = 8,
};

static struct fake_code compiled(uintptr_t method, int level, const struct fake_code_spec *more)
{
    struct fake_code_spec spec = *more;
    spec.name = spec.name ? spec.name : "nmethod";
    spec.code_bytes = 256;
    spec.method = method;
    spec.level = level;
    return fake_blob(&g_f, HEAP_METHODS, &spec);
}

static void start(int jdk)
{
    struct err e;
    fake_vm_init(&g_f, (enum fake_jdk)jdk);
    ck_assert_msg(safe_load_install(&e) == 0, "%s", e.text);
    g_main = fake_java(&g_f, "main");
    g_run = fake_java(&g_f, "run");
    g_leaf = fake_java(&g_f, "leaf");
    g_inlined = fake_java(&g_f, "inlined");
    g_native_method = fake_method(
        &g_f, &(struct fake_method_spec){.class_name = "a/B", .name = "read0", .signature = "()I"});
    const struct fake_pc in_caller = {
        .offset = CALL_AT, .n = 2, .scopes = {{g_inlined, 5}, {g_run, 17}}};
    const struct fake_pc in_callee = {.offset = 60, .n = 1, .scopes = {{g_leaf, 9}}};
    const struct fake_pc in_wrapper = {.offset = 50, .n = 0};
    g_caller = compiled(
        g_run, 4,
        &(struct fake_code_spec){
            .frame_words = CALLER_FRAME_WORDS, .frame_complete = 5, .pcs = &in_caller, .n_pcs = 1});
    g_callee = compiled(
        g_leaf, 1,
        &(struct fake_code_spec){
            .frame_words = CALLEE_FRAME_WORDS, .frame_complete = 5, .pcs = &in_callee, .n_pcs = 1});
    g_wrapper = compiled(g_native_method, 0,
                         &(struct fake_code_spec){.name = "native nmethod",
                                                  .frame_words = 10,
                                                  .frame_complete = 5,
                                                  .pcs = &in_wrapper,
                                                  .n_pcs = 1});
    g_runtime_stub =
        fake_blob(&g_f, HEAP_STUBS,
                  &(struct fake_code_spec){
                      .name = "RuntimeStub - new_instance", .code_bytes = 128, .frame_words = 12});
}

static void tear_down(void)
{
    safe_load_remove();
    fake_vm_fini(&g_f);
}

static void walk(uint32_t max_frames)
{
    g_result = walk_stack(&g_f.walker, &g_f.cpu, (void *)g_f.thread, g_frames, max_frames);
}

static void assert_frames(const struct frame *expected, size_t n, enum walk_status status)
{
    walk(FRAMES_MAX);
    for (size_t i = 0; i < n && i < g_result.n_frames; i++) {
        ck_assert_msg(g_frames[i].id == expected[i].id, "frame %zu", i);
        ck_assert_msg(g_frames[i].bci == expected[i].bci, "frame %zu: bci %d", i, g_frames[i].bci);
        ck_assert_msg(g_frames[i].type == expected[i].type, "frame %zu: type %u", i,
                      g_frames[i].type);
    }
    ck_assert_uint_eq(g_result.n_frames, n);
    ck_assert_str_eq(walk_status_name(g_result.status), walk_status_name(status));
}

#define EXPECT(status, ...)                            \
    assert_frames((const struct frame[]){__VA_ARGS__}, \
                  sizeof((const struct frame[]){__VA_ARGS__}) / sizeof(struct frame), status)
#define INTERPRETED(method, at)                                \
    {                                                          \
        .id = (method), .bci = (at), .type = FRAME_INTERPRETED \
    }
#define COMPILED(method, at)                                    \
    {                                                           \
        .id = (method), .bci = (at), .type = FRAME_JIT_COMPILED \
    }
#define C1(method, at)                                         \
    {                                                          \
        .id = (method), .bci = (at), .type = FRAME_C1_COMPILED \
    }
#define INLINED(method, at)                                \
    {                                                      \
        .id = (method), .bci = (at), .type = FRAME_INLINED \
    }
#define NATIVE(method)                                 \
    {                                                  \
        .id = (method), .bci = 0, .type = FRAME_NATIVE \
    }
#define CPP(pc)                                 \
    {                                           \
        .id = (pc), .bci = 0, .type = FRAME_CPP \
    }
/* What start_main() and start_compiled() leave, from the caller on. */
#define MAIN          INTERPRETED(g_main, 3)
#define COMPILED_MAIN INLINED(g_inlined, 5), COMPILED(g_run, 17), MAIN

/* The thread runs main() in the interpreter. */
static void start_main(int jdk)
{
    start(jdk);
    fake_call_native(&g_f, 2);
    fake_enter_java(&g_f);
    fake_call_interpreted(&g_f, g_main, 3);
}

/* main() has called compiled code, which is about to call. */
static void start_compiled(int jdk)
{
    start_main(jdk);
    fake_call_compiled(&g_f, &g_caller, CALL_AT);
}

#endif
