/* err.h — why a control-path function of libjfr failed: a code and one line for a person.
 *
 * Functions return 0 or a negative errno value and, when given a struct jfr_err, say what they were
 * doing and to which file. No allocation; not for signal context (it formats). */
#ifndef JFR_ERR_H
#define JFR_ERR_H

enum { JFR_ERR_TEXT_CAP = 256 };

struct jfr_err {
    int code;                    /* 0: no error; else -errno */
    char text[JFR_ERR_TEXT_CAP]; /* one line, no final newline; "" = none */
};

/* Keep code and the formatted text in err (NULL: dropped) and return code, so that a caller can
 * `return jfr_err_set(err, -EBADMSG, "...")`. Too long a text is cut, control characters become
 * '?'; a later call replaces an earlier one. */
__attribute__((format(printf, 3, 4))) int jfr_err_set(struct jfr_err *err, int code,
                                                      const char *fmt, ...);

#endif
