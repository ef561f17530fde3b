#include "cli/certificate_watch.h"

#include "base/clock.h"
#include "base/log.h"
#include "cli/certificate.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const int64_t day_ms = 86400000;

static void take_stamps(const struct settings *settings, struct file_stamp stamps[TLS_FILES_MAX])
{
    char *paths[TLS_FILES_MAX];
    memset(stamps, 0, TLS_FILES_MAX * sizeof stamps[0]);
    tls_context_paths(settings, paths);
    for (size_t i = 0; i < TLS_FILES_MAX; i++) {
        struct stat facts;
        if (paths[i][0] != '\0' && stat(paths[i], &facts) == 0)
            stamps[i]
                = (struct file_stamp){ facts.st_dev, facts.st_ino, facts.st_size, facts.st_mtim };
        free(paths[i]);
    }
}

static bool is_same(const struct file_stamp *left, const struct file_stamp *right)
{
    return left->device == right->device && left->inode == right->inode && left->size == right->size
           && left->changed.tv_sec == right->changed.tv_sec
           && left->changed.tv_nsec == right->changed.tv_nsec;
}

void certificate_watch_begin(struct certificate_watch *watch, const struct settings *settings)
{
    take_stamps(settings, watch->stamps);
}

bool certificate_watch_changed(
    const struct certificate_watch *watch, const struct settings *settings)
{
    struct file_stamp now[TLS_FILES_MAX];
    take_stamps(settings, now);
    for (size_t i = 0; i < TLS_FILES_MAX; i++)
        if (!is_same(&watch->stamps[i], &now[i]))
            return true;
    return false;
}

static long long days_left(const struct tls_certificate_facts *facts)
{
    return (facts->ends_at_ms - clock_wall_ms()) / day_ms;
}

void certificate_watch_warn(struct certificate_watch *watch, const struct tls_facts *facts)
{
    int64_t now_ms = clock_steady_ms();
    if (watch->warned_ms != 0 && now_ms < watch->warned_ms + day_ms)
        return;
    for (size_t i = 0; i < facts->count; i++) {
        const struct tls_certificate_facts *certificate = &facts->certificates[i];
        bool ends = days_left(certificate) < CERTIFICATE_WARNING_DAYS;
        bool staple_over
            = certificate->stapled && certificate->staple_ends_at_ms <= clock_wall_ms();
        if (ends)
            log_event(LOG_WARNING, "certificate-ends-soon", "number=%zu days=%lld", i + 1,
                days_left(certificate));
        if (staple_over)
            log_event(LOG_WARNING, "certificate-staple-over", "number=%zu", i + 1);
        if (ends || staple_over)
            watch->warned_ms = now_ms;
    }
}

bool certificate_renew_and_tell(const struct settings *settings, struct problem *problem)
{
    enum certificate_change change;
    if (!certificate_renew(settings, &change, problem))
        return false;
    if (change == CERTIFICATE_RENEWED)
        log_event(LOG_INFO, "certificate-renewed", "days=%d", CERTIFICATE_DAYS);
    return true;
}

void certificates_tell(const struct tls_facts *facts)
{
    char detail[LOG_QUOTED_SIZE];
    if (facts->kernel_wanted)
        log_event(LOG_INFO, "tls-kernel", "offered=%s", tls_kernel_offers() ? "yes" : "no");
    log_event(LOG_INFO, "tls-vaes", "used=%s", facts->vaes ? "yes" : "no");
    for (size_t i = 0; i < facts->count; i++) {
        const struct tls_certificate_facts *certificate = &facts->certificates[i];
        log_event(LOG_INFO, "certificate", "number=%zu days=%lld stapled=%s", i + 1,
            days_left(certificate), certificate->stapled ? "yes" : "no");
        if (problem_is_set(&certificate->staple_problem))
            log_event(LOG_WARNING, "certificate-not-stapled", "number=%zu detail=%s", i + 1,
                log_quoted(detail, certificate->staple_problem.detail));
    }
}

void certificates_describe(const struct tls_facts *facts, struct text *text)
{
    static const char *const names[TLS_CERTIFICATES_MAX]
        = { "The certificate", "The second certificate" };
    for (size_t i = 0; i < facts->count; i++) {
        const struct tls_certificate_facts *certificate = &facts->certificates[i];
        text_printf(text, "%s ends in %lld days", names[i], days_left(certificate));
        if (certificate->stapled)
            text_append_string(text, ", and its OCSP response is sent along");
        else if (problem_is_set(&certificate->staple_problem))
            text_printf(text, ", and its OCSP response is of no use: %s",
                certificate->staple_problem.detail);
        text_append_string(text, ".\n");
    }
}
