-- Play sessions that a learning record store is told of (docs/exports.md): runs wait until the play session has ended, or there are
-- many; played and position_ms are what was told by then.  begun, ended: its first and its last statement were told.  due_at_ms: when
-- the runs are to be told; null: there are none.
CREATE TABLE xapi_session (
    play_session_id TEXT NOT NULL PRIMARY KEY REFERENCES play_session (id),
    participant_id TEXT NOT NULL REFERENCES participant (id),
    runs TEXT NOT NULL,
    played TEXT NOT NULL,
    position_ms BIGINT,
    begun SMALLINT NOT NULL,
    ended SMALLINT NOT NULL,
    due_at_ms BIGINT
);
CREATE INDEX xapi_session_by_participant ON xapi_session (participant_id);
CREATE INDEX xapi_session_by_due ON xapi_session (due_at_ms) WHERE due_at_ms IS NOT NULL;
