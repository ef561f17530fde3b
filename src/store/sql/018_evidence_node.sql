-- The evidence log's Merkle tree above its records: hashes of complete subtrees of 2^level leaves, the place'th of their level, from
-- level 6 on.  They follow from the records alone, and are never changed.
CREATE TABLE evidence_node (
    level BIGINT NOT NULL,
    place BIGINT NOT NULL,
    hash BYTEA NOT NULL CHECK (length(hash) = 32),
    PRIMARY KEY (level, place)
);
