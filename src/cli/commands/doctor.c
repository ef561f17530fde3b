/*
 * Is this installation well?  A minute's look at what stops a server in the middle of a program: the
 * store, the disk, the certificate, the processes that prepare lectures, time zones and the clock.
 */
#include "base/clock.h"
#include "certificate/paper.h"
#include "cli/certificate.h"
#include "cli/certificate_watch.h"
#include "cli/house.h"
#include "cli/media_check.h"
#include "cli/output.h"
#include "cli/transaction.h"
#include "http/tls_context.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unicode/ucal.h>
#include <unicode/ustring.h>
#include <unistd.h>

static const int64_t gib = INT64_C(1) << 30, day_ms = 86400000;
enum {
    FREE_GIB_LEAST = 2,
    FREE_PERCENT_LEAST = 5,
    CLOCK_AHEAD_MS_MAX = 5000,
    FINDING_BYTES_MAX = 1200
};

/* Each says what it found; false: somebody must do something. */
typedef bool (*check_function)(struct command_context *context, struct text *finding);

static bool say_problem(struct text *finding, const struct problem *problem)
{
    problem_describe(problem, finding);
    return false;
}

static bool check_store(struct command_context *context, struct text *finding)
{
    struct problem problem = { 0 };
    if (!context->db)
        return say_problem(finding, context->store_problem);
    if (!db_check(context->db, &problem))
        return say_problem(finding, &problem);
    text_append_string(finding, "opens, and its tables and indexes agree");
    return true;
}

static bool check_disk(struct command_context *context, struct text *finding)
{
    struct statvfs facts;
    if (statvfs(context->settings->data, &facts) != 0) {
        text_printf(finding, "%s: %s", context->settings->data, strerror(errno));
        return false;
    }
    int64_t free_bytes = (int64_t)(facts.f_bavail * facts.f_frsize);
    int64_t percent = facts.f_blocks == 0 ? 0 : (int64_t)(facts.f_bavail * 100 / facts.f_blocks);
    text_printf(finding, "%lld.%lld GiB free, %lld %%", (long long)(free_bytes / gib),
        (long long)(free_bytes % gib * 10 / gib), (long long)percent);
    bool enough = free_bytes >= FREE_GIB_LEAST * gib && percent >= FREE_PERCENT_LEAST;
    if (!enough)
        text_printf(
            finding, "; make room, at least %d GiB and %d %%", FREE_GIB_LEAST, FREE_PERCENT_LEAST);
    return enough;
}

static bool check_certificate(struct command_context *context, struct text *finding)
{
    struct problem problem = { 0 };
    struct certificate_facts facts;
    if (!certificate_read(context->settings, &facts, &problem))
        return say_problem(finding, &problem);
    long long days = (facts.ends_at_ms - clock_wall_ms()) / day_ms;
    text_printf(finding, "ends in %lld days%s", days,
        facts.ours ? ", and the server renews it in its last 30" : "");
    if (!facts.covers_host)
        text_printf(finding, "; it does not cover %s", context->settings->public_url);
    return facts.covers_host && days >= (facts.ours ? 1 : CERTIFICATE_WARNING_DAYS);
}

/* What a client would meet: each certificate with its key, and what goes out beside it.  How soon the
 * first may end is check_certificate()'s matter, as it may be one that the server renews. */
static bool describe_certificates(const struct tls_facts *facts, struct text *finding)
{
    bool well = true;
    for (size_t i = 0; i < facts->count; i++) {
        const struct tls_certificate_facts *certificate = &facts->certificates[i];
        long long days = (certificate->ends_at_ms - clock_wall_ms()) / day_ms;
        text_printf(finding, "certificate %zu ends in %lld days", i + 1, days);
        if (certificate->stapled)
            text_append_string(finding, ", with an OCSP response");
        if (problem_is_set(&certificate->staple_problem))
            text_printf(finding, ", its OCSP response is of no use (%s)",
                certificate->staple_problem.detail);
        text_append_string(finding, "; ");
        well = well && days >= (i == 0 ? 1 : CERTIFICATE_WARNING_DAYS)
               && !problem_is_set(&certificate->staple_problem);
    }
    return well;
}

