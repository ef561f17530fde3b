#include "cli/reload.h"

#include "access/staff_login.h"
#include "api/access_log.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "cli/certificate.h"
#include "cli/certificate_watch.h"
#include "cli/settings_source.h"

#include <pthread.h>
#include <stdlib.h>

struct reloader {
    struct application *application;
    const struct command_line *line;
    pthread_mutex_t lock;
    struct settings settings; /* in force; guarded by lock, as all that follows */
    struct certificate_watch watch;
    int64_t watch_due_ms; /* steady */
    bool renewal_failed;  /* said once */
};

struct reloader *reloader_create(struct application *application, const struct command_line *line)
{
    struct reloader *reloader = memory_zeroed(1, sizeof *reloader);
    reloader->application = application;
    reloader->line = line;
    (void)pthread_mutex_init(&reloader->lock, NULL);
    settings_copy(application->settings, &reloader->settings);
    certificate_watch_begin(&reloader->watch, &reloader->settings);
    return reloader;
}

void reloader_free(struct reloader *reloader)
{
    if (!reloader)
        return;
    settings_release(&reloader->settings);
    (void)pthread_mutex_destroy(&reloader->lock);
    free(reloader);
}

bool log_level_of(
    const struct settings *settings, enum log_level *ret_level, struct problem *problem)
{
    return log_level_named(settings->log_level, ret_level)
           || problem_set(problem, PROBLEM_SETTING,
               "'log-level' must be debug, info, warning or error, not '%.40s'.",
               settings->log_level);
}

/* All or nothing. */
static bool put_in_force(
    struct reloader *reloader, const struct settings *settings, struct problem *problem)
{
    struct application *application = reloader->application;
    enum log_level level;
    if (!log_level_of(settings, &level, problem))
        return false;
    /* Before the files are read: what is written meanwhile is noticed the next time. */
    certificate_watch_begin(&reloader->watch, settings);
    if (!server_reload(application->server, settings, problem))
        return false;
    log_set_level(level);
    attempt_limiter_set(application->attempts, settings->sign_in_attempts_per_minute);
    access_log_set_slow(application->access_log, settings->slow_request_ms);
    return true;
}

/* Names of settings, parted by ", ". */
struct differences {
    struct text changed, waiting;
};

static void note_difference(void *data, const char *name, bool taken_up)
{
    struct differences *found = data;
    struct text *names = taken_up ? &found->changed : &found->waiting;
    text_printf(names, "%s%s", names->length > 0 ? ", " : "", name);
}

static const char *or_nothing(const struct text *text)
{
    return text->length > 0 ? text->bytes : "";
}

static void tell(
    const struct differences *found, const struct tls_facts *facts, struct text *ret_said)
{
    log_event(LOG_INFO, "settings-reloaded", "changed=\"%s\"", or_nothing(&found->changed));
    if (found->waiting.length > 0)
        log_event(LOG_WARNING, "settings-need-restart", "names=\"%s\"", found->waiting.bytes);
    certificates_tell(facts);
    text_printf(ret_said, "Changed: %s.\n",
        found->changed.length > 0 ? found->changed.bytes : "no setting");
    if (found->waiting.length > 0)
        text_printf(ret_said, "Needs a restart: %s.\n", found->waiting.bytes);
    certificates_describe(facts, ret_said);
}

bool reloader_run(struct reloader *reloader, struct text *ret_said, struct problem *problem)
{
    struct settings loaded, next;
    struct differences found;
    text_init(&found.changed, RELOAD_TEXT_BYTES_MAX / 4);
    text_init(&found.waiting, RELOAD_TEXT_BYTES_MAX / 4);
    settings_init(&loaded);
    (void)pthread_mutex_lock(&reloader->lock);
    settings_copy(&reloader->settings, &next);
    struct certificate_watch watch = reloader->watch;
    bool done = settings_gather(&loaded, reloader->line, problem);
    if (done) {
        settings_take_up(&next, &loaded, note_difference, &found);
        done = put_in_force(reloader, &next, problem);
    }
    if (done) {
        struct settings before = reloader->settings;
        struct tls_facts facts = server_tls_facts(reloader->application->server);
        reloader->settings = next;
        next = before;
        tell(&found, &facts, ret_said);
    } else {
        reloader->watch = watch; /* certificates that came with bad settings are yet to be seen */
        log_problem(LOG_ERROR, "reload-refused", problem);
    }
    (void)pthread_mutex_unlock(&reloader->lock);
    settings_release(&next);
    settings_release(&loaded);
    text_release(&found.changed);
    text_release(&found.waiting);
    return done;
}

/* Our own, in its last days. */
static void renew(struct reloader *reloader)
{
    struct problem problem = { 0 };
    bool done = certificate_renew_and_tell(&reloader->settings, &problem);
    if (!done && !reloader->renewal_failed)
        log_problem(LOG_ERROR, "certificate-renewal", &problem);
    reloader->renewal_failed = !done;
}

static void look(struct reloader *reloader)
{
    struct problem problem = { 0 };
    struct server *server = reloader->application->server;
    server_renew_ticket_keys(server);
    renew(reloader);
    bool changed = certificate_watch_changed(&reloader->watch, &reloader->settings);
    if (changed && !put_in_force(reloader, &reloader->settings, &problem))
        log_problem(LOG_ERROR, "certificate-refused", &problem);
    struct tls_facts facts = server_tls_facts(server);
    if (changed && !problem_is_set(&problem))
        certificates_tell(&facts);
    certificate_watch_warn(&reloader->watch, &facts);
}

void reloader_mind(struct reloader *reloader)
{
    (void)pthread_mutex_lock(&reloader->lock);
    int64_t now_ms = clock_steady_ms();
    if (now_ms >= reloader->watch_due_ms) {
        look(reloader);
        reloader->watch_due_ms = now_ms + reloader->settings.tls_watch_seconds * 1000;
    }
    (void)pthread_mutex_unlock(&reloader->lock);
}
