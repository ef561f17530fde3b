#include "player.h"

#include "../unit.h"

void player_journal(struct player *player)
{
    if (player->beat_from_ms == player->position_ms)
        return;
    assert_true(player->journal_count < JOURNAL_MAX);
    player->journal[player->journal_count++] = (struct beat){ .seq = player->next_seq++,
        .from_ms = player->beat_from_ms,
        .to_ms = player->position_ms,
        .rate_percent = player->rate_percent,
        .visible = 1,
        .muted = 0,
        .client_at_ms = -1 };
    player->beat_from_ms = player->position_ms;
    player->beat_at_ms = house_now_ms;
}

void player_send(struct player *player)
{
    if (!player->online || player->journal_count == 0)
        return;
    struct beats_answer answer;
    (void)house_take(player->house, player->device, &player->session, player->journal,
        player->journal_count, &answer);
    assert_int_equal(answer.acknowledged_seq, player->next_seq - 1);
    for (size_t i = 0; i < answer.flagged_count; i++)
        player->flags |= answer.flagged[i].flags & ~(unsigned)FLAG_DUPLICATE;
    player->completed = answer.completed;
    player->journal_count = 0;
    beats_answer_release(&answer);
}

void player_beat(struct player *player)
{
    player_journal(player);
    player_send(player);
}

void player_open(struct player *player, struct house *house, const struct caller *device,
    int64_t rate_percent, int64_t position_ms, struct spans *truth)
{
    *player = (struct player){ .house = house,
        .device = device,
        .rate_percent = rate_percent,
        .position_ms = position_ms,
        .fetched_ms = position_ms / HOUSE_SEGMENT_MS * HOUSE_SEGMENT_MS,
        .beat_from_ms = position_ms,
        .beat_at_ms = house_now_ms,
        .online = true,
        .playing = true,
        .truth = truth };
    player->session = house_begin(house, device, player->house->lecture_id);
}

void player_fetch(struct player *player)
{
    while (player->online && player->fetched_ms < LECTURE_MS
           && player->fetched_ms < player->position_ms + BUFFER_MS) {
        house_deliver(player->house, player->device, player->house->lecture_id, player->fetched_ms,
            player->fetched_ms + HOUSE_SEGMENT_MS);
        player->fetched_ms += HOUSE_SEGMENT_MS;
    }
}

void player_advance(struct player *player)
{
    struct problem problem = { 0 };
    int64_t to_ms = player->position_ms + STEP_MS * player->rate_percent / 100;
    to_ms = to_ms > player->fetched_ms ? player->fetched_ms : to_ms; /* the buffer is empty */
    to_ms = to_ms > LECTURE_MS ? LECTURE_MS : to_ms;
    assert_true(spans_add(player->truth, player->position_ms, to_ms, 0, &problem));
    player->position_ms = to_ms;
}

void player_pass(struct player *player, int64_t duration_ms)
{
    for (int64_t passed_ms = 0; passed_ms < duration_ms; passed_ms += STEP_MS) {
        player_fetch(player);
        house_now_ms += STEP_MS;
        if (player->playing)
            player_advance(player);
        if (house_now_ms - player->beat_at_ms >= BEAT_MS)
            player_beat(player);
    }
}

void player_play_to(struct player *player, int64_t position_ms)
{
    int64_t stalled_until_ms = house_now_ms + INT64_C(4) * LECTURE_MS;
    while (player->position_ms < position_ms && house_now_ms < stalled_until_ms)
        player_pass(player, STEP_MS);
}

void player_seek(struct player *player, int64_t position_ms)
{
    player_beat(player);
    player->position_ms = player->beat_from_ms = position_ms;
    player->fetched_ms = position_ms / HOUSE_SEGMENT_MS * HOUSE_SEGMENT_MS;
}

void player_pause(struct player *player, int64_t duration_ms)
{
    player_beat(player);
    player->playing = false;
    player_pass(player, duration_ms);
    player->playing = true;
    player->beat_from_ms = player->position_ms;
}