/* A kernel without TLS is no fault: records are made in the process then. */
static bool check_tls(struct command_context *context, struct text *finding)
{
    struct problem problem = { 0 };
    struct tls_facts facts;
    struct ticket_keys *tickets = ticket_keys_create(clock_steady_ms());
    SSL_CTX *tls
        = tickets ? tls_context_create(context->settings, tickets, &facts, &problem) : NULL;
    bool well = tls ? describe_certificates(&facts, finding) : say_problem(finding, &problem);
    if (tls)
        text_printf(finding, "records are made by the %s%s%s",
            facts.kernel_wanted && tls_kernel_offers() ? "kernel, where it has the cipher"
                                                       : "program",
            facts.vaes ? " with VAES" : "",
            facts.kernel_wanted && !tls_kernel_offers() ? ", as this kernel has no TLS" : "");
    SSL_CTX_free(tls);
    ticket_keys_free(tickets);
    return well;
}

static bool check_media(struct command_context *context, struct text *finding)
{
    struct problem problem = { 0 };
    if (!media_check(context->settings, &problem))
        return say_problem(finding, &problem);
    text_append_string(finding, "a second of sound went through the sandboxed process");
    return true;
}

/* Ulaanbaatar stands for the zones of the programs: without ICU's data it would silently be GMT. */
static bool check_time_zones(struct command_context *context, struct text *finding)
{
    (void)context;
    UErrorCode status = U_ZERO_ERROR;
    UChar zone[32], canonical[64];
    UBool known = 0;
    (void)u_uastrcpy(zone, "Asia/Ulaanbaatar");
    (void)ucal_getCanonicalTimeZoneID(zone, -1, canonical, 64, &known, &status);
    const char *version = ucal_getTZDataVersion(&status);
    if (U_FAILURE(status) || !known) {
        text_append_string(
            finding, "ICU does not know Asia/Ulaanbaatar; install its data (libicu)");
        return false;
    }
    text_printf(finding, "data of %s", version);
    return true;
}

static bool check_clock(struct command_context *context, struct text *finding)
{
    (void)context;
    long long ahead_ms = clock_now_ms() - clock_wall_ms();
    if (ahead_ms > CLOCK_AHEAD_MS_MAX)
        text_printf(finding, "the store has records %lld s in the future; set the machine's clock",
            ahead_ms / 1000);
    else
        text_append_string(finding, "not behind the store");
    return ahead_ms <= CLOCK_AHEAD_MS_MAX;
}

static bool check_pages(struct command_context *context, struct text *finding)
{
    const char *web_root = context->settings->web_root;
    bool there = access(web_root, R_OK | X_OK) == 0;
    text_printf(finding, "%s%s", web_root, there ? "" : " cannot be read; set 'web-root'");
    return there;
}

/* Without them, certificates have boxes where letters should be. */
static bool check_fonts(struct command_context *context, struct text *finding)
{
    struct problem problem = { 0 };
    int missing = 0;
    if (!paper_try_letters(context->settings, &missing, &problem))
        return say_problem(finding, &problem);
    if (missing == 0)
        text_append_string(finding, "certificates can be written in every script that was tried");
    else
        text_printf(finding,
            "%d letters of the scripts that were tried are in no font here: install "
            "fonts-noto-core and fonts-noto-cjk",
            missing);
    return missing == 0;
}

static const struct {
    const char *name;
    check_function check;
} checks[] = {
    { "store", check_store },
    { "disk", check_disk },
    { "certificate", check_certificate },
    { "tls", check_tls },
    { "media", check_media },
    { "time zones", check_time_zones },
    { "clock", check_clock },
    { "pages", check_pages },
    { "fonts", check_fonts },
};

static int run(struct command_context *context, const struct command_line *line)
{
    static const char *const headings[] = { "CHECK", "STATE", "FINDING" };
    bool healthy = true;
    json_t *findings = json_array();
    struct table table;
    table_init(&table, 3, headings);
    for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++) {
        struct text finding;
        text_init(&finding, FINDING_BYTES_MAX);
        bool well = checks[i].check(context, &finding);
        healthy = healthy && well;
        table_cell(&table, checks[i].name);
        table_cell(&table, well ? "ok" : "NOT WELL");
        table_cell(&table, finding.bytes);
        (void)json_array_append_new(findings, json_pack("{s:s, s:b, s:s}", "check", checks[i].name,
                                                  "ok", well, "finding", finding.bytes));
        text_release(&finding);
    }
    if (command_flag(line, "json")) {
        command_print_json(
            context, json_pack("{s:b, s:O}", "healthy", healthy, "checks", findings));
        table_release(&table);
    } else {
        table_print(&table, context, "");
    }
    json_decref(findings);
    return healthy ? COMMAND_DONE : COMMAND_FAILED;
}

const struct command command_doctor = {
    .name = "doctor",
    .arguments = "",
    .summary = "Check that this installation is well",
    .help = "Exits 0 when it is, 1 when somebody must do something.",
    .options = { JSON_OPTION },
    .place = COMMAND_IF_OPENED,
    .run = run,
};
