/* command.h — the launcher's table of subcommands; one file cmd_<name>.c per subcommand. */
#ifndef JFRPROF_COMMAND_H
#define JFRPROF_COMMAND_H

#include <stddef.h>

/* Exit statuses of the launcher. */
enum { EXIT_OK = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

struct command {
    const char *name;
    const char *arguments; /* as in the usage line, "" if none */
    const char *summary;
    /* argv[0] is the command's name. Returns an exit status. */
    int (*run)(int argc, char **argv);
};

/* In the order in which help shows them. */
extern const struct command g_commands[];
extern const size_t g_n_commands;

int cmd_help(int argc, char **argv);
int cmd_version(int argc, char **argv);

#endif
