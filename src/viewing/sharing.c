#include "viewing/sharing.h"

#include "base/memory.h"
#include "base/secure.h"
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NETWORK_SIZE = 46, DEVICE_SIZE = 12, STAYS_MAX = 300, TAKEOVERS_MAX = 2000 };
static const int64_t hour_ms = 3600000, day_ms = 86400000;

// clang-format off
static const char stays_sql[] =
    "SELECT play_session.participant_id, play_session.session_id, play_session.network, play_session.device,"
    "       play_session.started_at_ms, play_session.last_contact_at_ms"
    "  FROM participant"
    "  JOIN play_session ON play_session.participant_id = participant.id"
    " WHERE participant.cohort_id = $1 AND play_session.network IS NOT NULL"
    " ORDER BY play_session.participant_id, play_session.started_at_ms DESC";
static const char takeovers_sql[] =
    "SELECT lease_takeover.participant_id, lease_takeover.at_ms"
    "  FROM participant"
    "  JOIN lease_takeover ON lease_takeover.participant_id = participant.id"
    " WHERE participant.cohort_id = $1"
    " ORDER BY lease_takeover.participant_id, lease_takeover.at_ms";
static const char forget_networks_sql[] =
    "UPDATE play_session SET network = NULL, device = NULL"
    " WHERE network IS NOT NULL AND started_at_ms < $1";
static const char forget_takeovers_sql[] = "DELETE FROM lease_takeover WHERE at_ms < $1";
// clang-format on

/* A play session: on which device, where from, and from when until when it was open, less what two may overlap. */
struct stay {
    char session_id[UUID_TEXT_SIZE], network[NETWORK_SIZE], device[DEVICE_SIZE];
    int64_t from_ms, to_ms;
};

struct person {
    char id[UUID_TEXT_SIZE];
    struct stay *stays; /* the newest STAYS_MAX */
    size_t stay_count;
    int64_t *takeovers_ms; /* ascending, at most TAKEOVERS_MAX */
    size_t takeover_count;
};

struct people {
    struct person *items; /* by id, as the rows come */
    size_t count;
};

static struct person *last_person(struct people *people, const char *id)
{
    if (people->count > 0 && text_equal(people->items[people->count - 1].id, id))
        return &people->items[people->count - 1];
    people->items = memory_resized(people->items, people->count + 1, sizeof *people->items);
    struct person *person = &people->items[people->count++];
    *person = (struct person){ 0 };
    (void)snprintf(person->id, sizeof person->id, "%s", id);
    return person;
}

static int compare_people(const void *left, const void *right)
{
    return strcmp(((const struct person *)left)->id, ((const struct person *)right)->id);
}

static struct person *find_person(const struct people *people, const char *id)
{
    struct person key;
    if (people->count == 0)
        return NULL;
    (void)snprintf(key.id, sizeof key.id, "%s", id);
    return bsearch(&key, people->items, people->count, sizeof *people->items, compare_people);
}

static void people_release(struct people *people)
{
    for (size_t i = 0; i < people->count; i++) {
        free(people->items[i].stays);
        free(people->items[i].takeovers_ms);
    }
    free(people->items);
}

static bool read_stays(struct db_connection *connection, const char *cohort_id,
    struct people *people, struct problem *problem)
{
    struct db_rows *rows = db_query(connection, stays_sql, "t", cohort_id);
    while (db_next(rows)) {
        struct person *person = last_person(people, db_text(rows, 0));
        if (person->stay_count == STAYS_MAX)
            continue;
        person->stays
            = memory_resized(person->stays, person->stay_count + 1, sizeof *person->stays);
        struct stay *stay = &person->stays[person->stay_count++];
        const char *device = db_text(rows, 3);
        (void)snprintf(stay->session_id, sizeof stay->session_id, "%s", db_text(rows, 1));
        (void)snprintf(stay->network, sizeof stay->network, "%s", db_text(rows, 2));
        (void)snprintf(stay->device, sizeof stay->device, "%s", device ? device : "other");
        stay->from_ms = db_int(rows, 4);
        stay->to_ms = db_int(rows, 5) - SHARING_OVERLAP_MS;
    }
    return db_end(rows, problem);
}

static bool read_takeovers(struct db_connection *connection, const char *cohort_id,
    struct people *people, struct problem *problem)
{
    struct db_rows *rows = db_query(connection, takeovers_sql, "t", cohort_id);
    struct person *person = NULL;
    while (db_next(rows)) {
        if (!person || !text_equal(person->id, db_text(rows, 0)))
            person = find_person(people, db_text(rows, 0));
        if (!person || person->takeover_count == TAKEOVERS_MAX)
            continue;
        person->takeovers_ms = memory_resized(
            person->takeovers_ms, person->takeover_count + 1, sizeof *person->takeovers_ms);
        person->takeovers_ms[person->takeover_count++] = db_int(rows, 1);
    }
    return db_end(rows, problem);
}

