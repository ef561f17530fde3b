/* Whether the server lives, whether it can serve, and its figures for Prometheus (text format
 * 0.0.4). */
#include "api/application.h"
#include "api/handlers.h"
#include "api/request.h"

#include <stdio.h>

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
    /* A damaged lecture closes no other, so the server is ready all the same; but it is said. */
    return api_answer(request,
        json_pack("{s:s, s:I}", "status", "ready", "unreadable_lectures",
            (json_int_t)library_fault_count(request->application->library)),
        problem);
}

void health_ready(struct exchange *exchange)
{
    exchange_add_field(exchange, "Cache-Control", "no-store");
    api_read(exchange, ask_store);
}

static void add_metric(
    struct text *text, const char *name, const char *type, const char *help, uint64_t value)
{
    text_printf(text, "# HELP lectern_%s %s\n# TYPE lectern_%s %s\nlectern_%s %llu\n", name, help,
        name, type, name, (unsigned long long)value);
}

void health_metrics(struct exchange *exchange)
{
    struct application *application = exchange->context;
    struct server_figures figures = { 0 };
    struct text text;
    text_init(&text, 64 << 10);
    server_read_figures(application->server, &figures);
    add_metric(&text, "connections_total", "counter", "Connections accepted.", figures.connections);
    add_metric(
        &text, "connections_open", "gauge", "Connections open now.", figures.connections_open);
    add_metric(&text, "handshakes_failed_total", "counter", "TLS handshakes that failed.",
        figures.handshakes_failed);
    add_metric(&text, "requests_total", "counter", "Requests answered.", figures.exchanges);
    add_metric(
        &text, "requests_open", "gauge", "Requests being answered now.", figures.exchanges_open);
    add_metric(&text, "requests_refused_total", "counter", "Requests that broke the rules of HTTP.",
        figures.refused_requests);
    add_metric(&text, "deadlines_closed_total", "counter", "Connections closed by a deadline.",
        figures.deadline_closes);
    add_metric(&text, "sent_bytes_total", "counter", "Bytes of response bodies handed to TLS.",
        figures.bytes_sent);
    add_metric(&text, "deliveries_waiting", "gauge", "Delivery records on the way to the store.",
        delivery_log_waiting(application->delivery_log));
    add_metric(&text, "deliveries_refused_total", "counter", "Delivery records that found no room.",
        delivery_log_refused(application->delivery_log));
    add_metric(&text, "lectures_unreadable", "gauge",
        "Lecture versions whose files cannot be opened.",
        library_fault_count(application->library));
    add_metric(&text, "store_writes_waiting", "gauge", "Writes waiting for the store.",
        db_writes_waiting(application->db));
    add_metric(&text, "store_requests_queued", "gauge", "Requests waiting for a store thread.",
        workers_queued(application->store_pool));
    add_metric(&text, "disk_requests_queued", "gauge", "Requests waiting for a disk thread.",
        workers_queued(application->disk_pool));
    exchange_add_field(exchange, "Cache-Control", "no-store");
    exchange_send(exchange, 200, "text/plain; version=0.0.4", text.bytes, text.length);
    text_release(&text);
}
