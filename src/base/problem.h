/*
 * What went wrong, from the store to the browser: a kind, which carries a status,
 * a stable code and a sentence for the person, and a detail for the log.
 *
 * Functions that can fail take "struct problem *problem" last, return false or NULL,
 * and leave their outputs untouched.  A problem holds the first cause: setting it again
 * while it is set changes nothing, so a clean-up path cannot hide what really happened.
 *
 * Ownership  a problem owns nothing; declare it as "struct problem problem = {0}".
 * Threads    a problem belongs to one thread at a time.
 */
#ifndef LECTERN_BASE_PROBLEM_H
#define LECTERN_BASE_PROBLEM_H

#include <stdbool.h>

enum problem_kind {
    PROBLEM_NONE = 0,
    /* requests */
    PROBLEM_BAD_REQUEST,   /* malformed in a way that no field can be named for */
    PROBLEM_INVALID_FIELD, /* a named field of the body or query is wrong: see problem_set_field */
    PROBLEM_NOT_FOUND,
    PROBLEM_METHOD_NOT_ALLOWED,
    PROBLEM_NOT_ACCEPTABLE,
    PROBLEM_REQUEST_TIMEOUT,
    PROBLEM_CONFLICT,
    PROBLEM_PRECONDITION_FAILED,
    PROBLEM_BODY_TOO_LARGE,
    PROBLEM_TARGET_TOO_LONG,
    PROBLEM_UNSUPPORTED_TYPE,
    PROBLEM_RANGE_NOT_SATISFIABLE,
    PROBLEM_EXPECTATION_FAILED,
    PROBLEM_MISDIRECTED,
    PROBLEM_TOO_MANY_REQUESTS,
    PROBLEM_HEADERS_TOO_LARGE,
    PROBLEM_NOT_IMPLEMENTED,
    PROBLEM_HTTP_VERSION,
    PROBLEM_CROSS_ORIGIN, /* Origin of a changing request is not ours (CSRF) */
    /* access */
    PROBLEM_SIGN_IN_NEEDED,
    PROBLEM_WRONG_PASSWORD,
    PROBLEM_INVITATION_UNKNOWN,
    PROBLEM_INVITATION_EXPIRED,
    PROBLEM_INVITATION_REVOKED,
    PROBLEM_SESSION_EXPIRED,
    PROBLEM_MEDIA_TOKEN_MISSING,
    PROBLEM_MEDIA_TOKEN_INVALID,
    PROBLEM_MEDIA_TOKEN_EXPIRED,
    PROBLEM_ACCESS_REVOKED,
    PROBLEM_FORBIDDEN,
    PROBLEM_COHORT_NOT_OPEN, /* before the cohort's first or after its last day */
    /* viewing */
    PROBLEM_LEASE_TAKEN, /* another device plays now */
    PROBLEM_PLAY_SESSION_UNKNOWN,
    PROBLEM_GROUP_CODE_UNKNOWN, /* no open group of the caller's cohort has it */
    /* media */
    PROBLEM_MEDIA_REFUSED, /* detail is the sentence for the admin, see media/probe.h */
    PROBLEM_CAPTIONS_REFUSED,
    PROBLEM_UPLOAD_OFFSET, /* tus: 409 */
    PROBLEM_UPLOAD_GONE,
    PROBLEM_UPLOAD_LOCKED,   /* tus: 423, passing */
    PROBLEM_UPLOAD_CHECKSUM, /* tus: 460 */
    PROBLEM_UPLOAD_FINAL,    /* tus: 403 */
    PROBLEM_UPLOAD_QUOTA,    /* 413 */
    PROBLEM_TUS_VERSION,     /* 412 */
    /* the house */
    PROBLEM_STORAGE_FULL, /* 507 */
    PROBLEM_STORAGE,      /* disk or store failed */
    PROBLEM_BUSY,         /* 503, passing; retry */
    PROBLEM_SETTING,      /* a setting or command line is wrong: for the operator */
    PROBLEM_SCHEMA_NEWER, /* the data folder belongs to a newer version */
    PROBLEM_INTERNAL,
    PROBLEM_KIND_COUNT
};

struct problem {
    enum problem_kind kind;
    char field[48]; /* JSON pointer or parameter name, for PROBLEM_INVALID_FIELD; else "" */
    char
        detail[400]; /* for the log, and for the person where the kind says so: see problem_faces */
    char particulars
        [256]; /* what the detail says, for programs: a JSON object with a "code", or "" */
};

struct problem_face {
    int status;       /* HTTP status */
    const char *code; /* stable: clients and translations key on it */
    const char *
        sentence; /* English; what happened and what the reader can do.  Pages translate by code. */
    bool detail_is_public; /* the detail names the reader's own input, and may be shown */
};

extern const struct problem_face problem_faces[PROBLEM_KIND_COUNT];

/* Returns false, so callers can "return problem_set(...)".  Keeps the first cause. */
bool problem_set(struct problem *problem, enum problem_kind kind, const char *detail_format, ...)
    __attribute__((format(printf, 3, 4)));

/* PROBLEM_INVALID_FIELD with the field's name; the detail says what is expected of it. */
bool problem_set_field(struct problem *problem, const char *field, const char *expected_format, ...)
    __attribute__((format(printf, 3, 4)));

/* The same for a failed system call: ENOSPC and EDQUOT become PROBLEM_STORAGE_FULL; ENOMEM,
 * EMFILE and ENFILE, which pass, PROBLEM_BUSY; others PROBLEM_STORAGE. */
bool problem_set_errno(struct problem *problem, int error_number, const char *doing_format, ...)
    __attribute__((format(printf, 3, 4)));

bool problem_is_set(const struct problem *problem);
void problem_clear(struct problem *problem);

/* What a person may read: the detail where it is public and present, else the kind's sentence. */
const char *problem_sentence(const struct problem *problem);

#endif
