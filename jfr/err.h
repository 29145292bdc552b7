/* err.h — error text of libjfr's control path. Not for signal context. */
#ifndef JFR_ERR_H
#define JFR_ERR_H

struct jfr_err {
    char text[256]; /* one line, no final newline; "" = none */
};

/* Keep the formatted text in err (NULL: dropped) and return code, so that a caller can
 * `return jfr_err_set(err, -EBADMSG, "...")`. Too long a text is cut, control characters become
 * '?'. */
__attribute__((format(printf, 3, 4))) int jfr_err_set(struct jfr_err *err, int code,
                                                      const char *fmt, ...);

#endif
