/*
 * Who asks: the outcome of looking at a session cookie.  Fields that do not belong to the role are
 * empty.  What they may do is asked of permission.h.
 */
#ifndef LECTERN_ACCESS_CALLER_H
#define LECTERN_ACCESS_CALLER_H

#include "base/problem.h"
#include "base/secure.h"

#include <stdbool.h>
#include <stdint.h>

enum caller_role { CALLER_ANYONE, CALLER_PARTICIPANT, CALLER_ORGANIZER, CALLER_ADMIN };

struct caller {
    enum caller_role role;
    char session_id[UUID_TEXT_SIZE];
    char participant_id[UUID_TEXT_SIZE]; /* CALLER_PARTICIPANT */
    char cohort_id[UUID_TEXT_SIZE];      /* CALLER_PARTICIPANT */
    char program_id[UUID_TEXT_SIZE];     /* CALLER_PARTICIPANT */
    char staff_id[UUID_TEXT_SIZE];       /* staff */
    int64_t session_expires_at_ms;
};

#endif
