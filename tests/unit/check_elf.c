/* check_elf.c — elf/elf_file: images of the test's own bytes, a real library, and both damaged. */
#include <check.h>
#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/attrs.h"
#include "elf/elf_file.h"

/* --- an image of our own ---------------------------------------------------------------------- */

enum { SYMBOLS_MAX = 16, NAMES_BYTES = 128 };

struct tiny {
    Elf64_Ehdr header;
    Elf64_Phdr segments[3];
    Elf64_Shdr sections[4]; /* null, dynsym, symtab, strtab */
    Elf64_Sym dynamic[1];
    Elf64_Sym symbols[SYMBOLS_MAX];
    char names[NAMES_BYTES];
};

enum { DYNSYM = 1, SYMTAB, STRTAB };

static struct tiny g_tiny;
static size_t g_n_symbols, g_n_names;

static void tiny_start(void)
{
    g_tiny = (struct tiny){
        .header = {.e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
                   .e_phoff = offsetof(struct tiny, segments),
                   .e_phentsize = sizeof(Elf64_Phdr),
                   .e_shoff = offsetof(struct tiny, sections),
                   .e_shentsize = sizeof(Elf64_Shdr),
                   .e_shnum = COUNT_OF(g_tiny.sections)},
        .sections = {[DYNSYM] = {.sh_type = SHT_DYNSYM,
                                 .sh_offset = offsetof(struct tiny, dynamic),
                                 .sh_size = sizeof g_tiny.dynamic,
                                 .sh_entsize = sizeof(Elf64_Sym),
                                 .sh_link = STRTAB},
                     [SYMTAB] = {.sh_type = SHT_SYMTAB,
                                 .sh_offset = offsetof(struct tiny, symbols),
                                 .sh_entsize = sizeof(Elf64_Sym),
                                 .sh_link = STRTAB},
                     [STRTAB] = {.sh_type = SHT_STRTAB,
                                 .sh_offset = offsetof(struct tiny, names),
                                 .sh_size = NAMES_BYTES}},
    };
    g_n_symbols = 0;
    g_n_names = 1;
}

static Elf64_Sym *add_symbol(const char *name, uint64_t start, uint64_t size)
{
    ck_assert_uint_lt(g_n_symbols, SYMBOLS_MAX);
    ck_assert_uint_lt(g_n_names + strlen(name) + 1, NAMES_BYTES);
    Elf64_Sym *s = &g_tiny.symbols[g_n_symbols++];
    *s = (Elf64_Sym){.st_name = (uint32_t)g_n_names,
                     .st_info = ELF64_ST_INFO(STB_GLOBAL, STT_FUNC),
                     .st_shndx = 7,
                     .st_value = start,
                     .st_size = size};
    g_n_names += (size_t)sprintf(g_tiny.names + g_n_names, "%s", name) + 1;
    g_tiny.sections[SYMTAB].sh_size = g_n_symbols * sizeof *s;
    return s;
}

static struct elf_symbols read_tiny(void)
{
    struct elf_symbols s;
    ck_assert_int_eq(elf_symbols_read(&g_tiny, sizeof g_tiny, &s), 0);
    return s;
}

/* The name of what an address lies in, "" for nothing. Valid until s is freed. */
static const char *name_at(const struct elf_symbols *s, uint64_t address)
{
    const struct elf_symbol *sym = elf_symbols_find(s, address);
    return sym ? s->names + sym->name : "";
}

