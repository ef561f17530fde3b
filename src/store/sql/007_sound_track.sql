-- The sound of a lecture in other languages: an interpreter's, sent later and moved by an offset, or a
-- further track of the recording itself.  A row is never removed: its revision is part of its renditions'
-- names, and what was published under a name never changes.
CREATE TABLE sound_track (
    id TEXT NOT NULL PRIMARY KEY,
    lecture_id TEXT NOT NULL REFERENCES lecture (id),
    version BIGINT NOT NULL,
    language TEXT NOT NULL,
    revision BIGINT NOT NULL,
    -- 'preparing' until its job has ended well, 'ready', 'removed' (also by a newer one)
    state TEXT NOT NULL,
    offset_ms BIGINT NOT NULL,
    -- NULL: a track of the recording itself
    file_name TEXT,
    job_id TEXT NOT NULL REFERENCES job (id),
    created_at_ms BIGINT NOT NULL,
    UNIQUE (lecture_id, version, language, revision)
);
