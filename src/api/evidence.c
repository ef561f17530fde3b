/* The evidence log's newest signed head, for everybody: what outsiders keep, and hold against a bundle later.  And what
 * it has of one person, for them and for whoever answers them. */
#include "access/permission.h"
#include "api/attachment.h"
#include "api/handlers.h"
#include "api/request.h"
#include "base/arena.h"
#include "base/clock.h"
#include "catalog/audit.h"
#include "viewing/evidence_proof.h"

#include <string.h>

static bool read_head(struct db_connection *connection, void *data, struct problem *problem)
{
    struct evidence_head *head = data;
    return evidence_head_read(connection, head, problem)
           && (head->size > 0
               || problem_set(problem, PROBLEM_NOT_FOUND, "no checkpoint has been signed yet"));
}

static void load(struct exchange *exchange)
{
    const struct application *application = exchange->context;
    exchange->state = arena_alloc(&exchange->arena, sizeof(struct evidence_head));
    (void)db_read(application->db, read_head, exchange->state, &exchange->problem);
}

static void answer(struct exchange *exchange)
{
    const struct evidence_head *head = exchange->state;
    if (problem_is_set(&exchange->problem)) {
        exchange_send_problem(exchange, &exchange->problem);
        return;
    }
    exchange_add_field(exchange, "Cache-Control", "no-cache");
    exchange_send(exchange, 200, "text/plain; charset=utf-8", head->note, strlen(head->note));
}

void evidence_get_checkpoint(struct exchange *exchange)
{
    exchange_run_blocking(exchange, POOL_STORE, load, answer);
}

/* --- a person's proof, page by page --------------------------------------------------------------- */

struct proof_request {
    struct api_request request;
    struct proof_page page;
    struct text text;
};

/* A look at another's record is itself on record. */
static bool may_look(struct db_connection *connection, void *data, struct problem *problem)
{
    const struct proof_request *wanted = data;
    const struct caller *caller = wanted->request.caller;
    const char *participant_id = wanted->page.subject_id;
    return permission_object(
               connection, caller, MAY_MANAGE, OBJECT_PARTICIPANT, participant_id, problem)
           && audit_add(
               connection, caller->staff_id, "evidence-proof", participant_id, "", problem);
}

/* Staff's is to a checkpoint of now.  A person's own is to the newest that there is: they may ask as often
 * as they like. */
static bool prepare(struct proof_request *wanted, struct problem *problem)
{
    const struct application *application = wanted->request.application;
    return wanted->request.caller->role == CALLER_PARTICIPANT
           || (db_write(application->db, may_look, wanted, problem)
               && (wanted->page.size > 0
                   || evidence_checkpoint(
                       application->db, application->settings, "proof", NULL, problem)));
}

static void send_page(struct exchange *exchange, const struct proof_request *wanted)
{
    const struct proof_page *page = &wanted->page;
    char today[CLOCK_ISO_SIZE];
    clock_format_iso(clock_now_ms(), today);
    if (!page->is_last)
        exchange_add_field(exchange, "Link",
            arena_printf(&exchange->arena, "<?size=%lld&after=%lld>; rel=\"next\"",
                (long long)page->size, (long long)page->after));
    exchange_add_field(exchange, "Content-Disposition",
        attachment_value(&exchange->arena, "evidence", page->subject_id,
            arena_printf(&exchange->arena, "%.10s.jsonl", today)));
    exchange_add_field(exchange, "Cache-Control", "no-store");
    exchange_send(exchange, 200, "application/jsonl", wanted->text.bytes, wanted->text.length);
}

static void send_proof(struct exchange *exchange)
{
    struct proof_request *wanted = exchange->state;
    text_init(&wanted->text, PROOF_TEXT_BYTES_MAX);
    if (prepare(wanted, &exchange->problem)
        && evidence_proof_next(
            wanted->request.application->db, &wanted->page, &wanted->text, &exchange->problem))
        send_page(exchange, wanted);
    else
        exchange_send_problem(exchange, &exchange->problem);
    text_release(&wanted->text);
}

static bool read_number(
    struct exchange *exchange, const char *name, int64_t least, int64_t *ret_number)
{
    const char *asked = exchange_query(exchange, name);
    return !asked || text_to_int64(asked, strlen(asked), least, INT64_MAX, ret_number)
           || problem_set_field(
               &exchange->problem, name, "'%s' must be a number of records.", name);
}

static void answer_proof(struct exchange *exchange, bool mine)
{
    struct proof_request *wanted = arena_alloc(&exchange->arena, sizeof *wanted);
    memset(wanted, 0, sizeof *wanted);
    api_request_init(&wanted->request, exchange);
    wanted->page.subject_id = wanted->request.caller->participant_id;
    wanted->page.after = -1;
    if (!read_number(exchange, "size", 1, &wanted->page.size)
        || !read_number(exchange, "after", 0, &wanted->page.after)
        || (!mine
            && !api_parameter_id(
                &wanted->request, 0, &wanted->page.subject_id, &exchange->problem))) {
        exchange_send_problem(exchange, &exchange->problem);
        return;
    }
    exchange->state = wanted;
    exchange_run_blocking(exchange, POOL_STORE, send_proof, NULL);
}

void evidence_my_proof(struct exchange *exchange)
{
    answer_proof(exchange, true);
}

void evidence_proof(struct exchange *exchange)
{
    answer_proof(exchange, false);
}
