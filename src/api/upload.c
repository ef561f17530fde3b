/*
 * Resumable upload, tus 1.0.0 (https://tus.io/protocols/resumable-upload): core and the extensions
 * of TUS_EXTENSIONS.  What becomes of the bytes: upload_stream.h.
 */
#include "catalog/upload.h"

#include "api/handlers.h"
#include "api/request.h"
#include "api/upload_stream.h"
#include "base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TUS_VERSION "1.0.0"
#define TUS_EXTENSIONS                                                                             \
    "creation,creation-with-upload,creation-defer-length,termination,expiration,checksum,"         \
    "concatenation"

static const char body_type[] = "application/offset+octet-stream";

static const char *staff_scope(const struct caller *caller)
{
    /* an admin sees every upload, see upload_find() */
    return caller->role == CALLER_ADMIN ? NULL : caller->staff_id;
}

static void add_number(struct exchange *exchange, const char *name, int64_t number)
{
    char value[24];
    (void)snprintf(value, sizeof value, "%lld", (long long)number);
    exchange_add_field(exchange, name, value);
}

static void send_tus_problem(struct exchange *exchange)
{
    if (exchange->problem.kind == PROBLEM_TUS_VERSION)
        exchange_add_field(exchange, "Tus-Version", TUS_VERSION);
    exchange_send_problem(exchange, &exchange->problem);
}

/* The version is on every request but OPTIONS; without it nothing is processed. */
static bool speaks_tus(struct exchange *exchange)
{
    exchange_add_field(exchange, "Tus-Resumable", TUS_VERSION);
    exchange_add_field(exchange, "Cache-Control", "no-store");
    const char *version = exchange_field(exchange, "tus-resumable");
    if (text_equal(version, TUS_VERSION))
        return true;
    problem_set(
        &exchange->problem, PROBLEM_TUS_VERSION, "Tus-Resumable '%.20s'", version ? version : "");
    send_tus_problem(exchange);
    return false;
}

void upload_options(struct exchange *exchange)
{
    const struct application *application = exchange->context;
    exchange_add_field(exchange, "Tus-Resumable", TUS_VERSION);
    exchange_add_field(exchange, "Tus-Version", TUS_VERSION);
    exchange_add_field(exchange, "Tus-Extension", TUS_EXTENSIONS);
    exchange_add_field(exchange, "Tus-Checksum-Algorithm", UPLOAD_CHECKSUMS);
    add_number(exchange, "Tus-Max-Size", application->settings->upload_bytes_max);
    exchange_send_empty(exchange, 204);
}

static void add_facts(struct exchange *exchange, const struct upload_facts *facts)
{
    char expires[CLOCK_HTTP_SIZE];
    /* tus: of a final upload the offset is told when its parts are joined. */
    if (facts->kind != UPLOAD_FINAL || facts->offset_bytes == facts->length_bytes)
        add_number(exchange, "Upload-Offset", facts->offset_bytes);
    if (facts->lecture_id[0] != '\0') {
        exchange_add_field(exchange, "Lectern-Lecture", facts->lecture_id);
        return;
    }
    clock_format_http(facts->expires_at_ms, expires);
    exchange_add_field(exchange, "Upload-Expires", expires);
}

/* A header that must be a whole number, where it is there or must be. */
static bool read_number(
    struct exchange *exchange, const char *name, bool required, int64_t *ret_number)
{
    const char *value = exchange_field(exchange, name);
    if ((!value && !required)
        || (value && text_to_int64(value, strlen(value), 0, INT64_MAX, ret_number)))
        return true;
    return problem_set(&exchange->problem, PROBLEM_BAD_REQUEST, "%s must be a whole number", name);
}

static bool read_checksum(struct exchange *exchange, struct upload_stream *stream)
{
    const char *value = exchange_field(exchange, "upload-checksum");
    stream->has_checksum = value != NULL;
    return !value || upload_checksum_read(value, &stream->checksum, &exchange->problem);
}

static void note_change(struct exchange *exchange, const struct upload_facts *facts, int status)
{
    if (status == 201)
        exchange_add_field(
            exchange, "Location", arena_printf(&exchange->arena, UPLOAD_ADDRESS "%s", facts->id));
    add_facts(exchange, facts);
    exchange_send_empty(exchange, status);
}

/* --- beginning -------------------------------------------------------------------------------- */

