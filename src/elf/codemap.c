/* codemap.c — the process's mapped code and the names in it. Normal side (recorder thread). */
#include "elf/codemap.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "elf/elf_file.h"
#include "os/procfs.h"

enum {
    PATH_BYTES_MAX = 4096,
    LIBRARY_GAP_MAX = 16 << 20, /* between mappings of one library; a reloaded one lies elsewhere */
};

/* One mapped file; kept when it is unmapped, since samples may still name addresses in it. */
struct library {
    char *path;
    const char *name; /* last part of path */
    uintptr_t base, top;
    uint64_t inode; /* with path and base: another file put there is another library */
    bool is_deleted;
    bool is_vdso;
    bool is_read; /* once, whatever came of it: a damaged file stays unnamed */
    bool has_bias;
    uintptr_t bias; /* run-time address - address as linked */
    struct elf_symbols symbols;
};

struct mapping {
    uintptr_t start, end;
    uint64_t file_offset;
    size_t library; /* index */
};

struct retired_ranges {
    struct code_ranges *ranges;
    struct retired_ranges *next;
};

struct codemap {
    struct library **libraries; /* owned; addresses of the elements are stable */
    size_t n_libraries, cap_libraries;
    struct mapping *mappings; /* executable ones of the last refresh, sorted by start */
    size_t n_mappings, cap_mappings;
    struct code_ranges *ranges;
    struct retired_ranges *retired; /* a walker may still look at them */
};

struct codemap *codemap_new(void)
{
    return calloc(1, sizeof(struct codemap));
}

void codemap_free(struct codemap *cm)
{
    if (!cm)
        return;
    for (size_t i = 0; i < cm->n_libraries; i++) {
        elf_symbols_free(&cm->libraries[i]->symbols);
        free(cm->libraries[i]->path);
        free(cm->libraries[i]);
    }
    while (cm->retired) {
        struct retired_ranges *r = cm->retired;
        cm->retired = r->next;
        free(r->ranges);
        free(r);
    }
    free(cm->ranges);
    free(cm->libraries);
    free(cm->mappings);
    free(cm);
}

/* Room for one more element; false when out of memory. */
static bool grow(void **array, size_t n, size_t *cap, size_t element_bytes)
{
    if (n < *cap)
        return true;
    size_t wanted = *cap ? *cap * 2 : 64;
    void *p = realloc(*array, wanted * element_bytes);
    if (!p)
        return false;
    *array = p;
    *cap = wanted;
    return true;
}

/* --- libraries -------------------------------------------------------------------------------- */

/* Mappings of one file, one after the other: a library as soon as one of them is executable. Data
 * files, of which a process may map any number, are none. */
struct run {
    char path[PATH_BYTES_MAX];
    uintptr_t base, top;
    uint64_t inode, file_offset; /* of the last mapping */
    bool is_deleted;
    long library; /* index, -1: not yet */
};

static struct library *new_library(const struct run *run)
{
    struct library *l = calloc(1, sizeof *l);
    char *copy = l ? strdup(run->path) : NULL;
    if (!copy) {
        free(l);
        return NULL;
    }
    const char *slash = strrchr(copy, '/');
    *l = (struct library){
        .path = copy,
        .name = slash ? slash + 1 : copy,
        .base = run->base,
        .inode = run->inode,
        .is_vdso = strcmp(copy, "[vdso]") == 0,
    };
    return l;
}

/* Index of the library that run is, added if new; -1 when out of memory. */
static long library_of(struct codemap *cm, const struct run *run)
{
    for (size_t i = cm->n_libraries; i-- > 0;) {
        const struct library *l = cm->libraries[i];
        if (l->base == run->base && l->inode == run->inode && strcmp(l->path, run->path) == 0)
            return (long)i;
    }
    struct library *l = NULL;
    if (!grow((void **)&cm->libraries, cm->n_libraries, &cm->cap_libraries,
              sizeof cm->libraries[0]) ||
        !(l = new_library(run)))
        return -1;
    cm->libraries[cm->n_libraries] = l;
    return (long)cm->n_libraries++;
}

/* --- /proc/self/maps -------------------------------------------------------------------------- */

/* The kernel marks files that are mapped but no longer there. */
static bool cut_deleted(const char *path, size_t *len)
{
    static const char mark[] = " (deleted)";
    size_t n = sizeof mark - 1;
    if (*len <= n || memcmp(path + *len - n, mark, n) != 0)
        return false;
    *len -= n;
    return true;
}

/* Of a file or the vdso. */
static bool is_file(const struct procfs_map *map)
{
    static const char vdso[] = "[vdso]";
    return map->n_path > 0 && map->n_path < PATH_BYTES_MAX &&
           (map->path[0] == '/' ||
            (map->n_path == sizeof vdso - 1 && memcmp(map->path, vdso, sizeof vdso - 1) == 0));
}

/* The lines of a library lie close together, with rising offsets: those of its second copy begin
 * anew. */
static void follow_run(struct run *run, const struct procfs_map *map)
{
    size_t n = map->n_path;
    bool is_deleted = cut_deleted(map->path, &n);
    bool goes_on = run->inode == map->inode && map->start - run->top <= LIBRARY_GAP_MAX &&
                   map->offset >= run->file_offset && strlen(run->path) == n &&
                   memcmp(run->path, map->path, n) == 0;
    if (!goes_on) {
        memcpy(run->path, map->path, n); /* shorter than PATH_BYTES_MAX: is_file() */
        run->path[n] = 0;
        run->base = map->start;
        run->inode = map->inode;
        run->library = -1;
    }
    run->top = map->end;
    run->file_offset = map->offset;
    run->is_deleted = is_deleted;
}

