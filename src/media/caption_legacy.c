#include "media/caption_legacy.h"

#include "base/memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unicode/uchar.h>
#include <unicode/ucnv.h>
#include <unicode/ucsdet.h>
#include <unicode/ulocdata.h>
#include <unicode/unorm2.h>
#include <unicode/uset.h>
#include <unicode/ustring.h>

enum {
    CANDIDATES_MAX = 4,
    LANGUAGES_MAX = 24,
    GOOD_PERMILLE = 800,      /* of letters that belong to the language */
    APART_PERMILLE = 60,      /* between the best and what is clearly worse */
    DETECTOR_CONFIDENCE = 30, /* percent */
    GUESS_BYTES_MAX = 256 << 10
};

/* By primary subtag: what people who write the language used before Unicode, the most usual first. */
struct habit {
    const char *languages[LANGUAGES_MAX];
    const char *encodings[CANDIDATES_MAX];
};

// clang-format off
static const struct habit habits[] = {
    { { "ja" }, { "Shift_JIS", "EUC-JP", "ISO-2022-JP" } },
    { { "zh", "yue", "cmn" }, { "GB18030", "Big5" } },
    { { "ko" }, { "EUC-KR" } },
    { { "th" }, { "windows-874" } },
    { { "vi" }, { "windows-1258" } },
    { { "mn" }, { "windows-1251" } },
    { { "ru", "uk" }, { "windows-1251", "KOI8-R", "IBM866", "ISO-8859-5" } },
    { { "be", "bg", "mk", "kk", "ky", "tg", "tt", "ba", "cv", "sr" }, { "windows-1251" } },
    { { "el" }, { "windows-1253" } },
    { { "tr", "az" }, { "windows-1254" } },
    { { "he", "yi" }, { "windows-1255" } },
    { { "ar", "fa", "ur", "ps", "ug" }, { "windows-1256" } },
    { { "lt", "lv", "et" }, { "windows-1257" } },
    { { "pl", "cs", "sk", "hu", "sl", "hr", "bs", "ro", "sq" }, { "windows-1250", "ISO-8859-2" } },
    /* Scripts that never had an encoding of their own in wide use. */
    { { "hi", "bn", "ta", "te", "ml", "kn", "gu", "pa", "mr", "ne", "si", "km", "lo", "my", "ka", "hy", "am", "ti", "bo", "dz" }, { NULL } },
    /* All others write Latin letters. */
    { { NULL }, { "windows-1252" } },
};

/* The names of the WHATWG, and the tables of ICU that browsers' tables come closest to. */
static const struct { const char *name, *table; } encodings[] = {
    { "Shift_JIS",    "ibm-943_P15A-2003" },
    { "EUC-JP",       "EUC-JP" },
    { "ISO-2022-JP",  "ISO-2022-JP" },
    { "GB18030",      "GB18030" },
    { "Big5",         "Big5-HKSCS" },
    { "EUC-KR",       "windows-949-2000" },
    { "windows-874",  "windows-874-2000" },
    { "windows-1250", "windows-1250" },
    { "windows-1251", "windows-1251" },
    { "windows-1252", "windows-1252" },
    { "windows-1253", "windows-1253" },
    { "windows-1254", "windows-1254" },
    { "windows-1255", "windows-1255" },
    { "windows-1256", "windows-1256" },
    { "windows-1257", "windows-1257" },
    { "windows-1258", "windows-1258" },
    { "ISO-8859-2",   "ISO-8859-2" },
    { "ISO-8859-5",   "ISO-8859-5" },
    { "ISO-8859-15",  "ISO-8859-15" },
    { "KOI8-R",       "KOI8-R" },
    { "KOI8-U",       "KOI8-U" },
    { "IBM866",       "IBM866" },
    { "macintosh",    "macintosh" },
};
enum { ENCODING_COUNT = sizeof encodings / sizeof encodings[0] };
/* What people write, where ICU knows it under another table than ours. */
static const struct { const char *alias, *name; } aliases[] = {
    { "SJIS", "Shift_JIS" }, { "cp932", "Shift_JIS" }, { "windows-31j", "Shift_JIS" }, { "MS932", "Shift_JIS" },
    { "GBK", "GB18030" }, { "GB2312", "GB18030" }, { "cp936", "GB18030" }, { "windows-936", "GB18030" },
    { "Big5-HKSCS", "Big5" }, { "cp950", "Big5" }, { "windows-950", "Big5" },
    { "cp949", "EUC-KR" }, { "UHC", "EUC-KR" }, { "windows-949", "EUC-KR" }, { "ks_c_5601-1987", "EUC-KR" },
    { "TIS-620", "windows-874" }, { "ISO-8859-11", "windows-874" }, { "cp874", "windows-874" },
    { "ISO-8859-1", "windows-1252" }, { "latin1", "windows-1252" }, { "ISO-8859-9", "windows-1254" },
    { "cp1250", "windows-1250" }, { "cp1251", "windows-1251" }, { "cp1252", "windows-1252" },
    { "cp1253", "windows-1253" }, { "cp1254", "windows-1254" }, { "cp1255", "windows-1255" },
    { "cp1256", "windows-1256" }, { "cp1257", "windows-1257" }, { "cp1258", "windows-1258" },
    { "cp866", "IBM866" }, { "mac", "macintosh" }, { "MacRoman", "macintosh" },
};
// clang-format on

