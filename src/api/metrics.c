/*
 * The server's figures for Prometheus, on the loopback listener (docs/observability.md has them in a
 * table).  All are read from memory and from the system, without asking the store.
 */
#include "api/application.h"
#include "api/exposition.h"
#include "api/handlers.h"
#include "api/process_figures.h"
#include "base/memory.h"

#include <stdio.h>

enum { LABELS_SIZE = 80, TEXT_BYTES_MAX = 1 << 20 };

static void add_build(struct text *text)
{
    exposition_metric(
        text, "lectern_build_info", EXPOSITION_GAUGE, "The program that runs; always 1.");
    exposition_value(text, "lectern_build_info", "version=\"" LECTERN_VERSION "\"", 1);
}

static void add_connections(struct text *text, const struct server_figures *figures)
{
    char labels[LABELS_SIZE];
    exposition_counter(
        text, "lectern_connections_total", "Connections accepted.", figures->connections);
    exposition_gauge(
        text, "lectern_connections_open", "Connections open now.", figures->connections_open);
    exposition_metric(text, "lectern_connections", EXPOSITION_GAUGE,
        "Connections open now, by where they stand and what is spoken on them.");
    for (size_t state = 0; state < SERVER_CONNECTION_STATES; state++)
        for (size_t protocol = 0; protocol < SERVER_PROTOCOLS; protocol++) {
            (void)snprintf(labels, sizeof labels, "state=\"%s\",protocol=\"%s\"",
                server_connection_state_names[state], server_protocol_names[protocol]);
            exposition_value(
                text, "lectern_connections", labels, figures->connections_in[state][protocol]);
        }
    exposition_counter(
        text, "lectern_handshakes_total", "TLS handshakes that succeeded.", figures->handshakes);
    exposition_counter(text, "lectern_handshakes_resumed_total",
        "Of these, handshakes that resumed a session.", figures->handshakes_resumed);
    exposition_counter(text, "lectern_handshakes_kernel_total",
        "Of these, handshakes after which the kernel makes the records.",
        figures->handshakes_kernel);
    exposition_counter(text, "lectern_handshakes_failed_total", "TLS handshakes that failed.",
        figures->handshakes_failed);
    exposition_counter(text, "lectern_proxy_headers_refused_total",
        "Connections of proxies without a sound PROXY header.", figures->proxy_headers_refused);
    exposition_metric(text, "lectern_connections_refused_total", EXPOSITION_COUNTER,
        "Connections closed at once, by what they exceeded.");
    const struct {
        const char *labels;
        uint64_t count;
    } refused[] = {
        { "limit=\"address\"", figures->refused_by_address },
        { "limit=\"address-rate\"", figures->refused_by_address_rate },
        { "limit=\"rate\"", figures->refused_by_rate },
        { "limit=\"all\"", figures->refused_when_full },
    };
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
        exposition_value(
            text, "lectern_connections_refused_total", refused[i].labels, refused[i].count);
    exposition_counter(text, "lectern_room_made_total",
        "Connections that did nothing and were closed for a newcomer.", figures->room_made);
    exposition_counter(text, "lectern_paced_waits_total",
        "Times that a body was held back by its participant's pace.", figures->paced_waits);
    exposition_counter(text, "lectern_deadlines_closed_total", "Connections closed by a deadline.",
        figures->deadline_closes);
}

static void add_certificates(struct text *text, struct server *server)
{
    char labels[LABELS_SIZE];
    struct tls_facts facts = server_tls_facts(server);
    exposition_metric(text, "lectern_tls_certificate_expires_seconds", EXPOSITION_GAUGE,
        "Unix time at which a certificate in force ends.");
    for (size_t i = 0; i < facts.count; i++) {
        (void)snprintf(labels, sizeof labels, "number=\"%zu\"", i + 1);
        exposition_value(text, "lectern_tls_certificate_expires_seconds", labels,
            (uint64_t)(facts.certificates[i].ends_at_ms / 1000));
    }
}

