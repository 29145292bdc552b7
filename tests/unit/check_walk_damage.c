/* check_walk_damage.c — src/walk on stacks that are damaged, cut, endless or random: every walk
 * ends, within max_frames, without a crash. Whole stacks are check_walk.c. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "os/safe_load.h"
#include "support/fake_vm.h"
#include "walk/walk.h"

enum { FRAMES_MAX = 300, DEEP = 100 };

static struct fake_vm g_f;
static struct frame g_frames[FRAMES_MAX + 1];
static struct walk_result g_result;
static uintptr_t g_method, g_native_method;
static struct fake_code g_code, g_wrapper, g_stub, g_adapter;
enum { CALL_AT = 40 };

static void make_code(void)
{
    const struct fake_pc pc = {.offset = CALL_AT, .n = 1, .scopes = {{g_method, 17}}};
    const struct fake_pc none = {.offset = CALL_AT, .n = 0};
    struct fake_code_spec spec = {.name = "nmethod",
                                  .code_bytes = 256,
                                  .frame_words = 6,
                                  .frame_complete = 5,
                                  .method = g_method,
                                  .level = 4,
                                  .pcs = &pc,
                                  .n_pcs = 1};
    g_code = fake_blob(&g_f, HEAP_METHODS, &spec);
    spec.name = "native nmethod";
    spec.method = g_native_method;
    spec.pcs = &none;
    g_wrapper = fake_blob(&g_f, HEAP_METHODS, &spec);
    spec = (struct fake_code_spec){.name = "RuntimeStub", .code_bytes = 128, .frame_words = 12};
    g_stub = fake_blob(&g_f, HEAP_STUBS, &spec);
    spec = (struct fake_code_spec){.name = "I2C/C2I adapters", .code_bytes = 128};
    g_adapter = fake_blob(&g_f, HEAP_STUBS, &spec);
}

static void start(int jdk)
{
    struct err e;
    fake_vm_init(&g_f, (enum fake_jdk)jdk);
    ck_assert_msg(safe_load_install(&e) == 0, "%s", e.text);
    g_method = fake_java(&g_f, "run");
    g_native_method = fake_method(
        &g_f, &(struct fake_method_spec){.class_name = "a/B", .name = "read0", .signature = "()I"});
    make_code();
}

static void tear_down(void)
{
    safe_load_remove();
    fake_vm_fini(&g_f);
}

/* Walk into a buffer whose next frame is watched. */
static void walk(uint32_t max_frames)
{
    static const struct frame mark = {.id = 0x5a5a5a5a5a5a5a5a, .bci = 77, .type = 99};
    ck_assert_uint_le(max_frames, FRAMES_MAX);
    g_frames[max_frames] = mark;
    g_result = walk_stack(&g_f.walker, &g_f.cpu, (void *)g_f.thread, g_frames, max_frames);
    ck_assert_uint_le(g_result.n_frames, max_frames);
    ck_assert_mem_eq(&g_frames[max_frames], &mark, sizeof mark);
    ck_assert_uint_lt(g_result.status, WALK_METHODS_FULL);
}

static void assert_status(enum walk_status status)
{
    walk(FRAMES_MAX);
    ck_assert_str_eq(walk_status_name(g_result.status), walk_status_name(status));
}

/* DEEP interpreted and DEEP compiled frames. */
static void start_deep(int jdk)
{
    start(jdk);
    fake_call_native(&g_f, 2);
    fake_enter_java(&g_f);
    for (int i = 0; i < DEEP; i++) {
        fake_call_interpreted(&g_f, g_method, 3);
        fake_call_compiled(&g_f, &g_code, CALL_AT);
    }
}

/* --- bounds ----------------------------------------------------------------------------------- */

