#include "media/caption_text.h"

#include "media/segment_table.h"

#include <string.h>
#include <strings.h>

/* A tag as it is written fits into a tag as it is read. */
enum { DEPTH_MAX = 16, TAG_BYTES_MAX = 800, ANNOTATION_BYTES_MAX = 400, CLASS_BYTES_MAX = 100 };

enum tag_kind { TAG_TEXT, TAG_KEPT, TAG_DROPPED };

struct tag {
    enum tag_kind kind;
    bool closing;
    const char *name;       /* a constant of the table */
    const char *classes;    /* ".loud.red", within the input */
    size_t class_count;     /* bytes */
    const char *annotation; /* after the name, within the input */
    size_t annotation_count;
    size_t count; /* bytes of the whole tag */
};

struct writer {
    struct text *out;
    size_t start; /* where this cue began */
    const char *open[DEPTH_MAX];
    int depth;
    bool changed;
};

static const char *const kept[] = { "b", "i", "u", "c", "v", "lang", "ruby", "rt" };
/* Formatting that SRT files carry, and that WebVTT has no word for. */
static const char *const dropped[]
    = { "font", "s", "strike", "em", "strong", "span", "p", "br", "div" };

static const char *find_name(
    const char *const *names, size_t count, const char *name, size_t length)
{
    for (size_t i = 0; i < count; i++)
        if (strlen(names[i]) == length && strncasecmp(names[i], name, length) == 0)
            return names[i];
    return NULL;
}

static bool is_class_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-'
           || c == '_' || c == '.';
}

/* <00:00:05.000>: karaoke times */
static bool is_time(const char *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!strchr("0123456789:.", bytes[i]) || bytes[i] == '\0')
            return false;
    return count > 0;
}

/* bytes[0] is '<'. */
static struct tag read_tag(const char *bytes, size_t count)
{
    struct tag tag = { .kind = TAG_TEXT };
    const char *end = memchr(bytes, '>', count < TAG_BYTES_MAX ? count : TAG_BYTES_MAX);
    size_t inside = end ? (size_t)(end - bytes) - 1 : 0;
    if (!end || memchr(bytes + 1, '<', inside) || memchr(bytes + 1, '\n', inside))
        return tag;
    const char *at = bytes + 1;
    tag.closing = *at == '/';
    at += tag.closing;
    size_t length = 0, left = (size_t)(end - at);
    while (length < left && is_class_byte(at[length]) && at[length] != '.')
        length++;
    tag.count = (size_t)(end - bytes) + 1;
    tag.name = find_name(kept, sizeof kept / sizeof kept[0], at, length);
    if (tag.name)
        tag.kind = TAG_KEPT;
    else if (find_name(dropped, sizeof dropped / sizeof dropped[0], at, length)
             || is_time(at, left))
        tag.kind = TAG_DROPPED;
    tag.classes = at + length;
    while (length < left && is_class_byte(at[length]))
        length++;
    tag.class_count = (size_t)(at + length - tag.classes);
    if (tag.class_count > CLASS_BYTES_MAX)
        tag.class_count = 0;
    while (tag.class_count > 0 && strchr("-.", tag.classes[tag.class_count - 1]))
        tag.class_count--;
    while (length < left && strchr(" \t\n", at[length]))
        length++;
    tag.annotation = at + length;
    tag.annotation_count = left - length;
    return tag;
}

static void write_escaped(struct text *out, char c)
{
    if (c == '<')
        text_append_string(out, "&lt;");
    else if (c == '>')
        text_append_string(out, "&gt;");
    else if (c == '&')
        text_append_string(out, "&amp;");
    else
        text_append(out, &c, 1);
}

/* Length of one of the references that WebVTT and HTML share, or 0. */
static size_t reference_length(const char *bytes, size_t count)
{
    static const char *const references[] = { "&amp;", "&lt;", "&gt;", "&nbsp;", "&lrm;", "&rlm;" };
    for (size_t i = 0; i < sizeof references / sizeof references[0]; i++) {
        size_t length = strlen(references[i]);
        if (length <= count && memcmp(bytes, references[i], length) == 0)
            return length;
    }
    return 0;
}

static void write_plain(struct text *out, const char *bytes, size_t count)
{
    for (size_t i = 0; i < count;) {
        size_t length = bytes[i] == '&' ? reference_length(bytes + i, count - i) : 0;
        if (length > 0)
            text_append(out, bytes + i, length);
        else
            write_escaped(out, bytes[i]);
        i += length > 0 ? length : 1;
    }
}

/* A speaker's name or a language: one line, without spaces around it. */
static void clean_annotation(const struct tag *tag, struct text *out)
{
    char words[TAG_BYTES_MAX];
    size_t count = 0;
    for (size_t i = 0; i < tag->annotation_count && count < sizeof words; i++) {
        if (tag->annotation[i] != ' ' || count > 0)
            words[count++] = tag->annotation[i];
    }
    /* "--" before the bracket would read as the arrow of a cue's times. */
    while (count > 0 && (words[count - 1] == ' ' || words[count - 1] == '-'))
        count--;
    write_plain(out, words, count);
}

