/* cmd_version.c — jfrprof version */
#include <stdio.h>

#include "jfrprof/command.h"

int cmd_version(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    printf("jfrprof %s\n", JFRPROF_VERSION);
    return EXIT_OK;
}
