#include "viewing/evidence_succession.h"

#include "viewing/evidence_keys.h"

#include <string.h>

enum { KEYS_TEXT_MAX = 1 << 20 };

void evidence_succession_init(struct evidence_succession *succession, const struct note_key *known)
{
    *succession = (struct evidence_succession){ .known = known };
    text_init(&succession->keys, KEYS_TEXT_MAX);
}

void evidence_succession_release(struct evidence_succession *succession)
{
    text_release(&succession->keys);
}

static bool rotation_is_signed(
    const struct note_key *old_key, const char *key_text, const char *signature_text)
{
    uint8_t signature[NOTE_SIGNATURE_BYTES + 3];
    size_t count;
    struct text message;
    if (!signature_text
        || !text_base64_decode(
            signature_text, strlen(signature_text), signature, sizeof signature, &count)
        || count != NOTE_SIGNATURE_BYTES)
        return false;
    text_init(&message, NOTE_SIZE_MAX);
    evidence_key_message(key_text, &message);
    bool good = note_key_verifies(old_key, message.bytes, message.length, signature);
    text_release(&message);
    return good;
}

const char *evidence_succession_take(struct evidence_succession *succession, const json_t *record)
{
    const char *event = json_string_value(json_object_get(record, "event"));
    const char *text = json_string_value(json_object_get(record, "key"));
    const char *previous = json_string_value(json_object_get(record, "previous"));
    const char *signature = json_string_value(json_object_get(record, "signature"));
    struct note_key key, old_key;
    if (!event || !text || !note_key_read(text, strlen(text), &key))
        return "it tells of no key";
    bool first = strcmp(event, "first") == 0, replaced = strcmp(event, "replaced") == 0;
    if (first == succession->has_key)
        return "its key is in no succession";
    if (!first
        && (!previous || !note_key_read(previous, strlen(previous), &old_key)
            || !note_key_equal(&old_key, &succession->key)))
        return "its key follows another than the log's";
    if (!first && !replaced && !rotation_is_signed(&succession->key, text, signature))
        return "the key before did not sign this one";
    succession->replaced += replaced;
    succession->key = key;
    succession->has_key = true;
    text_printf(&succession->keys, "%s\n", text);
    if (succession->known && note_key_equal(succession->known, &key))
        succession->was_known = true;
    return NULL;
}