START_TEST(find_gives_the_symbol_an_address_lies_in)
{
    tiny_start();
    add_symbol("second", 0x200, 0x10); /* not in order */
    add_symbol("first", 0x100, 0x100);
    add_symbol("last", 0x300, 1);
    struct elf_symbols s = read_tiny();
    ck_assert_uint_eq(s.n, 3);
    static const struct {
        uint64_t address;
        const char *name;
    } rows[] = {
        {0, ""},           {0xff, ""},        {0x100, "first"}, {0x1ff, "first"},
        {0x200, "second"}, {0x20f, "second"}, {0x210, ""},      {0x2ff, ""},
        {0x300, "last"},   {0x301, ""},       {UINT64_MAX, ""},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        ck_assert_str_eq(name_at(&s, rows[i].address), rows[i].name);
    elf_symbols_free(&s);
    ck_assert_ptr_null(elf_symbols_find(&s, 0x100));
}
END_TEST

START_TEST(symbols_without_a_size_reach_to_the_next_one)
{
    tiny_start();
    add_symbol("bare", 0x100, 0);
    add_symbol("next", 0x180, 8);
    add_symbol("end", 0x200, 0);
    struct elf_symbols s = read_tiny();
    ck_assert_str_eq(name_at(&s, 0x100), "bare");
    ck_assert_str_eq(name_at(&s, 0x17f), "bare");
    ck_assert_str_eq(name_at(&s, 0x180), "next");
    ck_assert_str_eq(name_at(&s, 0x188), "");
    ck_assert_str_eq(name_at(&s, 0x10000), "end");
    elf_symbols_free(&s);
}
END_TEST

START_TEST(of_several_names_of_one_address_the_largest_stays)
{
    tiny_start();
    add_symbol("alias", 0x100, 0);
    add_symbol("whole", 0x100, 0x40);
    add_symbol("part", 0x100, 8);
    struct elf_symbols s = read_tiny();
    ck_assert_uint_eq(s.n, 1);
    ck_assert_str_eq(name_at(&s, 0x13f), "whole");
    elf_symbols_free(&s);
}
END_TEST

START_TEST(only_functions_defined_here_count)
{
    tiny_start();
    add_symbol("undefined", 0x100, 8)->st_shndx = SHN_UNDEF;
    add_symbol("object", 0x110, 8)->st_info = ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT);
    add_symbol("zero", 0, 8);
    add_symbol("nameless", 0x120, 8)->st_name = NAMES_BYTES;
    add_symbol("ifunc", 0x130, 8)->st_info = ELF64_ST_INFO(STB_LOCAL, STT_GNU_IFUNC);
    struct elf_symbols s = read_tiny();
    ck_assert_uint_eq(s.n, 1);
    ck_assert_str_eq(name_at(&s, 0x130), "ifunc");
    elf_symbols_free(&s);
}
END_TEST

START_TEST(names_end_even_where_the_string_table_does_not)
{
    tiny_start();
    add_symbol("x", 0x100, 8);
    memset(g_tiny.names, 'n', NAMES_BYTES);
    struct elf_symbols s = read_tiny();
    ck_assert_uint_eq(strlen(name_at(&s, 0x100)), NAMES_BYTES - 1);
    elf_symbols_free(&s);
}
END_TEST

START_TEST(the_dynamic_symbols_do_where_there_are_no_others)
{
    tiny_start();
    add_symbol("full", 0x100, 8);
    g_tiny.dynamic[0] = g_tiny.symbols[0];
    g_tiny.dynamic[0].st_value = 0x500;
    struct elf_symbols s = read_tiny();
    ck_assert_str_eq(name_at(&s, 0x100), "full");
    elf_symbols_free(&s);
    g_tiny.sections[SYMTAB].sh_type = SHT_PROGBITS;
    s = read_tiny();
    ck_assert_str_eq(name_at(&s, 0x100), "");
    ck_assert_str_eq(name_at(&s, 0x500), "full");
    elf_symbols_free(&s);
    g_tiny.sections[DYNSYM].sh_type = SHT_PROGBITS; /* none at all is no error */
    s = read_tiny();
    ck_assert_uint_eq(s.n, 0);
    elf_symbols_free(&s);
}
END_TEST

static void assert_refused(void)
{
    struct elf_symbols s = {.n = 99};
    ck_assert_int_eq(elf_symbols_read(&g_tiny, sizeof g_tiny, &s), -ENOEXEC);
    ck_assert_uint_eq(s.n, 0);
    ck_assert_ptr_null(s.syms);
    ck_assert_ptr_null(s.names);
}

START_TEST(what_is_no_elf_of_ours_is_refused)
{
    static const struct {
        size_t at;
        uint8_t value;
    } rows[] = {{0, 0}, {3, 'f'}, {EI_CLASS, ELFCLASS32}, {EI_DATA, ELFDATA2MSB}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        uint64_t address;
        tiny_start();
        g_tiny.header.e_ident[rows[i].at] = rows[i].value;
        assert_refused();
        ck_assert_int_eq(elf_offset_to_address(&g_tiny, sizeof g_tiny, 0, &address), -ENOEXEC);
    }
}
END_TEST

