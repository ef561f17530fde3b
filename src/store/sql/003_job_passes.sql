-- A job works in passes, and may be moved forward, paused and tried again.
--
-- kind        'prepare': makes a version; 'track': adds sound to one that is there
-- pass        'first': what makes the lecture watchable; 'rest': its other renditions; 'track'
-- attempts    of this pass
-- priority    higher ones first, among jobs of one pass
-- parameters  JSON that the kind needs; null where it needs none
-- paused      JSON: {"code":...} and its parameters; null unless the state is 'paused'
-- A job that waits or runs from before is a 'prepare' at its first pass, as it was.
ALTER TABLE job ADD COLUMN kind TEXT NOT NULL DEFAULT 'prepare';
ALTER TABLE job ADD COLUMN pass TEXT NOT NULL DEFAULT 'first';
ALTER TABLE job ADD COLUMN priority BIGINT NOT NULL DEFAULT 0;
ALTER TABLE job ADD COLUMN parameters TEXT;
ALTER TABLE job ADD COLUMN speed_percent BIGINT;
ALTER TABLE job ADD COLUMN left_ms BIGINT;
ALTER TABLE job ADD COLUMN paused TEXT;

-- changed_at_ms   of its files: grows with each pass, so that it is opened anew; 0: never
-- original_bytes  size of the file that it was made of, data/originals/{lecture}/{version}.input;
--                 null: not kept
ALTER TABLE lecture_version ADD COLUMN changed_at_ms BIGINT NOT NULL DEFAULT 0;
ALTER TABLE lecture_version ADD COLUMN original_bytes BIGINT;
