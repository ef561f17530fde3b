-- One screen, several people (docs/groups.md).  host_id: whose link plays there, on the device session_id.  code: what others type to be
-- there, until code_until_ms.  last_at_ms: until when what was shown is on record; budget_ms: what the screen may still show, by the
-- rule that holds for everybody.
CREATE TABLE viewing_group (
    id TEXT NOT NULL PRIMARY KEY,
    host_id TEXT NOT NULL REFERENCES participant (id),
    session_id TEXT NOT NULL REFERENCES session (id),
    code TEXT UNIQUE,
    code_until_ms BIGINT NOT NULL,
    opened_at_ms BIGINT NOT NULL,
    last_at_ms BIGINT NOT NULL,
    budget_ms BIGINT NOT NULL,
    closed_at_ms BIGINT
);
CREATE INDEX viewing_group_by_host ON viewing_group (host_id);
CREATE UNIQUE INDEX viewing_group_open ON viewing_group (session_id) WHERE closed_at_ms IS NULL;

-- Who was there besides the host; a row a stay.  left_at_ms null: until the end.  way: 'code', or 'hand': an organizer said so.
CREATE TABLE viewing_group_stay (
    id BIGINT PRIMARY KEY,
    group_id TEXT NOT NULL REFERENCES viewing_group (id),
    participant_id TEXT NOT NULL REFERENCES participant (id),
    joined_at_ms BIGINT NOT NULL,
    left_at_ms BIGINT,
    way TEXT NOT NULL,
    added_by TEXT REFERENCES staff (id)
);
CREATE INDEX viewing_group_stay_by_group ON viewing_group_stay (group_id);
CREATE INDEX viewing_group_stay_by_participant ON viewing_group_stay (participant_id);

-- What the screen showed: in that server time, from here to there of the lecture, at an even pace.
CREATE TABLE viewing_group_showing (
    id BIGINT PRIMARY KEY,
    group_id TEXT NOT NULL REFERENCES viewing_group (id),
    lecture_id TEXT NOT NULL REFERENCES lecture (id),
    version BIGINT NOT NULL,
    from_at_ms BIGINT NOT NULL,
    to_at_ms BIGINT NOT NULL,
    from_ms BIGINT NOT NULL,
    to_ms BIGINT NOT NULL
);
CREATE INDEX viewing_group_showing_by_group ON viewing_group_showing (group_id);

-- The organizer's word on a group.  verdict: 'confirmed' or 'refused'.  Never changed but for its end.
CREATE TABLE viewing_group_decision (
    id BIGINT PRIMARY KEY,
    group_id TEXT NOT NULL REFERENCES viewing_group (id),
    verdict TEXT NOT NULL,
    reason TEXT NOT NULL,
    decided_at_ms BIGINT NOT NULL,
    decided_by TEXT REFERENCES staff (id),
    ended_at_ms BIGINT,
    ended_by TEXT REFERENCES staff (id)
);
CREATE UNIQUE INDEX viewing_group_decision_standing ON viewing_group_decision (group_id) WHERE ended_at_ms IS NULL;
CREATE INDEX viewing_group_decision_by_group ON viewing_group_decision (group_id);

-- What somebody saw there of a lecture; credited, real_ms and counted (server time) are empty unless the group is confirmed.
CREATE TABLE viewing_group_credit (
    participant_id TEXT NOT NULL REFERENCES participant (id),
    lecture_id TEXT NOT NULL REFERENCES lecture (id),
    version BIGINT NOT NULL,
    group_id TEXT NOT NULL REFERENCES viewing_group (id),
    shown TEXT NOT NULL,
    credited TEXT NOT NULL,
    real_ms BIGINT NOT NULL,
    counted TEXT NOT NULL,
    PRIMARY KEY (participant_id, lecture_id, version, group_id)
);
CREATE INDEX viewing_group_credit_by_group ON viewing_group_credit (group_id);

-- Something was credited by a group when it was made: it goes with that.
ALTER TABLE completion ADD COLUMN by_group SMALLINT NOT NULL DEFAULT 0;
