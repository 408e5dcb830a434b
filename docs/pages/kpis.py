"""``docs/kpis.md``: the catalogue."""

from __future__ import annotations

import inspect
import re
from itertools import groupby

import msgspec

from docs.pages.lineage import Lineage
from docs.pages.markdown import attributes, code, fenced, folded, prose, table
from kamengine.kpi import KPI, Distinct, Formula, Latest, Mean, MeanOfParts, Quantile, Ratio, Sum
from kamengine.plugins import Registry

INTRO = """# The KPI catalogue

What holds for all of them:

- A period is a half-open window `[t0, t1)` in the organisation's time zone and fiscal year. One
  that is still open ends at "as of".
- Every row counts for the manager, team and segment that held when its fate was decided.
- A roll-up pools numerators and denominators. It never averages what has been divided already.
- Where there is nothing to divide by there is no value, but a reason. It is never made 0 or 100.
- A value in % is a ratio: 0.07 in JSON and CSV, 7 % in tables.

*Source* says where a formula comes from. The catalogue began with five articles on key account
metrics, which it calls seeds 0 to 4.
"""

HEADING = re.compile(r"\n\n([A-Z][a-z]+(?: [a-z]+){0,3}):")
"""The name of a paragraph: Inputs, Shape, Empty and null rule, ..."""

HEADS = ("KPI", "meaning", "unit", "better")
BETTER = {"higher": "higher", "lower": "lower", "band": "within a band"}

RULES: dict[type, str] = {
    Ratio: "sum of the numerators over sum of the denominators",
    Distinct: "number of different items",
    MeanOfParts: "mean over the parts, each the sum of its numerators over that of denominators",
    Formula: "formula over other KPIs",
}


def page(registry: Registry) -> str:
    """Return the page."""
    lineage = Lineage(registry)
    kpis = sorted(registry.kpis.values(), key=lambda k: (k.family, k.id))
    parts = [INTRO.strip(), table(HEADS, map(_line, kpis))]
    for family, members in groupby(kpis, key=lambda k: k.family):
        parts.append(f"## {family.capitalize()}")
        parts += [_kpi(kpi, lineage, registry.pack_of[f"kpis:{kpi.id}"]) for kpi in members]
    return "\n\n".join(parts)


def _line(kpi: KPI) -> tuple[str, str, str, str]:
    return (
        f"[{code(kpi.id)}](#{kpi.id})",
        kpi.meaning.replace("``", "`"),
        kpi.unit,
        BETTER[kpi.better],
    )


def _kpi(kpi: KPI, lineage: Lineage, pack: str) -> str:
    parts = [
        f"### {kpi.id}",
        f"**{kpi.title}.** {_doc(kpi)}",
        table(("", ""), [(title, said) for title, said in _facts(kpi, lineage, pack) if said]),
        _params(kpi),
        _formula(kpi.value) if isinstance(kpi.value, Formula) else "",
        folded("SQL", fenced(kpi.sql, "sql")) if kpi.sql else "",
    ]
    return "\n\n".join(part for part in parts if part)


def _facts(kpi: KPI, lineage: Lineage, pack: str) -> list[tuple[str, str]]:
    reads = lineage.graph.kpis[kpi.id].reads
    inputs = lineage.inputs(reads)
    formula = isinstance(kpi.value, Formula)
    return [
        ("value", _value(kpi)),
        ("numerator", kpi.numerator),
        ("denominator", kpi.denominator),
        ("unit", kpi.unit),
        ("better", BETTER[kpi.better]),
        ("kind", f"{kpi.timing} {kpi.kind}"),
        ("without evidence", "0" if kpi.empty == "zero" and not formula else "undefined"),
        ("at least", f"{kpi.min_count} rows" if kpi.min_count else ""),
        ("different items, at least", str(kpi.min_items) if kpi.min_items else ""),
        ("controllable by", ", ".join(kpi.controllable_by) or "nobody"),
        ("KPIs", ", ".join(map(code, reads)) if formula else ""),
        ("projections", ", ".join(map(code, inputs.projections))),
        ("events", ", ".join(map(code, inputs.event_types))),
        ("pack", f"{code(pack)}, version {kpi.version} of the KPI"),
    ]


def _value(kpi: KPI) -> str:
    """Say how evidence becomes a value."""
    match kpi.value:
        case Sum(per=per):
            text = "sum of the numerators" + _over(per)
        case Mean(per=per):
            text = "mean of the numerators" + _over(per)
        case Quantile(q=q, per=per):
            text = f"quantile {q} of the numerators" + _over(per)
        case Latest(carried=carried):
            since = "whenever it came" if carried else "within the window"
            text = f"ratio over the latest row of each account and item, {since}"
        case _:
            text = RULES[type(kpi.value)]
    return f"{code(type(kpi.value).__name__)}: {text}"


def _over(per: int) -> str:
    return f", over {per:,}" if per > 1 else ""


def _params(kpi: KPI) -> str:
    meanings = attributes(type(kpi.params).__doc__)
    rows = [
        (code(field), code(str(value)), meanings.get(field, ""))
        for field, value in msgspec.structs.asdict(kpi.params).items()
    ]
    return table(("parameter", "default", "meaning"), rows) if rows else ""


def _formula(value: Formula) -> str:
    sides = (
        f"(\n{inspect.cleandoc(value.numerator)}\n)\n/ (\n{inspect.cleandoc(value.denominator)}\n)"
    )
    return folded("Formula", fenced(sides, "sql"))


def _doc(kpi: KPI) -> str:
    """Return the documentation, the name of each of its paragraphs set off."""
    return HEADING.sub(r"\n\n*\1*:", prose(kpi.doc))
