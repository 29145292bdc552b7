/* walk_java.c — Java frames: interpreted, compiled with everything inlined, stubs, calls from
 * native code. Signal context. Sources: HotSpot cpu/x86/frame_x86.{hpp,cpp}, frame_x86.inline.hpp,
 * templateInterpreterGenerator_x86.cpp, stubGenerator_x86_64.cpp; x86-64 instruction encodings.
 *
 * Each step reads one physical frame at pc, sp, fp, appends its method(s) and moves to the caller:
 *   interpreted   [fp] saved fp, [fp+8] return pc, [fp-8] the caller's sp, below it Method* and bcp
 *   compiled      return pc at sp + frame size - 8, the saved fp below it
 *   entry         call_stub: where native code called Java; the JavaCallWrapper in it has the
 * anchor of the Java frames below, or none: the root */
#include <stddef.h>

#include "vm/method.h"
#include "walk/cursor.h"

enum {
    STUB_SCAN_WORDS = 64,
    STUB_FRAME_BYTES_MAX = 4096,
    ENTRY_SCAN_WORDS = 2,
    ARGUMENT_BYTES_MAX = 256 * 8,    /* a Java method has at most 255 argument words */
    INTERP_FRAME_BYTES_MIN = 10 * 8, /* fixed part of an interpreter frame, fp downwards */
};

static uintptr_t load(struct walk_cursor *c, uintptr_t at)
{
    return safe_load64(at, &c->faulted);
}

static bool push_java(struct walk_cursor *c, uintptr_t method, int32_t bci, enum frame_type type)
{
    c->result.has_java = true;
    return walk_push(c, method, bci, type);
}

/* --- interpreted ------------------------------------------------------------------------------ */

static uintptr_t interp_slot(uintptr_t fp, int32_t words)
{
    return fp + (uintptr_t)((intptr_t)words * 8);
}

SIGSAFE bool walk_is_interpreted(struct walk_cursor *c, uintptr_t fp, uintptr_t *method)
{
    bool faulted = false;
    uintptr_t code;
    uint32_t n_bytes;
    if ((fp & 7) != 0 || fp < c->sp || fp >= c->stack_end - 16)
        return false;
    *method = safe_load64(interp_slot(fp, c->vm->interp_method), &faulted);
    if (faulted || !vm_method_code(c->vm, *method, &code, &n_bytes, &faulted))
        return false;
    uintptr_t bcp = safe_load64(interp_slot(fp, c->vm->interp_bcp), &faulted);
    /* a native method has no bytecodes: its bcp is 0, or where they would be while it calls the VM
     */
    return !faulted &&
           ((bcp >= code && bcp < code + n_bytes) || (n_bytes == 0 && (bcp == 0 || bcp == code)));
}

static int32_t interp_bci(struct walk_cursor *c, uintptr_t fp, uintptr_t method, bool *is_native)
{
    uintptr_t code = 0;
    uint32_t n_bytes = 0;
    vm_method_code(c->vm, method, &code, &n_bytes, &c->faulted);
    *is_native = n_bytes == 0;
    if (c->is_top && c->cpu->r13 >= code && c->cpu->r13 < code + n_bytes)
        return (int32_t)(c->cpu->r13 - code); /* the running template keeps bcp in r13 */
    uintptr_t bcp = load(c, interp_slot(fp, c->vm->interp_bcp));
    return bcp >= code && bcp < code + n_bytes ? (int32_t)(bcp - code) : 0;
}

/* Whether a compiled method that is at pc may have its frame at sp: it returns to Java. */
static bool is_frame_of(struct walk_cursor *c, uintptr_t pc, uintptr_t sp)
{
    struct code_blob blob;
    bool faulted = false;
    if (!code_cache_find(c->vm, pc, &blob, &faulted) || blob.frame_bytes < 16)
        return false;
    uintptr_t ret = safe_load64(sp + blob.frame_bytes - 8, &faulted);
    return !faulted && (walk_is_java_return(c, ret) || code_is_interpreter(c->vm, ret));
}

