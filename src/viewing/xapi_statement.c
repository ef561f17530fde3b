#include "viewing/xapi_statement.h"

#include "base/clock.h"
#include "base/digest.h"
#include "base/json.h"
#include "viewing/coverage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VIDEO "https://w3id.org/xapi/video"
#define EXTENSION "\"" VIDEO "/extensions/"

enum { STATEMENT_BYTES_MAX = 1 << 17, ID_NAME_SIZE = 3 * UUID_TEXT_SIZE };

struct verb {
    const char *word, *id;
};
static const struct verb initialized
    = { "initialized", "http://adlnet.gov/expapi/verbs/initialized" },
    played_verb = { "played", VIDEO "/verbs/played" }, paused = { "paused", VIDEO "/verbs/paused" },
    seeked = { "seeked", VIDEO "/verbs/seeked" },
    terminated = { "terminated", "http://adlnet.gov/expapi/verbs/terminated" },
    completed = { "completed", "http://adlnet.gov/expapi/verbs/completed" };

/* One statement on its way. */
struct telling {
    const struct xapi_session *session;
    const struct xapi_listener *listener;
    struct problem *problem;
    struct text text;
    char id[UUID_TEXT_SIZE];
};

void xapi_session_release(struct xapi_session *session)
{
    free(session->name);
    free(session->title);
    free(session->language);
    session->name = session->title = session->language = NULL;
}

/* A name within this house's own namespace, a random constant. */
static void make_id(const char *name, char ret_id[UUID_TEXT_SIZE])
{
    static const uint8_t namespace[16] = { 0x2f, 0x1c, 0x55, 0xa8, 0x6b, 0x0d, 0x4e, 0x37, 0x9a,
        0x41, 0xd3, 0x7e, 0x60, 0x92, 0xc8, 0x1b };
    uint8_t bytes[DIGEST_BYTES_MAX];
    char hex[2 * sizeof namespace + 1];
    struct digest *digest = digest_new(DIGEST_SHA1);
    digest_add(digest, namespace, sizeof namespace);
    digest_add(digest, name, strlen(name));
    (void)digest_value(digest, bytes);
    digest_free(digest);
    bytes[6] = (uint8_t)((bytes[6] & 0x0F) | 0x50);
    bytes[8] = (uint8_t)((bytes[8] & 0x3F) | 0x80);
    text_hex_encode(bytes, sizeof namespace, hex);
    (void)snprintf(ret_id, UUID_TEXT_SIZE, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12,
        hex + 16, hex + 20);
}

static void add_string(struct text *text, const char *string)
{
    json_t *value = json_string(string);
    json_write(value, text);
    json_decref(value);
}

/* Seconds with all that is known of them: the profile's unit. */
static void add_seconds(struct text *text, int64_t ms)
{
    text_printf(text, "%lld.%03lld", (long long)(ms / 1000), (long long)(ms % 1000));
}

static void add_time(struct text *text, const char *extension, int64_t ms)
{
    text_printf(text, EXTENSION "%s\":", extension);
    add_seconds(text, ms);
}

static void add_share(struct text *text, int64_t part, int64_t whole)
{
    int64_t permille = whole > 0 ? part * 1000 / whole : 0;
    text_printf(text, EXTENSION "progress\":%lld.%03lld", (long long)(permille / 1000),
        (long long)(permille % 1000));
}

static void add_segments(struct text *text, const struct spans *spans)
{
    text_append_string(text, EXTENSION "played-segments\":\"");
    for (size_t i = 0; i < spans->count; i++) {
        text_append_string(text, i > 0 ? "[,]" : "");
        add_seconds(text, spans->items[i].from);
        text_append_string(text, "[.]");
        add_seconds(text, spans->items[i].to);
    }
    text_append_string(text, "\"");
}

/* Where it stood, and what of the lecture was played by then. */
static void add_standing(
    struct text *text, int64_t at_ms, const struct spans *spans, int64_t length_ms)
{
    add_time(text, "time", at_ms);
    text_append_string(text, ",");
    add_share(text, spans_total(spans), length_ms);
    text_append_string(text, ",");
    add_segments(text, spans);
}

