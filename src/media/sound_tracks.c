#include "media/sound_tracks.h"

#include "media/encoded_sound.h"
#include "media/output_track.h"
#include "media/planning.h"
#include "media/sound_level.h"
#include "media/sound_name.h"
#include "media/stream_language.h"

#include <libavcodec/avcodec.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DB_CENTI = 100, SILENCE_MS_TOLD = 5000, OTHER_LENGTH_MS = 60000 };

struct making {
    struct media_probe *probe;
    const struct package_output *output;
    struct package_result *result;
    int first_output;
};

static int gain_most(const struct media_probe *probe)
{
    return (int)probe->source.settings->sound_gain_db_max * DB_CENTI;
}

static const AVStream *stream_at(const struct media_probe *probe, int stream)
{
    return probe->source.format->streams[stream];
}

/* --- measuring -------------------------------------------------------------------------------- */

static int tenths(int centi)
{
    return (centi + (centi < 0 ? -5 : 5)) / 10;
}

/* What stands against a copy, beyond what plan_audio() saw: FINDING_NONE where nothing does. */
static struct finding against_copy(const struct media_probe *probe, size_t rungs)
{
    const struct loudness *loudness = &probe->loudness;
    int64_t bits = probe->report.audio.bits_per_second;
    if (!loudness->heard)
        return (struct finding){ .code = FINDING_SOUND_SILENT };
    if (loudness->mix == SOUND_LEFT || loudness->mix == SOUND_RIGHT)
        return (struct finding){ .code = FINDING_SOUND_ONE_SIDED };
    if (loudness->mix == SOUND_OPPOSED)
        return (struct finding){ .code = FINDING_SOUND_OPPOSED };
    if (!loudness_is_near(loudness->stereo_centi))
        return (struct finding){ .code = FINDING_LOUDNESS,
            .numbers = { tenths(loudness->stereo_centi), tenths(LOUDNESS_TARGET_CENTI) } };
    if (rungs == 1)
        return (struct finding){ .code = FINDING_SOUND_BITS_LOW, .numbers = { bits } };
    if (bits > probe->source.settings->copy_sound_bits_per_second_max)
        return (struct finding){ .code = FINDING_SOUND_BITS_HIGH, .numbers = { bits } };
    return (struct finding){ .code = FINDING_NONE };
}

static void judge_copy(struct media_probe *probe, size_t rungs)
{
    struct media_report *report = &probe->report;
    report->audio.because = against_copy(probe, rungs);
    finding_sentence(&report->audio.because, report->audio.reason);
    if (report->audio.because.code != FINDING_NONE)
        report->audio.action = MEDIA_TRANSCODE;
}

static void find(struct media_probe *probe, bool condition, struct finding finding)
{
    if (condition)
        media_report_find(&probe->report, finding);
}

static void tell_findings(struct media_probe *probe, int gain_centi_max)
{
    const struct loudness *loudness = &probe->loudness;
    const struct media_loudness *told = &probe->report.audio.loudness;
    int wanted = LOUDNESS_TARGET_CENTI - loudness->stereo_centi;
    if (!loudness->heard) {
        find(probe, true, (struct finding){ .code = FINDING_SOUND_SILENT });
        return;
    }
    find(probe, loudness->mix == SOUND_LEFT || loudness->mix == SOUND_RIGHT,
        (struct finding){ .code = FINDING_SOUND_ONE_SIDED });
    find(probe, loudness->mix == SOUND_OPPOSED, (struct finding){ .code = FINDING_SOUND_OPPOSED });
    find(probe, wanted > gain_centi_max,
        (struct finding){ .code = FINDING_SOUND_STAYS_QUIET,
            .numbers = { tenths(loudness->stereo_centi), tenths(gain_centi_max) } });
    find(probe, wanted <= gain_centi_max && !loudness_is_near(loudness->stereo_centi),
        (struct finding){ .code = FINDING_LOUDNESS,
            .numbers = { tenths(loudness->stereo_centi), tenths(LOUDNESS_TARGET_CENTI) } });
    find(probe, told->limited_centi > LOUDNESS_LIMITING_CENTI,
        (struct finding){
            .code = FINDING_SOUND_LIMITED, .numbers = { tenths(told->limited_centi) } });
    find(probe, told->trailing_silence_ms > SILENCE_MS_TOLD,
        (struct finding){ .code = FINDING_SILENCE_AT_END,
            .numbers = { loudness->end_us / 1000, told->trailing_silence_ms } });
}

