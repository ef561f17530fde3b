/* Play sessions, lease and heartbeats, over the real store. */
#include "viewing/play.h"

#include "../unit.h"
#include "house.h"

#include <stdio.h>
#include <string.h>

static struct house house;

static int build(void **state)
{
    (void)state;
    house_build(&house);
    return 0;
}

static int take_down(void **state)
{
    (void)state;
    house_remove(&house);
    return 0;
}

static const struct caller *lan(void)
{
    return &house.people[0];
}

static void honest_beats_are_credited_and_durable(void **state)
{
    (void)state;
    struct play_session session = house_begin(&house, lan(), house.lecture_id);
    house_deliver(&house, lan(), house.lecture_id, 0, 40000);
    house_now_ms += 10000;
    unsigned flags;
    assert_int_equal(house_take_one(&house, lan(), &session, 0, 0, 10000, &flags), 10000);
    assert_int_equal(flags, 0);
    house_now_ms += 10000;
    assert_int_equal(house_take_one(&house, lan(), &session, 1, 10000, 20000, &flags), 20000);

    assert_int_equal(house_number(&house, "SELECT COUNT(*) FROM heartbeat"), 2);
    assert_int_equal(house_number(&house, "SELECT COUNT(*) FROM delivery"), 10);
    assert_string_equal(house_text(&house, "SELECT credited FROM viewing"), "[[0,20000]]");
    assert_string_equal(house_text(&house, "SELECT delivered FROM viewing"), "[[0,40000]]");
    assert_string_equal(house_text(&house, "SELECT claimed FROM viewing"), "[[0,20000]]");
    assert_int_equal(house_number(&house, "SELECT real_ms FROM viewing"), 20000);
    assert_int_equal(house_number(&house, "SELECT position_ms FROM viewing"), 20000);
    assert_int_equal(
        house_number(&house, "SELECT budget_ms FROM credit_budget"), 2000 + 40000 - 20000);
    assert_int_equal(house_number(&house, "SELECT COUNT(*) FROM watch_interval"), 2);
    assert_int_equal(
        house_number(&house, "SELECT previous_id FROM watch_interval WHERE id = 2"), 1);
    assert_string_equal(
        house_text(&house, "SELECT reason FROM watch_interval WHERE id = 2"), "delivered");
}

static void a_retried_batch_changes_nothing(void **state)
{
    (void)state;
    struct play_session session = house_begin(&house, lan(), house.lecture_id);
    house_deliver(&house, lan(), house.lecture_id, 0, 40000);
    house_now_ms += 20000;
    struct beat beats[] = { { .seq = 0, .from_ms = 0, .to_ms = 10000 },
        { .seq = 1, .from_ms = 10000, .to_ms = 20000 } };
    struct beats_answer answer;
    assert_int_equal(house_take(&house, lan(), &session, beats, 2, &answer), 20000);
    assert_int_equal(answer.acknowledged_seq, 1);
    assert_int_equal(answer.flagged_count, 0);
    beats_answer_release(&answer);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(house_take(&house, lan(), &session, beats, 2, &answer), 20000);
        assert_int_equal(answer.acknowledged_seq, 1);
        assert_int_equal(answer.flagged_count, 2);
        assert_int_equal(answer.flagged[1].flags, FLAG_DUPLICATE);
        beats_answer_release(&answer);
    }
    assert_int_equal(house_number(&house, "SELECT COUNT(*) FROM heartbeat"), 2);
    assert_int_equal(house_number(&house, "SELECT COUNT(*) FROM watch_interval"), 1);
    assert_string_equal(house_text(&house, "SELECT flag_counts FROM viewing"), "{}");
}

