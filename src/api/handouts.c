/*
 * Handouts.  An admin's upload is streamed to the disk: a buffer is filled on the loop, written by a disk thread, and the
 * peer is held back meanwhile.  A participant's download is checked from memory, like a segment, and sent from a mapped
 * file as an attachment that no browser runs.
 */
#include "catalog/handout.h"

#include "access/permission.h"
#include "api/attachment.h"
#include "api/handlers.h"
#include "api/request.h"
#include "base/memory.h"
#include "base/text.h"
#include "http/file_body.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum { PIECE_BYTES = 256 << 10 };

struct upload {
    struct api_request request;
    struct handout_draft *draft;
    char *piece;
    size_t piece_bytes;
    bool working, body_ended, complete;
    json_t *made;
};

static bool check_manage(struct db_connection *connection, void *data, struct problem *problem)
{
    const struct upload *upload = data;
    const char *id;
    return api_parameter_id(&upload->request, 0, &id, problem)
           && permission_object(
               connection, upload->request.caller, MAY_MANAGE, OBJECT_LECTURE, id, problem);
}

static void begin(struct exchange *exchange)
{
    struct upload *upload = exchange->state;
    struct application *application = exchange->context;
    struct problem *problem = &exchange->problem;
    if (db_read(application->db, check_manage, upload, problem))
        upload->draft = handout_begin(application->db, application->settings,
            exchange->parameters[0], exchange_query(exchange, "name"), problem);
}

static void write_piece(struct exchange *exchange)
{
    struct upload *upload = exchange->state;
    if (upload->piece_bytes > 0 && !problem_is_set(&exchange->problem))
        (void)handout_write(upload->draft, upload->piece, upload->piece_bytes, &exchange->problem);
    upload->piece_bytes = 0;
}

static void finish(struct exchange *exchange)
{
    struct upload *upload = exchange->state;
    struct application *application = exchange->context;
    struct problem *problem = &exchange->problem;
    write_piece(exchange);
    if (!problem_is_set(problem) && !upload->complete)
        problem_set(problem, PROBLEM_BAD_REQUEST, "the body ended early");
    struct handout_draft *draft = upload->draft;
    upload->draft = NULL;
    if (problem_is_set(problem))
        handout_abandon(draft);
    else if (handout_finish(draft, upload->request.caller->staff_id, &upload->made, problem))
        (void)library_refresh(application->library, problem);
}

static void finished(struct exchange *exchange)
{
    struct upload *upload = exchange->state;
    if (problem_is_set(&exchange->problem))
        exchange_send_problem(exchange, &exchange->problem);
    else
        exchange_send_json(exchange, 201, json_incref(upload->made));
}

static void close_upload(struct exchange *exchange)
{
    struct upload *upload = exchange->state;
    upload->working = true;
    exchange_run_blocking(exchange, POOL_STORE, finish, finished);
}

static void piece_written(struct exchange *exchange)
{
    struct upload *upload = exchange->state;
    upload->working = false;
    if (upload->body_ended || problem_is_set(&exchange->problem))
        close_upload(exchange);
    else
        exchange_resume_body(exchange);
}

/* A piece may be larger than what is left of the buffer: then it grows for once, by what one read brings. */
static void received(struct exchange *exchange, const void *bytes, size_t count)
{
    struct upload *upload = exchange->state;
    if (upload->piece_bytes + count > PIECE_BYTES) {
        char *grown = memory_try_resized(upload->piece, upload->piece_bytes + count, 1);
        if (!grown) {
            problem_set(&exchange->problem, PROBLEM_BUSY, "no memory for a piece of a handout");
            exchange_pause_body(exchange);
            close_upload(exchange);
            return;
        }
        upload->piece = grown;
    }
    memcpy(upload->piece + upload->piece_bytes, bytes, count);
    upload->piece_bytes += count;
    if (upload->piece_bytes < PIECE_BYTES / 2)
        return;
    exchange_pause_body(exchange);
    upload->working = true;
    exchange_run_blocking(exchange, POOL_DISK, write_piece, piece_written);
}

static void body_ended(struct exchange *exchange, bool complete)
{
    struct upload *upload = exchange->state;
    upload->body_ended = true;
    upload->complete = complete;
    if (!upload->working)
        close_upload(exchange);
}