static void add_requests(struct text *text, const struct server_figures *figures)
{
    char labels[LABELS_SIZE];
    exposition_counter(text, "lectern_requests_total", "Requests that came.", figures->exchanges);
    exposition_gauge(
        text, "lectern_requests_open", "Requests being answered now.", figures->exchanges_open);
    exposition_counter(text, "lectern_requests_refused_total",
        "Requests that broke the rules of HTTP.", figures->refused_requests);
    exposition_counter(text, "lectern_requests_aborted_total",
        "Requests whose response did not get to its end.", figures->exchanges_aborted);
    exposition_metric(
        text, "lectern_responses_total", EXPOSITION_COUNTER, "Responses begun, by status.");
    for (size_t status = 0; status < SERVER_STATUSES; status++) {
        if (figures->statuses[status] == 0)
            continue; /* hundreds that never come; those that came once stay */
        (void)snprintf(labels, sizeof labels, "status=\"%zu\"", status);
        exposition_value(text, "lectern_responses_total", labels, figures->statuses[status]);
    }
    exposition_metric(text, "lectern_first_byte_seconds", EXPOSITION_HISTOGRAM,
        "From a request's header to its response's.");
    exposition_histogram(text, "lectern_first_byte_seconds", "", &figures->first_byte);
    exposition_counter(text, "lectern_sent_bytes_total", "Bytes of response bodies handed to TLS.",
        figures->bytes_sent);
}

/* One look at each loop, kept for the metrics that are told one after the other. */
struct loops {
    size_t count;
    struct server_loop_figures *figures;
};

static void add_lag(struct text *text, const struct loops *loops)
{
    static const struct {
        const char *name, *help;
        bool most;
    } gauges[] = {
        { "lectern_loop_lag_last_seconds", "How late each loop was at its last tick.", false },
        { "lectern_loop_lag_most_seconds", "How late each loop was at most since the start.",
            true },
    };
    char labels[LABELS_SIZE];
    for (size_t i = 0; i < sizeof gauges / sizeof gauges[0]; i++) {
        exposition_metric(text, gauges[i].name, EXPOSITION_GAUGE, gauges[i].help);
        for (size_t loop = 0; loop < loops->count; loop++) {
            const struct server_loop_figures *figures = &loops->figures[loop];
            (void)snprintf(labels, sizeof labels, "loop=\"%zu\"", loop);
            exposition_seconds(text, gauges[i].name, labels,
                gauges[i].most ? figures->lag_most_us : figures->lag_last_us);
        }
    }
    exposition_metric(text, "lectern_loop_lag_seconds", EXPOSITION_HISTOGRAM,
        "How long an event waited for its loop, asked every 20 ms.");
    for (size_t loop = 0; loop < loops->count; loop++) {
        (void)snprintf(labels, sizeof labels, "loop=\"%zu\"", loop);
        exposition_histogram(text, "lectern_loop_lag_seconds", labels, &loops->figures[loop].lag);
    }
}

static void add_loop_queues(struct text *text, const struct loops *loops)
{
    static const char *const queues[] = { "mailbox", "ready", "delayed" };
    char labels[LABELS_SIZE];
    exposition_metric(text, "lectern_loop_queue_length", EXPOSITION_GAUGE,
        "Waiting for a loop: messages of threads, connections that want a turn, and those that "
        "want "
        "one after a pause.");
    for (size_t loop = 0; loop < loops->count; loop++) {
        const struct server_loop_figures *figures = &loops->figures[loop];
        const size_t lengths[] = { figures->mailbox, figures->ready, figures->delayed };
        for (size_t i = 0; i < sizeof queues / sizeof queues[0]; i++) {
            (void)snprintf(labels, sizeof labels, "loop=\"%zu\",queue=\"%s\"", loop, queues[i]);
            exposition_value(text, "lectern_loop_queue_length", labels, lengths[i]);
        }
    }
}

