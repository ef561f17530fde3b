-- Who outside is sent checkpoints of the evidence log: people of a ministry or a funder, not participants.  sent_size is that of the
-- newest checkpoint that was queued for them, 0 for none.
CREATE TABLE evidence_witness (
    id BIGINT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    address TEXT NOT NULL,
    added_at_ms BIGINT NOT NULL,
    sent_size BIGINT NOT NULL,
    sent_at_ms BIGINT
);