/* An interpreter's recording that is of another length by more than a minute and a tenth may be of another lecture. */
static void tell_length(struct media_probe *probe)
{
    const struct track *audio = &probe->audio;
    int64_t track_ms = (audio->end_us - audio->start_us) / 1000;
    int64_t lecture_ms = probe->plan.duration_us / 1000;
    int64_t off_ms = llabs(track_ms - lecture_ms);
    find(probe, off_ms > OTHER_LENGTH_MS && off_ms > lecture_ms / 10,
        (struct finding){
            .code = FINDING_TRACK_LENGTH_DIFFERS, .numbers = { track_ms, lecture_ms } });
}

static void fill_report(struct media_probe *probe, const struct sound_rung *best)
{
    const struct loudness *loudness = &probe->loudness;
    bool copied = probe->report.audio.action == MEDIA_COPY;
    int gain = copied ? 0 : best->gain_centi;
    int64_t left_us = probe->plan.duration_us - loudness->end_us;
    probe->report.audio.loudness = (struct media_loudness){
        .measured = true,
        .heard = loudness->heard,
        .loudness_centi = loudness->stereo_centi,
        .peak_centi = loudness->peak_centi,
        .range_centi = loudness->range_centi,
        .gain_centi = gain,
        .limited_centi
        = copied || !best->limited ? 0 : loudness_limiting_centi(loudness->peak_centi, gain),
        .trailing_silence_ms = left_us > 0 ? left_us / 1000 : 0,
    };
}

static bool falls_into_lecture(const struct media_probe *probe)
{
    const struct media_plan *plan = &probe->plan;
    return probe->audio.end_us > plan->origin_us
           && probe->audio.start_us < plan->origin_us + plan->duration_us;
}

static struct loudness_stretch stretch_of(
    const struct media_probe *probe, struct progress *progress)
{
    return (struct loudness_stretch){
        .origin_us = probe->plan.origin_us,
        .duration_us = probe->plan.duration_us,
        .progress = progress,
    };
}

bool sound_tracks_measure(struct media_probe *probe, const struct job_task *task,
    struct progress *progress, struct problem *problem)
{
    struct sound_rung *rungs = probe->sound_rungs;
    struct loudness_stretch stretch = stretch_of(probe, progress);
    if (task->pass == MEDIA_PASS_REST || probe->audio.stream < 0)
        return true;
    if (task->pass == MEDIA_PASS_TRACK && !falls_into_lecture(probe))
        return finding_refuse(problem,
            (struct finding){ .code = FINDING_TRACK_OUTSIDE,
                .numbers
                = { (probe->audio.end_us - probe->audio.start_us) / 1000, task->offset_ms } });
    if (!loudness_measure(&probe->source, probe->audio.stream, &stretch, &probe->loudness, problem))
        return false;
    size_t count = sound_rungs_choose(&probe->loudness, probe->report.audio.sample_rate,
        probe->report.audio.bits_per_second, gain_most(probe), rungs);
    if (task->pass == MEDIA_PASS_TRACK) {
        probe->report.audio.action = MEDIA_TRANSCODE;
        tell_length(probe);
    }
    if (probe->report.audio.action == MEDIA_COPY)
        judge_copy(probe, count);
    if (probe->report.audio.action == MEDIA_COPY)
        count = 1; /* low; the copy is high */
    probe->sound_rung_count = count;
    if (!sound_level(&probe->source, probe->audio.stream, &stretch, &probe->loudness,
            gain_most(probe), rungs, count, problem))
        return false;
    fill_report(probe, &rungs[count - 1]);
    tell_findings(probe, gain_most(probe));
    return true;
}

