/* What a bundle says of a record beside its line: pure readers. */
#include "viewing/evidence_bundle.h"

#include "base/text.h"

#include <string.h>

static const char at_mark[] = "{\"at_ms\":";
static const char previous_mark[] = ",\"previous\":";
static const char record_mark[] = ",\"record\":";
static const char subject_mark[] = ",\"subject\":\"";

static bool take(const char **at, const char *end, const char *mark)
{
    size_t length = strlen(mark);
    if ((size_t)(end - *at) < length || memcmp(*at, mark, length) != 0)
        return false;
    *at += length;
    return true;
}

static bool take_number(const char **at, const char *end, int64_t *ret_number)
{
    size_t length = 0;
    while (*at + length < end && (*at)[length] >= '0' && (*at)[length] <= '9')
        length++;
    if (!text_to_int64(*at, length, 0, INT64_MAX, ret_number))
        return false;
    *at += length;
    return true;
}

/* The subject is the last of a document: its length is that of an id, or of nothing. */
static const char *find_subject(const char *at, const char *end, char ret_id[UUID_TEXT_SIZE])
{
    static const size_t id_lengths[] = { UUID_TEXT_SIZE - 1, 0 };
    for (size_t i = 0; i < 2; i++) {
        size_t count = sizeof subject_mark - 1 + id_lengths[i] + 2;
        const char *mark = end - count;
        if ((size_t)(end - at) <= count || memcmp(end - 2, "\"}", 2) != 0
            || memcmp(mark, subject_mark, sizeof subject_mark - 1) != 0)
            continue;
        memcpy(ret_id, mark + sizeof subject_mark - 1, id_lengths[i]);
        ret_id[id_lengths[i]] = '\0';
        return id_lengths[i] == 0 || secure_is_uuid(ret_id) ? mark : NULL;
    }
    return NULL;
}

bool evidence_document_read(const char *text, size_t length, struct evidence_document *ret_document)
{
    struct evidence_document document = { .previous = -1 };
    const char *at = text, *end = text + length;
    if (!take(&at, end, at_mark) || !take_number(&at, end, &document.at_ms)
        || !take(&at, end, previous_mark)
        || (!take(&at, end, "null") && !take_number(&at, end, &document.previous))
        || !take(&at, end, record_mark))
        return false;
    const char *record_end = find_subject(at, end, document.subject_id);
    if (!record_end)
        return false;
    document.record = at;
    document.record_length = (size_t)(record_end - at);
    *ret_document = document;
    return true;
}

static bool read_salt(const char *digits, uint8_t ret_salt[EVIDENCE_SALT_BYTES])
{
    for (size_t i = 0; i < EVIDENCE_SALT_BYTES; i++) {
        int high = text_hex_value(digits[2 * i]), low = text_hex_value(digits[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        ret_salt[i] = (uint8_t)(high * 16 + low);
    }
    return true;
}

bool bundle_record_read(const char *line, size_t length, struct bundle_record *ret_record)
{
    struct bundle_record record;
    const char *at = line, *end = line + length;
    if (!take_number(&at, end, &record.seq) || (line[0] == '0' && at - line > 1)
        || !take(&at, end, "\t") || end - at < 2 * EVIDENCE_SALT_BYTES + 1
        || !read_salt(at, record.salt))
        return false;
    at += 2 * EVIDENCE_SALT_BYTES;
    if (!take(&at, end, "\t"))
        return false;
    record.document = at;
    record.length = (size_t)(end - at);
    *ret_record = record;
    return true;
}
