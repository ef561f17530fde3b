#include "viewing/rule.h"

#include "base/clock.h"
#include "base/json.h"
#include "viewing/completion_row.h"
#include "viewing/evidence.h"

enum { DAY_MS = 86400000 };

#define COLUMNS                                                                                    \
    "completion_rule.version, completion_rule.threshold_percent, completion_rule.gap_ms_max,"      \
    " completion_rule.rate_cap_percent, completion_rule.real_time, completion_rule.seeking,"       \
    " completion_rule.offline, completion_rule.hidden_counts, completion_rule.muted_counts,"       \
    " completion_rule.silence_left_out"

// clang-format off
static const char of_cohort_sql[] =
    "SELECT " COLUMNS
    "  FROM completion_rule"
    " WHERE cohort_id = $1"
    " ORDER BY version DESC LIMIT 1";
static const char of_participant_sql[] =
    "SELECT " COLUMNS
    "  FROM participant"
    "  JOIN completion_rule ON completion_rule.cohort_id = participant.cohort_id"
    " WHERE participant.id = $1"
    " ORDER BY completion_rule.version DESC LIMIT 1";
static const char history_sql[] =
    "SELECT " COLUMNS ", completion_rule.created_at_ms, staff.name"
    "  FROM completion_rule"
    "  LEFT JOIN staff ON staff.id = completion_rule.staff_id"
    " WHERE completion_rule.cohort_id = $1"
    " ORDER BY completion_rule.version DESC";
static const char insert_sql[] =
    "INSERT INTO completion_rule (cohort_id, version, threshold_percent, gap_ms_max, rate_cap_percent,"
    "  real_time, seeking, offline, hidden_counts, muted_counts, silence_left_out, staff_id,"
    "  created_at_ms)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";

/* In the order of their enums. */
static const char *const seeking_words[] = { "free", "watched", NULL };
static const char *const offline_words[] = { "credit", "hold", NULL };
// clang-format on

/* The place of a word; 0, the preset, for what is none. */
static int place_of(const char *const *words, const char *word)
{
    for (int i = 0; words[i]; i++)
        if (text_equal(words[i], word))
            return i;
    return 0;
}

struct completion_rule rule_preset(const struct settings *settings)
{
    return (struct completion_rule){ .threshold_percent = settings->completion_threshold_percent,
        .gap_ms_max = settings->completion_gap_ms_max,
        .rate_cap_percent = settings->rate_cap_percent,
        .real_time = true,
        .offline_counts = true,
        .hidden_counts = true,
        .muted_counts = true,
        .silence_left_out = true };
}

static struct completion_rule rule_of_row(struct db_rows *rows)
{
    return (struct completion_rule){ .version = db_int(rows, 0),
        .threshold_percent = db_int(rows, 1),
        .gap_ms_max = db_int(rows, 2),
        .rate_cap_percent = db_int(rows, 3),
        .real_time = db_int(rows, 4) != 0,
        .in_order = place_of(seeking_words, db_text(rows, 5)) == 1,
        .offline_counts = place_of(offline_words, db_text(rows, 6)) == 0,
        .hidden_counts = db_int(rows, 7) != 0,
        .muted_counts = db_int(rows, 8) != 0,
        .silence_left_out = db_int(rows, 9) != 0 };
}

static bool read_newest(struct db_connection *connection, const struct settings *settings,
    const char *sql, const char *id, struct completion_rule *ret_rule, struct problem *problem)
{
    struct completion_rule rule = { 0 };
    if (settings)
        rule = rule_preset(settings);
    struct db_rows *rows = db_query(connection, sql, "t", id);
    if (db_next(rows))
        rule = rule_of_row(rows);
    if (!db_end(rows, problem))
        return false;
    *ret_rule = rule;
    return true;
}

bool rule_of_cohort(struct db_connection *connection, const struct settings *settings,
    const char *cohort_id, struct completion_rule *ret_rule, struct problem *problem)
{
    return read_newest(connection, settings, of_cohort_sql, cohort_id, ret_rule, problem);
}

bool rule_of_participant(struct db_connection *connection, const struct settings *settings,
    const char *participant_id, struct completion_rule *ret_rule, struct problem *problem)
{
    return read_newest(connection, settings, of_participant_sql, participant_id, ret_rule, problem);
}

json_t *rule_json(const struct completion_rule *rule)
{
    return json_pack("{s:I, s:I, s:I, s:I, s:b, s:s, s:s, s:b, s:b, s:b}", "version",
        (json_int_t)rule->version, "threshold_percent", (json_int_t)rule->threshold_percent,
        "gap_ms_max", (json_int_t)rule->gap_ms_max, "rate_cap_percent",
        (json_int_t)rule->rate_cap_percent, "real_time", rule->real_time, "seeking",
        seeking_words[rule->in_order], "offline", offline_words[!rule->offline_counts],
        "hidden_counts", rule->hidden_counts, "muted_counts", rule->muted_counts,
        "silence_left_out", rule->silence_left_out);
}

