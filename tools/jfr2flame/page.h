/* page.h — the files of page/, put into the program at build time (embed.cmake). Each ends with a 0
 * that its length doesn't count. */
#ifndef JFR2FLAME_PAGE_H
#define JFR2FLAME_PAGE_H

#include <stddef.h>

extern const unsigned char page_html[], page_css[], model_js[], page_js[];
extern const size_t page_html_len, page_css_len, model_js_len, page_js_len;

#endif