static void the_acknowledged_is_the_highest_without_a_hole(void **state)
{
    (void)state;
    struct play_session session = house_begin(&house, lan(), house.lecture_id);
    static const struct {
        int64_t seqs[3];
        size_t count;
        int64_t acknowledged;
    } cases[] = { { { 3, 1, 4 }, 3, -1 }, { { 0 }, 1, 1 }, { { 0 }, 1, 1 }, { { 2, 2, 6 }, 3, 4 },
        { { 0 }, 0, 4 }, { { 5 }, 1, 6 } };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct beat beats[3] = { { 0 } };
        for (size_t j = 0; j < 3; j++)
            beats[j].seq = cases[i].seqs[j];
        struct beats_answer answer;
        (void)house_take(&house, lan(), &session, beats, cases[i].count, &answer);
        assert_int_equal(answer.acknowledged_seq, cases[i].acknowledged);
        beats_answer_release(&answer);
    }
    assert_string_equal(house_text(&house, "SELECT received_seqs FROM play_session"), "[[0,7]]");
}

static void beats_are_credited_in_their_own_order(void **state)
{
    (void)state;
    struct play_session session = house_begin(&house, lan(), house.lecture_id);
    house_deliver(&house, lan(), house.lecture_id, 0, 40000);
    house_now_ms += 4000; /* a budget of 10 s */
    struct beat beats[] = { { .seq = 1, .from_ms = 20000, .to_ms = 40000 },
        { .seq = 0, .from_ms = 0, .to_ms = 8000 } };
    struct beats_answer answer;
    assert_int_equal(house_take(&house, lan(), &session, beats, 2, &answer), 10000);
    assert_int_equal(answer.flagged_count, 1);
    assert_int_equal(answer.flagged[0].seq, 1);
    assert_int_equal(answer.flagged[0].flags, FLAG_TOO_FAST);
    beats_answer_release(&answer);
    assert_string_equal(
        house_text(&house, "SELECT credited FROM viewing"), "[[0,8000],[20000,22000]]");
    assert_string_equal(
        house_text(&house, "SELECT reasons FROM heartbeat WHERE seq = 1"), "too-fast");
    assert_int_equal(house_number(&house, "SELECT credited_ms FROM heartbeat WHERE seq = 1"), 2000);
    assert_string_equal(house_text(&house, "SELECT flag_counts FROM viewing"), "{\"too-fast\":1}");
}

static void the_newest_device_takes_the_lease(void **state)
{
    (void)state;
    const struct caller *phone = &house.second_device;
    struct problem problem = { 0 };
    struct play_session again;
    struct play_session on_pc = house_begin(&house, lan(), house.lecture_id);
    house_deliver(&house, lan(), house.lecture_id, 0, 80000);
    house_now_ms += 10000;
    struct play_session on_phone = house_begin(&house, phone, house.lecture_id);

    /* The PC is told, and what it played still counts. */
    unsigned flags;
    assert_int_equal(house_take_one(&house, lan(), &on_pc, 0, 0, 10000, &flags), 10000);
    assert_int_equal(flags, FLAG_LEASE);
    assert_int_equal(house_number(&house, "SELECT position_ms FROM viewing"), 0);
    assert_false(play_renew(house.db, &house.settings, lan(), on_pc.id, &again, &problem));
    assert_int_equal(problem.kind, PROBLEM_LEASE_TAKEN);

    house_now_ms += 10000;
    assert_int_equal(house_take_one(&house, phone, &on_phone, 0, 10000, 20000, &flags), 20000);
    assert_int_equal(flags, 0);
    assert_int_equal(house_number(&house, "SELECT position_ms FROM viewing"), 20000);

    /* Once the phone's play session has ended, the PC may go on. */
    house_now_ms += house.settings.play_session_idle_ms;
    problem_clear(&problem);
    assert_true(play_renew(house.db, &house.settings, lan(), on_pc.id, &again, &problem));
    assert_string_equal(again.lecture_id, house.lecture_id);
    assert_int_equal(again.version, 1);
    problem_clear(&problem);
    assert_false(play_renew(house.db, &house.settings, phone, on_phone.id, &again, &problem));
    assert_int_equal(problem.kind, PROBLEM_LEASE_TAKEN);
}

