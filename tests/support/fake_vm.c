/* fake_vm.c — a HotSpot JVM of a test's own. Contract: fake_vm.h. */
#include "support/fake_vm.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/attrs.h"

enum {
    STATE_IN_NATIVE = 4,
    STATE_IN_JAVA = 8,
    CALL_BYTES = 5,
    NOP = 0x90,
    CALL_REL32 = 0xe8,
    DEOPT_HANDLER_BYTES = 16, /* at the end of an nmethod's code */
    DEBUG_INFO_BYTES = 8192,  /* room for scopes, PcDescs and metadata */
    SEGMENT_FREE = 0xff,
};
#define NATIVE_LOW  ((uintptr_t)0x7f0000100000)
#define NATIVE_HIGH ((uintptr_t)0x7f0000200000)
#define ROOT_PC     (NATIVE_LOW + 0x1000)
#define NATIVE_PC   (NATIVE_LOW + 0x2000)

static void must(bool ok)
{
    if (!ok)
        abort();
}

/* Readable memory with a page on each side that is not. */
static char *map_guarded(size_t n_bytes)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    char *p = mmap(NULL, n_bytes + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    must(p != MAP_FAILED && mprotect(p + page, n_bytes, PROT_READ | PROT_WRITE) == 0);
    return p + page;
}

static void unmap_guarded(void *p, size_t n_bytes)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    munmap((char *)p - page, n_bytes + 2 * page);
}

/* --- layout ----------------------------------------------------------------------------------- */

static struct vm_field at(int32_t offset, uint8_t size_bytes)
{
    return (struct vm_field){
        .offset = offset, .size_bytes = size_bytes, .is_signed = size_bytes == 4};
}

static void lay_out_metadata(struct vm *vm)
{
    vm->cp_holder = at(24, 8);
    vm->cp_length = at(56, 4);
    vm->constant_pool_bytes = 72;
    vm->klass_name = at(24, 8);
    vm->method_const = at(8, 8);
    vm->method_access = at(40, 2);
    vm->cm_constants = at(8, 8);
    vm->cm_size = at(24, 4);
    vm->cm_flags = at(28, 2);
    vm->cm_code_size = at(34, 2);
    vm->cm_name = at(36, 2);
    vm->cm_signature = at(38, 2);
    vm->const_method_bytes = 48;
    vm->symbol_length = at(0, 2);
    vm->symbol_body = at(6, 1);
    vm->has_lines_flag = 1;
}

/* Header of blob and nmethod; the fields that both ages have. */
static void lay_out_code(struct vm *vm)
{
    vm->heap_block_bytes = FAKE_BLOCK_HEADER_BYTES;
    vm->block_used = at(8, 1);
    vm->blob_name = at(8, 8);
    vm->blob_size = at(16, 4);
    vm->blob_frame_size = at(20, 4);
    vm->blob_frame_complete = at(24, 4);
    vm->nm_method = at(64, 8);
    vm->nm_comp_level = at(72, 1);
    vm->nm_orig_pc = at(76, 4);
    vm->nm_scopes_pcs = at(80, 4);
    vm->pcdesc_pc = at(0, 4);
    vm->pcdesc_scope = at(4, 4);
    vm->pcdesc_bytes = 16;
}

static void lay_out_code17(struct vm *vm)
{
    vm->blob_code_begin = at(32, 8);
    vm->nm_scopes_data = at(88, 8);
    vm->nm_dependencies = at(96, 4);
    vm->nm_metadata = at(100, 4);
    vm->nm_deopt = at(104, 8);
    vm->number_bias = 0;
}

static void lay_out_code25(struct vm *vm)
{
    vm->blob_code_offset = at(32, 4);
    vm->blob_mutable_data = at(40, 8);
    vm->blob_relocation_size = at(48, 4);
    vm->nm_scopes_data_offset = at(88, 4);
    vm->nm_immutable = at(96, 8);
    vm->nm_deopt_offset = at(104, 4);
    vm->number_bias = 1;
}