/* Between a compiled caller, at pc, and an interpreted callee: the caller's sp. It lies just above
 * the return address, found at `at`, or, once the adapter has moved arguments to the stack, where
 * r13 says. */
static uintptr_t adapter_sender_sp(struct walk_cursor *c, uintptr_t pc, uintptr_t at)
{
    uintptr_t r13 = c->cpu->r13;
    bool fits = walk_on_stack(c, r13) && r13 > at && r13 - at < ARGUMENT_BYTES_MAX;
    return fits && is_frame_of(c, pc, r13) ? r13 : at + 8;
}

/* An interpreter frame that is still being built: rbp set already, the rest on its way. */
static bool step_half_built(struct walk_cursor *c)
{
    if (!walk_on_stack(c, c->fp) || c->fp - c->sp >= INTERP_FRAME_BYTES_MIN)
        return false;
    uintptr_t pc = load(c, c->fp + 8);
    if (!code_is_interpreter(c->vm, pc) && !walk_is_java_return(c, pc))
        return false;
    uintptr_t sender_sp = c->sp < c->fp ? load(c, interp_slot(c->fp, c->vm->interp_sender_sp)) : 0;
    if (sender_sp <= c->fp || !walk_on_stack(c, sender_sp))
        sender_sp = adapter_sender_sp(c, pc, c->fp + 8);
    return walk_to_caller(c, pc, sender_sp, load(c, c->fp));
}

/* Interrupted on the way into a method, in the interpreter's entry code or an adapter, before the
 * callee has a frame: the return address is on top of the stack or, for an instant, in rax. */
static bool step_before_frame(struct walk_cursor *c)
{
    uintptr_t method;
    if (step_half_built(c))
        return true;
    for (uintptr_t at = c->sp; at < c->sp + ENTRY_SCAN_WORDS * 8; at += 8) {
        uintptr_t pc = load(c, at);
        if (walk_is_java_return(c, pc))
            return walk_to_caller(c, pc, adapter_sender_sp(c, pc, at), c->fp);
        if (code_is_interpreter(c->vm, pc) && walk_is_interpreted(c, c->fp, &method))
            return walk_to_caller(c, pc, at + 8, c->fp);
    }
    if (walk_is_java_return(c, c->cpu->rax))
        return walk_to_caller(c, c->cpu->rax, adapter_sender_sp(c, c->cpu->rax, c->sp), c->fp);
    if (walk_scan(c, STUB_SCAN_WORDS))
        return true;
    return walk_stop(c, WALK_BAD_FRAME);
}

/* In the interpreter, but rbp is no interpreter frame: rbx holds the callee. */
static bool step_interpreter_entry(struct walk_cursor *c)
{
    uintptr_t code;
    uint32_t n_bytes;
    bool faulted = false; /* rbx need not be a Method* */
    if (!c->is_top)
        return walk_stop(c, WALK_BAD_FRAME);
    if (vm_method_code(c->vm, c->cpu->rbx, &code, &n_bytes, &faulted) &&
        !push_java(c, c->cpu->rbx, 0, n_bytes ? FRAME_INTERPRETED : FRAME_NATIVE))
        return false;
    return step_before_frame(c);
}

static bool step_interpreted(struct walk_cursor *c)
{
    uintptr_t method;
    uintptr_t fp = c->fp;
    bool is_native;
    if (!walk_is_interpreted(c, fp, &method))
        return step_interpreter_entry(c);
    int32_t bci = interp_bci(c, fp, method, &is_native);
    if (!push_java(c, method, bci, is_native ? FRAME_NATIVE : FRAME_INTERPRETED))
        return false;
    uintptr_t sender_sp = load(c, interp_slot(fp, c->vm->interp_sender_sp));
    /* on top the expression stack may be anywhere below fp; the caller's sp is above it in any case
     */
    if (sender_sp < fp + 16)
        sender_sp = fp + 16;
    return walk_to_caller(c, load(c, fp + 8), sender_sp, load(c, fp));
}

