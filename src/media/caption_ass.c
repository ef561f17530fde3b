/* Advanced SubStation (.ass, .ssa): the events' times and words; of the styling, italics and their like. */
#include "media/caption_cues.h"

#include "media/caption_times.h"
#include "media/finding.h"

#include <string.h>
#include <strings.h>

enum { FIELDS_MAX = 32 };

struct ass {
    struct caption_cues *cues;
    bool events; /* within [Events] */
    size_t start_field, end_field, text_field;
};

struct field {
    const char *bytes;
    size_t count;
};

static bool begins(const struct caption_line *line, const char *word)
{
    return line->count >= strlen(word) && strncasecmp(line->bytes, word, strlen(word)) == 0;
}

/* Parted by commas, the last one takes the rest. */
static size_t split(const char *bytes, size_t count, size_t fields_max, struct field *ret_fields)
{
    size_t found = 0;
    while (found < fields_max) {
        const char *comma = found + 1 < fields_max ? memchr(bytes, ',', count) : NULL;
        size_t length = comma ? (size_t)(comma - bytes) : count;
        ret_fields[found++] = (struct field){ bytes, length };
        if (!comma)
            break;
        bytes += length + 1;
        count -= length + 1;
    }
    return found;
}

static struct field trimmed(struct field field)
{
    while (field.count > 0 && *field.bytes == ' ')
        field = (struct field){ field.bytes + 1, field.count - 1 };
    while (field.count > 0 && field.bytes[field.count - 1] == ' ')
        field.count--;
    return field;
}

static bool is_called(struct field field, const char *name)
{
    field = trimmed(field);
    return field.count == strlen(name) && strncasecmp(field.bytes, name, field.count) == 0;
}

static void read_format(struct ass *ass, const struct caption_line *line, size_t label)
{
    struct field fields[FIELDS_MAX];
    size_t count = split(line->bytes + label, line->count - label, FIELDS_MAX, fields);
    for (size_t i = 0; i < count; i++) {
        if (is_called(fields[i], "Start"))
            ass->start_field = i;
        else if (is_called(fields[i], "End"))
            ass->end_field = i;
        else if (is_called(fields[i], "Text"))
            ass->text_field = i;
    }
}

static bool read_time(struct field field, int64_t *ret_ms)
{
    unsigned oddities = 0;
    field = trimmed(field);
    return field.count > 0
           && caption_time_read(field.bytes, field.count, ret_ms, &oddities) == field.count;
}

static bool read_dialogue(struct ass *ass, const struct caption_line *line, size_t label)
{
    struct field fields[FIELDS_MAX] = { { 0 } };
    int64_t start_ms, end_ms;
    size_t count = split(line->bytes + label, line->count - label, ass->text_field + 1, fields);
    if (count <= ass->text_field || !read_time(fields[ass->start_field], &start_ms)
        || !read_time(fields[ass->end_field], &end_ms))
        return finding_refuse_as(ass->cues->problem, PROBLEM_CAPTIONS_REFUSED,
            (struct finding){
                .code = FINDING_CAPTION_TIMES_FOREIGN, .numbers = { (int64_t)line->number } });
    if (!caption_cues_add(ass->cues, line->number, start_ms, end_ms))
        return false;
    struct text words;
    text_init(&words, fields[ass->text_field].count * 8 + 16);
    caption_ass_text(fields[ass->text_field].bytes, fields[ass->text_field].count, &words);
    bool added = words.length == 0
                 || caption_cues_add_text(ass->cues, words.bytes, words.length, line->number);
    text_release(&words);
    return added;
}

bool caption_read_ass(struct caption_lines *lines, struct caption_cues *cues)
{
    struct ass ass = { .cues = cues, .start_field = 1, .end_field = 2, .text_field = 9 };
    struct caption_line line;
    cues->unordered = true;
    while (caption_lines_next(lines, &line)) {
        if (begins(&line, "["))
            ass.events = begins(&line, "[Events]");
        else if (ass.events && begins(&line, "Format:"))
            read_format(&ass, &line, strlen("Format:"));
        else if (ass.events && begins(&line, "Dialogue:")
                 && !read_dialogue(&ass, &line, strlen("Dialogue:")))
            return false;
    }
    return true;
}

/* --- the text of an event --------------------------------------------------------------------- */

/* "{\i1\pos(10,20)}": italics, bold and underline become tags; \p1 begins a drawing, which is no text. */
static void write_override(const char *bytes, size_t count, bool *drawing, struct text *out)
{
    for (size_t i = 0; i + 2 < count; i++) {
        bool ends = i + 3 == count || bytes[i + 3] == '\\';
        char name = bytes[i + 1], value = bytes[i + 2];
        if (bytes[i] != '\\' || !ends || (value != '0' && value != '1'))
            continue;
        if (name == 'p')
            *drawing = value == '1';
        else if (strchr("biu", name))
            text_printf(out, "<%s%c>", value == '0' ? "/" : "", name);
    }
}

static size_t write_sign(const char *bytes, size_t count, struct text *out)
{
    if (bytes[0] == '\\' && count > 1 && strchr("Nn", bytes[1])) {
        text_append(out, "\n", 1);
        return 2;
    }
    if (bytes[0] == '\\' && count > 1 && bytes[1] == 'h') {
        text_append(out, "\xc2\xa0", 2);
        return 2;
    }
    if (bytes[0] == '<')
        text_append_string(out, "&lt;");
    else if (bytes[0] == '&')
        text_append_string(out, "&amp;");
    else if (bytes[0] != '\r')
        text_append(out, bytes, 1);
    return 1;
}

void caption_ass_text(const char *bytes, size_t count, struct text *out)
{
    bool drawing = false;
    for (size_t at = 0; at < count;) {
        const char *end = bytes[at] == '{' ? memchr(bytes + at, '}', count - at) : NULL;
        if (end) {
            size_t length = (size_t)(end - bytes) - at + 1;
            write_override(bytes + at + 1, length - 2, &drawing, out);
            at += length;
        } else {
            struct text nowhere;
            text_init(&nowhere, 16);
            at += write_sign(bytes + at, count - at, drawing ? &nowhere : out);
            text_release(&nowhere);
        }
    }
}