static void lay_out_threads(struct vm *vm)
{
    vm->anchor_sp = at(0, 8);
    vm->anchor_pc = at(8, 8);
    vm->anchor_fp = at(16, 8);
    vm->wrapper_anchor = at(32, 8);
    vm->thread_anchor = at(64, 8);
    vm->thread_osthread = at(120, 8);
    vm->osthread_id = at(16, 4);
    vm->thread_stack_base = at(128, 8);
    vm->thread_stack_size = at(136, 8);
    vm->thread_state = at(144, 4);
    vm->state_in_java = STATE_IN_JAVA;
    vm->entry_frame_wrapper = -6;
    vm->interp_sender_sp = -1;
    vm->interp_last_sp = -2;
    vm->interp_method = -3;
    vm->interp_bcp = -8;
}

static void make_heaps(struct fake_vm *f)
{
    for (int i = 0; i < 2; i++) {
        size_t n_segments = FAKE_HEAP_BYTES >> FAKE_LOG2_SEGMENT;
        f->heap[i] = map_guarded(FAKE_HEAP_BYTES);
        f->segment_map[i] = (uint8_t *)map_guarded(4096);
        must(n_segments <= 4096);
        memset(f->segment_map[i], SEGMENT_FREE, 4096);
        f->vm.heaps[i] = (struct vm_code_heap){
            .low = (uintptr_t)f->heap[i],
            .high = (uintptr_t)f->heap[i] + FAKE_HEAP_BYTES,
            .segment_map = (uintptr_t)f->segment_map[i],
            .log2_segment_size = FAKE_LOG2_SEGMENT,
        };
    }
    f->vm.n_heaps = 2;
}

static void make_stubs(struct fake_vm *f)
{
    f->interpreter = fake_blob(f, HEAP_STUBS,
                               &(struct fake_code_spec){.name = "Interpreter", .code_bytes = 8192});
    f->vm.interp_low = f->interpreter.begin;
    f->vm.interp_high = f->interpreter.end;
    f->call_stub = fake_blob(
        f, HEAP_STUBS, &(struct fake_code_spec){.name = "StubRoutines (1)", .code_bytes = 512});
    f->vm.call_stub_return = f->call_stub.begin + 64;
}

static void make_thread(struct fake_vm *f)
{
    f->stack_low = (uintptr_t)map_guarded(FAKE_STACK_BYTES);
    f->stack_high = f->stack_low + FAKE_STACK_BYTES;
    f->hole = f->stack_high;
    f->thread = fake_alloc(f, 256);
    fake_set(f->vm.thread_stack_base, f->thread, f->stack_high);
    fake_set(f->vm.thread_stack_size, f->thread, FAKE_STACK_BYTES);
    fake_set_in_java(f, false);
    f->native = malloc(sizeof *f->native + sizeof f->native->r[0]);
    must(f->native);
    f->native->n = 1;
    f->native->r[0] = (struct code_range){NATIVE_LOW, NATIVE_HIGH};
    f->walker = (struct walker){.vm = &f->vm, .ranges = f->native};
    f->cpu = (struct cpu_context){.pc = ROOT_PC, .sp = f->stack_high - 64};
}

void fake_vm_init(struct fake_vm *f, enum fake_jdk jdk)
{
    *f = (struct fake_vm){.vm = {.major = jdk == FAKE_JDK17 ? 17 : 25, .ready = true}};
    lay_out_metadata(&f->vm);
    lay_out_code(&f->vm);
    if (jdk == FAKE_JDK17)
        lay_out_code17(&f->vm);
    else
        lay_out_code25(&f->vm);
    lay_out_threads(&f->vm);
    f->metaspace = map_guarded(FAKE_METASPACE_BYTES);
    make_heaps(f);
    make_stubs(f);
    make_thread(f);
}

