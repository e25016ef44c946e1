-- Changes that wait for a decision, are carried out, or are over.
CREATE TABLE actions (
    number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    version BIGINT NOT NULL,
    -- Microseconds since 1970.
    asked_at BIGINT NOT NULL,
    -- Milliseconds since 1970.
    changed BIGINT NOT NULL,
    -- 1 while it is carried out.
    running BIGINT NOT NULL,
    -- The action as JSON.
    body TEXT NOT NULL
);
CREATE INDEX actions_by_time ON actions (asked_at, number);

-- What happened to each; only ever added to.
CREATE TABLE audit (
    number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    action TEXT NOT NULL,
    -- The entry as JSON.
    body TEXT NOT NULL
);
CREATE INDEX audit_by_action ON audit (action, number);
