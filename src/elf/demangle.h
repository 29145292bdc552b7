/* demangle.h — C++ and Rust symbols as people write them. Normal side (recorder thread) only.
 *
 * The work is done by the C++ runtime's own __cxa_demangle (Itanium C++ ABI, 3.4): of the one the
 * process has, else libstdc++.so.6 is loaded when the first mangled name comes. Without either,
 * names stay as they are. */
#ifndef ELF_DEMANGLE_H
#define ELF_DEMANGLE_H

#include <stddef.h>

/* The function's qualified name without parameters, return type and clone suffix, e.g.
 * Compile::Optimize; symbol itself if it is not mangled or cannot be demangled. The result is
 * symbol or buf. */
const char *demangle(const char *symbol, char *buf, size_t cap_bytes);

/* Cut "ret A::b<C>(D) const [clone .part.0]" to "A::b<C>", in place; for tests. */
void demangle_cut(char *text);

#endif
