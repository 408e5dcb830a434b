"""Whatever a KPI is broken down by, its parts make up the whole."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

import pytest
import sqlglot
from sqlglot import exp

from kamengine import plugins
from kamengine.kpi import KPI, SUBJECT_TYPES, Latest, Mean, Ratio, Sum
from tests.kpis.conftest import Simulated

ADDITIVE = [
    kpi
    for kpi in sorted(plugins.load().kpis.values(), key=lambda kpi: kpi.id)
    if isinstance(kpi.value, Sum | Ratio | Mean | Latest)
    and "part" in sqlglot.parse_one(kpi.sql, dialect="duckdb", into=exp.Select).named_selects
]


@pytest.mark.parametrize("kpi", ADDITIVE, ids=lambda kpi: kpi.id)
def test_parts_add_up_to_the_whole(kpi: KPI, simulated: Simulated) -> None:
    """Numerators and counts of the parts sum to those kept for the whole, at every grain."""
    reader = simulated.reader
    windows = [window for window in simulated.windows if window.kind in {"quarter", "year"}]
    compared = 0
    for grain in SUBJECT_TYPES:
        sums: dict[tuple[str, str], list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
        for part in reader.parts(kpi, grain, windows):
            both = sums[part.subject, part.period]
            both[0] += part.numerator or 0
            both[1] += part.count
        for window in windows:
            for value in reader.values(kpi, grain, window):
                whole = [value.numerator or Decimal(0), Decimal(value.count)]
                assert sums[value.subject, value.period] == whole, (value.subject, value.period)
                compared += 1
    assert compared