void fake_vm_fini(struct fake_vm *f)
{
    unmap_guarded(f->metaspace, FAKE_METASPACE_BYTES);
    unmap_guarded((void *)f->stack_low, FAKE_STACK_BYTES);
    for (int i = 0; i < 2; i++) {
        unmap_guarded(f->heap[i], FAKE_HEAP_BYTES);
        unmap_guarded(f->segment_map[i], 4096);
    }
    free(f->native);
}

/* --- objects ---------------------------------------------------------------------------------- */

uintptr_t fake_alloc(struct fake_vm *f, size_t n_bytes)
{
    n_bytes = (n_bytes + 7) & ~(size_t)7;
    must(n_bytes <= FAKE_METASPACE_BYTES - f->metaspace_used);
    uintptr_t p = (uintptr_t)f->metaspace + f->metaspace_used;
    f->metaspace_used += n_bytes;
    return p;
}

void fake_set(struct vm_field field, uintptr_t base, uint64_t value)
{
    must(field.size_bytes > 0); /* little endian: the low bytes come first */
    memcpy((char *)base + field.offset, &value, field.size_bytes);
}

void fake_poke(uintptr_t to, uint64_t word)
{
    memcpy((void *)to, &word, sizeof word);
}

static uintptr_t make_symbol(struct fake_vm *f, const char *text)
{
    size_t len = strlen(text);
    uintptr_t symbol = fake_alloc(f, (size_t)f->vm.symbol_body.offset + len);
    fake_set(f->vm.symbol_length, symbol, len);
    memcpy((char *)symbol + f->vm.symbol_body.offset, text, len);
    return symbol;
}

static uintptr_t make_pool(struct fake_vm *f, const struct fake_method_spec *spec)
{
    enum { N_ENTRIES = 8 };
    uintptr_t klass = fake_alloc(f, 64);
    fake_set(f->vm.klass_name, klass, make_symbol(f, spec->class_name));
    uintptr_t pool = fake_alloc(f, f->vm.constant_pool_bytes + N_ENTRIES * 8);
    fake_set(f->vm.cp_holder, pool, klass);
    fake_set(f->vm.cp_length, pool, N_ENTRIES);
    fake_poke(pool + f->vm.constant_pool_bytes + 3 * 8, make_symbol(f, spec->name));
    fake_poke(pool + f->vm.constant_pool_bytes + 5 * 8, make_symbol(f, spec->signature));
    return pool;
}

uintptr_t fake_method(struct fake_vm *f, const struct fake_method_spec *spec)
{
    const struct vm *vm = &f->vm;
    size_t words = (vm->const_method_bytes + spec->code_bytes + spec->n_lines + 7) / 8;
    uintptr_t cm = fake_alloc(f, words * 8);
    fake_set(vm->cm_constants, cm, make_pool(f, spec));
    fake_set(vm->cm_size, cm, words);
    fake_set(vm->cm_code_size, cm, spec->code_bytes);
    fake_set(vm->cm_name, cm, 3);
    fake_set(vm->cm_signature, cm, 5);
    if (spec->lines) {
        fake_set(vm->cm_flags, cm, (uint64_t)vm->has_lines_flag);
        memcpy((char *)cm + vm->const_method_bytes + spec->code_bytes, spec->lines, spec->n_lines);
    }
    uintptr_t method = fake_alloc(f, 64);
    fake_set(vm->method_const, method, cm);
    fake_set(vm->method_access, method, spec->modifiers);
    return method;
}

uintptr_t fake_java(struct fake_vm *f, const char *name)
{
    return fake_method(
        f, &(struct fake_method_spec){
               .class_name = "a/B", .name = name, .signature = "()V", .code_bytes = 100});
}

uintptr_t fake_const_method(const struct fake_vm *f, uintptr_t method)
{
    bool faulted = false;
    return vm_get(f->vm.method_const, method, &faulted);
}

uint8_t *fake_write_number(uint8_t *to, uint32_t value, uint8_t bias)
{
    uint32_t low_codes = 192u - bias;
    for (int i = 0; i < 4 && value >= low_codes; i++) {
        value -= low_codes;
        *to++ = (uint8_t)(bias + low_codes + value % 64);
        value /= 64;
    }
    *to++ = (uint8_t)(bias + value);
    return to;
}

