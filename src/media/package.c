#include "media/package.h"

#include "media/output_track.h"
#include "media/sound_tracks.h"

struct packaging {
    struct media_probe *probe;
    const struct job_task *task;
    const struct package_output *output;
    struct output_track *video, *audio;
    int opened; /* tracks: each has an output of its own */
    int permille;
};

void package_result_release(struct package_result *result)
{
    for (size_t i = 0; i < result->count; i++)
        segment_table_release(&result->renditions[i].table);
    result->count = 0;
}

static int next_fd(struct packaging *packaging)
{
    return packaging->output->first_fd + packaging->opened++;
}

static bool open_tracks(struct packaging *packaging, struct problem *problem)
{
    struct media_probe *probe = packaging->probe;
    enum media_action video = probe->report.video.action, audio = probe->report.audio.action;
    if (packaging->task->pass == MEDIA_PASS_REST)
        return true;
    if (video != MEDIA_NONE)
        packaging->video = video == MEDIA_COPY
                               ? copied_video_open(probe, next_fd(packaging), problem)
                               : encoded_video_open(probe, next_fd(packaging), problem);
    if (video != MEDIA_NONE && !packaging->video)
        return false;
    /* Sound that is encoded is a matter of its own. */
    if (audio == MEDIA_COPY)
        packaging->audio = copied_audio_open(probe, next_fd(packaging), problem);
    return audio != MEDIA_COPY || packaging->audio;
}

static void tell_progress(struct packaging *packaging)
{
    const struct output_track *track = packaging->video ? packaging->video : packaging->audio;
    if (!track)
        return;
    int64_t permille = track->writer.position_us * 1000 / (packaging->probe->plan.duration_us + 1);
    if (permille > 999)
        permille = 999;
    if (!packaging->output->progressed || permille <= packaging->permille)
        return;
    packaging->permille = (int)permille;
    packaging->output->progressed(packaging->output->data, packaging->permille);
}

static bool put_packets(struct packaging *packaging, struct problem *problem)
{
    struct media_probe *probe = packaging->probe;
    AVPacket *packet = av_packet_alloc();
    if (!packet)
        return media_problem_from_av(problem, AVERROR(ENOMEM), "read");
    bool done = true;
    int result = 0;
    while (done && (result = media_source_read(&probe->source, packet, problem)) == 1) {
        if (packaging->video && packet->stream_index == probe->video.stream)
            done = output_track_put(packaging->video, packet, problem);
        else if (packaging->audio && packet->stream_index == probe->audio.stream)
            done = output_track_put(packaging->audio, packet, problem);
        av_packet_unref(packet);
        tell_progress(packaging);
    }
    av_packet_free(&packet);
    return done && result == 0;
}

static bool finish_track(
    struct output_track *track, int output, struct package_result *result, struct problem *problem)
{
    if (!track)
        return true;
    if (!output_track_finish(track, problem))
        return false;
    result->renditions[result->count].output = output;
    result->renditions[result->count++].table = track->writer.table;
    track->writer.table = (struct segment_table){ 0 };
    return true;
}

bool media_package(struct media_probe *probe, const struct job_task *task,
    const struct package_output *output, struct package_result *ret_result, struct problem *problem)
{
    struct packaging packaging = { .probe = probe, .task = task, .output = output };
    struct package_result result = { 0 };
    media_source_select(&probe->source, probe->video.stream,
        probe->report.audio.action == MEDIA_COPY ? probe->audio.stream : -1);
    bool done = media_source_rewind(&probe->source, problem) && open_tracks(&packaging, problem);
    if (done && packaging.opened > 0)
        done = put_packets(&packaging, problem)
               && finish_track(packaging.video, 0, &result, problem)
               && finish_track(packaging.audio, packaging.opened - 1, &result, problem);
    done = done && sound_tracks_make(probe, task, output, packaging.opened, &result, problem);
    output_track_close(packaging.video);
    output_track_close(packaging.audio);
    if (done)
        *ret_result = result;
    else
        package_result_release(&result);
    return done;
}
