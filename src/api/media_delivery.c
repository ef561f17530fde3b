/*
 * Playlists, segments, captions and pictures: checked from memory by the guard, sent from memory or
 * from mapped files, and every segment that was sent, of picture, stills or sound, is a delivery in
 * the log.  No store and no disk on the loop.
 */
#include "access/media_token.h"
#include "api/application.h"
#include "api/handlers.h"
#include "base/text.h"
#include "http/file_body.h"

#include <stdio.h>
#include <string.h>

struct media_request {
    struct media_version *version; /* held until the body is taken over or the exchange ends */
    struct media_object object;
    struct representation representation;
    char etag[MEDIA_ETAG_SIZE];
    struct media_map *map;
    struct delivery delivery;
};

static void release_version(void *data)
{
    media_version_release(data);
}

/* From memory: compressed where the client takes it.  The two forms have tags of their own (RFC
 * 9110 section 8.8.3.3). */
static void send_from_memory(struct exchange *exchange, struct media_request *request)
{
    const struct media_object *object = &request->object;
    struct body_memory body = { object->bytes, object->count, release_version, request->version };
    exchange_vary(exchange, "Accept-Encoding");
    if (object->gzip_bytes && exchange_accepts_encoding(exchange, "gzip")) {
        body.bytes = object->gzip_bytes;
        body.count = object->gzip_count;
        request->representation.content_encoding = "gzip";
        request->representation.etag = arena_printf(
            &exchange->arena, "%.*s.gz\"", (int)strlen(object->etag) - 1, object->etag);
    }
    exchange_send_memory(exchange, &request->representation, body);
}

/* A segment counts as delivered when all of its bytes went out, or when the client proved to have
 * it. */
static bool was_whole(const struct exchange_outcome *outcome, uint64_t segment_bytes)
{
    if (!outcome->complete)
        return false;
    if (outcome->status == 206)
        return outcome->range_start == 0 && outcome->range_end == segment_bytes;
    return outcome->status == 200 || outcome->status == 304;
}

static void record_delivery(
    struct exchange *exchange, const struct exchange_outcome *outcome, void *data)
{
    struct media_request *request = data;
    struct application *application = exchange->context;
    struct delivery *delivery = &request->delivery;
    bool served = outcome->status == 200 || outcome->status == 206 || outcome->status == 304;
    if (!served || exchange->request.method != HTTP_GET) {
        delivery_log_give_back(
            application->delivery_log, exchange->worker->index, delivery->participant_id);
        return;
    }
    delivery->at_ms = outcome->last_byte_ms;
    delivery->status = outcome->status;
    delivery->body_bytes = (int64_t)outcome->body_bytes_sent;
    delivery->whole = was_whole(outcome, request->object.size_bytes);
    delivery->first_byte_ms = outcome->first_byte_us / 1000;
    delivery->last_byte_ms = outcome->last_byte_us / 1000;
    delivery_log_record(application->delivery_log, exchange->worker->index, delivery);
}

static void describe_delivery(const struct exchange *exchange, struct media_request *request)
{
    const struct media_claims *claims = exchange->caller;
    const struct media_object *object = &request->object;
    struct delivery *delivery = &request->delivery;
    memcpy(delivery->participant_id, claims->participant_id, UUID_TEXT_SIZE);
    memcpy(delivery->session_id, claims->session_id, UUID_TEXT_SIZE);
    (void)snprintf(delivery->lecture_id, UUID_TEXT_SIZE, "%s", exchange->parameters[0]);
    (void)snprintf(delivery->rendition, sizeof delivery->rendition, "%s", object->table->name);
    delivery->segment = (int64_t)object->number;
    delivery->start_ms = object->start_ms;
    delivery->end_ms = object->end_ms;
}

