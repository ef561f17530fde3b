#include "cli/certificate_watch.h"

#include "base/clock.h"
#include "base/log.h"

static const int64_t day_ms = 86400000;

static long long days_left(const struct tls_certificate_facts *facts)
{
    return (facts->ends_at_ms - clock_wall_ms()) / day_ms;
}

void certificates_tell(const struct tls_facts *facts)
{
    char detail[LOG_QUOTED_SIZE];
    for (size_t i = 0; i < facts->count; i++) {
        const struct tls_certificate_facts *certificate = &facts->certificates[i];
        log_event(LOG_INFO, "certificate", "number=%zu days=%lld stapled=%s", i + 1,
            days_left(certificate), certificate->stapled ? "yes" : "no");
        if (problem_is_set(&certificate->staple_problem))
            log_event(LOG_WARNING, "certificate-not-stapled", "number=%zu detail=%s", i + 1,
                log_quoted(detail, certificate->staple_problem.detail));
    }
}
