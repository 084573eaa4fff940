"""The tables of the journal, and the way from each older version to the current one.

Rows are appended and hardly ever changed: an operation is written once, its outcome is a row of its own,
and what is on its way to a CRM is one row per request. An operation without an outcome is waiting.
Moments are microseconds since 1970 in UTC.
"""

from __future__ import annotations

VERSION = 3
"""The version this program writes, kept in SQLite's `user_version`."""

TABLES = """
CREATE TABLE meta (
    name TEXT PRIMARY KEY,
    value BLOB NOT NULL
) WITHOUT ROWID;

CREATE TABLE installations (
    number INTEGER PRIMARY KEY,
    integration TEXT NOT NULL,
    group_ref TEXT NOT NULL,
    provider TEXT NOT NULL,
    connection TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    state TEXT NOT NULL,
    error TEXT NOT NULL
);

CREATE TABLE routes (
    number INTEGER PRIMARY KEY,
    installation INTEGER NOT NULL,
    mode TEXT NOT NULL,
    definition BLOB NOT NULL
);

CREATE TABLE batches (
    number INTEGER PRIMARY KEY,
    route INTEGER NOT NULL,
    state TEXT NOT NULL,
    opened_at INTEGER NOT NULL,
    flush_at INTEGER,
    reason TEXT,
    requests INTEGER NOT NULL DEFAULT 0,
    boundary INTEGER
);
CREATE INDEX unfinished_batches ON batches(number) WHERE state != 'flushed';

CREATE TABLE operations (
    number INTEGER PRIMARY KEY,
    route INTEGER NOT NULL,
    batch INTEGER,
    primary_key TEXT,
    fields BLOB NOT NULL,
    accepted_at INTEGER NOT NULL
);
CREATE INDEX operations_of_batch ON operations(batch) WHERE batch IS NOT NULL;

CREATE TABLE outcomes (
    number INTEGER PRIMARY KEY,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    finished_at INTEGER NOT NULL,
    record_id TEXT,
    errors BLOB,
    raw TEXT
);
CREATE INDEX dead_letters ON outcomes(number) WHERE state IN ('failed', 'in_doubt');

CREATE TABLE requests (
    number INTEGER PRIMARY KEY,
    operations BLOB NOT NULL
);

CREATE TABLE quota (
    installation INTEGER NOT NULL,
    minute INTEGER NOT NULL,
    requests INTEGER NOT NULL,
    writes INTEGER NOT NULL,
    unbatched INTEGER NOT NULL,
    PRIMARY KEY (installation, minute)
) WITHOUT ROWID;

CREATE TABLE events (
    first INTEGER PRIMARY KEY,
    last INTEGER NOT NULL,
    lines BLOB NOT NULL
);
"""

CONFIGS = """
CREATE TABLE configs (
    installation INTEGER NOT NULL,
    number INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    content BLOB NOT NULL,
    PRIMARY KEY (installation, number)
) WITHOUT ROWID;

CREATE TABLE authorizations (
    provider TEXT NOT NULL,
    group_ref TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    details BLOB NOT NULL,
    PRIMARY KEY (provider, group_ref)
) WITHOUT ROWID;
"""

OPTIONS = """
ALTER TABLE operations ADD COLUMN options BLOB;
ALTER TABLE batches ADD COLUMN options BLOB;
ALTER TABLE outcomes ADD COLUMN status INTEGER;
"""

MIGRATIONS: dict[int, str] = {0: TABLES, 1: CONFIGS, 2: OPTIONS}
"""For each version the script that leads to the next one; 0 is an empty file."""