static void add_loops(struct text *text, struct exchange *exchange)
{
    struct application *application = exchange->context;
    struct loops loops = { .count = server_loop_count(application->server) };
    loops.figures = arena_alloc(&exchange->arena, loops.count * sizeof *loops.figures);
    for (size_t i = 0; i < loops.count; i++)
        server_read_loop_figures(application->server, i, &loops.figures[i]);
    add_lag(text, &loops);
    add_loop_queues(text, &loops);
}

static void add_store(struct text *text, struct application *application)
{
    exposition_gauge(text, "lectern_deliveries_waiting",
        "Delivery records on the way to the store.",
        delivery_log_waiting(application->delivery_log));
    exposition_gauge(text, "lectern_deliveries_waiting_limit",
        "How many may wait, in the rings of all loops.",
        delivery_log_limit(application->delivery_log));
    exposition_counter(text, "lectern_deliveries_refused_total",
        "Segments answered 503, as their record would have found no room.",
        delivery_log_refused(application->delivery_log));
    exposition_metric(text, "lectern_degraded", EXPOSITION_GAUGE,
        "1 while the server serves, but not as it should.");
    exposition_value(text, "lectern_degraded", "reason=\"deliveries\"",
        delivery_log_is_behind(application->delivery_log));
    exposition_value(text, "lectern_degraded", "reason=\"memory\"", memory_is_short());
    exposition_value(text, "lectern_degraded", "reason=\"mail\"",
        application->mail_courier && courier_read_figures(application->mail_courier).late);
    exposition_value(text, "lectern_degraded", "reason=\"statements\"",
        application->lrs_courier && courier_read_figures(application->lrs_courier).late);
    exposition_counter(text, "lectern_memory_shortages_total",
        "Times that the reserve of memory was broken into.", memory_shortages());
    exposition_counter(text, "lectern_cmcd_refused_total",
        "Requests whose player's figures (CMCD) were malformed.",
        atomic_load_explicit(&application->cmcd_refused, memory_order_relaxed));
    exposition_gauge(text, "lectern_lectures_unreadable",
        "Lecture versions whose files cannot be opened.",
        library_fault_count(application->library));
    exposition_gauge(text, "lectern_store_writes_waiting", "Writes waiting for the store.",
        db_writes_waiting(application->db));
    exposition_gauge(text, "lectern_store_requests_queued", "Requests waiting for a store thread.",
        workers_queued(application->store_pool));
    exposition_gauge(text, "lectern_disk_requests_queued", "Requests waiting for a disk thread.",
        workers_queued(application->disk_pool));
    exposition_gauge(text, "lectern_drawing_requests_queued",
        "Requests waiting for a thread that draws certificates.",
        workers_queued(application->drawing_pool));
}

static void add_evidence(struct text *text, struct application *application)
{
    struct checkpointer_figures figures;
    if (!application->checkpointer)
        return;
    checkpointer_read_figures(application->checkpointer, &figures);
    exposition_counter(text, "lectern_evidence_checkpoints_total",
        "Checkpoints of the evidence log that were signed at their time.", figures.made);
    exposition_counter(text, "lectern_evidence_failures_total",
        "Times that signing the evidence log, or its time stamp, failed.", figures.failures);
    exposition_counter(text, "lectern_evidence_stamped_total",
        "Checkpoints that an authority stamped.", figures.stamped);
    exposition_gauge(text, "lectern_evidence_records_signed",
        "Records that the newest of these has; 0 before the first.", (uint64_t)figures.size);
}

static void add_tries(struct text *text, const char *channel, const struct courier_figures *figures)
{
    char labels[LABELS_SIZE];
    const struct {
        const char *outcome;
        uint64_t count;
    } tries[] = { { "taken", figures->taken }, { "put-off", figures->put_off },
        { "refused", figures->refused }, { "line-down", figures->line_down } };
    for (size_t i = 0; i < sizeof tries / sizeof tries[0]; i++) {
        (void)snprintf(
            labels, sizeof labels, "channel=\"%s\",outcome=\"%s\"", channel, tries[i].outcome);
        exposition_value(text, "lectern_outbox_tries_total", labels, tries[i].count);
    }
}

