from __future__ import annotations

import datetime as dt
from typing import Any, TypeAlias

import msgspec
import pytest

from kam_events.simulation import lines
from kamengine.hookspecs import SimulationPlan

Event: TypeAlias = dict[str, Any]

PLAN = SimulationPlan(accounts=60, managers=8, teams=3, years=3, events=40_000)


@pytest.fixture(scope="session")
def plan() -> SimulationPlan:
    return PLAN


@pytest.fixture(scope="session")
def written() -> list[bytes]:
    return list(lines(PLAN))


@pytest.fixture(scope="session")
def events(written: list[bytes]) -> list[Event]:
    return [msgspec.json.decode(line) for line in written]


def instant(event: Event) -> dt.datetime:
    return dt.datetime.fromisoformat(event["occurred_at"])
