#include "catalog/library.h"

#include "base/clock.h"
#include "base/memory.h"
#include "catalog/library_snapshot.h"

#include <pthread.h>
#include <stdlib.h>

struct library {
    struct db *db;
    const struct settings *settings;
    pthread_mutex_t
        refresh_lock;     /* one refresh at a time, so that none brings back an older picture */
    pthread_mutex_t lock; /* held for a search or a swap, never for work */
    struct library_snapshot *snapshot;
};

static bool refresh(struct library *library, const char *reopened_id, struct problem *problem)
{
    (void)pthread_mutex_lock(&library->refresh_lock);
    /* Only a refresh replaces the snapshot, so this one may be read without the other lock. */
    struct library_snapshot *old = library->snapshot;
    struct library_snapshot *snapshot
        = library_snapshot_read(library->db, library->settings, problem);
    if (snapshot) {
        library_snapshot_open_media(snapshot, library->db, library->settings, old, reopened_id);
        (void)pthread_mutex_lock(&library->lock);
        library->snapshot = snapshot;
        (void)pthread_mutex_unlock(&library->lock);
        library_snapshot_free(old);
    }
    (void)pthread_mutex_unlock(&library->refresh_lock);
    return snapshot != NULL;
}

bool library_refresh(struct library *library, struct problem *problem)
{
    return refresh(library, NULL, problem);
}

bool library_refresh_lecture(
    struct library *library, const char *lecture_id, struct problem *problem)
{
    return refresh(library, lecture_id, problem);
}

struct library *library_open(
    struct db *db, const struct settings *settings, struct problem *problem)
{
    struct library *library = memory_zeroed(1, sizeof *library);
    library->db = db;
    library->settings = settings;
    (void)pthread_mutex_init(&library->refresh_lock, NULL);
    (void)pthread_mutex_init(&library->lock, NULL);
    if (!library_refresh(library, problem)) {
        library_free(library);
        return NULL;
    }
    return library;
}

void library_free(struct library *library)
{
    if (!library)
        return;
    library_snapshot_free(library->snapshot);
    (void)pthread_mutex_destroy(&library->refresh_lock);
    (void)pthread_mutex_destroy(&library->lock);
    free(library);
}

/* What claims lead to; a sentence about the days only for lectures that are theirs. */
static enum problem_kind look_up(const struct library_snapshot *snapshot,
    const struct media_claims *claims, const struct library_version *version, int64_t now_ms)
{
    if (!version || !version->media)
        return PROBLEM_NOT_FOUND;
    if (claims->staff) {
        bool in_scope = claims->organizer_id[0] == '\0'
                        || library_places_have(
                            &snapshot->of_organizers, claims->organizer_id, version->lecture_id);
        return in_scope ? PROBLEM_NONE : PROBLEM_NOT_FOUND;
    }
    const struct library_cohort *cohort = library_snapshot_cohort(snapshot, claims->cohort_id);
    if (!version->published || !cohort
        || !library_places_have(&snapshot->of_programs, cohort->program_id, version->lecture_id))
        return PROBLEM_NOT_FOUND;
    return now_ms >= cohort->opens_at_ms && now_ms < cohort->open_until_ms
               ? PROBLEM_NONE
               : PROBLEM_COHORT_NOT_OPEN;
}

struct media_version *library_find(struct library *library, const struct media_claims *claims,
    const char *lecture_id, int64_t version, struct problem *problem)
{
    int64_t now_ms = clock_now_ms();
    struct media_version *media = NULL;
    enum problem_kind kind = PROBLEM_NOT_FOUND;
    (void)pthread_mutex_lock(&library->lock);
    if (version > 0) {
        const struct library_version *found
            = library_snapshot_version(library->snapshot, lecture_id, version);
        kind = look_up(library->snapshot, claims, found, now_ms);
        if (kind == PROBLEM_NONE)
            media = media_version_retain(found->media);
    }
    (void)pthread_mutex_unlock(&library->lock);
    if (!media)
        problem_set(problem, kind, "lecture '%.40s' version %lld", lecture_id, (long long)version);
    return media;
}

bool library_find_handout(struct library *library, const struct media_claims *claims,
    const char *lecture_id, int64_t version, const char *handout_id,
    struct library_handout *ret_handout, struct problem *problem)
{
    int64_t now_ms = clock_now_ms();
    enum problem_kind kind = PROBLEM_NOT_FOUND;
    (void)pthread_mutex_lock(&library->lock);
    if (version > 0)
        kind = look_up(library->snapshot, claims,
            library_snapshot_version(library->snapshot, lecture_id, version), now_ms);
    const struct library_handout *found
        = kind == PROBLEM_NONE ? library_snapshot_handout(library->snapshot, lecture_id, handout_id)
                               : NULL;
    if (found)
        *ret_handout = *found;
    (void)pthread_mutex_unlock(&library->lock);
    return found
           || problem_set(problem, kind == PROBLEM_NONE ? PROBLEM_NOT_FOUND : kind,
               "handout '%.40s' of lecture '%.40s'", handout_id, lecture_id);
}

bool library_organizer_has(
    struct library *library, const char *organizer_id, const char *lecture_id)
{
    (void)pthread_mutex_lock(&library->lock);
    bool has = library_places_have(&library->snapshot->of_organizers, organizer_id, lecture_id);
    (void)pthread_mutex_unlock(&library->lock);
    return has;
}

int64_t library_current_version(struct library *library, const char *lecture_id)
{
    (void)pthread_mutex_lock(&library->lock);
    const struct library_version *found
        = library_snapshot_version(library->snapshot, lecture_id, 0);
    int64_t version = found ? found->version : 0;
    (void)pthread_mutex_unlock(&library->lock);
    return version;
}

json_t *library_faults(struct library *library)
{
    json_t *faults = json_array();
    (void)pthread_mutex_lock(&library->lock);
    for (size_t i = 0; i < library->snapshot->version_count; i++) {
        const struct library_version *version = &library->snapshot->versions[i];
        if (!version->media)
            (void)json_array_append_new(
                faults, json_pack("{s:s, s:I, s:s}", "lecture_id", version->lecture_id, "version",
                            (json_int_t)version->version, "detail", version->fault));
    }
    (void)pthread_mutex_unlock(&library->lock);
    return faults;
}

size_t library_fault_count(struct library *library)
{
    size_t count = 0;
    (void)pthread_mutex_lock(&library->lock);
    for (size_t i = 0; i < library->snapshot->version_count; i++)
        count += library->snapshot->versions[i].media ? 0 : 1;
    (void)pthread_mutex_unlock(&library->lock);
    return count;
}
