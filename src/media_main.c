#include "media/job.h"

/* The sandboxed child that looks at the files of strangers; started by the server, never by hand. */
int main(int argc, char **argv)
{
    return media_job_child(argc, argv);
}
