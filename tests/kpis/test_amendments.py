"""Corrections and retractions in the vocabulary's own events, under KPIs of each kind."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kamengine.courier.client import Courier
from kamengine.log.contract import NewEvent
from kamengine.log.export import line_of
from kamengine.log.intake import Intake
from kamengine.log.sqlite import SQLiteEventLog
from kamengine.plugins import Registry
from kamengine.replay.narrowing import narrowed
from kamengine.replay.replay import Replayer
from kamengine.settings import Settings
from kamengine.testing.cases import NOW
from kamengine.workspace import Workspace
from tests.amending import Move, effective, interspersed, moves
from tests.bakery import rows_of
from tests.kpis import chance, commerce
from tests.log.test_amendments import Desk

SETTINGS = Settings(as_of="2025-03-15", params=commerce.PARAMS)
KPIS = {
    "win_rate",  # a ratio of what was closed
    "nps",  # the latest answer of each
    "gross_revenue_retention",  # anchored to windows
    "sales_revenue",  # a sum
    "contact_gap_days",
    "customer_interaction_time",  # active months below the line
}


@cache
def histories(registry: Registry) -> list[list[NewEvent]]:
    """Return a few invented histories, in the order in which things happened."""
    intake = Intake(registry, SETTINGS.calendar.time_zone, lambda: NOW)
    found = []
    for seed in range(3):
        lines = [*chance.lines(seed=seed, accounts=2), *commerce.lines(seed=seed, accounts=2)]
        lines.sort(key=lambda line: str(json.loads(line)["occurred_at"]))
        admission = intake.admit(b"\n".join(lines))
        assert not admission.rejections
        found.append(admission.events)
    return found


def replayed(
    registry: Registry, courier: Courier, folder: Path, batches: Iterable[Sequence[NewEvent]]
) -> list[tuple[object, ...]]:
    """Append and replay batch by batch, through the door; return every value."""
    workspace = Workspace(Path(tempfile.mkdtemp(dir=folder)))
    intake = Intake(registry, SETTINGS.calendar.time_zone, lambda: NOW)
    log = SQLiteEventLog(workspace.log_path, lambda: NOW)
    desk = Desk(log, intake, workspace.root)
    for batch in batches:
        assert desk.take(*map(line_of, batch)).failures == 0
        measured = narrowed(registry, KPIS, SETTINGS)
        assert Replayer(workspace, measured, SETTINGS, courier).replay(NOW).parked == {}
    return rows_of(workspace.values_path)


@settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data(), moves=moves, seed=st.integers(0, 2))
def test_step_by_step_or_never_said_otherwise_the_values_are_the_same(
    data: st.DataObject,
    moves: list[Move],
    seed: int,
    registry: Registry,
    tmp_path: Path,
    courier: Courier,
) -> None:
    """A replay after each batch, one of the whole log, and one of what counts in the end."""
    assert registry.kpis.keys() >= KPIS
    log = interspersed(histories(registry)[seed], moves)
    first, last = sorted(data.draw(st.tuples(*[st.integers(1, len(log))] * 2)))
    batches = [log[:first], log[first:last], log[last:]]
    by_steps = replayed(registry, courier, tmp_path, [b for b in batches if b])
    assert by_steps == replayed(registry, courier, tmp_path, [log])
    assert by_steps == replayed(registry, courier, tmp_path, [effective(log)])
    assert len(by_steps) > 100
