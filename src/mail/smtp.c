#include "mail/smtp.h"

#include "base/memory.h"
#include "base/text.h"
#include "mail/line.h"
#include "mail/message.h"

#include <stdlib.h>
#include <string.h>

struct smtp {
    const struct settings *settings;
    struct line line;
    /* of the try that runs */
    const struct courier_item *item;
    size_t sent;
    /* What the server said last; what it refused with stays, though libcurl says QUIT and hears of it. */
    char last[COURIER_ANSWER_SIZE];
};

static bool check(const struct settings *settings, struct problem *problem)
{
    const char *url = settings->smtp_url, *security = settings->smtp_security;
    if (!text_starts_with(url, "smtp://") && !text_starts_with(url, "smtps://"))
        return problem_set(problem, PROBLEM_SETTING,
            "'smtp-url' must be such as smtp://mail.example.org:587, not '%.100s'.", url);
    if (!text_equal(security, "starttls") && !text_equal(security, "plain"))
        return problem_set(problem, PROBLEM_SETTING,
            "'smtp-security' must be starttls or plain, not '%.40s'.", security);
    return mail_address_is_sound(settings->mail_from)
           || problem_set(problem, PROBLEM_SETTING,
               "'mail-from' must be a mail address, not '%.100s'.", settings->mail_from);
}

struct smtp *smtp_open(const struct settings *settings, struct problem *problem)
{
    if (!check(settings, problem))
        return NULL;
    struct smtp *smtp = memory_zeroed(1, sizeof *smtp);
    smtp->settings = settings;
    if (!line_open(&smtp->line, settings, settings->smtp_url, "smtp,smtps",
            settings->smtp_authorities, problem)) {
        free(smtp);
        return NULL;
    }
    return smtp;
}

void smtp_close(struct smtp *smtp)
{
    if (!smtp)
        return;
    line_close(&smtp->line);
    free(smtp);
}

static size_t give(char *bytes, size_t size, size_t count, void *data)
{
    struct smtp *smtp = data;
    size_t left = smtp->item->body_count - smtp->sent, most = size * count;
    size_t now = left < most ? left : most;
    memcpy(bytes, smtp->item->body + smtp->sent, now);
    smtp->sent += now;
    return now;
}

static size_t hear(char *bytes, size_t size, size_t count, void *data)
{
    struct smtp *smtp = data;
    if (smtp->last[0] != '4' && smtp->last[0] != '5')
        line_answer(smtp->last, bytes, size * count);
    return size * count;
}

/* RFC 4954 section 6: what these mean is that we are not let in, whatever the mail. */
static bool is_about_access(long code)
{
    return code == 421 || code == 454 || code == 530 || code == 534 || code == 535 || code == 538;
}

static enum courier_outcome judge(const struct smtp *smtp, CURLcode code)
{
    long status = 0;
    (void)curl_easy_getinfo(smtp->line.curl, CURLINFO_RESPONSE_CODE, &status);
    if (code == CURLE_OK)
        return COURIER_TAKEN;
    /* libcurl says SEND_ERROR for a refused MAIL, RCPT or DATA, and WEIRD_SERVER_REPLY for a refused text, but also for a greeting. */
    bool about_mail = code == CURLE_SEND_ERROR
                      || (code == CURLE_WEIRD_SERVER_REPLY && smtp->sent == smtp->item->body_count);
    if (!about_mail || is_about_access(status))
        return COURIER_LINE_DOWN;
    return status >= 500 && status < 600   ? COURIER_REFUSED
           : status >= 400 && status < 500 ? COURIER_PUT_OFF
                                           : COURIER_LINE_DOWN;
}

static bool set_up(struct smtp *smtp, struct curl_slist *to, struct problem *problem)
{
    const struct settings *settings = smtp->settings;
    CURL *curl = smtp->line.curl;
    bool plain = text_equal(settings->smtp_security, "plain");
    (void)curl_easy_setopt(
        curl, CURLOPT_USE_SSL, plain ? (long)CURLUSESSL_NONE : (long)CURLUSESSL_ALL);
    (void)curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
    (void)curl_easy_setopt(curl, CURLOPT_READFUNCTION, give);
    (void)curl_easy_setopt(curl, CURLOPT_READDATA, smtp);
    (void)curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, hear);
    (void)curl_easy_setopt(curl, CURLOPT_HEADERDATA, smtp);
    (void)curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, to);
    return (curl_easy_setopt(curl, CURLOPT_MAIL_FROM, settings->mail_from) == CURLE_OK
               || problem_set(problem, PROBLEM_BUSY, "libcurl has no memory"))
           && line_sign_in(
               &smtp->line, settings, settings->smtp_user, settings->smtp_password_file, problem);
}

static void send_one(struct smtp *smtp, struct courier_item *item)
{
    struct problem problem = { 0 };
    struct curl_slist *to = curl_slist_append(NULL, item->recipient);
    smtp->item = item;
    smtp->sent = 0;
    smtp->last[0] = smtp->line.error[0] = '\0';
    if (!to || !set_up(smtp, to, &problem)) {
        item->outcome = COURIER_LINE_DOWN;
        line_answer(item->answer, problem.detail, strlen(problem.detail));
    } else {
        CURLcode code = curl_easy_perform(smtp->line.curl);
        item->outcome = judge(smtp, code);
        bool said = smtp->last[0] != '\0'
                    && (item->outcome != COURIER_LINE_DOWN || code == CURLE_LOGIN_DENIED);
        const char *answer = said ? smtp->last : line_error(&smtp->line, code);
        line_answer(item->answer, answer, strlen(answer));
    }
    (void)curl_easy_setopt(smtp->line.curl, CURLOPT_MAIL_RCPT, NULL);
    curl_slist_free_all(to);
}

void smtp_send(void *data, const struct courier *courier, struct courier_item *items, size_t count)
{
    struct smtp *smtp = data;
    smtp->line.courier = courier;
    for (size_t i = 0; i < count; i++) {
        send_one(smtp, &items[i]);
        if (items[i].outcome == COURIER_LINE_DOWN)
            break;
    }
}
