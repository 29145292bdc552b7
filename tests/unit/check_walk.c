/* check_walk.c — src/walk on stacks of a fake HotSpot: every kind of frame, whole and half made.
 * Damaged stacks are check_walk_damage.c. */
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

/* --- interpreted ------------------------------------------------------------------------------ */

START_TEST(interpreted_methods_come_out_with_their_bytecode_indexes)
{
    start_main(_i);
    fake_call_interpreted(&g_f, g_run, 99);
    fake_call_interpreted(&g_f, g_leaf, 0);
    EXPECT(WALK_OK, INTERPRETED(g_leaf, 0), INTERPRETED(g_run, 99), MAIN);
    ck_assert(g_result.has_java);
    ck_assert_uint_eq(g_result.scanned_frames, 0);
}
END_TEST

START_TEST(the_running_interpreter_has_its_bytecode_pointer_in_r13)
{
    start_main(_i);
    fake_call_interpreted(&g_f, g_leaf, 10);
    uintptr_t code = fake_const_method(&g_f, g_leaf) + g_f.vm.const_method_bytes;
    g_f.cpu.r13 = code + 42;
    EXPECT(WALK_OK, INTERPRETED(g_leaf, 42), MAIN);
    g_f.cpu.r13 = code + 100; /* behind the bytecodes: used for something else */
    EXPECT(WALK_OK, INTERPRETED(g_leaf, 10), MAIN);
}
END_TEST

START_TEST(interpreted_native_methods_are_native)
{
    start_main(_i);
    fake_call_interpreted(&g_f, g_native_method, 0);
    EXPECT(WALK_OK, NATIVE(g_native_method), MAIN);
}
END_TEST

/* In the interpreter's entry code: no frame yet, the callee in rbx, rbp whatever the compiled
 * caller had in it. */
static void enter_interpreter(void)
{
    fake_push(&g_f, g_f.cpu.pc);
    g_f.cpu.r13 = g_f.cpu.sp + 8;
    g_f.cpu.pc = g_f.interpreter.begin + 0x800;
    g_f.cpu.fp = 0x1234;
    g_f.cpu.rbx = g_leaf;
}

START_TEST(a_method_that_the_interpreter_is_entering_is_on_top)
{
    start_compiled(_i);
    enter_interpreter();
    EXPECT(WALK_OK, INTERPRETED(g_leaf, 0), COMPILED_MAIN);
    g_f.cpu.rbx = g_native_method;
    EXPECT(WALK_OK, NATIVE(g_native_method), COMPILED_MAIN);
    g_f.cpu.rbx = g_f.hole; /* need not be a Method* */
    EXPECT(WALK_OK, COMPILED_MAIN);
}
END_TEST

START_TEST(an_entry_that_has_popped_the_return_address_has_it_in_rax)
{
    start_compiled(_i);
    enter_interpreter();
    g_f.cpu.rax = g_caller.begin + CALL_AT;
    g_f.cpu.sp += 8;
    fake_push(&g_f, 0);
    fake_push(&g_f, 0);
    fake_push(&g_f, 0); /* locals */
    g_f.cpu.r13 = g_f.cpu.sp + 24;
    EXPECT(WALK_OK, INTERPRETED(g_leaf, 0), COMPILED_MAIN);
}
END_TEST

START_TEST(a_half_built_interpreter_frame_has_its_caller_by_rbp)
{
    start_compiled(_i);
    uintptr_t sender_sp = g_f.cpu.sp;
    enter_interpreter();
    fake_push(&g_f, g_f.cpu.fp);
    g_f.cpu.fp = g_f.cpu.sp;
    fake_push(&g_f, sender_sp);
    fake_push(&g_f, 0);
    fake_push(&g_f, 0); /* where the method will be */
    EXPECT(WALK_OK, INTERPRETED(g_leaf, 0), COMPILED_MAIN);
}
END_TEST

