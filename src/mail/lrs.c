#include "mail/lrs.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "mail/line.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of an answer only the beginning is kept, for the list. */
enum {
    URL_SIZE = 2048,
    HEARD_MAX = 2048,
    BODY_BYTES_MAX = COURIER_BATCH_MAX << 17,
    SECOND_MS = 1000
};

struct lrs {
    const struct settings *settings;
    struct line line;
    struct curl_slist *fields;
    size_t most; /* at once: fewer after a failure that may be a statement's */
    /* of the try that runs */
    int64_t until_ms; /* steady: nothing new begins after it */
    struct text body, heard;
};

static bool make_url(
    const struct settings *settings, char ret_url[URL_SIZE], struct problem *problem)
{
    const char *url = settings->lrs_url;
    size_t length = strlen(url);
    if (!text_starts_with(url, "https://") && !text_starts_with(url, "http://"))
        return problem_set(problem, PROBLEM_SETTING,
            "'lrs-url' must be such as https://lrs.example.org/xapi, not '%.100s'.", url);
    while (length > 0 && url[length - 1] == '/')
        length--;
    int written = snprintf(ret_url, URL_SIZE, "%.*s/statements", (int)length, url);
    return written < URL_SIZE || problem_set(problem, PROBLEM_SETTING, "'lrs-url' is too long.");
}

static bool add_field(struct lrs *lrs, const char *field)
{
    struct curl_slist *longer = curl_slist_append(lrs->fields, field);
    lrs->fields = longer ? longer : lrs->fields;
    return longer != NULL;
}

static size_t hear(char *bytes, size_t size, size_t count, void *data)
{
    struct text *heard = data;
    size_t room = HEARD_MAX - heard->length, now = size * count < room ? size * count : room;
    text_append(heard, bytes, now);
    return size * count;
}

static bool set_up(struct lrs *lrs, struct problem *problem)
{
    CURL *curl = lrs->line.curl;
    /* "Expect:" without a value: libcurl would wait a second for servers that do not say 100. */
    if (!add_field(lrs, "Content-Type: application/json")
        || !add_field(lrs, "X-Experience-API-Version: 1.0.3") || !add_field(lrs, "Expect:"))
        return problem_set(problem, PROBLEM_BUSY, "libcurl has no memory");
    (void)curl_easy_setopt(curl, CURLOPT_HTTPHEADER, lrs->fields);
    (void)curl_easy_setopt(curl, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
    (void)curl_easy_setopt(curl, CURLOPT_POST, 1L);
    (void)curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, hear);
    (void)curl_easy_setopt(curl, CURLOPT_WRITEDATA, &lrs->heard);
    return true;
}

struct lrs *lrs_open(const struct settings *settings, struct problem *problem)
{
    char url[URL_SIZE];
    if (!make_url(settings, url, problem))
        return NULL;
    struct lrs *lrs = memory_zeroed(1, sizeof *lrs);
    lrs->settings = settings;
    lrs->most = COURIER_BATCH_MAX;
    text_init(&lrs->body, BODY_BYTES_MAX);
    text_init(&lrs->heard, HEARD_MAX);
    if (line_open(&lrs->line, settings, url, "http,https", settings->lrs_authorities, problem)
        && set_up(lrs, problem))
        return lrs;
    lrs_close(lrs);
    return NULL;
}

void lrs_close(struct lrs *lrs)
{
    if (!lrs)
        return;
    line_close(&lrs->line);
    curl_slist_free_all(lrs->fields);
    text_release(&lrs->body);
    text_release(&lrs->heard);
    free(lrs);
}

/* Each body is an object already. */
static void write_body(struct lrs *lrs, const struct courier_item *items, size_t count)
{
    text_clear(&lrs->body);
    for (size_t i = 0; i < count; i++) {
        text_append_string(&lrs->body, i > 0 ? "," : "[");
        text_append(&lrs->body, items[i].body, items[i].body_count);
    }
    text_append_string(&lrs->body, "]");
}

static void end_all(
    struct courier_item *items, size_t count, enum courier_outcome outcome, const char *answer)
{
    for (size_t i = 0; i < count; i++) {
        items[i].outcome = outcome;
        line_answer(items[i].answer, answer, strlen(answer));
    }
}