/* The PC plays on beside the phone, by a player that pays no heed. */
static void what_plays_on_beside_the_lease_is_recorded_and_not_credited(void **state)
{
    (void)state;
    const struct caller *phone = &house.second_device;
    unsigned flags;
    struct play_session on_pc = house_begin(&house, lan(), house.lecture_id);
    house_deliver(&house, lan(), house.lecture_id, 0, 200000);
    house_now_ms += 10000;
    struct play_session on_phone = house_begin(&house, phone, house.lecture_id);
    house_now_ms += 60000;
    /* Ten seconds until it was taken over are worth twenty at the cap. */
    assert_int_equal(house_take_one(&house, lan(), &on_pc, 0, 0, 70000, &flags), 20000);
    assert_int_equal(flags, FLAG_LEASE);
    house_now_ms += 10000;
    assert_int_equal(house_take_one(&house, lan(), &on_pc, 1, 70000, 80000, &flags), 20000);
    assert_int_equal(flags, FLAG_LEASE);
    assert_string_equal(house_text(&house, "SELECT claimed FROM viewing"), "[[0,80000]]");
    assert_string_equal(
        house_text(&house, "SELECT withheld FROM viewing"), "{\"lease\":[[0,80000]]}");
    /* The phone's time is its own. */
    assert_int_equal(
        house_take_one(&house, phone, &on_phone, 0, 100000, 170000, &flags), 20000 + 70000);
    assert_int_equal(flags, 0);
    /* Once the phone was silent for long, the PC plays for itself again. */
    house_now_ms += house.settings.play_session_idle_ms;
    assert_int_equal(house_take_one(&house, lan(), &on_pc, 2, 20000, 30000, &flags), 100000);
}

static void as_many_devices_play_at_once_as_the_setting_says(void **state)
{
    (void)state;
    struct caller devices[3] = { *lan(), house.second_device, house.second_device };
    struct play_session sessions[3];
    unsigned flags;
    char sql[300];
    house.settings.devices_at_once_max = 2;
    secure_make_uuid(devices[2].session_id);
    (void)snprintf(sql, sizeof sql,
        "INSERT INTO session (id, token_digest, participant_id, created_at_ms, expires_at_ms)"
        " VALUES ('%s', randomblob(32), '%s', 1, 9000000000000)",
        devices[2].session_id, lan()->participant_id);
    house_run(&house, sql);
    house_deliver(&house, lan(), house.lecture_id, 0, 200000);
    for (int i = 0; i < 3; i++) {
        sessions[i] = house_begin(&house, &devices[i], house.lecture_id);
        house_now_ms += 1000;
    }
    house_now_ms += 10000;
    (void)house_take_one(&house, &devices[2], &sessions[2], 0, 0, 4000, &flags);
    assert_int_equal(flags, 0);
    (void)house_take_one(&house, &devices[1], &sessions[1], 0, 40000, 44000, &flags);
    assert_int_equal(flags, 0);
    (void)house_take_one(&house, &devices[0], &sessions[0], 0, 80000, 100000, &flags);
    assert_int_equal(flags, FLAG_LEASE);
}

static void tabs_and_reloads_of_one_device_share_the_lease(void **state)
{
    (void)state;
    struct problem problem = { 0 };
    struct play_session again;
    struct play_session first = house_begin(&house, lan(), house.lecture_id);
    struct play_session second = house_begin(&house, lan(), house.other_lecture_id);
    for (int i = 0; i < 2; i++) {
        assert_true(play_renew(house.db, &house.settings, lan(), first.id, &again, &problem));
        assert_true(play_renew(house.db, &house.settings, lan(), second.id, &again, &problem));
    }
    struct beat beat = { .seq = 0 };
    struct beats_answer answer;
    (void)house_take(&house, lan(), &first, &beat, 1, &answer);
    assert_true(answer.lease_held);
    assert_int_equal(answer.flagged_count, 0);
    beats_answer_release(&answer);
}

