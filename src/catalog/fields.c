#include "catalog/fields.h"

#include "base/text.h"

#include <stdio.h>
#include <string.h>
#include <unicode/uloc.h>

/* U+202A to U+202E are E2 80 AA to AE in UTF-8, U+2066 to U+2069 are E2 81 A6 to A9. */
bool field_turns_writing(const char *at)
{
    if (at[0] != '\xe2')
        return false;
    unsigned char second = (unsigned char)at[1], third = second ? (unsigned char)at[2] : 0;
    return (second == 0x80 && third >= 0xaa && third <= 0xae)
           || (second == 0x81 && third >= 0xa6 && third <= 0xa9);
}

static bool reorders(const char *value)
{
    while (*value && !field_turns_writing(value))
        value++;
    return *value != '\0';
}

bool field_line(const char *field, const char *value, size_t length_max, struct problem *problem)
{
    if (!value)
        return problem_set_field(problem, field, "'%s' is missing.", field);
    if (value[strspn(value, " ")] == '\0')
        return problem_set_field(problem, field, "'%s' must not be empty.", field);
    if (!text_is_line(value, length_max))
        return problem_set_field(problem, field,
            "'%s' must be one line of text of at most %zu bytes.", field, length_max);
    return !reorders(value)
           || problem_set_field(problem, field,
               "'%s' must not hold characters that change the direction of writing"
               " (U+202A to U+202E, U+2066 to U+2069). Type it again by hand.",
               field);
}

bool field_text(const char *field, const char *value, size_t length_max, struct problem *problem)
{
    if (!value)
        return problem_set_field(problem, field, "'%s' is missing.", field);
    size_t length = strlen(value);
    bool good = length <= length_max && text_is_utf8(value, length);
    for (size_t i = 0; good && i < length; i++) {
        unsigned char c = (unsigned char)value[i];
        bool c1_control = c == 0xc2 && (unsigned char)value[i + 1] < 0xa0;
        good = (c >= 0x20 || c == '\n' || c == '\r' || c == '\t') && c != 0x7f && !c1_control;
    }
    return good
           || problem_set_field(
               problem, field, "'%s' must be text of at most %zu bytes.", field, length_max);
}

bool field_language(
    const char *field, const char *value, char ret_tag[LANGUAGE_TAG_SIZE], struct problem *problem)
{
    if (!value)
        return problem_set_field(problem, field, "'%s' is missing.", field);
    return language_tag_canonical(value, ret_tag)
           || problem_set_field(problem, field,
               "'%s' must be a language tag (BCP 47) such as 'vi', 'mn' or 'zh-Hant'.", field);
}