/* The store's status; 0: there was none, and `ret_answer` says why. */
static long post(struct lrs *lrs, const struct courier_item *items, size_t count,
    char ret_answer[COURIER_ANSWER_SIZE])
{
    CURL *curl = lrs->line.curl;
    const struct settings *settings = lrs->settings;
    struct problem problem = { 0 };
    long status = 0;
    write_body(lrs, items, count);
    text_clear(&lrs->heard);
    lrs->line.error[0] = '\0';
    if (!line_sign_in(
            &lrs->line, settings, settings->lrs_user, settings->lrs_password_file, &problem)) {
        (void)snprintf(ret_answer, COURIER_ANSWER_SIZE, "%.190s", problem.detail);
        return 0;
    }
    (void)curl_easy_setopt(curl, CURLOPT_POSTFIELDS, lrs->body.bytes);
    (void)curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)lrs->body.length);
    CURLcode code = curl_easy_perform(curl);
    if (code != CURLE_OK) {
        (void)snprintf(ret_answer, COURIER_ANSWER_SIZE, "%.190s", line_error(&lrs->line, code));
        return 0;
    }
    (void)curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    (void)snprintf(ret_answer, COURIER_ANSWER_SIZE, "%ld %.180s", status,
        lrs->heard.length > 0 ? lrs->heard.bytes : "");
    return status;
}

/* What the store asked for with 429 or 503. */
static int64_t asked_pause_ms(struct lrs *lrs)
{
    curl_off_t seconds = 0;
    (void)curl_easy_getinfo(lrs->line.curl, CURLINFO_RETRY_AFTER, &seconds);
    int64_t most_s = lrs->settings->outbox_retry_max_seconds;
    return (seconds < most_s ? (int64_t)seconds : most_s) * SECOND_MS;
}

static bool may_be_one_s_fault(long status)
{
    return status == 400 || status == 409 || status == 413 || status == 422;
}

/* The line is not to be used further for now. */
static void give_up(struct lrs *lrs, struct courier_item *items, size_t count, const char *answer)
{
    int64_t pause_ms = asked_pause_ms(lrs);
    end_all(items, count, COURIER_LINE_DOWN, answer);
    for (size_t i = 0; i < count; i++)
        items[i].pause_ms = pause_ms;
    lrs->most = count > 1 ? count / 2 : 1;
}

/* False: whatever is left is not tried now. */
static bool send_some(struct lrs *lrs, struct courier_item *items, size_t count)
{
    char answer[COURIER_ANSWER_SIZE] = "";
    if (count == 0)
        return true;
    if (clock_steady_ms() >= lrs->until_ms || courier_is_stopping(lrs->line.courier)) {
        end_all(items, count, COURIER_PUT_OFF, "not tried: time was up");
        return false;
    }
    long status = post(lrs, items, count, answer);
    if (status == 200 || status == 204) {
        end_all(items, count, COURIER_TAKEN, answer);
        return true;
    }
    if (!may_be_one_s_fault(status)) {
        give_up(lrs, items, count, answer);
        return false;
    }
    if (count > 1)
        return send_some(lrs, items, count / 2)
               && send_some(lrs, items + count / 2, count - count / 2);
    end_all(items, count, status == 409 ? COURIER_TAKEN : COURIER_REFUSED, answer);
    return true;
}

void lrs_send(void *data, const struct courier *courier, struct courier_item *items, size_t count)
{
    struct lrs *lrs = data;
    bool good = true;
    size_t done = 0;
    lrs->line.courier = courier;
    lrs->until_ms = clock_steady_ms() + lrs->settings->outbox_timeout_seconds * SECOND_MS;
    end_all(items, count, COURIER_PUT_OFF, "not tried: the one before failed");
    while (good && done < count) {
        size_t now = count - done < lrs->most ? count - done : lrs->most;
        good = send_some(lrs, items + done, now);
        done += now;
    }
    if (good && lrs->most < COURIER_BATCH_MAX)
        lrs->most *= 2;
}
