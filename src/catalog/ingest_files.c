#include "catalog/ingest_files.h"

#include "base/files.h"
#include "base/memory.h"
#include "catalog/lecture.h"
#include "media/job.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { COPY_BYTES = 256 * 1024 };

static void below_data(const struct settings *settings, const char *folder, char *ret_path)
{
    (void)snprintf(ret_path, PATH_MAX, "%s/%s", settings->data, folder);
}

static void input_path(const struct settings *settings, const char *job_id, char *ret_path)
{
    (void)snprintf(ret_path, PATH_MAX, "%s/incoming/%s.input", settings->data, job_id);
}

void job_draft_path(const struct settings *settings, const char *job_id, char *ret_path)
{
    (void)snprintf(ret_path, PATH_MAX, "%s/drafts/%s", settings->data, job_id);
}

bool job_folders_make(const struct settings *settings, struct problem *problem)
{
    static const char *const folders[] = { "incoming", "originals", "drafts", "lectures" };
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
        char path[PATH_MAX];
        below_data(settings, folders[i], path);
        if (!folder_make(path, 0750, problem))
            return false;
    }
    return folder_sync(settings->data, problem);
}

/* --- the input -------------------------------------------------------------------------------- */

/* The slow way, where the kernel cannot copy within itself. */
static bool copy_by_hand(int from, int to, off_t at, off_t end)
{
    char *buffer = memory_alloc(COPY_BYTES);
    ssize_t count = 1;
    while (count != 0 && at < end) {
        count = pread(from, buffer, COPY_BYTES, at);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0 || !file_write_at(to, buffer, (size_t)count, at, NULL))
            break;
        at += count;
    }
    int error_number = errno;
    free(buffer);
    errno = error_number;
    /* A file that shrank meanwhile ends early: what is there is what came. */
    return count == 0 || at >= end;
}

static bool copy_all(int from, int to, off_t size)
{
    off_t at = 0, to_at = 0;
    while (at < size) {
        ssize_t count = copy_file_range(from, &at, to, &to_at, (size_t)(size - at), 0);
        if (count > 0 || (count < 0 && errno == EINTR))
            continue;
        if (count < 0 && (errno == ENOSPC || errno == EDQUOT || errno == EIO))
            return false;
        /* Not between these two file systems, or not for this one: from where it stands. */
        return copy_by_hand(from, to, at, size);
    }
    return true;
}

static bool copy_input(int input_fd, const char *path, struct problem *problem)
{
    char draft[PATH_MAX];
    struct stat facts;
    if (snprintf(draft, sizeof draft, "%s.draft", path) >= (int)sizeof draft)
        return problem_set_errno(problem, ENAMETOOLONG, "copy to '%s'", path);
    int fd = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
    if (fd < 0)
        return problem_set_errno(problem, errno, "create '%s'", draft);
    bool done
        = fstat(input_fd, &facts) == 0 && copy_all(input_fd, fd, facts.st_size) && fsync(fd) == 0;
    int error_number = errno;
    (void)close(fd);
    if (done && rename(draft, path) == 0)
        return true;
    if (done)
        error_number = errno;
    (void)unlink(draft);
    return problem_set_errno(problem, error_number, "copy to '%s'", path);
}

/* Through the descriptor: the name that it was opened by may mean another file by now. */
static bool link_input(int input_fd, const char *path)
{
    char by_descriptor[40];
    (void)snprintf(by_descriptor, sizeof by_descriptor, "/proc/self/fd/%d", input_fd);
    return fsync(input_fd) == 0
           && linkat(AT_FDCWD, by_descriptor, AT_FDCWD, path, AT_SYMLINK_FOLLOW) == 0;
}

/* A second name where `link` is set and the file system allows it, else a copy; with its folder synced. */
static bool take(int fd, const char *path, const char *folder, bool link, struct problem *problem)
{
    if (!(link && link_input(fd, path)) && !copy_input(fd, path, problem))
        return false;
    if (folder_sync(folder, problem))
        return true;
    (void)unlink(path);
    return false;
}

