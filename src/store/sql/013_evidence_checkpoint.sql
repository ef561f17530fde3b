-- Heads of the evidence log that were signed: the tree's size, its root, what it needs to grow (the hashes of its complete subtrees, smallest
-- first), and the signed note.  stamp is a time stamp of the note (RFC 3161) by somebody else.
CREATE TABLE evidence_checkpoint (
    size BIGINT PRIMARY KEY,
    at_ms BIGINT NOT NULL,
    cause TEXT NOT NULL,
    root BYTEA NOT NULL CHECK (length(root) = 32),
    frontier BYTEA NOT NULL,
    note TEXT NOT NULL,
    stamp BYTEA
);

-- The keys that sign them; seq is the record of the log that says so.  The newest signs.  Their secret halves are files.
CREATE TABLE evidence_key (
    seq BIGINT PRIMARY KEY,
    name TEXT NOT NULL,
    public_key BYTEA NOT NULL CHECK (length(public_key) = 32),
    made_at_ms BIGINT NOT NULL,
    retired_at_ms BIGINT
);
