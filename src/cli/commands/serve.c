/*
 * The server: every part is started in the order in which they need each other, and ended in the
 * reverse.  What fails at the start is said as a sentence, and nothing stays behind.
 */
#include "api/application.h"
#include "base/clock.h"
#include "base/log.h"
#include "cli/certificate_watch.h"
#include "cli/control.h"
#include "cli/house.h"
#include "cli/keeper.h"
#include "cli/output.h"
#include "viewing/play.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct service {
    struct application application;
    struct control *control;
    struct keeper *keeper;
    struct reloader *reloader;
    bool run_begun;
};

static bool set_log_level(const struct settings *settings, struct problem *problem)
{
    enum log_level level;
    if (!log_level_of(settings, &level, problem))
        return false;
    log_set_level(level);
    return true;
}

/* One damaged lecture closes no other, but somebody must hear of it. */
static void tell_faults(struct library *library)
{
    json_t *faults = library_faults(library), *fault;
    size_t index;
    char detail[LOG_QUOTED_SIZE];
    json_array_foreach(faults, index, fault)
        log_event(LOG_ERROR, "lecture-unreadable", "lecture=%s version=%lld detail=%s",
            json_string_value(json_object_get(fault, "lecture_id")),
            (long long)json_integer_value(json_object_get(fault, "version")),
            log_quoted(detail, json_string_value(json_object_get(fault, "detail"))));
    json_decref(faults);
}

/* On a job's thread: loops must find the lecture once its job has ended. */
static void lecture_changed(void *data, const char *lecture_id)
{
    struct problem problem = { 0 };
    if (!library_refresh_lecture(data, lecture_id, &problem))
        log_problem(LOG_ERROR, "library-refresh", &problem);
    tell_faults(data);
}

/* The check of portability (db.h): a file of statements for another engine to read.  Stays open to the end. */
static bool start_trace(const char *path, FILE **ret_trace, struct problem *problem)
{
    if (!path)
        return true;
    *ret_trace = fopen(path, "ae");
    if (!*ret_trace)
        return problem_set(
            problem, PROBLEM_SETTING, "'%s' cannot be written: %s.", path, strerror(errno));
    db_trace_statements(*ret_trace);
    return true;
}

static void stop_trace(FILE *trace)
{
    db_trace_statements(NULL);
    if (trace)
        (void)fclose(trace);
}

static bool start_store(struct service *service, struct problem *problem)
{
    struct application *application = &service->application;
    const struct settings *settings = application->settings;
    application->db = store_open(settings, problem);
    if (!application->db)
        return false;
    int64_t ahead_ms = clock_now_ms() - clock_wall_ms();
    if (ahead_ms > 5000)
        log_event(LOG_WARNING, "clock-behind-store", "by_ms=%lld", (long long)ahead_ms);
    service->run_begun = server_run_begin(application->db, problem);
    return service->run_begun
           && (application->tokens = media_tokens_open(application->db, settings, problem));
}

static bool start_catalog(struct application *application, struct problem *problem)
{
    const struct settings *settings = application->settings;
    application->library = library_open(application->db, settings, problem);
    if (!application->library)
        return false;
    tell_faults(application->library);
    return (application->ingest = ingest_start(
                application->db, settings, lecture_changed, application->library, problem))
           && (application->uploads
               = uploads_open(application->db, application->ingest, settings, problem));
}

static struct workers *start_pool(
    const char *name, int64_t threads, const struct settings *settings, struct problem *problem)
{
    struct workers *pool = workers_start(name, (size_t)threads, (size_t)settings->queue_max);
    if (!pool)
        problem_set(problem, PROBLEM_INTERNAL, "no thread could be started");
    return pool;
}

static bool start_http(struct application *application, struct problem *problem)
{
    const struct settings *settings = application->settings;
    struct server_settings server_settings = {
        .settings = settings,
        .context = application,
        .greet = application_greet,
        .guard = application_guard,
        .not_found = application_not_found,
        .access_log = application_access_log,
    };
    server_settings.routes = application_routes(&server_settings.route_count);
    if (settings->metrics_port > 0)
        server_settings.plain_routes = application_plain_routes(&server_settings.plain_route_count);
    application->attempts = attempt_limiter_create(settings->sign_in_attempts_per_minute);
    application->paces = paces_create(settings->participant_bytes_per_second);
    if (!(application->static_files = static_files_load(settings->web_root, problem))
        || !(application->store_pool
             = start_pool("store", settings->store_threads, settings, problem))
        || !(
            application->disk_pool = start_pool("disk", settings->disk_threads, settings, problem)))
        return false;
    server_settings.store_pool = application->store_pool;
    server_settings.disk_pool = application->disk_pool;
    application->server = server_create(&server_settings, problem);
    return application->server
           && (application->access_log
               = access_log_start(settings, server_loop_count(application->server), problem))
           && (application->delivery_log = delivery_log_start(
                   application->db, settings, server_loop_count(application->server), problem));
}

