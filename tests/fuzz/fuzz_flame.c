/* fuzz_flame.c — any bytes through jfr2flame: samples, tree, both outputs. */
#include <stdio.h>

#include "jfr2flame/out.h"
#include "jfr2flame/profile.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len_bytes);

static void outputs_write(const struct profile *profile)
{
    const struct html_options html = {.title = "<fuzz>", .min_percent = 1};
    FILE *to = fopen("/dev/null", "w");
    if (!to)
        return;
    out_collapsed(to, profile);
    out_html(to, profile, &html);
    fclose(to);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len_bytes)
{
    const struct profile_options options = {
        .style = {.with_lines = true, .with_kinds = true},
        .with_threads = true,
    };
    struct jfr_file *file;
    struct jfr_err err = {0};
    struct profile profile;
    uint64_t n_events;
    if (jfr_file_wrap(&file, bytes, len_bytes, &err) != 0)
        return 0;
    if (profile_init(&profile, options) == 0 && profile_add_file(&profile, file, &err) == 0)
        outputs_write(&profile);
    profile_fini(&profile);
    jfr_file_close(file);
    if (jfr_file_wrap(&file, bytes, len_bytes, &err) == 0) {
        struct event_count counts[3];
        profile_count_events(file, counts, 3, &n_events);
        jfr_file_close(file);
    }
    return 0;
}