bool job_input_take(const struct settings *settings, const char *job_id, int input_fd, bool link,
    struct problem *problem)
{
    char path[PATH_MAX], folder[PATH_MAX];
    input_path(settings, job_id, path);
    below_data(settings, "incoming", folder);
    return take(input_fd, path, folder, link, problem);
}

static void original_path(
    const struct settings *settings, const char *lecture_id, int64_t version, char *ret_path)
{
    (void)snprintf(ret_path, PATH_MAX, "%s/originals/%s/%lld.input", settings->data, lecture_id,
        (long long)version);
}

int job_input_open(const struct settings *settings, const struct job *job, struct problem *problem)
{
    char path[PATH_MAX];
    if (job->pass == JOB_PASS_REST)
        original_path(settings, job->lecture_id, job->version, path);
    else
        input_path(settings, job->id, path);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        problem_set_errno(problem, errno, "open '%s'", path);
    return fd;
}

/* From the job's input to a place below originals/{lecture}. */
static int64_t keep_at(const struct settings *settings, const struct job *job, const char *path,
    struct problem *problem)
{
    char folder[PATH_MAX], originals[PATH_MAX];
    struct stat facts;
    below_data(settings, "originals", originals);
    if (snprintf(folder, sizeof folder, "%s/%s", originals, job->lecture_id) >= PATH_MAX) {
        problem_set_errno(problem, ENAMETOOLONG, "keep '%s'", path);
        return -1;
    }
    int fd = job_input_open(settings, job, problem);
    if (fd < 0)
        return -1;
    (void)unlink(path); /* of a crash before its row */
    bool kept = folder_make(folder, 0750, problem) && folder_sync(originals, problem)
                && take(fd, path, folder, true, problem);
    int64_t bytes = kept && fstat(fd, &facts) == 0 ? facts.st_size : -1;
    (void)close(fd);
    return bytes;
}

int job_original_open(const struct settings *settings, const char *lecture_id, int64_t version,
    struct problem *problem)
{
    char path[PATH_MAX];
    original_path(settings, lecture_id, version, path);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0 && errno == ENOENT)
        problem_set(problem, PROBLEM_CONFLICT,
            "The file of this lecture was not kept, so it cannot be trimmed. Trim it elsewhere, "
            "and send it as a new version.");
    else if (fd < 0)
        problem_set_errno(problem, errno, "open '%s'", path);
    return fd;
}

static void remove_at(char path[PATH_MAX])
{
    (void)unlink(path);
    char *slash = strrchr(path, '/');
    *slash = '\0';
    (void)rmdir(path); /* stays where there are others */
}

int64_t job_original_keep(
    const struct settings *settings, const struct job *job, struct problem *problem)
{
    char path[PATH_MAX];
    original_path(settings, job->lecture_id, job->version, path);
    return keep_at(settings, job, path, problem);
}

static void sound_original_path(
    const struct settings *settings, const char *lecture_id, const char *track_id, char *ret_path)
{
    (void)snprintf(
        ret_path, PATH_MAX, "%s/originals/%s/sound-%s.input", settings->data, lecture_id, track_id);
}

bool sound_original_keep(const struct settings *settings, const struct job *job,
    const char *track_id, struct problem *problem)
{
    char path[PATH_MAX];
    sound_original_path(settings, job->lecture_id, track_id, path);
    return keep_at(settings, job, path, problem) >= 0;
}

int sound_original_open(
    const struct settings *settings, const char *lecture_id, const char *track_id)
{
    char path[PATH_MAX];
    sound_original_path(settings, lecture_id, track_id, path);
    return open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
}

void sound_original_remove(
    const struct settings *settings, const char *lecture_id, const char *track_id)
{
    char path[PATH_MAX];
    sound_original_path(settings, lecture_id, track_id, path);
    remove_at(path);
}

