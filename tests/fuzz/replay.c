/* replay.c — main() of a fuzz target without libFuzzer: every file of the given folders once, each
 * also cut short at every eighth, so that a corpus is an ordinary regression test. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A copy of its own, so that a sanitizer sees a read behind the end. */
static void run_prefix(const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size ? size : 1);
    if (!copy)
        abort();
    memcpy(copy, data, size);
    LLVMFuzzerTestOneInput(copy, size);
    free(copy);
}

static void run_file(const char *path)
{
    FILE *f = fopen(path, "rb");
    if (!f || fseek(f, 0, SEEK_END) != 0) {
        fprintf(stderr, "%s: cannot be read\n", path);
        exit(1);
    }
    size_t size = (size_t)ftell(f);
    uint8_t *data = malloc(size + 1);
    rewind(f);
    if (!data || fread(data, 1, size, f) != size)
        exit(1);
    fclose(f);
    for (int eighths = 0; eighths <= 8; eighths++)
        run_prefix(data, size * (size_t)eighths / 8);
    free(data);
}

int main(int argc, char **argv)
{
    int n_files = 0;
    for (int i = 1; i < argc; i++) {
        DIR *dir = opendir(argv[i]);
        struct dirent *entry;
        char path[4096];
        while (dir && (entry = readdir(dir)))
            if (entry->d_name[0] != '.') {
                snprintf(path, sizeof path, "%s/%s", argv[i], entry->d_name);
                run_file(path);
                n_files++;
            }
        if (dir)
            closedir(dir);
    }
    printf("%d inputs\n", n_files);
    return n_files > 0 ? 0 : 1;
}
