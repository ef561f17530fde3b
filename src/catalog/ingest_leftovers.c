/* What a crash leaves behind, found by comparing the folders with the store (ingest_files.h). */
#include "catalog/ingest_files.h"

#include "base/files.h"
#include "base/secure.h"
#include "base/text.h"

#include <dirent.h>
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Sets of names; a member is its key. */
struct known {
    struct db *db;
    json_t *jobs;      /* "{job}.input" of jobs whose file has not become an original */
    json_t *originals; /* "{lecture}/{version}.input", "{lecture}/sound-{track}.input" */
    json_t *versions;  /* "{lecture}/{version}" */
    json_t *captions;  /* "{lecture}/{language}.vtt" */
    json_t *handouts;  /* "{id}" */
};

static bool read_set(
    struct db_connection *connection, json_t *set, const char *sql, struct problem *problem)
{
    struct db_rows *rows = db_query(connection, sql, "");
    while (db_next(rows))
        (void)json_object_set_new(set, db_text(rows, 0), json_true());
    return db_end(rows, problem);
}

static bool read_known(struct db_connection *connection, void *data, struct problem *problem)
{
    struct known *known = data;
    return read_set(connection, known->jobs,
               "SELECT id || '.input' FROM job"
               " WHERE state IN ('queued', 'running', 'paused') AND pass <> 'rest'",
               problem)
           && read_set(connection, known->originals,
               "SELECT lecture_id || '/' || CAST(version AS TEXT) || '.input' FROM lecture_version"
               " WHERE original_bytes IS NOT NULL",
               problem)
           && read_set(connection, known->originals,
               "SELECT lecture_id || '/sound-' || id || '.input' FROM sound_track"
               " WHERE state <> 'removed'",
               problem)
           && read_set(connection, known->versions,
               "SELECT lecture_id || '/' || CAST(version AS TEXT) FROM lecture_version"
               " WHERE collected_at_ms IS NULL",
               problem)
           && read_set(connection, known->captions,
               "SELECT lecture_id || '/' || language || '.vtt' FROM caption_track", problem)
           && read_set(connection, known->handouts, "SELECT id FROM handout", problem);
}

/* Calls visit for every entry but . and .. ; a folder that is not there has none. */
static void for_each_entry(const char *folder, const struct known *known,
    void (*visit)(const char *path, const char *name, const struct known *known))
{
    DIR *entries = opendir(folder);
    const struct dirent *entry;
    while (entries && (entry = readdir(entries))) {
        char path[PATH_MAX];
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0
            || snprintf(path, sizeof path, "%s/%s", folder, entry->d_name) >= PATH_MAX)
            continue;
        visit(path, entry->d_name, known);
    }
    if (entries)
        (void)closedir(entries);
}

static void remove_all(const char *path)
{
    struct problem ignored = { 0 };
    (void)folder_remove(path, &ignored);
}

static void visit_draft(const char *path, const char *name, const struct known *known)
{
    (void)name;
    (void)known;
    remove_all(path);
}

static void visit_input(const char *path, const char *name, const struct known *known)
{
    if (!json_object_get(known->jobs, name))
        remove_all(path);
}

/* The last `parts` names of a path, parted by slashes. */
static const char *tail(const char *path, int parts)
{
    const char *at = path + strlen(path);
    while (at > path && (at[-1] != '/' || --parts > 0))
        at--;
    return at;
}

static void visit_caption_file(const char *path, const char *name, const struct known *known)
{
    /* .../{lecture}/{version}/captions/{name} */
    char key[PATH_MAX];
    (void)snprintf(key, sizeof key, "%.36s/%s", tail(path, 4), name);
    if (!json_object_get(known->captions, key))
        remove_all(path);
}

static void visit_original(const char *path, const char *name, const struct known *known)
{
    (void)name;
    if (!json_object_get(known->originals, tail(path, 2)))
        remove_all(path);
}

static void visit_originals(const char *path, const char *name, const struct known *known)
{
    if (!secure_is_uuid(name))
        return; /* not ours */
    for_each_entry(path, known, visit_original);
    (void)rmdir(path); /* stays unless it is empty */
}

/* Where the store cannot say which ones are published, all stay. */
static void sweep_version(const char *path, int64_t version, const struct known *known)
{
    char lecture_id[UUID_TEXT_SIZE];
    struct renditions published = { 0 };
    struct problem ignored = { 0 };
    (void)snprintf(lecture_id, sizeof lecture_id, "%.36s", tail(path, 2));
    if (renditions_read(known->db, lecture_id, version, &published, &ignored))
        job_version_sweep(path, &published);
}

static void visit_handout(const char *path, const char *name, const struct known *known)
{
    if (secure_begins_with_uuid(name) && !json_object_get(known->handouts, name))
        remove_all(path);
}

static void visit_version(const char *path, const char *name, const struct known *known)
{
    int64_t version;
    char captions[PATH_MAX];
    if (!text_to_int64(name, strlen(name), 1, INT64_MAX, &version))
        return; /* not ours */
    if (!json_object_get(known->versions, tail(path, 2)))
        remove_all(path);
    else
        sweep_version(path, version, known);
    if (snprintf(captions, sizeof captions, "%s/captions", path) < PATH_MAX)
        for_each_entry(captions, known, visit_caption_file);
}

static void visit_lecture(const char *path, const char *name, const struct known *known)
{
    if (!secure_is_uuid(name))
        return; /* not ours */
    for_each_entry(path, known, visit_version);
    (void)rmdir(path); /* stays unless it is empty */
}

static void visit_folder(const struct settings *settings, const char *name,
    const struct known *known,
    void (*visit)(const char *path, const char *name, const struct known *known))
{
    char folder[PATH_MAX];
    if (snprintf(folder, sizeof folder, "%s/%s", settings->data, name) < PATH_MAX)
        for_each_entry(folder, known, visit);
}

bool job_leftovers_remove(struct db *db, const struct settings *settings, struct problem *problem)
{
    struct known known
        = { db, json_object(), json_object(), json_object(), json_object(), json_object() };
    bool done = db_read(db, read_known, &known, problem);
    if (done) {
        visit_folder(settings, "incoming", &known, visit_input);
        visit_folder(settings, "originals", &known, visit_originals);
        visit_folder(settings, "drafts", &known, visit_draft);
        visit_folder(settings, "lectures", &known, visit_lecture);
        visit_folder(settings, "handouts", &known, visit_handout);
    }
    json_decref(known.jobs);
    json_decref(known.originals);
    json_decref(known.versions);
    json_decref(known.captions);
    json_decref(known.handouts);
    return done;
}
