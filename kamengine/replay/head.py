"""The statements by which a book comes to rest on another state."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from kamengine.periods import Window
from kamengine.replay.book import Attributes, Definition, Head, micros


def head_statements(
    head: Head,
    windows: Sequence[Window],
    definitions: Iterable[Definition],
    accounts: Iterable[Attributes] = (),
) -> list[str]:
    """Return the statements that make the book rest on another state."""
    accounts_json: list[list[object]] = [
        [a.account_id, a.valid_from, json.dumps(a.known)] for a in accounts
    ]
    windows_json: list[list[object]] = [
        [w.period, w.kind, micros(w.t0), micros(w.t1)] for w in windows
    ]
    definitions_json: list[list[object]] = [
        [d.kpi, d.since, d.definition, d.unit, d.problem, d.fingerprint, " ".join(d.facts)]
        for d in definitions
    ]
    return [
        "DELETE FROM windows",
        _insert_json("windows", windows_json, 4),
        "DELETE FROM definitions",
        _insert_json("definitions", definitions_json, 7),
        "DELETE FROM accounts",
        _insert_json("accounts", accounts_json, 3),
        "DELETE FROM head",
        "INSERT INTO head VALUES"
        f" (1, '{head.state}', {head.position}, '{head.hash}',"
        f" {'NULL' if head.recorded_at is None else head.recorded_at}, {head.as_of},"
        f" '{head.declared}', '{head.settled}')",
    ]


def _insert_json(table: str, rows: list[list[object]], width: int) -> str:
    text = json.dumps(rows).replace("'", "''")
    columns = ", ".join(f"value ->> {i}" for i in range(width))
    return f"INSERT INTO {table} SELECT {columns} FROM json_each('{text}')"
