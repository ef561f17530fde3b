-- Who asked that a participant be forgotten, when and why; finished_at_ms is null until nothing of them
-- is left in the files of the store.  A row without it is taken up again by the server.
CREATE TABLE erasure (
    participant_id TEXT NOT NULL PRIMARY KEY REFERENCES participant (id),
    asked_at_ms BIGINT NOT NULL,
    staff_id TEXT REFERENCES staff (id),
    reason TEXT NOT NULL,
    finished_at_ms BIGINT
);

-- For so many days after the cohort closes its people are kept; null: as the setting says; 0: for ever.
ALTER TABLE cohort ADD COLUMN retention_days BIGINT;
