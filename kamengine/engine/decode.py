"""From log rows to facts: one typed table per event type, filled by one statement each."""

from __future__ import annotations

import json

import msgspec

from kamengine import vocabulary
from kamengine.engine.session import SHARED, STATE, Session, name, quote
from kamengine.event import (
    ENVELOPE,
    EventData,
    EventType,
    Upcast,
    columns_of,
    defaults_of,
    keys_of,
)
from kamengine.fingerprint import fingerprint

UNKNOWN, OWN, RETRACTED = -1, -2, -3
"""Codes of staged events that become no facts: of a type that no pack registers, of one of the
engine's own, and retracted."""

REVISION = "1"
"""Raised when this module decodes the same log into other facts."""

STAGE = f"""
CREATE OR REPLACE TABLE {SHARED}.stage AS
SELECT
    CAST(incoming.position AS BIGINT) AS event_id,
    CAST(incoming.id AS VARCHAR) AS id,
    coalesce(type_codes.code, {UNKNOWN}) AS code,
    CAST(incoming.version AS INTEGER) AS version,
    nullif(CAST(incoming.account_id AS VARCHAR), '') AS account_id,
    nullif(CAST(incoming.manager_id AS VARCHAR), '') AS manager_id,
    make_timestamp(CAST(incoming.occurred_at AS BIGINT)) AS occurred_at,
    make_timestamp(CAST(incoming.recorded_at AS BIGINT)) AS recorded_at,
    nullif(CAST(incoming.source AS VARCHAR), '') AS source,
    CAST(incoming.data AS VARCHAR) AS data
FROM incoming
LEFT JOIN type_codes ON type_codes.type = CAST(incoming.type AS VARCHAR)
"""


SET_ASIDE = """
INSERT INTO aside
SELECT *
FROM stage
WHERE code >= 0 AND code NOT IN ({decoded})
"""
"""Events of rare types wait until there are enough of them to be worth a statement."""


def fact_table(event_type: EventType) -> str:
    """Return the full name of the fact table of an event type."""
    return f"{STATE}.facts.{name(event_type.table)}"


def schema_fingerprint(event_type: EventType) -> str:
    """Hash all that decides how events of a type become facts."""
    current = Upcast(version=event_type.version, data=event_type.data)
    described = [
        [v.version, columns_of(v.data), keys_of(v.data), _plain(defaults_of(v.data)), v.columns]
        for v in (*event_type.upcasts, current)
    ]
    merging = f"{event_type.merges_into} {event_type.follows_merge}"
    return fingerprint(REVISION, event_type.name, json.dumps(described, sort_keys=True), merging)


def create_facts(session: Session, event_type: EventType) -> None:
    """Make the fact table of a type anew, empty."""
    table, columns = fact_table(event_type), listed_columns(event_type)
    session.run(f"CREATE OR REPLACE TABLE {table} ({columns})")


def listed_columns(event_type: EventType) -> str:
    """Return the columns of a type's fact table with their types, as CREATE TABLE has them."""
    columns = ENVELOPE | {c: _stored(t) for c, t in columns_of(event_type.data).items()}
    return ", ".join(f"{name(c)} {t}" for c, t in columns.items())


def set_codes(session: Session, event_types: list[EventType]) -> None:
    """Number the event types, so that picking one out of a batch compares small integers."""
    codes = {t.name: code for code, t in enumerate(event_types)} | dict.fromkeys(
        vocabulary.OWN, OWN
    )
    rows = ", ".join(f"({quote(type_name)}, {code})" for type_name, code in codes.items())
    session.run("CREATE OR REPLACE TEMP TABLE type_codes (type VARCHAR, code SMALLINT)")
    session.run(f"INSERT INTO type_codes VALUES {rows}")


def insert_statement(event_type: EventType, code: int, staged: str = "stage") -> str:
    """Return the statement that decodes the staged events of one type into its facts.

    Rows of an account lie side by side: whoever asks for a few accounts skips all other blocks.
    """
    versions = range(1, event_type.version + 1)
    parts = "\nUNION ALL BY NAME\n".join(_decoded(event_type, v, code, staged) for v in versions)
    return f"""INSERT INTO {fact_table(event_type)} BY NAME
SELECT * FROM (
{parts}
)
ORDER BY account_id"""


def _decoded(event_type: EventType, version: int, code: int, staged: str) -> str:
    """Decode one version's payloads and carry them up to the current version."""
    data = event_type.data_of(version)
    assert data is not None, "checked when the type was registered"  # noqa: S101
    envelope = ", ".join(ENVELOPE)
    fields = "".join(f",\n    {_field(c, t, data)}" for c, t in columns_of(data).items())
    keys = keys_of(data)
    shape = {keys[column]: sql_type for column, sql_type in columns_of(data).items()}
    payload = f", json_transform(data, {quote(json.dumps(shape))}) AS payload" if shape else ""
    query = f"""SELECT {envelope}{fields}
FROM (
    SELECT {envelope}{payload}
    FROM {staged}
    WHERE code = {code} AND version = {version}
)"""
    for step in range(version, event_type.version):
        query = _upcast(event_type, step, query)
    return query


def _upcast(event_type: EventType, version: int, query: str) -> str:
    """Wrap a query over one version's columns into one over the next version's."""
    upcast = next(u for u in event_type.upcasts if u.version == version)
    following = event_type.data_of(version + 1)
    assert following is not None, "checked when the type was registered"  # noqa: S101
    old = columns_of(upcast.data)
    absent = {c: _absent(c, t, following) or "NULL" for c, t in columns_of(following).items()}
    columns = "".join(
        f",\n    {upcast.columns.get(c) or (name(c) if c in old else otherwise)} AS {name(c)}"
        for c, otherwise in absent.items()
    )
    return f"SELECT {', '.join(ENVELOPE)}{columns}\nFROM (\n{query}\n)"


def _field(column: str, sql_type: str, data: type[EventData]) -> str:
    value = f"payload.{name(keys_of(data)[column])}"
    if sql_type == "TIMESTAMPTZ":
        value = f"timezone('UTC', {value})"
    if absent := _absent(column, sql_type, data):
        value = f"coalesce({value}, {absent})"
    return f"{value} AS {name(column)}"


def _absent(column: str, sql_type: str, data: type[EventData]) -> str | None:
    """Return what a column holds where its field is absent, or None where that is NULL."""
    default = defaults_of(data).get(column)
    if default is not None:
        text = msgspec.json.encode(default).decode()
        value = f"json_transform({quote(text)}, {quote(json.dumps(sql_type))})"
        return f"timezone('UTC', {value})" if sql_type == "TIMESTAMPTZ" else value
    return "[]" if sql_type.endswith("[]") else None


def _stored(sql_type: str) -> str:
    return sql_type.replace("TIMESTAMPTZ", "TIMESTAMP")


def _plain(defaults: dict[str, object]) -> dict[str, str]:
    return {key: str(value) for key, value in defaults.items()}
