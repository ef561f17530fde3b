#include "media/early_probe.h"

#include "media/finding.h"
#include "media/probe.h"
#include "media/sniff.h"

#include <unistd.h>

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