void job_original_remove(const struct settings *settings, const char *lecture_id, int64_t version)
{
    char path[PATH_MAX];
    original_path(settings, lecture_id, version, path);
    remove_at(path);
}

/* --- drafts and versions ---------------------------------------------------------------------- */

bool job_draft_make(const struct settings *settings, const char *job_id, struct problem *problem)
{
    char path[PATH_MAX];
    job_draft_path(settings, job_id, path);
    return folder_remove(path, problem) && folder_make(path, 0750, problem);
}

bool job_draft_publish(
    const struct settings *settings, const struct job *job, struct problem *problem)
{
    char draft[PATH_MAX], version[PATH_MAX], lecture[PATH_MAX], lectures[PATH_MAX];
    job_draft_path(settings, job->id, draft);
    lecture_folder(settings, job->lecture_id, job->version, version);
    below_data(settings, "lectures", lectures);
    if (snprintf(lecture, sizeof lecture, "%s/%s", lectures, job->lecture_id) >= PATH_MAX)
        return problem_set_errno(problem, ENAMETOOLONG, "publish '%s'", version);
    if (!folder_make(lecture, 0750, problem) || !folder_remove(version, problem)
        || !folder_sync(draft, problem) || !folder_sync(lectures, problem))
        return false;
    if (rename(draft, version) != 0)
        return problem_set_errno(problem, errno, "rename to '%s'", version);
    return folder_sync(lecture, problem);
}

bool job_draft_add(const struct settings *settings, const struct job *job, struct problem *problem)
{
    char draft[PATH_MAX], version[PATH_MAX];
    job_draft_path(settings, job->id, draft);
    lecture_folder(settings, job->lecture_id, job->version, version);
    return media_job_adopt(draft, version, problem);
}

void job_version_sweep(const char *folder, const struct renditions *published)
{
    static const char packed[] = ".cmaf";
    DIR *entries = opendir(folder);
    const struct dirent *entry;
    while (entries && (entry = readdir(entries))) {
        char name[RENDITION_NAME_SIZE], path[PATH_MAX];
        size_t length = strlen(entry->d_name), tail = sizeof packed - 1;
        if (length <= tail || strcmp(entry->d_name + length - tail, packed) != 0)
            continue;
        /* What is too long for a rendition's name is none of ours, but lies in our folder. */
        (void)snprintf(name, sizeof name, "%.*s", (int)(length - tail), entry->d_name);
        if (length - tail < sizeof name && renditions_have(published, name))
            continue;
        /* The table first: a packed file without it is found again. */
        if (snprintf(path, sizeof path, "%s/%.*s.json", folder, (int)(length - tail), entry->d_name)
            < PATH_MAX)
            (void)unlink(path);
        if (snprintf(path, sizeof path, "%s/%s", folder, entry->d_name) < PATH_MAX)
            (void)unlink(path);
    }
    if (entries)
        (void)closedir(entries);
}

void job_version_remove(const struct settings *settings, const struct job *job)
{
    char version[PATH_MAX], lecture[PATH_MAX];
    struct problem ignored = { 0 };
    lecture_folder(settings, job->lecture_id, job->version, version);
    (void)folder_remove(version, &ignored);
    if (snprintf(lecture, sizeof lecture, "%s/lectures/%s", settings->data, job->lecture_id)
        < PATH_MAX)
        (void)rmdir(lecture); /* stays where there are other versions */
}

void job_draft_remove(const struct settings *settings, const char *job_id)
{
    char path[PATH_MAX];
    struct problem ignored = { 0 };
    job_draft_path(settings, job_id, path);
    (void)folder_remove(path, &ignored);
}

void job_input_remove(const struct settings *settings, const char *job_id)
{
    char path[PATH_MAX];
    input_path(settings, job_id, path);
    (void)unlink(path);
}
