from __future__ import annotations

import datetime as dt
import random
import sqlite3
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from benchmarks.fold.fold import Fold
from benchmarks.selection import FOUNDATION, packs
from kam_events.simulation import lines
from kamengine.courier.client import Courier
from kamengine.hookspecs import SimulationPlan
from kamengine.log.intake import Intake
from kamengine.log.sqlite import SQLiteEventLog
from kamengine.periods import Calendar
from kamengine.replay.replay import Replayer
from kamengine.settings import Settings
from kamengine.workspace import Workspace

PLAN = SimulationPlan(
    accounts=40, managers=8, teams=3, first_day="2024-01-01", years=2, events=8_000
)
NOW = dt.datetime(2026, 2, 1, tzinfo=dt.UTC)
VALUES = 'SELECT kpi, subject_type, subject, period, numerator, denominator, count, value FROM "{}"'
RARE = {"customers_won_and_lost"}
"""KPIs that may have nothing to count: few customers come and go within a month."""


@pytest.fixture(scope="module")
def events() -> list[dict[str, Any]]:
    return [msgspec.json.decode(line) for line in lines(PLAN)]


def engine_values(folder: Path, events: list[dict[str, Any]], settings: Settings) -> set[Any]:
    workspace, registry = Workspace(folder), packs("foundation")
    intake = Intake(registry, settings.calendar.time_zone)
    admitted = [intake.admit(msgspec.json.encode(event)).events[0] for event in events]
    SQLiteEventLog(workspace.log_path).append(admitted)
    with Courier() as courier:
        done = Replayer(workspace, registry, settings, courier).replay(NOW)
    assert done.parked == {}
    return stored(workspace.values_path)


def folded_values(file: Path, events: list[tuple[int, Any]], settings: Settings) -> set[Any]:
    calendar = settings.calendar
    cut = calendar.as_of(settings.as_of, NOW)
    fold = Fold(calendar.time_zone, cut, settings.reporting_currency)
    for position, event in events:
        fold.take(
            event["type"],
            event.get("account_id"),
            event.get("manager_id"),
            dt.datetime.fromisoformat(event["occurred_at"]),
            event["id"],
            position,
            event["data"],
        )
    fold.finish(file)
    return stored(file)


def stored(path: Path) -> set[Any]:
    connection = sqlite3.connect(path)
    rows = connection.execute(VALUES.format("values")).fetchall()
    connection.close()
    assert len(rows) == len(set(rows))
    return set(rows)


@pytest.mark.parametrize(
    ("zone", "as_of"),
    [("UTC", "2025-12-31"), ("America/New_York", "2025-11-17")],
    ids=["whole months in UTC", "local months, the last one cut"],
)
def test_the_fold_makes_the_values_that_the_engine_makes(
    tmp_path: Path, events: list[dict[str, Any]], zone: str, as_of: str
) -> None:
    """All KPIs, grains and months, to the last digit; and so whatever order events come in."""
    calendar = Calendar(time_zone=ZoneInfo(zone))
    settings = Settings(calendar=calendar, kinds=("month",), as_of=as_of)
    engine = engine_values(tmp_path, events, settings)
    in_order = list(enumerate(events, 1))
    folded = folded_values(tmp_path / "fold.db", in_order, settings)
    assert {row[0] for row in folded} >= set(FOUNDATION) - RARE
    assert {row[1] for row in folded} == {"account", "manager", "team", "segment", "organisation"}
    assert sorted(folded ^ engine, key=str)[:10] == []
    random.Random(3).shuffle(in_order)
    assert folded_values(tmp_path / "shuffled.db", in_order, settings) == folded
