#include "media/finding.h"

#include "base/json.h"
#include "base/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* A day of 100 hours and more is nonsense, but must not be undefined. */
static const int64_t number_max = INT64_C(1) << 53; /* what JavaScript counts exactly */
static const char *const severity_names[] = { "info", "warning", "problem" };

struct finding finding_with(struct finding finding, const char *text)
{
    (void)snprintf(finding.text, sizeof finding.text, "%s", text);
    size_t length = strlen(finding.text);
    while (length > 0 && !text_is_utf8(finding.text, length))
        finding.text[--length] = '\0';
    for (char *at = finding.text; *at; at++)
        if ((unsigned char)*at < 0x20 || *at == 0x7f)
            *at = ' ';
    if (!text_is_line(finding.text, sizeof finding.text - 1))
        finding.text[0] = '\0';
    return finding;
}

/* "{held_ms, time}" with the value of held_ms and the word after the comma. */
struct argument {
    const struct finding *finding;
    char name[32], format[16];
};

static void append_number(const struct argument *argument, int64_t value, struct text *text)
{
    const char *format = argument->format;
    int64_t seconds = value / 1000;
    if (strcmp(format, "time") == 0)
        text_printf(text, "%" PRId64 ":%02d:%02d", seconds / 3600, (int)(seconds / 60 % 60),
            (int)(seconds % 60));
    else if (strcmp(format, "seconds") == 0 && value < 10000)
        text_printf(text, "%.1f s", (double)value / 1000);
    else if (strcmp(format, "seconds") == 0)
        text_printf(text, "%" PRId64 " s", seconds);
    else if (strcmp(format, "kilobits") == 0)
        text_printf(text, "%" PRId64 " kbit/s", (value + 500) / 1000);
    else if (strcmp(format, "bytes") == 0)
        text_printf(text, "%.1f MB", (double)value / 1e6);
    else if (strcmp(format, "tenths") == 0)
        text_printf(text, "%.1f", (double)value / 10);
    else
        text_printf(text, "%" PRId64, value);
}

static void append_argument(const struct argument *argument, struct text *text)
{
    const struct finding_kind *kind = &finding_kinds[argument->finding->code];
    bool nameless
        = strcmp(argument->format, "languages") == 0 && strcmp(argument->finding->text, "und") == 0;
    if (kind->text && strcmp(kind->text, argument->name) == 0)
        text_append_string(text, nameless ? "languages not named" : argument->finding->text);
    for (int i = 0; i < FINDING_NUMBERS_MAX && kind->numbers[i]; i++)
        if (strcmp(kind->numbers[i], argument->name) == 0)
            append_number(argument, argument->finding->numbers[i], text);
}

static void append_pattern(const struct finding *finding, const char *pattern, struct text *text)
{
    while (*pattern) {
        size_t plain = strcspn(pattern, "{");
        text_append(text, pattern, plain);
        pattern += plain;
        if (*pattern == '\0')
            return;
        struct argument argument = { .finding = finding };
        size_t length = strcspn(pattern, "}");
        (void)sscanf(pattern, "{%31[a-z_], %15[a-z]", argument.name, argument.format);
        append_argument(&argument, text);
        pattern += length + (pattern[length] == '}');
    }
}

static void write_pattern(
    const struct finding *finding, const char *pattern, char ret_text[FINDING_SENTENCE_SIZE])
{
    struct text text;
    text_init(&text, FINDING_SENTENCE_SIZE - 1);
    append_pattern(finding, pattern, &text);
    (void)snprintf(ret_text, FINDING_SENTENCE_SIZE, "%s", text.bytes ? text.bytes : "");
    text_release(&text);
}

void finding_sentence(const struct finding *finding, char ret_text[FINDING_SENTENCE_SIZE])
{
    write_pattern(finding, finding_kinds[finding->code].sentence, ret_text);
}

static void write_action(const struct finding *finding, char ret_text[FINDING_SENTENCE_SIZE])
{
    write_pattern(finding, finding_kinds[finding->code].action, ret_text);
}