/* A C2I adapter moves arguments to the stack, below the caller's sp, which it keeps in r13. */
START_TEST(an_adapter_has_its_callers_sp_in_r13)
{
    start_compiled(_i);
    struct fake_code adapter = fake_blob(
        &g_f, HEAP_STUBS, &(struct fake_code_spec){.name = "I2C/C2I adapters", .code_bytes = 64});
    uintptr_t caller_pc = g_f.cpu.pc;
    g_f.cpu.r13 = g_f.cpu.sp;
    for (int i = 0; i < 3; i++)
        fake_push(&g_f, 0x77); /* arguments */
    fake_push(&g_f, caller_pc);
    g_f.cpu.pc = adapter.begin + 30;
    EXPECT(WALK_OK, COMPILED_MAIN);
    g_f.cpu.r13 = 0; /* not set yet: nothing is moved yet either */
    g_f.cpu.sp += 32;
    fake_push(&g_f, caller_pc);
    EXPECT(WALK_OK, COMPILED_MAIN);
}
END_TEST

/* --- compiled --------------------------------------------------------------------------------- */

START_TEST(compiled_methods_come_out_with_everything_inlined)
{
    start_compiled(_i);
    fake_call_compiled(&g_f, &g_callee, 30);
    EXPECT(WALK_OK, C1(g_leaf, 9), COMPILED_MAIN);
    ck_assert_uint_eq(g_result.scanned_frames, 0);
}
END_TEST

START_TEST(compiled_code_without_debug_info_there_gives_its_method)
{
    start_compiled(_i);
    fake_call_compiled(&g_f, &g_callee, 100);
    EXPECT(WALK_OK, C1(g_leaf, 0), COMPILED_MAIN);
}
END_TEST

START_TEST(an_interpreted_callee_of_compiled_code_leads_back_to_it)
{
    start_compiled(_i);
    fake_call_interpreted(&g_f, g_leaf, 1);
    fake_call_compiled(&g_f, &g_caller, CALL_AT);
    fake_call_interpreted(&g_f, g_leaf, 2);
    EXPECT(WALK_OK, INTERPRETED(g_leaf, 2), INLINED(g_inlined, 5), COMPILED(g_run, 17),
           INTERPRETED(g_leaf, 1), COMPILED_MAIN);
}
END_TEST

START_TEST(a_deoptimized_caller_is_named_by_its_original_pc)
{
    start_compiled(_i);
    uintptr_t caller_sp = g_f.cpu.sp;
    fake_call_interpreted(&g_f, g_leaf, 1);
    fake_poke(caller_sp + FAKE_ORIG_PC_OFFSET, g_caller.begin + CALL_AT);
    fake_poke(g_f.cpu.fp + 8, g_caller.deopt_pc);
    EXPECT(WALK_OK, INTERPRETED(g_leaf, 1), COMPILED_MAIN);
}
END_TEST

START_TEST(registers_pushed_by_an_intrinsic_do_not_hide_the_caller)
{
    for (int pushed = 1; pushed <= 2; pushed++) {
        start_compiled(_i);
        fake_call_compiled(&g_f, &g_callee, 30);
        for (int i = 0; i < pushed; i++)
            fake_push(&g_f, g_f.cpu.sp);
        EXPECT(WALK_OK, C1(g_leaf, 9), COMPILED_MAIN);
        if (pushed == 1)
            tear_down();
    }
}
END_TEST

START_TEST(a_frame_without_a_size_is_bad)
{
    start_compiled(_i);
    fake_call_compiled(&g_f, &g_callee, 30);
    fake_set(g_f.vm.blob_frame_size, g_callee.blob, 0);
    EXPECT(WALK_BAD_FRAME, C1(g_leaf, 9));
}
END_TEST

/* --- prologues and epilogues ------------------------------------------------------------------ */

enum effect { NONE, PUSH_FP, MOVE_FP, MAKE_ROOM, SAVE_FP, DROP_ROOM, POP_FP };

struct instruction {
    uint8_t n_bytes, bytes[8];
    enum effect effect;
};

/* Of a callee with CALLEE_FRAME_WORDS: room for 6 words below the saved rbp. */
#define BANG                                                \
    {                                                       \
        7, {0x89, 0x84, 0x24, 0x00, 0xc0, 0xfe, 0xff}, NONE \
    }
#define PUSH_RBP           \
    {                      \
        1, {0x55}, PUSH_FP \
    }
#define SUB_SHORT                              \
    {                                          \
        4, {0x48, 0x83, 0xec, 0x30}, MAKE_ROOM \
    }
#define SUB_LONG                                        \
    {                                                   \
        7, {0x48, 0x81, 0xec, 0x30, 0, 0, 0}, MAKE_ROOM \
    }
#define NOPS                  \
    {                         \
        2, {0x90, 0x90}, NONE \
    }

