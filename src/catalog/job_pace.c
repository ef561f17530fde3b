#include "catalog/job_pace.h"

/* KNOWN_MS: what came before says little.  MEMORY_MS: how long a change of speed takes to show. */
enum { KNOWN_MS = 2000, MEMORY_MS = 20000 };

void job_pace_begin(struct job_pace *pace, int64_t duration_ms, int64_t now_ms)
{
    *pace = (struct job_pace){ .duration_ms = duration_ms, .noted_ms = now_ms };
}

void job_pace_note(struct job_pace *pace, int permille, int64_t now_ms)
{
    int64_t took_ms = now_ms - pace->noted_ms;
    int step = permille - pace->permille;
    /* Small steps are gathered: by themselves they jump. */
    if (step <= 0 || took_ms < KNOWN_MS)
        return;
    double newest = (double)step / (double)took_ms;
    double weight = (double)took_ms / (double)(took_ms + MEMORY_MS);
    pace->permille_per_ms = pace->permille_per_ms > 0
                                ? pace->permille_per_ms * (1 - weight) + newest * weight
                                : newest;
    pace->permille = permille;
    pace->noted_ms = now_ms;
}

int64_t job_pace_speed_percent(const struct job_pace *pace)
{
    if (pace->permille_per_ms <= 0 || pace->duration_ms <= 0)
        return -1;
    return (int64_t)(pace->permille_per_ms * (double)pace->duration_ms / 10);
}

int64_t job_pace_left_ms(const struct job_pace *pace)
{
    if (pace->permille_per_ms <= 0)
        return -1;
    return (int64_t)((1000 - pace->permille) / pace->permille_per_ms);
}
