/* Where a ladder comes from: what is built in, a file, and the task of a job. */
#include "media/ladder.h"

#include "base/json.h"
#include "base/text.h"

#include <errno.h>
#include <ini.h>
#include <inttypes.h>
#include <string.h>

#define AT(member) offsetof(struct ladder_rung, member)

// clang-format off
static const struct ladder preset = {
    .rungs = {
        { .lines = 240,  .frames_per_second = 15, .quality = 27, .bits_per_second = 100000,  .key_ms = 4000 },
        { .lines = 360,  .frames_per_second = 25, .quality = 25, .bits_per_second = 250000,  .key_ms = 4000 },
        { .lines = 480,  .frames_per_second = 30, .quality = 24, .bits_per_second = 500000,  .key_ms = 2000 },
        { .lines = 720,  .frames_per_second = 30, .quality = 23, .bits_per_second = 1100000, .key_ms = 2000 },
        { .lines = 1080, .frames_per_second = 30, .quality = 23, .bits_per_second = 2200000, .key_ms = 2000 },
    },
    .count = 5,
    .stills = { .lines = 360, .quality = 30, .bits_per_second = 20000 },
};

static const struct value {
    const char *name;
    size_t offset;
    int64_t least, most;
    bool of_stills;
    const char *help;
} values[] = {
    { "frames-per-second", AT(frames_per_second), 1, 60, false,
        "At most so many pictures a second; every second, third or so of those that there are is taken." },
    { "quality", AT(quality), 10, 45, true,
        "x264's constant rate factor: less is better, and larger." },
    { "bits-per-second", AT(bits_per_second), 5000, 50000000, true,
        "Never more than this over two seconds; of the stills, over a segment." },
    { "key-ms", AT(key_ms), 500, 30000, false,
        "From one picture that decoding can begin at to the next." },
    { "lines", AT(lines), 90, 1080, true, "Of the picture's shorter side." },
};
// clang-format on
enum { VALUE_COUNT = sizeof values / sizeof values[0], LINES = VALUE_COUNT - 1 };
static const int64_t lines_most = 4320;

void ladder_init(struct ladder *ladder)
{
    *ladder = preset;
}

static int64_t *value_of(struct ladder_rung *rung, const struct value *value)
{
    return (void *)((char *)rung + value->offset);
}

/* The name of a section says the lines of a rung. */
static bool is_told(const struct value *value, bool stills)
{
    return stills ? value->of_stills : value != &values[LINES];
}

struct reader {
    struct ladder *ladder;
    struct problem *problem;
    char section[24];
    struct ladder_rung *rung;
    unsigned seen; /* of the rung's values, a bit each */
};

/* What a section must hold was all there. */
static bool end_section(struct reader *reader)
{
    bool stills = reader->rung == &reader->ladder->stills;
    for (size_t i = 0; reader->rung && i < VALUE_COUNT; i++)
        if (is_told(&values[i], stills) && !(reader->seen & 1U << i))
            return problem_set(reader->problem, PROBLEM_SETTING, "[%s] has no '%s'.",
                reader->section, values[i].name);
    return true;
}

static bool begin_rung(struct reader *reader, const char *section)
{
    struct ladder *ladder = reader->ladder;
    size_t digits = strspn(section, "0123456789");
    int64_t lines, least = ladder->count > 0 ? ladder->rungs[ladder->count - 1].lines + 1 : 90;
    if (strcmp(section + digits, "p") != 0 || section[0] == '0'
        || !text_to_int64(section, digits, least, lines_most, &lines))
        return problem_set(reader->problem, PROBLEM_SETTING,
            "[%s] is no rung: sections are [stills], or lines such as [480p] in growing order.",
            section);
    if (ladder->count == LADDER_RUNGS_MAX)
        return problem_set(
            reader->problem, PROBLEM_SETTING, "There may be %d rungs.", LADDER_RUNGS_MAX);
    reader->rung = &ladder->rungs[ladder->count++];
    reader->rung->lines = lines;
    return true;
}

static bool begin_section(struct reader *reader, const char *section)
{
    if (!end_section(reader))
        return false;
    reader->seen = 0;
    (void)snprintf(reader->section, sizeof reader->section, "%.20s", section);
    if (strcmp(section, "stills") != 0)
        return begin_rung(reader, section);
    if (reader->ladder->stills.lines > 0)
        return problem_set(reader->problem, PROBLEM_SETTING, "[stills] is there twice.");
    reader->rung = &reader->ladder->stills;
    return true;
}

static bool take_value(struct reader *reader, const char *name, const char *text)
{
    bool stills = reader->rung == &reader->ladder->stills;
    for (size_t i = 0; i < VALUE_COUNT; i++) {
        if (strcmp(name, values[i].name) != 0 || !is_told(&values[i], stills))
            continue;
        if (reader->seen & 1U << i)
            return problem_set(reader->problem, PROBLEM_SETTING, "[%s]: '%s' is there twice.",
                reader->section, name);
        reader->seen |= 1U << i;
        return text_to_int64(text, strlen(text), values[i].least, values[i].most,
                   value_of(reader->rung, &values[i]))
               || problem_set(reader->problem, PROBLEM_SETTING,
                   "[%s]: '%s' must be a whole number from %" PRId64 " to %" PRId64 ", not '%s'.",
                   reader->section, name, values[i].least, values[i].most, text);
    }
    return problem_set(
        reader->problem, PROBLEM_SETTING, "[%s] has no value '%s'.", reader->section, name);
}