static const struct instruction g_prologues[][6] = {
    {PUSH_RBP, SUB_SHORT},
    {BANG, PUSH_RBP, SUB_SHORT, NOPS},
    {BANG, PUSH_RBP, SUB_LONG, NOPS},
    {NOPS, BANG, PUSH_RBP, {3, {0x48, 0x8b, 0xec}, MOVE_FP}, SUB_SHORT, NOPS},
    {BANG, PUSH_RBP, {3, {0x48, 0x89, 0xe5}, MOVE_FP}, SUB_LONG},
    /* sub rsp, 56 · mov [rsp + 48], rbp */
    {{4, {0x48, 0x83, 0xec, 0x38}, MAKE_ROOM}, {5, {0x48, 0x89, 0x6c, 0x24, 0x30}, SAVE_FP}},
    {BANG,
     {7, {0x48, 0x81, 0xec, 0x38, 0, 0, 0}, MAKE_ROOM},
     {8, {0x48, 0x89, 0xac, 0x24, 0x30, 0, 0, 0}, SAVE_FP},
     NOPS},
};

static void apply(const struct instruction *insn, const struct instruction *all)
{
    bool is_pushed = false; /* else rbp is saved by a mov into the room */
    for (int i = 0; i < 6; i++)
        is_pushed |= all[i].effect == PUSH_FP || all[i].effect == POP_FP;
    uint32_t room = (CALLEE_FRAME_WORDS - 1 - (is_pushed ? 1 : 0)) * 8;
    switch (insn->effect) {
    case NONE: break;
    case PUSH_FP: fake_push(&g_f, g_f.cpu.fp); break;
    case MOVE_FP: g_f.cpu.fp = g_f.cpu.sp; break;
    case MAKE_ROOM:
        for (uint32_t i = 0; i < room; i += 8)
            fake_push(&g_f, 0x5555);
        break;
    case SAVE_FP: fake_poke(g_f.cpu.sp + room - 8, g_f.cpu.fp); break;
    case DROP_ROOM: g_f.cpu.sp += room; break;
    case POP_FP: {
        bool faulted = false;
        g_f.cpu.fp = safe_load64(g_f.cpu.sp, &faulted);
        g_f.cpu.sp += 8;
        break;
    }
    }
}

/* A callee whose code is these instructions, from offset 0 on or (is_end) at its offset 100. */
static struct fake_code callee_of(const struct instruction *insns, bool is_end)
{
    uint8_t code[256];
    uint32_t n = 0;
    memset(code, 0x90, sizeof code);
    n = is_end ? 100 : 0;
    for (int i = 0; i < 6; n += insns[i++].n_bytes)
        memcpy(code + n, insns[i].bytes, insns[i].n_bytes);
    return compiled(g_leaf, 4,
                    &(struct fake_code_spec){.frame_words = CALLEE_FRAME_WORDS,
                                             .frame_complete = is_end ? 5 : (int32_t)n,
                                             .code = code,
                                             .n_code = is_end ? 200 : n});
}

/* Interrupted before each instruction and behind the last one, with an interpreted caller (whose
 * rbp has to be kept) and a compiled one. */
static void assert_prologue(int jdk, const struct instruction *insns)
{
    int n_insns = 0;
    while (n_insns < 6 && insns[n_insns].n_bytes)
        n_insns++;
    for (int done = 0; done <= n_insns; done++)
        for (int is_compiled = 0; is_compiled < 2; is_compiled++) {
            start_main(jdk);
            struct fake_code callee = callee_of(insns, false);
            if (is_compiled)
                fake_call_compiled(&g_f, &g_caller, CALL_AT);
            fake_push(&g_f, g_f.cpu.pc);
            g_f.cpu.pc = callee.begin;
            for (int i = 0; i < done; i++) {
                apply(&insns[i], insns);
                g_f.cpu.pc += insns[i].n_bytes;
            }
            if (is_compiled)
                EXPECT(WALK_OK, COMPILED(g_leaf, 0), COMPILED_MAIN);
            else
                EXPECT(WALK_OK, COMPILED(g_leaf, 0), MAIN);
            ck_assert_uint_eq(g_result.scanned_frames, 0);
            tear_down();
        }
}

