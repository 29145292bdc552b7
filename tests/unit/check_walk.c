/* check_walk.c — src/walk on stacks of a fake HotSpot: every kind of frame. Frames that are being
 * made or left are check_walk_prologue.c, damaged stacks check_walk_damage.c. */
#include "walk_stage.h"

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