static int take_pair(void *data, const char *section, const char *name, const char *text)
{
    struct reader *reader = data;
    if ((!reader->rung || strcmp(section, reader->section) != 0) && !begin_section(reader, section))
        return 0;
    return take_value(reader, name, text);
}

/* What is wrong in it is told with the file's name. */
static bool blame(const char *path, struct problem *problem)
{
    struct problem cause = *problem;
    problem_clear(problem);
    return problem_set(
        problem, PROBLEM_SETTING, "The ladder file '%.200s': %.300s", path, cause.detail);
}

bool ladder_load(struct ladder *ladder, const char *path, struct problem *problem)
{
    struct ladder read = { 0 };
    struct reader reader = { .ladder = &read, .problem = problem };
    if (path[0] == '\0') {
        ladder_init(ladder);
        return true;
    }
    int line = ini_parse(path, take_pair, &reader);
    if (line < 0)
        return problem_set(problem, PROBLEM_SETTING, "The ladder file '%s' cannot be read: %s.",
            path, strerror(errno));
    if (line > 0)
        (void)problem_set(problem, PROBLEM_SETTING, "Line %d: expected 'name = value'.", line);
    if (line > 0 || !end_section(&reader))
        return blame(path, problem);
    *ladder = read;
    return true;
}

static void print_rung(FILE *out, const char *name, const struct ladder_rung *rung, bool stills)
{
    (void)fprintf(out, "\n[%s]\n", name);
    for (size_t i = 0; i < VALUE_COUNT; i++)
        if (is_told(&values[i], stills))
            (void)fprintf(out, "%s = %" PRId64 "\n", values[i].name,
                *(const int64_t *)(const void *)((const char *)rung + values[i].offset));
}

void ladder_print_example(FILE *out)
{
    (void)fprintf(out,
        "# The rungs that lectures are encoded in: what is built in.  Printed by 'lectern settings "
        "--ladder'.\n"
        "# The setting ladder-file names a file like this one; what it does not name is not made.  "
        "Where it\n"
        "# names no rung at all, a picture that cannot be copied gets one of 720 lines.\n"
        "#\n"
        "# [stills]  a picture at each change of slide, for the weakest lines\n"
        "# [240p]    and so on: lines of the shorter side, in growing order; never larger than the "
        "picture,\n"
        "#           nor as large as one that is copied.  The first one makes a lecture "
        "watchable.\n"
        "#\n");
    for (size_t i = 0; i < VALUE_COUNT; i++)
        (void)fprintf(out, "# %-17s  %s\n", values[i].name, values[i].help);
    print_rung(out, "stills", &preset.stills, true);
    for (size_t i = 0; i < preset.count; i++) {
        char name[24];
        (void)snprintf(name, sizeof name, "%" PRId64 "p", preset.rungs[i].lines);
        print_rung(out, name, &preset.rungs[i], false);
    }
}

static json_t *rung_to_json(const struct ladder_rung *rung)
{
    return json_pack("[I, I, I, I, I]", (json_int_t)rung->lines,
        (json_int_t)rung->frames_per_second, (json_int_t)rung->quality,
        (json_int_t)rung->bits_per_second, (json_int_t)rung->key_ms);
}

json_t *ladder_to_json(const struct ladder *ladder)
{
    json_t *rungs = json_array();
    for (size_t i = 0; i < ladder->count; i++)
        json_array_append_new(rungs, rung_to_json(&ladder->rungs[i]));
    return json_pack("{s:o, s:o}", "rungs", rungs, "stills", rung_to_json(&ladder->stills));
}

static bool rung_from_json(const json_t *json, struct ladder_rung *rung)
{
    int64_t *const members[] = { &rung->lines, &rung->frames_per_second, &rung->quality,
        &rung->bits_per_second, &rung->key_ms };
    bool read = json_array_size(json) == sizeof members / sizeof members[0];
    for (size_t i = 0; read && i < sizeof members / sizeof members[0]; i++) {
        const json_t *member = json_array_get(json, i);
        *members[i] = json_integer_value(member);
        read = json_is_integer(member) && *members[i] >= 0 && *members[i] <= 50000000;
    }
    return read;
}

bool ladder_from_json(const json_t *json, struct ladder *ret_ladder, struct problem *problem)
{
    struct ladder ladder = { 0 };
    const json_t *rungs = json_object_get(json, "rungs");
    bool read = json_is_array(rungs) && json_array_size(rungs) <= LADDER_RUNGS_MAX
                && rung_from_json(json_object_get(json, "stills"), &ladder.stills);
    for (size_t i = 0; read && i < json_array_size(rungs); i++) {
        struct ladder_rung *rung = &ladder.rungs[ladder.count++];
        read = rung_from_json(json_array_get(rungs, i), rung) && rung->lines > 0
               && rung->frames_per_second > 0 && rung->key_ms > 0;
    }
    if (!read)
        return problem_set_field(problem, "ladder", "'ladder' must be rungs and stills");
    *ret_ladder = ladder;
    return true;
}