const char *caption_legacy_find(const char *name)
{
    for (size_t i = 0; i < ENCODING_COUNT; i++)
        if (ucnv_compareNames(name, encodings[i].name) == 0)
            return encodings[i].name;
    for (size_t i = 0; i < sizeof aliases / sizeof aliases[0]; i++)
        if (ucnv_compareNames(name, aliases[i].alias) == 0)
            return caption_legacy_find(aliases[i].name);
    return NULL;
}

static UConverter *open_converter(const char *encoding)
{
    UErrorCode status = U_ZERO_ERROR;
    UConverter *converter = NULL;
    for (size_t i = 0; i < ENCODING_COUNT && !converter; i++)
        if (strcmp(encodings[i].name, encoding) == 0)
            converter = ucnv_open(encodings[i].table, &status);
    if (converter)
        ucnv_setToUCallBack(converter, UCNV_TO_U_CALLBACK_STOP, NULL, NULL, NULL, &status);
    if (U_SUCCESS(status))
        return converter;
    ucnv_close(converter);
    return NULL;
}

/* Bytes without a character become C1 controls in ICU's tables, or private ones: no text has either. */
static bool is_text_code(UChar32 code)
{
    int8_t type = u_charType(code);
    return code != 0 && (code < 0x7f || code >= 0xa0) && code != 0xfffd
           && type != U_PRIVATE_USE_CHAR && type != U_UNASSIGNED && type != U_SURROGATE;
}

/* One character of well-formed UTF-8 (RFC 3629 section 3). */
static size_t next_code(const char *bytes, UChar32 *ret_code)
{
    unsigned char first = (unsigned char)bytes[0];
    size_t length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    UChar32 code = length == 1 ? first : first & (0xff >> (length + 1));
    for (size_t i = 1; i < length; i++)
        code = code << 6 | (bytes[i] & 0x3f);
    *ret_code = code;
    return length;
}

static bool is_text(const char *bytes, size_t count)
{
    for (size_t at = 0; at < count;) {
        UChar32 code;
        at += next_code(bytes + at, &code);
        if (!is_text_code(code))
            return false;
    }
    return true;
}

/* windows-1258 writes tones as marks of their own: put together, every font draws them. */
static bool compose(UChar **units, int32_t *count)
{
    UErrorCode status = U_ZERO_ERROR;
    const UNormalizer2 *composer = unorm2_getNFCInstance(&status);
    UChar *composed = memory_alloc((size_t)(*count + 1) * sizeof **units);
    int32_t length = unorm2_normalize(composer, *units, *count, composed, *count + 1, &status);
    if (U_FAILURE(status)) {
        free(composed);
        return false;
    }
    free(*units);
    *units = composed;
    *count = length;
    return true;
}

