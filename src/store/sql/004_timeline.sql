-- What of a lecture's version is the same content as in the version before: [from_ms, to_ms) there is shown at at_ms
-- here.  Ascending and apart on both sides.  A version without pieces has nothing in common with the one before.
CREATE TABLE timeline_piece (
    lecture_id TEXT NOT NULL REFERENCES lecture (id),
    version BIGINT NOT NULL,
    at_ms BIGINT NOT NULL,
    from_ms BIGINT NOT NULL,
    to_ms BIGINT NOT NULL CHECK (to_ms > from_ms),
    PRIMARY KEY (lecture_id, version, at_ms)
);