START_TEST(a_stack_deeper_than_max_frames_is_cut_at_the_root_side)
{
    start_deep(_i);
    assert_status(WALK_OK);
    ck_assert_uint_eq(g_result.n_frames, 2 * DEEP);
    static struct frame whole[2 * DEEP];
    memcpy(whole, g_frames, sizeof whole);
    for (uint32_t max = 0; max < 2 * DEEP; max++) {
        walk(max);
        ck_assert_uint_eq(g_result.n_frames, max);
        ck_assert_int_eq(g_result.status, WALK_TRUNCATED);
        ck_assert(max == 0 || memcmp(g_frames, whole, max * sizeof g_frames[0]) == 0);
    }
    walk(2 * DEEP);
    ck_assert_int_eq(g_result.status, WALK_OK);
}
END_TEST

START_TEST(native_frames_are_cut_too)
{
    start(_i);
    for (int i = 0; i < 290; i++)
        fake_call_native(&g_f, 1);
    walk(10);
    ck_assert_uint_eq(g_result.n_frames, 10);
    ck_assert_int_eq(g_result.status, WALK_TRUNCATED);
    walk(FRAMES_MAX); /* 256: its own bound */
    ck_assert_uint_eq(g_result.n_frames, 256);
    ck_assert_int_eq(g_result.status, WALK_OK);
}
END_TEST

START_TEST(a_stack_that_ends_in_the_middle_is_a_bad_frame)
{
    start_deep(_i);
    for (uintptr_t end = g_f.cpu.sp + 8; end < g_f.cpu.sp + 1000; end += 8) {
        fake_set(g_f.vm.thread_stack_base, g_f.thread, end);
        walk(FRAMES_MAX);
        ck_assert(g_result.status != WALK_OK);
        ck_assert_uint_lt(g_result.n_frames, 2 * DEEP);
    }
}
END_TEST

START_TEST(a_stack_with_a_hole_ends_there)
{
    start_deep(_i);
    uintptr_t page = (g_f.cpu.sp + 4096) & ~(uintptr_t)4095;
    ck_assert_int_eq(mprotect((void *)page, 4096, PROT_NONE), 0);
    walk(FRAMES_MAX);
    ck_assert(g_result.status == WALK_FAULT || g_result.status == WALK_BAD_FRAME);
    ck_assert_uint_gt(g_result.n_frames, 0);
    ck_assert_uint_lt(g_result.n_frames, 2 * DEEP);
}
END_TEST

START_TEST(an_unreadable_stack_pointer_crashes_nobody)
{
    start(_i);
    const uintptr_t pcs[] = {g_code.begin,         g_code.begin + 30,
                             g_wrapper.begin + 30, g_stub.begin + 8,
                             g_adapter.begin + 8,  g_f.interpreter.begin + 64,
                             g_f.call_stub.begin,  g_f.vm.call_stub_return};
    const uintptr_t sps[] = {g_f.hole, 0, 8, UINTPTR_MAX - 7, (uintptr_t)1 << 63};
    for (size_t p = 0; p < COUNT_OF(pcs); p++)
        for (size_t s = 0; s < COUNT_OF(sps); s++) {
            g_f.cpu.pc = pcs[p];
            g_f.cpu.sp = g_f.cpu.fp = sps[s];
            walk(FRAMES_MAX);
            ck_assert(g_result.status != WALK_OK);
        }
    g_f.cpu.pc = g_f.native->r[0].start + 16; /* native: one frame, and that is that */
    assert_status(WALK_OK);
    ck_assert_uint_eq(g_result.n_frames, 1);
    fake_set_in_java(&g_f, true);
    walk(FRAMES_MAX);
    ck_assert(g_result.status != WALK_OK);
}
END_TEST

START_TEST(a_pc_between_blobs_is_unknown_on_top_and_bad_below)
{
    start_deep(_i);
    uintptr_t nowhere = g_f.vm.heaps[HEAP_METHODS].high - 8;
    fake_poke(g_f.cpu.sp + g_code.frame_bytes - 8, nowhere);
    assert_status(WALK_BAD_FRAME);
    ck_assert_uint_eq(g_result.n_frames, 1);
    g_f.cpu.pc = nowhere;
    assert_status(WALK_UNKNOWN_PC);
    ck_assert_uint_eq(g_result.n_frames, 0);
}
END_TEST