static void two_tabs_share_one_budget(void **state)
{
    (void)state;
    struct play_session first = house_begin(&house, lan(), house.lecture_id);
    struct play_session second = house_begin(&house, lan(), house.other_lecture_id);
    house_deliver(&house, lan(), house.lecture_id, 0, 80000);
    house_deliver(&house, lan(), house.other_lecture_id, 0, 80000);
    house_now_ms += 10000;
    int64_t one = house_take_one(&house, lan(), &first, 0, 0, 20000, NULL);
    int64_t other = house_take_one(&house, lan(), &second, 0, 0, 20000, NULL);
    assert_int_equal(one, 20000);
    assert_int_equal(other, 2000);
}

static void another_persons_play_session_is_unknown(void **state)
{
    (void)state;
    struct play_session session = house_begin(&house, lan(), house.lecture_id), again;
    struct beats_answer answer;
    struct problem problem = { 0 };
    assert_false(
        play_renew(house.db, &house.settings, &house.people[1], session.id, &again, &problem));
    assert_int_equal(problem.kind, PROBLEM_PLAY_SESSION_UNKNOWN);
    problem_clear(&problem);
    assert_false(play_take_beats(house.db, house.log, &house.settings, &house.people[1], session.id,
        NULL, 0, 0, &answer, &problem));
    assert_int_equal(problem.kind, PROBLEM_PLAY_SESSION_UNKNOWN);
    problem_clear(&problem);
    assert_false(play_take_beats(house.db, house.log, &house.settings, lan(),
        "no such thing, and too long for any identifier", NULL, 0, 0, &answer, &problem));
    assert_int_equal(problem.kind, PROBLEM_PLAY_SESSION_UNKNOWN);
}

static void only_a_participant_begins_and_only_what_is_there(void **state)
{
    (void)state;
    struct caller admin = { .role = CALLER_ADMIN };
    struct play_session session;
    struct problem problem = { 0 };
    assert_false(play_begin(
        house.db, &house.settings, &admin, NULL, house.lecture_id, 1, &session, &problem));
    assert_int_equal(problem.kind, PROBLEM_FORBIDDEN);
    problem_clear(&problem);
    assert_false(play_begin(
        house.db, &house.settings, lan(), NULL, house.lecture_id, 2, &session, &problem));
    assert_int_equal(problem.kind, PROBLEM_NOT_FOUND);
    assert_int_equal(house_number(&house, "SELECT COUNT(*) FROM play_session"), 0);
    assert_int_equal(house_number(&house, "SELECT COUNT(*) FROM playback_lease"), 0);
}

/* Watches all of a lecture in steps of 10 s. */
static void watch(const struct play_session *session, int64_t from_ms, int64_t to_ms, int64_t seq)
{
    for (int64_t at_ms = from_ms; at_ms < to_ms; at_ms += 10000) {
        house_now_ms += 10000;
        (void)house_take_one(&house, lan(), session, seq++, at_ms, at_ms + 10000, NULL);
    }
}

