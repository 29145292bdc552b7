/* demangle.c — asks the C++ runtime for the readable form of a symbol, and cuts it to the name. */
#include "elf/demangle.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

typedef char *(*demangle_fn)(const char *mangled, char *buf, size_t *len, int *status);

static demangle_fn g_demangle; /* NULL: there is none */
static pthread_once_t g_once = PTHREAD_ONCE_INIT;

static void find_demangler(void)
{
    void *fn = dlsym(RTLD_DEFAULT, "__cxa_demangle");
    if (!fn) {
        void *lib =
            dlopen("libstdc++.so.6", RTLD_LAZY | RTLD_LOCAL); /* stays for the process's life */
        fn = lib ? dlsym(lib, "__cxa_demangle") : NULL;
    }
    memcpy(&g_demangle, &fn, sizeof fn); /* ISO C has no cast from object to function pointer */
}

/* Depth of brackets, so that only what stands outside of templates and "(anonymous namespace)"
 * counts. */
static bool opens(char c)
{
    return c == '<' || c == '(' || c == '[';
}
static bool closes(char c)
{
    return c == '>' || c == ')' || c == ']';
}

static bool is_operator_at(const char *text, const char *p)
{
    static const char word[] = "operator";
    size_t n = sizeof word - 1;
    return (size_t)(p - text) >= n && memcmp(p - n, word, n) == 0;
}

/* The characters of an operator's name, which are no brackets: operator(), operator<<, operator->.
 */
static const char *skip_operator(const char *p)
{
    if (p[0] == '(' && p[1] == ')')
        return p + 2;
    if (p[0] == ' ')
        return p + 1; /* operator new, a conversion */
    return p + strspn(p, "<>=-+*/%^&|~!,[]");
}

static bool is_anonymous(const char *p)
{
    static const char text[] = "(anonymous namespace)";
    return strncmp(p, text, sizeof text - 1) == 0;
}

void demangle_cut(char *text)
{
    int depth = 0;
    char *name = text;          /* after the return type */
    bool seen_operator = false; /* spaces in its name end nothing */
    char *p = text;
    while (*p) {
        if (depth == 0 && is_operator_at(text, p)) {
            seen_operator = true;
            p = (char *)(size_t)skip_operator(p);
            if (!*p)
                break;
        }
        if (depth == 0 && *p == '(' && !is_anonymous(p) && p != name)
            break; /* the parameters */
        if (depth == 0 && *p == ' ' && !seen_operator)
            name = p + 1;
        depth += opens(*p) ? 1 : closes(*p) ? -1 : 0;
        p++;
    }
    *p = 0;
    memmove(text, name, strlen(name) + 1);
}

const char *demangle(const char *symbol, char *buf, size_t cap_bytes)
{
    bool is_mangled = symbol[0] == '_' && (symbol[1] == 'Z' || symbol[1] == 'R');
    if (!is_mangled || cap_bytes == 0)
        return symbol;
    pthread_once(&g_once, find_demangler);
    int status = -1;
    char *text = g_demangle ? g_demangle(symbol, NULL, NULL, &status) : NULL;
    if (!text || status != 0) {
        free(text);
        return symbol;
    }
    demangle_cut(text);
    size_t n = strlen(text);
    if (n >= cap_bytes)
        n = cap_bytes - 1;
    memcpy(buf, text, n);
    buf[n] = 0;
    free(text);
    return n ? buf : symbol;
}
