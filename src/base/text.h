/* text.h — small helpers on strings that come from elsewhere. Any context. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

/* Make s fit on one line of a terminal: final newlines go, other control characters become '?'.
 * Bytes beyond ASCII stay as they are (UTF-8). */
static inline void text_make_line(char *s)
{
    char *end = s;
    for (char *p = s; *p; p++) {
        unsigned char c = (unsigned char)*p;
        if (c != '\n')
            end = p + 1;
    }
    *end = 0;
    for (char *p = s; *p; p++) {
        unsigned char c = (unsigned char)*p;
        if (c < 0x20 || c == 0x7f)
            *p = '?';
    }
}

#endif