static void completion_is_reached_by_the_rule_and_stays(void **state)
{
    (void)state;
    struct play_session session = house_begin(&house, lan(), house.lecture_id);
    house_deliver(&house, lan(), house.lecture_id, 0, HOUSE_LECTURE_MS);
    int64_t needed_ms = HOUSE_LECTURE_MS - 30000;
    watch(&session, 0, needed_ms - 10000, 0);
    assert_int_equal(house_number(&house, "SELECT COUNT(*) FROM completion"), 0);
    watch(&session, needed_ms - 10000, needed_ms, 1000);
    int64_t completed_at_ms = house_now_ms;
    assert_int_equal(
        house_number(&house, "SELECT completed_at_ms FROM completion"), completed_at_ms);
    assert_int_equal(house_number(&house, "SELECT rule_version FROM completion"), 1);
    assert_int_equal(house_number(&house, "SELECT credited_ms FROM completion"), needed_ms);

    /* A stricter rule comes later: who has completed, has completed. */
    house_run(&house,
        "INSERT INTO completion_rule (cohort_id, version, threshold_percent, gap_ms_max,"
        " rate_cap_percent, created_at_ms) SELECT id, 2, 100, 1, 100, 1 FROM cohort");
    house_now_ms += 10000;
    struct beats_answer answer;
    (void)house_take(&house, lan(), &session, NULL, 0, &answer);
    assert_true(answer.completed);
    assert_int_equal(answer.completed_at_ms, completed_at_ms);
    beats_answer_release(&answer);
    assert_int_equal(house_number(&house, "SELECT COUNT(*) FROM completion"), 1);
}

static void the_newest_rule_of_the_cohort_is_asked(void **state)
{
    (void)state;
    house_run(&house,
        "INSERT INTO completion_rule (cohort_id, version, threshold_percent, gap_ms_max,"
        " rate_cap_percent, created_at_ms) SELECT id, 2, 5, 0, 100, 1 FROM cohort");
    struct play_session session = house_begin(&house, lan(), house.lecture_id);
    house_deliver(&house, lan(), house.lecture_id, 0, HOUSE_LECTURE_MS);
    house_now_ms += 10000;
    unsigned flags;
    /* A cap of 100 %: 2 s and 10 s. */
    assert_int_equal(house_take_one(&house, lan(), &session, 0, 0, 20000, &flags), 12000);
    assert_int_equal(flags, FLAG_TOO_FAST);
    watch(&session, 20000, HOUSE_LECTURE_MS / 20 + 20000, 1);
    assert_int_equal(house_number(&house, "SELECT rule_version FROM completion"), 2);
}

static void time_counts_while_a_play_session_is_open(void **state)
{
    (void)state;
    struct play_session session = house_begin(&house, lan(), house.lecture_id), again;
    struct problem problem = { 0 };
    house_now_ms += 300000; /* paused */
    assert_true(play_renew(house.db, &house.settings, lan(), session.id, &again, &problem));
    assert_int_equal(house_number(&house, "SELECT budget_ms FROM credit_budget"), 602000);
    assert_int_equal(house_number(&house, "SELECT real_ms FROM viewing"), 300000);
    house_now_ms += 86400000; /* gone for a day: open for ten minutes of it */
    assert_true(play_renew(house.db, &house.settings, lan(), session.id, &again, &problem));
    assert_int_equal(house_number(&house, "SELECT budget_ms FROM credit_budget"), 1802000);
    assert_int_equal(house_number(&house, "SELECT real_ms FROM viewing"), 900000);
}

static void the_circumstances_are_recorded_as_they_were_told(void **state)
{
    (void)state;
    struct play_session session = house_begin(&house, lan(), house.lecture_id);
    struct beat beats[] = { { .seq = 0,
                                .from_ms = 5,
                                .to_ms = 9,
                                .rate_percent = 150,
                                .visible = 0,
                                .muted = 1,
                                .rendition = "480p",
                                .language = "mn",
                                .client_at_ms = 77 },
        { .seq = 1, .rate_percent = -1, .visible = -1, .muted = -1, .client_at_ms = -1 } };
    (void)house_take(&house, lan(), &session, beats, 2, NULL);
    assert_string_equal(
        house_text(&house,
            "SELECT seq || ' ' || from_ms || ' ' || to_ms || ' ' || rate_percent"
            " || ' ' || visible || ' ' || muted || ' ' || rendition || ' ' || language"
            " || ' ' || client_at_ms FROM heartbeat WHERE seq = 0"),
        "0 5 9 150 0 1 480p mn 77");
    assert_int_equal(
        house_number(&house, "SELECT COUNT(*) FROM heartbeat WHERE seq = 1 AND rate_percent IS NULL"
                             " AND visible IS NULL AND muted IS NULL AND rendition IS NULL"
                             " AND language IS NULL AND client_at_ms IS NULL"),
        1);
}

