#include "media/thumbnails.h"

#include "media/caption_times.h"

#include "base/json.h"

#include <inttypes.h>

enum { PICTURE_SIDE_MAX = 4096, GRID_SIDE_MAX = 64, INTERVAL_MAX_MS = 3600000, COUNT_MAX = 100000 };
enum { MADE_SIDE = 160, MADE_INTERVAL_MS = 5000 };

static int even(int64_t side)
{
    return side < 2 ? 2 : (int)(side / 2 * 2);
}

void thumbnails_fit(int width, int height, int side_max, int *ret_width, int *ret_height)
{
    int larger = width > height ? width : height;
    int side = larger < side_max ? larger : side_max;
    *ret_width = even((int64_t)width * side / larger);
    *ret_height = even((int64_t)height * side / larger);
}

static int64_t divide_up(int64_t number, int64_t by)
{
    return (number + by - 1) / by;
}

struct thumbnails thumbnails_plan(int width, int height, int64_t duration_ms)
{
    int64_t seconds = divide_up(duration_ms, (int64_t)THUMBNAILS_MADE_MAX * 1000);
    int64_t interval_ms = seconds * 1000 > MADE_INTERVAL_MS ? seconds * 1000 : MADE_INTERVAL_MS;
    int64_t count = duration_ms > 0 ? divide_up(duration_ms, interval_ms) : 1;
    int64_t rows = divide_up(count, THUMBNAIL_GRID_SIDE);
    struct thumbnails plan = {
        .columns = count < THUMBNAIL_GRID_SIDE ? (int)count : THUMBNAIL_GRID_SIDE,
        .rows = rows < THUMBNAIL_GRID_SIDE ? (int)rows : THUMBNAIL_GRID_SIDE,
        .interval_ms = interval_ms,
        .count = count,
    };
    thumbnails_fit(width, height, MADE_SIDE, &plan.width, &plan.height);
    return plan;
}

json_t *thumbnails_to_json(const struct thumbnails *thumbnails)
{
    return json_pack("{s:i, s:i, s:i, s:i, s:I, s:I}", "width", thumbnails->width, "height",
        thumbnails->height, "columns", thumbnails->columns, "rows", thumbnails->rows, "interval_ms",
        (json_int_t)thumbnails->interval_ms, "count", (json_int_t)thumbnails->count);
}

static bool get_side(
    const json_t *json, const char *key, int most, int *ret_value, struct problem *problem)
{
    int64_t value;
    if (!json_get_int64(json, key, 1, most, &value, problem))
        return false;
    *ret_value = (int)value;
    return true;
}

bool thumbnails_from_json(
    const json_t *json, struct thumbnails *ret_thumbnails, struct problem *problem)
{
    struct thumbnails read = { 0 };
    if (!get_side(json, "width", PICTURE_SIDE_MAX, &read.width, problem)
        || !get_side(json, "height", PICTURE_SIDE_MAX, &read.height, problem)
        || !get_side(json, "columns", GRID_SIDE_MAX, &read.columns, problem)
        || !get_side(json, "rows", GRID_SIDE_MAX, &read.rows, problem)
        || !json_get_int64(json, "interval_ms", 1, INTERVAL_MAX_MS, &read.interval_ms, problem)
        || !json_get_int64(json, "count", 1, COUNT_MAX, &read.count, problem))
        return false;
    if (thumbnails_sheet_count(&read) > THUMBNAIL_SHEETS_MAX)
        return problem_set_field(
            problem, "count", "more than %d sheets of thumbnails", THUMBNAIL_SHEETS_MAX);
    *ret_thumbnails = read;
    return true;
}

int64_t thumbnails_sheet_count(const struct thumbnails *thumbnails)
{
    int64_t sheet = (int64_t)thumbnails->columns * thumbnails->rows;
    return (thumbnails->count + sheet - 1) / sheet;
}

void thumbnails_write_cues(
    const struct thumbnails *thumbnails, int64_t duration_ms, struct text *out)
{
    int64_t sheet = (int64_t)thumbnails->columns * thumbnails->rows;
    text_append_string(out, "WEBVTT\n");
    for (int64_t i = 0; i < thumbnails->count; i++) {
        int64_t from_ms = i * thumbnails->interval_ms, to_ms = from_ms + thumbnails->interval_ms;
        if (from_ms >= duration_ms)
            break;
        if (to_ms > duration_ms || i == thumbnails->count - 1)
            to_ms = duration_ms;
        int64_t place = i % sheet;
        text_append_string(out, "\n");
        caption_time_write(from_ms, out);
        text_append_string(out, " --> ");
        caption_time_write(to_ms, out);
        text_printf(out, "\nthumbnails-%" PRId64 ".jpg#xywh=%" PRId64 ",%" PRId64 ",%d,%d\n",
            i / sheet, place % thumbnails->columns * thumbnails->width,
            place / thumbnails->columns * thumbnails->height, thumbnails->width,
            thumbnails->height);
    }
}
