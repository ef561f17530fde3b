/* Whether the server lives, whether it can serve, and whether as it should. */
#include "api/application.h"
#include "api/handlers.h"
#include "api/request.h"

void health_live(struct exchange *exchange)
{
    exchange_add_field(exchange, "Cache-Control", "no-store");
    exchange_send_json(
        exchange, 200, json_pack("{s:s, s:s}", "status", "ok", "version", LECTERN_VERSION));
}

/* Ready: the store answers. */
static bool ask_store(
    struct db_connection *connection, struct api_request *request, struct problem *problem)
{
    static const char sql[] = "SELECT COUNT(*) FROM setting";
    struct db_rows *rows = db_query(connection, sql, "");
    bool answered = db_next(rows);
    if (!db_end(rows, problem) || !answered) {
        problem_clear(problem);
        return problem_set(problem, PROBLEM_BUSY, "the store does not answer");
    }
    /* A damaged lecture closes no other, and a slow store holds up no segment until the rings are full:
     * taking this server away would help nobody.  So it is ready all the same; but it is said. */
    bool behind = delivery_log_is_behind(request->application->delivery_log);
    return api_answer(request,
        json_pack("{s:s, s:b, s:I}", "status", behind ? "degraded" : "ready", "deliveries_behind",
            behind, "unreadable_lectures",
            (json_int_t)library_fault_count(request->application->library)),
        problem);
}

void health_ready(struct exchange *exchange)
{
    exchange_add_field(exchange, "Cache-Control", "no-store");
    api_read(exchange, ask_store);
}
