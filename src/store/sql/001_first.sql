-- The first schema.  One text for SQLite and PostgreSQL: the SQLite backend reads "BIGINT PRIMARY KEY" as
-- "INTEGER PRIMARY KEY" (its row id), so that an increasing key costs no second index.
-- Instants are UTC milliseconds (_at_ms); days are civil dates (YYYY-MM-DD) in the cohort's time zone.
-- Spans are JSON text: [[from_ms,to_ms],...], ascending and apart.  SMALLINT is 0 or 1.
-- NOT NULL stands beside PRIMARY KEY because SQLite takes nulls in keys that are not its row id.
-- A column that refers to another table has an index unless its table is small or hot.

CREATE TABLE organization (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    country TEXT,
    created_at_ms BIGINT NOT NULL
);

-- language: of its first text, where titles fall back to.
CREATE TABLE program (
    id TEXT NOT NULL PRIMARY KEY,
    language TEXT NOT NULL DEFAULT 'und',
    created_at_ms BIGINT NOT NULL
);

CREATE TABLE program_text (
    program_id TEXT NOT NULL REFERENCES program (id),
    language TEXT NOT NULL,
    title TEXT NOT NULL,
    description TEXT NOT NULL,
    PRIMARY KEY (program_id, language)
);

CREATE TABLE cohort (
    id TEXT NOT NULL PRIMARY KEY,
    program_id TEXT NOT NULL REFERENCES program (id),
    name TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    first_day TEXT NOT NULL,
    last_day TEXT NOT NULL,
    opens_at_ms BIGINT NOT NULL,
    closes_at_ms BIGINT NOT NULL,
    created_at_ms BIGINT NOT NULL
);
CREATE INDEX cohort_by_program ON cohort (program_id);

-- What completes a lecture.  Never changed: a new version is added.
CREATE TABLE completion_rule (
    cohort_id TEXT NOT NULL REFERENCES cohort (id),
    version BIGINT NOT NULL,
    threshold_percent BIGINT NOT NULL,
    gap_ms_max BIGINT NOT NULL,
    rate_cap_percent BIGINT NOT NULL,
    created_at_ms BIGINT NOT NULL,
    PRIMARY KEY (cohort_id, version)
);

CREATE TABLE lecture (
    id TEXT NOT NULL PRIMARY KEY,
    state TEXT NOT NULL,
    published SMALLINT NOT NULL,
    current_version BIGINT,
    language TEXT NOT NULL,
    provider_id TEXT REFERENCES organization (id),
    file_name TEXT NOT NULL,
    created_at_ms BIGINT NOT NULL
);

CREATE TABLE lecture_text (
    lecture_id TEXT NOT NULL REFERENCES lecture (id),
    language TEXT NOT NULL,
    title TEXT NOT NULL,
    description TEXT NOT NULL,
    PRIMARY KEY (lecture_id, language)
);

CREATE TABLE lecture_version (
    lecture_id TEXT NOT NULL REFERENCES lecture (id),
    version BIGINT NOT NULL,
    duration_ms BIGINT NOT NULL,
    report TEXT NOT NULL,
    ready_at_ms BIGINT NOT NULL,
    PRIMARY KEY (lecture_id, version)
);

CREATE TABLE rendition (
    lecture_id TEXT NOT NULL REFERENCES lecture (id),
    version BIGINT NOT NULL,
    name TEXT NOT NULL,
    codecs TEXT NOT NULL,
    size_bytes BIGINT NOT NULL,
    segment_count BIGINT NOT NULL,
    bits_per_second BIGINT NOT NULL,
    PRIMARY KEY (lecture_id, version, name)
);

CREATE TABLE caption_track (
    lecture_id TEXT NOT NULL REFERENCES lecture (id),
    language TEXT NOT NULL,
    cue_count BIGINT NOT NULL,
    updated_at_ms BIGINT NOT NULL,
    PRIMARY KEY (lecture_id, language)
);

CREATE TABLE program_lecture (
    program_id TEXT NOT NULL REFERENCES program (id),
    lecture_id TEXT NOT NULL REFERENCES lecture (id),
    position BIGINT NOT NULL,
    required SMALLINT NOT NULL,
    PRIMARY KEY (program_id, lecture_id)
);
CREATE INDEX program_lecture_by_lecture ON program_lecture (lecture_id);

CREATE TABLE participant (
    id TEXT NOT NULL PRIMARY KEY,
    cohort_id TEXT NOT NULL REFERENCES cohort (id),
    name TEXT NOT NULL,
    email TEXT,
    country TEXT,
    gender TEXT,
    group_name TEXT,
    language TEXT NOT NULL,
    created_at_ms BIGINT NOT NULL
);
CREATE INDEX participant_by_cohort ON participant (cohort_id);

