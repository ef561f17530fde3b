#include "catalog/handout.h"

#include "base/clock.h"
#include "base/files.h"
#include "base/memory.h"
#include "base/secure.h"
#include "base/text.h"
#include "catalog/audit.h"
#include "catalog/fields.h"
#include "catalog/lecture.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define DRAFT_SUFFIX ".draft"

/* --- kinds ------------------------------------------------------------------------------------ */

enum sniff { SNIFF_MAGIC, SNIFF_PDF, SNIFF_TEXT };

struct kind {
    const char *ending, *type;
    enum sniff sniff;
    const char *magic;
    size_t magic_bytes;
};

#define ZIP SNIFF_MAGIC, "PK\x03\x04", 4
#define OLE SNIFF_MAGIC, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8
#define OFFICE "application/vnd.openxmlformats-officedocument."
#define OPEN "application/vnd.oasis.opendocument."

// clang-format off
static const struct kind kinds[] = {
    { "pdf",  "application/pdf", SNIFF_PDF, NULL, 0 },
    { "docx", OFFICE "wordprocessingml.document", ZIP },
    { "xlsx", OFFICE "spreadsheetml.sheet", ZIP },
    { "pptx", OFFICE "presentationml.presentation", ZIP },
    { "odt",  OPEN "text", ZIP },
    { "ods",  OPEN "spreadsheet", ZIP },
    { "odp",  OPEN "presentation", ZIP },
    { "epub", "application/epub+zip", ZIP },
    { "zip",  "application/zip", ZIP },
    { "doc",  "application/msword", OLE },
    { "xls",  "application/vnd.ms-excel", OLE },
    { "ppt",  "application/vnd.ms-powerpoint", OLE },
    { "txt",  "text/plain", SNIFF_TEXT, NULL, 0 },
    { "csv",  "text/csv", SNIFF_TEXT, NULL, 0 },
    { "md",   "text/markdown", SNIFF_TEXT, NULL, 0 },
    { "rtf",  "application/rtf", SNIFF_MAGIC, "{\\rtf", 5 },
    { "png",  "image/png", SNIFF_MAGIC, "\x89PNG\r\n\x1a\n", 8 },
    { "jpg",  "image/jpeg", SNIFF_MAGIC, "\xff\xd8\xff", 3 },
    { "jpeg", "image/jpeg", SNIFF_MAGIC, "\xff\xd8\xff", 3 },
    { "gif",  "image/gif", SNIFF_MAGIC, "GIF8", 4 },
    { "webp", "image/webp", SNIFF_MAGIC, "RIFF", 4 },
};
// clang-format on

static const struct kind *find_kind(const char *file_name)
{
    const char *dot = strrchr(file_name, '.');
    for (size_t i = 0; dot && dot > file_name && i < sizeof kinds / sizeof kinds[0]; i++)
        if (strcasecmp(dot + 1, kinds[i].ending) == 0)
            return &kinds[i];
    return NULL;
}

static bool fits(const struct kind *kind, const char *bytes, size_t count)
{
    switch (kind->sniff) {
    case SNIFF_PDF: /* ISO 32000-1 annex H: within the first 1024 bytes */
        return memmem(bytes, count, "%PDF-", 5) != NULL;
    case SNIFF_TEXT:
        return memchr(bytes, '\0', count) == NULL;
    case SNIFF_MAGIC:
        break;
    }
    return count >= kind->magic_bytes && memcmp(bytes, kind->magic, kind->magic_bytes) == 0;
}

const char *handout_type(const char *file_name, const char *bytes, size_t count)
{
    const struct kind *kind = find_kind(file_name);
    return kind && fits(kind, bytes, count) ? kind->type : NULL;
}

/* --- taking one in ---------------------------------------------------------------------------- */

struct handout_draft {
    struct db *db;
    const struct settings *settings;
    char id[UUID_TEXT_SIZE], lecture_id[UUID_TEXT_SIZE];
    char file_name[FILE_NAME_BYTES_MAX + 1];
    const char *staff_id, *type;
    char head[HANDOUT_SNIFF_BYTES];
    int64_t size_bytes;
    int fd;
};

void handout_path(const struct settings *settings, const char *handout_id, char *ret_path)
{
    (void)snprintf(ret_path, PATH_MAX, "%s/handouts/%s", settings->data, handout_id);
}