static void add_outbox(struct text *text, const struct application *application)
{
    const struct {
        const char *channel;
        const struct courier *courier;
    } channels[] = { { "mail", application->mail_courier }, { "xapi", application->lrs_courier } };
    enum { CHANNELS = sizeof channels / sizeof channels[0] };
    struct courier_figures figures[CHANNELS] = { { 0 } };
    char labels[LABELS_SIZE];
    for (size_t i = 0; i < CHANNELS; i++)
        if (channels[i].courier)
            figures[i] = courier_read_figures(channels[i].courier);
    exposition_metric(text, "lectern_outbox", EXPOSITION_GAUGE,
        "What waits to leave the house, and what was refused or given up.");
    for (size_t i = 0; i < CHANNELS; i++) {
        (void)snprintf(
            labels, sizeof labels, "channel=\"%s\",state=\"waiting\"", channels[i].channel);
        exposition_value(text, "lectern_outbox", labels, figures[i].waiting);
        (void)snprintf(
            labels, sizeof labels, "channel=\"%s\",state=\"failed\"", channels[i].channel);
        exposition_value(text, "lectern_outbox", labels, figures[i].failed);
    }
    exposition_metric(text, "lectern_outbox_tries_total", EXPOSITION_COUNTER,
        "Tries to send something, by what came of them.");
    for (size_t i = 0; i < CHANNELS; i++)
        add_tries(text, channels[i].channel, &figures[i]);
}

/* Under the names that dashboards for any program know. */
static void add_process(struct text *text)
{
    struct process_figures figures;
    process_read_figures(&figures);
    exposition_gauge(text, "process_resident_memory_bytes", "Resident memory size in bytes.",
        figures.resident_bytes);
    exposition_gauge(text, "process_virtual_memory_bytes", "Virtual memory size in bytes.",
        figures.virtual_bytes);
    exposition_metric(text, "process_cpu_seconds_total", EXPOSITION_COUNTER,
        "Total user and system CPU time spent in seconds.");
    exposition_seconds(text, "process_cpu_seconds_total", "", figures.cpu_us);
    exposition_metric(text, "process_start_time_seconds", EXPOSITION_GAUGE,
        "Start time of the process since unix epoch in seconds.");
    exposition_seconds(text, "process_start_time_seconds", "", figures.started_at_us);
    exposition_gauge(text, "process_max_fds", "Maximum number of open file descriptors.",
        figures.descriptors_max);
}

static void send_metrics(struct exchange *exchange, bool with_descriptors)
{
    struct application *application = exchange->context;
    struct server_figures figures;
    struct text text;
    text_init(&text, TEXT_BYTES_MAX);
    server_read_figures(application->server, &figures);
    add_build(&text);
    add_connections(&text, &figures);
    add_certificates(&text, application->server);
    add_requests(&text, &figures);
    add_loops(&text, exchange);
    add_store(&text, application);
    add_evidence(&text, application);
    add_outbox(&text, application);
    exposition_counter(&text, "lectern_requests_slow_total",
        "Requests that took slow-request-ms or longer by our own fault.",
        access_log_slow(application->access_log));
    exposition_counter(&text, "lectern_log_dropped_total",
        "Requests that are missing in the logs: a full ring, or a file that could not be written.",
        access_log_dropped(application->access_log));
    add_process(&text);
    if (with_descriptors)
        exposition_gauge(&text, "process_open_fds", "Number of open file descriptors.",
            process_count_descriptors());
    exchange_add_field(exchange, "Cache-Control", "no-store");
    exchange_send(exchange, 200, "text/plain; version=0.0.4", text.bytes, text.length);
    text_release(&text);
}

static void send_all(struct exchange *exchange)
{
    send_metrics(exchange, true);
}

/* Counting thousands of descriptors would hold up the loop; but under pressure, when the figures are
 * wanted most, they come without that one rather than late or never. */
void metrics_show(struct exchange *exchange)
{
    struct application *application = exchange->context;
    if (workers_queued(application->disk_pool) > 0)
        send_metrics(exchange, false);
    else
        exchange_run_blocking(exchange, POOL_DISK, send_all, NULL);
}
