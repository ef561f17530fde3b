-- Uploads that are parts of others (tus: concatenation), or are begun before their length is known
-- (length_bytes -1); and what each lecture's file was.
ALTER TABLE upload ADD COLUMN kind TEXT NOT NULL DEFAULT 'whole';
ALTER TABLE upload ADD COLUMN concat TEXT;
ALTER TABLE upload ADD COLUMN final_id TEXT REFERENCES upload (id);
ALTER TABLE upload ADD COLUMN part_number BIGINT;
CREATE INDEX upload_by_final ON upload (final_id);

CREATE TABLE lecture_file (
    lecture_id TEXT NOT NULL REFERENCES lecture (id),
    version BIGINT NOT NULL,
    size_bytes BIGINT NOT NULL,
    sha256 TEXT NOT NULL,
    PRIMARY KEY (lecture_id, version)
);
CREATE INDEX lecture_file_by_sha256 ON lecture_file (sha256);
