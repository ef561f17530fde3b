/* The evidence log's newest signed head, for everybody: what outsiders keep, and hold against a bundle later. */
#include "api/handlers.h"
#include "api/request.h"
#include "base/arena.h"
#include "viewing/evidence_checkpoints.h"

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
