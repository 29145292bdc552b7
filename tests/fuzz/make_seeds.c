/* make_seeds.c — the first inputs of the fuzzers: make_seeds DIRECTORY writes small recordings that
 * take every branch a sound file can take. */
#include <stdio.h>

#include "support/handmade.h"

int main(int argc, char **argv)
{
    static const enum jfr_string_encoding encodings[] = {JFR_STRING_UTF8, JFR_STRING_UTF16,
                                                         JFR_STRING_LATIN1};
    if (argc != 2)
        return 2;
    for (int i = 0; i < 6; i++) {
        char path[4096];
        struct handmade h;
        handmade_init(&h);
        h.string_encoding = encodings[i % 3];
        h.pad = i / 3 * 4;
        handmade_profile(&h);
        if (i == 5)
            handmade_profile(&h); /* two chunks */
        snprintf(path, sizeof path, "%s/handmade-%d", argv[1], i);
        FILE *to = fopen(path, "wb");
        if (!to || fwrite(h.bytes, 1, handmade_len(&h), to) != handmade_len(&h) || fclose(to) != 0)
            return 1;
        handmade_fini(&h);
    }
    return 0;
}
