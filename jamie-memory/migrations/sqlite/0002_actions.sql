-- Changes that wait for a decision, are carried out, or are over.
CREATE TABLE actions (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    version INTEGER NOT NULL,
    -- Microseconds since 1970.
    asked_at INTEGER NOT NULL,
    -- Milliseconds since 1970.
    changed INTEGER NOT NULL,
    -- 1 while it is carried out.
    running INTEGER NOT NULL,
    -- The action as JSON.
    body TEXT NOT NULL
);
CREATE INDEX actions_by_time ON actions (asked_at, number);

-- What happened to each; only ever added to.
CREATE TABLE audit (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    action TEXT NOT NULL,
    -- The entry as JSON.
    body TEXT NOT NULL
);
CREATE INDEX audit_by_action ON audit (action, number);