/* --- compiled --------------------------------------------------------------------------------- */

static bool push_scopes(struct walk_cursor *c, const struct code_blob *blob, uintptr_t pc)
{
    struct scope_cursor scopes;
    uintptr_t method;
    int32_t bci;
    uint32_t before = c->result.n_frames;
    bool c1 = nmethod_is_c1(c->vm, blob->address, &c->faulted);
    if (nmethod_scopes(c->vm, blob, pc, c->is_top, &scopes, &c->faulted)) {
        while (nmethod_next_scope(c->vm, &scopes, &method, &bci, &c->faulted)) {
            bool outermost = scopes.next == 0;
            enum frame_type type = !outermost ? FRAME_INLINED
                                   : c1       ? FRAME_C1_COMPILED
                                              : FRAME_JIT_COMPILED;
            if (!push_java(c, method, bci < 0 ? 0 : bci, type))
                return false;
        }
    }
    if (c->result.n_frames > before || c->faulted)
        return true;
    method = nmethod_method(c->vm, blob->address, &c->faulted);
    return push_java(c, method, 0, c1 ? FRAME_C1_COMPILED : FRAME_JIT_COMPILED);
}

enum frame_state {
    FRAME_NONE,       /* the return address is at sp */
    FRAME_PUSHED_FP,  /* the caller's rbp at sp, the return address above it */
    FRAME_UNSAVED_FP, /* of full size, but rbp is still the caller's */
    FRAME_COMPLETE,
};

enum {
    OP_PUSH_RBP = 0x55,
    OP_POP_RBP = 0x5d,
    OP_RET = 0xc3,
    OP_JMP = 0xe9,
    PROLOGUE_BYTES_MAX = 128,
    PUSHED_WORDS_MAX = 2,
};

static bool is_sub_rsp(const uint8_t *insn) /* sub rsp, imm8 | imm32 */
{
    return insn[0] == 0x48 && (insn[1] == 0x83 || insn[1] == 0x81) && insn[2] == 0xec;
}

static bool is_mov_rbp_rsp(const uint8_t *insn)
{
    return insn[0] == 0x48 &&
           ((insn[1] == 0x8b && insn[2] == 0xec) || (insn[1] == 0x89 && insn[2] == 0xe5));
}

static bool is_save_rbp(const uint8_t *insn) /* mov [rsp + disp8 | disp32], rbp */
{
    return insn[0] == 0x48 && insn[1] == 0x89 && (insn[2] == 0x6c || insn[2] == 0xac) &&
           insn[3] == 0x24;
}

/* A prologue makes its frame in one of these ways, after the class check and the stack bang and
 * before the entry barrier (HotSpot x86: MacroAssembler::verified_entry, C1 build_frame, native
 * wrappers): push rbp · [mov rbp, rsp] · sub rsp, N          sub rsp, N · mov [rsp + N - 16], rbp
 */
static enum frame_state prologue_state(const uint8_t *code, uint32_t len, uint32_t into)
{
    for (uint32_t at = 0; at + 8 <= len; at++) {
        const uint8_t *insn = code + at;
        bool keeps_fp = is_mov_rbp_rsp(insn + 1);
        if (insn[0] == OP_PUSH_RBP && (keeps_fp || is_sub_rsp(insn + 1))) {
            uint32_t sub_at = at + (keeps_fp ? 4 : 1);
            return into <= at ? FRAME_NONE : into <= sub_at ? FRAME_PUSHED_FP : FRAME_COMPLETE;
        }
        if (is_sub_rsp(insn)) {
            uint32_t save_at = at + (insn[1] == 0x83 ? 4 : 7);
            if (save_at + 4 <= len && is_save_rbp(code + save_at))
                return into <= at        ? FRAME_NONE
                       : into <= save_at ? FRAME_UNSAVED_FP
                                         : FRAME_COMPLETE;
        }
    }
    return FRAME_NONE;
}

