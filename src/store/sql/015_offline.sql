-- Server time that has counted for a person's budget, newest days only: so that an offline grant cannot count it again.
ALTER TABLE credit_budget ADD COLUMN counted TEXT NOT NULL DEFAULT '[]';
-- Content that a play session's grant has paid for.
ALTER TABLE play_session ADD COLUMN offline_credited_ms BIGINT NOT NULL DEFAULT 0;
