/* elf_file.h — symbols of one ELF image, from its file or from memory (the vdso). Normal side.
 * Untrusted input: every offset and count is checked against the image's length. Sources: the ELF
 * specification (gABI), /usr/include/elf.h. Memory: 24 bytes a function and all names;
 * 72 bytes a symbol more while they are read. */
#ifndef ELF_ELF_FILE_H
#define ELF_ELF_FILE_H

#include <stddef.h>
#include <stdint.h>

struct elf_symbol {
    uint64_t start; /* address as linked (st_value) */
    uint64_t size;  /* 0 unknown */
    uint32_t name;  /* offset in names */
};

struct elf_symbols {
    struct elf_symbol *syms; /* owned; functions only, sorted by start, one per start */
    size_t n;
    char *names; /* owned; 0-terminated strings */
    size_t names_len;
};

/* The function symbols of an image: .symtab if it has one, else .dynsym. 0, -ENOEXEC when the image
 * is no 64-bit little-endian ELF or is damaged, -ENOMEM. out is empty on failure. */
int elf_symbols_read(const void *image, size_t len, struct elf_symbols *out);
/* The same from an open file of len bytes. */
int elf_symbols_read_fd(int fd, size_t len, struct elf_symbols *out);
void elf_symbols_free(struct elf_symbols *s);
/* The symbol that address (as linked) lies in, or NULL. */
const struct elf_symbol *elf_symbols_find(const struct elf_symbols *s, uint64_t address);

/* The link-time address of the byte at file_offset, which is that of an executable mapping, by the
 * PT_LOAD headers: 0 and *out, or -ENOEXEC. */
int elf_offset_to_address(const void *image, size_t len, uint64_t file_offset, uint64_t *out);
int elf_offset_to_address_fd(int fd, size_t len, uint64_t file_offset, uint64_t *out);

#endif
