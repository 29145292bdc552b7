/* single.c — the process-wide claim of a session. Control path. */
#include "agent/single.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define CLAIM_NAME "jfrprof-session"
#define CLAIM_LINE "/memfd:" CLAIM_NAME " (deleted)"

static void *g_page;

static long page_bytes(void)
{
    return sysconf(_SC_PAGESIZE);
}

static void *map_claim(void)
{
    int fd = memfd_create(CLAIM_NAME, MFD_CLOEXEC);
    if (fd < 0)
        return NULL;
    void *page = ftruncate(fd, page_bytes()) == 0
                     ? mmap(NULL, (size_t)page_bytes(), PROT_READ, MAP_SHARED, fd, 0)
                     : MAP_FAILED;
    close(fd);
    if (page == MAP_FAILED)
        return NULL;
    madvise(page, (size_t)page_bytes(), MADV_DONTFORK);
    return page;
}

/* Is there a claim in this process that is not at own? */
static bool has_other_claim(const void *own)
{
    char line[512];
    bool found = false;
    FILE *maps = fopen("/proc/self/maps", "re");
    while (maps && !found && fgets(line, sizeof line, maps)) {
        unsigned long long start;
        found = strstr(line, CLAIM_LINE) && sscanf(line, "%llx-", &start) == 1 &&
                (uintptr_t)start != (uintptr_t)own;
    }
    if (maps)
        fclose(maps);
    return found;
}

/* Claim first, then look: of two that start at the same time both give up, never both go on. */
int single_claim(struct err *e)
{
    void *page = map_claim();
    if (page && has_other_claim(page)) {
        munmap(page, (size_t)page_bytes());
        return err_set(
            e, -EBUSY,
            "another copy of the jfrprof agent is recording in this process; stop that one first");
    }
    g_page = page;
    return 0;
}

void single_release(void)
{
    if (g_page)
        munmap(g_page, (size_t)page_bytes());
    g_page = NULL;
}
