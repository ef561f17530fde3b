/*
 * The server: every part is started in the order in which they need each other, and ended in the
 * reverse.  What fails at the start is said as a sentence, and nothing stays behind.
 */
#include "api/application.h"
#include "api/events.h"
#include "base/clock.h"
#include "base/log.h"
#include "cli/background.h"
#include "cli/certificate_watch.h"
#include "cli/control.h"
#include "cli/couriers.h"
#include "cli/handover.h"
#include "cli/house.h"
#include "cli/keeper.h"
#include "cli/output.h"
#include "cli/privacy_watch.h"
#include "cli/service_manager.h"
#include "cli/takeover.h"
#include "media/ladder.h"
#include "viewing/play.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* FOLDER_WAIT_EXTRA_MS: beyond stop-deadline-ms, for the last records of a server that ends. */
enum { FOLDER_WAIT_EXTRA_MS = 10000, FOLDER_ASK_AGAIN_MS = 50 };

struct service {
    struct application application;
    struct takeover *takeover; /* NULL unless we took over from a running server */
    struct handover *handover;
    struct control *control;
    struct keeper *keeper;
    struct privacy_watch *privacy_watch;
    struct reloader *reloader;
    struct couriers *couriers;
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

/* Every job reads it again; one that cannot be read is told of before the first lecture comes. */
static bool check_ladder(const struct settings *settings, struct problem *problem)
{
    struct ladder ladder;
    return ladder_load(&ladder, settings->ladder_file, problem);
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
    const struct application *application = data;
    struct problem problem = { 0 };
    if (!library_refresh_lecture(application->library, lecture_id, &problem))
        log_problem(LOG_ERROR, "library-refresh", &problem);
    tell_faults(application->library);
    events_tell_lecture(application->events, lecture_id);
}

static void job_progressed(void *data, const struct job_progress *progress)
{
    const struct application *application = data;
    events_tell_progress(application->events, progress);
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

/* A server that stops answers nobody, and has the folder until its last record is written. */
static struct db *wait_for_store(const struct settings *settings, struct problem *problem)
{
    int64_t end_ms = clock_steady_ms() + settings->stop_deadline_ms + FOLDER_WAIT_EXTRA_MS;
    struct db *db;
    while (!(db = store_open(settings, problem)) && problem->kind == PROBLEM_CONFLICT
           && clock_steady_ms() < end_ms) {
        problem_clear(problem);
        (void)usleep(FOLDER_ASK_AGAIN_MS * 1000);
    }
    return db;
}

static bool start_store(struct service *service, bool take_over, struct problem *problem)
{
    struct application *application = &service->application;
    const struct settings *settings = application->settings;
    application->db = service->takeover
                          ? store_open_beside(settings, takeover_lock(service->takeover), problem)
                      : take_over ? wait_for_store(settings, problem)
                                  : store_open(settings, problem);
    if (!application->db)
        return false;
    int64_t ahead_ms = clock_now_ms() - clock_wall_ms();
    if (ahead_ms > 5000)
        log_event(LOG_WARNING, "clock-behind-store", "by_ms=%lld", (long long)ahead_ms);
    service->run_begun = !service->takeover && server_run_begin(application->db, problem);
    return (service->run_begun || service->takeover)
           && (application->tokens = media_tokens_open(application->db, settings, problem))
           && (application->grants = offline_grants_open(application->db, problem));
}

static bool start_catalog(struct service *service, struct problem *problem)
{
    struct application *application = &service->application;
    const struct settings *settings = application->settings;
    application->events = events_create(application);
    application->library = library_open(application->db, settings, problem);
    if (!application->library)
        return false;
    tell_faults(application->library);
    const struct ingest_options options
        = { .changed = lecture_changed, .progressed = job_progressed, .data = application };
    if (service->takeover)
        return (application->ingest
                   = ingest_start_paused(application->db, settings, &options, problem))
               && (application->uploads
                   = uploads_open_beside(application->db, application->ingest, settings));
    return (application->ingest = ingest_start(application->db, settings, &options, problem))
           && (application->uploads
               = uploads_open(application->db, application->ingest, settings, problem));
}

static struct workers *start_pool(
    const char *name, int64_t threads, int64_t queue_max, struct problem *problem)
{
    struct workers *pool = workers_start(name, (size_t)threads, (size_t)queue_max);
    if (!pool)
        problem_set(problem, PROBLEM_INTERNAL, "no thread could be started");
    return pool;
}

static bool start_pools(struct application *application, struct problem *problem)
{
    const struct settings *settings = application->settings;
    int64_t queue_max = settings->queue_max;
    return (application->store_pool
               = start_pool("store", settings->store_threads, queue_max, problem))
           && (application->disk_pool
               = start_pool("disk", settings->disk_threads, queue_max, problem))
           && (application->drawing_pool = start_pool(
                   "drawing", settings->drawing_threads, settings->drawing_queue_max, problem));
}

static bool start_http(struct service *service, struct problem *problem)
{
    struct application *application = &service->application;
    const struct settings *settings = application->settings;
    struct server_settings server_settings = {
        .settings = settings,
        .context = application,
        .greet = application_greet,
        .guard = application_guard,
        .not_found = application_not_found,
        .access_log = application_access_log,
        .inherited = service->takeover ? takeover_sockets(service->takeover) : NULL,
    };
    server_settings.routes = application_routes(&server_settings.route_count);
    if (settings->metrics_port > 0)
        server_settings.plain_routes = application_plain_routes(&server_settings.plain_route_count);
    application->attempts = attempt_limiter_create(settings->sign_in_attempts_per_minute);
    application->paces = paces_create(settings->participant_bytes_per_second);
    if (!start_pools(application, problem))
        return false;
    server_settings.store_pool = application->store_pool;
    server_settings.disk_pool = application->disk_pool;
    server_settings.drawing_pool = application->drawing_pool;
    application->server = server_create(&server_settings, problem);
    events_attach(application->events, application->server);
    return application->server
           && (application->access_log
               = access_log_start(settings, server_loop_count(application->server), problem))
           && (application->delivery_log = delivery_log_start(
                   application->db, settings, server_loop_count(application->server), problem));
}

static void tell_of_evidence(const struct problem *problem)
{
    log_problem(LOG_ERROR, "evidence", problem);
}

static bool start_control(struct service *service, struct problem *problem)
{
    struct application *application = &service->application;
    service->handover = handover_create(application, service->takeover);
    const struct control_settings settings = {
        .shared = {
            .settings = application->settings,
            .db = application->db,
            .ingest = application->ingest,
            .tokens = application->tokens,
            .library = application->library,
            .delivery_log = application->delivery_log,
            .reloader = service->reloader,
            .input_fd = -1,
        },
        .take_over = handover_run,
        .data = service->handover,
        .listening = service->takeover ? takeover_take_control(service->takeover) : -1,
    };
    return (service->control = control_start(&settings, problem))
           && (application->checkpointer = checkpointer_start(
                   application->db, application->settings, tell_of_evidence, problem))
           && (service->keeper = keeper_start(application, service->reloader, problem))
           && (service->privacy_watch = privacy_watch_start(application, problem));
}

/* Until here all could fail, and the old server would have gone on. */
static bool finish_takeover(struct service *service, struct problem *problem)
{
    struct application *application = &service->application;
    if (!service->takeover)
        return true;
    if (!takeover_go(service->takeover, problem))
        return false;
    int64_t predecessor = takeover_run_id(service->takeover);
    service->run_begun = server_run_take_over(application->db, predecessor, problem);
    return service->run_begun && ingest_resume(application->ingest, problem)
           && takeover_follow(service->takeover, application, problem);
}

static void stop_http(struct application *application)
{
    workers_finish(application->store_pool);
    workers_finish(application->disk_pool);
    workers_finish(application->drawing_pool);
    /* Requests that outlived the deadline end here: they may still ask the pools, which say no, and
     * have a delivery to record. */
    events_detach(application->events);
    if (application->server)
        server_free(application->server);
    workers_stop(application->store_pool);
    workers_stop(application->disk_pool);
    workers_stop(application->drawing_pool);
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
    events_free(application->events);
    if (application->library)
        library_free(application->library);
    if (application->tokens)
        media_tokens_free(application->tokens);
    offline_grants_free(application->grants);
}

/* served: it was the server, and ends because it was told to. */
static void stop(struct service *service, bool served)
{
    struct problem problem = { 0 };
    if (served)
        takeover_release(service->takeover);
    control_stop(service->control);
    privacy_watch_stop(service->privacy_watch);
    keeper_stop(service->keeper);
    reloader_free(service->reloader);
    takeover_unfollow(service->takeover);
    stop_http(&service->application);
    /* The figures of both are asked for until here. */
    checkpointer_stop(service->application.checkpointer);
    couriers_stop(service->couriers);
    stop_catalog(&service->application);
    if (service->run_begun && !server_run_end(service->application.db, &problem))
        log_problem(LOG_ERROR, "run-end", &problem);
    db_close(service->application.db);
    handover_free(service->handover);
    takeover_end(service->takeover);
}

static int run(struct command_context *context, const struct command_line *line)
{
    struct service service = { .application.settings = context->settings };
    struct problem problem = { 0 };
    FILE *trace = NULL;
    bool take_over = command_flag(line, "take-over");
    bool in_background = command_flag(line, "background");
    int background = in_background ? background_begin(&problem) : -1;
    keeper_block_signals();
    /* What can fail without the store comes first: a running server is not bothered with it. */
    bool started = (!in_background || background >= 0) && set_log_level(context->settings, &problem)
                   && check_ladder(context->settings, &problem)
                   && start_trace(command_option(line, "trace-statements"), &trace, &problem)
                   && data_folder_check(context->settings->data, &problem)
                   && certificate_renew_and_tell(context->settings, &problem)
                   && (service.reloader = reloader_create(&service.application, line))
                   && (service.application.static_files
                       = static_files_load(context->settings->web_root, &problem))
                   && (!take_over || takeover_begin(context->settings, &service.takeover, &problem))
                   && start_store(&service, take_over, &problem)
                   && start_catalog(&service, &problem)
                   && (service.couriers = couriers_start(&service.application, &problem))
                   && start_http(&service, &problem) && finish_takeover(&service, &problem)
                   && start_control(&service, &problem);
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
        service_manager_ready();
        background_ready(background);
        server_run(server);
        if (!handover_is_done(service.handover))
            service_manager_stopping();
    }
    stop(&service, started);
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
            "second signal ends them. SIGHUP reloads settings and certificates. Logs to the error stream. Commands typed beside it are carried out by it. "
            "With --take-over it replaces the server that runs on the same data folder, which goes on if "
            "this one cannot; without one it starts as usual.",
    .options = {
        { "take-over", NULL, "Go on for the server that runs on this data folder, without a dropped request; without one, start.", false },
        { "background", NULL, "Come back once it serves, and leave it running.", false },
        { "trace-statements", "FILE", "Write every SQL text to it once, for a check by another engine.", false },
    },
    .place = COMMAND_ALONE,
    .run = run,
};
