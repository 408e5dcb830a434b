"""Names of derived tables in a state file, where an era's definition is derived under its own.

A definition that was the newest has the plain name until it holds for earlier periods alone. Its
table is as good under the other name, so it is renamed, not made again.
"""

from __future__ import annotations

import re

import msgspec

from kamengine.engine.session import STATE, Session, name
from kamengine.replay.graph import Graph, Node
from kamengine.replay.state import Mark, renote

OWN_NAME = re.compile(r"__[0-9a-f]{8}$")

SCHEMAS = {"projection": "projections", "kpi": "evidence"}

Moves = dict[str, str]
"""Layer and name as they are, to those that they are to be."""


def derived_name(plain: str, fingerprint: str) -> str:
    """Return the name of its own under which a definition of an earlier era is derived."""
    return f"{plain}__{fingerprint[:8]}"


def name_in(mark: Mark, node: Node) -> str | None:
    """Return the name under which a state file has what a node derives; None where it hasn't."""
    if mark.fingerprints.get(f"{node.layer}:{node.name}") == node.fingerprint:
        return node.name
    plain = OWN_NAME.sub("", node.name)
    for candidate in (plain, derived_name(plain, node.fingerprint)):
        if mark.fingerprints.get(f"{node.layer}:{candidate}") == node.fingerprint:
            return candidate
    return None


def rename(session: Session, mark: Mark, graph: Graph) -> Mark:
    """Give tables the names that they are now wanted under, and drop what nobody wants any more.

    Args:
        session: On the file to work on; either all of it is done, or nothing.
        mark: What the file says of itself.
        graph: What is wanted.

    Returns:
        What the file says of itself now.
    """
    wanted = {f"{n.layer}:{n.name}": n for n in (*graph.projections.values(), *graph.kpis.values())}
    moves = {
        f"{node.layer}:{there}": key
        for key, node in wanted.items()
        if (there := name_in(mark, node)) is not None and there != node.name
    }
    gone = {k for k in mark.fingerprints if OWN_NAME.search(k) and k not in wanted} - moves.keys()
    if not moves and not gone:
        return mark
    fingerprints = {
        key: fingerprint
        for key, fingerprint in mark.fingerprints.items()
        if key not in gone and key not in moves and key not in moves.values()
    }
    fingerprints |= {new: mark.fingerprints[old] for old, new in moves.items()}
    # what columns a query has is asked again: that is quicker than telling whose they were
    renamed = msgspec.structs.replace(mark, fingerprints=fingerprints, columns={})
    with session.transaction():
        _move(session, moves, gone)
        renote(session, renamed)
    return renamed


def _move(session: Session, moves: Moves, gone: set[str]) -> None:
    """Rename by way of names that nobody has: two tables may swap theirs."""
    there = {
        f"{layer}:{table}"
        for layer, schema in SCHEMAS.items()
        for (table,) in session.rows(
            "SELECT table_name FROM duckdb_tables()"
            f" WHERE database_name = '{STATE}' AND schema_name = '{schema}'"
        )
    }
    moving = [old for old in moves if old in there]  # what is read through has no table
    for old in moving:
        _alter(session, old, f"{_table(old)}__moving")
    for key in gone | (set(moves.values()) & there - set(moving)):
        session.run(f"DROP TABLE IF EXISTS {_place(key)}")
    for old in moving:
        _alter(session, f"{old}__moving", _table(moves[old]))


def _alter(session: Session, key: str, new: str) -> None:
    session.run(f"ALTER TABLE {_place(key)} RENAME TO {name(new)}")


def _place(key: str) -> str:
    layer = key.partition(":")[0]
    return f"{STATE}.{SCHEMAS[layer]}.{name(_table(key))}"


def _table(key: str) -> str:
    return key.partition(":")[2]
