"""``docs/kpis.md``: the catalogue."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

from kamengine.catalogue.entry import BETTER, entry
from kamengine.catalogue.lineage import Lineage
from kamengine.catalogue.markdown import code, folded, table
from kamengine.kpi import KPI
from kamengine.plugins import Registry
from kamengine.testing.cases import Expectation, read_cases

INTRO = """# The KPI catalogue

What holds for all of them:

- A period is a half-open window `[t0, t1)` in the organisation's time zone and fiscal year. One
  that is still open ends at "as of".
- Every row counts for the manager, team and segment that held when its fate was decided.
- A roll-up pools numerators and denominators. It never averages what has been divided already.
- Where there is nothing to divide by there is no value, but a reason. It is never made 0 or 100.
- A value in % is a ratio: 0.07 in JSON and CSV, 7 % in tables.

*Cases* are worked out by hand, and every KPI is compared with a second, independent way to its
number besides.

*Source* says where a formula comes from. The catalogue began with five articles on key account
metrics, which it calls seeds 0 to 4.
"""

HEADS = ("KPI", "meaning", "unit", "better", "timing", "class")
CASES = Path(__file__).parents[2] / "tests" / "kpis" / "cases"


def page(registry: Registry) -> str:
    """Return the page."""
    lineage = Lineage(registry)
    kpis = sorted(registry.kpis.values(), key=lambda k: (k.family, k.id))
    parts = [INTRO.strip()]
    for family, members in groupby(kpis, key=lambda k: k.family):
        known = list(members)
        parts += [f"## {family.capitalize()}", table(HEADS, map(_line, known))]
        parts += [_kpi(kpi, lineage, registry.pack_of[f"kpis:{kpi.id}"]) for kpi in known]
    return "\n\n".join(parts)


def _line(kpi: KPI) -> tuple[str, ...]:
    return (
        f"[{code(kpi.id)}](#{kpi.id})",
        kpi.meaning.replace("``", "`"),
        kpi.unit,
        BETTER[kpi.better],
        kpi.timing,
        kpi.kind,
    )


def _kpi(kpi: KPI, lineage: Lineage, pack: str) -> str:
    parts = [f"### {kpi.id}", entry(kpi, lineage, pack, folded), _cases(kpi)]
    return "\n\n".join(part for part in parts if part)


def _cases(kpi: KPI) -> str:
    """Return the hand-worked cases with what each expects, and where their events are."""
    file = CASES / f"{kpi.id}.yaml"
    if not file.is_file():
        return ""
    told = [
        (case.name, "; ".join(_expected(expected) for expected in case.expect))
        for case in read_cases(file).cases
    ]
    where = f"Given which events: [{file.name}](../tests/kpis/cases/{file.name})."
    return folded(f"{len(told)} cases", f"{table(('case', 'expects'), told)}\n\n{where}")


def _expected(expected: Expectation) -> str:
    whose = "" if expected.by == "organisation" else f" {expected.by} {expected.subject}"
    other = f"{code(expected.kpi)} of" if expected.kpi else ""
    said = expected.value if expected.value is not None else expected.status
    if expected.value is None and expected.status == "ok":
        said = f"numerator {expected.numerator}" if expected.numerator is not None else "a value"
    why = f" ({expected.reason})" if expected.reason else ""
    return f"{other}{whose} {expected.period}: **{said}**{why}".strip()