/* --- encoding --------------------------------------------------------------------------------- */

static void tell_progress(struct making *making, struct encoded_sound *sound)
{
    progress_at(making->output->progress, PROGRESS_SOUND,
        encoded_sound_writer(sound, 0)->position_us, making->probe->plan.duration_us);
}

static bool put_packets(
    struct making *making, struct encoded_sound *sound, int stream, struct problem *problem)
{
    struct media_source *source = &making->probe->source;
    AVPacket *packet = av_packet_alloc();
    if (!packet)
        return media_problem_from_av(problem, AVERROR(ENOMEM), "read");
    bool done = true;
    int result = 0;
    while (done && (result = media_source_read(source, packet, problem)) == 1) {
        if (packet->stream_index == stream)
            done = encoded_sound_put(sound, packet, problem);
        av_packet_unref(packet);
        tell_progress(making, sound);
    }
    av_packet_free(&packet);
    return done && result == 0;
}

static void take_tables(
    struct package_result *result, struct encoded_sound *sound, size_t count, int first_output)
{
    for (size_t i = 0; i < count; i++) {
        struct fragment_writer *writer = encoded_sound_writer(sound, i);
        result->renditions[result->count].table = writer->table;
        result->renditions[result->count++].output = first_output + (int)i;
        writer->table = (struct segment_table){ 0 };
    }
}

static bool encode(struct making *making, int stream, const struct sound_place *place,
    const struct sound_rung *rungs, size_t count, struct problem *problem)
{
    struct media_source *source = &making->probe->source;
    int fds[SOUND_RUNGS_MAX], first_output = making->first_output;
    making->first_output
        += (int)count; /* also where it comes to nothing: something may be written */
    if (making->first_output > making->output->count
        || making->result->count + count > MEDIA_MADE_MAX)
        return problem_set(problem, PROBLEM_INTERNAL, "no output is left for a sound");
    for (size_t i = 0; i < count; i++)
        fds[i] = making->output->first_fd + first_output + (int)i;
    media_source_select(source, -1, stream);
    if (!media_source_rewind(source, problem))
        return false;
    struct encoded_sound *sound
        = encoded_sound_open(stream_at(making->probe, stream), place, rungs, fds, count, problem);
    bool done = sound && put_packets(making, sound, stream, problem)
                && encoded_sound_finish(sound, problem);
    if (done)
        take_tables(making->result, sound, count, first_output);
    encoded_sound_close(sound);
    return done;
}

static struct sound_place place_of(
    const struct media_probe *probe, const char *language, int revision)
{
    return (struct sound_place){
        .origin_us = probe->plan.origin_us,
        .duration_us = probe->plan.duration_us,
        .cuts = output_track_cuts(probe),
        .language = language,
        .revision = revision,
    };
}

/* The track that was looked at and measured: the recording's own, or an interpreter's. */
static bool make_main(struct making *making, const struct job_task *task, struct problem *problem)
{
    const struct media_probe *probe = making->probe;
    if (probe->audio.stream < 0)
        return true;
    struct sound_place place = place_of(probe, task->language, task->revision);
    return encode(
        making, probe->audio.stream, &place, probe->sound_rungs, probe->sound_rung_count, problem);
}

/* --- other languages of the recording --------------------------------------------------------- */

static void language_of(const struct media_probe *probe, int stream, char ret_tag[])
{
    const AVDictionaryEntry *named
        = av_dict_get(stream_at(probe, stream)->metadata, "language", NULL, 0);
    stream_language(named ? named->value : NULL, ret_tag);
}

