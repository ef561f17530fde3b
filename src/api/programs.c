/* Programs, cohorts and providers, for staff. */
#include "catalog/program.h"

#include "access/permission.h"
#include "api/handlers.h"
#include "api/request.h"
#include "catalog/audit.h"
#include "catalog/participant.h"
#include "viewing/rule.h"

static bool list(
    struct db_connection *connection, struct api_request *request, struct problem *problem)
{
    json_t *programs = programs_json(connection, request->caller, request->language, problem);
    return programs && api_answer(request, json_pack("{s:o}", "programs", programs), problem);
}

void programs_list(struct exchange *exchange)
{
    api_read(exchange, list);
}

static bool create(
    struct db_connection *connection, struct api_request *request, struct problem *problem)
{
    const char *language, *title, *description = "";
    char id[UUID_TEXT_SIZE];
    return json_get_line(request->body, "language", 35, &language, problem)
           && json_get_line(request->body, "title", TITLE_BYTES_MAX, &title, problem)
           && json_may_get_text(
               request->body, "description", DESCRIPTION_BYTES_MAX, &description, problem)
           && program_add(connection, language, title, description, id, problem)
           && audit_add(connection, request->caller->staff_id, "program-add", id, title, problem)
           && api_created(request, id);
}

void programs_create(struct exchange *exchange)
{
    api_write(exchange, create);
}

static bool find_program(struct db_connection *connection, const struct api_request *request,
    enum permission_action action, const char **ret_id, struct problem *problem)
{
    return api_parameter_id(request, 0, ret_id, problem)
           && permission_object(
               connection, request->caller, action, OBJECT_PROGRAM, *ret_id, problem);
}

static bool show(
    struct db_connection *connection, struct api_request *request, struct problem *problem)
{
    const char *id;
    if (!find_program(connection, request, MAY_VIEW, &id, problem))
        return false;
    request->answer = program_json(connection, id, request->language, problem);
    return request->answer != NULL;
}

void programs_show(struct exchange *exchange)
{
    api_read(exchange, show);
}

enum { LECTURE_IDS_MAX = 1000 };

static bool read_lecture_ids(const json_t *body, const char *ret_ids[LECTURE_IDS_MAX],
    size_t *ret_count, struct problem *problem)
{
    const json_t *lectures = json_object_get(body, "lectures");
    size_t index;
    json_t *id;
    if (!json_is_array(lectures) || json_array_size(lectures) > LECTURE_IDS_MAX)
        return problem_set_field(
            problem, "lectures", "'lectures' must be a list of at most %d ids", LECTURE_IDS_MAX);
    json_array_foreach(lectures, index, id)
    {
        if (!json_is_string(id) || !secure_is_uuid(json_string_value(id)))
            return problem_set_field(problem, "lectures", "lecture %zu is no id", index + 1);
        ret_ids[index] = json_string_value(id);
    }
    *ret_count = json_array_size(lectures);
    return true;
}

static bool put_lectures(
    struct db_connection *connection, struct api_request *request, struct problem *problem)
{
    const char *id;
    const char *lecture_ids[LECTURE_IDS_MAX];
    size_t count = 0;
    if (!find_program(connection, request, MAY_MANAGE, &id, problem)
        || !read_lecture_ids(request->body, lecture_ids, &count, problem)
        || !program_set_lectures(connection, id, lecture_ids, count, problem)
        || !audit_add(connection, request->caller->staff_id, "program-lectures", id, "", problem))
        return false;
    request->library_changed = true;
    request->answer = program_json(connection, id, request->language, problem);
    return request->answer != NULL;
}

void programs_put_lectures(struct exchange *exchange)
{
    api_write(exchange, put_lectures);
}

static bool read_cohort(
    const struct api_request *request, struct cohort_fields *ret_fields, struct problem *problem)
{
    const json_t *body = request->body;
    const struct settings *settings = request->application->settings;
    *ret_fields = (struct cohort_fields){
        .threshold_percent = settings->completion_threshold_percent,
        .gap_ms_max = settings->completion_gap_ms_max,
        .rate_cap_percent = settings->rate_cap_percent,
    };
    return json_get_line(body, "name", NAME_BYTES_MAX, &ret_fields->name, problem)
           && json_get_line(body, "time_zone", 64, &ret_fields->time_zone, problem)
           && json_get_line(body, "first_day", 10, &ret_fields->first_day, problem)
           && json_get_line(body, "last_day", 10, &ret_fields->last_day, problem)
           && json_may_get_int64(
               body, "threshold_percent", 1, 100, &ret_fields->threshold_percent, problem)
           && json_may_get_int64(
               body, "gap_ms_max", 0, INT64_C(86400000), &ret_fields->gap_ms_max, problem);
}

static bool create_cohort(
    struct db_connection *connection, struct api_request *request, struct problem *problem)
{
    const char *program_id;
    struct cohort_fields fields;
    char id[UUID_TEXT_SIZE];
    if (!find_program(connection, request, MAY_MANAGE, &program_id, problem)
        || !read_cohort(request, &fields, problem)
        || !cohort_add(connection, program_id, &fields, id, problem)
        || !rule_record(
            connection, request->application->settings, id, request->caller->staff_id, problem)
        || !audit_add(
            connection, request->caller->staff_id, "cohort-add", id, fields.name, problem))
        return false;
    request->library_changed = true;
    return api_created(request, id);
}

void programs_create_cohort(struct exchange *exchange)
{
    api_write(exchange, create_cohort);
}

static bool list_providers(
    struct db_connection *connection, struct api_request *request, struct problem *problem)
{
    json_t *providers = providers_json(connection, problem);
    return providers && api_answer(request, json_pack("{s:o}", "providers", providers), problem);
}

void providers_list(struct exchange *exchange)
{
    api_read(exchange, list_providers);
}

static bool create_provider(
    struct db_connection *connection, struct api_request *request, struct problem *problem)
{
    const char *name, *country = NULL;
    char id[UUID_TEXT_SIZE];
    return json_get_line(request->body, "name", NAME_BYTES_MAX, &name, problem)
           && json_may_get_line(request->body, "country", 2, &country, problem)
           && provider_add(connection, name, country, id, problem)
           && audit_add(connection, request->caller->staff_id, "provider-add", id, name, problem)
           && api_created(request, id);
}

void providers_create(struct exchange *exchange)
{
    api_write(exchange, create_provider);
}
