#include "media/captions.h"

#include "base/memory.h"
#include "base/text.h"
#include "media/caption_encoding.h"
#include "media/caption_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    MENDED_MS = 2000, /* a cue that ends before it begins lasts this long */
    SETTINGS_SIZE = 128
};
static const int64_t time_ms_max = INT64_C(360000000); /* 100 hours */

struct cue {
    int64_t start_ms, end_ms;
    size_t order; /* in the file: what begins at once stays in order */
    char settings[SETTINGS_SIZE];
    struct text text;
};

struct reader {
    const char *at, *end; /* of what is left */
    size_t line;          /* number of the line at `at` */
    bool is_vtt;
    struct cue *cues;
    size_t count, capacity;
    size_t repaired;
    struct problem *problem;
};

struct line {
    const char *bytes;
    size_t count;
    size_t number;
};

static bool next_line(struct reader *reader, struct line *ret_line)
{
    if (reader->at >= reader->end)
        return false;
    const char *newline = memchr(reader->at, '\n', (size_t)(reader->end - reader->at));
    const char *end = newline ? newline : reader->end;
    *ret_line = (struct line){ reader->at, (size_t)(end - reader->at), ++reader->line };
    reader->at = newline ? newline + 1 : reader->end;
    return true;
}

static bool is_blank(const struct line *line)
{
    for (size_t i = 0; i < line->count; i++)
        if (line->bytes[i] != ' ' && line->bytes[i] != '\t')
            return false;
    return true;
}

static bool is_number(const struct line *line)
{
    size_t digits = 0;
    for (size_t i = 0; i < line->count; i++) {
        if (line->bytes[i] >= '0' && line->bytes[i] <= '9')
            digits++;
        else if (line->bytes[i] != ' ' && line->bytes[i] != '\t')
            return false;
    }
    return digits > 0;
}

static bool starts_with(const struct line *line, const char *word)
{
    size_t length = strlen(word);
    return line->count >= length && memcmp(line->bytes, word, length) == 0
           && (line->count == length || line->bytes[length] == ' ' || line->bytes[length] == '\t');
}

/* The arrow of a line that means to be times: others are text that has an arrow in it. */
static const char *find_arrow(const struct line *line)
{
    size_t at = 0;
    while (at < line->count && (line->bytes[at] == ' ' || line->bytes[at] == '\t'))
        at++;
    const char *arrow = memmem(line->bytes, line->count, "-->", 3);
    bool times = at < line->count && line->bytes[at] >= '0' && line->bytes[at] <= '9';
    return times || arrow == line->bytes + at ? arrow : NULL;
}

static size_t read_digits(const char *bytes, size_t count, size_t digits_max, int64_t *ret_value)
{
    size_t digits = 0;
    while (digits < count && digits < digits_max && bytes[digits] >= '0' && bytes[digits] <= '9')
        digits++;
    return digits > 0 && text_to_int64(bytes, digits, 0, INT64_MAX, ret_value) ? digits : 0;
}

/* [hours:]minutes:seconds[.,]thousandths, where the thousandths may be short or missing.  Returns the bytes that were
 * read, or 0. */
static size_t read_time(const char *bytes, size_t count, int64_t *ret_ms)
{
    int64_t parts[3] = { 0, 0, 0 }, fraction = 0;
    size_t at = 0, part_count = 0;
    for (;;) {
        size_t digits = read_digits(bytes + at, count - at, 5, &parts[part_count]);
        if (digits == 0)
            return 0;
        at += digits;
        part_count++;
        if (part_count == 3 || at == count || bytes[at] != ':')
            break;
        at++;
    }
    if (part_count < 2)
        return 0;
    int64_t hours = part_count == 3 ? parts[0] : 0;
    int64_t minutes = parts[part_count - 2], seconds = parts[part_count - 1];
    if (at < count && (bytes[at] == '.' || bytes[at] == ',')) {
        size_t digits = read_digits(bytes + at + 1, count - at - 1, 3, &fraction);
        for (size_t i = digits; i < 3; i++)
            fraction *= 10;
        at += 1 + digits;
    }
    /* Without hours, 75:00 is an hour and a quarter. */
    if (seconds > 59 || (part_count == 3 && minutes > 59))
        return 0;
    *ret_ms = ((hours * 60 + minutes) * 60 + seconds) * 1000 + fraction;
    return *ret_ms <= time_ms_max ? at : 0;
}

static size_t skip_spaces(const char *bytes, size_t count)
{
    size_t at = 0;
    while (at < count && (bytes[at] == ' ' || bytes[at] == '\t'))
        at++;
    return at;
}

/* "line:90%", "align:start" and their like; what is none of them is dropped. */
static bool is_setting(const char *bytes, size_t count)
{
    static const char *const names[] = { "align:", "position:", "line:", "size:", "vertical:" };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        size_t length = strlen(names[i]);
        if (count <= length || count > 40 || memcmp(bytes, names[i], length) != 0)
            continue;
        for (size_t k = length; k < count; k++)
            if (!strchr("abcdefghijklmnopqrstuvwxyz0123456789.,%-", bytes[k]))
                return false;
        return true;
    }
    return false;
}

