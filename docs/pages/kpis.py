"""``docs/kpis.md``: the catalogue."""

from __future__ import annotations

from itertools import groupby

from kamengine.catalogue.entry import BETTER, entry
from kamengine.catalogue.lineage import Lineage
from kamengine.catalogue.markdown import code, folded, table
from kamengine.kpi import KPI
from kamengine.plugins import Registry
from kamengine.testing.worked import worked

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
    parts = [f"### {kpi.id}", entry(kpi, lineage, pack, folded), worked(kpi.id, pack, folded)]
    return "\n\n".join(part for part in parts if part)
