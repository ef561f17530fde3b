-- When the files of a version that nobody needs any more were removed; its row and its records stay.
ALTER TABLE lecture_version ADD COLUMN collected_at_ms BIGINT;