static void read_settings(const char *bytes, size_t count, struct cue *cue)
{
    size_t used = 0;
    while (count > 0) {
        size_t spaces = skip_spaces(bytes, count), length = 0;
        bytes += spaces;
        count -= spaces;
        while (length < count && bytes[length] != ' ' && bytes[length] != '\t')
            length++;
        if (is_setting(bytes, length) && used + length + 2 < SETTINGS_SIZE) {
            cue->settings[used++] = ' ';
            memcpy(cue->settings + used, bytes, length);
            used += length;
        }
        bytes += length;
        count -= length;
    }
    cue->settings[used] = '\0';
}

static bool read_timing(
    struct reader *reader, const struct line *line, const char *arrow, struct cue *cue)
{
    const char *bytes = line->bytes;
    size_t before = (size_t)(arrow - bytes), at = skip_spaces(bytes, before);
    size_t start = read_time(bytes + at, before - at, &cue->start_ms);
    bool read
        = start > 0 && at + start + skip_spaces(bytes + at + start, before - at - start) == before;
    const char *rest = arrow + 3;
    size_t left = line->count - before - 3;
    at = skip_spaces(rest, left);
    size_t end = read ? read_time(rest + at, left - at, &cue->end_ms) : 0;
    at += end;
    if (end == 0 || (at < left && rest[at] != ' ' && rest[at] != '\t'))
        return problem_set(reader->problem, PROBLEM_CAPTIONS_REFUSED,
            "Line %zu holds no times that can be read. Write them as 00:00:05.000 --> "
            "00:00:07.000.",
            line->number);
    if (reader->is_vtt)
        read_settings(rest + at, left - at, cue);
    return true;
}

static bool begin_cue(struct reader *reader, const struct line *line, const char *arrow)
{
    if (reader->count == CAPTION_CUES_MAX)
        return problem_set(reader->problem, PROBLEM_CAPTIONS_REFUSED,
            "Line %zu: a caption file may hold at most %d captions.", line->number,
            CAPTION_CUES_MAX);
    if (reader->count == reader->capacity) {
        reader->capacity = reader->capacity > 0 ? reader->capacity * 2 : 64;
        reader->cues = memory_resized(reader->cues, reader->capacity, sizeof *reader->cues);
    }
    struct cue *cue = &reader->cues[reader->count];
    *cue = (struct cue){ .order = reader->count };
    text_init(&cue->text, CAPTION_CUE_BYTES_MAX);
    if (!read_timing(reader, line, arrow, cue))
        return false;
    if (cue->end_ms <= cue->start_ms) {
        cue->end_ms
            = cue->start_ms + MENDED_MS < time_ms_max ? cue->start_ms + MENDED_MS : time_ms_max;
        reader->repaired++;
    }
    reader->count++;
    return true;
}

static bool add_text(struct reader *reader, const struct line *line)
{
    struct text *text = &reader->cues[reader->count - 1].text;
    if (text->length > 0)
        text_append(text, "\n", 1);
    text_append(text, line->bytes, line->count);
    return !text->overflowed
           || problem_set(reader->problem, PROBLEM_CAPTIONS_REFUSED,
               "Line %zu: one caption may hold at most %d bytes of text. Is a blank line or a time "
               "missing?",
               line->number, CAPTION_CUE_BYTES_MAX);
}

/* The number that stands before an SRT cue's time ends up behind the text before it where no blank line parts them. */
static void drop_trailing_number(struct cue *cue)
{
    const char *newline
        = cue->text.length > 0 ? memrchr(cue->text.bytes, '\n', cue->text.length) : NULL;
    size_t start = newline ? (size_t)(newline - cue->text.bytes) + 1 : 0;
    if (cue->text.length == 0)
        return;
    struct line last = { cue->text.bytes + start, cue->text.length - start, 0 };
    if (!is_number(&last))
        return;
    cue->text.length = newline ? start - 1 : 0;
    cue->text.bytes[cue->text.length] = '\0';
}

/* The text goes on until the next time; what follows a blank line is text too, unless it is a number. */
static bool read_srt(struct reader *reader)
{
    struct line line;
    bool after_blank = true;
    while (next_line(reader, &line)) {
        const char *arrow = find_arrow(&line);
        if (arrow) {
            if (reader->count > 0 && !after_blank)
                drop_trailing_number(&reader->cues[reader->count - 1]);
            if (!begin_cue(reader, &line, arrow))
                return false;
            after_blank = false;
        } else if (is_blank(&line)) {
            after_blank = true;
        } else if (reader->count > 0 && !(after_blank && is_number(&line))) {
            if (!add_text(reader, &line))
                return false;
            after_blank = false;
        }
    }
    return true;
}

static void skip_block(struct reader *reader)
{
    struct line line;
    while (next_line(reader, &line) && !is_blank(&line))
        ;
}

