-- The tamper-evident log (docs/evidence.md): a record an event, numbered from 0 without holes, never changed but for an erasure.
-- commitment is what the Merkle tree knows of a record: SHA-256("rec-v1" NUL salt body).  subject_id is the participant or cohort
-- that the record tells of, '' for the server.  previous_seq is the same subject's record before: a person's records are read along this
-- chain, without an index.  An erasure leaves seq, day, kind and commitment.
CREATE TABLE evidence (
    seq BIGINT PRIMARY KEY,
    day TEXT NOT NULL,
    kind TEXT NOT NULL,
    commitment BYTEA NOT NULL CHECK (length(commitment) = 32),
    subject_id TEXT,
    previous_seq BIGINT,
    salt BYTEA,
    body TEXT
);

CREATE TABLE evidence_subject (
    subject_id TEXT NOT NULL PRIMARY KEY,
    last_seq BIGINT NOT NULL
);
