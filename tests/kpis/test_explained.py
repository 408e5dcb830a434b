"""Every number explains itself: its evidence, added up once more elsewhere, is the value."""

from __future__ import annotations

import pytest

from kamengine import plugins
from kamengine.cli.explain import _total
from kamengine.kpi import Formula
from tests.kpis.conftest import Simulated

KPIS = sorted(k.id for k in plugins.load().kpis.values() if not isinstance(k.value, Formula))
PERIODS = ("2024", "2025-Q2", "2025-06")


@pytest.mark.parametrize("kpi_id", KPIS)
def test_evidence_adds_up(kpi_id: str, simulated: Simulated) -> None:
    """In a year, and in a quarter and a month that are still open, wherever there is a value."""
    reader = simulated.reader
    kpi = reader.registry.kpi(kpi_id)
    windows = [w for w in simulated.windows if w.period in PERIODS]
    told = [reader.explain(kpi, "organisation", w, "organisation") for w in windows]
    found = [_total(kpi, explanation)["matches"] for explanation in told]
    assert len(found) == len(PERIODS)
    assert False not in found
    assert True in found or all(e.value.status != "ok" or e.value.count == 0 for e in told)