CREATE TABLE staff (
    id TEXT NOT NULL PRIMARY KEY,
    email TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('admin', 'organizer')),
    password_hash TEXT NOT NULL,
    created_at_ms BIGINT NOT NULL,
    disabled_at_ms BIGINT
);

-- The programs that an organizer answers for.  An admin needs no rows.
CREATE TABLE staff_program (
    staff_id TEXT NOT NULL REFERENCES staff (id),
    program_id TEXT NOT NULL REFERENCES program (id),
    PRIMARY KEY (staff_id, program_id)
);

CREATE TABLE invitation (
    id TEXT NOT NULL PRIMARY KEY,
    participant_id TEXT NOT NULL REFERENCES participant (id),
    digest BYTEA NOT NULL UNIQUE CHECK (length(digest) = 32),
    created_at_ms BIGINT NOT NULL,
    expires_at_ms BIGINT NOT NULL,
    opened_at_ms BIGINT,
    revoked_at_ms BIGINT
);
CREATE INDEX invitation_by_participant ON invitation (participant_id);

CREATE TABLE session (
    id TEXT NOT NULL PRIMARY KEY,
    token_digest BYTEA NOT NULL UNIQUE CHECK (length(token_digest) = 32),
    participant_id TEXT REFERENCES participant (id),
    staff_id TEXT REFERENCES staff (id),
    invitation_id TEXT REFERENCES invitation (id),
    created_at_ms BIGINT NOT NULL,
    expires_at_ms BIGINT NOT NULL,
    revoked_at_ms BIGINT,
    -- exactly one
    CHECK ((participant_id IS NULL) <> (staff_id IS NULL))
);
CREATE INDEX session_by_participant ON session (participant_id);
CREATE INDEX session_by_staff ON session (staff_id);
-- For the deny list of media tokens: few rows, and read at every revocation.
CREATE INDEX session_by_revocation ON session (revoked_at_ms) WHERE revoked_at_ms IS NOT NULL;

CREATE TABLE play_session (
    id TEXT NOT NULL PRIMARY KEY,
    participant_id TEXT NOT NULL REFERENCES participant (id),
    lecture_id TEXT NOT NULL REFERENCES lecture (id),
    version BIGINT NOT NULL,
    session_id TEXT NOT NULL REFERENCES session (id),
    started_at_ms BIGINT NOT NULL,
    last_contact_at_ms BIGINT NOT NULL,
    received_seqs TEXT NOT NULL,
    server_gap_allowed_ms BIGINT NOT NULL,
    server_gap_credited_ms BIGINT NOT NULL
);
CREATE INDEX play_session_by_participant ON play_session (participant_id);

-- Who plays now: the newest device.
CREATE TABLE playback_lease (
    participant_id TEXT NOT NULL PRIMARY KEY REFERENCES participant (id),
    play_session_id TEXT NOT NULL REFERENCES play_session (id),
    session_id TEXT NOT NULL,
    taken_at_ms BIGINT NOT NULL
);

-- Hot, append-only tables: an increasing key and no other index.
CREATE TABLE delivery (
    id BIGINT PRIMARY KEY,
    at_ms BIGINT NOT NULL,
    participant_id TEXT NOT NULL,
    session_id TEXT NOT NULL,
    lecture_id TEXT NOT NULL,
    version BIGINT NOT NULL,
    rendition TEXT NOT NULL,
    segment BIGINT NOT NULL,
    start_ms BIGINT NOT NULL,
    end_ms BIGINT NOT NULL,
    status BIGINT NOT NULL,
    body_bytes BIGINT NOT NULL,
    whole SMALLINT NOT NULL,
    first_byte_ms BIGINT NOT NULL,
    last_byte_ms BIGINT NOT NULL
);

-- How far each loop's ring of deliveries has been written in this run of the server: part of the same transaction
-- as the rows, so that a repeated function neither loses nor doubles one.
CREATE TABLE delivery_cursor (
    loop_index BIGINT PRIMARY KEY,
    written BIGINT NOT NULL
);

CREATE TABLE heartbeat (
    id BIGINT PRIMARY KEY,
    received_at_ms BIGINT NOT NULL,
    play_session_id TEXT NOT NULL,
    seq BIGINT NOT NULL,
    from_ms BIGINT NOT NULL,
    to_ms BIGINT NOT NULL,
    rate_percent BIGINT,
    visible SMALLINT,
    muted SMALLINT,
    rendition TEXT,
    language TEXT,
    client_at_ms BIGINT,
    credited_ms BIGINT NOT NULL,
    reasons TEXT NOT NULL
);