START_TEST(a_prologue_may_be_interrupted_anywhere)
{
    for (size_t i = 0; i < COUNT_OF(g_prologues); i++)
        assert_prologue(_i, g_prologues[i]);
    start(_i);
}
END_TEST

static const struct instruction g_epilogues[][6] = {
    {{4, {0x48, 0x83, 0xc4, 0x30}, DROP_ROOM}, {1, {0x5d}, POP_FP}, {1, {0xc3}, NONE}},
    /* with a poll: cmp rsp, [r15 + d] · ja · ret */
    {{4, {0x48, 0x83, 0xc4, 0x30}, DROP_ROOM},
     {1, {0x5d}, POP_FP},
     {7, {0x49, 0x3b, 0xa7, 0x48, 0x03, 0, 0}, NONE},
     {6, {0x0f, 0x87, 0x10, 0, 0, 0}, NONE},
     {1, {0xc3}, NONE}},
    {{4, {0x48, 0x83, 0xc4, 0x30}, DROP_ROOM},
     {1, {0x5d}, POP_FP},
     {4, {0x49, 0x3b, 0x67, 0x48}, NONE},
     {6, {0x0f, 0x87, 0x10, 0, 0, 0}, NONE},
     {1, {0xc3}, NONE}},
    /* C1's way out with an exception */
    {{4, {0x48, 0x83, 0xc4, 0x30}, DROP_ROOM}, {1, {0x5d}, POP_FP}, {5, {0xe9, 0, 0, 0, 0}, NONE}},
};

START_TEST(an_epilogue_may_be_interrupted_anywhere)
{
    for (size_t e = 0; e < COUNT_OF(g_epilogues); e++)
        for (int done = 0; done < 6 && g_epilogues[e][done].n_bytes; done++) {
            start_compiled(_i);
            struct fake_code callee = callee_of(g_epilogues[e], true);
            fake_call_compiled(&g_f, &callee, 100);
            for (int i = 0; i < done; i++) {
                apply(&g_epilogues[e][i], g_epilogues[e]);
                g_f.cpu.pc += g_epilogues[e][i].n_bytes;
            }
            EXPECT(WALK_OK, COMPILED(g_leaf, 0), COMPILED_MAIN);
            ck_assert_uint_eq(g_result.scanned_frames, 0);
            tear_down();
        }
    start(_i);
}
END_TEST

/* --- native code under Java ------------------------------------------------------------------- */

START_TEST(native_code_under_a_wrapper_leads_to_it_by_the_anchor)
{
    start_compiled(_i);
    fake_call_compiled(&g_f, &g_wrapper, 50);
    fake_set_anchor(&g_f);
    fake_call_native(&g_f, 4);
    fake_call_native(&g_f, 4);
    EXPECT(WALK_OK, CPP(g_f.cpu.pc), CPP(g_f.cpu.pc - 1), NATIVE(g_native_method), COMPILED_MAIN);
    g_f.cpu.fp = 0x1234; /* libc: no frame pointers, the anchor is enough */
    EXPECT(WALK_OK, CPP(g_f.cpu.pc), NATIVE(g_native_method), COMPILED_MAIN);
    ck_assert_uint_eq(g_result.scanned_frames, 0);
}
END_TEST

START_TEST(an_anchor_without_a_pc_has_it_below_its_sp)
{
    start_compiled(_i);
    fake_call_compiled(&g_f, &g_wrapper, 50);
    fake_set_anchor(&g_f);
    fake_set(g_f.vm.anchor_pc, g_f.thread + (uintptr_t)g_f.vm.thread_anchor.offset, 0);
    fake_call_native(&g_f, 4);
    g_f.cpu.fp = 0;
    EXPECT(WALK_OK, CPP(g_f.cpu.pc), NATIVE(g_native_method), COMPILED_MAIN);
}
END_TEST

START_TEST(the_vm_under_a_runtime_stub_leads_to_the_stubs_caller)
{
    start_compiled(_i);
    fake_call_compiled(&g_f, &g_runtime_stub, 40);
    fake_set_anchor(&g_f);
    fake_call_native(&g_f, 4);
    EXPECT(WALK_OK, CPP(g_f.cpu.pc), COMPILED_MAIN);
}
END_TEST

