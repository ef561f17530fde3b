#include "cli/cli.h"
#include "media/job.h"

int main(int argc, char **argv)
{
    media_job_program_beside();
    return cli_main(argc, argv);
}