static void tell_created(struct exchange *exchange, const struct upload_stream *stream)
{
    if (problem_is_set(&exchange->problem))
        send_tus_problem(exchange);
    else
        note_change(exchange, &stream->facts, 201);
}

static void create(struct exchange *exchange)
{
    struct application *application = exchange->context;
    const struct caller *caller = exchange->caller;
    struct upload_stream *stream = exchange->state;
    struct upload_wish wish = {
        .staff_id = caller->staff_id,
        .length_bytes = stream->length_bytes,
        .metadata = exchange_field(exchange, "upload-metadata"),
        .concat = exchange_field(exchange, "upload-concat"),
    };
    (void)upload_create(application->uploads, &wish, &stream->facts, &exchange->problem);
}

static void created(struct exchange *exchange)
{
    struct upload_stream *stream = exchange->state;
    const struct caller *caller = exchange->caller;
    bool is_final = stream->facts.kind == UPLOAD_FINAL;
    if (problem_is_set(&exchange->problem) || (!stream->has_body && !is_final)) {
        tell_created(exchange, stream);
        return;
    }
    memcpy(stream->id, stream->facts.id, sizeof stream->id);
    stream->staff_id = caller->staff_id;
    stream->length_bytes = UPLOAD_LENGTH_UNKNOWN; /* that is in its row by now */
    stream->offset_bytes = is_final ? UPLOAD_AT_ITS_END : 0;
    stream->has_body = stream->has_body && !is_final;
    stream->is_new = !is_final; /* a final one can be asked for again */
    upload_stream_start(exchange, stream);
}

/* A length, or the word that it comes later; a final upload has that of its parts. */
static bool read_length(struct exchange *exchange, struct upload_stream *stream)
{
    const char *later = exchange_field(exchange, "upload-defer-length");
    const char *length = exchange_field(exchange, "upload-length");
    const char *concat = exchange_field(exchange, "upload-concat");
    stream->length_bytes = UPLOAD_LENGTH_UNKNOWN;
    if (concat && text_starts_with(concat, "final"))
        return true;
    if (!later)
        return read_number(exchange, "upload-length", true, &stream->length_bytes);
    return (text_equal(later, "1") && !length)
           || problem_set(&exchange->problem, PROBLEM_BAD_REQUEST,
               "Upload-Defer-Length must be 1, without an Upload-Length");
}

static bool read_body_kind(struct exchange *exchange, struct upload_stream *stream)
{
    const char *type = exchange_field(exchange, "content-type");
    stream->has_body = exchange->request.body_length != 0 && text_equal(type, body_type);
    return stream->has_body || exchange->request.body_length <= 0
           || problem_set(&exchange->problem, PROBLEM_UNSUPPORTED_TYPE,
               "What is sent with the creation of an upload is %s.", body_type);
}

void upload_post(struct exchange *exchange)
{
    if (!speaks_tus(exchange))
        return;
    struct upload_stream *stream = arena_alloc(&exchange->arena, sizeof *stream);
    stream->ended = tell_created;
    exchange->state = stream;
    if (read_length(exchange, stream) && read_body_kind(exchange, stream)
        && read_checksum(exchange, stream))
        exchange_run_blocking(exchange, POOL_STORE, create, created);
    else
        send_tus_problem(exchange);
}

/* --- looking ---------------------------------------------------------------------------------- */

static bool list(
    struct db_connection *connection, struct api_request *request, struct problem *problem)
{
    (void)connection;
    json_t *answer
        = uploads_json(request->application->uploads, request->caller->staff_id, problem);
    return answer && api_answer(request, answer, problem);
}

void upload_list(struct exchange *exchange)
{
    api_call(exchange, list);
}

static bool show(
    struct db_connection *connection, struct api_request *request, struct problem *problem)
{
    (void)connection;
    json_t *answer = upload_json(request->application->uploads, request->exchange->parameters[0],
        staff_scope(request->caller), problem);
    return answer && api_answer(request, answer, problem);
}

static void tell_facts(struct exchange *exchange, const struct upload_facts *facts)
{
    add_facts(exchange, facts);
    if (facts->length_bytes == UPLOAD_LENGTH_UNKNOWN)
        exchange_add_field(exchange, "Upload-Defer-Length", "1");
    else
        add_number(exchange, "Upload-Length", facts->length_bytes);
    if (facts->metadata[0] != '\0')
        exchange_add_field(exchange, "Upload-Metadata", facts->metadata);
    exchange_send_empty(exchange, 200);
}

