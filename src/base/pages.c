/* pages.c — whole pages from the kernel. Normal side; under arena, trace store, lanes. */
#include "base/pages.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

size_t pages_round_up(size_t n_bytes)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t sum;
    if (__builtin_add_overflow(n_bytes, page - 1, &sum))
        return 0;
    return sum & ~(page - 1);
}

void *pages_map(size_t n_bytes)
{
    size_t n = pages_round_up(n_bytes);
    if (n == 0) {
        errno = ENOMEM;
        return NULL;
    }
    void *p =
        mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return p == MAP_FAILED ? NULL : p;
}

void pages_unmap(void *pages, size_t n_bytes)
{
    if (pages)
        munmap(pages, pages_round_up(n_bytes));
}

void pages_clear(void *pages, size_t n_bytes)
{
    /* Fails on locked memory (a host that called mlockall): then the pages stay and are wiped. */
    if (madvise(pages, pages_round_up(n_bytes), MADV_DONTNEED) != 0)
        memset(pages, 0, n_bytes);
}
