-- What waits to leave the house: mails, and statements for a learning record store.  A row an item, whose body is
-- fixed when it is queued, so that it is the same however often it must be sent.
--
-- channel       'mail', 'xapi'
-- key           who queues the same key of a channel again queues nothing
-- recipient     a mail address; '' for statements
-- body          the whole message, or the statement; '' once it is sent
-- state         'waiting', 'sent', 'failed'
-- next_at_ms    not before; written before each try as if that one had failed, so that a crash amid it repeats nothing at once
-- answer        the other side's last words
CREATE TABLE outbox (
    id BIGINT PRIMARY KEY,
    channel TEXT NOT NULL,
    key TEXT NOT NULL,
    recipient TEXT NOT NULL,
    title TEXT NOT NULL,
    body TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    created_at_ms BIGINT NOT NULL,
    next_at_ms BIGINT NOT NULL,
    ended_at_ms BIGINT,
    answer TEXT NOT NULL,
    UNIQUE (channel, key)
);
CREATE INDEX outbox_by_due ON outbox (channel, state, next_at_ms);
CREATE INDEX outbox_by_end ON outbox (channel, state, ended_at_ms);
