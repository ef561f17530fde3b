/* The body of POST /api/v1/play/{play_session}/heartbeats, from JSON to beats. */
#include "viewing/play.h"

#include "base/json.h"

#include <math.h>
#include <stdio.h>

/* Numbers of JavaScript are exact up to here, so an honest player never passes it. */
static const int64_t exact_max = (INT64_C(1) << 53) - 1;

static int64_t read_rate(const json_t *value)
{
    double rate = json_is_number(value) ? json_number_value(value) : -1;
    return rate >= 0 && rate <= 1000 ? (int64_t)lround(rate * 100) : -1;
}

static int read_truth(const json_t *value)
{
    return json_is_boolean(value) ? json_is_true(value) : -1;
}

/* A word of the player about itself; one that does not fit is left out. */
static void read_word(const json_t *value, char *ret_word, size_t size)
{
    const char *word = json_string_value(value);
    if (word && text_is_line(word, size - 1))
        (void)snprintf(ret_word, size, "%s", word);
}

static int64_t read_instant(const json_t *value)
{
    double instant = json_is_number(value) ? json_number_value(value) : -1;
    return instant >= 0 && instant <= (double)exact_max ? (int64_t)instant : -1;
}

static bool read_whole(const json_t *value, int64_t *ret_number)
{
    double number = json_real_value(value);
    if (!json_is_real(value) || number != floor(number))
        return false;
    /* Beyond what is exact it lies outside of every lecture, wherever exactly. */
    double clamped = fmax(fmin(number, (double)exact_max + 1), -(double)exact_max - 1);
    *ret_number = (int64_t)clamped;
    return true;
}

/* Only seq, from_ms and to_ms are required.  What else is told describes the circumstances: where
 * it is senseless it is as if it had not been told, because no beat may be lost for it. */
static struct beat read_beat(const json_t *object)
{
    struct beat beat = { 0 };
    bool numbered = read_whole(json_object_get(object, "seq"), &beat.seq) && beat.seq >= 0
                    && beat.seq <= exact_max;
    bool claims = read_whole(json_object_get(object, "from_ms"), &beat.from_ms)
                  && read_whole(json_object_get(object, "to_ms"), &beat.to_ms);
    beat.malformed = !numbered || !claims;
    if (!numbered)
        beat.seq = -1;
    if (beat.malformed)
        beat.from_ms = beat.to_ms = 0;
    beat.rate_percent = read_rate(json_object_get(object, "rate"));
    beat.visible = read_truth(json_object_get(object, "visible"));
    beat.muted = read_truth(json_object_get(object, "muted"));
    read_word(json_object_get(object, "rendition"), beat.rendition, sizeof beat.rendition);
    read_word(json_object_get(object, "language"), beat.language, sizeof beat.language);
    beat.client_at_ms = read_instant(json_object_get(object, "client_ts"));
    return beat;
}

static bool read_beats(
    const json_t *body, struct beat *ret_beats, size_t *ret_count, struct problem *problem)
{
    const json_t *array = json_object_get(body, "beats");
    size_t count = json_array_size(array);
    if (!json_is_array(array) || count > BEATS_MAX)
        return problem_set_field(
            problem, "beats", "'beats' must be an array of at most %d beats", BEATS_MAX);
    for (size_t i = 0; i < count; i++)
        ret_beats[i] = read_beat(json_array_get(array, i));
    *ret_count = count;
    return true;
}

bool beats_read(const char *json_text, size_t length, struct beat ret_beats[BEATS_MAX],
    size_t *ret_count, char ret_grant[OFFLINE_GRANT_SIZE], struct problem *problem)
{
    json_t *body = json_read_measurements(json_text, length, problem);
    bool good = body && read_beats(body, ret_beats, ret_count, problem);
    ret_grant[0] = '\0';
    if (good)
        read_word(json_object_get(body, "grant"), ret_grant, OFFLINE_GRANT_SIZE);
    json_decref(body);
    return good;
}
