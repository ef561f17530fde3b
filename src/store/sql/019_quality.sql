-- How well a person's line served them, a row a play session: what their player told beside its requests for segments (CMCD), summed
-- as deliveries are written.  No credit depends on it.
-- play_session_id: as the player told; '' where it told none.  stalls: times that it had stood still.  throughput: how often each
-- bucket was measured, {"bucket":n} (quality.h).  renditions: deliveries of each, {"v720":n}.
CREATE TABLE quality (
    participant_id TEXT NOT NULL REFERENCES participant (id),
    lecture_id TEXT NOT NULL REFERENCES lecture (id),
    version BIGINT NOT NULL,
    play_session_id TEXT NOT NULL,
    first_at_ms BIGINT NOT NULL,
    last_at_ms BIGINT NOT NULL,
    deliveries BIGINT NOT NULL,
    stalls BIGINT NOT NULL,
    buffer_least_ms BIGINT,
    throughput_least_kbps BIGINT,
    throughput TEXT NOT NULL,
    renditions TEXT NOT NULL,
    PRIMARY KEY (participant_id, lecture_id, version, play_session_id)
);
