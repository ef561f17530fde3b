/*
 * A media token from a stranger's cookie: whatever it is, it does not pass unless it is the one that was signed here,
 * byte for byte.  The first byte says how the rest is used: as a token, or as changes to a token that is good.
 */
#include "access/media_token.h"
#include "access/signing_keys.h"
#include "base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SESSION "00000000-0000-7000-8000-0000000000c1"

static struct media_tokens *tokens;
static char good[MEDIA_TOKEN_SIZE];

static void open_store(void)
{
    char folder[] = "/tmp/lectern-fuzz-XXXXXX";
    struct problem problem = { 0 };
    struct settings settings;
    settings_init(&settings);
    struct db *db = mkdtemp(folder) ? db_open(folder, &problem) : NULL;
    tokens = db ? media_tokens_open(db, &settings, &problem) : NULL;
    if (!tokens)
        abort();
    struct caller caller = { .role = CALLER_PARTICIPANT,
        .session_id = SESSION,
        .participant_id = SESSION,
        .cohort_id = SESSION,
        .session_expires_at_ms = clock_now_ms() + INT64_C(86400000) };
    int64_t expires_at_ms;
    media_token_sign(tokens, &caller, good, &expires_at_ms);
    /* Not needed any more, and gone before a crash could leave it behind. */
    db_close(db);
    settings_release(&settings);
    static const char *const files[] = { "store.sqlite", "lock" };
    char path[64];
    for (size_t i = 0; i < 2; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", folder, files[i]);
        (void)unlink(path);
    }
    (void)rmdir(folder);
}

/* Pairs of a place and the character there. */
static void change(char *token, const uint8_t *data, size_t size)
{
    size_t length = strlen(token);
    for (size_t i = 0; i + 1 < size; i += 2)
        token[data[i] % length] = (char)data[i + 1];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!tokens)
        open_store();
    if (size < 1)
        return 0;
    char token[1024];
    size_t count = size - 1 < sizeof token - 1 ? size - 1 : sizeof token - 1;
    if (data[0] & 1) {
        memcpy(token, good, sizeof good);
        change(token, data + 1, count);
    } else {
        memcpy(token, data + 1, count);
        token[count] = '\0';
    }
    struct media_claims claims;
    struct problem problem = { 0 };
    bool passed = media_token_verify(tokens, token, clock_now_ms(), &claims, &problem);
    if (passed != (strcmp(token, good) == 0) && problem.kind != PROBLEM_MEDIA_TOKEN_EXPIRED)
        abort();
    struct signing_keys keys; /* of the store, but parsed by the same rules */
    if (signing_keys_parse(token, &keys) && keys.count > SIGNING_KEYS_MAX)
        abort();
    return 0;
}
