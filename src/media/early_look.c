#include "media/early_look.h"

#include "base/clock.h"
#include "base/text.h"
#include "media/finding.h"
#include "media/job.h"
#include "media/job_process.h"
#include "media/job_protocol.h"
#include "media/job_task.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

static bool start(
    struct job_process *process, const struct settings *settings, const char *program, int fd)
{
    const struct media_job job
        = { .settings = settings, .pass = MEDIA_PASS_LOOK, .input_fd = fd, .program = program };
    struct problem ignored = { 0 };
    int outputs[JOB_OUTPUTS];
    int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    int task_fd = nowhere >= 0 ? job_task_write(&job, &ignored) : -1;
    for (int i = 0; i < JOB_OUTPUTS; i++)
        outputs[i] = nowhere;
    bool started
        = task_fd >= 0 && job_process_start(process, program, fd, task_fd, outputs, &ignored);
    if (task_fd >= 0)
        (void)close(task_fd);
    if (nowhere >= 0)
        (void)close(nowhere);
    return started;
}

/* One line is all that such a child says. */
static json_t *hear(const struct job_process *process, struct job_reader *reader, int64_t most_ms)
{
    struct pollfd waited = { .fd = process->report_fd, .events = POLLIN };
    int64_t deadline_ms = clock_steady_ms() + most_ms, left_ms;
    struct problem nonsense = { 0 };
    json_t *line = NULL;
    ssize_t count = 1;
    while (!line && count != 0 && !problem_is_set(&nonsense)
           && (left_ms = deadline_ms - clock_steady_ms()) > 0) {
        if (poll(&waited, 1, (int)left_ms) <= 0)
            continue;
        count = job_reader_fill(reader, process->report_fd);
        if (count < 0 && errno != EAGAIN)
            break;
        line = job_reader_next(reader, &nonsense);
    }
    return line;
}

static enum media_prospect judge(const json_t *line, struct problem *ret_why)
{
    const char *end = json_string_value(json_object_get(line, "end"));
    struct problem nonsense = { 0 };
    struct finding verdict = { .code = FINDING_NONE };
    if (text_equal(end, "done"))
        return MEDIA_HOPEFUL;
    if (!text_equal(end, "refused")
        || !finding_from_json(json_object_get(line, "verdict"), &verdict, &nonsense)
        || verdict.code == FINDING_NONE)
        return MEDIA_UNDECIDED;
    (void)finding_refuse(ret_why, verdict);
    return MEDIA_HOPELESS;
}

enum media_prospect media_look_early(
    const struct settings *settings, const char *program, int fd, struct problem *ret_why)
{
    struct job_process process;
    struct job_reader reader = { .count = 0 };
    if (!start(&process, settings, program, fd))
        return MEDIA_UNDECIDED;
    json_t *line = hear(&process, &reader, settings->upload_look_ms);
    enum media_prospect prospect = line ? judge(line, ret_why) : MEDIA_UNDECIDED;
    json_decref(line);
    (void)job_process_end(&process, line ? settings->upload_look_ms : 0);
    return prospect;
}