static bool append_utf8(const UChar *units, int32_t count, struct text *out)
{
    UErrorCode status = U_ZERO_ERROR;
    int32_t room = count * 3 + 1, length = 0;
    char *bytes = memory_alloc((size_t)room);
    (void)u_strToUTF8(bytes, room, &length, units, count, &status);
    bool good = U_SUCCESS(status) && is_text(bytes, (size_t)length);
    if (good)
        text_append(out, bytes, (size_t)length);
    free(bytes);
    return good;
}

static bool decode_line(
    UConverter *converter, bool composes, const char *bytes, size_t count, struct text *out)
{
    UErrorCode status = U_ZERO_ERROR;
    int32_t room = (int32_t)count * 2 + 8;
    UChar *units = memory_alloc((size_t)room * sizeof *units);
    int32_t length = ucnv_toUChars(converter, units, room, bytes, (int32_t)count, &status);
    bool decoded = U_SUCCESS(status) && (!composes || compose(&units, &length))
                   && append_utf8(units, length, out);
    free(units);
    return decoded;
}

bool caption_legacy_decode(
    const char *encoding, const char *bytes, size_t count, struct text *out, size_t *ret_line)
{
    UConverter *converter = open_converter(encoding);
    bool composes = strcmp(encoding, "windows-1258") == 0, decoded = converter != NULL;
    size_t line = 1;
    /* None of these encodings has a line's end within a character, and all begin a line anew. */
    for (size_t at = 0; decoded && at < count; line++) {
        size_t end = at;
        while (end < count && bytes[end] != '\n' && bytes[end] != '\r')
            end++;
        decoded = decode_line(converter, composes, bytes + at, end - at, out);
        if (!decoded)
            break;
        size_t ends = end < count;
        if (end + 1 < count && bytes[end] == '\r' && bytes[end + 1] == '\n')
            ends = 2;
        text_append(out, bytes + end, ends);
        at = end + ends;
    }
    ucnv_close(converter);
    *ret_line = line;
    return decoded && !out->overflowed;
}

static const struct habit *find_habit(const char *language)
{
    size_t length = strcspn(language, "-"), last = sizeof habits / sizeof habits[0] - 1;
    for (size_t i = 0; i < last; i++)
        for (size_t k = 0; k < LANGUAGES_MAX && habits[i].languages[k]; k++)
            if (strlen(habits[i].languages[k]) == length
                && strncmp(habits[i].languages[k], language, length) == 0)
                return &habits[i];
    return &habits[last];
}

/* The letters of a language as CLDR lists them, and the signs that stand in texts of any. */
static USet *open_letters(const char *language)
{
    static const char signs[]
        = "[\\u00a0-\\u00bf\\u00d7\\u00f7\\u2010-\\u2027\\u2030-\\u205e\\u20ac\\u2116\\u2122"
          "\\u2190-\\u2193\\u2200-\\u22ff\\u25a0-\\u25ff\\u2605\\u2606\\u266a-\\u266f"
          "\\u3000-\\u3020\\u30fb\\u30fc\\uff01-\\uff5e\\u0300\\u0301\\u0303\\u0309\\u0323]";
    UErrorCode status = U_ZERO_ERROR;
    UChar pattern[sizeof signs];
    u_charsToUChars(signs, pattern, sizeof signs);
    USet *letters = uset_openPattern(pattern, sizeof signs - 1, &status);
    ULocaleData *locale = ulocdata_open(language, &status);
    if (U_SUCCESS(status)) {
        for (int kind = ULOCDATA_ES_STANDARD; kind <= ULOCDATA_ES_AUXILIARY; kind++) {
            USet *some = ulocdata_getExemplarSet(
                locale, NULL, USET_ADD_CASE_MAPPINGS, (ULocaleDataExemplarSetType)kind, &status);
            uset_addAll(letters, some);
            uset_close(some);
        }
    }
    ulocdata_close(locale);
    return letters;
}