static void a_late_journal_does_not_move_the_position(void **state)
{
    (void)state;
    struct play_session session = house_begin(&house, lan(), house.lecture_id);
    (void)house_take_one(&house, lan(), &session, 5, 50000, 60000, NULL);
    (void)house_take_one(&house, lan(), &session, 2, 20000, 30000, NULL);
    assert_int_equal(house_number(&house, "SELECT position_ms FROM viewing"), 60000);
    (void)house_take_one(&house, lan(), &session, 6, 60000, 999999999, NULL);
    assert_int_equal(house_number(&house, "SELECT position_ms FROM viewing"), HOUSE_LECTURE_MS);
    (void)house_take_one(&house, lan(), &session, 7, 9000, -1, NULL);
    assert_int_equal(house_number(&house, "SELECT position_ms FROM viewing"), 0);
}

static void numbers_with_too_many_holes_are_not_kept(void **state)
{
    (void)state;
    struct play_session session = house_begin(&house, lan(), house.lecture_id);
    static struct beat beats[BEATS_MAX];
    for (int64_t batch = 0; batch < SPANS_MAX / BEATS_MAX; batch++) {
        for (int64_t i = 0; i < BEATS_MAX; i++)
            beats[i] = (struct beat){ .seq = (batch * BEATS_MAX + i) * 2 };
        (void)house_take(&house, lan(), &session, beats, BEATS_MAX, NULL);
    }
    struct beats_answer answer;
    struct problem problem = { 0 };
    struct beat more[] = { { .seq = 1 }, { .seq = SPANS_MAX * 2 + 2 } };
    assert_true(play_take_beats(
        house.db, house.log, &house.settings, lan(), session.id, more, 2, 0, &answer, &problem));
    assert_int_equal(answer.acknowledged_seq, 2);
    assert_int_equal(answer.flagged_count, 0); /* the first made room */
    beats_answer_release(&answer);
    struct beat beats_beyond[] = { { .seq = SPANS_MAX * 2 + 6 }, { .seq = 3 } };
    assert_true(play_take_beats(house.db, house.log, &house.settings, lan(), session.id,
        beats_beyond, 2, 0, &answer, &problem));
    assert_int_equal(answer.acknowledged_seq, 4);
    assert_int_equal(answer.flagged_count, 0); /* sorted by number, the good ones come first */
    beats_answer_release(&answer);
    struct beat beyond = { .seq = SPANS_MAX * 2 + 10 };
    assert_true(play_take_beats(
        house.db, house.log, &house.settings, lan(), session.id, &beyond, 1, 0, &answer, &problem));
    assert_int_equal(answer.flagged[0].flags, FLAG_SCATTERED);
    beats_answer_release(&answer);
    assert_int_equal(house_number(&house, "SELECT COUNT(*) FROM heartbeat"), SPANS_MAX + 4);
}

static void a_bad_line_costs_nothing_but_itself(void **state)
{
    (void)state;
    struct play_session session = house_begin(&house, lan(), house.lecture_id);
    house_deliver(&house, lan(), house.lecture_id, 0, 10);
    const struct beat beats[] = { { .seq = -1, .malformed = true }, { .seq = 0, .to_ms = 500 },
        { .seq = 1, .malformed = true }, { .seq = 2, .from_ms = 500, .to_ms = 1000 },
        { .seq = -1, .malformed = true } };
    struct beats_answer answer;
    struct problem problem = { 0 };
    assert_true(play_take_beats(house.db, house.log, &house.settings, lan(), session.id, beats,
        COUNT_OF(beats), 0, &answer, &problem));
    assert_int_equal(answer.acknowledged_seq, 2);
    assert_int_equal(spans_total(&answer.credited), 1000);
    static const struct {
        size_t place;
        int64_t seq;
    } expected[] = { { 0, -1 }, { 4, -1 }, { 2, 1 } };
    assert_int_equal(answer.flagged_count, COUNT_OF(expected));
    for (size_t i = 0; i < COUNT_OF(expected); i++) {
        assert_int_equal(answer.flagged[i].place, expected[i].place);
        assert_int_equal(answer.flagged[i].seq, expected[i].seq);
        assert_int_equal(answer.flagged[i].flags, FLAG_MALFORMED);
    }
    beats_answer_release(&answer);
    assert_int_equal(house_number(&house, "SELECT COUNT(*) FROM heartbeat"), 3);
    assert_int_equal(
        house_number(&house, "SELECT COUNT(*) FROM heartbeat WHERE reasons = 'malformed'"), 1);
    assert_int_equal(house_number(&house, "SELECT position_ms FROM viewing"), 1000);
}

