/* For tests of uploads: a running server's parts of it, and bytes that tell their place. */
#ifndef LECTERN_TESTS_CATALOG_UPLOADS_H
#define LECTERN_TESTS_CATALOG_UPLOADS_H

#include "catalog_jobs.h"

#include "catalog/upload.h"

struct server {
    struct catalog *catalog;
    struct jobs jobs;
    struct uploads *uploads;
};

static inline struct server server_start(struct catalog *catalog)
{
    struct problem problem = { 0 };
    struct server server = { .catalog = catalog, .jobs = { .ingest = start_ingest(catalog) } };
    server.uploads = uploads_open(catalog->db, server.jobs.ingest, &catalog->settings, &problem);
    catalog_fail(&problem);
    return server;
}

static inline void server_stop(struct server *server)
{
    uploads_free(server->uploads);
    ingest_stop(server->jobs.ingest);
}

static inline struct upload_facts upload_make(
    struct server *server, const char *staff_id, int64_t length_bytes)
{
    struct upload_facts facts = { 0 };
    struct problem problem = { 0 };
    const struct upload_wish wish = {
        .staff_id = staff_id,
        .length_bytes = length_bytes,
        .metadata = "filename dGFsay5tcDQ=,title QSB0YWxr,language dmk=",
    };
    (void)upload_create(server->uploads, &wish, &facts, &problem);
    catalog_fail(&problem);
    return facts;
}

/* One PATCH of the whole piece; facts are of its close. */
static inline bool upload_piece(struct server *server, const char *id, int64_t offset_bytes,
    const void *bytes, size_t count, struct upload_facts *ret_facts, struct problem *problem)
{
    int64_t acknowledged;
    struct upload_writer *writer = upload_open(server->uploads, id, NULL, offset_bytes, problem);
    if (!writer)
        return false;
    bool done = upload_write(writer, bytes, count, problem)
                && upload_sync(writer, &acknowledged, problem);
    struct problem closing = { 0 };
    bool closed = upload_close(writer, ret_facts, &closing);
    if (done && !closed)
        *problem = closing;
    return done && closed;
}

/* The list of uploads_json(); ended with json_decref(). */
static inline json_t *unfinished(struct server *server, const char *staff_id)
{
    struct problem problem = { 0 };
    json_t *answer = uploads_json(server->uploads, staff_id, &problem);
    catalog_fail(&problem);
    json_t *list = json_incref(json_object_get(answer, "uploads"));
    json_decref(answer);
    return list;
}

static inline void make_staff(struct catalog *catalog, const char *id)
{
    catalog_sql(catalog,
        "INSERT INTO staff (id, email, name, role, password_hash, created_at_ms)"
        " VALUES ('%s', '%s@example.org', 'A', 'admin', '-', 1)",
        id, id);
}

/* Of talk.mp4; ended with free(). */
static inline char *talk_bytes(size_t *ret_count)
{
    char *bytes;
    read_file(talk_path, &bytes, ret_count);
    return bytes;
}

/* A whole partial upload of these bytes. */
static inline struct upload_facts part_make(
    struct server *server, const char *staff_id, const void *bytes, size_t count)
{
    struct problem problem = { 0 };
    struct upload_facts facts = { 0 };
    const struct upload_wish wish
        = { .staff_id = staff_id, .length_bytes = (int64_t)count, .concat = "partial" };
    (void)upload_create(server->uploads, &wish, &facts, &problem);
    catalog_fail(&problem);
    (void)upload_piece(server, facts.id, 0, bytes, count, &facts, &problem);
    catalog_fail(&problem);
    return facts;
}

/* Of three parts: the Upload-Concat field. */
static inline void concat_of(const struct upload_facts parts[3], char ret_field[256])
{
    (void)snprintf(ret_field, 256,
        "final;/api/v1/uploads/%s https://host:8443/api/v1/uploads/%s /api/v1/uploads/%s",
        parts[0].id, parts[1].id, parts[2].id);
}

/* Makes it of its parts, and hands it over. */
static inline bool final_make(struct server *server, const char *staff_id, const char *concat,
    struct upload_facts *ret_facts, struct problem *problem)
{
    const struct upload_wish wish
        = { .staff_id = staff_id, .metadata = "filename dGFsay5tcDQ=", .concat = concat };
    if (!upload_create(server->uploads, &wish, ret_facts, problem))
        return false;
    struct upload_writer *writer
        = upload_open(server->uploads, ret_facts->id, staff_id, UPLOAD_AT_ITS_END, problem);
    return writer && upload_close(writer, ret_facts, problem);
}

#endif