static int add_map(struct codemap *cm, struct run *run, const struct procfs_map *map)
{
    follow_run(run, map);
    if (map->is_executable) {
        if (run->library < 0)
            run->library = library_of(cm, run);
        if (run->library < 0 ||
            !grow((void **)&cm->mappings, cm->n_mappings, &cm->cap_mappings, sizeof *cm->mappings))
            return -ENOMEM;
        cm->mappings[cm->n_mappings++] =
            (struct mapping){map->start, map->end, map->offset, (size_t)run->library};
    }
    if (run->library >= 0) {
        cm->libraries[run->library]->top = run->top;
        cm->libraries[run->library]->is_deleted = run->is_deleted;
    }
    return 0;
}

struct reading {
    struct codemap *cm;
    struct run run;
    int rc;
};

static void take_map(void *ctx, const struct procfs_map *map)
{
    struct reading *r = ctx;
    if (r->rc == 0 && map->start < map->end && is_file(map))
        r->rc = add_map(r->cm, &r->run, map);
}

static bool same_ranges(const struct code_ranges *a, const struct code_ranges *b)
{
    return a && a->n == b->n && memcmp(a->r, b->r, a->n * sizeof a->r[0]) == 0;
}

/* Publish the mappings as a new immutable snapshot, unless nothing changed. */
static int renew_ranges(struct codemap *cm)
{
    struct code_ranges *fresh = malloc(sizeof *fresh + cm->n_mappings * sizeof fresh->r[0]);
    struct retired_ranges *retired = malloc(sizeof *retired);
    if (!fresh || !retired) {
        free(fresh);
        free(retired);
        return -ENOMEM;
    }
    fresh->n = (uint32_t)cm->n_mappings;
    for (size_t i = 0; i < cm->n_mappings; i++)
        fresh->r[i] = (struct code_range){cm->mappings[i].start, cm->mappings[i].end};
    if (same_ranges(cm->ranges, fresh) || !cm->ranges) {
        free(retired);
        if (cm->ranges) {
            free(fresh);
            return 0;
        }
    } else {
        *retired = (struct retired_ranges){cm->ranges, cm->retired};
        cm->retired = retired;
    }
    cm->ranges = fresh;
    return 0;
}

int codemap_refresh(struct codemap *cm)
{
    struct reading r = {.cm = cm, .run = {.library = -1}};
    cm->n_mappings = 0;
    int n = procfs_each_map("/proc/self/maps", take_map, &r, NULL);
    if (n < 0)
        return n;
    return r.rc ? r.rc : renew_ranges(cm);
}

const struct code_ranges *codemap_ranges(const struct codemap *cm)
{
    return cm->ranges;
}

void codemap_each_library(struct codemap *cm,
                          void (*fn)(void *ctx, const char *path, uintptr_t base, uintptr_t top),
                          void *ctx)
{
    for (size_t i = 0; i < cm->n_mappings; i++) {
        const struct library *l = cm->libraries[cm->mappings[i].library];
        bool first = true; /* of its library: one with several executable mappings is told once */
        for (size_t k = 0; k < i && first; k++)
            first = cm->mappings[k].library != cm->mappings[i].library;
        if (first)
            fn(ctx, l->path, l->base, l->top);
    }
}

/* --- symbols ---------------------------------------------------------------------------------- */

static void set_bias(struct library *l, const struct mapping *m, uint64_t linked)
{
    l->has_bias = true;
    l->bias = m->start - linked;
}

static void read_vdso(struct library *l, const struct mapping *m)
{
    uint64_t linked;
    const void *image = (const void *)m->start;
    elf_symbols_read(image, m->end - m->start, &l->symbols);
    if (elf_offset_to_address(image, m->end - m->start, m->file_offset, &linked) == 0)
        set_bias(l, m, linked);
}

static void read_file(struct library *l, const struct mapping *m)
{
    struct stat st;
    char mapped[64]; /* the file itself, whatever its path leads to now (for the privileged) */
    snprintf(mapped, sizeof mapped, "/proc/self/map_files/%lx-%lx", (unsigned long)m->start,
             (unsigned long)m->end);
    int fd = open(l->is_deleted ? mapped : l->path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0) {
        uint64_t linked;
        elf_symbols_read_fd(fd, (size_t)st.st_size, &l->symbols);
        if (elf_offset_to_address_fd(fd, (size_t)st.st_size, m->file_offset, &linked) == 0)
            set_bias(l, m, linked);
    }
    close(fd);
}

static const struct mapping *find_mapping(const struct codemap *cm, uintptr_t pc)
{
    size_t low = 0, high = cm->n_mappings;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (pc < cm->mappings[mid].start)
            high = mid;
        else if (pc >= cm->mappings[mid].end)
            low = mid + 1;
        else
            return &cm->mappings[mid];
    }
    return NULL;
}

static bool is_cpp_name(const char *name)
{
    return name[0] == '_' && (name[1] == 'Z' || name[1] == 'R');
}

bool codemap_find(struct codemap *cm, uintptr_t pc, struct code_symbol *out)
{
    const struct mapping *m = find_mapping(cm, pc);
    if (!m)
        return false;
    struct library *l = cm->libraries[m->library];
    *out = (struct code_symbol){.library = l->name, .name = "", .start = l->base};
    if (!l->is_read) {
        l->is_read = true;
        if (l->is_vdso)
            read_vdso(l, m);
        else
            read_file(l, m);
    }
    const struct elf_symbol *sym = l->has_bias ? elf_symbols_find(&l->symbols, pc - l->bias) : NULL;
    if (sym) {
        out->name = l->symbols.names + sym->name;
        out->start = sym->start + l->bias;
        out->is_cpp = is_cpp_name(out->name);
    }
    return true;
}