/* --- circles ---------------------------------------------------------------------------------- */

START_TEST(a_frame_pointer_that_does_not_rise_ends_a_native_stack)
{
    start(_i);
    fake_call_native(&g_f, 2);
    fake_call_native(&g_f, 2);
    fake_poke(g_f.cpu.fp, g_f.cpu.fp); /* its own caller */
    assert_status(WALK_OK);
    ck_assert_uint_eq(g_result.n_frames, 2);
    fake_poke(g_f.cpu.fp, g_f.cpu.sp);
    assert_status(WALK_OK);
    ck_assert_uint_eq(g_result.n_frames, 2);
}
END_TEST

START_TEST(an_interpreted_frame_that_is_its_own_caller_is_a_bad_frame)
{
    start_deep(_i);
    fake_call_interpreted(&g_f, g_method, 1);
    fake_poke(g_f.cpu.fp, g_f.cpu.fp);
    fake_poke(g_f.cpu.fp + 8, g_f.cpu.pc);
    assert_status(WALK_BAD_FRAME);
    ck_assert_uint_eq(g_result.n_frames, 1);
}
END_TEST

START_TEST(an_entry_whose_anchor_is_not_above_it_is_a_bad_frame)
{
    start_deep(_i);
    fake_call_compiled(&g_f, &g_wrapper, CALL_AT);
    fake_set_anchor(&g_f);
    fake_enter_java(&g_f);
    uintptr_t entry_fp = g_f.cpu.fp, entry_sp = g_f.cpu.sp;
    fake_call_interpreted(&g_f, g_method, 1);
    assert_status(WALK_OK);
    ck_assert_uint_eq(g_result.n_frames, 2 * DEEP + 2);
    bool faulted = false;
    uintptr_t slot = entry_fp + (uintptr_t)(intptr_t)g_f.vm.entry_frame_wrapper * 8;
    uintptr_t wrapper = safe_load64(slot, &faulted);
    const uintptr_t bad[] = {entry_sp, entry_sp - 64, 8, entry_fp + 1, g_f.stack_high + 8};
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        fake_set(g_f.vm.anchor_sp, wrapper + (uintptr_t)g_f.vm.wrapper_anchor.offset, bad[i]);
        assert_status(WALK_BAD_FRAME);
        ck_assert_uint_eq(g_result.n_frames, 1);
    }
    fake_poke(slot, g_f.hole);
    assert_status(WALK_FAULT);
}
END_TEST

START_TEST(a_thread_anchor_that_makes_no_sense_is_not_used)
{
    start_deep(_i);
    fake_call_compiled(&g_f, &g_wrapper, CALL_AT);
    fake_set_anchor(&g_f);
    uintptr_t anchor = g_f.thread + (uintptr_t)g_f.vm.thread_anchor.offset;
    fake_call_native(&g_f, 4);
    g_f.cpu.fp = 0;
    assert_status(WALK_OK);
    ck_assert_uint_eq(g_result.n_frames, 2 * DEEP + 2);
    const uintptr_t bad[] = {8, g_f.cpu.sp - 64, g_f.cpu.sp + 1, g_f.stack_high + 64};
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        fake_set(g_f.vm.anchor_sp, anchor, bad[i]);
        assert_status(WALK_OK);
        ck_assert_uint_eq(g_result.n_frames, 1);
    }
    fake_set(g_f.vm.anchor_sp, anchor, g_f.cpu.sp + 64);
    fake_set(g_f.vm.anchor_pc, anchor, g_f.native->r[0].start);
    assert_status(WALK_OK);
    ck_assert_uint_eq(g_result.n_frames, 1);
}
END_TEST

/* --- torture ---------------------------------------------------------------------------------- */

static uint64_t g_seed;

static uint64_t next(void) /* xorshift64* */
{
    g_seed ^= g_seed >> 12;
    g_seed ^= g_seed << 25;
    g_seed ^= g_seed >> 27;
    return g_seed * 0x2545f4914f6cdd1d;
}

