/*
 * How fast a pass goes, and when it will be over.  The newest tens of seconds count most, so that a slow
 * beginning or a busy minute is forgotten.  Pure; belongs to one thread.
 */
#ifndef LECTERN_CATALOG_JOB_PACE_H
#define LECTERN_CATALOG_JOB_PACE_H

#include <stdint.h>

struct job_pace {
    int64_t duration_ms; /* of the lecture */
    int64_t noted_ms;    /* steady */
    int permille;
    double permille_per_ms; /* 0: not known yet */
};

/* The work begins now. */
void job_pace_begin(struct job_pace *pace, int64_t duration_ms, int64_t now_ms);
void job_pace_note(struct job_pace *pace, int permille, int64_t now_ms);
/* Lecture time prepared in a second, 100: as fast as it plays; -1 before anything is known. */
int64_t job_pace_speed_percent(const struct job_pace *pace);
/* Until 1000 permille; -1 before anything is known. */
int64_t job_pace_left_ms(const struct job_pace *pace);

#endif
