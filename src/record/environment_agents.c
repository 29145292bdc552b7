/* environment_agents.c — which agents the JVM has. Pure parsing. */
#include "record/environment_agents.h"

#include <string.h>

#include "base/attrs.h"

bool environment_agent_option(const char *word, struct agent_option *out)
{
    static const struct {
        const char *prefix;
        bool is_java, is_path;
    } k_forms[] = {
        {"-agentlib:", false, false}, {"-agentpath:", false, true}, {"-javaagent:", true, false}};
    for (size_t i = 0; i < COUNT_OF(k_forms); i++) {
        size_t n = strlen(k_forms[i].prefix);
        if (strncmp(word, k_forms[i].prefix, n) != 0)
            continue;
        size_t len = strcspn(word + n, "=");
        if (len == 0 || len >= sizeof out->name)
            return false;
        memcpy(out->name, word + n, len);
        out->name[len] = 0;
        strcpy(out->path, k_forms[i].is_path ? out->name : ""); /* as large as name */
        out->is_java = k_forms[i].is_java;
        out->options = word[n + len] ? word + n + len + 1 : NULL;
        return true;
    }
    return false;
}
