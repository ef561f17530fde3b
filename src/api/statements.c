/* What a cohort watched, as xAPI statements in a file: for organizers whose learning record store takes files. */
#include "access/permission.h"
#include "api/attachment.h"
#include "api/handlers.h"
#include "api/names_basis.h"
#include "api/request.h"
#include "base/clock.h"
#include "base/memory.h"
#include "catalog/audit.h"
#include "catalog/civil_day.h"
#include "viewing/disclosure.h"
#include "viewing/xapi_file.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

struct statements {
    struct api_request request;
    struct xapi_export export;
    const char *basis; /* NULL: without names */
    const char *cohort_name;
};

/* The file as it is sent: it has no name, and ends with its mapping. */
struct mapping {
    void *bytes;
    size_t count;
};

static bool find_cohort(struct db_connection *connection, void *data, struct problem *problem)
{
    struct statements *statements = data;
    const struct api_request *request = &statements->request;
    const char *id;
    if (!api_parameter_id(request, 0, &id, problem)
        || !permission_object(connection, request->caller, MAY_VIEW, OBJECT_COHORT, id, problem))
        return false;
    struct db_rows *rows = db_query(connection, "SELECT name FROM cohort WHERE id = $1", "t", id);
    if (db_next(rows))
        statements->cohort_name = arena_printf(&request->exchange->arena, "%s", db_text(rows, 0));
    statements->export.cohort_id = id;
    return db_end(rows, problem);
}

/* Before anything of it is read. */
static bool note_names(struct db_connection *connection, void *data, struct problem *problem)
{
    const struct statements *statements = data;
    const char *staff_id = statements->request.caller->staff_id;
    const char *cohort_id = statements->export.cohort_id;
    return audit_add(connection, staff_id, "statement-names", cohort_id, statements->basis, problem)
           && disclosure_note(
               connection, cohort_id, "statements", staff_id, statements->basis, problem);
}

static bool map_file(
    const struct xapi_file *file, struct mapping *ret_mapping, struct problem *problem)
{
    /* In memory from here on, so that the loop never waits for the disk. */
    void *bytes = mmap(NULL, file->bytes, PROT_READ, MAP_PRIVATE | MAP_POPULATE, file->fd, 0);
    if (bytes == MAP_FAILED)
        return problem_set_errno(problem, errno, "map statements");
    *ret_mapping = (struct mapping){ bytes, file->bytes };
    return true;
}

static void release_mapping(void *data)
{
    struct mapping *mapping = data;
    (void)munmap(mapping->bytes, mapping->count);
    free(mapping);
}

static void send_mapping(struct statements *statements, const struct mapping *mapping)
{
    struct exchange *exchange = statements->request.exchange;
    char today[CLOCK_ISO_SIZE];
    struct mapping *kept = memory_zeroed(1, sizeof *kept);
    *kept = *mapping;
    clock_format_iso(clock_now_ms(), today);
    const char *suffix = arena_printf(&exchange->arena, "%.10s.json", today);
    exchange_add_field(exchange, "Content-Disposition",
        attachment_value(&exchange->arena, "statements", statements->cohort_name, suffix));
    exchange_add_field(exchange, "Cache-Control", "no-store");
    const struct representation representation
        = { .content_type = "application/json", .last_modified_ms = -1 };
    const struct body_memory body = { kept->bytes, kept->count, release_mapping, kept };
    exchange_send_memory(exchange, &representation, body);
}

static void send_file(struct exchange *exchange)
{
    struct statements *statements = exchange->state;
    struct application *application = statements->request.application;
    struct problem *problem = &exchange->problem;
    struct xapi_file file = { .fd = -1 };
    struct mapping mapping;
    bool mine = !atomic_exchange(&application->statements_busy, true);
    bool good
        = (mine || problem_set(problem, PROBLEM_BUSY, "another export of statements is being made"))
          && db_read(application->db, find_cohort, statements, problem)
          && (!statements->basis || db_write(application->db, note_names, statements, problem))
          && xapi_file_make(
              application->db, &statements->export, application->settings->data, &file, problem)
          && map_file(&file, &mapping, problem);
    if (mine)
        atomic_store(&application->statements_busy, false);
    xapi_file_close(&file);
    if (good)
        send_mapping(statements, &mapping);
    else
        exchange_send_problem(exchange, problem);
}

static bool read_from(struct exchange *exchange, int64_t *ret_from_ms, struct problem *problem)
{
    const char *from = exchange_query(exchange, "from");
    struct civil_day day;
    if (!from)
        return true;
    if (!civil_day_read(from, &day))
        return problem_set_field(problem, "from", "a day such as 2026-11-22");
    return civil_day_begins(&day, 0, "UTC", ret_from_ms, problem);
}

void statements_get(struct exchange *exchange)
{
    struct statements *statements = arena_alloc(&exchange->arena, sizeof *statements);
    *statements = (struct statements){ 0 };
    if (!names_basis_read(exchange, &statements->basis, &exchange->problem)
        || !read_from(exchange, &statements->export.from_ms, &exchange->problem)) {
        exchange_send_problem(exchange, &exchange->problem);
        return;
    }
    api_request_init(&statements->request, exchange);
    statements->export.public_url = statements->request.application->settings->public_url;
    statements->export.names = statements->basis != NULL;
    exchange->state = statements;
    exchange_run_blocking(exchange, POOL_STORE, send_file, NULL);
}
