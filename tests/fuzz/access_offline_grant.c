/*
 * An offline grant as a player brings it back: whatever it is, it is not read unless it is the one that was signed here, byte
 * for byte.  The first byte says how the rest is used: as a grant, or as changes to one that is good.
 */
#include "access/offline_grant.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ID "00000000-0000-7000-8000-0000000000c1"

static struct offline_grants *grants;
static char good[OFFLINE_GRANT_SIZE];

static void open_store(void)
{
    char folder[] = "/tmp/lectern-fuzz-XXXXXX";
    struct problem problem = { 0 };
    struct db *db = mkdtemp(folder) ? db_open(folder, &problem) : NULL;
    grants = db ? offline_grants_open(db, &problem) : NULL;
    if (!grants)
        abort();
    struct offline_grant grant = { .at_ms = INT64_C(1764000000123),
        .play_session_id = ID,
        .participant_id = ID,
        .lecture_id = ID,
        .version = 1 };
    offline_grant_sign(grants, &grant, good);
    /* Not needed any more, and gone before a crash could leave it behind. */
    db_close(db);
    static const char *const files[] = { "store.sqlite", "lock" };
    char path[64];
    for (size_t i = 0; i < 2; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", folder, files[i]);
        (void)unlink(path);
    }
    (void)rmdir(folder);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!grants)
        open_store();
    if (size < 1)
        return 0;
    /* Of the exact size, so that a step beyond the end is seen. */
    size_t count = size - 1;
    char *text = malloc(data[0] & 1 ? sizeof good : count + 1);
    if (!text)
        abort();
    if (data[0] & 1) {
        memcpy(text, good, sizeof good);
        for (size_t i = 1; i + 1 < size; i += 2)
            text[data[i] % strlen(good)] = (char)data[i + 1];
    } else {
        memcpy(text, data + 1, count);
        text[count] = '\0';
    }
    struct offline_grant grant;
    if (offline_grant_read(grants, text, &grant) != (strcmp(text, good) == 0))
        abort();
    free(text);
    return 0;
}
