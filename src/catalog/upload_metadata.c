#include "catalog/upload_metadata.h"

#include "base/text.h"
#include "catalog/fields.h"
#include "media/report.h"

#include <stdio.h>
#include <string.h>

enum { KEYS_MAX = 32 };

static const char field_name[] = "Upload-Metadata";

struct pair {
    const char *key;
    size_t key_length;
    const char *value; /* base64 */
    size_t value_length;
};

static bool key_is(const struct pair *pair, const char *key)
{
    return pair->key_length == strlen(key) && memcmp(pair->key, key, pair->key_length) == 0;
}

/* One "key value"; spaces around it belong to the list. */
static bool read_pair(const char *text, size_t length, struct pair *ret_pair)
{
    while (length > 0 && text[0] == ' ') {
        text++;
        length--;
    }
    while (length > 0 && text[length - 1] == ' ')
        length--;
    const char *space = memchr(text, ' ', length);
    struct pair pair = { .key = text, .key_length = space ? (size_t)(space - text) : length };
    if (space) {
        pair.value = space + 1;
        pair.value_length = length - pair.key_length - 1;
    }
    if (pair.key_length == 0)
        return false;
    for (size_t i = 0; i < pair.key_length; i++)
        if (pair.key[i] <= 0x20 || pair.key[i] == 0x7f)
            return false;
    *ret_pair = pair;
    return true;
}

static bool read_pairs(
    const char *metadata, struct pair pairs[KEYS_MAX], size_t *ret_count, struct problem *problem)
{
    size_t count = 0;
    for (const char *at = metadata;; at++) {
        size_t length = strcspn(at, ",");
        if (count == KEYS_MAX || !read_pair(at, length, &pairs[count]))
            return problem_set_field(problem, field_name,
                "'%s' must be at most %d pairs of a key and a base64 value.", field_name, KEYS_MAX);
        for (size_t i = 0; i < count; i++)
            if (pairs[i].key_length == pairs[count].key_length
                && memcmp(pairs[i].key, pairs[count].key, pairs[i].key_length) == 0)
                return problem_set_field(
                    problem, field_name, "'%s' must not name a key twice.", field_name);
        count++;
        at += length;
        if (*at == '\0')
            break;
    }
    *ret_count = count;
    return true;
}

/* Decoded, with a NUL. */
static bool decode(const struct pair *pair, char ret_value[UPLOAD_METADATA_SIZE],
    size_t *ret_length, struct problem *problem)
{
    size_t length = 0;
    if (pair->value_length > 0
        && !text_base64_decode(pair->value, pair->value_length, (uint8_t *)ret_value,
            UPLOAD_METADATA_SIZE - 1, &length))
        return problem_set_field(
            problem, field_name, "'%s' must have values in base64 with padding.", field_name);
    ret_value[length] = '\0';
    *ret_length = length;
    return true;
}

/* Cuts at most `most` bytes, never within a character. */
static size_t whole_characters(const char *text, size_t length, size_t most)
{
    if (length <= most)
        return length;
    while (most > 0 && ((unsigned char)text[most] & 0xc0) == 0x80)
        most--;
    return most;
}

/* UTF-8 to a line; an empty one where nothing is visible. */
static void make_line(const char *value, size_t length, size_t size, char *ret_line)
{
    size_t used = 0;
    length = whole_characters(value, length, size - 1);
    for (size_t i = 0; i < length; i++) {
        char c = value[i];
        if (field_turns_writing(value + i)) {
            i += 2; /* no more than dress for a file's name, and field_line() would refuse it */
            continue;
        }
        bool c1_control = c == '\xc2' && i + 1 < length && (unsigned char)value[i + 1] < 0xa0;
        bool control = (unsigned char)c < 0x20 || c == 0x7f || c1_control;
        i += c1_control ? 1 : 0;
        if ((control || c == ' ') && used == 0)
            continue;
        if (control)
            c = ' ';
        ret_line[used++] = c;
    }
    while (used > 0 && ret_line[used - 1] == ' ')
        used--;
    ret_line[used] = '\0';
}

/* Some browsers send a path. */
static const char *base_name(const char *name)
{
    const char *base = name;
    for (; *name; name++)
        if (*name == '/' || *name == '\\')
            base = name + 1;
    return base;
}

static const char *const purposes[] = {
    [UPLOAD_AS_LECTURE] = "lecture", [UPLOAD_AS_SOUND] = "sound", [UPLOAD_AS_VERSION] = "version"
};

