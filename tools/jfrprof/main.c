/* main.c — jfrprof [command] [arguments]: finds the subcommand and runs it. */
#include <stdio.h>
#include <string.h>

#include "jfrprof/command.h"

const struct command g_commands[] = {
    {"help", "", "this text", cmd_help},
    {"version", "", "the version of jfrprof", cmd_version},
};
const size_t g_n_commands = sizeof g_commands / sizeof *g_commands;

/* The spellings people try first. */
static const char *plain_name(const char *name)
{
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
        return "help";
    if (strcmp(name, "--version") == 0 || strcmp(name, "-v") == 0)
        return "version";
    return name;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "jfrprof: no command; try `jfrprof help`\n");
        return EXIT_USAGE;
    }
    const char *name = plain_name(argv[1]);
    for (size_t i = 0; i < g_n_commands; i++)
        if (strcmp(name, g_commands[i].name) == 0)
            return g_commands[i].run(argc - 1, argv + 1);
    fprintf(stderr, "jfrprof: %s: unknown command; try `jfrprof help`\n", argv[1]);
    return EXIT_USAGE;
}
