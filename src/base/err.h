/* err.h — error text of the control path. Not for signal context. */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include "base/attrs.h"

struct err {
    char text[512]; /* one line, no final newline; "" = none */
};

/* Keep the formatted text in e (NULL: dropped) and return code, so that a caller can
 * `return err_set(e, -EINVAL, "...")`. The text is cut when too long, control characters become
 * '?'. */
PRINTF_LIKE(3, 4) int err_set(struct err *e, int code, const char *fmt, ...);

#endif