const char *upload_purpose_name(enum upload_purpose purpose)
{
    return purposes[purpose];
}

static bool take_purpose(
    const char *value, struct upload_metadata *metadata, struct problem *problem)
{
    for (size_t i = 0; i < sizeof purposes / sizeof purposes[0]; i++)
        if (text_equal(value, purposes[i])) {
            metadata->purpose = (enum upload_purpose)i;
            return true;
        }
    return problem_set_field(problem, "kind", "'kind' must be 'lecture', 'sound' or 'version'.");
}

/* What an upload needs that becomes a part of a lecture. */
static bool take_part(const char *key, const char *value, size_t length,
    struct upload_metadata *metadata, struct problem *problem)
{
    if (text_equal(key, "kind"))
        return take_purpose(value, metadata, problem);
    if (text_equal(key, "lecture")) {
        if (!secure_is_uuid(value))
            return problem_set_field(problem, key, "'lecture' must be the id of a lecture.");
        memcpy(metadata->lecture_id, value, UUID_TEXT_SIZE);
        return true;
    }
    if (text_equal(key, "timeline")) {
        (void)snprintf(metadata->timeline, sizeof metadata->timeline, "%s", value);
        return true;
    }
    return text_to_int64(
               value, length, -MEDIA_DURATION_MS_MAX, MEDIA_DURATION_MS_MAX, &metadata->offset_ms)
           || problem_set_field(
               problem, key, "'offset_ms' must be a whole number of milliseconds.");
}

static bool take_text(const char *key, const char *value, size_t length,
    struct upload_metadata *metadata, struct problem *problem)
{
    if (!text_is_utf8(value, length))
        return problem_set_field(problem, key, "'%s' must be UTF-8.", key);
    if (text_equal(key, "title")) {
        make_line(value, length, sizeof metadata->title, metadata->title);
        return true;
    }
    if (text_equal(key, "language"))
        return length == 0 || field_language("language", value, metadata->language, problem);
    const char *base = base_name(value);
    make_line(base, strlen(base), sizeof metadata->file_name, metadata->file_name);
    return true;
}

static bool take_pair(
    const struct pair *pair, struct upload_metadata *metadata, struct problem *problem)
{
    static const char *const keys[] = { "filename", "title", "language" };
    static const char *const part_keys[] = { "kind", "lecture", "offset_ms", "timeline" };
    char value[UPLOAD_METADATA_SIZE] = "";
    size_t length = 0;
    if (!decode(pair, value, &length, problem))
        return false;
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        if (key_is(pair, keys[i]))
            return take_text(keys[i], value, length, metadata, problem);
    for (size_t i = 0; i < sizeof part_keys / sizeof part_keys[0]; i++)
        if (key_is(pair, part_keys[i]))
            return take_part(part_keys[i], value, length, metadata, problem);
    return true;
}

static void fill_gaps(struct upload_metadata *metadata)
{
    if (metadata->file_name[0] == '\0')
        (void)snprintf(metadata->file_name, sizeof metadata->file_name, "upload");
    if (metadata->title[0] != '\0')
        return;
    const char *dot = strrchr(metadata->file_name, '.');
    size_t length = dot && dot > metadata->file_name ? (size_t)(dot - metadata->file_name)
                                                     : strlen(metadata->file_name);
    make_line(metadata->file_name, length, sizeof metadata->title, metadata->title);
}

bool upload_metadata_read(
    const char *metadata, struct upload_metadata *ret_metadata, struct problem *problem)
{
    struct upload_metadata read = { .language = "und", .timeline = "none" };
    struct pair pairs[KEYS_MAX];
    size_t count = 0;
    if (metadata && strlen(metadata) >= UPLOAD_METADATA_SIZE)
        return problem_set_field(problem, field_name, "'%s' must be shorter than %d bytes.",
            field_name, UPLOAD_METADATA_SIZE);
    if (metadata && metadata[0] != '\0' && !read_pairs(metadata, pairs, &count, problem))
        return false;
    for (size_t i = 0; i < count; i++)
        if (!take_pair(&pairs[i], &read, problem))
            return false;
    if (read.purpose != UPLOAD_AS_LECTURE && read.lecture_id[0] == '\0')
        return problem_set_field(
            problem, "lecture", "'lecture' must say which lecture the file belongs to.");
    fill_gaps(&read);
    *ret_metadata = read;
    return true;
}