static void tell_finished(struct exchange *exchange, const struct upload_stream *stream)
{
    if (problem_is_set(&exchange->problem))
        send_tus_problem(exchange);
    else
        tell_facts(exchange, &stream->facts);
}

static void settle(struct exchange *exchange)
{
    struct application *application = exchange->context;
    struct upload_stream *stream = exchange->state;
    if (!upload_settle(
            application->uploads, stream->id, stream->staff_id, &stream->facts, &exchange->problem)
        || stream->facts.kind == UPLOAD_WHOLE)
        return;
    char *concat = upload_concat_field(application->uploads, stream->id, &exchange->problem);
    if (concat)
        exchange_add_field(exchange, "Upload-Concat", concat);
    free(concat);
}

/* A client that missed the answer to its last byte asks no more than this: so what could not be
 * handed over then is now. */
static void settled(struct exchange *exchange)
{
    struct upload_stream *stream = exchange->state;
    const struct upload_facts *facts = &stream->facts;
    if (problem_is_set(&exchange->problem) || facts->kind != UPLOAD_WHOLE
        || facts->lecture_id[0] != '\0' || facts->offset_bytes != facts->length_bytes) {
        tell_finished(exchange, stream);
        return;
    }
    stream->offset_bytes = facts->offset_bytes;
    upload_stream_start(exchange, stream);
}

static struct upload_stream *new_stream(struct exchange *exchange,
    void (*ended)(struct exchange *exchange, const struct upload_stream *stream))
{
    struct upload_stream *stream = arena_alloc(&exchange->arena, sizeof *stream);
    (void)snprintf(stream->id, sizeof stream->id, "%s", exchange->parameters[0]);
    if (strlen(exchange->parameters[0]) >= sizeof stream->id)
        stream->id[0] = '\0'; /* nobody's */
    stream->staff_id = staff_scope(exchange->caller);
    stream->length_bytes = UPLOAD_LENGTH_UNKNOWN;
    stream->ended = ended;
    exchange->state = stream;
    return stream;
}

void upload_get(struct exchange *exchange)
{
    if (exchange->request.method == HTTP_GET) {
        api_call(exchange, show);
    } else if (speaks_tus(exchange)) {
        (void)new_stream(exchange, tell_finished);
        exchange_run_blocking(exchange, POOL_STORE, settle, settled);
    }
}

/* --- going on, and ending ---------------------------------------------------------------------- */

static void remove_upload(struct exchange *exchange)
{
    struct application *application = exchange->context;
    if (upload_remove(application->uploads, exchange->parameters[0], staff_scope(exchange->caller),
            &exchange->problem))
        exchange_send_empty(exchange, 204);
    else
        send_tus_problem(exchange);
}

void upload_delete(struct exchange *exchange)
{
    if (speaks_tus(exchange))
        exchange_run_blocking(exchange, POOL_STORE, remove_upload, NULL);
}

static void tell_changed(struct exchange *exchange, const struct upload_stream *stream)
{
    if (problem_is_set(&exchange->problem))
        send_tus_problem(exchange);
    else
        note_change(exchange, &stream->facts, 204);
}

void upload_patch(struct exchange *exchange)
{
    if (!speaks_tus(exchange))
        return;
    struct upload_stream *stream = new_stream(exchange, tell_changed);
    stream->has_body = true;
    if (!text_equal(exchange_field(exchange, "content-type"), body_type))
        problem_set(
            &exchange->problem, PROBLEM_UNSUPPORTED_TYPE, "An upload goes on as %s.", body_type);
    if (!problem_is_set(&exchange->problem)
        && read_number(exchange, "upload-offset", true, &stream->offset_bytes)
        && read_number(exchange, "upload-length", false, &stream->length_bytes)
        && read_checksum(exchange, stream))
        upload_stream_start(exchange, stream);
    else
        send_tus_problem(exchange);
}

/* tus core: for clients whose network lets only GET and POST pass. */
void upload_post_with_override(struct exchange *exchange)
{
    const char *method = exchange_field(exchange, "x-http-method-override");
    if (text_equal(method, "PATCH")) {
        upload_patch(exchange);
    } else if (text_equal(method, "DELETE")) {
        upload_delete(exchange);
    } else {
        problem_set(&exchange->problem, PROBLEM_METHOD_NOT_ALLOWED, "POST without an override");
        send_tus_problem(exchange);
    }
}
