#include "cli/house.h"

#include "base/clock.h"
#include "base/files.h"

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const folders[] = { "incoming", "uploads", "drafts", "lectures" };

bool data_path(
    const struct settings *settings, const char *path, char *ret_path, struct problem *problem)
{
    int length = path[0] == '/' ? snprintf(ret_path, PATH_MAX, "%s", path)
                                : snprintf(ret_path, PATH_MAX, "%s/%s", settings->data, path);
    return length < PATH_MAX
           || problem_set(problem, PROBLEM_SETTING, "The path '%.100s...' is too long.", ret_path);
}

static bool make_folders(const struct settings *settings, struct problem *problem)
{
    char path[PATH_MAX];
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++)
        if (!data_path(settings, folders[i], path, problem) || !folder_make(path, 0700, problem))
            return false;
    return true;
}

bool become_owner(const char *folder, struct problem *problem)
{
    struct stat facts;
    if (geteuid() != 0 || stat(folder, &facts) != 0 || facts.st_uid == 0)
        return true;
    if (setgroups(1, &facts.st_gid) != 0 || setresgid(facts.st_gid, facts.st_gid, facts.st_gid) != 0
        || setresuid(facts.st_uid, facts.st_uid, facts.st_uid) != 0)
        return problem_set_errno(problem, errno, "become the owner of '%s'", folder);
    return true;
}

/* Lectures, people and their records lie here. */
bool data_folder_check(const char *folder, struct problem *problem)
{
    struct stat facts;
    if (stat(folder, &facts) != 0)
        return problem_set(problem, PROBLEM_SETTING,
            errno == ENOENT ? "The data folder '%s' is not there. 'lectern init' makes it."
                            : "The data folder '%s' cannot be looked at. Is this the right user?",
            folder);
    if (!S_ISDIR(facts.st_mode))
        return problem_set(problem, PROBLEM_SETTING, "'%s' is not a folder.", folder);
    /* What root writes here, its owner could not write again. */
    if (geteuid() == 0 && facts.st_uid != 0)
        return problem_set(problem, PROBLEM_SETTING,
            "The data folder '%s' belongs to another user. Start the server as its owner.", folder);
    if ((facts.st_mode & 077) != 0)
        return problem_set(problem, PROBLEM_SETTING,
            "Others can read the data folder '%s'. Run 'chmod 700' on it.", folder);
    if (access(folder, R_OK | W_OK | X_OK) != 0)
        return problem_set(problem, PROBLEM_SETTING,
            "The data folder '%s' cannot be written by this user. Run the command as its owner.",
            folder);
    return true;
}

// clang-format off
static const char newest_sql[] =
    "SELECT MAX(at_ms) FROM ("
    "  SELECT MAX(alive_at_ms) AS at_ms FROM server_run"
    "  UNION ALL SELECT MAX(at_ms) AS at_ms FROM (SELECT at_ms FROM delivery ORDER BY id DESC LIMIT 100) AS latest_delivery"
    "  UNION ALL SELECT MAX(received_at_ms) AS at_ms"
    "    FROM (SELECT received_at_ms FROM heartbeat ORDER BY id DESC LIMIT 100) AS latest_heartbeat"
    "  UNION ALL SELECT MAX(credited_at_ms) AS at_ms"
    "    FROM (SELECT credited_at_ms FROM watch_interval ORDER BY id DESC LIMIT 100) AS latest_interval"
    ") AS newest";
// clang-format on

/* A server writes its sign of life every second, so little can be newer than it. */
static bool read_newest(struct db_connection *connection, void *data, struct problem *problem)
{
    int64_t newest_ms = 0;
    struct db_rows *rows = db_query(connection, newest_sql, "");
    while (db_next(rows))
        newest_ms = db_int(rows, 0);
    if (!db_end(rows, problem))
        return false;
    *(int64_t *)data = newest_ms;
    return true;
}

/* Takes the db; NULL where it is. */
static struct db *follow_clock(struct db *db, struct problem *problem)
{
    int64_t newest_ms = 0;
    if (db && !db_read(db, read_newest, &newest_ms, problem)) {
        db_close(db);
        return NULL;
    }
    clock_not_before(newest_ms);
    return db;
}

struct db *store_open(const struct settings *settings, struct problem *problem)
{
    if (!data_folder_check(settings->data, problem) || !make_folders(settings, problem))
        return NULL;
    return follow_clock(db_open(settings->data, problem), problem);
}

struct db *store_open_beside(
    const struct settings *settings, int held_lock, struct problem *problem)
{
    return follow_clock(db_open_beside(settings->data, held_lock, problem), problem);
}

bool house_open(
    struct house *house, const struct settings *settings, bool with_ingest, struct problem *problem)
{
    *house = (struct house){ .db = store_open(settings, problem) };
    if (house->db && with_ingest)
        house->ingest = ingest_start(
            house->db, settings, &(struct ingest_options){ .leaves_rest = true }, problem);
    if (house->db && (house->ingest || !with_ingest))
        return true;
    house_close(house);
    return false;
}

void house_close(struct house *house)
{
    if (house->ingest)
        ingest_stop(house->ingest);
    db_close(house->db);
    *house = (struct house){ 0 };
}
