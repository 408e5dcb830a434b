"""Does a pack's SQL read what there is, and return what evidence is made of?"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from kamengine.checking.bench import Bench
from kamengine.checking.finding import Finding
from kamengine.checking.subject import Subject
from kamengine.engine.evidence import COLUMNS
from kamengine.errors import DefinitionError
from kamengine.inspection import queries
from kamengine.kpi import KPI, Composite, Distinct, Formula, Latest, MeanOfParts, Overlap
from kamengine.portability.spark import rendered
from kamengine.projection import Projection

EXACT = ("DECIMAL", "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UINTEGER", "UBIGINT")
UNTYPED = '"NULL"'
"""What DuckDB calls the type of a column that is NULL throughout."""


def bound(subject: Subject, bench: Bench) -> Iterator[Finding]:
    """Find SQL that names relations or columns which aren't there."""
    for definition in subject.definitions:
        params: dict[str, object] = {}
        if isinstance(definition, KPI):
            params = msgspec.structs.asdict(definition.params)
            if isinstance(definition.value, Formula):
                yield from _of_formula(definition, bench)
            if not definition.sql:
                continue
        stumble = bench.stumble(definition.sql, params)
        if stumble is None or stumble.word in {p.name for p in subject.projections}:
            continue  # a projection of its own that can't be bound is told by itself
        file, line, column = subject.place(definition.sql, stumble.offset)
        yield Finding(
            check="binding",
            of=_called(definition),
            what=stumble.message,
            mend=stumble.hint
            or "docs/projections.md and docs/events.md list what there is to read",
            file=file,
            line=line,
            column=column,
        )


def evident(subject: Subject, bench: Bench) -> Iterator[Finding]:
    """Find queries whose columns aren't those of evidence, or of other types."""
    for kpi in subject.kpis:
        node = bench.graph.kpis.get(kpi.id)
        if node is None or not node.text or bench.stumble(kpi.sql, _params(kpi)):
            continue
        if refusal := bench.refusal(node.text, _called(kpi)):
            what = refusal.what + (f": {refusal.value}" if refusal.value else "")
            mend = refusal.hint or "docs/writing-a-kpi.md#evidence lists the columns"
            yield _evidence(kpi, what, mend)
        else:
            yield from _of_columns(kpi, bench.columns(node.text), anchored=node.anchored)


def portable(subject: Subject) -> Iterator[Finding]:
    """Find SQL that Spark can't say, and a confession that nothing asks for."""
    for definition in subject.definitions:
        if isinstance(definition, KPI) and isinstance(definition.value, Composite):
            continue
        asked = list(queries(definition))
        if definition.duckdb_only:
            if not any(query.findings for _, query in asked):
                yield Finding(
                    check="portability",
                    of=_called(definition),
                    what="it says that it runs on DuckDB alone, and nothing in its SQL does",
                    mend="leave `duckdb_only` out, unless it reads a projection that has one",
                )
            continue
        for where, query in asked:
            try:
                rendered(query.text, where)
            except DefinitionError as error:
                yield Finding(
                    check="portability",
                    of=_called(definition),
                    what=f"{error.what}: {error.value}",
                    mend="write it another way, or say in `duckdb_only` why not",
                )


def _of_formula(kpi: KPI, bench: Bench) -> Iterator[Finding]:
    problem = bench.graph.broken.get(kpi.id) or bench.formula_problem(kpi)
    if problem:
        yield Finding(
            check="binding",
            of=_called(kpi),
            what=problem,
            mend="a formula reads its operands by name, their `_numerator` and `_denominator`,"
            " `$params` and `years`",
        )


def _of_columns(kpi: KPI, columns: dict[str, str], *, anchored: bool) -> Iterator[Finding]:
    for column, found in columns.items():
        if not _fits(column, found):
            mend = f"it has to be {COLUMNS[column]}: CAST it, or pick another column"
            if column in {"numerator", "denominator"} and found in {"DOUBLE", "FLOAT"}:
                mend = (
                    "sums of DOUBLE depend on their order: use whole numbers, DECIMAL, quotient()"
                )
            yield _evidence(kpi, f"`{column}` is {found}", mend)
    if "event_id" not in columns:
        yield _evidence(
            kpi, "there is no `event_id`", "return the event that a row stands for, or NULL"
        )
    for needed, why in _needed(kpi):
        if needed not in columns:
            yield _evidence(kpi, f"there is no `{needed}`", why)
    if anchored and "period" not in columns:
        yield _evidence(
            kpi, "it reads windows, and returns no `period`", "return the period of the window"
        )


def _needed(kpi: KPI) -> Iterator[tuple[str, str]]:
    kind = type(kpi.value).__name__
    if isinstance(kpi.value, Distinct | Latest):
        yield "item", f"`{kind}` tells rows apart by it"
    if isinstance(kpi.value, Overlap | MeanOfParts):
        yield "part", f"`{kind}` pools by it"
    if kpi.min_items:
        yield "item", "`min_items` counts it"
    if not isinstance(kpi.value, Distinct):
        yield "numerator", f"`{kind}` adds it up"


def _fits(column: str, found: str) -> bool:
    if found == UNTYPED:
        return True
    if column in {"numerator", "denominator"}:
        return found.startswith(EXACT) or found == "BOOLEAN"
    if column in {"event_id", "more_events"}:
        return found in {"BIGINT", "BIGINT[]", "INTEGER", f"{UNTYPED}[]"}
    return found == COLUMNS[column]


def _evidence(kpi: KPI, what: str, mend: str) -> Finding:
    return Finding(check="evidence", of=_called(kpi), what=what, mend=mend)


def _params(kpi: KPI) -> dict[str, object]:
    return msgspec.structs.asdict(kpi.params)


def _called(definition: KPI | Projection) -> str:
    if isinstance(definition, KPI):
        return f"KPI {definition.id}"
    return f"projection {definition.name}"
