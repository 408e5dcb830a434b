"""``docs/projections.md``: every projection with its columns, as the engine binds them."""

from __future__ import annotations

from kamengine.catalogue.lineage import Inputs, Lineage
from kamengine.catalogue.markdown import code, fenced, folded, table
from kamengine.engine import decode
from kamengine.engine.session import STATE, WHOLE, Session, name
from kamengine.periods import Calendar
from kamengine.plugins import Registry
from kamengine.projection import Projection

INTRO = """# Projections

A projection is a table that KPIs share, derived from events and from other projections by one
query. KPI SQL reads it by its name. Times are UTC, intervals `[valid_from, valid_to)` are half
open, and a `valid_to` of NULL means that it still holds. `event_id` is the event that a row stands
for.
"""


def page(registry: Registry) -> str:
    """Return the page."""
    lineage = Lineage(registry)
    columns = _columns(registry, lineage)
    parts = [INTRO.strip()]
    for projection in sorted(registry.projections.values(), key=lambda p: p.name):
        inputs = lineage.inputs(lineage.graph.projections[projection.name].reads)
        pack = registry.pack_of[f"projections:{projection.name}"]
        parts.append(_projection(projection, columns[projection.name], inputs, pack))
    return "\n\n".join(parts)


def _projection(projection: Projection, columns: dict[str, str], inputs: Inputs, pack: str) -> str:
    facts = [
        ("key", ", ".join(map(code, projection.key))),
        ("reads", ", ".join(map(code, inputs.projections))),
        ("events", ", ".join(map(code, inputs.event_types))),
        ("pack", code(pack)),
    ]
    listed = "\n".join(f"- {title}: {said}" for title, said in facts if said)
    rows = [(code(column), sql_type) for column, sql_type in columns.items()]
    query = folded("SQL", fenced(projection.sql, "sql"))
    return (
        f"## {projection.name}\n\n{projection.doc.replace('``', '`')}\n\n{listed}\n\n"
        f"{table(('column', 'type'), rows)}\n\n{query}"
    )


def _columns(registry: Registry, lineage: Lineage) -> dict[str, dict[str, str]]:
    """Make every table, empty, in memory, and return the columns of each projection."""
    with Session(None, Calendar()) as session:
        for schema in ("facts", "projections"):
            session.run(f"CREATE SCHEMA {STATE}.{schema}")
        for event_type in registry.fact_types.values():
            decode.create_facts(session, event_type)
            _show(session, "facts", event_type.table)
        session.look_at(WHOLE)
        found = {}
        for node in lineage.graph.projections.values():
            table_name = f"{STATE}.projections.{name(node.name)}"
            session.run(f"CREATE TABLE {table_name} AS {node.text}")
            _show(session, "projections", node.name)
            found[node.name] = session.columns(f"SELECT * FROM {table_name}")
        return found


def _show(session: Session, schema: str, relation: str) -> None:
    session.run(
        f"CREATE VIEW memory.{WHOLE}.{name(relation)}"
        f" AS SELECT * FROM {STATE}.{schema}.{name(relation)}"
    )
