/* fuzz_elf.c — any bytes as an ELF file: its symbols read, searched, file offsets turned into
 * addresses.
 *
 * Seeds in corpus/elf: `library` is tests/support/elf_sample.c by
 *     gcc -O1 -fno-asynchronous-unwind-tables -shared -nostdlib -Wl,-z,noseparate-code
 *         -Wl,--build-id=none tests/support/elf_sample.c
 * and `stripped` the same after strip; the others are inputs that reach what these do not. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "elf/elf_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int condition)
{
    if (!condition)
        abort();
}

static void check_symbols(const struct elf_symbols *s, size_t size)
{
    check(s->n <= size / 24 && s->names_len <= size); /* memory is bounded by the input's size */
    for (size_t i = 0; i < s->n; i++) {
        const struct elf_symbol *sym = &s->syms[i];
        check(i == 0 || s->syms[i - 1].start < sym->start);
        check(sym->name < s->names_len);
        check(sym->name + strlen(s->names + sym->name) <= s->names_len);
        check(elf_symbols_find(s, sym->start) == sym);
        if (sym->start > 0) {
            const struct elf_symbol *before = elf_symbols_find(s, sym->start - 1);
            check(!before || before + 1 == sym);
        }
    }
    elf_symbols_find(s, 0);
    elf_symbols_find(s, UINT64_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint64_t offsets[] = {0, 1, 0x1000, 0x1234, UINT64_MAX, UINT64_MAX - 4095};
    struct elf_symbols s;
    uint64_t address;
    if (elf_symbols_read(data, size, &s) == 0)
        check_symbols(&s, size);
    else
        check(!s.syms && !s.names && s.n == 0);
    elf_symbols_free(&s);
    for (size_t i = 0; i < sizeof offsets / sizeof offsets[0]; i++)
        elf_offset_to_address(data, size, offsets[i], &address);
    return 0;
}
