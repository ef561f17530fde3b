#include "media/package.h"

#include "media/output_track.h"
#include "media/pictures.h"
#include "media/sound_tracks.h"

struct packaging {
    struct media_probe *probe;
    const struct job_task *task;
    const struct package_output *output;
    struct output_track *source; /* the picture as it came, or NULL */
    struct output_track *sound;
    struct pictures *pictures; /* what is made of it, or NULL */
    struct ladder_choice choices[PICTURES_RUNGS_MAX];
    size_t choice_count;
    int previews_fd; /* below 0: none are made */
    int opened;      /* each has an output of its own */
    int64_t pictures_read;
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

/* The lowest rung and the stills make a lecture watchable; the others come later, those that are not there yet. */
static void choose_rungs(struct packaging *packaging)
{
    const struct job_task *task = packaging->task;
    struct ladder_picture picture = pictures_as_shown(packaging->probe);
    struct ladder_choice choices[LADDER_RUNGS_MAX];
    size_t count = ladder_choose(&task->ladder, &picture, choices);
    if (task->pass == MEDIA_PASS_FIRST) {
        if (ladder_choose_stills(&task->ladder, &picture, packaging->choices))
            packaging->choice_count++;
        if (count > 0)
            packaging->choices[packaging->choice_count++] = choices[0];
        return;
    }
    for (size_t i = 1; i < count; i++)
        if (!job_task_has(task, choices[i].name))
            packaging->choices[packaging->choice_count++] = choices[i];
}

static bool open_pictures(struct packaging *packaging, struct problem *problem)
{
    struct media_probe *probe = packaging->probe;
    enum media_action action = probe->report.video.action;
    int fds[PICTURES_RUNGS_MAX];
    if (action == MEDIA_NONE || packaging->task->pass == MEDIA_PASS_TRACK)
        return true;
    if (action == MEDIA_COPY && packaging->task->pass == MEDIA_PASS_FIRST) {
        packaging->source = copied_video_open(probe, next_fd(packaging), problem);
        if (!packaging->source)
            return false;
    }
    choose_rungs(packaging);
    for (size_t i = 0; i < packaging->choice_count; i++)
        fds[i] = next_fd(packaging);
    if (packaging->choice_count == 0)
        return true;
    if (packaging->task->pass == MEDIA_PASS_FIRST)
        packaging->previews_fd = next_fd(packaging);
    packaging->pictures = pictures_open(
        probe, packaging->choices, fds, packaging->choice_count, packaging->previews_fd, problem);
    return packaging->pictures;
}

/* Sound that is encoded is a matter of its own. */
static bool open_sound(struct packaging *packaging, struct problem *problem)
{
    const struct media_probe *probe = packaging->probe;
    if (probe->report.audio.action != MEDIA_COPY || packaging->task->pass != MEDIA_PASS_FIRST)
        return true;
    packaging->sound = copied_audio_open(probe, next_fd(packaging), problem);
    return packaging->sound;
}

static int64_t position_us(const struct packaging *packaging)
{
    if (packaging->pictures)
        return pictures_position_us(packaging->pictures);
    const struct output_track *track = packaging->source ? packaging->source : packaging->sound;
    return track->writer.position_us;
}

static void tell_progress(struct packaging *packaging)
{
    progress_at(packaging->output->progress, PROGRESS_PICTURES, position_us(packaging),
        packaging->probe->plan.duration_us);
}

/* Copying comes first, as it finds out where the cuts are; and it takes what is in a packet. */
static bool put_picture(struct packaging *packaging, AVPacket *packet, struct problem *problem)
{
    AVPacket *same = packaging->source ? av_packet_clone(packet) : NULL;
    if (packaging->source && !same)
        return media_problem_from_av(problem, AVERROR(ENOMEM), "read");
    bool done = (!same || output_track_put(packaging->source, same, problem))
                && (!packaging->pictures || pictures_put(packaging->pictures, packet, problem));
    av_packet_free(&same);
    return done;
}

static bool put_packet(struct packaging *packaging, AVPacket *packet, struct problem *problem)
{
    const struct media_probe *probe = packaging->probe;
    if (packet->stream_index == probe->video.stream) {
        bool torn = probe->video.torn && packaging->pictures_read == probe->video.packet_count;
        packaging->pictures_read++;
        return torn || put_picture(packaging, packet, problem);
    }
    return packet->stream_index != probe->audio.stream || !packaging->sound
           || output_track_put(packaging->sound, packet, problem);
}

static bool put_packets(struct packaging *packaging, struct problem *problem)
{
    struct media_probe *probe = packaging->probe;
    AVPacket *packet = av_packet_alloc();
    if (!packet)
        return media_problem_from_av(problem, AVERROR(ENOMEM), "read");
    bool done = true;
    int result = 0;
    media_source_select(&probe->source,
        packaging->pictures || packaging->source ? probe->video.stream : -1,
        packaging->sound ? probe->audio.stream : -1);
    while (done && (result = media_source_read(&probe->source, packet, problem)) == 1) {
        done = put_packet(packaging, packet, problem);
        av_packet_unref(packet);
        tell_progress(packaging);
    }
    av_packet_free(&packet);
    return done && result == 0;
}

static void keep(struct package_result *result, struct fragment_writer *writer, int output)
{
    result->renditions[result->count].output = output;
    result->renditions[result->count++].table = writer->table;
    writer->table = (struct segment_table){ 0 };
}

/* In the order in which outputs were taken. */
static bool finish(
    struct packaging *packaging, struct package_result *result, struct problem *problem)
{
    int output = 0;
    if (packaging->source) {
        if (!output_track_finish(packaging->source, problem))
            return false;
        keep(result, &packaging->source->writer, output++);
    }
    if (packaging->pictures && !pictures_finish(packaging->pictures, problem))
        return false;
    for (size_t i = 0; i < packaging->choice_count; i++)
        keep(result, pictures_writer(packaging->pictures, i), output++);
    if (packaging->previews_fd >= 0) {
        result->previews = *pictures_previews(packaging->pictures);
        result->previews_output = output++;
    }
    if (!packaging->sound)
        return true;
    if (!output_track_finish(packaging->sound, problem))
        return false;
    keep(result, &packaging->sound->writer, output);
    return true;
}

/* The rendition that is next above all that this pass makes, if there is one. */
static int64_t published_average(const struct packaging *packaging)
{
    const struct media_report *report = &packaging->probe->report;
    return report->video.action == MEDIA_COPY ? report->video.bits_per_second : 0;
}

static void drop_useless(const struct packaging *packaging, struct package_result *result)
{
    struct ladder_measure measures[LADDER_RUNGS_MAX + 1] = { 0 };
    size_t count = 0, kept = 0;
    if (packaging->task->pass != MEDIA_PASS_REST)
        return;
    for (size_t i = 0; i < result->count; i++)
        measures[count++].average_bits_per_second
            = segment_table_average_bits_per_second(&result->renditions[i].table);
    if (published_average(packaging) > 0)
        measures[count++]
            = (struct ladder_measure){ .average_bits_per_second = published_average(packaging),
                  .published = true };
    ladder_drop(measures, count);
    for (size_t i = 0; i < result->count; i++) {
        if (measures[i].dropped)
            segment_table_release(&result->renditions[i].table);
        else
            result->renditions[kept++] = result->renditions[i];
    }
    result->count = kept;
}

bool media_package(struct media_probe *probe, const struct job_task *task,
    const struct package_output *output, struct package_result *ret_result, struct problem *problem)
{
    struct packaging packaging
        = { .probe = probe, .task = task, .output = output, .previews_fd = -1 };
    struct package_result result = { .previews_output = -1 };
    bool done = media_source_rewind(&probe->source, problem) && open_pictures(&packaging, problem)
                && open_sound(&packaging, problem);
    if (done && packaging.opened > 0)
        done = put_packets(&packaging, problem) && finish(&packaging, &result, problem);
    output_track_close(packaging.source);
    output_track_close(packaging.sound);
    pictures_close(packaging.pictures);
    drop_useless(&packaging, &result);
    done = done && sound_tracks_make(probe, task, output, packaging.opened, &result, problem);
    if (done)
        *ret_result = result;
    else
        package_result_release(&result);
    return done;
}