-- Each stretch that was newly credited, and why it could be.  previous_id is the same viewing row's interval
-- before: a person's record is read along this chain, without an index.
CREATE TABLE watch_interval (
    id BIGINT PRIMARY KEY,
    credited_at_ms BIGINT NOT NULL,
    participant_id TEXT NOT NULL,
    lecture_id TEXT NOT NULL,
    version BIGINT NOT NULL,
    play_session_id TEXT NOT NULL,
    seq BIGINT NOT NULL,
    from_ms BIGINT NOT NULL,
    to_ms BIGINT NOT NULL,
    reason TEXT NOT NULL,
    previous_id BIGINT
);

-- The sums of the above, a row a participant, lecture and version, so that nothing hot is ever searched.
-- first_at_ms and last_at_ms are 0 until the first contact of a play session; flag_counts is {"too-fast":2,...}.
CREATE TABLE viewing (
    participant_id TEXT NOT NULL REFERENCES participant (id),
    lecture_id TEXT NOT NULL REFERENCES lecture (id),
    version BIGINT NOT NULL,
    claimed TEXT NOT NULL,
    delivered TEXT NOT NULL,
    credited TEXT NOT NULL,
    real_ms BIGINT NOT NULL,
    position_ms BIGINT NOT NULL,
    first_at_ms BIGINT NOT NULL,
    last_at_ms BIGINT NOT NULL,
    last_interval_id BIGINT,
    flag_counts TEXT NOT NULL,
    PRIMARY KEY (participant_id, lecture_id, version)
);

-- One budget a person, over all tabs, devices and lectures.
CREATE TABLE credit_budget (
    participant_id TEXT NOT NULL PRIMARY KEY REFERENCES participant (id),
    budget_ms BIGINT NOT NULL,
    last_contact_at_ms BIGINT NOT NULL,
    records_left BIGINT NOT NULL
);

CREATE TABLE completion (
    participant_id TEXT NOT NULL REFERENCES participant (id),
    lecture_id TEXT NOT NULL REFERENCES lecture (id),
    completed_at_ms BIGINT NOT NULL,
    rule_version BIGINT NOT NULL,
    credited_ms BIGINT NOT NULL,
    duration_ms BIGINT NOT NULL,
    PRIMARY KEY (participant_id, lecture_id)
);

-- A run of the server.  ended_at_ms is null while it runs, and stays so after a crash.
CREATE TABLE server_run (
    id BIGINT PRIMARY KEY,
    started_at_ms BIGINT NOT NULL,
    alive_at_ms BIGINT NOT NULL,
    ended_at_ms BIGINT
);

-- When deliveries may have been lost: from the last sign of life to the next start.
CREATE TABLE server_gap (
    id BIGINT PRIMARY KEY,
    from_ms BIGINT NOT NULL,
    to_ms BIGINT NOT NULL
);

-- When the machine's clock was set, by more than five seconds.
CREATE TABLE clock_jump (
    id BIGINT PRIMARY KEY,
    at_ms BIGINT NOT NULL,
    by_ms BIGINT NOT NULL
);

CREATE TABLE upload (
    id TEXT NOT NULL PRIMARY KEY,
    staff_id TEXT REFERENCES staff (id),
    length_bytes BIGINT NOT NULL,
    offset_bytes BIGINT NOT NULL,
    metadata TEXT NOT NULL,
    file_name TEXT NOT NULL,
    title TEXT NOT NULL,
    language TEXT NOT NULL,
    lecture_id TEXT REFERENCES lecture (id),
    created_at_ms BIGINT NOT NULL,
    expires_at_ms BIGINT NOT NULL
);

CREATE TABLE job (
    id TEXT NOT NULL PRIMARY KEY,
    lecture_id TEXT NOT NULL REFERENCES lecture (id),
    version BIGINT NOT NULL,
    state TEXT NOT NULL,
    permille BIGINT NOT NULL,
    reason TEXT,
    report TEXT,
    attempts BIGINT NOT NULL,
    created_at_ms BIGINT NOT NULL,
    started_at_ms BIGINT,
    ended_at_ms BIGINT
);
CREATE INDEX job_by_lecture ON job (lecture_id);

CREATE TABLE audit (
    id BIGINT PRIMARY KEY,
    at_ms BIGINT NOT NULL,
    staff_id TEXT,
    action TEXT NOT NULL,
    object_id TEXT,
    detail TEXT NOT NULL
);

CREATE TABLE setting (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);
