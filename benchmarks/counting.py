"""The other statements of the limit: projections, evidence and values, as the engine runs them.

The SQL is the engine's own, taken from the definitions and written down as plain statements over
the fact tables; nothing of the engine is there when they run.

    python -m benchmarks.counting FIRST_DAY STATEMENTS.json
"""

from __future__ import annotations

import datetime as dt
import json
import sys
import time
from pathlib import Path

from benchmarks.result import Result, tell
from benchmarks.selection import AS_OF, SETTINGS, packs
from kamengine.engine import decode, evidence, formulas, valuation
from kamengine.engine.session import Session, macros, name
from kamengine.engine.windows import SLOT_DAYS, WINDOW_ENDS, set_windows
from kamengine.kpi import Formula
from kamengine.plugins import Registry
from kamengine.replay import graph as graphs

WINDOW_TABLES = ("windows", "window_months", "slots", "window_slots")


class Dictation:
    """Writes statements down while it runs them over empty fact tables, to learn columns."""

    def __init__(self, registry: Registry) -> None:
        self.registry = registry
        self.graph = graphs.build(registry, SETTINGS)
        self.session = Session(None, SETTINGS.calendar)
        self.statements: list[str] = list(macros(SETTINGS.calendar))
        self.statements.append("SET asof_loop_join_threshold = 0")

    def take(self, first_day: dt.date) -> list[str]:
        """Return every statement, in order."""
        self.session.run("CREATE SCHEMA state.facts")
        for event_type in self.registry.fact_types.values():
            decode.create_facts(self.session, event_type)
            table = f"state.facts.{name(event_type.table)}"
            self.session.run(f"CREATE TABLE {name(event_type.table)} AS FROM {table}")
        self._windows(first_day)
        for node in self.graph.projections.values():
            self._say(f"CREATE TABLE {name(node.name)} AS {node.text}")
        for relation in evidence.ATTRIBUTION:
            self._say(evidence.holding_statement(relation, relation))
        for kpi_id, node in self.graph.kpis.items():
            if node.text:
                columns = self.session.columns(node.text)
                query = evidence.attributed(
                    node.text,
                    columns,
                    node.held,
                    kpi_id,
                    told=not node.anchored,
                )
                self._say(f"CREATE TABLE {name(f'evidence_{kpi_id}')} AS {query}")
        for kpi_id in self.graph.kpis:
            self._values(kpi_id)
        return self.statements

    def _values(self, kpi_id: str) -> None:
        kpi = self.registry.kpi(kpi_id)
        if isinstance(kpi.value, Formula):
            params = graphs.literal_params(kpi, SETTINGS)
            operands = {o: name(f"values_{r.kpi}") for o, r in kpi.value.operands.items()}
            query = formulas.formula(kpi, params, operands)
        else:
            query = valuation.valued(kpi, name(f"evidence_{kpi_id}"))
        self._say(f"CREATE TABLE {name(f'values_{kpi_id}')} AS {query}")

    def _windows(self, first_day: dt.date) -> None:
        cut = SETTINGS.calendar.as_of(AS_OF, dt.datetime.now(dt.UTC))
        first = SETTINGS.calendar.midnight(first_day)
        set_windows(self.session, SETTINGS.calendar.windows(SETTINGS.kinds, first, cut))
        for table in WINDOW_TABLES:
            columns = self.session.columns(f"FROM {table}")
            rows = self.session.rows(
                f"SELECT {', '.join(f'CAST({c} AS VARCHAR)' for c in columns)} FROM {table}"
            )
            values = ", ".join(str(tuple(row)) for row in rows)
            typed = ", ".join(f"CAST({c} AS {t}) AS {c}" for c, t in columns.items())
            listed = ", ".join(columns)
            self.statements.append(
                f"CREATE TABLE {table} AS SELECT {typed} FROM (VALUES {values}) AS t({listed})"
            )
        self.statements += [SLOT_DAYS, WINDOW_ENDS]

    def _say(self, statement: str) -> None:
        self.session.run(statement)
        self.statements.append(statement)


def main(selection: str, first_day: str, path: Path) -> None:
    """Write the statements to a file."""
    start = time.perf_counter()
    statements = Dictation(packs(selection)).take(dt.date.fromisoformat(first_day))
    path.write_text(json.dumps(statements, indent=1))
    tell(Result(seconds=time.perf_counter() - start, events=0))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
