#include "access/signing_keys.h"

#include "base/text.h"

#include <stdio.h>
#include <string.h>

static const int64_t number_most = 999999999;

static bool parse_key(const char *text, size_t length, struct signing_key *ret_key)
{
    const char *colon = memchr(text, ':', length);
    size_t digits = colon ? (size_t)(colon - text) : 0, count;
    return colon && text_to_int64(text, digits, 1, number_most, &ret_key->number)
           && length - digits - 1 == TEXT_BASE64URL_32
           && text_base64url_decode(
               colon + 1, TEXT_BASE64URL_32, ret_key->bytes, SECRET_BYTES, &count);
}

bool signing_keys_parse(const char *text, struct signing_keys *ret_keys)
{
    struct signing_keys keys = { 0 };
    bool good = true, more = true;
    while (good && more) {
        size_t length = strcspn(text, " ");
        good = keys.count < SIGNING_KEYS_MAX && parse_key(text, length, &keys.keys[keys.count]);
        for (size_t i = 0; good && i < keys.count; i++)
            good = keys.keys[i].number != keys.keys[keys.count].number;
        keys.count++;
        more = text[length] == ' ';
        text += length + more;
    }
    if (good)
        *ret_keys = keys;
    secure_wipe(&keys, sizeof keys);
    return good;
}

struct loading {
    const char *name;
    struct signing_keys *keys;
};

static bool read_or_make(struct db_connection *connection, void *data, struct problem *problem)
{
    static const char make_sql[]
        = "INSERT INTO setting (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING";
    const struct loading *loading = data;
    char secret[SECRET_TEXT_SIZE], first[SECRET_TEXT_SIZE + 2];
    secure_make_secret(secret);
    (void)snprintf(first, sizeof first, "1:%s", secret);
    bool made = db_exec(connection, NULL, problem, make_sql, "tt", loading->name, first);
    secure_wipe(secret, sizeof secret);
    secure_wipe(first, sizeof first);
    if (!made)
        return false;
    struct db_rows *rows
        = db_query(connection, "SELECT value FROM setting WHERE name = $1", "t", loading->name);
    bool good = db_next(rows) && signing_keys_parse(db_text(rows, 0), loading->keys);
    return db_end(rows, problem)
           && (good
               || problem_set(
                   problem, PROBLEM_STORAGE, "the stored setting '%s' is damaged", loading->name));
}

bool signing_keys_load(
    struct db *db, const char *name, struct signing_keys *ret_keys, struct problem *problem)
{
    struct loading loading = { name, ret_keys };
    return db_write(db, read_or_make, &loading, problem);
}
