#include "media/job_tracks.h"

#include "base/files.h"
#include "base/json.h"
#include "media/caption_times.h"
#include "media/captions.h"
#include "media/segment_table.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { TITLE_BYTES_MAX = 200 };

static void write_time(struct text *out, int64_t ms)
{
    text_printf(out, "%02" PRId64 ":%02" PRId64 ":%02" PRId64 ",%03" PRId64, ms / 3600000,
        ms / 60000 % 60, ms / 1000 % 60, ms % 1000);
}

static bool take_caption(struct job_tracks *tracks, const json_t *caption, struct problem *problem)
{
    int64_t track, start_ms, end_ms;
    const char *language, *words = NULL;
    if (!json_get_int64(caption, "track", 0, INNER_CAPTION_TRACKS_MAX - 1, &track, problem)
        || !json_get_line(caption, "language", STREAM_LANGUAGE_SIZE - 1, &language, problem)
        || !json_get_int64(caption, "start_ms", 0, CAPTION_TIME_MS_MAX, &start_ms, problem)
        || !json_get_int64(caption, "end_ms", 0, CAPTION_TIME_MS_MAX, &end_ms, problem)
        || !json_may_get_text(caption, "text", CAPTION_CUE_BYTES_MAX, &words, problem))
        return false;
    if (!words || !language_tag_is_valid(language))
        return problem_set(problem, PROBLEM_BAD_REQUEST, "a caption without text or language");
    for (; tracks->count <= (size_t)track; tracks->count++)
        text_init(&tracks->captions[tracks->count].text, JOB_TRACK_BYTES_MAX);
    (void)snprintf(tracks->captions[track].language, STREAM_LANGUAGE_SIZE, "%s", language);
    struct text *text = &tracks->captions[track].text;
    write_time(text, start_ms);
    text_append_string(text, " --> ");
    write_time(text, end_ms);
    text_printf(text, "\n%s\n\n", words);
    return true;
}

static bool take_chapter(struct job_tracks *tracks, const json_t *chapter, struct problem *problem)
{
    int64_t start_ms;
    const char *title;
    if (!json_get_int64(chapter, "start_ms", 0, CAPTION_TIME_MS_MAX, &start_ms, problem)
        || !json_get_line(chapter, "title", TITLE_BYTES_MAX, &title, problem))
        return false;
    if (!tracks->chapters)
        tracks->chapters = json_array();
    if (json_array_size(tracks->chapters) == INNER_CHAPTERS_MAX)
        return problem_set(problem, PROBLEM_BAD_REQUEST, "a chapter too many");
    (void)json_array_append_new(tracks->chapters,
        json_pack("{s:I, s:s}", "start_ms", (json_int_t)start_ms, "title", title));
    return true;
}

static bool take_left_out(
    struct job_tracks *tracks, const json_t *left_out, struct problem *problem)
{
    struct finding finding = { .code = FINDING_CAPTIONS_LEFT_OUT };
    if (!json_get_int64(left_out, "count", 1, INT64_MAX, &finding.numbers[0], problem)
        || !json_get_int64(left_out, "at_ms", 0, CAPTION_TIME_MS_MAX, &finding.numbers[1], problem))
        return false;
    tracks->left_out = finding;
    return true;
}

bool job_tracks_take(
    struct job_tracks *tracks, const json_t *line, bool *ret_taken, struct problem *problem)
{
    const json_t *caption = json_object_get(line, "caption");
    const json_t *chapter = json_object_get(line, "chapter");
    const json_t *left_out = json_object_get(line, "captions_left_out");
    *ret_taken = caption || chapter || left_out;
    if (left_out)
        return take_left_out(tracks, left_out, problem);
    if (caption)
        return take_caption(tracks, caption, problem);
    return !chapter || take_chapter(tracks, chapter, problem);
}

static bool keep_captions(const struct job_tracks *tracks, size_t index, const char *folder,
    int64_t duration_ms, struct problem *problem)
{
    const struct text *text = &tracks->captions[index].text;
    const char *language = tracks->captions[index].language;
    struct captions_file file = {
        .bytes = text->bytes,
        .count = text->length,
        .language = language,
        .encoding = "UTF-8",
        .duration_ms = duration_ms,
    };
    struct captions captions;
    struct problem unreadable = { 0 };
    char path[PATH_MAX];
    if (text->length == 0 || !captions_clean(&file, &captions, &unreadable))
        return true;
    (void)snprintf(path, sizeof path, "%s/captions", folder);
    bool kept = folder_make(path, 0750, problem);
    (void)snprintf(path, sizeof path, "%s/captions/%s.vtt", folder, language);
    if (kept && access(path, F_OK) != 0)
        kept = file_write_whole(path, captions.vtt, captions.vtt_count, 0640, problem);
    captions_release(&captions);
    return kept;
}

bool job_tracks_keep(const struct job_tracks *tracks, const char *folder, int64_t duration_ms,
    struct problem *problem)
{
    char path[PATH_MAX];
    bool kept = true;
    for (size_t i = 0; kept && i < tracks->count; i++)
        kept = keep_captions(tracks, i, folder, duration_ms, problem);
    if (!kept || !tracks->chapters)
        return kept;
    struct text text;
    text_init(&text, 1 << 20);
    json_t *json = json_pack("{s:O}", "chapters", tracks->chapters);
    json_write(json, &text);
    json_decref(json);
    (void)snprintf(path, sizeof path, "%s/chapters.json", folder);
    kept = file_write_whole(path, text.bytes, text.length, 0640, problem);
    text_release(&text);
    return kept;
}

void job_tracks_release(struct job_tracks *tracks)
{
    for (size_t i = 0; i < tracks->count; i++)
        text_release(&tracks->captions[i].text);
    json_decref(tracks->chapters);
}