static void draft_path(const struct handout_draft *draft, char *ret_path)
{
    (void)snprintf(
        ret_path, PATH_MAX, "%s/handouts/%s" DRAFT_SUFFIX, draft->settings->data, draft->id);
}

static bool check_name(const char *file_name, struct problem *problem)
{
    if (!file_name)
        return problem_set_field(
            problem, "name", "'name' must be the file's name, such as slides.pdf.");
    if (!field_line("name", file_name, FILE_NAME_BYTES_MAX, problem))
        return false;
    if (strpbrk(file_name, "/\\"))
        return problem_set_field(problem, "name", "'name' must be a file's name without folders.");
    return find_kind(file_name)
           || problem_set_field(problem, "name",
               "'name' must end in one of pdf, docx, xlsx, pptx, odt, ods, odp, doc, xls, ppt, "
               "epub, zip, txt, csv, md, rtf, png, jpg, gif, webp.");
}

static bool check_room(struct db_connection *connection, void *data, struct problem *problem)
{
    const struct handout_draft *draft = data;
    struct db_rows *rows = db_query(connection,
        "SELECT l.current_version, (SELECT COUNT(*) FROM handout h WHERE h.lecture_id = l.id)"
        " FROM lecture l WHERE l.id = $1",
        "t", draft->lecture_id);
    bool found = db_next(rows), ready = found && !db_is_null(rows, 0);
    int64_t count = found ? db_int(rows, 1) : 0;
    if (!db_end(rows, problem))
        return false;
    if (!found)
        return problem_set(problem, PROBLEM_NOT_FOUND, "no lecture '%.40s'", draft->lecture_id);
    if (!ready)
        return problem_set(problem, PROBLEM_CONFLICT,
            "This lecture is not ready yet. Add its handouts when it is.");
    return count < draft->settings->handouts_max
           || problem_set(problem, PROBLEM_CONFLICT,
               "A lecture can have at most %lld handouts. Remove one first.",
               (long long)draft->settings->handouts_max);
}

static bool open_draft(struct handout_draft *draft, struct problem *problem)
{
    char path[PATH_MAX];
    (void)snprintf(path, sizeof path, "%s/handouts", draft->settings->data);
    if (!folder_make(path, 0750, problem))
        return false;
    draft_path(draft, path);
    draft->fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
    return draft->fd >= 0 || problem_set_errno(problem, errno, "create '%s'", path);
}

struct handout_draft *handout_begin(struct db *db, const struct settings *settings,
    const char *lecture_id, const char *file_name, struct problem *problem)
{
    if (!check_name(file_name, problem))
        return NULL;
    struct handout_draft *draft = memory_zeroed(1, sizeof *draft);
    draft->db = db;
    draft->settings = settings;
    draft->fd = -1;
    secure_make_uuid(draft->id);
    (void)snprintf(draft->lecture_id, sizeof draft->lecture_id, "%s", lecture_id);
    (void)snprintf(draft->file_name, sizeof draft->file_name, "%s", file_name);
    if (db_read(db, check_room, draft, problem) && open_draft(draft, problem))
        return draft;
    free(draft);
    return NULL;
}

bool handout_write(
    struct handout_draft *draft, const void *bytes, size_t count, struct problem *problem)
{
    if (draft->size_bytes + (int64_t)count > draft->settings->handout_bytes_max)
        return problem_set(problem, PROBLEM_BODY_TOO_LARGE,
            "A handout can have at most %lld bytes.",
            (long long)draft->settings->handout_bytes_max);
    if (draft->size_bytes < HANDOUT_SNIFF_BYTES) {
        size_t at = (size_t)draft->size_bytes, room = HANDOUT_SNIFF_BYTES - at;
        memcpy(draft->head + at, bytes, count < room ? count : room);
    }
    if (!file_write_at(draft->fd, bytes, count, draft->size_bytes, NULL))
        return problem_set_errno(problem, errno, "write handout %s", draft->id);
    draft->size_bytes += (int64_t)count;
    return true;
}

static bool add_row(struct db_connection *connection, void *data, struct problem *problem)
{
    struct handout_draft *draft = data;
    return check_room(connection, draft, problem)
           && db_exec(connection, NULL, problem,
               "INSERT INTO handout (id, lecture_id, file_name, content_type, size_bytes,"
               "  created_at_ms) VALUES ($1, $2, $3, $4, $5, $6)",
               "ttttii", draft->id, draft->lecture_id, draft->file_name, draft->type,
               draft->size_bytes, clock_now_ms())
           && audit_add(connection, draft->staff_id, "handout-add", draft->lecture_id,
               draft->file_name, problem);
}