static uintptr_t some_code(void)
{
    const struct fake_code *codes[] = {&g_code,    &g_wrapper,       &g_stub,
                                       &g_adapter, &g_f.interpreter, &g_f.call_stub};
    const struct fake_code *c = codes[next() % COUNT_OF(codes)];
    switch (next() % 4) {
    case 0: return c->begin + CALL_AT;
    case 1: return g_f.vm.call_stub_return;
    case 2: return c->blob + next() % (c->end - c->blob);
    default: return c->begin + next() % 128;
    }
}

/* A word as it might lie on a stack, or in a register; rarely what belongs there. */
static uintptr_t some_word(void)
{
    uintptr_t low = g_f.stack_high - 16384;
    switch (next() % 10) {
    case 0: return 0;
    case 1: return next();
    case 2: return next() % 4096;
    case 3:
    case 4: return low + (next() % 16384 & ~(uintptr_t)7);
    case 5: return low + next() % 20000;
    case 6: return next() % 2 ? g_method : g_native_method;
    case 7: return (uintptr_t)g_f.metaspace + next() % (FAKE_METASPACE_BYTES + 4096);
    default: return some_code();
    }
}

static void randomize(uintptr_t from, uintptr_t to, unsigned one_in)
{
    for (uintptr_t at = from; at < to; at += 8)
        if (next() % one_in == 0)
            fake_poke(at, some_word());
}

static void randomize_registers(void)
{
    if (next() % 4)
        g_f.cpu.pc = some_code();
    else
        g_f.cpu.pc = next() % 2 ? some_word() : g_f.native->r[0].start + next() % 65536;
    if (next() % 4)
        g_f.cpu.sp = g_f.stack_high - 16384 + (next() % 16384 & ~(uintptr_t)7);
    else
        g_f.cpu.sp = some_word();
    g_f.cpu.fp = some_word();
    g_f.cpu.rax = some_word();
    g_f.cpu.rbx = some_word();
    g_f.cpu.r13 = some_word();
}

enum { N_WALKS = 4000 };

/* What the walks came to: a torture where all end at once would prove nothing. */
static void note(uint32_t *statuses, uint32_t *most)
{
    statuses[g_result.status]++;
    if (g_result.n_frames > *most)
        *most = g_result.n_frames;
}

static void report(uint64_t seed, const uint32_t *statuses, uint32_t most)
{
    printf("seed %#llx, most frames %u", (unsigned long long)seed, most);
    for (enum walk_status s = WALK_OK; s < WALK_METHODS_FULL; s++)
        printf(", %s %u", walk_status_name(s), statuses[s]);
    printf("\n");
}

START_TEST(walks_over_random_stacks_end_without_a_crash)
{
    uint64_t seed = 0x9e3779b97f4a7c15 + (uint64_t)_i;
    uint32_t statuses[WALK_METHODS_FULL + 1] = {0}, most = 0;
    start(_i);
    g_seed = seed;
    for (int i = 0; i < N_WALKS; i++) {
        if (i % 20 == 0)
            randomize(g_f.stack_high - 16384, g_f.stack_high, 1);
        randomize_registers();
        fake_set_in_java(&g_f, next() % 2);
        if (next() % 4 == 0)
            fake_set_anchor(&g_f);
        walk((uint32_t)(next() % FRAMES_MAX));
        note(statuses, &most);
    }
    report(seed, statuses, most);
    ck_assert_uint_ge(most, 3);
    ck_assert(statuses[WALK_BAD_FRAME] && statuses[WALK_FAULT] && statuses[WALK_TRUNCATED]);
}
END_TEST

