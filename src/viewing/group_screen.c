#include "viewing/group_screen.h"

#include "base/memory.h"
#include "viewing/group.h"

#include <stdlib.h>

// clang-format off
static const char last_sql[] =
    "SELECT lecture_id, version, to_ms FROM viewing_group_showing"
    " WHERE group_id = $1 ORDER BY id DESC LIMIT 1";
static const char insert_sql[] =
    "INSERT INTO viewing_group_showing (id, group_id, lecture_id, version, from_at_ms, to_at_ms, from_ms, to_ms)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
static const char count_sql[] = "SELECT COUNT(*) FROM viewing_group_showing WHERE group_id = $1";
static const char save_sql[] =
    "UPDATE viewing_group SET last_at_ms = $2, budget_ms = $3 WHERE id = $1";
// clang-format on

static int64_t least(int64_t left, int64_t right)
{
    return left < right ? left : right;
}

/* Server time since the screen was last heard of that may have been played in. */
static int64_t passed_ms(const struct contact *contact)
{
    int64_t since_ms = contact->now_ms - contact->group.last_at_ms;
    return least(since_ms > 0 ? since_ms : 0, contact->settings->play_session_idle_ms);
}

/* The end of what was shown last is there already, so that the rounding between two batches closes. */
static bool go_on(struct db_connection *connection, const struct contact *contact,
    struct group_screen *screen, struct problem *problem)
{
    struct db_rows *rows = db_query(connection, last_sql, "t", contact->group.id);
    if (db_next(rows) && text_equal(db_text(rows, 0), contact->session.lecture_id)
        && db_int(rows, 1) == contact->session.version)
        (void)spans_add(&screen->state.credited, db_int(rows, 2) - 1, db_int(rows, 2), 0, problem);
    return db_end(rows, problem) && !problem_is_set(problem);
}

bool group_screen_begin(struct db_connection *connection, const struct contact *contact,
    struct group_screen *ret_screen, struct problem *problem)
{
    const struct completion_rule *rule = &contact->rule;
    *ret_screen
        = (struct group_screen){ .on = contact->group.id[0] != '\0' && !contact->lease_busy };
    if (!ret_screen->on)
        return true;
    ret_screen->state = (struct credit_state){ .duration_ms = contact->duration_ms,
        .policy
        = { .hidden_withheld = !rule->hidden_counts, .muted_withheld = !rule->muted_counts },
        .budget_ms = credit_budget_grow(contact->group.budget_ms, passed_ms(contact),
            contact->settings->play_session_idle_ms, rule->rate_cap_percent) };
    spans_copy(&contact->viewing.delivered, &ret_screen->state.delivered);
    return go_on(connection, contact, ret_screen, problem);
}

bool group_screen_show(
    struct group_screen *screen, const struct beat *beat, struct problem *problem)
{
    struct credit_result result;
    if (!screen->on)
        return true;
    if (!credit_beat(&screen->state, beat, &result, problem))
        return false;
    screen->shown = memory_resized(screen->shown, screen->count + 1, sizeof *screen->shown);
    struct group_shown *shown = &screen->shown[screen->count++];
    *shown
        = (struct group_shown){ .rate_percent = beat->rate_percent > 0 ? beat->rate_percent : 100 };
    spans_copy(&result.added, &shown->stretches);
    credit_result_release(&result);
    return true;
}

/* How long a stretch was played, by the player's word for its speed; nobody wins by a false one (see the header). */
static int64_t played_ms(const struct group_shown *shown, struct span span)
{
    return (span.to - span.from) * 100 / shown->rate_percent;
}

static int64_t played_in_all_ms(const struct group_screen *screen)
{
    int64_t total_ms = 0;
    for (size_t i = 0; i < screen->count; i++)
        for (size_t k = 0; k < screen->shown[i].stretches.count; k++)
            total_ms += played_ms(&screen->shown[i], screen->shown[i].stretches.items[k]);
    return total_ms;
}

/* The server time that stretches which follow each other share. */
struct sharing_out {
    int64_t from_at_ms, window_ms; /* of the batch */
    int64_t done_ms, total_ms;     /* of playing */
};

static int64_t at_ms(const struct sharing_out *sharing)
{
    int64_t total_ms = sharing->total_ms > 0 ? sharing->total_ms : 1;
    return sharing->from_at_ms + sharing->done_ms * sharing->window_ms / total_ms;
}

static bool write_showing(struct db_connection *connection, const struct contact *contact,
    const struct group_shown *shown, struct span span, struct sharing_out *sharing,
    struct problem *problem)
{
    int64_t begun_at_ms = at_ms(sharing);
    sharing->done_ms += played_ms(shown, span);
    return db_exec(connection, NULL, problem, insert_sql, "ittiiiii",
        db_next_key(connection, "viewing_group_showing"), contact->group.id,
        contact->session.lecture_id, contact->session.version, begun_at_ms, at_ms(sharing),
        span.from, span.to);
}

/* How many more showings the group may have: its record in the evidence log has an end.  A group that is full is ended
 * by the keeper soon. */
static bool read_room(struct db_connection *connection, const char *group_id, int64_t *ret_room,
    struct problem *problem)
{
    struct db_rows *rows = db_query(connection, count_sql, "t", group_id);
    *ret_room = db_next(rows) ? GROUP_SHOWINGS_MAX - db_int(rows, 0) : 0;
    return db_end(rows, problem);
}

bool group_screen_end(struct db_connection *connection, const struct contact *contact,
    struct group_screen *screen, struct problem *problem)
{
    bool good = true, any = false;
    int64_t room = 0;
    if (screen->count > 0 && !read_room(connection, contact->group.id, &room, problem))
        return false;
    struct sharing_out sharing = { .total_ms = played_in_all_ms(screen) };
    sharing.window_ms = least(passed_ms(contact), sharing.total_ms);
    sharing.from_at_ms = contact->now_ms - sharing.window_ms;
    for (size_t i = 0; i < screen->count; i++) {
        const struct group_shown *shown = &screen->shown[i];
        for (size_t k = 0; good && room > 0 && k < shown->stretches.count; k++, room--, any = true)
            good = write_showing(
                connection, contact, shown, shown->stretches.items[k], &sharing, problem);
    }
    return good
           && (!any
               || db_exec(connection, NULL, problem, save_sql, "tii", contact->group.id,
                   contact->now_ms, screen->state.budget_ms));
}

void group_screen_release(struct group_screen *screen)
{
    for (size_t i = 0; i < screen->count; i++)
        spans_release(&screen->shown[i].stretches);
    free(screen->shown);
    credit_state_release(&screen->state);
    *screen = (struct group_screen){ 0 };
}
