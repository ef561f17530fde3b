-- From where a play session was begun: the network (the /24, or the /48, never an address) and the kind of device.  Both are null
-- again after network-days.
ALTER TABLE play_session ADD COLUMN network TEXT;
ALTER TABLE play_session ADD COLUMN device TEXT;
CREATE INDEX play_session_by_network_age ON play_session (started_at_ms) WHERE network IS NOT NULL;

-- When a device took the lease from another one that was playing; gone after network-days too.
CREATE TABLE lease_takeover (
    id BIGINT PRIMARY KEY,
    participant_id TEXT NOT NULL REFERENCES participant (id),
    at_ms BIGINT NOT NULL
);
CREATE INDEX lease_takeover_by_participant ON lease_takeover (participant_id);
