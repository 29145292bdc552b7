/* cmd_help.c — jfrprof help */
#include <stdio.h>

#include "jfrprof/command.h"

int cmd_help(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    printf("usage: jfrprof COMMAND [ARGUMENTS]\n\ncommands:\n");
    for (size_t i = 0; i < g_n_commands; i++)
        printf("  %-10s %-20s %s\n", g_commands[i].name, g_commands[i].arguments,
               g_commands[i].summary);
    printf("\nTo record a JVM from its start:\n"
           "  java -agentpath:/path/libjfrprof.so=start,file=app.jfr ...\n");
    return EXIT_OK;
}