/* Version 2 of the first lecture, of 30 s. */
static struct play_session begin_second_version(void)
{
    struct play_session session;
    struct problem problem = { 0 };
    house_run(&house, "INSERT INTO lecture_version (lecture_id, version, duration_ms, report,"
                      " ready_at_ms) SELECT lecture_id, 2, 30000, '{}', 2 FROM lecture_version");
    house_run(&house, "UPDATE lecture SET current_version = 2");
    assert_true(play_begin(
        house.db, &house.settings, lan(), NULL, house.lecture_id, 2, &session, &problem));
    return session;
}

static void another_recording_starts_empty_and_the_old_credit_stays(void **state)
{
    (void)state;
    struct play_session first = house_begin(&house, lan(), house.lecture_id);
    house_deliver(&house, lan(), house.lecture_id, 0, 40000);
    house_now_ms += 10000;
    assert_int_equal(house_take_one(&house, lan(), &first, 0, 0, 10000, NULL), 10000);
    struct play_session second = begin_second_version();
    house_now_ms += 10000;
    unsigned flags;
    assert_int_equal(house_take_one(&house, lan(), &second, 0, 0, 10000, &flags), 0);
    assert_int_equal(flags, FLAG_UNDELIVERED); /* the deliveries were of the old one */
    assert_int_equal(house_take_one(&house, lan(), &first, 1, 10000, 20000, NULL), 20000);
    assert_int_equal(house_number(&house, "SELECT COUNT(*) FROM viewing"), 2);
}

/* The first ten seconds were cut, and the end behind 0:40: what was watched of the first version
 * counts on the second, and what is watched there counts with it. */
static void a_trimmed_version_goes_on_with_what_was_watched(void **state)
{
    (void)state;
    struct play_session first = house_begin(&house, lan(), house.lecture_id);
    struct beats_answer answer;
    house_deliver(&house, lan(), house.lecture_id, 0, 40000);
    house_now_ms += 10000;
    assert_int_equal(house_take_one(&house, lan(), &first, 0, 0, 20000, NULL), 20000);
    house_now_ms += 5000;
    assert_int_equal(house_take_one(&house, lan(), &first, 1, 20000, 30000, NULL), 30000);
    house_run(&house, "INSERT INTO timeline_piece (lecture_id, version, from_ms, to_ms, at_ms)"
                      " SELECT lecture_id, 2, 10000, 40000, 0 FROM lecture_version");
    struct play_session second = begin_second_version();
    house_take(&house, lan(), &second, NULL, 0, &answer);
    assert_int_equal(answer.credited.count, 1);
    assert_int_equal(answer.credited.items[0].from, 0);
    assert_int_equal(answer.credited.items[0].to, 20000);
    assert_false(answer.completed);
    beats_answer_release(&answer);

    /* A journal of the old version that comes late counts on both. */
    house_now_ms += 10000;
    assert_int_equal(house_take_one(&house, lan(), &first, 2, 30000, 40000, NULL), 40000);
    house_take(&house, lan(), &second, NULL, 0, &answer);
    assert_int_equal(spans_total(&answer.credited), 30000);
    assert_true(answer.completed);
    beats_answer_release(&answer);
    assert_int_equal(house_number(&house, "SELECT credited_ms FROM completion"), 30000);
}

