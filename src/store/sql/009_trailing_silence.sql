-- How long it is silent at a version's end: nobody needs to sit through that to complete the lecture.
ALTER TABLE lecture_version ADD COLUMN trailing_silence_ms BIGINT NOT NULL DEFAULT 0;