static void add_actor(struct text *text, const struct xapi_session *session)
{
    text_append_string(text, ",\"actor\":{\"objectType\":\"Agent\"");
    if (session->name) {
        text_append_string(text, ",\"name\":");
        add_string(text, session->name);
    }
    text_append_string(text, ",\"account\":{\"homePage\":");
    add_string(text, session->public_url);
    text_printf(text, ",\"name\":\"%s\"}}", session->participant_id);
}

static void add_iri(
    struct text *text, const struct xapi_session *session, const char *path, const char *id)
{
    struct text iri;
    text_init(&iri, STATEMENT_BYTES_MAX);
    text_printf(&iri, "%s%s%s", session->public_url, path, id);
    add_string(text, iri.bytes);
    text_release(&iri);
}

static void add_object(struct text *text, const struct xapi_session *session)
{
    text_append_string(text, ",\"object\":{\"objectType\":\"Activity\",\"id\":");
    add_iri(text, session, "/lecture/", session->lecture_id);
    text_append_string(text, ",\"definition\":{\"type\":\"" VIDEO "/activity-type/video\"");
    if (session->title) {
        text_append_string(text, ",\"name\":{");
        add_string(text, session->language);
        text_append_string(text, ":");
        add_string(text, session->title);
        text_append_string(text, "}");
    }
    text_append_string(text, "}}");
}

static void add_context(struct text *text, const struct xapi_session *session,
    const struct verb *verb, int64_t rate_percent)
{
    text_append_string(text,
        ",\"context\":{\"platform\":\"Lectern\",\"contextActivities\":{\"category\":"
        "[{\"id\":\"" VIDEO "\"}],\"parent\":[{\"id\":");
    add_iri(text, session, "/programs/", session->program_id);
    text_append_string(text, "}],\"grouping\":[{\"id\":");
    add_iri(text, session, "/cohorts/", session->cohort_id);
    text_append_string(text, "}]},\"extensions\":{");
    add_time(text, "length", session->window.length_ms);
    if (session->id[0] != '\0') {
        char name[ID_NAME_SIZE], id[UUID_TEXT_SIZE];
        (void)snprintf(name, sizeof name, "%s/initialized", session->id);
        make_id(name, id);
        text_printf(text, "," EXTENSION "session-id\":\"%s\"", id);
    }
    if ((verb == &initialized || verb == &completed) && session->threshold_percent > 0)
        text_printf(text, "," EXTENSION "completion-threshold\":%lld.%02lld",
            (long long)(session->threshold_percent / 100),
            (long long)(session->threshold_percent % 100));
    if (rate_percent > 0)
        text_printf(text, "," EXTENSION "speed\":\"%lld.%02lldx\"", (long long)(rate_percent / 100),
            (long long)(rate_percent % 100));
    text_append_string(text, "}}");
}

static void begin(struct telling *telling, const struct verb *verb, const char *id_name)
{
    struct text *text = &telling->text;
    make_id(id_name, telling->id);
    text_clear(text);
    text_printf(text, "{\"id\":\"%s\"", telling->id);
    add_actor(text, telling->session);
    text_printf(
        text, ",\"verb\":{\"id\":\"%s\",\"display\":{\"en\":\"%s\"}}", verb->id, verb->word);
    add_object(text, telling->session);
}

static void begin_in_session(struct telling *telling, const struct verb *verb, int64_t seq)
{
    char name[ID_NAME_SIZE];
    if (seq < 0)
        (void)snprintf(name, sizeof name, "%s/%s", telling->session->id, verb->word);
    else
        (void)snprintf(
            name, sizeof name, "%s/%s/%lld", telling->session->id, verb->word, (long long)seq);
    begin(telling, verb, name);
}

static bool end(
    struct telling *telling, const struct verb *verb, int64_t at_ms, int64_t rate_percent)
{
    struct text *text = &telling->text;
    char instant[CLOCK_ISO_SIZE];
    add_context(text, telling->session, verb, rate_percent);
    clock_format_iso(at_ms, instant);
    text_printf(text, ",\"timestamp\":\"%s\"}", instant);
    if (text->overflowed)
        return problem_set(telling->problem, PROBLEM_INTERNAL, "a statement is too long");
    const struct xapi_statement statement = { .id = telling->id,
        .verb = verb->word,
        .participant_id = telling->session->participant_id,
        .body = text->bytes,
        .length = text->length };
    return telling->listener->take(telling->listener->data, &statement, telling->problem);
}

