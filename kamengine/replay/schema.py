"""The tables of the book.

A value is a point of a series: one subject's number in the series that a KPI makes at a grain in
a period. The point names its series by a number, and the view ``values`` puts the two together
again. So a point is sorted in by a number and a name, where it was by four names, and no point
repeats what all of its series say.
"""

from __future__ import annotations

import sqlite3

FORMAT = 6
"""Raised when older books can't be built on; what is in them is derived, so it is made anew."""

SCHEMA = f"""
PRAGMA user_version = {FORMAT};
CREATE TABLE IF NOT EXISTS series (
    series INTEGER PRIMARY KEY,
    kpi TEXT NOT NULL,
    subject_type TEXT NOT NULL,
    period TEXT NOT NULL,
    UNIQUE (kpi, subject_type, period)
) STRICT;
CREATE TABLE IF NOT EXISTS points (
    series INTEGER NOT NULL,
    subject TEXT NOT NULL,
    numerator TEXT,
    denominator TEXT,
    count INTEGER NOT NULL,
    value REAL,
    status TEXT NOT NULL,
    reason TEXT,
    PRIMARY KEY (series, subject)
) STRICT, WITHOUT ROWID;
-- CROSS JOIN, since SQLite then looks for the series first, and for points by their number
CREATE VIEW IF NOT EXISTS "values" AS
SELECT kpi, subject_type, subject, period, numerator, denominator, count, value, status, reason
FROM series
CROSS JOIN points USING (series);
CREATE TABLE IF NOT EXISTS definitions (
    kpi TEXT NOT NULL,
    since INTEGER NOT NULL,
    definition TEXT NOT NULL,
    unit TEXT NOT NULL,
    problem TEXT,
    fingerprint TEXT NOT NULL,
    facts TEXT NOT NULL,
    PRIMARY KEY (kpi, since)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS windows (
    period TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    t0 INTEGER NOT NULL,
    t1 INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS head (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    state TEXT NOT NULL,
    position INTEGER NOT NULL,
    hash TEXT NOT NULL,
    recorded_at INTEGER,
    as_of INTEGER NOT NULL,
    declared TEXT NOT NULL,
    settled TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS accounts (
    account_id TEXT NOT NULL,
    valid_from INTEGER NOT NULL,
    known TEXT NOT NULL,
    PRIMARY KEY (account_id, valid_from)
) STRICT, WITHOUT ROWID;
"""

OWN = """
SELECT upper(type), name
FROM sqlite_schema
WHERE name IN ('values', 'points', 'series', 'definitions', 'windows', 'head', 'accounts')
"""


def dropping(connection: sqlite3.Connection) -> str:
    """Return the statements that drop the book's tables, of whatever format they are.

    What else lies in the file stays: nothing could bring back what is in the attic.
    """
    return "".join(f'DROP {kind} "{name}";\n' for kind, name in connection.execute(OWN))
