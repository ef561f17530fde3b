/*
 * What a browser's player does, in simulated time over a house's store: fetches ahead, plays,
 * journals beats, sends them until they are acknowledged.
 */
#ifndef LECTERN_TESTS_VIEWING_PLAYER_H
#define LECTERN_TESTS_VIEWING_PLAYER_H

#include "house.h"

enum {
    STEP_MS = 100,     /* of the simulation */
    BEAT_MS = 10000,   /* of server time */
    BUFFER_MS = 30000, /* of lecture time ahead of the playhead */
    JOURNAL_MAX = 400, /* beats; fewer than BEATS_MAX */
    LECTURE_MS = HOUSE_LECTURE_MS
};

struct player {
    struct house *house;
    const struct caller *device;
    struct play_session session;
    int64_t rate_percent;
    int64_t position_ms, fetched_ms; /* lecture time */
    int64_t beat_from_ms, beat_at_ms;
    int64_t next_seq;
    struct beat journal[JOURNAL_MAX];
    size_t journal_count;
    bool online, playing;
    struct spans *truth; /* what the person really saw */
    unsigned flags;      /* all that were answered, but for duplicates */
    bool completed;
};

/* A page is opened, or loaded again: a new play session where the person stopped. */
void player_open(struct player *player, struct house *house, const struct caller *device,
    int64_t rate_percent, int64_t position_ms, struct spans *truth);
/* Fetches as far ahead as a player does; plays a step of server time that has passed. */
void player_fetch(struct player *player);
void player_advance(struct player *player);
/* Lets server time pass. */
void player_pass(struct player *player, int64_t duration_ms);
void player_play_to(struct player *player, int64_t position_ms);
void player_seek(struct player *player, int64_t position_ms);
void player_pause(struct player *player, int64_t duration_ms);
/* Journals what was played; sends the journal where the network is there; both. */
void player_journal(struct player *player);
void player_send(struct player *player);
void player_beat(struct player *player);

#endif