START_TEST(tables_outside_the_image_are_refused)
{
    static const uint64_t far[] = {sizeof g_tiny, sizeof g_tiny + 1, 1u << 31, UINT64_MAX,
                                   UINT64_MAX - 100};
    for (size_t i = 0; i < COUNT_OF(far); i++)
        for (int field = 0; field < 4; field++) {
            tiny_start();
            add_symbol("x", 0x100, 8);
            uint64_t *fields[] = {
                &g_tiny.sections[SYMTAB].sh_offset, &g_tiny.sections[SYMTAB].sh_size,
                &g_tiny.sections[STRTAB].sh_offset, &g_tiny.sections[STRTAB].sh_size};
            *fields[field] = far[i];
            assert_refused();
        }
    tiny_start();
    add_symbol("x", 0x100, 8);
    g_tiny.sections[SYMTAB].sh_link = 4; /* no such section */
    assert_refused();
}
END_TEST

/* --- offsets ---------------------------------------------------------------------------------- */

static void add_segment(int i, uint32_t flags, uint64_t offset, uint64_t address, uint64_t size)
{
    g_tiny.segments[i] = (Elf64_Phdr){.p_type = PT_LOAD,
                                      .p_flags = flags,
                                      .p_offset = offset,
                                      .p_vaddr = address,
                                      .p_filesz = size};
    g_tiny.header.e_phnum = (uint16_t)(i + 1);
}

static uint64_t address_of(uint64_t file_offset)
{
    uint64_t address = 0;
    int rc = elf_offset_to_address(&g_tiny, sizeof g_tiny, file_offset, &address);
    ck_assert(rc == 0 || rc == -ENOEXEC);
    return rc == 0 ? address : UINT64_MAX;
}

START_TEST(file_offsets_have_the_addresses_of_their_segment)
{
    tiny_start();
    add_segment(0, PF_R, 0, 0, 0x700);
    add_segment(1, PF_R | PF_X, 0x1000, 0x401000, 0x2345);
    add_segment(2, PF_R | PF_W, 0x3e10, 0x405e10, 0x200);
    ck_assert_uint_eq(address_of(0x1000), 0x401000);
    ck_assert_uint_eq(address_of(0x2000), 0x402000);
    ck_assert_uint_eq(address_of(0x3000), 0x403000);
    ck_assert_uint_eq(address_of(0x3345), 0x403345); /* on its last page still */
    ck_assert_uint_eq(address_of(0x4000), 0x406000);
    ck_assert_uint_eq(address_of(0x5000), UINT64_MAX);
    ck_assert_uint_eq(address_of(UINT64_MAX), UINT64_MAX);
}
END_TEST

/* lld lets segments share a page of the file; each maps it whole, at another address. */
START_TEST(a_page_of_two_segments_is_that_of_the_executable_one)
{
    tiny_start();
    add_segment(0, PF_R, 0, 0, 0x5f0);
    add_segment(1, PF_R | PF_X, 0x5f0, 0x15f0, 0x800);
    add_segment(2, PF_R | PF_W, 0xdf0, 0x2df0, 0x100);
    ck_assert_uint_eq(address_of(0), 0x1000);
    ck_assert_uint_eq(address_of(0x5f0), 0x15f0);
}
END_TEST

START_TEST(a_segment_of_absurd_size_gives_no_address)
{
    static const uint64_t sizes[] = {UINT64_MAX, UINT64_MAX - 4095, UINT64_MAX - 4096};
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        tiny_start();
        add_segment(0, PF_X, 0x234, 0x1000, sizes[i]);
        address_of(0x200);
        address_of(UINT64_MAX);
    }
    tiny_start();
    add_segment(0, PF_X, 0, 0x1000, 0x1000);
    g_tiny.header.e_phoff = UINT64_MAX - 10;
    ck_assert_uint_eq(address_of(0), UINT64_MAX);
    g_tiny.header.e_phoff = sizeof g_tiny - 8;
    ck_assert_uint_eq(address_of(0), UINT64_MAX);
}
END_TEST

/* --- a real one ------------------------------------------------------------------------------- */

struct file {
    uint8_t *bytes; /* of exactly len, for AddressSanitizer */
    size_t len;
};

static struct file read_sample(void)
{
    FILE *f = fopen(ELF_SAMPLE, "rb");
    ck_assert_ptr_nonnull(f);
    fseek(f, 0, SEEK_END);
    struct file file = {.len = (size_t)ftell(f)};
    rewind(f);
    file.bytes = malloc(file.len);
    ck_assert_ptr_nonnull(file.bytes);
    ck_assert_uint_eq(fread(file.bytes, 1, file.len, f), file.len);
    fclose(f);
    return file;
}

