-- What a participant was given for completing a program (docs/certificates.md); id is 130 random bits.  What the paper says is
-- frozen here, and follows no later change.  digest is SHA-256 of that; an erasure makes name, digest and revocation_reason null.
-- issued_by is null where the participant took it themself, or the operator issued it.
CREATE TABLE certificate (
    id TEXT NOT NULL PRIMARY KEY,
    participant_id TEXT NOT NULL REFERENCES participant (id),
    language TEXT NOT NULL,
    host TEXT NOT NULL,
    name TEXT,
    program_title TEXT NOT NULL,
    cohort_name TEXT NOT NULL,
    lecture_count BIGINT NOT NULL,
    content_ms BIGINT NOT NULL,
    completed_on TEXT NOT NULL,
    issued_on TEXT NOT NULL,
    digest BYTEA CHECK (length(digest) = 32),
    issued_at_ms BIGINT NOT NULL,
    issued_by TEXT REFERENCES staff (id),
    revoked_at_ms BIGINT,
    revoked_by TEXT REFERENCES staff (id),
    revocation_reason TEXT
);
CREATE INDEX certificate_by_participant ON certificate (participant_id);
CREATE UNIQUE INDEX certificate_in_force ON certificate (participant_id) WHERE revoked_at_ms IS NULL;

-- The keys that sign badges: id is the thumbprint of the public half (RFC 7638), jwk that half itself.  The newest signs, all stay
-- published.  Their secret halves are files.
CREATE TABLE badge_key (
    id TEXT NOT NULL PRIMARY KEY,
    jwk TEXT NOT NULL,
    made_at_ms BIGINT NOT NULL,
    retired_at_ms BIGINT
);
