"""Is a definition's SQL sound: does it parse, can a replay repeat it, does it run elsewhere?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

import msgspec

from kamengine import sql
from kamengine.errors import DefinitionError
from kamengine.kpi import KPI, Composite, Family, Formula, TenureWeights, Timing
from kamengine.portability.finding import Finding
from kamengine.projection import Projection

SHARED_PARAMS: dict[str, object] = {"reporting_currency": "", "active_by": ""}
"""What the SQL of every definition may name; here only the names matter."""


def inspect(definition: KPI | Projection) -> None:
    """Look a definition's SQL over as a registry does.

    Raises:
        DefinitionError: It doesn't parse; or what it asks can't be repeated; or it isn't
            portable and doesn't say so.
    """
    if isinstance(definition, KPI) and definition.replaced_by == definition.id:
        raise DefinitionError(
            "A KPI can't be replaced by itself",
            where=f"KPI {definition.id}",
            hint="name another one in `replaced_by`, or leave it out",
        )
    if isinstance(definition, KPI) and isinstance(definition.value, Composite):
        _check_composite(definition, definition.value)
    for where, query in queries(definition):
        faulty = [f for f in query.findings if not (f.fault.repeatable and definition.duckdb_only)]
        if faulty:
            raise _refusal(faulty, where)


def name_of(definition: KPI | Projection) -> str:
    """Return the name that a definition is registered under."""
    return definition.id if isinstance(definition, KPI) else definition.name


def queries(definition: KPI | Projection) -> Iterator[tuple[str, sql.Query]]:
    """Yield every query of a definition and what to call it, parameters at their defaults."""
    if isinstance(definition, Projection):
        where = f"projection {definition.name}"
        yield where, sql.parse(definition.sql, SHARED_PARAMS, where=where)
        return
    where, params = f"KPI {definition.id}", msgspec.structs.asdict(definition.params)
    if isinstance(definition.value, Formula):
        for part in ("numerator", "denominator", "flag"):
            if text := getattr(definition.value, part):
                place = f"{where}, {part}"
                yield place, sql.parse(f"SELECT {text}", SHARED_PARAMS | params, where=place)
    elif not isinstance(definition.value, Composite):
        yield where, sql.parse(definition.sql, SHARED_PARAMS | params, where=where)


def _check_composite(kpi: KPI, value: Composite) -> None:
    where = f"KPI {kpi.id}"
    scheduled = isinstance(kpi.params, TenureWeights)
    if scheduled == bool(value.weights):
        raise DefinitionError(
            "A composite needs weights of its own, or TenureWeights as its parameters",
            where=where,
            hint="give one of the two",
        )
    groups = get_args(Family if value.by == "family" else Timing)
    unknown = sorted(set(value.weights) - set(groups))
    if unknown:
        raise DefinitionError(
            f"A composite by {value.by} weighs what is none",
            value=unknown[0],
            where=where,
            hint=f"known: {', '.join(groups)}",
        )


def _refusal(findings: list[Finding], where: str) -> DefinitionError:
    first, others = findings[0], len(findings) - 1
    mend = first.fault.mend
    if first.fault.repeatable:
        mend += "; or say in `duckdb_only` why it must run on DuckDB alone"
    return DefinitionError(
        f"{first.word} {first.fault.what}",
        where=f"{where}, line {first.line}, column {first.column}",
        hint=mend + (f" (and {others} more like it)" if others else ""),
    )
