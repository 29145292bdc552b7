/* elf_file.c — reads function symbols from an untrusted ELF image. Normal side (recorder thread).
 */
#include "elf/elf_file.h"

#include <elf.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    SECTIONS_MAX = 4096,
    SEGMENTS_MAX = 512,
    PAGE_MASK = 4095,
};
#define SYMBOLS_MAX (1u << 22)
#define NAMES_MAX   (1u << 28)

/* In memory, or in a file. Files are read, not mapped: one that is cut short while we look at it
 * would otherwise raise SIGBUS. */
struct image {
    const uint8_t *bytes; /* borrowed; NULL: in the file */
    size_t len;
    int fd;
};

static bool file_read(int fd, uint64_t offset, void *out, size_t size)
{
    while (size > 0) {
        ssize_t n = pread(fd, out, size, (off_t)offset);
        if (n <= 0) {
            if (n < 0 && errno == EINTR)
                continue;
            return false;
        }
        out = (char *)out + n;
        offset += (uint64_t)n;
        size -= (size_t)n;
    }
    return true;
}

/* `size` bytes at offset; copied, since nothing says that they are aligned. */
static bool image_read(const struct image *im, uint64_t offset, void *out, size_t size)
{
    if (offset > im->len || im->len - offset < size)
        return false;
    if (!im->bytes)
        return file_read(im->fd, offset, out, size);
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

static int offset_to_address(const struct image *im, uint64_t file_offset, uint64_t *out)
{
    Elf64_Ehdr h;
    Elf64_Phdr p;
    if (!read_header(im, &h) || h.e_phentsize != sizeof p || h.e_phnum > SEGMENTS_MAX)
        return -ENOEXEC;
    int rc = -ENOEXEC;
    for (uint32_t i = 0; i < h.e_phnum; i++) {
        if (h.e_phoff > im->len ||
            !image_read(im, h.e_phoff + (uint64_t)i * sizeof p, &p, sizeof p))
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

int elf_offset_to_address(const void *image, size_t len, uint64_t file_offset, uint64_t *out)
{
    return offset_to_address(&(struct image){.bytes = image, .len = len}, file_offset, out);
}

int elf_offset_to_address_fd(int fd, size_t len, uint64_t file_offset, uint64_t *out)
{
    return offset_to_address(&(struct image){.fd = fd, .len = len}, file_offset, out);
}

/* --- symbols ---------------------------------------------------------------------------------- */

static bool is_function(const Elf64_Sym *s)
{
    unsigned type = ELF64_ST_TYPE(s->st_info);
    return (type == STT_FUNC || type == STT_GNU_IFUNC) && s->st_shndx != SHN_UNDEF &&
           s->st_value != 0;
}

enum { DIGIT_BITS = 12, DIGIT_VALUES = 1 << DIGIT_BITS };

/* One stable pass of a radix sort by a digit of start; the 50,000 functions of libjvm are sorted at
 * the end of a short recording too, where qsort's 10 ms would show. */
static void sort_by_digit(const struct elf_symbol *from, struct elf_symbol *to, size_t n, int shift)
{
    static const size_t mask = DIGIT_VALUES - 1;
    uint32_t at[DIGIT_VALUES] = {0};
    uint32_t sum = 0;
    for (size_t i = 0; i < n; i++)
        at[from[i].start >> shift & mask]++;
    for (size_t d = 0; d < DIGIT_VALUES; d++) {
        uint32_t count = at[d];
        at[d] = sum;
        sum += count;
    }
    for (size_t i = 0; i < n; i++)
        to[at[from[i].start >> shift & mask]++] = from[i];
}

/* Sort s by start; the other array of two is spare room of the same size and may end up as s->syms.
 */
static void sort_symbols(struct elf_symbols *s, struct elf_symbol **spare)
{
    uint64_t all = 0;
    for (size_t i = 0; i < s->n; i++)
        all |= s->syms[i].start;
    for (int shift = 0; shift < 64 && all >> shift; shift += DIGIT_BITS) {
        sort_by_digit(s->syms, *spare, s->n, shift);
        struct elf_symbol *sorted = *spare;
        *spare = s->syms;
        s->syms = sorted;
    }
}

/* Of several at one address the largest is kept, the first of equals. */
static void drop_duplicates(struct elf_symbols *s)
{
    size_t kept = 0;
    for (size_t i = 0; i < s->n; i++) {
        const struct elf_symbol *sym = &s->syms[i];
        if (kept == 0 || s->syms[kept - 1].start != sym->start)
            s->syms[kept++] = *sym;
        else if (s->syms[kept - 1].size < sym->size)
            s->syms[kept - 1] = *sym;
    }
    s->n = kept;
}

static int copy_names(const struct image *im, const Elf64_Shdr *strings, struct elf_symbols *out)
{
    if (strings->sh_size == 0 || strings->sh_size > NAMES_MAX)
        return -ENOEXEC;
    out->names = malloc(strings->sh_size + 1);
    if (!out->names)
        return -ENOMEM;
    out->names[strings->sh_size] = 0;
    out->names_len = strings->sh_size;
    return image_read(im, strings->sh_offset, out->names, strings->sh_size) ? 0 : -ENOEXEC;
}

static void keep_functions(const Elf64_Sym *raw, size_t n, struct elf_symbols *out)
{
    for (size_t i = 0; i < n; i++)
        if (is_function(&raw[i]) && raw[i].st_name < out->names_len)
            out->syms[out->n++] = (struct elf_symbol){
                .start = raw[i].st_value, .size = raw[i].st_size, .name = raw[i].st_name};
}

static int copy_symbols(const struct image *im, const Elf64_Shdr *table, struct elf_symbols *out)
{
    size_t n = table->sh_size / sizeof(Elf64_Sym);
    if (n > SYMBOLS_MAX || table->sh_size > im->len)
        return -ENOEXEC;
    Elf64_Sym *raw = malloc((n ? n : 1) * sizeof *raw);
    struct elf_symbol *spare = malloc((n ? n : 1) * sizeof *spare);
    out->syms = malloc((n ? n : 1) * sizeof out->syms[0]);
    int rc = raw && spare && out->syms ? 0 : -ENOMEM;
    if (rc == 0 && !image_read(im, table->sh_offset, raw, n * sizeof *raw))
        rc = -ENOEXEC;
    if (rc == 0) {
        keep_functions(raw, n, out);
        sort_symbols(out, &spare);
        drop_duplicates(out);
    }
    free(spare);
    free(raw);
    return rc;
}

static int read_symbols(const struct image *im, struct elf_symbols *out)
{
    Elf64_Ehdr h;
    Elf64_Shdr table, strings;
    *out = (struct elf_symbols){0};
    if (!read_header(im, &h))
        return -ENOEXEC;
    if (!find_section(im, &h, SHT_SYMTAB, &table) && !find_section(im, &h, SHT_DYNSYM, &table))
        return 0; /* no symbols is no error */
    if (!read_section(im, &h, table.sh_link, &strings))
        return -ENOEXEC;
    int rc = copy_names(im, &strings, out);
    if (rc == 0)
        rc = copy_symbols(im, &table, out);
    if (rc)
        elf_symbols_free(out);
    return rc;
}

int elf_symbols_read(const void *image, size_t len, struct elf_symbols *out)
{
    return read_symbols(&(struct image){.bytes = image, .len = len}, out);
}

int elf_symbols_read_fd(int fd, size_t len, struct elf_symbols *out)
{
    return read_symbols(&(struct image){.fd = fd, .len = len}, out);
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