static char upper(char c)
{
    if (c >= 'a' && c <= 'z')
        return (char)(c - 'a' + 'A');
    return c;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool field_country(
    const char *field, const char *value, char ret_country[COUNTRY_SIZE], struct problem *problem)
{
    if (value && strlen(value) == 2) {
        char country[COUNTRY_SIZE] = { upper(value[0]), upper(value[1]), '\0' };
        for (const char *const *known = uloc_getISOCountries(); *known; known++)
            if (strcmp(*known, country) == 0) {
                memcpy(ret_country, country, sizeof country);
                return true;
            }
    }
    return problem_set_field(problem, field,
        "'%s' must be a country's code of two letters (ISO 3166-1) such as 'VN' or 'MN'.", field);
}

bool field_mail_address(const char *field, const char *value, struct problem *problem)
{
    /* RFC 5321 section 4.5.3.1: 64 bytes before the @, 254 in all that fit a path. */
    const char *at = value && text_is_line(value, 254) ? strrchr(value, '@') : NULL;
    bool good = at && at > value && at - value <= 64 && at[1] != '\0' && at[1] != '.'
                && strcspn(value, " ,;<>()[]\\\"") == strlen(value) && strchr(value, '@') == at
                && at[strlen(at) - 1] != '.';
    return good
           || problem_set_field(
               problem, field, "'%s' must be a mail address such as 'name@example.org'.", field);
}

bool field_range(
    const char *field, int64_t value, int64_t least, int64_t most, struct problem *problem)
{
    return (value >= least && value <= most)
           || problem_set_field(problem, field, "'%s' must be a whole number from %lld to %lld.",
               field, (long long)least, (long long)most);
}

/* --- language tags
 * ---------------------------------------------------------------------------------------- */

enum { SUBTAGS_MAX = 17 };

struct subtag {
    char *bytes; /* within the copy that is being put in canonical case */
    size_t length;
};

struct tag_reader {
    struct subtag subtags[SUBTAGS_MAX];
    size_t count;
    size_t at; /* the next one to be read */
};

/* Subtags are 1 to 8 letters and digits, parted by single hyphens; lower-cased on the way. */
static bool split(char *tag, struct tag_reader *reader)
{
    *reader = (struct tag_reader){ 0 };
    for (char *at = tag;; at++) {
        if (reader->count == SUBTAGS_MAX)
            return false;
        struct subtag *subtag = &reader->subtags[reader->count++];
        subtag->bytes = at;
        for (; text_is_letter(*at) || is_digit(*at); at++)
            *at = text_lower(*at);
        subtag->length = (size_t)(at - subtag->bytes);
        if (subtag->length < 1 || subtag->length > 8)
            return false;
        if (*at == '\0')
            return true;
        if (*at != '-')
            return false;
    }
}

static bool all(const struct subtag *subtag, bool (*is)(char c))
{
    for (size_t i = 0; i < subtag->length; i++)
        if (!is(subtag->bytes[i]))
            return false;
    return true;
}

/* The next subtag when it has this many letters (or digits), else NULL; taken when it fits. */
static const struct subtag *take(struct tag_reader *reader, size_t length, bool (*is)(char c))
{
    const struct subtag *subtag = &reader->subtags[reader->at];
    if (reader->at == reader->count || subtag->length != length || !all(subtag, is))
        return NULL;
    reader->at++;
    return subtag;
}

static bool is_variant(const struct subtag *subtag)
{
    return subtag->length >= 5 || (subtag->length == 4 && is_digit(subtag->bytes[0]));
}

static bool is_same(const struct subtag *left, const struct subtag *right)
{
    return left->length == right->length && memcmp(left->bytes, right->bytes, left->length) == 0;
}

static bool take_variants(struct tag_reader *reader)
{
    const struct subtag *first = &reader->subtags[reader->at];
    const struct subtag *end = &reader->subtags[reader->count], *variant = first;
    for (; variant < end && is_variant(variant); variant++)
        for (const struct subtag *before = first; before < variant; before++)
            if (is_same(before, variant))
                return false;
    reader->at += (size_t)(variant - first);
    return true;
}

/* extension = singleton 1*("-" (2*8alphanum)); privateuse = "x" 1*("-" (1*8alphanum)), which ends
 * the tag */
static bool take_extensions(struct tag_reader *reader)
{
    bool seen[128] = { false };
    while (reader->at < reader->count && reader->subtags[reader->at].length == 1) {
        char singleton = reader->subtags[reader->at++].bytes[0];
        size_t least = singleton == 'x' ? 1 : 2;
        size_t first = reader->at;
        if (seen[(unsigned char)singleton])
            return false;
        seen[(unsigned char)singleton] = true;
        while (reader->at < reader->count && reader->subtags[reader->at].length >= least)
            reader->at++;
        if (reader->at == first)
            return false;
    }
    return true;
}

bool language_tag_canonical(const char *tag, char ret_tag[LANGUAGE_TAG_SIZE])
{
    char copy[LANGUAGE_TAG_SIZE];
    struct tag_reader reader;
    if (strlen(tag) >= sizeof copy)
        return false;
    (void)snprintf(copy, sizeof copy, "%s", tag);
    if (!split(copy, &reader))
        return false;
    if (!take(&reader, 2, text_is_letter) && !take(&reader, 3, text_is_letter))
        return false;
    for (int i = 0; i < 3 && take(&reader, 3, text_is_letter); i++)
        ; /* extended language subtags */
    const struct subtag *script = take(&reader, 4, text_is_letter);
    if (script)
        script->bytes[0] = upper(script->bytes[0]);
    const struct subtag *region = take(&reader, 2, text_is_letter);
    if (region) {
        region->bytes[0] = upper(region->bytes[0]);
        region->bytes[1] = upper(region->bytes[1]);
    } else {
        (void)take(&reader, 3, is_digit);
    }
    if (!take_variants(&reader) || !take_extensions(&reader) || reader.at != reader.count)
        return false;
    memcpy(ret_tag, copy, sizeof copy);
    return true;
}