static bool is_usable(const AVCodecParameters *codec)
{
    return codec->codec_type == AVMEDIA_TYPE_AUDIO && avcodec_find_decoder(codec->codec_id)
           && codec->sample_rate >= 4000 && codec->sample_rate <= 768000
           && codec->ch_layout.nb_channels >= 1 && codec->ch_layout.nb_channels <= 64;
}

/* Whether the track is the first in a language that is not the main one's. */
static bool adds_language(
    const struct media_probe *probe, int stream, char ret_tag[STREAM_LANGUAGE_SIZE])
{
    char other[STREAM_LANGUAGE_SIZE];
    language_of(probe, stream, ret_tag);
    if (ret_tag[0] == '\0' || strlen(ret_tag) > SOUND_LANGUAGE_BYTES_MAX
        || !is_usable(stream_at(probe, stream)->codecpar) || stream == probe->audio.stream)
        return false;
    language_of(probe, probe->audio.stream, other);
    if (strcmp(other, ret_tag) == 0)
        return false;
    for (int i = 0; i < stream; i++) {
        language_of(probe, i, other);
        if (strcmp(other, ret_tag) == 0 && is_usable(stream_at(probe, i)->codecpar))
            return false;
    }
    return true;
}

/* Also one that an interpreter sent, of whatever revision. */
static bool has_language(const struct job_task *task, const char *language)
{
    char name[RENDITION_NAME_SIZE];
    sound_rendition_name("low", language, 1, name);
    size_t length = strlen(name);
    for (size_t i = 0; i < task->made_count; i++)
        if (strncmp(task->made[i], name, length) == 0
            && (task->made[i][length] == '\0'
                || (task->made[i][length] == '-' && task->made[i][length + 1] >= '0'
                    && task->made[i][length + 1] <= '9')))
            return true;
    return false;
}

static bool make_other(
    struct making *making, int stream, const char *language, struct problem *problem)
{
    struct media_probe *probe = making->probe;
    struct sound_rung rungs[SOUND_RUNGS_MAX];
    struct loudness loudness;
    struct loudness_stretch stretch = stretch_of(probe, NULL);
    if (!loudness_measure(&probe->source, stream, &stretch, &loudness, problem))
        return false;
    /* Nobody would choose a language to hear nothing. */
    if (!loudness.heard)
        return true;
    /* Only now: measuring opened the file anew. */
    const AVCodecParameters *codec = stream_at(probe, stream)->codecpar;
    size_t count = sound_rungs_choose(
        &loudness, codec->sample_rate, codec->bit_rate, gain_most(probe), rungs);
    struct sound_place place = place_of(probe, language, 1);
    return sound_level(
               &probe->source, stream, &stretch, &loudness, gain_most(probe), rungs, count, problem)
           && encode(making, stream, &place, rungs, count, problem);
}

/* One that turns out to be damaged is left out: the lecture can be heard without. */
static bool make_others(struct making *making, const struct job_task *task, struct problem *problem)
{
    const struct media_probe *probe = making->probe;
    int tracks = 0;
    if (probe->audio.stream < 0)
        return true;
    for (int i = 0; i < (int)probe->source.format->nb_streams && tracks < SOUND_TRACKS_MAX; i++) {
        char language[STREAM_LANGUAGE_SIZE];
        struct problem damaged = { 0 };
        if (!adds_language(probe, i, language))
            continue;
        if (!has_language(task, language) && !make_other(making, i, language, &damaged)
            && damaged.kind != PROBLEM_MEDIA_REFUSED) {
            *problem = damaged;
            return false;
        }
        tracks++;
    }
    return true;
}

bool sound_tracks_make(struct media_probe *probe, const struct job_task *task,
    const struct package_output *output, int first_output, struct package_result *result,
    struct problem *problem)
{
    struct making making = {
        .probe = probe,
        .output = output,
        .result = result,
        .first_output = first_output,
    };
    return task->pass == MEDIA_PASS_REST ? make_others(&making, task, problem)
                                         : make_main(&making, task, problem);
}