/* add rsp, N · pop rbp · [return poll: cmp rsp, [r15 + d] · ja slow] · ret */
static enum frame_state epilogue_state(const uint8_t *before, const uint8_t *insn)
{
    bool is_poll = insn[0] == 0x49 && insn[1] == 0x3b && (insn[2] == 0xa7 || insn[2] == 0x67);
    bool is_poll_branch = insn[0] == 0x0f && insn[1] == 0x87 && insn[6] == OP_RET;
    if (insn[0] == OP_RET || is_poll || is_poll_branch)
        return FRAME_NONE;
    /* C1's way out with an exception; 5d alone may be the end of another instruction */
    if (before[0] == OP_POP_RBP && insn[0] == OP_JMP)
        return FRAME_NONE;
    return insn[0] == OP_POP_RBP ? FRAME_PUSHED_FP : FRAME_COMPLETE;
}

static enum frame_state compiled_frame_state(struct walk_cursor *c, const struct code_blob *blob)
{
    uint8_t code[PROLOGUE_BYTES_MAX + 16];
    int64_t into = (int64_t)(c->pc - blob->code_begin);
    if (into < 0)
        return FRAME_NONE;
    if (into < blob->frame_complete && into < PROLOGUE_BYTES_MAX) {
        uint32_t len = sizeof code;
        if (blob->end - blob->code_begin < len)
            len = (uint32_t)(blob->end - blob->code_begin);
        return safe_copy(code, blob->code_begin, len) ? prologue_state(code, len, (uint32_t)into)
                                                      : FRAME_NONE;
    }
    return safe_copy(code, c->pc - 1, 8) ? epilogue_state(code, code + 1) : FRAME_COMPLETE;
}

/* C2's intrinsics push a register or two for a while: then the interrupted frame is larger by as
 * much. */
static uintptr_t find_caller_sp(struct walk_cursor *c, const struct code_blob *blob)
{
    uintptr_t caller_sp = c->sp + blob->frame_bytes;
    for (int pushed = 0; c->is_top && pushed <= PUSHED_WORDS_MAX; pushed++) {
        uintptr_t pc = load(c, caller_sp - 8 + (uintptr_t)pushed * 8);
        if (walk_is_java_return(c, pc) || code_is_interpreter(c->vm, pc))
            return caller_sp + (uintptr_t)pushed * 8;
    }
    return caller_sp;
}

static bool step_compiled(struct walk_cursor *c, const struct code_blob *blob)
{
    enum frame_state state = c->is_top ? compiled_frame_state(c, blob) : FRAME_COMPLETE;
    uintptr_t pc = c->is_top ? c->pc : nmethod_original_pc(c->vm, blob, c->pc, c->sp, &c->faulted);
    if (blob->kind == BLOB_NATIVE_WRAPPER) {
        uintptr_t method = nmethod_method(c->vm, blob->address, &c->faulted);
        if (!push_java(c, method, 0, FRAME_NATIVE))
            return false;
    } else if (!push_scopes(c, blob, pc)) {
        return false;
    }
    switch (state) {
    case FRAME_NONE: return walk_to_caller(c, load(c, c->sp), c->sp + 8, c->fp);
    case FRAME_PUSHED_FP: return walk_to_caller(c, load(c, c->sp + 8), c->sp + 16, load(c, c->sp));
    case FRAME_UNSAVED_FP:
    case FRAME_COMPLETE: break;
    }
    if (blob->frame_bytes < 16)
        return walk_stop(c, WALK_BAD_FRAME);
    uintptr_t caller_sp = find_caller_sp(c, blob);
    uintptr_t caller_fp = state == FRAME_COMPLETE ? load(c, caller_sp - 16) : c->fp;
    return walk_to_caller(c, load(c, caller_sp - 8), caller_sp, caller_fp);
}

/* --- stubs ------------------------------------------------------------------------------------ */

