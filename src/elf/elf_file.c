/* elf_file.c — reads function symbols from an untrusted ELF image. Normal side (recorder thread).
 */
#include "elf/elf_file.h"

#include <elf.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
    SECTIONS_MAX = 4096,
    SEGMENTS_MAX = 512,
    PAGE_MASK = 4095,
};
#define SYMBOLS_MAX (1u << 22)
#define NAMES_MAX   (1u << 28)

struct image {
    const uint8_t *bytes; /* borrowed */
    size_t len;
};

/* n records of `size` bytes at offset, copied one by one since nothing says that they are aligned.
 */
static bool image_read(const struct image *im, uint64_t offset, void *out, size_t size)
{
    if (offset > im->len || im->len - offset < size)
        return false;
    memcpy(out, im->bytes + offset, size);
    return true;
}

static bool read_header(const struct image *im, Elf64_Ehdr *h)
{
    return image_read(im, 0, h, sizeof *h) && memcmp(h->e_ident, ELFMAG, SELFMAG) == 0 &&
           h->e_ident[EI_CLASS] == ELFCLASS64 && h->e_ident[EI_DATA] == ELFDATA2LSB;
}

static bool read_section(const struct image *im, const Elf64_Ehdr *h, uint32_t i, Elf64_Shdr *out)
{
    return h->e_shentsize == sizeof *out && i < h->e_shnum && h->e_shnum <= SECTIONS_MAX &&
           h->e_shoff <= im->len &&
           image_read(im, h->e_shoff + (uint64_t)i * sizeof *out, out, sizeof *out);
}

static bool find_section(const struct image *im, const Elf64_Ehdr *h, uint32_t type,
                         Elf64_Shdr *out)
{
    for (uint32_t i = 0; i < h->e_shnum && i < SECTIONS_MAX; i++)
        if (read_section(im, h, i, out) && out->sh_type == type &&
            out->sh_entsize == sizeof(Elf64_Sym))
            return true;
    return false;
}

/* Whether a mapping of the segment's pages has the byte at file_offset: mappings begin and end at
 * page boundaries, segments need not. */
static bool segment_covers(const Elf64_Phdr *p, uint64_t file_offset)
{
    uint64_t before = p->p_offset & PAGE_MASK;
    uint64_t start = p->p_offset - before;
    return p->p_filesz <= UINT64_MAX - before - PAGE_MASK && file_offset >= start &&
           file_offset - start < ((before + p->p_filesz + PAGE_MASK) & ~(uint64_t)PAGE_MASK);
}

int elf_offset_to_address(const void *image, size_t len, uint64_t file_offset, uint64_t *out)
{
    struct image im = {image, len};
    Elf64_Ehdr h;
    Elf64_Phdr p;
    if (!read_header(&im, &h) || h.e_phentsize != sizeof p || h.e_phnum > SEGMENTS_MAX)
        return -ENOEXEC;
    int rc = -ENOEXEC;
    for (uint32_t i = 0; i < h.e_phnum; i++) {
        if (h.e_phoff > len || !image_read(&im, h.e_phoff + (uint64_t)i * sizeof p, &p, sizeof p))
            return -ENOEXEC;
        if (p.p_type != PT_LOAD || !segment_covers(&p, file_offset))
            continue;
        bool is_code = (p.p_flags & PF_X) != 0;
        if (rc != 0 || is_code)
            *out = p.p_vaddr + (file_offset - p.p_offset);
        rc = 0;
        if (is_code)
            break; /* page and all, the neighbours (of lld, say) may have it, too */
    }
    return rc;
}

/* --- symbols ---------------------------------------------------------------------------------- */

static bool is_function(const Elf64_Sym *s)
{
    unsigned type = ELF64_ST_TYPE(s->st_info);
    return (type == STT_FUNC || type == STT_GNU_IFUNC) && s->st_shndx != SHN_UNDEF &&
           s->st_value != 0;
}

static int by_start(const void *a, const void *b)
{
    const struct elf_symbol *x = a, *y = b;
    if (x->start != y->start)
        return x->start < y->start ? -1 : 1;
    return x->size < y->size ? 1 : x->size > y->size ? -1 : 0; /* the larger first: it is kept */
}

static void drop_duplicates(struct elf_symbols *s)
{
    size_t kept = 0;
    for (size_t i = 0; i < s->n; i++)
        if (kept == 0 || s->syms[kept - 1].start != s->syms[i].start)
            s->syms[kept++] = s->syms[i];
    s->n = kept;
}

static int copy_names(const struct image *im, const Elf64_Shdr *strings, struct elf_symbols *out)
{
    if (strings->sh_size == 0 || strings->sh_size > NAMES_MAX || strings->sh_offset > im->len ||
        im->len - strings->sh_offset < strings->sh_size)
        return -ENOEXEC;
    out->names = malloc(strings->sh_size + 1);
    if (!out->names)
        return -ENOMEM;
    memcpy(out->names, im->bytes + strings->sh_offset, strings->sh_size);
    out->names[strings->sh_size] = 0;
    out->names_len = strings->sh_size;
    return 0;
}

static int copy_symbols(const struct image *im, const Elf64_Shdr *table, struct elf_symbols *out)
{
    uint64_t n = table->sh_size / sizeof(Elf64_Sym);
    if (n > SYMBOLS_MAX || table->sh_offset > im->len ||
        im->len - table->sh_offset < table->sh_size)
        return -ENOEXEC;
    out->syms = malloc((n ? n : 1) * sizeof out->syms[0]);
    if (!out->syms)
        return -ENOMEM;
    for (uint64_t i = 0; i < n; i++) {
        Elf64_Sym s;
        if (image_read(im, table->sh_offset + i * sizeof s, &s, sizeof s) && is_function(&s) &&
            s.st_name < out->names_len)
            out->syms[out->n++] =
                (struct elf_symbol){.start = s.st_value, .size = s.st_size, .name = s.st_name};
    }
    qsort(out->syms, out->n, sizeof out->syms[0], by_start);
    drop_duplicates(out);
    return 0;
}

int elf_symbols_read(const void *image, size_t len, struct elf_symbols *out)
{
    struct image im = {image, len};
    Elf64_Ehdr h;
    Elf64_Shdr table, strings;
    *out = (struct elf_symbols){0};
    if (!read_header(&im, &h))
        return -ENOEXEC;
    if (!find_section(&im, &h, SHT_SYMTAB, &table) && !find_section(&im, &h, SHT_DYNSYM, &table))
        return 0; /* no symbols is no error */
    if (!read_section(&im, &h, table.sh_link, &strings))
        return -ENOEXEC;
    int rc = copy_names(&im, &strings, out);
    if (rc == 0)
        rc = copy_symbols(&im, &table, out);
    if (rc)
        elf_symbols_free(out);
    return rc;
}

void elf_symbols_free(struct elf_symbols *s)
{
    free(s->syms);
    free(s->names);
    *s = (struct elf_symbols){0};
}

const struct elf_symbol *elf_symbols_find(const struct elf_symbols *s, uint64_t address)
{
    size_t low = 0, high = s->n;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (s->syms[mid].start <= address)
            low = mid + 1;
        else
            high = mid;
    }
    if (low == 0)
        return NULL;
    const struct elf_symbol *sym = &s->syms[low - 1];
    /* hand-written assembly has symbols without a size: they reach to the next one */
    return sym->size == 0 || address - sym->start < sym->size ? sym : NULL;
}
