/* walk_scan.c — the last resort: find the caller by searching the stack. Signal context.
 *
 * Taken when a frame's layout is unknown (a stub that keeps no frame, libc in a leaf call). A word
 * counts as a return address only if it points into Java code right behind a call instruction;
 * every use is counted (scanned_frames). */
#include "walk/cursor.h"

/* x86-64 encodings of call: E8 rel32, and FF /2 with its operand forms (Intel SDM, CALL). */
static bool follows_call(uintptr_t pc)
{
    uint8_t code[7]; /* the seven bytes before pc */
    if (!safe_copy(code, pc - sizeof code, sizeof code))
        return false;
    if (code[2] == 0xe8)
        return true;
    for (int len = 2; len <= 7; len++) {
        const uint8_t *insn = code + sizeof code - len;
        if (insn[0] == 0xff && (insn[1] >> 3 & 7) == 2)
            return true;
    }
    return false;
}

SIGSAFE bool walk_is_java_return(struct walk_cursor *c, uintptr_t pc)
{
    struct code_blob blob;
    bool faulted = false;
    if (!code_cache_contains(c->vm, pc) || !code_cache_find(c->vm, pc, &blob, &faulted))
        return false;
    switch (blob.kind) {
    case BLOB_NMETHOD:
    case BLOB_NATIVE_WRAPPER: return pc > blob.code_begin && follows_call(pc);
    case BLOB_ADAPTER:
    case BLOB_STUB: return pc == c->vm->call_stub_return;
    case BLOB_INTERPRETER: return false; /* known by its frame pointer instead */
    }
    return false;
}

SIGSAFE bool walk_scan(struct walk_cursor *c, uint32_t max_words)
{
    uintptr_t method;
    uintptr_t end = c->sp + (uintptr_t)max_words * 8;
    /* the interpreter keeps its frame pointer in rbp: nothing above it can be nearer */
    bool interpreted = walk_on_stack(c, c->fp) && walk_is_interpreted(c, c->fp, &method);
    if (interpreted && c->fp < end)
        end = c->fp;
    for (uintptr_t at = c->sp; at < end && walk_on_stack(c, at); at += 8) {
        uintptr_t pc = safe_load64(at, &c->faulted);
        if (c->faulted)
            return false;
        if (!walk_is_java_return(c, pc))
            continue;
        c->result.scanned_frames++;
        uintptr_t fp = at > c->sp ? safe_load64(at - 8, &c->faulted) : c->fp;
        return walk_to_caller(c, pc, at + 8, fp);
    }
    if (interpreted) {
        c->result.scanned_frames++;
        c->pc = c->vm->interp_low; /* any address of the interpreter: the frame tells the rest */
        c->is_top = false;
        return true;
    }
    return false;
}