/* Permille of the characters outside ASCII that such a text has.  From a capital behind a small letter on, as tables make
 * them that have the two in each other's places, the rest of a word counts as none. */
static int score(const USet *letters, const char *bytes, size_t count)
{
    int64_t all = 0, good = 0;
    bool small = false, odd = false;
    for (size_t i = 0; i < count;) {
        UChar32 code;
        i += next_code(bytes + i, &code);
        bool letter = u_isUAlphabetic(code);
        odd = letter && (odd || (small && u_isUUppercase(code)));
        small = letter && u_isULowercase(code);
        if (code < 0x80)
            continue;
        all++;
        good += uset_contains(letters, code) && !odd;
    }
    return all > 0 ? (int)(good * 1000 / all) : 1000;
}

struct candidate {
    const char *encoding;
    struct text text;
    int score;
};

static size_t find_candidates(const char *language, const char *bytes, size_t count,
    struct candidate candidates[CANDIDATES_MAX])
{
    const struct habit *habit = find_habit(language);
    USet *letters = open_letters(language);
    size_t found = 0;
    for (size_t i = 0; i < CANDIDATES_MAX && habit->encodings[i]; i++) {
        struct candidate *candidate = &candidates[found];
        size_t line;
        candidate->encoding = habit->encodings[i];
        text_init(&candidate->text, count * 4 + 16);
        if (caption_legacy_decode(candidate->encoding, bytes, count, &candidate->text, &line)) {
            candidate->score = score(letters, candidate->text.bytes, candidate->text.length);
            found++;
        } else {
            text_release(&candidate->text);
        }
    }
    uset_close(letters);
    return found;
}

/* What ICU's detector, which knows how often letters follow each other, takes these bytes for; NULL: not sure. */
static const char *ask_detector(const char *bytes, size_t count)
{
    UErrorCode status = U_ZERO_ERROR;
    const char *name = NULL;
    UCharsetDetector *detector = ucsdet_open(&status);
    ucsdet_setText(detector, bytes, (int32_t)count, &status);
    const UCharsetMatch *match = ucsdet_detect(detector, &status);
    if (U_SUCCESS(status) && match && ucsdet_getConfidence(match, &status) >= DETECTOR_CONFIDENCE)
        name = caption_legacy_find(ucsdet_getName(match, &status));
    ucsdet_close(detector);
    return name;
}

static struct caption_guess choose(
    const struct candidate *candidates, size_t count, const char *bytes, size_t byte_count)
{
    struct caption_guess guess = { 0 };
    const struct candidate *best = NULL;
    for (size_t i = 0; i < count; i++)
        if (candidates[i].score >= GOOD_PERMILLE && (!best || candidates[i].score > best->score))
            best = &candidates[i];
    if (!best)
        return guess;
    guess.encoding = best->encoding;
    const char *detected = ask_detector(bytes, byte_count);
    for (size_t i = 0; i < count; i++) {
        const struct candidate *rival = &candidates[i];
        if (rival == best || rival->score + APART_PERMILLE < best->score
            || text_equal(rival->text.bytes, best->text.bytes))
            continue;
        if (detected == rival->encoding)
            return (struct caption_guess){ rival->encoding, NULL };
        if (detected != best->encoding)
            guess.other = rival->encoding;
    }
    return guess;
}

struct caption_guess caption_legacy_guess(const char *language, const char *bytes, size_t count)
{
    struct candidate candidates[CANDIDATES_MAX];
    size_t found = find_candidates(language, bytes, count, candidates);
    struct caption_guess guess
        = choose(candidates, found, bytes, count < GUESS_BYTES_MAX ? count : GUESS_BYTES_MAX);
    for (size_t i = 0; i < found; i++)
        text_release(&candidates[i].text);
    return guess;
}