static bool start_control(struct service *service, struct problem *problem)
{
    struct application *application = &service->application;
    const struct command_context shared = {
        .settings = application->settings,
        .db = application->db,
        .ingest = application->ingest,
        .tokens = application->tokens,
        .library = application->library,
        .delivery_log = application->delivery_log,
        .reloader = service->reloader,
        .input_fd = -1,
    };
    return (service->control = control_start(&shared, problem))
           && (service->keeper = keeper_start(application, service->reloader, problem));
}

static void stop_http(struct application *application)
{
    workers_finish(application->store_pool);
    workers_finish(application->disk_pool);
    /* Requests that outlived the deadline end here: they may still ask the pools, which say no, and
     * have a delivery to record. */
    if (application->server)
        server_free(application->server);
    workers_stop(application->store_pool);
    workers_stop(application->disk_pool);
    if (application->delivery_log)
        delivery_log_stop(application->delivery_log);
    access_log_stop(application->access_log);
    if (application->static_files)
        static_files_free(application->static_files);
    if (application->attempts)
        attempt_limiter_free(application->attempts);
    paces_free(application->paces);
}

static void stop_catalog(struct application *application)
{
    if (application->uploads)
        uploads_free(application->uploads);
    if (application->ingest)
        ingest_stop(application->ingest);
    if (application->library)
        library_free(application->library);
    if (application->tokens)
        media_tokens_free(application->tokens);
}

static void stop(struct service *service)
{
    struct problem problem = { 0 };
    control_stop(service->control);
    keeper_stop(service->keeper);
    reloader_free(service->reloader);
    stop_http(&service->application);
    stop_catalog(&service->application);
    if (service->run_begun && !server_run_end(service->application.db, &problem))
        log_problem(LOG_ERROR, "run-end", &problem);
    db_close(service->application.db);
}

static int run(struct command_context *context, const struct command_line *line)
{
    struct service service = { .application.settings = context->settings };
    struct problem problem = { 0 };
    FILE *trace = NULL;
    keeper_block_signals();
    bool started
        = set_log_level(context->settings, &problem)
          && start_trace(command_option(line, "trace-statements"), &trace, &problem)
          && certificate_renew_and_tell(context->settings, &problem)
          && (service.reloader = reloader_create(&service.application, line))
          && start_store(&service, &problem) && start_catalog(&service.application, &problem)
          && start_http(&service.application, &problem) && start_control(&service, &problem);
    if (started) {
        struct server *server = service.application.server;
        struct tls_facts tls_facts = server_tls_facts(server);
        certificates_tell(&tls_facts);
        if (server_lacks_congestion_control(server))
            log_event(LOG_WARNING, "congestion-control-unknown", "name=%s",
                log_quoted((char[LOG_QUOTED_SIZE]){ "" }, context->settings->congestion_control));
        log_event(LOG_INFO, "listening", "url=%s port=%d metrics_port=%d version=%s",
            context->settings->public_url, server_port(server),
            context->settings->metrics_port > 0 ? server_plain_port(server) : 0, LECTERN_VERSION);
        server_run(server);
    }
    stop(&service);
    stop_trace(trace);
    if (!started)
        return command_problem(context, &problem);
    log_event(LOG_INFO, "stopped", "version=%s", LECTERN_VERSION);
    return COMMAND_DONE;
}

const struct command command_serve = {
    .name = "serve",
    .arguments = "",
    .summary = "Run the server",
    .help = "Runs until SIGTERM or Ctrl-C, then lets open requests end (setting stop-deadline-ms); a "
            "second signal ends them. SIGHUP reloads settings and certificates. Logs to the error stream. Commands typed beside it are carried out by it.",
    .options = {
        { "trace-statements", "FILE", "Write every SQL text to it once, for a check by another engine.", false },
    },
    .place = COMMAND_ALONE,
    .run = run,
};
