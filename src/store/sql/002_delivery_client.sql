-- What the player told beside the request (CMCD, docs/watched.md): null where it told nothing.  Of use to whoever
-- asks how well a line served a person; no credit depends on it.
ALTER TABLE delivery ADD COLUMN client_session TEXT;
ALTER TABLE delivery ADD COLUMN buffer_ms BIGINT;
ALTER TABLE delivery ADD COLUMN deadline_ms BIGINT;
ALTER TABLE delivery ADD COLUMN throughput_kbps BIGINT;
ALTER TABLE delivery ADD COLUMN bitrate_kbps BIGINT;
ALTER TABLE delivery ADD COLUMN rate_percent BIGINT;
ALTER TABLE delivery ADD COLUMN starved SMALLINT;
ALTER TABLE delivery ADD COLUMN startup SMALLINT;