/* Whole and synced under its name before the row promises it. */
static bool publish(struct handout_draft *draft, struct problem *problem)
{
    char from[PATH_MAX], to[PATH_MAX], folder[PATH_MAX];
    draft_path(draft, from);
    handout_path(draft->settings, draft->id, to);
    (void)snprintf(folder, sizeof folder, "%s/handouts", draft->settings->data);
    if (fsync(draft->fd) != 0 || rename(from, to) != 0)
        return problem_set_errno(problem, errno, "keep '%s'", to);
    if (folder_sync(folder, problem) && db_write(draft->db, add_row, draft, problem))
        return true;
    (void)unlink(to);
    return false;
}

static json_t *handout_of(const char *id, const char *name, const char *type, int64_t size_bytes)
{
    return json_pack("{s:s, s:s, s:s, s:I}", "id", id, "name", name, "content_type", type,
        "size_bytes", (json_int_t)size_bytes);
}

bool handout_finish(struct handout_draft *draft, const char *staff_id, json_t **ret_handout,
    struct problem *problem)
{
    size_t head
        = draft->size_bytes < HANDOUT_SNIFF_BYTES ? (size_t)draft->size_bytes : HANDOUT_SNIFF_BYTES;
    draft->staff_id = staff_id;
    draft->type = draft->size_bytes > 0 ? handout_type(draft->file_name, draft->head, head) : NULL;
    bool done = draft->type ? publish(draft, problem)
                            : problem_set_field(problem, "name",
                                "'name' must say what the file is: its bytes are of another kind.");
    if (done && ret_handout)
        *ret_handout = handout_of(draft->id, draft->file_name, draft->type, draft->size_bytes);
    handout_abandon(draft);
    return done;
}

void handout_abandon(struct handout_draft *draft)
{
    char path[PATH_MAX];
    if (!draft)
        return;
    draft_path(draft, path);
    (void)close(draft->fd);
    (void)unlink(path); /* one that was published is not there any more */
    free(draft);
}

/* --- those that are there --------------------------------------------------------------------- */

struct removal {
    const char *lecture_id, *handout_id, *staff_id;
};

static bool remove_row(struct db_connection *connection, void *data, struct problem *problem)
{
    const struct removal *removal = data;
    int64_t changed;
    if (!db_exec(connection, &changed, problem,
            "DELETE FROM handout WHERE id = $1 AND lecture_id = $2", "tt", removal->handout_id,
            removal->lecture_id))
        return false;
    if (changed != 1)
        return problem_set(problem, PROBLEM_NOT_FOUND, "no handout '%.40s'", removal->handout_id);
    return audit_add(connection, removal->staff_id, "handout-remove", removal->lecture_id,
        removal->handout_id, problem);
}

bool handout_remove(struct db *db, const struct settings *settings, const char *lecture_id,
    const char *handout_id, const char *staff_id, struct problem *problem)
{
    struct removal removal = { lecture_id, handout_id, staff_id };
    char path[PATH_MAX];
    if (!db_write(db, remove_row, &removal, problem))
        return false;
    /* A row that was there names a UUID; the row goes first, so that none promises what is not there. */
    handout_path(settings, handout_id, path);
    return unlink(path) == 0 || errno == ENOENT
           || problem_set_errno(problem, errno, "remove '%s'", path);
}

json_t *handouts_read(struct db_rows *rows, struct problem *problem)
{
    json_t *all = json_object();
    while (db_next(rows)) {
        json_t *handouts = json_object_get(all, db_text(rows, 0));
        if (!handouts) {
            handouts = json_array();
            (void)json_object_set_new(all, db_text(rows, 0), handouts);
        }
        (void)json_array_append_new(handouts,
            handout_of(db_text(rows, 1), db_text(rows, 2), db_text(rows, 3), db_int(rows, 4)));
    }
    if (!db_end(rows, problem)) {
        json_decref(all);
        return NULL;
    }
    return all;
}

json_t *handouts_json(const json_t *handouts, const char *lecture_id)
{
    json_t *list = json_object_get(handouts, lecture_id);
    return list ? json_incref(list) : json_array();
}
