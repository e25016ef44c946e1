CREATE TABLE records (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind TEXT NOT NULL,
    person TEXT NOT NULL,
    conversation TEXT NOT NULL,
    -- Nanoseconds since 1970.
    at BIGINT NOT NULL,
    key TEXT,
    grp TEXT,
    -- The record as JSON: text, because jsonb refuses a NUL that people may write.
    body TEXT NOT NULL,
    words TSVECTOR NOT NULL
);
CREATE UNIQUE INDEX records_by_key ON records (kind, key) WHERE key IS NOT NULL;
CREATE INDEX records_by_person ON records (person, kind, id);
CREATE INDEX records_by_conversation ON records (conversation, kind, id);
CREATE INDEX records_by_group ON records (kind, grp, id);
CREATE INDEX records_by_time ON records (kind, at);
CREATE INDEX records_by_kind ON records (kind, id);
CREATE INDEX records_by_words ON records USING gin (words);

-- Rows that were removed or replaced, for an index to follow.
CREATE TABLE gone (
    number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id BIGINT NOT NULL
);

CREATE TABLE settings (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

CREATE TABLE leases (
    name TEXT PRIMARY KEY,
    holder TEXT NOT NULL,
    -- Milliseconds since 1970.
    until BIGINT NOT NULL
);