/* Bad ones are worth no more than none, and no error: the lecture goes on. */
static void read_client(struct exchange *exchange, struct cmcd *ret_cmcd)
{
    static const char prefix[] = "cmcd-";
    struct application *application = exchange->context;
    const struct http_request *request = &exchange->request;
    bool good = true, any = false;
    cmcd_init(ret_cmcd);
    for (size_t i = 0; i < request->field_count; i++)
        if (strncmp(request->fields[i].name, prefix, sizeof prefix - 1) == 0) {
            any = true;
            good = good && cmcd_read(ret_cmcd, request->fields[i].value);
        }
    const char *parameter
        = !any && request->query[0] != '\0' ? exchange_query(exchange, "CMCD") : NULL;
    if (parameter)
        good = cmcd_read(ret_cmcd, parameter);
    if (good)
        return;
    cmcd_init(ret_cmcd);
    atomic_fetch_add_explicit(&application->cmcd_refused, 1, memory_order_relaxed);
}

/* Bytes that could not be logged are not sent: the player tries again when the store has caught up. */
static bool prepare_record(struct exchange *exchange, struct media_request *request)
{
    const struct application *application = exchange->context;
    const struct media_claims *claims = exchange->caller;
    if (request->object.kind != MEDIA_SEGMENT || claims->staff)
        return true;
    if (!delivery_log_reserve(
            application->delivery_log, exchange->worker->index, claims->participant_id))
        return problem_set(&exchange->problem, PROBLEM_BUSY, "no place for the delivery's record");
    describe_delivery(exchange, request);
    read_client(exchange, &request->delivery.cmcd);
    exchange_on_finished(exchange, record_delivery, request);
    return true;
}

static void send_from_map(struct exchange *exchange, struct media_request *request)
{
    const struct media_object *object = &request->object;
    if (!prepare_record(exchange, request)) {
        media_map_release(request->map);
        media_version_release(request->version);
        exchange_send_problem(exchange, &exchange->problem);
        return;
    }
    struct body_file body = { request->map, object->offset_bytes, object->size_bytes };
    exchange_send_file(exchange, &request->representation, body);
    media_version_release(request->version);
}

static void open_map(struct exchange *exchange)
{
    struct media_request *request = exchange->state;
    request->map = media_map_open(request->object.path, &exchange->problem);
}

static void map_opened(struct exchange *exchange)
{
    struct media_request *request = exchange->state;
    if (request->map) {
        send_from_map(exchange, request);
        return;
    }
    media_version_release(request->version);
    exchange_send_problem(exchange, &exchange->problem);
}

static void send_from_file(struct exchange *exchange, struct media_request *request)
{
    request->map = media_map_find(request->object.path);
    exchange->state = request;
    if (request->map)
        send_from_map(exchange, request);
    else
        exchange_run_blocking(exchange, POOL_DISK, open_map, map_opened);
}

static bool find_object(
    struct exchange *exchange, struct media_request *request, struct problem *problem)
{
    struct application *application = exchange->context;
    const char *version_text = exchange->parameters[1];
    int64_t version;
    if (!secure_is_uuid(exchange->parameters[0])
        || !text_to_int64(version_text, strlen(version_text), 1, INT32_MAX, &version))
        return problem_set(problem, PROBLEM_NOT_FOUND, "no such lecture or version");
    request->version = library_find(
        application->library, exchange->caller, exchange->parameters[0], version, problem);
    if (!request->version)
        return false;
    if (!media_version_find(
            request->version, exchange->parameters[2], request->etag, &request->object)) {
        media_version_release(request->version);
        return problem_set(problem, PROBLEM_NOT_FOUND, "no such file of the lecture");
    }
    request->delivery.version = version;
    return true;
}

void media_delivery_get(struct exchange *exchange)
{
    struct media_request *request = arena_alloc(&exchange->arena, sizeof *request);
    const struct media_claims *claims = exchange->caller;
    struct application *application = exchange->context;
    if (application->paces && !claims->staff)
        exchange_pace(exchange, paces_find(application->paces, claims->participant_id));
    if (!find_object(exchange, request, &exchange->problem)) {
        exchange_send_problem(exchange, &exchange->problem);
        return;
    }
    request->representation = (struct representation){
        .content_type = request->object.content_type,
        .etag = request->object.etag,
        .last_modified_ms = -1,
        .ranges = request->object.path != NULL,
    };
    /* A segment from the browser's own cache would leave no delivery, so each use asks
     * (docs/watched.md). */
    exchange_add_field(exchange, "Cache-Control", "private, no-cache");
    if (request->object.bytes)
        send_from_memory(exchange, request);
    else
        send_from_file(exchange, request);
}
