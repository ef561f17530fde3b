#include "catalog/renditions.h"

#include "base/text.h"

#include <stdio.h>

bool renditions_have(const struct renditions *renditions, const char *name)
{
    for (size_t i = 0; i < renditions->count; i++)
        if (text_equal(renditions->names[i], name))
            return true;
    return false;
}

bool renditions_add(struct renditions *renditions, const char *name)
{
    if (renditions_have(renditions, name))
        return true;
    if (renditions->count == MEDIA_RENDITIONS_MAX)
        return false;
    char *bytes = renditions->bytes[renditions->count];
    (void)snprintf(bytes, sizeof renditions->bytes[0], "%s", name);
    renditions->names[renditions->count++] = bytes;
    return true;
}

struct reading {
    const char *lecture_id;
    int64_t version;
    struct renditions *renditions;
};

static bool read_names(struct db_connection *connection, void *data, struct problem *problem)
{
    const struct reading *reading = data;
    reading->renditions->count = 0;
    struct db_rows *rows = db_query(connection,
        "SELECT name FROM rendition WHERE lecture_id = $1 AND version = $2 ORDER BY name", "ti",
        reading->lecture_id, reading->version);
    while (db_next(rows))
        if (!renditions_add(reading->renditions, db_text(rows, 0)))
            problem_set(problem, PROBLEM_STORAGE, "too many renditions of lecture '%s'",
                reading->lecture_id);
    return db_end(rows, problem) && !problem_is_set(problem);
}

bool renditions_read(struct db *db, const char *lecture_id, int64_t version,
    struct renditions *ret_renditions, struct problem *problem)
{
    struct reading reading = { lecture_id, version, ret_renditions };
    return db_read(db, read_names, &reading, problem);
}

struct media_version *renditions_open(const struct renditions *renditions, const char *folder,
    const char *language, struct problem *problem)
{
    return media_version_open_only(folder, renditions->names, renditions->count, language, problem);
}