/* --- code ------------------------------------------------------------------------------------- */

/* As HotSpot's CodeHeap::mark_segmap_as_used: 0, 1, 2, ... 254, 1, 2, ... */
static uintptr_t take_segments(struct fake_vm *f, enum fake_heap heap, size_t n_bytes)
{
    size_t first = f->segments_used[heap];
    size_t n = (n_bytes + (1 << FAKE_LOG2_SEGMENT) - 1) >> FAKE_LOG2_SEGMENT;
    must(first + n <= FAKE_HEAP_BYTES >> FAKE_LOG2_SEGMENT);
    uint8_t back = 0;
    for (size_t i = 0; i < n; i++) {
        f->segment_map[heap][first + i] = back++;
        if (back == SEGMENT_FREE)
            back = 1;
    }
    f->segments_used[heap] = first + n;
    return (uintptr_t)f->heap[heap] + (first << FAKE_LOG2_SEGMENT);
}

/* Where an nmethod's data go: behind its code, or (JDK 25) apart from it. */
struct debug_writer {
    uint8_t *scopes, *scopes_at;
    char *pcs;
    uint64_t *metadata;
    uint32_t n_pcs, n_metadata;
};

static uint32_t write_scopes(struct debug_writer *w, const struct fake_pc *pc, uint8_t bias)
{
    uint32_t sender = 0;
    for (uint32_t i = pc->n; i-- > 0;) { /* outermost first, as HotSpot records them */
        uint32_t here = (uint32_t)(w->scopes_at - w->scopes);
        w->metadata[w->n_metadata++] = pc->scopes[i].method;
        w->scopes_at = fake_write_number(w->scopes_at, sender, bias);
        w->scopes_at = fake_write_number(w->scopes_at, w->n_metadata, bias);
        w->scopes_at = fake_write_number(w->scopes_at, (uint32_t)pc->scopes[i].bci + 1, bias);
        sender = here;
    }
    return sender;
}

static void write_pcdesc(const struct vm *vm, struct debug_writer *w, int32_t offset,
                         uint32_t scope)
{
    uintptr_t desc = (uintptr_t)w->pcs + (size_t)w->n_pcs++ * vm->pcdesc_bytes;
    fake_set(vm->pcdesc_pc, desc, (uint32_t)offset);
    fake_set(vm->pcdesc_scope, desc, scope);
}

static void write_debug_info(struct fake_vm *f, const struct fake_code_spec *spec, char *data,
                             struct fake_code *out)
{
    struct debug_writer w = {
        .metadata = (uint64_t *)data,
        .pcs = data + DEBUG_INFO_BYTES / 4,
        .scopes = (uint8_t *)data + DEBUG_INFO_BYTES / 2,
    };
    w.scopes_at = w.scopes + 1; /* offset 0 means none */
    write_pcdesc(&f->vm, &w, -1, 0);
    for (size_t i = 0; i < spec->n_pcs; i++)
        write_pcdesc(&f->vm, &w, spec->pcs[i].offset,
                     write_scopes(&w, &spec->pcs[i], f->vm.number_bias));
    write_pcdesc(&f->vm, &w, INT32_MAX, 0);
    must((char *)(w.metadata + w.n_metadata) <= w.pcs);
    must(w.pcs + (size_t)w.n_pcs * f->vm.pcdesc_bytes <= (char *)w.scopes);
    must((char *)w.scopes_at <= data + DEBUG_INFO_BYTES);
    out->metadata = (uintptr_t)w.metadata;
    out->pcs = (uintptr_t)w.pcs;
    out->scopes_data = (uintptr_t)w.scopes;
    out->n_pcs = w.n_pcs;
}