/* --- counting --------------------------------------------------------------------------------- */

static const char *session_of(const struct stay *stay)
{
    return stay->session_id;
}

static const char *network_of(const struct stay *stay)
{
    return stay->network;
}

static const char *device_of(const struct stay *stay)
{
    return stay->device;
}

static bool is_open(const struct stay *stay, int64_t at_ms)
{
    return stay->from_ms <= at_ms && at_ms < stay->to_ms;
}

/* How many different words the stays have that are open at a moment (of any: at_ms NULL). */
static int64_t count_words(
    const struct person *person, const char *(*word)(const struct stay *stay), const int64_t *at_ms)
{
    int64_t count = 0;
    for (size_t i = 0; i < person->stay_count; i++) {
        bool fresh = !at_ms || is_open(&person->stays[i], *at_ms);
        for (size_t k = 0; fresh && k < i; k++)
            fresh = (at_ms && !is_open(&person->stays[k], *at_ms))
                    || strcmp(word(&person->stays[i]), word(&person->stays[k])) != 0;
        count += fresh;
    }
    return count;
}

/* Most of them begin and end alone: only where more than one device is open at a beginning is there anything to count. */
static int64_t most_at_once(
    const struct person *person, const char *(*word)(const struct stay *stay))
{
    int64_t most = person->stay_count > 0;
    for (size_t i = 0; i < person->stay_count; i++) {
        const int64_t *at_ms = &person->stays[i].from_ms;
        bool alone = true;
        for (size_t k = 0; alone && k < person->stay_count; k++)
            alone = !is_open(&person->stays[k], *at_ms)
                    || strcmp(person->stays[k].session_id, person->stays[i].session_id) == 0;
        int64_t count = alone ? 1 : count_words(person, word, at_ms);
        most = count > most ? count : most;
    }
    return most;
}

static int64_t most_in_an_hour(const struct person *person)
{
    size_t most = 0, first = 0;
    for (size_t i = 0; i < person->takeover_count; i++) {
        while (person->takeovers_ms[i] - person->takeovers_ms[first] >= hour_ms)
            first++;
        most = i - first + 1 > most ? i - first + 1 : most;
    }
    return (int64_t)most;
}

static json_t *sharing_json(const struct settings *settings, const struct person *person)
{
    static const struct person nobody = { 0 };
    const struct person *of = person ? person : &nobody;
    const struct {
        const char *sign;
        int64_t count, limit;
    } signs[] = {
        { "networks-at-once", most_at_once(of, network_of), settings->sharing_networks },
        { "device-kinds-at-once", most_at_once(of, device_of), settings->sharing_device_kinds },
        { "takeovers", most_in_an_hour(of), settings->sharing_takeovers },
    };
    json_t *words = json_array();
    for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++)
        if (signs[i].count >= signs[i].limit)
            (void)json_array_append_new(words, json_string(signs[i].sign));
    return json_pack("{s:I, s:I, s:I, s:I, s:I, s:o}", "networks",
        (json_int_t)count_words(of, network_of, NULL), "devices",
        (json_int_t)count_words(of, session_of, NULL), "networks_at_once",
        (json_int_t)signs[0].count, "device_kinds_at_once", (json_int_t)signs[1].count,
        "takeovers_an_hour", (json_int_t)signs[2].count, "signs", words);
}

bool sharing_add(struct db_connection *connection, const struct settings *settings,
    const char *cohort_id, json_t *report, struct problem *problem)
{
    struct people people = { 0 };
    bool good = read_stays(connection, cohort_id, &people, problem)
                && read_takeovers(connection, cohort_id, &people, problem);
    size_t index;
    json_t *participant;
    if (good)
        json_array_foreach(json_object_get(report, "participants"), index, participant)
        {
            const char *id = json_string_value(json_object_get(participant, "id"));
            (void)json_object_set_new(
                participant, "sharing", sharing_json(settings, find_person(&people, id)));
        }
    people_release(&people);
    return good;
}

bool sharing_forget(struct db_connection *connection, const struct settings *settings,
    int64_t now_ms, struct problem *problem)
{
    int64_t before_ms = now_ms - settings->network_days * day_ms;
    return db_exec(connection, NULL, problem, forget_networks_sql, "i", before_ms)
           && db_exec(connection, NULL, problem, forget_takeovers_sql, "i", before_ms);
}
