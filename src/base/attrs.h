/* attrs.h — compiler attributes and what they promise. */
#ifndef BASE_ATTRS_H
#define BASE_ATTRS_H

/* The function may run in a signal handler that interrupted anything: it takes no lock, allocates
 * only from an arena, calls nothing outside tests/lint/sigsafe.allow. Lives in the object library
 * jfrprof_signal, whose undefined symbols a lint checks. */
#define SIGSAFE

#define LIKELY(x)              __builtin_expect(!!(x), 1)
#define UNLIKELY(x)            __builtin_expect(!!(x), 0)
#define COUNT_OF(a)            (sizeof(a) / sizeof((a)[0]))
#define CACHE_LINE             64
#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))

#endif
