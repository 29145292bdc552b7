/* check_walk_prologue.c — src/walk where a compiled method is being entered or left: each
 * instruction of the ways in which HotSpot makes and drops frames on x86-64. */
#include "walk_stage.h"

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

int main(void)
{
    Suite *suite = suite_create("walk_prologue");
    TCase *tc = tcase_create("walk_prologue");
    suite_add_tcase(suite, tc);
    tcase_add_checked_fixture(tc, NULL, tear_down);
    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, a_prologue_may_be_interrupted_anywhere, 0, FAKE_N_JDKS);
    tcase_add_loop_test(tc, an_epilogue_may_be_interrupted_anywhere, 0, FAKE_N_JDKS);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int n_failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return n_failed != 0;
}