START_TEST(the_symbols_of_a_library_are_where_the_loader_finds_them)
{
    struct file file = read_sample();
    struct elf_symbols s;
    ck_assert_int_eq(elf_symbols_read(file.bytes, file.len, &s), 0);
    void *library = dlopen(ELF_SAMPLE, RTLD_NOW);
    ck_assert_msg(library != NULL, "%s", dlerror());
    static const char *const names[] = {"sample_alpha", "sample_beta", "sample_sizeless"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        Dl_info info;
        void *at = dlsym(library, names[i]);
        ck_assert_ptr_nonnull(at);
        ck_assert_int_ne(dladdr(at, &info), 0);
        uint64_t linked = (uintptr_t)at - (uintptr_t)info.dli_fbase;
        ck_assert_str_eq(name_at(&s, linked), names[i]);
        ck_assert_str_eq(name_at(&s, linked + 2), names[i]);
    }
    size_t n_hidden = 0; /* not exported: only .symtab has it */
    for (size_t i = 0; i < s.n; i++)
        n_hidden += strcmp(s.names + s.syms[i].name, "sample_hidden") == 0;
    ck_assert_uint_eq(n_hidden, 1);
    dlclose(library);
    elf_symbols_free(&s);
    free(file.bytes);
}
END_TEST

/* All that is done with an image, and that what comes out holds together. */
static void use(const void *image, size_t len)
{
    struct elf_symbols s;
    uint64_t address;
    if (elf_symbols_read(image, len, &s) == 0) {
        for (size_t i = 0; i < s.n; i++) {
            ck_assert(i == 0 || s.syms[i - 1].start < s.syms[i].start);
            ck_assert_uint_lt(s.syms[i].name, s.names_len);
            ck_assert_uint_le(s.syms[i].name + strlen(s.names + s.syms[i].name), s.names_len);
        }
        elf_symbols_find(&s, 0x1100);
    }
    elf_symbols_free(&s);
    for (uint64_t offset = 0; offset < 0x4000; offset += 0x1000)
        elf_offset_to_address(image, len, offset, &address);
}

START_TEST(a_library_cut_anywhere_crashes_nobody)
{
    struct file file = read_sample();
    for (size_t len = 0; len < file.len; len++) {
        uint8_t *cut = malloc(len ? len : 1);
        ck_assert_ptr_nonnull(cut);
        memcpy(cut, file.bytes, len);
        use(cut, len);
        free(cut);
    }
    free(file.bytes);
}
END_TEST

START_TEST(a_library_with_any_byte_changed_crashes_nobody)
{
    struct file file = read_sample();
    static const uint8_t flips[] = {0xff, 0x01, 0x80};
    for (size_t at = 0; at < file.len; at++)
        for (size_t i = 0; i < COUNT_OF(flips); i++) {
            file.bytes[at] ^= flips[i];
            use(file.bytes, file.len);
            file.bytes[at] ^= flips[i];
        }
    free(file.bytes);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("elf");
    TCase *tc = tcase_create("elf");
    suite_add_tcase(suite, tc);
    tcase_set_timeout(tc, 120);
    tcase_add_test(tc, find_gives_the_symbol_an_address_lies_in);
    tcase_add_test(tc, symbols_without_a_size_reach_to_the_next_one);
    tcase_add_test(tc, of_several_names_of_one_address_the_largest_stays);
    tcase_add_test(tc, only_functions_defined_here_count);
    tcase_add_test(tc, names_end_even_where_the_string_table_does_not);
    tcase_add_test(tc, the_dynamic_symbols_do_where_there_are_no_others);
    tcase_add_test(tc, what_is_no_elf_of_ours_is_refused);
    tcase_add_test(tc, tables_outside_the_image_are_refused);
    tcase_add_test(tc, file_offsets_have_the_addresses_of_their_segment);
    tcase_add_test(tc, a_page_of_two_segments_is_that_of_the_executable_one);
    tcase_add_test(tc, a_segment_of_absurd_size_gives_no_address);
    tcase_add_test(tc, the_symbols_of_a_library_are_where_the_loader_finds_them);
    tcase_add_test(tc, a_library_cut_anywhere_crashes_nobody);
    tcase_add_test(tc, a_library_with_any_byte_changed_crashes_nobody);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int n_failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return n_failed != 0;
}
