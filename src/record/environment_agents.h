/* environment_agents.h — the agents of the JVM, out of its options: jdk.NativeAgent, jdk.JavaAgent.
 * Recorder thread. */
#ifndef RECORD_ENVIRONMENT_AGENTS_H
#define RECORD_ENVIRONMENT_AGENTS_H

#include <stdbool.h>
#include <stddef.h>

/* One option -agentlib:NAME[=OPTIONS], -agentpath:PATH[=OPTIONS] or -javaagent:JAR[=OPTIONS]. */
struct agent_option {
    bool is_java;
    char name[1024];     /* as given: the library's name, its path, or the jar's */
    char path[1024];     /* of -agentpath; "" */
    const char *options; /* in the word; NULL: none */
};

/* False: the word is none of them, or its name does not fit. */
bool environment_agent_option(const char *word, struct agent_option *out);

#endif
