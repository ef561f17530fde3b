-- Where the parts of a lecture begin, and what each is called: a row a language.
CREATE TABLE chapter (
    lecture_id TEXT NOT NULL REFERENCES lecture (id),
    start_ms BIGINT NOT NULL,
    language TEXT NOT NULL,
    title TEXT NOT NULL,
    PRIMARY KEY (lecture_id, start_ms, language)
);

-- Files for participants to keep; the bytes are in handouts/{id} below the data folder.
CREATE TABLE handout (
    id TEXT NOT NULL PRIMARY KEY,
    lecture_id TEXT NOT NULL REFERENCES lecture (id),
    file_name TEXT NOT NULL,
    content_type TEXT NOT NULL,
    size_bytes BIGINT NOT NULL,
    created_at_ms BIGINT NOT NULL
);
CREATE INDEX handout_by_lecture ON handout (lecture_id);
