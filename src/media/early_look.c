#include "media/early_look.h"

#include "base/clock.h"
#include "base/text.h"
#include "media/finding.h"
#include "media/job.h"
#include "media/job_process.h"
#include "media/job_protocol.h"
#include "media/job_task.h"
#include "media/probe.h"
#include "media/sniff.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

/* --- the child's side ------------------------------------------------------------------------- */

/* As many bytes as libavformat is given to know a format, and its streams, by (source.c): with so
 * many there, it says of the whole what it says of them. */
static const int64_t format_bytes = MEDIA_PROBE_FORMAT_BYTES, streams_bytes = MEDIA_PROBE_BYTES;

static bool is_certain(enum finding_code code, const struct media_source *source)
{
    bool has_index = source->layout.has_index; /* of an MP4: the list of all tracks */
    switch (code) {
    case FINDING_ENCRYPTED:
    case FINDING_PICTURE_CODEC_UNKNOWN:
    case FINDING_SOUND_CODEC_UNKNOWN:
    case FINDING_PICTURE_TOO_LARGE:
    case FINDING_STREAMS_TOO_MANY:
    case FINDING_CLAIMS_PICTURES:
        return has_index || source->size_bytes >= streams_bytes;
    case FINDING_TRACKS_NONE:
    case FINDING_TRACKS_UNREADABLE:
        return has_index;
    default:
        return code >= FINDING_IS_PLAYLIST && code <= FINDING_IS_UNKNOWN
               && source->size_bytes >= format_bytes;
    }
}

static bool sniff(int fd, struct problem *problem)
{
    uint8_t head[SNIFF_BYTES];
    ssize_t count = pread(fd, head, sizeof head, 0);
    if (count != (ssize_t)sizeof head)
        return problem_set(problem, PROBLEM_BUSY, "too little came");
    enum finding_code code = sniff_file(head, sizeof head);
    return code == FINDING_NONE || finding_refuse(problem, (struct finding){ .code = code });
}

bool media_probe_early(int fd, const struct settings *settings, struct problem *problem)
{
    struct media_probe probe = { 0 };
    struct problem refusal = { 0 };
    if (!sniff(fd, problem))
        return false;
    bool hopeful = media_probe_tracks(&probe, fd, settings, &refusal);
    if (!hopeful && refusal.kind == PROBLEM_MEDIA_REFUSED
        && is_certain(finding_of_problem(&refusal).code, &probe.source))
        *problem = refusal;
    else if (!hopeful)
        problem_set(problem, PROBLEM_BUSY, "not known yet");
    media_probe_release(&probe);
    return hopeful;
}

/* --- the parent's side ------------------------------------------------------------------------ */

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
