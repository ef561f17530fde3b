#include "media/caption_text.h"

#include "media/segment_table.h"

#include <string.h>
#include <strings.h>

enum { DEPTH_MAX = 16, TAG_BYTES_MAX = 200, ANNOTATION_BYTES_MAX = 100 };

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
    if (!end || memchr(bytes + 1, '<', (size_t)(end - bytes) - 1))
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
        if (length > 0) {
            text_append(out, bytes + i, length);
            i += length;
        } else {
            write_escaped(out, bytes[i] == '\n' ? ' ' : bytes[i]);
            i++;
        }
    }
}

static void open_tag(struct writer *writer, const struct tag *tag)
{
    bool voice = strcmp(tag->name, "v") == 0, language = strcmp(tag->name, "lang") == 0;
    size_t count = tag->annotation_count;
    if (writer->depth == DEPTH_MAX || count > ANNOTATION_BYTES_MAX) {
        writer->changed = true;
        return;
    }
    char words[ANNOTATION_BYTES_MAX + 1] = "";
    memcpy(words, tag->annotation, count);
    /* Without its annotation neither means anything. */
    if ((voice && count == 0) || (language && !language_tag_is_valid(words)))
        return;
    text_append(writer->out, "<", 1);
    text_append_string(writer->out, tag->name);
    text_append(writer->out, tag->classes, tag->class_count);
    if (voice || language) {
        text_append(writer->out, " ", 1);
        write_plain(writer->out, words, count);
    }
    text_append(writer->out, ">", 1);
    writer->open[writer->depth++] = tag->name;
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
    return end ? (size_t)(end - bytes) + 1 : 0;
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
    if (c == '\t')
        text_append(writer->out, " ", 1);
    else if (c >= 0x20 || c == '\n')
        write_escaped(writer->out, bytes[0]);
    else
        writer->changed = true;
    return 1;
}

bool caption_text_write(const char *bytes, size_t count, struct text *out)
{
    struct writer writer = { .out = out };
    for (size_t i = 0; i < count;)
        i += write_one(&writer, bytes + i, count - i);
    while (writer.depth > 0)
        close_last(&writer);
    return writer.changed;
}