static bool tell_begin(struct telling *telling)
{
    begin_in_session(telling, &initialized, -1);
    return end(telling, &initialized, telling->session->window.started_at_ms, -1);
}

static bool tell_seek(struct telling *telling, int64_t from_ms, const struct xapi_run *run)
{
    struct text *text = &telling->text;
    begin_in_session(telling, &seeked, run->seq);
    text_append_string(text, ",\"result\":{\"extensions\":{");
    add_time(text, "time-from", from_ms);
    text_append_string(text, ",");
    add_time(text, "time-to", run->from_ms);
    text_append_string(text, "}}");
    return end(telling, &seeked, run->started_at_ms, -1);
}

static bool tell_play(struct telling *telling, const struct xapi_run *run)
{
    begin_in_session(telling, &played_verb, run->seq);
    text_append_string(&telling->text, ",\"result\":{\"extensions\":{");
    add_time(&telling->text, "time", run->from_ms);
    text_append_string(&telling->text, "}}");
    return end(telling, &played_verb, run->started_at_ms, run->rate_percent);
}

static bool tell_stop(struct telling *telling, const struct verb *verb, int64_t seq,
    const struct xapi_run *run, const struct spans *spans)
{
    begin_in_session(telling, verb, seq);
    text_append_string(&telling->text, ",\"result\":{\"extensions\":{");
    add_standing(&telling->text, run->to_ms, spans, telling->session->window.length_ms);
    text_append_string(&telling->text, "}}");
    return end(telling, verb, run->ended_at_ms, -1);
}

/* A set that is full keeps what it has. */
static void add_played(struct spans *spans, const struct xapi_run *run)
{
    struct problem full = { 0 };
    (void)spans_add(spans, run->from_ms, run->to_ms, CLOSE_GAP_MS, &full);
}

static bool tell_run(struct telling *telling, const struct xapi_run *run, struct xapi_told *told)
{
    bool elsewhere
        = told->position_ms >= 0 && llabs(run->from_ms - told->position_ms) >= CLOSE_GAP_MS;
    if (elsewhere && !tell_seek(telling, told->position_ms, run))
        return false;
    add_played(&told->played, run);
    told->position_ms = run->to_ms;
    return tell_play(telling, run) && tell_stop(telling, &paused, run->seq, run, &told->played);
}

bool xapi_tell_runs(const struct xapi_session *session, const struct xapi_runs *runs,
    unsigned parts, struct xapi_told *told, const struct xapi_listener *listener,
    struct problem *problem)
{
    struct telling telling = { .session = session, .listener = listener, .problem = problem };
    text_init(&telling.text, STATEMENT_BYTES_MAX);
    bool good = !(parts & XAPI_BEGINS) || tell_begin(&telling);
    for (size_t i = 0; good && i < runs->count; i++)
        good = tell_run(&telling, &runs->items[i], told);
    if (good && (parts & XAPI_ENDS) && runs->count > 0)
        good = tell_stop(&telling, &terminated, -1, &runs->items[runs->count - 1], &told->played);
    text_release(&telling.text);
    return good;
}

bool xapi_tell_completion(const struct xapi_session *session,
    const struct xapi_completion *completion, const struct xapi_listener *listener,
    struct problem *problem)
{
    struct telling telling = { .session = session, .listener = listener, .problem = problem };
    struct text *text = &telling.text;
    const struct spans *credited = completion->credited;
    char name[ID_NAME_SIZE];
    text_init(text, STATEMENT_BYTES_MAX);
    (void)snprintf(
        name, sizeof name, "%s/%s/completed", session->participant_id, session->lecture_id);
    begin(&telling, &completed, name);
    text_append_string(text, ",\"result\":{\"completion\":true,\"duration\":\"PT");
    add_seconds(text, completion->credited_ms);
    text_append_string(text, "S\",\"extensions\":{");
    add_time(text, "time", credited->count > 0 ? credited->items[credited->count - 1].to : 0);
    text_append_string(text, ",");
    add_share(text, completion->credited_ms, completion->duration_ms);
    text_append_string(text, ",");
    add_segments(text, credited);
    text_append_string(text, "}}");
    bool good = end(&telling, &completed, completion->at_ms, -1);
    text_release(text);
    return good;
}
