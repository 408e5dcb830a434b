"""A KPI's entry in the catalogue, as Markdown: for the documentation and for the terminal."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable

import msgspec

from kamengine.catalogue.lineage import Inputs, Lineage
from kamengine.catalogue.markdown import attributes, code, fenced, prose, table
from kamengine.kpi import (
    KPI,
    Composite,
    Distinct,
    Formula,
    Latest,
    Mean,
    MeanOfParts,
    Overlap,
    Quantile,
    Ratio,
    Sum,
    Value,
)

HEADING = re.compile(r"\n\n([A-Z][a-z]+(?: [a-z]+){0,3}):")
"""The name of a paragraph: Inputs, Shape, Empty and null rule, ..."""

BETTER = {"higher": "higher", "lower": "lower", "band": "within a band"}


def entry(kpi: KPI, lineage: Lineage, pack: str, fold: Callable[[str, str], str]) -> str:
    """Return all that there is to know of a KPI, without a heading.

    Args:
        kpi: The KPI.
        lineage: What it goes back to.
        pack: The pack that registers it.
        fold: Puts what is long (the SQL) under a name.
    """
    parts = [
        f"**{kpi.title}.** {_doc(kpi)}",
        table(("", ""), [(title, said) for title, said in _facts(kpi, lineage, pack) if said]),
        _params(kpi),
        fold("Formula", _sides(kpi.value)) if isinstance(kpi.value, Formula) else "",
        fold("SQL", fenced(kpi.sql, "sql")) if kpi.sql else "",
    ]
    return "\n\n".join(part for part in parts if part)


def unfolded(name: str, text: str) -> str:
    """Put a part under its name, for where nothing can be folded away."""
    return f"**{name}**\n\n{text}"


def _doc(kpi: KPI) -> str:
    """Return the documentation, the name of each of its paragraphs set off."""
    return HEADING.sub(r"\n\n*\1*:", prose(kpi.doc))


def _facts(kpi: KPI, lineage: Lineage, pack: str) -> list[tuple[str, str]]:
    reads: tuple[str, ...] = ()
    inputs = Inputs(event_types=(), projections=())
    if kpi.id in lineage.graph.kpis:
        reads = lineage.graph.kpis[kpi.id].reads
        inputs = lineage.inputs(reads)
    made = isinstance(kpi.value, Formula | Composite)
    return [
        ("value", _value(kpi.value)),
        ("numerator", kpi.numerator),
        ("denominator", kpi.denominator),
        ("unit", kpi.unit),
        ("better", BETTER[kpi.better]),
        ("family", kpi.family),
        ("timing", kpi.timing),
        ("class", kpi.kind),
        ("different items, at least", str(kpi.min_items) if kpi.min_items else ""),
        ("controllable by", ", ".join(kpi.controllable_by) or "nobody"),
        ("without evidence", "0" if kpi.empty == "zero" and not made else "undefined"),
        ("at least", f"{kpi.min_count} rows" if kpi.min_count else ""),
        ("KPIs", ", ".join(map(code, reads)) if made else ""),
        ("projections", ", ".join(map(code, inputs.projections))),
        ("events", ", ".join(map(code, inputs.event_types))),
        ("runs on", "DuckDB alone: " + kpi.duckdb_only if kpi.duckdb_only else "DuckDB, Spark"),
        ("source", kpi.source),
        ("replaced by", code(kpi.replaced_by)),
        ("broken", lineage.graph.broken.get(kpi.id, "")),
        ("pack", f"{code(pack)}, version {kpi.version} of the KPI"),
    ]


def _value(value: Value) -> str:
    """Say how evidence becomes a value."""
    return f"{code(type(value).__name__)}: {_made(value) or _pooled(value)}"


def _pooled(value: Value) -> str:
    match value:
        case Sum(per=per):
            return "sum of the numerators" + _over(per)
        case Ratio():
            return "sum of the numerators over sum of the denominators"
        case Mean(per=per):
            return "mean of the numerators" + _over(per)
        case Quantile(q=q, per=per):
            return f"quantile {q} of the numerators" + _over(per)
        case Latest(carried=carried):
            since = "whenever it came" if carried else "within the window"
            return f"ratio over the latest row of each account and item, {since}"
        case Overlap(scale=scale):
            return "of each part the smaller sum, over the sum of the denominators" + _times(scale)
    raise TypeError(value)


def _times(scale: int) -> str:
    return f", times {scale:,}" if scale > 1 else ""


def _made(value: Value) -> str:
    match value:
        case Distinct():
            return "number of different items"
        case MeanOfParts():
            return "mean over the parts, each the sum of its numerators over that of denominators"
        case Formula():
            return "formula over other KPIs"
        case Composite(by=by):
            return f"attainment of the KPIs on the scorecard, by {by}, each group weighed"
    return ""


def _over(per: int) -> str:
    return f", over {per:,}" if per > 1 else ""


def _params(kpi: KPI) -> str:
    meanings = attributes(type(kpi.params).__doc__)
    rows = [
        (code(field), code(_written(value)), meanings.get(field, ""))
        for field, value in msgspec.structs.asdict(kpi.params).items()
    ]
    return table(("parameter", "default", "meaning"), rows) if rows else ""


def _written(value: object) -> str:
    """Write a default as config would have it."""
    return msgspec.json.format(_PLAIN.encode(value), indent=-1).decode()


_PLAIN = msgspec.json.Encoder(decimal_format="number")


def _sides(value: Formula) -> str:
    above, below = inspect.cleandoc(value.numerator), inspect.cleandoc(value.denominator)
    operands = "\n".join(f"-- {name}: {o.kpi} of the {o.of}" for name, o in value.operands.items())
    return fenced(f"{operands}\n(\n{above}\n)\n/ (\n{below}\n)", "sql")
