/* codemap.h — code address -> library and symbol. Normal side (recorder thread) only.
 *
 * Built from /proc/self/maps and the ELF symbol tables of the mapped files, each parsed when the
 * first address in it is asked for. Never takes the loader's lock, never needs a safepoint. ELF
 * files are untrusted input: bounded cursors, a damaged file leaves its library unnamed. */
#ifndef ELF_CODEMAP_H
#define ELF_CODEMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "elf/code_ranges.h"

struct codemap;

struct code_symbol {
    const char
        *library; /* file name without folders, "[vdso]", or "" ; lives as long as the codemap */
    const char *name; /* symbol, "" if none; ditto */
    uintptr_t start;  /* of the symbol, or of the library when it has none */
    bool is_cpp;      /* mangled C++ or Rust name */
};

struct codemap *codemap_new(void);
void codemap_free(struct codemap *cm);
/* Read the process's maps again (libraries come and go); cheap when nothing changed. 0 or -errno.
 */
int codemap_refresh(struct codemap *cm);
/* The executable mappings as of the last refresh, for the walker. Lives as long as the codemap. */
const struct code_ranges *codemap_ranges(const struct codemap *cm);
/* False when the address is in no mapped file. */
bool codemap_find(struct codemap *cm, uintptr_t pc, struct code_symbol *out);
/* Libraries as for jdk.NativeLibrary: full path, first and last address of the mapping. */
void codemap_each_library(struct codemap *cm,
                          void (*fn)(void *ctx, const char *path, uintptr_t base, uintptr_t top),
                          void *ctx);

#endif