static json_t *parameters_to_json(const struct finding *finding)
{
    const struct finding_kind *kind = &finding_kinds[finding->code];
    json_t *json
        = json_pack("{s:s, s:s}", "code", kind->code, "severity", severity_names[kind->severity]);
    for (int i = 0; i < FINDING_NUMBERS_MAX && kind->numbers[i]; i++)
        (void)json_object_set_new(json, kind->numbers[i], json_integer(finding->numbers[i]));
    if (kind->text)
        (void)json_object_set_new(json, kind->text, json_string(finding->text));
    return json;
}

json_t *finding_to_json(const struct finding *finding)
{
    char sentence[FINDING_SENTENCE_SIZE], action[FINDING_SENTENCE_SIZE];
    finding_sentence(finding, sentence);
    write_action(finding, action);
    json_t *json = parameters_to_json(finding);
    (void)json_object_set_new(json, "sentence", json_string(sentence));
    (void)json_object_set_new(json, "action", json_string(action));
    return json;
}

static bool read_parameters(const json_t *json, struct finding *finding, struct problem *problem)
{
    const struct finding_kind *kind = &finding_kinds[finding->code];
    for (int i = 0; i < FINDING_NUMBERS_MAX && kind->numbers[i]; i++)
        if (!json_get_int64(
                json, kind->numbers[i], -number_max, number_max, &finding->numbers[i], problem))
            return false;
    if (!kind->text)
        return true;
    const char *text = json_string_value(json_object_get(json, kind->text));
    if (!text || (text[0] != '\0' && !text_is_line(text, sizeof finding->text - 1)))
        return problem_set_field(problem, kind->text, "'%s' must be a short line", kind->text);
    (void)snprintf(finding->text, sizeof finding->text, "%s", text);
    return true;
}

bool finding_from_json(const json_t *json, struct finding *ret_finding, struct problem *problem)
{
    struct finding finding = { .code = FINDING_NONE };
    const char *code = json_string_value(json_object_get(json, "code"));
    if (!code)
        return problem_set_field(problem, "code", "a finding must have a code");
    for (int i = FINDING_NONE + 1; i < FINDING_COUNT; i++)
        if (strcmp(finding_kinds[i].code, code) == 0)
            finding.code = (enum finding_code)i;
    if (finding.code != FINDING_NONE && !read_parameters(json, &finding, problem))
        return false;
    *ret_finding = finding;
    return true;
}

void finding_words(const struct finding *finding, char *ret_text, size_t size)
{
    char sentence[FINDING_SENTENCE_SIZE], action[FINDING_SENTENCE_SIZE];
    finding_sentence(finding, sentence);
    write_action(finding, action);
    int length = snprintf(ret_text, size, "%s", sentence);
    if (action[0] != '\0' && length >= 0 && (size_t)length + 1 < size)
        (void)snprintf(
            ret_text + length, size - (size_t)length, " %.*s", (int)sizeof action, action);
}

bool finding_refuse_as(struct problem *problem, enum problem_kind kind, struct finding finding)
{
    char words[sizeof problem->detail];
    if (problem_is_set(problem))
        return false;
    finding_words(&finding, words, sizeof words);
    (void)problem_set(problem, kind, "%s", words);
    json_t *json = parameters_to_json(&finding);
    if (json_dumpb(json, NULL, 0, JSON_COMPACT) < sizeof problem->particulars) {
        size_t length
            = json_dumpb(json, problem->particulars, sizeof problem->particulars, JSON_COMPACT);
        problem->particulars[length] = '\0';
    }
    json_decref(json);
    return false;
}

bool finding_refuse(struct problem *problem, struct finding finding)
{
    return finding_refuse_as(problem, PROBLEM_MEDIA_REFUSED, finding);
}

bool finding_fail(struct problem *problem, struct finding finding)
{
    return finding_refuse_as(problem, PROBLEM_BUSY, finding);
}

bool finding_refuse_field(struct problem *problem, const char *field, struct finding finding)
{
    if (!problem_is_set(problem))
        (void)snprintf(problem->field, sizeof problem->field, "%s", field);
    return finding_refuse_as(problem, PROBLEM_INVALID_FIELD, finding);
}

struct finding finding_of_problem(const struct problem *problem)
{
    struct finding finding = { .code = FINDING_NONE };
    struct problem unfit = { 0 };
    json_t *json = json_loads(problem->particulars, 0, NULL);
    if (json)
        (void)finding_from_json(json, &finding, &unfit);
    json_decref(json);
    return finding;
}