static void silence_at_the_end_is_not_needed(void **state)
{
    (void)state;
    house_run(
        &house, "UPDATE lecture_version SET duration_ms = 40000, trailing_silence_ms = 15000");
    struct play_session session = house_begin(&house, lan(), house.lecture_id);
    struct beats_answer answer;
    house_deliver(&house, lan(), house.lecture_id, 0, 40000);
    house_now_ms += 20000;
    struct beat beat = { .seq = 0, .from_ms = 0, .to_ms = 23000, .rate_percent = 100 };
    house_take(&house, lan(), &session, &beat, 1, &answer);
    assert_true(answer.completed); /* 92 % of 25 s */
    beats_answer_release(&answer);
}

static void nobody_fills_the_disk_by_himself(void **state)
{
    (void)state;
    house.settings.viewing_records_max = 1000;
    struct play_session session = house_begin(&house, lan(), house.lecture_id);
    struct beat beats[490];
    struct beats_answer answer;
    struct problem problem = { 0 };
    int64_t seq = 0;
    for (int batch = 0; batch < 3; batch++) {
        for (size_t i = 0; i < COUNT_OF(beats); i++)
            beats[i] = (struct beat){ .seq = seq++ };
        bool taken = play_take_beats(house.db, house.log, &house.settings, lan(), session.id, beats,
            COUNT_OF(beats), 0, &answer, &problem);
        assert_int_equal(taken, batch < 2); /* 20 for the play, 980 for two batches */
        if (taken)
            beats_answer_release(&answer);
    }
    assert_int_equal(problem.kind, PROBLEM_TOO_MANY_REQUESTS);
    assert_int_equal(house_number(&house, "SELECT COUNT(*) FROM heartbeat"), 980);

    /* nothing is lost: the same batch is taken when time has passed, and others never had to wait */
    house_now_ms += 245000;
    house_take(&house, lan(), &session, beats, COUNT_OF(beats), &answer);
    assert_int_equal(answer.acknowledged_seq, 1469);
    beats_answer_release(&answer);
    (void)house_begin(&house, &house.people[1], house.lecture_id);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, build, take_down)
    const struct CMUnitTest tests[] = {
        TEST(nobody_fills_the_disk_by_himself),
        TEST(honest_beats_are_credited_and_durable),
        TEST(a_retried_batch_changes_nothing),
        TEST(the_acknowledged_is_the_highest_without_a_hole),
        TEST(beats_are_credited_in_their_own_order),
        TEST(the_newest_device_takes_the_lease),
        TEST(what_plays_on_beside_the_lease_is_recorded_and_not_credited),
        TEST(as_many_devices_play_at_once_as_the_setting_says),
        TEST(tabs_and_reloads_of_one_device_share_the_lease),
        TEST(two_tabs_share_one_budget),
        TEST(another_persons_play_session_is_unknown),
        TEST(only_a_participant_begins_and_only_what_is_there),
        TEST(completion_is_reached_by_the_rule_and_stays),
        TEST(the_newest_rule_of_the_cohort_is_asked),
        TEST(time_counts_while_a_play_session_is_open),
        TEST(the_circumstances_are_recorded_as_they_were_told),
        TEST(a_late_journal_does_not_move_the_position),
        TEST(a_bad_line_costs_nothing_but_itself),
        TEST(numbers_with_too_many_holes_are_not_kept),
        TEST(another_recording_starts_empty_and_the_old_credit_stays),
        TEST(a_trimmed_version_goes_on_with_what_was_watched),
        TEST(silence_at_the_end_is_not_needed),
    };
    return cmocka_run_group_tests_name("play", tests, NULL, NULL);
}
