#include "media/job_previews.h"

#include "base/files.h"
#include "base/json.h"
#include "base/text.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

enum { FILE_MODE = 0640, PICTURE_BYTES_LEAST = 4, PICTURE_BYTES_MAX = 8 << 20 };

json_t *job_previews_to_json(const struct preview_sizes *sizes, int output)
{
    json_t *sheets = json_array();
    for (int64_t i = 0; i < thumbnails_sheet_count(&sizes->thumbnails); i++)
        json_array_append_new(sheets, json_integer((json_int_t)sizes->sheet_bytes[i]));
    return json_pack("{s:{s:i, s:o, s:o, s:I}}", "previews", "output", output, "thumbnails",
        thumbnails_to_json(&sizes->thumbnails), "sheet_bytes", sheets, "poster_bytes",
        (json_int_t)sizes->poster_bytes);
}

static bool take_sheets(const json_t *list, struct preview_sizes *sizes, struct problem *problem)
{
    int64_t count = thumbnails_sheet_count(&sizes->thumbnails);
    bool good = count <= PREVIEW_SHEETS_MAX && json_is_array(list)
                && json_array_size(list) == (size_t)count;
    for (int64_t i = 0; good && i < count; i++) {
        const json_t *bytes = json_array_get(list, (size_t)i);
        sizes->sheet_bytes[i] = json_integer_value(bytes);
        good = json_is_integer(bytes) && sizes->sheet_bytes[i] >= PICTURE_BYTES_LEAST
               && sizes->sheet_bytes[i] <= PICTURE_BYTES_MAX;
    }
    return good || problem_set_field(problem, "sheet_bytes", "'sheet_bytes' must be of each sheet");
}

bool job_previews_take(
    struct job_previews *previews, const json_t *line, bool *ret_taken, struct problem *problem)
{
    const json_t *told = json_object_get(line, "previews");
    struct job_previews taken = { .told = true };
    int64_t output;
    *ret_taken = told;
    if (!told)
        return true;
    if (previews->told)
        return problem_set(problem, PROBLEM_BAD_REQUEST, "previews twice");
    if (!json_get_int64(told, "output", 0, JOB_OUTPUTS - 1, &output, problem)
        || !thumbnails_from_json(
            json_object_get(told, "thumbnails"), &taken.sizes.thumbnails, problem)
        || !take_sheets(json_object_get(told, "sheet_bytes"), &taken.sizes, problem)
        || !json_get_int64(told, "poster_bytes", PICTURE_BYTES_LEAST, PICTURE_BYTES_MAX,
            &taken.sizes.poster_bytes, problem))
        return false;
    taken.output = (int)output;
    *previews = taken;
    return true;
}

/* SOI at the beginning, EOI at the end (ITU-T T.81, B.1.1.3). */
static bool is_jpeg(const unsigned char *bytes, size_t count)
{
    return bytes[0] == 0xff && bytes[1] == 0xd8 && bytes[count - 2] == 0xff
           && bytes[count - 1] == 0xd9;
}

/* The next picture; *rest goes on. */
static bool keep_picture(const char *folder, const char *name, int64_t picture_bytes,
    const char **rest, size_t *rest_count, struct problem *problem)
{
    char path[PATH_MAX];
    size_t count = (size_t)picture_bytes;
    if (count > *rest_count || !is_jpeg((const unsigned char *)*rest, count))
        return problem_set(problem, PROBLEM_INTERNAL, "a preview that is no JPEG");
    (void)snprintf(path, sizeof path, "%s/%s.jpg", folder, name);
    if (!file_write_whole(path, *rest, count, FILE_MODE, problem))
        return false;
    *rest += count;
    *rest_count -= count;
    return true;
}

static bool keep_all(const struct preview_sizes *sizes, const char *folder, const char *bytes,
    size_t count, struct problem *problem)
{
    bool kept = true;
    for (int64_t i = 0; kept && i < thumbnails_sheet_count(&sizes->thumbnails); i++) {
        char name[40];
        (void)snprintf(name, sizeof name, "thumbnails-%" PRId64, i);
        kept = keep_picture(folder, name, sizes->sheet_bytes[i], &bytes, &count, problem);
    }
    return kept && keep_picture(folder, "poster", sizes->poster_bytes, &bytes, &count, problem)
           && (count == 0 || problem_set(problem, PROBLEM_INTERNAL, "more than the previews"));
}

bool job_previews_keep(
    const struct job_previews *previews, const struct job_outputs *outputs, struct problem *problem)
{
    char *bytes;
    size_t count;
    if (!previews->told)
        return true;
    if (!job_outputs_read(outputs, previews->output,
            (size_t)PICTURE_BYTES_MAX * (PREVIEW_SHEETS_MAX + 1), &bytes, &count, problem))
        return false;
    bool kept = keep_all(&previews->sizes, outputs->folder, bytes, count, problem)
                && job_outputs_write_json(outputs, "thumbnails",
                    thumbnails_to_json(&previews->sizes.thumbnails), problem);
    free(bytes);
    return kept;
}
