-- More of what a cohort may ask for, and who made each version of its rule.
-- seeking: 'free', or 'watched': no further than what was watched so far.  offline: 'credit' or 'hold'.
ALTER TABLE completion_rule ADD COLUMN real_time SMALLINT NOT NULL DEFAULT 1;
ALTER TABLE completion_rule ADD COLUMN seeking TEXT NOT NULL DEFAULT 'free';
ALTER TABLE completion_rule ADD COLUMN offline TEXT NOT NULL DEFAULT 'credit';
ALTER TABLE completion_rule ADD COLUMN hidden_counts SMALLINT NOT NULL DEFAULT 1;
ALTER TABLE completion_rule ADD COLUMN muted_counts SMALLINT NOT NULL DEFAULT 1;
ALTER TABLE completion_rule ADD COLUMN silence_left_out SMALLINT NOT NULL DEFAULT 1;
ALTER TABLE completion_rule ADD COLUMN staff_id TEXT REFERENCES staff (id);

-- What was played and delivered, but not credited by the rule, for the explanation: {"hidden":[[from_ms,to_ms],...],...}.
ALTER TABLE viewing ADD COLUMN withheld TEXT NOT NULL DEFAULT '{}';
