#include "cli/backup.h"

#include "base/clock.h"
#include "base/files.h"
#include "base/text.h"
#include "cli/backup_tree.h"
#include "cli/control.h"
#include "store/db.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Prepared lectures change in passes of minutes: a second look finds nothing, nearly always. */
enum { LOOKS_MAX = 10 };

struct backup {
    const struct settings *settings;
    enum backup_media media;
    char draft[PATH_MAX];
    char data[PATH_MAX];     /* in the draft */
    char log_path[PATH_MAX]; /* below the data folder, or "" */
    struct backup_facts facts;
};

static const char *const media_names[] = {
    [BACKUP_MEDIA_LINK] = "link",
    [BACKUP_MEDIA_COPY] = "copy",
    [BACKUP_MEDIA_NONE] = "none",
};

/* The folder at the path's front, or that the path itself names. */
static bool is_below(const char *path, const char *folder)
{
    size_t length = strlen(folder);
    return strncmp(path, folder, length) == 0 && (path[length] == '\0' || path[length] == '/');
}

static bool is_media(const char *path)
{
    static const char *const folders[] = { "lectures", "originals", "incoming", "handouts" };
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++)
        if (is_below(path, folders[i]))
            return true;
    return false;
}

static bool choose_media(void *data, const char *path)
{
    (void)data;
    return is_media(path) && !strstr(path, ".draft");
}

/* All the rest: keys and whatever else comes to lie there is in a backup unless it is named here. */
static bool choose_rest(void *data, const char *path)
{
    static const char *const left_out[] = { CONTROL_SOCKET, "lock", "drafts", "uploads",
        "store.sqlite", "store.sqlite-wal", "store.sqlite-shm", "store.sqlite-journal" };
    const struct backup *backup = data;
    for (size_t i = 0; i < sizeof left_out / sizeof left_out[0]; i++)
        if (is_below(path, left_out[i]))
            return false;
    /* Addresses of people, which are not to be kept for as long as a backup may be. */
    if (backup->log_path[0] && text_starts_with(path, backup->log_path))
        return false;
    return !is_media(path) && !strstr(path, ".draft");
}

enum backup_media backup_media_for(const struct settings *settings, const char *target)
{
    struct stat data, parent;
    char path[PATH_MAX];
    (void)snprintf(path, sizeof path, "%s", target);
    char *slash = strrchr(path, '/');
    if (slash)
        slash[slash == path ? 1 : 0] = '\0';
    bool same = stat(settings->data, &data) == 0 && stat(slash ? path : ".", &parent) == 0
                && data.st_dev == parent.st_dev;
    return same ? BACKUP_MEDIA_LINK : BACKUP_MEDIA_COPY;
}

static bool refuse_inside(
    const struct settings *settings, const char *draft, struct problem *problem)
{
    char *data = realpath(settings->data, NULL), *place = realpath(draft, NULL);
    bool inside = data && place && is_below(place, data);
    free(data);
    free(place);
    return !inside
           || problem_set(problem, PROBLEM_CONFLICT,
               "A backup cannot lie inside the data folder. Name a folder elsewhere.");
}

static bool begin(struct backup *backup, const char *target, struct problem *problem)
{
    struct stat facts;
    if (lstat(target, &facts) == 0)
        return problem_set(problem, PROBLEM_CONFLICT,
            "'%.200s' is there already. A backup is never written over: name a new folder.",
            target);
    if (snprintf(backup->draft, sizeof backup->draft, "%s.draft.XXXXXX", target)
        >= (int)sizeof backup->draft - 64)
        return problem_set_errno(problem, ENAMETOOLONG, "make '%.100s...'", target);
    if (!mkdtemp(backup->draft)) {
        int error_number = errno;
        backup->draft[0] = '\0';
        return error_number == ENOENT
                   ? problem_set(problem, PROBLEM_CONFLICT,
                       "The folder that '%.200s' would lie in is not there. Make it first.", target)
                   : problem_set_errno(problem, error_number, "make a folder beside '%s'", target);
    }
    (void)snprintf(backup->data, sizeof backup->data, "%.*s/data", PATH_MAX - 8, backup->draft);
    const char *log = backup->settings->access_log_file;
    (void)snprintf(backup->log_path, sizeof backup->log_path, "%s", log[0] == '/' ? "" : log);
    return refuse_inside(backup->settings, backup->draft, problem)
           && folder_make(backup->data, 0700, problem);
}

