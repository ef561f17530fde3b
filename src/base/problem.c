#include "base/problem.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

// clang-format off
const struct problem_face problem_faces[PROBLEM_KIND_COUNT] = {
    /* status, stable code, what happened and what the reader can do, detail is public */
    [PROBLEM_NONE] = { 200, "none", "Nothing is wrong.", false },
    [PROBLEM_BAD_REQUEST] = { 400, "bad-request", "The request could not be understood. Reload the page and try again.", false },
    [PROBLEM_INVALID_FIELD] = { 422, "invalid-field", "One of the values is not right. Correct it and send it again.", true },
    [PROBLEM_NOT_FOUND] = { 404, "not-found", "There is nothing here, or it is not there any more. Go back to where you came from.", false },
    [PROBLEM_METHOD_NOT_ALLOWED] = { 405, "method-not-allowed", "This address does not take that kind of request.", false },
    [PROBLEM_NOT_ACCEPTABLE] = { 406, "not-acceptable", "This is not available in the format you asked for.", true },
    [PROBLEM_REQUEST_TIMEOUT] = { 408, "request-timeout", "The request took too long to arrive. Try again.", false },
    [PROBLEM_CONFLICT] = { 409, "conflict", "This does not fit with what is there now. Reload and look again.", true },
    [PROBLEM_PRECONDITION_FAILED] = { 412, "precondition-failed", "Somebody changed this meanwhile. Reload and look again.", false },
    [PROBLEM_BODY_TOO_LARGE] = { 413, "body-too-large", "That is larger than this server accepts here.", true },
    [PROBLEM_TARGET_TOO_LONG] = { 414, "target-too-long", "The address is too long.", false },
    [PROBLEM_UNSUPPORTED_TYPE] = { 415, "unsupported-type", "This address does not take that type of content.", true },
    [PROBLEM_RANGE_NOT_SATISFIABLE] = { 416, "range-not-satisfiable", "The requested part lies outside of the file.", false },
    [PROBLEM_EXPECTATION_FAILED] = { 417, "expectation-failed", "The request expects something that this server does not do.", false },
    [PROBLEM_MISDIRECTED] = { 421, "misdirected", "This server does not answer for that name.", false },
    [PROBLEM_TOO_MANY_REQUESTS] = { 429, "too-many-requests", "Too many attempts. Wait a minute and try again.", false },
    [PROBLEM_HEADERS_TOO_LARGE] = { 431, "headers-too-large", "The browser sent more headers than this server accepts. Clear this site's cookies and try again.", false },
    [PROBLEM_NOT_IMPLEMENTED] = { 501, "not-implemented", "This server does not do that.", false },
    [PROBLEM_HTTP_VERSION] = { 505, "http-version", "This server speaks HTTP/1.1 and HTTP/2.", false },
    [PROBLEM_CROSS_ORIGIN] = { 403, "cross-origin", "This request came from another site and was not carried out.", false },

    [PROBLEM_SIGN_IN_NEEDED] = { 401, "sign-in-needed", "Open your personal link again, or sign in.", false },
    [PROBLEM_WRONG_PASSWORD] = { 401, "wrong-password", "The mail address or the password is not right. Check both and try again.", false },
    [PROBLEM_INVITATION_UNKNOWN] = { 404, "invitation-unknown", "This link is not known here. Check that you copied all of it, or ask the organizer for a new one.", false },
    [PROBLEM_INVITATION_EXPIRED] = { 403, "invitation-expired", "This link has expired. Ask the organizer for a new one.", false },
    [PROBLEM_INVITATION_REVOKED] = { 403, "invitation-revoked", "This link is no longer valid. Ask the organizer for a new one.", false },
    [PROBLEM_SESSION_EXPIRED] = { 401, "session-expired", "You have been signed out. Open your personal link again, or sign in.", false },
    [PROBLEM_MEDIA_TOKEN_MISSING] = { 401, "media-token-missing", "Open the lecture from your program page to watch it.", false },
    [PROBLEM_MEDIA_TOKEN_INVALID] = { 403, "media-token-invalid", "This viewing permission is not valid. Open the lecture again from your program page.", false },
    [PROBLEM_MEDIA_TOKEN_EXPIRED] = { 401, "media-token-expired", "Your viewing permission has expired. Open the lecture again from your program page.", false },
    [PROBLEM_ACCESS_REVOKED] = { 403, "access-revoked", "Your access has been withdrawn. Ask the organizer.", false },
    [PROBLEM_FORBIDDEN] = { 403, "forbidden", "You are not allowed to do this. Ask an admin if you should be.", false },
    [PROBLEM_COHORT_NOT_OPEN] = { 403, "cohort-not-open", "The lectures are not open now. Your program page says when they are; ask the organizer if you need more time.", false },

    [PROBLEM_LEASE_TAKEN] = { 409, "lease-taken", "Another device of yours is playing now. Press play here to continue on this one.", false },
    [PROBLEM_PLAY_SESSION_UNKNOWN] = { 404, "play-session-unknown", "This playback is not known any more. Reload the page to go on.", false },
    [PROBLEM_GROUP_CODE_UNKNOWN] = { 404, "group-code-unknown", "No screen shows this code now. Look at the screen again, and type its six digits.", false },

    [PROBLEM_MEDIA_REFUSED] = { 422, "media-refused", "This file cannot be used as a lecture.", true },
    [PROBLEM_CAPTIONS_REFUSED] = { 422, "captions-refused", "This caption file cannot be used.", true },
    [PROBLEM_UPLOAD_OFFSET] = { 409, "upload-offset", "The upload goes on at another place than was sent. Ask for the offset and continue there.", false },
    [PROBLEM_UPLOAD_GONE] = { 404, "upload-gone", "This upload does not exist any more. Start it again.", false },
    [PROBLEM_UPLOAD_LOCKED] = { 423, "upload-locked", "This upload is in use by another connection. Try again in a moment.", false },
    [PROBLEM_UPLOAD_CHECKSUM] = { 460, "upload-checksum", "This piece was damaged on the way, and nothing of it was kept. Send it again.", false },
    [PROBLEM_UPLOAD_FINAL] = { 403, "upload-final", "This upload is made of others, and takes no bytes itself.", false },
    [PROBLEM_UPLOAD_QUOTA] = { 413, "upload-quota", "There is no room for more unfinished uploads. Finish or remove some, then send this file again.", true },
    [PROBLEM_TUS_VERSION] = { 412, "tus-version", "This server speaks tus 1.0.0.", false },

    [PROBLEM_STORAGE_FULL] = { 507, "storage-full", "The server's disk is full. Tell the person who runs it; what was stored is safe.", false },
    [PROBLEM_STORAGE] = { 500, "storage", "The server could not store this. Try again, and tell the person who runs it.", false },
    [PROBLEM_BUSY] = { 503, "busy", "The server is busy. Try again in a moment.", false },
    [PROBLEM_SETTING] = { 500, "setting", "A setting is not right.", true },
    [PROBLEM_SCHEMA_NEWER] = { 500, "schema-newer", "The data folder was written by a newer version of Lectern. Install that version or a later one.", true },
    [PROBLEM_INTERNAL] = { 500, "internal", "Something went wrong in the server. Try again, and tell the person who runs it.", false },
};
// clang-format on