static void begun(struct exchange *exchange)
{
    static const struct body_reader reader = { received, body_ended };
    struct upload *upload = exchange->state;
    upload->piece = upload->draft ? memory_try_alloc(PIECE_BYTES) : NULL;
    if (upload->draft && !upload->piece)
        problem_set(&exchange->problem, PROBLEM_BUSY, "no memory for a handout");
    if (upload->piece)
        exchange_read_body(exchange, &reader);
    else
        exchange_send_problem(exchange, &exchange->problem);
}

/* Also where a full pool answered in our place. */
static void end_upload(
    struct exchange *exchange, const struct exchange_outcome *outcome, void *data)
{
    struct upload *upload = data;
    (void)exchange;
    (void)outcome;
    handout_abandon(upload->draft);
    json_decref(upload->made);
    free(upload->piece);
}

void handouts_add(struct exchange *exchange)
{
    struct upload *upload = arena_alloc(&exchange->arena, sizeof *upload);
    const struct application *application = exchange->context;
    api_request_init(&upload->request, exchange);
    exchange->state = upload;
    exchange_on_finished(exchange, end_upload, upload);
    if (exchange->request.body_length > application->settings->handout_bytes_max) {
        problem_set(&exchange->problem, PROBLEM_BODY_TOO_LARGE,
            "A handout can have at most %lld bytes.",
            (long long)application->settings->handout_bytes_max);
        exchange_send_problem(exchange, &exchange->problem);
        return;
    }
    exchange_run_blocking(exchange, POOL_STORE, begin, begun);
}

static bool remove_one(
    struct db_connection *connection, struct api_request *request, struct problem *problem)
{
    (void)connection;
    struct application *application = request->application;
    struct upload upload = { .request = *request };
    const char *handout_id;
    char path[PATH_MAX];
    if (!db_read(application->db, check_manage, &upload, problem)
        || !api_parameter_id(request, 1, &handout_id, problem)
        || !handout_remove(application->db, application->settings, request->exchange->parameters[0],
            handout_id, request->caller->staff_id, problem))
        return false;
    handout_path(application->settings, handout_id, path);
    media_map_forget(path);
    request->status = 204;
    request->library_changed = true;
    return true;
}

void handouts_remove(struct exchange *exchange)
{
    api_call(exchange, remove_one);
}

/* --- for participants ------------------------------------------------------------------------- */

struct download {
    struct library_handout handout;
    char path[PATH_MAX];
    char etag[UUID_TEXT_SIZE + 2];
    struct media_map *map;
};

static void send_handout(struct exchange *exchange)
{
    struct download *download = exchange->state;
    if (!download->map) {
        exchange_send_problem(exchange, &exchange->problem);
        return;
    }
    struct representation representation = {
        .content_type = download->handout.content_type,
        .etag = download->etag,
        .last_modified_ms = -1,
        .ranges = true,
    };
    struct body_file body = { download->map, 0, media_map_size(download->map) };
    exchange_add_field(exchange, "Cache-Control", "private, no-cache");
    exchange_add_field(exchange, "Content-Disposition",
        attachment_file_value(&exchange->arena, download->handout.file_name));
    exchange_add_field(exchange, "Content-Security-Policy", "default-src 'none'; sandbox");
    exchange_send_file(exchange, &representation, body);
}

static void open_map(struct exchange *exchange)
{
    struct download *download = exchange->state;
    download->map = media_map_open(download->path, &exchange->problem);
}

void handouts_get(struct exchange *exchange)
{
    struct application *application = exchange->context;
    const struct media_claims *claims = exchange->caller;
    struct download *download = arena_alloc(&exchange->arena, sizeof *download);
    const char *version_text = exchange->parameters[1];
    int64_t version = 0;
    (void)text_to_int64(version_text, strlen(version_text), 1, INT32_MAX, &version);
    if (application->paces && !claims->staff)
        exchange_pace(exchange, paces_find(application->paces, claims->participant_id));
    if (!library_find_handout(application->library, claims, exchange->parameters[0], version,
            exchange->parameters[2], &download->handout, &exchange->problem)) {
        exchange_send_problem(exchange, &exchange->problem);
        return;
    }
    exchange->state = download;
    handout_path(application->settings, download->handout.id, download->path);
    (void)snprintf(download->etag, sizeof download->etag, "\"%s\"", download->handout.id);
    download->map = media_map_find(download->path);
    if (download->map)
        send_handout(exchange);
    else
        exchange_run_blocking(exchange, POOL_DISK, open_map, send_handout);
}