static void open_tag(struct writer *writer, const struct tag *tag)
{
    bool voice = strcmp(tag->name, "v") == 0, language = strcmp(tag->name, "lang") == 0;
    struct text words;
    text_init(&words, ANNOTATION_BYTES_MAX);
    clean_annotation(tag, &words);
    bool fits = writer->depth < DEPTH_MAX && !words.overflowed;
    writer->changed = writer->changed || !fits;
    /* Without its annotation neither means anything. */
    bool whole = (!voice || words.length > 0)
                 && (!language || (words.length > 0 && language_tag_is_valid(words.bytes)));
    if (fits && whole) {
        text_append(writer->out, "<", 1);
        text_append_string(writer->out, tag->name);
        text_append(writer->out, tag->classes, tag->class_count);
        if (voice || language) {
            text_append(writer->out, " ", 1);
            text_append(writer->out, words.bytes, words.length);
        }
        text_append(writer->out, ">", 1);
        writer->open[writer->depth++] = tag->name;
    }
    text_release(&words);
}

static void close_last(struct writer *writer)
{
    writer->depth--;
    text_append_string(writer->out, "</");
    text_append_string(writer->out, writer->open[writer->depth]);
    text_append(writer->out, ">", 1);
}

/* Closes what was opened inside of it, too; one that closes nothing is dropped. */
static void close_tag(struct writer *writer, const struct tag *tag)
{
    for (int i = writer->depth - 1; i >= 0; i--) {
        if (writer->open[i] != tag->name)
            continue;
        while (writer->depth > i)
            close_last(writer);
        return;
    }
    writer->changed = true;
}

static size_t write_markup(struct writer *writer, const char *bytes, size_t count)
{
    struct tag tag = read_tag(bytes, count);
    if (tag.kind == TAG_TEXT) {
        write_escaped(writer->out, bytes[0]);
        writer->changed = true;
        return 1;
    }
    if (tag.kind == TAG_DROPPED)
        return tag.count;
    if (tag.closing)
        close_tag(writer, &tag);
    else
        open_tag(writer, &tag);
    return tag.count;
}

/* "{\an8}" and the like, from Advanced SubStation; 0: it is not one. */
static size_t override_length(const char *bytes, size_t count)
{
    if (count < 3 || bytes[0] != '{' || bytes[1] != '\\')
        return 0;
    const char *end = memchr(bytes, '}', count < TAG_BYTES_MAX ? count : TAG_BYTES_MAX);
    return end && !memchr(bytes, '\n', (size_t)(end - bytes)) ? (size_t)(end - bytes) + 1 : 0;
}

/* A blank line would end the cue: lines that are empty, or were of control characters, are left out. */
static void end_line(struct writer *writer)
{
    struct text *out = writer->out;
    while (out->length > writer->start && out->bytes[out->length - 1] == ' ')
        out->bytes[--out->length] = '\0';
    if (out->length > writer->start && out->bytes[out->length - 1] != '\n')
        text_append(out, "\n", 1);
}

static size_t write_one(struct writer *writer, const char *bytes, size_t count)
{
    unsigned char c = (unsigned char)bytes[0];
    if (c == '<')
        return write_markup(writer, bytes, count);
    size_t length = override_length(bytes, count);
    if (length > 0)
        return length;
    length = c == '&' ? reference_length(bytes, count) : 0;
    if (length > 0) {
        text_append(writer->out, bytes, length);
        return length;
    }
    const struct text *out = writer->out;
    if (c == '\n')
        end_line(writer);
    /* What is left of an override must not look like one. */
    else if (c != '\\' || out->length == writer->start || out->bytes[out->length - 1] != '{')
        write_escaped(writer->out, bytes[0]);
    return 1;
}

/* Control characters go first, so that taking them out cannot make a tag of what was none. */
static bool copy_without_controls(const char *bytes, size_t count, struct text *out)
{
    bool changed = false;
    for (size_t i = 0; i < count; i++) {
        if (bytes[i] == '\t')
            text_append(out, " ", 1);
        else if ((unsigned char)bytes[i] >= 0x20 || bytes[i] == '\n')
            text_append(out, bytes + i, 1);
        else
            changed = true;
    }
    return changed;
}

bool caption_text_write(const char *bytes, size_t count, struct text *out)
{
    struct writer writer = { .out = out, .start = out->length };
    struct text clean;
    text_init(&clean, count);
    writer.changed = copy_without_controls(bytes, count, &clean);
    for (size_t i = 0; i < clean.length;)
        i += write_one(&writer, clean.bytes + i, clean.length - i);
    end_line(&writer);
    if (out->length > writer.start)
        out->bytes[--out->length] = '\0';
    while (writer.depth > 0)
        close_last(&writer);
    text_release(&clean);
    return writer.changed;
}
