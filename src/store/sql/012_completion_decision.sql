-- An organizer's word on a lecture for a person, beside what the rule says.  verdict: 'accepted' or 'refused'.  Never changed but
-- for its end: it was withdrawn, or another took its place.
CREATE TABLE completion_decision (
    id BIGINT PRIMARY KEY,
    participant_id TEXT NOT NULL REFERENCES participant (id),
    lecture_id TEXT NOT NULL REFERENCES lecture (id),
    verdict TEXT NOT NULL,
    reason TEXT NOT NULL,
    decided_at_ms BIGINT NOT NULL,
    decided_by TEXT REFERENCES staff (id),
    ended_at_ms BIGINT,
    ended_by TEXT REFERENCES staff (id)
);
CREATE INDEX completion_decision_by_participant ON completion_decision (participant_id, lecture_id);
CREATE UNIQUE INDEX completion_decision_standing ON completion_decision (participant_id, lecture_id) WHERE ended_at_ms IS NULL;
