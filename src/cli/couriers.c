#include "cli/couriers.h"

#include "base/memory.h"
#include "cli/xapi_feeder.h"
#include "mail/lrs.h"
#include "mail/outbox.h"
#include "mail/smtp.h"

#include <stdlib.h>

struct couriers {
    struct settings settings; /* as they were at the start: a reload changes the server's own */
    struct smtp *smtp;
    struct courier *mail;
    struct lrs *lrs;
    struct courier *statements;
    struct xapi_feeder *feeder;
};

static bool start_mail(
    struct couriers *couriers, struct application *application, struct problem *problem)
{
    if (couriers->settings.smtp_url[0] == '\0')
        return true;
    const struct courier_options options = {
        .db = application->db,
        .settings = &couriers->settings,
        .channel = OUTBOX_MAIL,
        .batch_max = 1, /* each answer is written before the next mail goes out */
        .per_hour_max = couriers->settings.mail_per_hour_max,
        .send = smtp_send,
        .data = couriers->smtp = smtp_open(&couriers->settings, problem),
    };
    return couriers->smtp
           && (application->mail_courier = couriers->mail = courier_start(&options, problem));
}

static bool start_statements(
    struct couriers *couriers, struct application *application, struct problem *problem)
{
    const struct settings *settings = &couriers->settings;
    if (settings->lrs_url[0] == '\0')
        return true;
    const struct courier_options options = {
        .db = application->db,
        .settings = settings,
        .channel = OUTBOX_XAPI,
        .batch_max = (size_t)settings->lrs_batch_max,
        .send = lrs_send,
        .data = couriers->lrs = lrs_open(settings, problem),
    };
    return couriers->lrs
           && (application->lrs_courier = couriers->statements = courier_start(&options, problem))
           && (couriers->feeder = xapi_feeder_start(application->db, settings, problem));
}

struct couriers *couriers_start(struct application *application, struct problem *problem)
{
    struct couriers *couriers = memory_zeroed(1, sizeof *couriers);
    settings_copy(application->settings, &couriers->settings);
    if (start_mail(couriers, application, problem)
        && start_statements(couriers, application, problem))
        return couriers;
    couriers_stop(couriers);
    return NULL;
}

void couriers_stop(struct couriers *couriers)
{
    if (!couriers)
        return;
    xapi_feeder_stop(couriers->feeder);
    courier_stop(couriers->statements);
    lrs_close(couriers->lrs);
    courier_stop(couriers->mail);
    smtp_close(couriers->smtp);
    settings_release(&couriers->settings);
    free(couriers);
}