static bool read_vtt_cue(struct reader *reader)
{
    struct line line;
    while (next_line(reader, &line) && !is_blank(&line)) {
        /* WebVTT: a time begins a new cue even where the blank line is missing. */
        const char *arrow = find_arrow(&line);
        if (arrow ? !begin_cue(reader, &line, arrow) : !add_text(reader, &line))
            return false;
    }
    return true;
}

/* Blocks parted by blank lines: the header, comments, styles and regions are dropped, cues may have a name. */
static bool read_vtt(struct reader *reader)
{
    struct line line;
    skip_block(reader);
    while (next_line(reader, &line)) {
        if (is_blank(&line))
            continue;
        if (starts_with(&line, "NOTE") || starts_with(&line, "STYLE")
            || starts_with(&line, "REGION")) {
            skip_block(reader);
            continue;
        }
        const char *arrow = find_arrow(&line);
        if (!arrow) {
            struct line second;
            if (!next_line(reader, &second) || is_blank(&second))
                continue;
            line = second;
            arrow = find_arrow(&line);
        }
        if (!arrow) {
            skip_block(reader);
            continue;
        }
        if (!begin_cue(reader, &line, arrow) || !read_vtt_cue(reader))
            return false;
    }
    return true;
}

static int compare_cues(const void *left, const void *right)
{
    const struct cue *a = left, *b = right;
    if (a->start_ms != b->start_ms)
        return a->start_ms < b->start_ms ? -1 : 1;
    return (a->order > b->order) - (a->order < b->order);
}

static void sort_cues(struct reader *reader)
{
    for (size_t i = 1; i < reader->count; i++)
        reader->repaired += reader->cues[i].start_ms < reader->cues[i - 1].start_ms;
    if (reader->count > 1)
        qsort(reader->cues, reader->count, sizeof *reader->cues, compare_cues);
}

static void write_time(struct text *out, int64_t ms)
{
    text_printf(out, "%02" PRId64 ":%02" PRId64 ":%02" PRId64 ".%03" PRId64, ms / 3600000,
        ms / 60000 % 60, ms / 1000 % 60, ms % 1000);
}

/* A cue without text shows nothing, and is left out. */
static void write_cue(
    struct reader *reader, const struct cue *cue, struct text *out, struct captions_facts *facts)
{
    struct text clean;
    text_init(&clean, (size_t)CAPTION_CUE_BYTES_MAX * 8);
    bool changed
        = cue->text.length > 0 && caption_text_write(cue->text.bytes, cue->text.length, &clean);
    struct line whole = { clean.bytes, clean.length, 0 };
    if (clean.length > 0 && !is_blank(&whole)) {
        reader->repaired += changed;
        write_time(out, cue->start_ms);
        text_append_string(out, " --> ");
        write_time(out, cue->end_ms);
        text_printf(out, "%s\n", cue->settings);
        text_append(out, clean.bytes, clean.length);
        text_append_string(out, "\n\n");
        facts->cue_count++;
        if (cue->end_ms > facts->last_end_ms)
            facts->last_end_ms = cue->end_ms;
    }
    text_release(&clean);
}

static bool write_vtt(struct reader *reader, struct text *out, struct captions_facts *facts)
{
    text_append_string(out, "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000\n\n");
    for (size_t i = 0; i < reader->count; i++)
        write_cue(reader, &reader->cues[i], out, facts);
    facts->repaired_count = reader->repaired;
    if (facts->cue_count > 0)
        return true;
    return problem_set(reader->problem, PROBLEM_CAPTIONS_REFUSED,
        reader->is_vtt || reader->count > 0 ? "The caption file holds no captions."
                                            : "This is not a caption file: it holds no line such "
                                              "as 00:00:05,000 --> 00:00:07,000.");
}

static bool is_vtt(const char *text, size_t count)
{
    struct line first = { text, count, 1 };
    const char *newline = memchr(text, '\n', count);
    if (newline)
        first.count = (size_t)(newline - text);
    return starts_with(&first, "WEBVTT");
}

bool captions_to_vtt(const char *bytes, size_t count, char **ret_vtt, size_t *ret_vtt_count,
    struct captions_facts *ret_facts, struct problem *problem)
{
    char *text = NULL;
    size_t text_count = 0;
    struct captions_facts facts = { 0 };
    if (!caption_decode(bytes, count, &text, &text_count, problem))
        return false;
    struct reader reader = {
        .at = text, .end = text + text_count, .is_vtt = is_vtt(text, text_count), .problem = problem
    };
    struct text out;
    text_init(&out, text_count * 10 + (size_t)CAPTION_CUES_MAX * 256);
    bool done = reader.is_vtt ? read_vtt(&reader) : read_srt(&reader);
    if (done) {
        sort_cues(&reader);
        done = write_vtt(&reader, &out, &facts);
    }
    if (done) {
        *ret_vtt_count = out.length;
        *ret_vtt = text_take(&out);
        *ret_facts = facts;
    }
    for (size_t i = 0; i < reader.count; i++)
        text_release(&reader.cues[i].text);
    free(reader.cues);
    text_release(&out);
    free(text);
    return done;
}