/* Java called from native code: on to the Java frames below it, if any. */
static bool step_entry(struct walk_cursor *c)
{
    uintptr_t wrapper = load(c, interp_slot(c->fp, c->vm->entry_frame_wrapper));
    uintptr_t anchor = wrapper + (uintptr_t)c->vm->wrapper_anchor.offset;
    uintptr_t sp = vm_get(c->vm->anchor_sp, anchor, &c->faulted);
    if (c->faulted)
        return walk_stop(c, WALK_BAD_FRAME);
    if (sp == 0)
        return walk_stop(c, WALK_OK); /* the first Java frame of the thread: the root */
    uintptr_t pc = vm_get(c->vm->anchor_pc, anchor, &c->faulted);
    uintptr_t fp = vm_get(c->vm->anchor_fp, anchor, &c->faulted);
    return walk_to_caller(c, pc ? pc : load(c, sp - 8), sp, fp);
}

/* A stub with a frame of its own making: push rbp · mov rbp, rsp. The nmethod entry barrier has a
 * word, -1, between that and its return address (HotSpot generate_method_entry_barrier). */
static bool step_by_frame_pointer(struct walk_cursor *c)
{
    if (!walk_on_stack(c, c->fp) || c->fp - c->sp >= STUB_FRAME_BYTES_MAX)
        return false;
    uintptr_t at = c->fp + 8;
    uintptr_t pc = load(c, at);
    if (pc == UINTPTR_MAX)
        pc = load(c, at += 8);
    if (!walk_is_java_return(c, pc) && !code_is_interpreter(c->vm, pc))
        return false;
    return walk_to_caller(c, pc, at + 8, load(c, c->fp));
}

/* Interrupted in a stub whose frame has no fixed size: intrinsics (arraycopy, AES, ...), vtable and
 * itable stubs, adapters. Most keep a frame pointer, the others have no frame. */
static bool step_leaf_stub(struct walk_cursor *c, const struct code_blob *blob)
{
    if (blob->kind == BLOB_ADAPTER)
        return step_before_frame(c);
    uint8_t insn = safe_load8(c->pc, &c->faulted);
    uint8_t before = safe_load8(c->pc - 1, &c->faulted);
    if (insn == OP_PUSH_RBP || insn == OP_RET || walk_is_java_return(c, load(c, c->sp)))
        return walk_to_caller(c, load(c, c->sp), c->sp + 8, c->fp);
    if (before == OP_PUSH_RBP)
        return walk_to_caller(c, load(c, c->sp + 8), c->sp + 16, load(c, c->sp));
    if (step_by_frame_pointer(c) || walk_scan(c, STUB_SCAN_WORDS))
        return true;
    return walk_stop(c, WALK_BAD_FRAME);
}

static bool step_stub(struct walk_cursor *c, const struct code_blob *blob)
{
    if (c->pc == c->vm->call_stub_return)
        return step_entry(c);
    if (c->is_top)
        return step_leaf_stub(c, blob);
    if (blob->frame_bytes >= 16) { /* a runtime stub that called into the VM */
        uintptr_t caller_sp = c->sp + blob->frame_bytes;
        return walk_to_caller(c, load(c, caller_sp - 8), caller_sp, load(c, caller_sp - 16));
    }
    /* a leaf call into the VM, from arraycopy to the collector's barriers, say */
    if (step_by_frame_pointer(c))
        return true;
    /* Otherwise only the return barrier of a virtual thread that is half thawed: the rest of its
     * stack is in the heap. */
    return walk_stop(c, WALK_TRUNCATED);
}

SIGSAFE void walk_java(struct walk_cursor *c)
{
    bool more = true;
    while (more) {
        struct code_blob blob;
        if (!code_cache_find(c->vm, c->pc, &blob, &c->faulted)) {
            walk_stop(c, c->is_top ? WALK_UNKNOWN_PC : WALK_BAD_FRAME);
            return;
        }
        switch (blob.kind) {
        case BLOB_INTERPRETER: more = step_interpreted(c); break;
        case BLOB_NMETHOD:
        case BLOB_NATIVE_WRAPPER: more = step_compiled(c, &blob); break;
        case BLOB_ADAPTER:
        case BLOB_STUB: more = step_stub(c, &blob); break;
        }
    }
}
