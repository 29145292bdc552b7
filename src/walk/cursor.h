/* cursor.h — the state of one walk; shared by the algorithms of src/walk, one instance on the
 * stack. */
#ifndef WALK_CURSOR_H
#define WALK_CURSOR_H

#include "vm/code_cache.h"
#include "walk/walker.h"

struct walk_cursor {
    const struct walker *walker;
    const struct vm *vm;           /* NULL: no Java */
    const struct cpu_context *cpu; /* registers of the interrupted instruction */
    struct frame *frames;          /* borrowed from the lane */
    uint32_t max_frames;
    struct walk_result result;
    uintptr_t pc, sp, fp; /* of the frame to be read next */
    uintptr_t stack_end;  /* first address above the stack */
    bool is_top;          /* pc is the interrupted instruction, not a return address */
    bool faulted;
};

/* Append a frame; false (status TRUNCATED) when frames is full. */
SIGSAFE bool walk_push(struct walk_cursor *c, uint64_t id, int32_t bci, enum frame_type type);
/* End the walk with a status; always false, for `return walk_stop(...)`. */
SIGSAFE bool walk_stop(struct walk_cursor *c, enum walk_status status);
/* Whether [at, at + 8) lies in the unread part of the stack. */
SIGSAFE bool walk_on_stack(const struct walk_cursor *c, uintptr_t at);
/* Move up to the caller: false (BAD_FRAME) unless sp rises and stays on the stack. */
SIGSAFE bool walk_to_caller(struct walk_cursor *c, uintptr_t pc, uintptr_t sp, uintptr_t fp);

/* Java frames from pc, sp, fp (in the code cache) up to the root; sets the status. walk_java.c */
SIGSAFE void walk_java(struct walk_cursor *c);

/* Native frames by frame pointers, from pc up. True when it arrived in the code cache (pc, sp, fp
 * are then a Java frame's); false when the chain ended. Frames at or above `limit` (0: none) are
 * left out. walk_native.c */
SIGSAFE bool walk_native(struct walk_cursor *c, uintptr_t limit);

enum { WALK_SCAN_WORDS_MAX = 512 }; /* from native code; stubs are searched less far */
/* Search the stack above sp for the nearest return address into Java code. True when found.
 * walk_scan.c */
SIGSAFE bool walk_scan(struct walk_cursor *c, uint32_t max_words);
/* Whether pc is an address that a call instruction in Java code returns to. */
SIGSAFE bool walk_is_java_return(struct walk_cursor *c, uintptr_t pc);
/* Whether fp is the frame pointer of an interpreter frame; *method gets its Method*. walk_java.c */
SIGSAFE bool walk_is_interpreted(struct walk_cursor *c, uintptr_t fp, uintptr_t *method);

#endif
