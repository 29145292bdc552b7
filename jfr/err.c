/* err.c — error text of libjfr's control path. Not for signal context. */
#include "jfr/err.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

int jfr_err_set(struct jfr_err *err, int code, const char *fmt, ...)
{
    if (!err)
        return code;
    err->code = code;
    va_list args;
    va_start(args, fmt);
    if (vsnprintf(err->text, sizeof err->text, fmt, args) < 0)
        err->text[0] = 0;
    va_end(args);
    for (char *p = err->text; *p; p++) /* names out of files end up here: one clean line */
        if ((unsigned char)*p < 0x20 || *p == 0x7f)
            *p = '?';
    return code;
}
