from __future__ import annotations

import datetime as dt
import hashlib
import tracemalloc
from collections import Counter
from itertools import pairwise

import msgspec
import pytest

from kam_events.simulation import SIMULATIONS, lines
from kamengine.hookspecs import SimulationPlan
from tests.simulation.conftest import Event, instant


def digest(plan: SimulationPlan) -> str:
    return hashlib.sha256(b"\n".join(lines(plan))).hexdigest()


def share(events: list[Event], *prefixes: str) -> float:
    return len([e for e in events if str(e["type"]).startswith(prefixes)]) / len(events)


def test_the_same_plan_gives_the_same_bytes(plan: SimulationPlan, written: list[bytes]) -> None:
    """Two runs of one plan give the same lines to the byte."""
    assert digest(plan) == hashlib.sha256(b"\n".join(written)).hexdigest()


def test_another_seed_gives_another_history(plan: SimulationPlan, written: list[bytes]) -> None:
    """A plan that differs in its seed alone gives other lines."""
    other = msgspec.structs.replace(plan, seed=8)
    assert digest(other) != hashlib.sha256(b"\n".join(written)).hexdigest()


def test_the_simulation_is_offered_under_a_name(written: list[bytes], plan: SimulationPlan) -> None:
    """What is registered is what was tested."""
    (simulation,) = SIMULATIONS
    assert simulation.name == "organisation"
    assert next(simulation.lines(plan)) == written[0]


@pytest.mark.parametrize(
    "size",
    [
        SimulationPlan(),
        SimulationPlan(accounts=60, managers=8, teams=3, years=3, events=40_000),
        SimulationPlan(accounts=400, managers=20, teams=5, years=5, events=300_000),
        SimulationPlan(accounts=12, managers=2, teams=1, years=1, events=3_000, seed=1),
        SimulationPlan(accounts=1, managers=1, teams=1, years=1, events=2_000, seed=3),
    ],
    ids=lambda plan: f"{plan.accounts} accounts",
)
def test_as_many_events_come_as_were_planned(size: SimulationPlan) -> None:
    """The number of events is the plan's within three per cent."""
    assert sum(1 for _ in lines(size)) == pytest.approx(size.events, rel=0.03)


def test_events_come_in_the_order_in_which_they_occurred(events: list[Event]) -> None:
    """No event occurred before the one that is written before it."""
    assert all(a["occurred_at"] <= b["occurred_at"] for a, b in pairwise(events))


def test_no_event_lies_outside_the_planned_years(events: list[Event], plan: SimulationPlan) -> None:
    """All events, and all replies that they speak of, lie within the plan's years."""
    first = dt.datetime.fromisoformat(plan.first_day).replace(tzinfo=dt.UTC)
    end = first.replace(year=first.year + plan.years)
    assert first <= instant(events[0])
    assert instant(events[-1]) < end
    replies = [e["data"]["replied_at"] for e in events if "replied_at" in e["data"]]
    assert replies
    assert max(map(dt.datetime.fromisoformat, replies)) < end


def test_a_history_may_start_within_a_month_and_on_a_leap_day() -> None:
    """A first day of 29 February works, and the history ends before 1 March of the last year."""
    plan = SimulationPlan(
        accounts=20, managers=4, teams=2, years=1, events=5_000, first_day="2024-02-29"
    )
    history = [msgspec.json.decode(line) for line in lines(plan)]
    assert history[0]["occurred_at"].startswith("2024-02-29")
    assert history[-1]["occurred_at"] < "2025-03-01"


def test_every_id_is_given_once(events: list[Event]) -> None:
    """No two events share an id."""
    assert len({e["id"] for e in events}) == len(events)


def test_nothing_says_when_it_was_recorded(events: list[Event]) -> None:
    """The log alone sets recorded_at."""
    keys = {"id", "type", "account_id", "manager_id", "occurred_at", "source", "data"}
    assert {key for event in events for key in event} == keys


def test_families_come_in_believable_proportions(events: list[Event]) -> None:
    """Touches are about 55 % of all events, revenue about 12 %, and no family is missing."""
    assert 0.48 < share(events, "touch.") < 0.62
    assert 0.09 < share(events, "revenue.") < 0.15
    assert 0.03 < share(events, "deal.", "lead.", "campaign.", "propensity.") < 0.1
    assert 0.02 < share(events, "issue.") < 0.07
    assert 0.01 < share(events, "survey.") < 0.07
    assert 0.002 < share(events, "contract.") < 0.03


def test_events_are_spread_over_all_months(events: list[Event]) -> None:
    """Every month of the three years has between half and twice the average."""
    months = Counter(e["occurred_at"][:7] for e in events)
    assert len(months) == 36
    assert min(months.values()) > len(events) / 36 / 2
    assert max(months.values()) < len(events) / 36 * 2


def test_memory_does_not_grow_with_the_number_of_events() -> None:
    """Ten times the events, over ten times the years, take less than three times the memory."""
    small = SimulationPlan(accounts=30, managers=4, teams=2, years=1, events=9_000)
    assert _peak(msgspec.structs.replace(small, years=10, events=90_000)) < 3 * _peak(small)


def _peak(plan: SimulationPlan) -> int:
    tracemalloc.start()
    try:
        for _ in lines(plan):
            pass
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