static void link_debug_info(const struct vm *vm, const struct fake_code *c, uintptr_t data)
{
    uintptr_t pcs_end = c->pcs + (uintptr_t)c->n_pcs * vm->pcdesc_bytes;
    if (!vm_has(vm->nm_immutable)) {
        fake_set(vm->nm_scopes_data, c->blob, c->scopes_data);
        fake_set(vm->nm_scopes_pcs, c->blob, c->pcs - c->blob);
        fake_set(vm->nm_dependencies, c->blob, pcs_end - c->blob);
        fake_set(vm->nm_metadata, c->blob, c->metadata - c->blob);
        fake_set(vm->nm_deopt, c->blob, c->deopt_pc);
        return;
    }
    /* PcDescs end where the scopes begin; so the last sentinel is repeated up to there */
    for (uintptr_t d = pcs_end; d < c->scopes_data; d += vm->pcdesc_bytes)
        fake_set(vm->pcdesc_pc, d, INT32_MAX);
    enum { RELOCATION_BYTES = 64 };
    fake_set(vm->nm_immutable, c->blob, data);
    fake_set(vm->nm_scopes_pcs, c->blob, c->pcs - data);
    fake_set(vm->nm_scopes_data_offset, c->blob, c->scopes_data - data);
    fake_set(vm->blob_mutable_data, c->blob, c->metadata - RELOCATION_BYTES);
    fake_set(vm->blob_relocation_size, c->blob, RELOCATION_BYTES);
    fake_set(vm->nm_deopt_offset, c->blob, c->deopt_pc - c->blob);
}

static void write_code(const struct fake_code *c, const struct fake_code_spec *spec)
{
    uint8_t *code = (uint8_t *)c->begin;
    memset(code, NOP, spec->code_bytes);
    for (size_t i = 0; i < spec->n_pcs; i++)
        if (spec->pcs[i].offset >= CALL_BYTES && (uint32_t)spec->pcs[i].offset <= spec->code_bytes)
            code[spec->pcs[i].offset - CALL_BYTES] = CALL_REL32;
    must(spec->n_code <= spec->code_bytes);
    if (spec->n_code)
        memcpy(code, spec->code, spec->n_code);
}

struct fake_code fake_blob(struct fake_vm *f, enum fake_heap heap,
                           const struct fake_code_spec *spec)
{
    const struct vm *vm = &f->vm;
    bool has_info = spec->method != 0;
    bool is_inside = has_info && !vm_has(vm->nm_immutable);
    size_t code_end = FAKE_BLOB_HEADER_BYTES + spec->code_bytes;
    size_t size = ((code_end + 7) & ~(size_t)7) + (is_inside ? DEBUG_INFO_BYTES : 0);
    struct fake_code c = {
        .block = take_segments(f, heap, FAKE_BLOCK_HEADER_BYTES + size),
        .frame_bytes = (uint32_t)spec->frame_words * 8,
    };
    c.blob = c.block + FAKE_BLOCK_HEADER_BYTES;
    c.begin = c.blob + FAKE_BLOB_HEADER_BYTES;
    c.end = c.blob + size;
    c.deopt_pc = c.begin + spec->code_bytes - DEOPT_HANDLER_BYTES;
    fake_set(vm->block_used, c.block, 1);
    size_t name_bytes = strlen(spec->name) + 8; /* readers take 8 bytes */
    fake_set(vm->blob_name, c.blob,
             (uintptr_t)memcpy((char *)fake_alloc(f, name_bytes), spec->name, strlen(spec->name)));
    fake_set(vm->blob_size, c.blob, size);
    fake_set(vm->blob_frame_size, c.blob, (uint32_t)spec->frame_words);
    fake_set(vm->blob_frame_complete, c.blob, (uint32_t)spec->frame_complete);
    if (vm_has(vm->blob_code_begin))
        fake_set(vm->blob_code_begin, c.blob, c.begin);
    else
        fake_set(vm->blob_code_offset, c.blob, FAKE_BLOB_HEADER_BYTES);
    write_code(&c, spec);
    if (has_info) {
        uintptr_t data = is_inside ? c.end - DEBUG_INFO_BYTES : fake_alloc(f, 64) + 64;
        if (!is_inside)
            fake_alloc(f, DEBUG_INFO_BYTES);
        fake_set(vm->nm_method, c.blob, spec->method);
        fake_set(vm->nm_comp_level, c.blob, (uint64_t)spec->level);
        fake_set(vm->nm_orig_pc, c.blob, FAKE_ORIG_PC_OFFSET);
        write_debug_info(f, spec, (char *)data, &c);
        link_debug_info(vm, &c, data);
    }
    return c;
}