START_TEST(java_called_from_native_code_goes_on_to_the_java_below)
{
    start_compiled(_i);
    fake_call_compiled(&g_f, &g_wrapper, 50);
    fake_set_anchor(&g_f);
    fake_call_native(&g_f, 4);
    fake_enter_java(&g_f);
    fake_call_interpreted(&g_f, g_leaf, 1);
    fake_call_compiled(&g_f, &g_wrapper, 50);
    fake_set_anchor(&g_f);
    fake_call_native(&g_f, 4);
    EXPECT(WALK_OK, CPP(g_f.cpu.pc), NATIVE(g_native_method), INTERPRETED(g_leaf, 1),
           NATIVE(g_native_method), COMPILED_MAIN);
}
END_TEST

START_TEST(a_leaf_call_out_of_compiled_code_comes_back_by_frame_pointers)
{
    start_compiled(_i);
    fake_set_in_java(&g_f, true);
    fake_call_native(&g_f, 3);
    fake_call_native(&g_f, 3);
    EXPECT(WALK_OK, CPP(g_f.cpu.pc), CPP(g_f.cpu.pc - 1), COMPILED_MAIN);
    ck_assert_uint_eq(g_result.scanned_frames, 0);
}
END_TEST

START_TEST(threads_without_java_have_native_frames_as_far_as_code_is_mapped)
{
    start(_i);
    uintptr_t root = g_f.cpu.pc;
    for (int i = 0; i < 3; i++)
        fake_call_native(&g_f, 2);
    uintptr_t pc = g_f.cpu.pc;
    g_f.thread = 0;
    EXPECT(WALK_OK, CPP(pc), CPP(pc - 1), CPP(pc - 1), CPP(root - 1));
    ck_assert(!g_result.has_java);
    g_f.walker.vm = NULL;
    EXPECT(WALK_OK, CPP(pc), CPP(pc - 1), CPP(pc - 1), CPP(root - 1));
    store_relaxed(&g_f.walker.ranges, NULL);
    EXPECT(WALK_OK, CPP(pc));
    g_f.cpu.pc = 8; /* a call through a null pointer */
    walk(FRAMES_MAX);
    ck_assert_int_eq(g_result.status, WALK_UNKNOWN_PC);
    ck_assert_uint_eq(g_result.n_frames, 0);
}
END_TEST

START_TEST(a_java_thread_that_is_not_in_java_and_has_no_anchor_is_native)
{
    start(_i);
    uintptr_t root = g_f.cpu.pc;
    fake_call_native(&g_f, 2);
    EXPECT(WALK_OK, CPP(g_f.cpu.pc), CPP(root - 1));
}
END_TEST

/* --- searching -------------------------------------------------------------------------------- */

/* libc in a leaf call of compiled code: nothing known but the stack. */
static void call_without_frame(void)
{
    fake_set_in_java(&g_f, true);
    fake_push(&g_f, g_f.cpu.pc);
    fake_push(&g_f, 0x1111);
    g_f.cpu.pc = g_f.native->r[0].start + 0x3000;
    g_f.cpu.fp = 0x1234;
}

START_TEST(a_search_finds_the_return_address_behind_a_call)
{
    start_compiled(_i);
    call_without_frame();
    fake_push(&g_f, g_caller.begin + CALL_AT - 3); /* code, but no call ends there */
    fake_push(&g_f, g_caller.begin);
    fake_push(&g_f, g_caller.blob + 8);
    fake_push(&g_f, g_f.stack_low);
    EXPECT(WALK_OK, CPP(g_f.cpu.pc), COMPILED_MAIN);
    ck_assert_uint_eq(g_result.scanned_frames, 1);
}
END_TEST

/* libc keeps rbp as it found it: the interpreter's, with or without compiled code in between. */
START_TEST(a_leaf_call_with_the_interpreters_rbp_loses_no_method)
{
    start_main(_i);
    uintptr_t fp = g_f.cpu.fp;
    call_without_frame();
    g_f.cpu.fp = fp;
    EXPECT(WALK_OK, CPP(g_f.cpu.pc), MAIN);
    tear_down();
    start_compiled(_i);
    fp = g_f.cpu.fp;
    call_without_frame();
    g_f.cpu.fp = fp;
    EXPECT(WALK_OK, CPP(g_f.cpu.pc), COMPILED_MAIN);
    ck_assert_uint_eq(g_result.scanned_frames, 1);
}
END_TEST