__attribute__((format(printf, 3, 0))) static void set_detail(
    struct problem *problem, enum problem_kind kind, const char *format, va_list arguments)
{
    problem->kind = kind;
    (void)vsnprintf(problem->detail, sizeof problem->detail, format, arguments);
}

bool problem_set(struct problem *problem, enum problem_kind kind, const char *detail_format, ...)
{
    if (problem->kind != PROBLEM_NONE)
        return false;
    va_list arguments;
    va_start(arguments, detail_format);
    set_detail(problem, kind, detail_format, arguments);
    va_end(arguments);
    return false;
}

bool problem_set_field(struct problem *problem, const char *field, const char *expected_format, ...)
{
    if (problem->kind != PROBLEM_NONE)
        return false;
    va_list arguments;
    va_start(arguments, expected_format);
    set_detail(problem, PROBLEM_INVALID_FIELD, expected_format, arguments);
    va_end(arguments);
    (void)snprintf(problem->field, sizeof problem->field, "%s", field);
    return false;
}

static enum problem_kind kind_of(int error_number)
{
    switch (error_number) {
    case ENOSPC:
    case EDQUOT:
        return PROBLEM_STORAGE_FULL;
    case ENOMEM:
    case EMFILE:
    case ENFILE:
        return PROBLEM_BUSY;
    default:
        return PROBLEM_STORAGE;
    }
}

bool problem_set_errno(struct problem *problem, int error_number, const char *doing_format, ...)
{
    if (problem->kind != PROBLEM_NONE)
        return false;
    va_list arguments;
    va_start(arguments, doing_format);
    set_detail(problem, kind_of(error_number), doing_format, arguments);
    va_end(arguments);
    size_t used = strlen(problem->detail);
    (void)snprintf(
        problem->detail + used, sizeof problem->detail - used, ": %s", strerror(error_number));
    return false;
}

bool problem_is_set(const struct problem *problem)
{
    return problem->kind != PROBLEM_NONE;
}

void problem_clear(struct problem *problem)
{
    problem->kind = PROBLEM_NONE;
    problem->field[0] = '\0';
    problem->detail[0] = '\0';
    problem->particulars[0] = '\0';
}

const char *problem_sentence(const struct problem *problem)
{
    const struct problem_face *face = &problem_faces[problem->kind];
    return face->detail_is_public && problem->detail[0] != '\0' ? problem->detail : face->sentence;
}
