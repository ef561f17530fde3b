#include "cli/cli.h"
#include "media/job.h"

#include <string.h>

/*
 * One binary for all: the program that people type, and the sandboxed child that looks at their files.
 * The child is told apart before anything else runs, as it is to own nothing but its descriptors.
 */
int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "media-job") == 0)
        return media_job_child(argc, argv);
    return cli_main(argc, argv);
}