START_TEST(a_search_without_a_find_says_so)
{
    start(_i);
    fake_enter_java(&g_f);
    for (int i = 0; i < 600; i++) /* more than it searches */
        fake_push(&g_f, g_caller.begin + CALL_AT + 1);
    g_f.cpu.pc = 0;
    call_without_frame();
    EXPECT(WALK_NO_ANCHOR, CPP(g_f.cpu.pc));
    ck_assert_uint_eq(g_result.scanned_frames, 0);
}
END_TEST

/* --- stubs ------------------------------------------------------------------------------------ */

START_TEST(a_stub_on_top_has_its_return_address_on_the_stack_or_by_rbp)
{
    static const uint8_t code[] = {0x55, 0x48, 0x89, 0xe5, 0x90};
    start_compiled(_i);
    struct fake_code stub = fake_blob(
        &g_f, HEAP_STUBS,
        &(struct fake_code_spec){
            .name = "StubRoutines (2)", .code_bytes = 128, .code = code, .n_code = sizeof code});
    fake_push(&g_f, g_f.cpu.pc);
    g_f.cpu.pc = stub.begin;
    EXPECT(WALK_OK, COMPILED_MAIN);
    fake_push(&g_f, g_f.cpu.fp);
    g_f.cpu.pc = stub.begin + 1;
    EXPECT(WALK_OK, COMPILED_MAIN);
    g_f.cpu.fp = g_f.cpu.sp;
    for (int i = 0; i < 20; i++)
        fake_push(&g_f, 0x99);
    g_f.cpu.pc = stub.begin + 40;
    EXPECT(WALK_OK, COMPILED_MAIN);
    ck_assert_uint_eq(g_result.scanned_frames, 0);
    g_f.cpu.fp = 0x1234; /* of no known layout: searched */
    EXPECT(WALK_OK, COMPILED_MAIN);
    ck_assert_uint_eq(g_result.scanned_frames, 1);
}
END_TEST

static void add_tests(TCase *tc)
{
#define ADD(test) tcase_add_loop_test(tc, test, 0, FAKE_N_JDKS)
    ADD(interpreted_methods_come_out_with_their_bytecode_indexes);
    ADD(the_running_interpreter_has_its_bytecode_pointer_in_r13);
    ADD(interpreted_native_methods_are_native);
    ADD(a_method_that_the_interpreter_is_entering_is_on_top);
    ADD(an_entry_that_has_popped_the_return_address_has_it_in_rax);
    ADD(a_half_built_interpreter_frame_has_its_caller_by_rbp);
    ADD(an_adapter_has_its_callers_sp_in_r13);
    ADD(compiled_methods_come_out_with_everything_inlined);
    ADD(compiled_code_without_debug_info_there_gives_its_method);
    ADD(an_interpreted_callee_of_compiled_code_leads_back_to_it);
    ADD(a_deoptimized_caller_is_named_by_its_original_pc);
    ADD(registers_pushed_by_an_intrinsic_do_not_hide_the_caller);
    ADD(a_frame_without_a_size_is_bad);
    ADD(a_prologue_may_be_interrupted_anywhere);
    ADD(an_epilogue_may_be_interrupted_anywhere);
    ADD(native_code_under_a_wrapper_leads_to_it_by_the_anchor);
    ADD(an_anchor_without_a_pc_has_it_below_its_sp);
    ADD(the_vm_under_a_runtime_stub_leads_to_the_stubs_caller);
    ADD(java_called_from_native_code_goes_on_to_the_java_below);
    ADD(a_leaf_call_out_of_compiled_code_comes_back_by_frame_pointers);
    ADD(threads_without_java_have_native_frames_as_far_as_code_is_mapped);
    ADD(a_java_thread_that_is_not_in_java_and_has_no_anchor_is_native);
    ADD(a_search_finds_the_return_address_behind_a_call);
    ADD(a_leaf_call_with_the_interpreters_rbp_loses_no_method);
    ADD(a_search_without_a_find_says_so);
    ADD(a_stub_on_top_has_its_return_address_on_the_stack_or_by_rbp);
#undef ADD
}

int main(void)
{
    Suite *suite = suite_create("walk");
    TCase *tc = tcase_create("walk");
    suite_add_tcase(suite, tc);
    tcase_add_checked_fixture(tc, NULL, tear_down);
    tcase_set_timeout(tc, 60);
    add_tests(tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int n_failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return n_failed != 0;
}