/* --- stacks ----------------------------------------------------------------------------------- */

void fake_push(struct fake_vm *f, uintptr_t word)
{
    must(f->cpu.sp - 8 >= f->stack_low);
    f->cpu.sp -= 8;
    fake_poke(f->cpu.sp, word);
}

static void push_frame_pointer(struct fake_vm *f)
{
    fake_push(f, f->cpu.pc);
    fake_push(f, f->cpu.fp);
    f->cpu.fp = f->cpu.sp;
}

static void push_words(struct fake_vm *f, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        fake_push(f, 0);
}

void fake_call_native(struct fake_vm *f, uint32_t n_words)
{
    push_frame_pointer(f);
    push_words(f, n_words);
    f->cpu.pc = NATIVE_PC;
}

static void copy_anchor(const struct fake_vm *f, uintptr_t to, uintptr_t from)
{
    memcpy((char *)to, (const char *)from, (size_t)f->vm.anchor_fp.offset + 8);
}

void fake_enter_java(struct fake_vm *f)
{
    uintptr_t wrapper = fake_alloc(f, 64);
    uintptr_t anchor = f->thread + (uintptr_t)f->vm.thread_anchor.offset;
    copy_anchor(f, wrapper + (uintptr_t)f->vm.wrapper_anchor.offset, anchor);
    fake_set(f->vm.anchor_sp, anchor, 0);
    fake_set(f->vm.anchor_pc, anchor, 0);
    push_frame_pointer(f);
    push_words(f, 12);
    fake_poke(f->cpu.fp + (uintptr_t)(intptr_t)f->vm.entry_frame_wrapper * 8, wrapper);
    f->cpu.pc = f->vm.call_stub_return;
    fake_set_in_java(f, true);
}

void fake_call_interpreted(struct fake_vm *f, uintptr_t method, int32_t bci)
{
    bool faulted = false;
    uintptr_t sender_sp = f->cpu.sp;
    uintptr_t code = fake_const_method(f, method) + f->vm.const_method_bytes;
    bool is_native = vm_get(f->vm.cm_code_size, code - f->vm.const_method_bytes, &faulted) == 0;
    push_frame_pointer(f);
    fake_push(f, sender_sp);
    push_words(f, 1); /* last_sp */
    fake_push(f, method);
    push_words(f, 4); /* mirror, mdp, cache, locals */
    fake_push(f, is_native ? 0 : code + (uintptr_t)bci);
    push_words(f, 3); /* expression stack */
    f->cpu.pc = f->interpreter.begin + 0x100;
}

void fake_call_compiled(struct fake_vm *f, const struct fake_code *code, uint32_t offset)
{
    must(code->frame_bytes >= 16);
    fake_push(f, f->cpu.pc);
    fake_push(f, f->cpu.fp);
    push_words(f, code->frame_bytes / 8 - 2);
    f->cpu.pc = code->begin + offset;
}

void fake_set_anchor(struct fake_vm *f)
{
    uintptr_t anchor = f->thread + (uintptr_t)f->vm.thread_anchor.offset;
    fake_set(f->vm.anchor_sp, anchor, f->cpu.sp);
    fake_set(f->vm.anchor_pc, anchor, f->cpu.pc);
    fake_set(f->vm.anchor_fp, anchor, f->cpu.fp);
    fake_set_in_java(f, false);
}

void fake_set_in_java(struct fake_vm *f, bool in_java)
{
    fake_set(f->vm.thread_state, f->thread, in_java ? STATE_IN_JAVA : STATE_IN_NATIVE);
}