static bool gather_media(
    struct backup *backup, struct tree_counts *ret_taken, struct problem *problem)
{
    *ret_taken = (struct tree_counts){ 0 };
    if (backup->media == BACKUP_MEDIA_NONE)
        return true;
    bool links = backup->media == BACKUP_MEDIA_LINK;
    bool gathered = tree_take(backup->settings->data, backup->data, links ? TREE_LINK : TREE_COPY,
        choose_media, backup, ret_taken, problem);
    if (links) {
        backup->facts.linked_count += ret_taken->files;
        backup->facts.linked_bytes += ret_taken->bytes;
    }
    return gathered;
}

/* Before the store, and after it until nothing is new: see the header. */
static bool gather(struct backup *backup, struct problem *problem)
{
    char store[PATH_MAX];
    struct tree_counts taken;
    (void)snprintf(store, sizeof store, "%.*s/store.sqlite", PATH_MAX - 16, backup->data);
    if (!gather_media(backup, &taken, problem) || !db_copy(backup->settings->data, store, problem))
        return false;
    int looks = 0;
    do {
        if (!gather_media(backup, &taken, problem))
            return false;
    } while (taken.files > 0 && ++looks < LOOKS_MAX);
    return tree_take(
        backup->settings->data, backup->data, TREE_COPY, choose_rest, backup, &taken, problem);
}

static bool write_file(struct backup *backup, const char *name, const char *bytes, size_t count,
    struct problem *problem)
{
    char path[PATH_MAX];
    (void)snprintf(path, sizeof path, "%.*s/%s", PATH_MAX - 32, backup->draft, name);
    return file_write_whole(path, bytes, count, 0600, problem);
}

/* Those in effect, so that what came from the environment or the command line is not lost. */
static bool write_settings(struct backup *backup, struct problem *problem)
{
    char *bytes = NULL;
    size_t count = 0;
    FILE *stream = open_memstream(&bytes, &count);
    if (!stream)
        return problem_set_errno(problem, errno, "print the settings");
    settings_print_effective(backup->settings, stream);
    bool written = fclose(stream) == 0 && write_file(backup, "lectern.conf", bytes, count, problem);
    free(bytes);
    return written;
}

static bool write_facts(struct backup *backup, struct problem *problem)
{
    char made_at[CLOCK_ISO_SIZE];
    clock_format_iso(clock_wall_ms(), made_at);
    json_t *facts = json_pack("{s:i, s:s, s:I, s:s, s:s}", "format", 1, "version", LECTERN_VERSION,
        "schema", (json_int_t)db_schema_version(), "made_at", made_at, "media",
        media_names[backup->media]);
    char *text = json_dumps(facts, JSON_INDENT(2));
    bool written = write_file(backup, "backup.json", text, strlen(text), problem);
    free(text);
    json_decref(facts);
    return written;
}

static bool seal(struct backup *backup, struct problem *problem)
{
    char *bytes = NULL;
    size_t count = 0;
    struct tree_counts counts;
    FILE *sums = open_memstream(&bytes, &count);
    if (!sums)
        return problem_set_errno(problem, errno, "write the digests");
    bool sealed = tree_seal(backup->draft, sums, &counts, problem);
    sealed = fclose(sums) == 0 && sealed && write_file(backup, "SHA256SUMS", bytes, count, problem);
    free(bytes);
    backup->facts.file_count = counts.files;
    backup->facts.bytes = counts.bytes;
    return sealed;
}

static bool publish(struct backup *backup, const char *target, struct problem *problem)
{
    char parent[PATH_MAX];
    if (renameat2(AT_FDCWD, backup->draft, AT_FDCWD, target, RENAME_NOREPLACE) != 0)
        return errno == EEXIST ? problem_set(problem, PROBLEM_CONFLICT,
                   "'%.200s' was made meanwhile. A backup is never written over.", target)
                               : problem_set_errno(problem, errno, "rename to '%s'", target);
    (void)snprintf(parent, sizeof parent, "%s/..", target);
    return folder_sync(parent, problem);
}

bool backup_make(const struct settings *settings, const char *target, enum backup_media media,
    struct backup_facts *ret_facts, struct problem *problem)
{
    struct backup backup = { .settings = settings, .media = media, .facts = { .media = media } };
    bool made = begin(&backup, target, problem) && gather(&backup, problem)
                && write_settings(&backup, problem) && write_facts(&backup, problem)
                && seal(&backup, problem) && publish(&backup, target, problem);
    if (made) {
        *ret_facts = backup.facts;
    } else if (backup.draft[0]) {
        struct problem ignored = { 0 };
        (void)folder_remove(backup.draft, &ignored);
    }
    return made;
}
