from __future__ import annotations

import datetime as dt
import random
import sqlite3
from array import array
from collections import defaultdict
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from benchmarks.fold.fold import Fold
from benchmarks.selection import FOUNDATION, packs
from kam_events.simulation import lines
from kamengine.courier.client import Courier
from kamengine.engine.evidence import evidence_table
from kamengine.engine.session import Session
from kamengine.hookspecs import SimulationPlan
from kamengine.log.intake import Intake
from kamengine.log.sqlite import SQLiteEventLog
from kamengine.periods import Calendar
from kamengine.replay import graph as graphs
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
STANDING = {
    "nps",
    "key_account_score",
    "issue_resolution_time_p50",
    "issue_resolution_time_p90",
} | {
    "time_to_close_p50",
    "time_to_close_p90",
}
"""KPIs of which only the last rows count, or that share another one's rows."""


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


def engine_evidence(folder: Path) -> dict[str, list[int]]:
    """Return the events behind each KPI whose rows are placed by their own moment."""
    settings = Settings(kinds=("month",), as_of="2025-12-31")
    graph = graphs.build(packs("foundation"), settings)
    timed = [k for k, node in graph.kpis.items() if node.text and not node.anchored]
    (path,) = (folder / "state").glob("*.duckdb")
    with Session(path, settings.calendar, read_only=True) as session:
        return {
            kpi: [
                row[0]
                for row in session.rows(f"""
                    SELECT unnest(list_concat([event_id], coalesce(more_events, []))) AS event
                    FROM {evidence_table(kpi)}
                    WHERE occurred_at >= '2024-01-01' AND occurred_at < '2026-01-01'
                    ORDER BY event
                """)
            ]
            for kpi in timed
            if kpi not in STANDING
        }


def folded_evidence(file: Path) -> dict[str, list[int]]:
    connection = sqlite3.connect(file)
    found: defaultdict[str, list[int]] = defaultdict(list)
    for kpi, events in connection.execute("SELECT kpi, events FROM evidence"):
        found[kpi] += array("q", events)
    connection.close()
    return {kpi: sorted(events) for kpi, events in found.items()}


def test_the_same_events_are_behind_the_values(
    tmp_path: Path, events: list[dict[str, Any]]
) -> None:
    """Whatever is placed by its own moment names each event as often as the engine does."""
    settings = Settings(kinds=("month",), as_of="2025-12-31")
    engine_values(tmp_path, events, settings)
    folded_values(tmp_path / "fold.db", list(enumerate(events, 1)), settings)
    engine, folded = engine_evidence(tmp_path), folded_evidence(tmp_path / "fold.db")
    assert len(engine) >= 8
    assert {kpi: folded[kpi] for kpi in engine} == engine


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
