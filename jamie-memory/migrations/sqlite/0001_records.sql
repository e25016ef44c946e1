CREATE TABLE records (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    person TEXT NOT NULL,
    conversation TEXT NOT NULL,
    -- Nanoseconds since 1970.
    at INTEGER NOT NULL,
    key TEXT,
    grp TEXT,
    -- The record as JSON.
    body TEXT NOT NULL
);
CREATE UNIQUE INDEX records_by_key ON records (kind, key) WHERE key IS NOT NULL;
CREATE INDEX records_by_person ON records (person, kind, id);
CREATE INDEX records_by_conversation ON records (conversation, kind, id);
CREATE INDEX records_by_group ON records (kind, grp, id);
CREATE INDEX records_by_time ON records (kind, at);
CREATE INDEX records_by_kind ON records (kind, id);

-- The words of each record, by its id; the text itself is not kept a second time.
CREATE VIRTUAL TABLE words USING fts5 (text, content = '', contentless_delete = 1, tokenize = 'porter unicode61');

-- Rows that were removed or replaced, for an index to follow.
CREATE TABLE gone (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id INTEGER NOT NULL
);

CREATE TABLE settings (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

CREATE TABLE leases (
    name TEXT PRIMARY KEY,
    holder TEXT NOT NULL,
    -- Milliseconds since 1970.
    until INTEGER NOT NULL
);