START_TEST(walks_over_damaged_stacks_end_without_a_crash)
{
    uint64_t seed = 0xd1b54a32d192ed03 + (uint64_t)_i;
    uint32_t statuses[WALK_METHODS_FULL + 1] = {0}, most = 0;
    start_deep(_i);
    g_seed = seed;
    size_t n_bytes = g_f.stack_high - g_f.cpu.sp;
    struct cpu_context whole = g_f.cpu;
    void *saved = malloc(n_bytes);
    ck_assert_ptr_nonnull(saved);
    memcpy(saved, (void *)whole.sp, n_bytes);
    for (int i = 0; i < N_WALKS; i++) {
        g_f.cpu = whole;
        memcpy((void *)whole.sp, saved, n_bytes);
        randomize(whole.sp, g_f.stack_high, 200);
        walk(FRAMES_MAX);
        note(statuses, &most);
    }
    free(saved);
    report(seed, statuses, most);
    ck_assert_uint_gt(most, DEEP);
    ck_assert(statuses[WALK_BAD_FRAME] && statuses[WALK_FAULT]);
}
END_TEST

/* Objects of the JVM, code headers and segment maps are damaged instead; the stack is whole. */
START_TEST(walks_through_damaged_objects_end_without_a_crash)
{
    uint64_t seed = 0x94d049bb133111eb + (uint64_t)_i;
    uint32_t statuses[WALK_METHODS_FULL + 1] = {0}, most = 0;
    start_deep(_i);
    g_seed = seed;
    const struct {
        char *at;
        size_t n_bytes;
    } parts[] = {
        {g_f.metaspace, g_f.metaspace_used & ~(size_t)7},
        {g_f.heap[HEAP_METHODS], g_f.segments_used[HEAP_METHODS] << FAKE_LOG2_SEGMENT},
        {g_f.heap[HEAP_STUBS], g_f.segments_used[HEAP_STUBS] << FAKE_LOG2_SEGMENT},
        {(char *)g_f.segment_map[HEAP_METHODS], 256},
    };
    for (int i = 0; i < N_WALKS; i++) {
        size_t part = next() % COUNT_OF(parts);
        char *saved = malloc(parts[part].n_bytes);
        ck_assert_ptr_nonnull(saved);
        memcpy(saved, parts[part].at, parts[part].n_bytes);
        uintptr_t from = (uintptr_t)parts[part].at;
        if (i % 2)
            randomize(from, from + parts[part].n_bytes, 20);
        else
            for (int k = 0; k < 100; k++)
                parts[part].at[next() % parts[part].n_bytes] = (char)next();
        walk(FRAMES_MAX);
        note(statuses, &most);
        memcpy(parts[part].at, saved, parts[part].n_bytes);
        free(saved);
    }
    report(seed, statuses, most);
    ck_assert_uint_ge(most, 2 * DEEP);
    ck_assert(statuses[WALK_BAD_FRAME] && statuses[WALK_FAULT]);
}
END_TEST

static void add_tests(TCase *tc)
{
#define ADD(test) tcase_add_loop_test(tc, test, 0, FAKE_N_JDKS)
    ADD(a_stack_deeper_than_max_frames_is_cut_at_the_root_side);
    ADD(native_frames_are_cut_too);
    ADD(a_stack_that_ends_in_the_middle_is_a_bad_frame);
    ADD(a_stack_with_a_hole_ends_there);
    ADD(an_unreadable_stack_pointer_crashes_nobody);
    ADD(a_pc_between_blobs_is_unknown_on_top_and_bad_below);
    ADD(a_frame_pointer_that_does_not_rise_ends_a_native_stack);
    ADD(an_interpreted_frame_that_is_its_own_caller_is_a_bad_frame);
    ADD(an_entry_whose_anchor_is_not_above_it_is_a_bad_frame);
    ADD(a_thread_anchor_that_makes_no_sense_is_not_used);
    ADD(walks_over_random_stacks_end_without_a_crash);
    ADD(walks_over_damaged_stacks_end_without_a_crash);
    ADD(walks_through_damaged_objects_end_without_a_crash);
#undef ADD
}

int main(void)
{
    Suite *suite = suite_create("walk_damage");
    TCase *tc = tcase_create("walk_damage");
    suite_add_tcase(suite, tc);
    tcase_add_checked_fixture(tc, NULL, tear_down);
    tcase_set_timeout(tc, 120);
    add_tests(tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int n_failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return n_failed != 0;
}