static bool read_word(const json_t *body, const char *key, const char *const *words, int *place,
    struct problem *problem)
{
    const char *word = words[*place];
    if (!json_may_get_line(body, key, 20, &word, problem))
        return false;
    int found = place_of(words, word);
    if (!text_equal(words[found], word))
        return problem_set_field(problem, key, "'%s' cannot be '%s'.", key, word);
    *place = found;
    return true;
}

bool rule_read_json(const json_t *body, struct completion_rule *rule, struct problem *problem)
{
    struct completion_rule read = *rule;
    int seeking = read.in_order, offline = !read.offline_counts;
    if (!json_may_get_int64(body, "threshold_percent", 1, 100, &read.threshold_percent, problem)
        || !json_may_get_int64(body, "gap_ms_max", 0, DAY_MS, &read.gap_ms_max, problem)
        || !json_may_get_int64(body, "rate_cap_percent", 100, 400, &read.rate_cap_percent, problem)
        || !json_may_get_bool(body, "real_time", &read.real_time, problem)
        || !json_may_get_bool(body, "hidden_counts", &read.hidden_counts, problem)
        || !json_may_get_bool(body, "muted_counts", &read.muted_counts, problem)
        || !json_may_get_bool(body, "silence_left_out", &read.silence_left_out, problem)
        || !read_word(body, "seeking", seeking_words, &seeking, problem)
        || !read_word(body, "offline", offline_words, &offline, problem))
        return false;
    read.in_order = seeking == 1;
    read.offline_counts = offline == 0;
    *rule = read;
    return true;
}

json_t *rule_history_json(struct db_connection *connection, const struct settings *settings,
    const char *cohort_id, struct problem *problem)
{
    json_t *versions = json_array();
    struct db_rows *rows = db_query(connection, history_sql, "t", cohort_id);
    while (db_next(rows)) {
        struct completion_rule rule = rule_of_row(rows);
        const char *name = db_text(rows, 11);
        json_t *version = rule_json(&rule);
        (void)json_object_set_new(version, "made_at_ms", json_integer(db_int(rows, 10)));
        (void)json_object_set_new(version, "made_by", name ? json_string(name) : json_null());
        (void)json_array_append_new(versions, version);
    }
    if (!db_end(rows, problem)) {
        json_decref(versions);
        return NULL;
    }
    struct completion_rule newest;
    if (!rule_of_cohort(connection, settings, cohort_id, &newest, problem)) {
        json_decref(versions);
        return NULL;
    }
    return json_pack("{s:o, s:o}", "rule", rule_json(&newest), "versions", versions);
}

static bool same(const struct completion_rule *left, const struct completion_rule *right)
{
    json_t *first = rule_json(left), *second = rule_json(right);
    (void)json_object_del(first, "version");
    (void)json_object_del(second, "version");
    bool equal = json_equal(first, second);
    json_decref(first);
    json_decref(second);
    return equal;
}

bool rule_record(struct db_connection *connection, const struct settings *settings,
    const char *cohort_id, const char *staff_id, struct problem *problem)
{
    struct completion_rule rule;
    if (!rule_of_cohort(connection, settings, cohort_id, &rule, problem))
        return false;
    json_t *record = rule_json(&rule);
    (void)json_object_set_new(record, "staff", staff_id ? json_string(staff_id) : json_null());
    bool good = evidence_append(connection, "rule", cohort_id, record, problem);
    json_decref(record);
    return good;
}

bool rule_change(struct db_connection *connection, const struct settings *settings,
    const char *cohort_id, const struct completion_rule *rule, int64_t seen, const char *staff_id,
    struct problem *problem)
{
    struct completion_rule newest;
    if (!rule_of_cohort(connection, settings, cohort_id, &newest, problem))
        return false;
    if (seen != 0 && seen != newest.version)
        return problem_set(problem, PROBLEM_CONFLICT,
            "the rule has version %lld, and version %lld was seen", (long long)newest.version,
            (long long)seen);
    if (newest.version > 0 && same(rule, &newest))
        return true;
    struct completion_rule next = *rule;
    next.version = newest.version + 1;
    return db_exec(connection, NULL, problem, insert_sql, "tiiiiittiiiti", cohort_id, next.version,
               next.threshold_percent, next.gap_ms_max, next.rate_cap_percent,
               (int64_t)next.real_time, seeking_words[next.in_order],
               offline_words[!next.offline_counts], (int64_t)next.hidden_counts,
               (int64_t)next.muted_counts, (int64_t)next.silence_left_out, staff_id, clock_now_ms())
           && rule_record(connection, settings, cohort_id, staff_id, problem)
           && completion_review_cohort(connection, settings, cohort_id, problem);
}
