/* err.c — error text of the control path. Not for signal context: it formats. */
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/text.h"

int err_set(struct err *e, int code, const char *fmt, ...)
{
    if (!e)
        return code;
    /* By way of a copy: the old text may be an argument of the new one. */
    struct err out;
    va_list args;
    va_start(args, fmt);
    if (vsnprintf(out.text, sizeof out.text, fmt, args) < 0)
        out.text[0] = 0;
    va_end(args);
    text_make_line(out.text);
    *e = out;
    return code;
}
