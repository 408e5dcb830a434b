"""What holds for the whole catalogue, whatever happened: histories and deliveries at random.

A history is drawn event by event out of a pool that holds what no plausible life does.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import TypeAlias

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from kamengine.courier.client import Courier
from kamengine.kpi import SUBJECT_TYPES, Formula, SubjectType
from kamengine.log.intake import Intake
from kamengine.log.sqlite import SQLiteEventLog
from kamengine.plugins import Registry
from kamengine.replay.reading import Reader
from kamengine.replay.replay import Replayer
from kamengine.settings import Settings
from kamengine.testing.cases import NOW
from kamengine.value import Value
from kamengine.workspace import Workspace
from tests.kpis import chance, encounters, hazards, schooling
from tests.kpis.tally import Event

SETTINGS = Settings(as_of="2025-03-15")
ACCOUNTS, PUPILS = 4, 4
FIRST = "2023-01-01T00:00:00+00:00"
TEAMS = {"north": "nora", "south": "sam"}
"""Each team has one manager, who owns every other account from the first day on."""

NAMED = ("touch_id", "thread_id", "response_id")
"""What several managers may speak of where no account tells whose it is."""

RATE: Event = {
    "id": "rate",
    "type": "fx.rate_set",
    "manager_id": None,
    "occurred_at": FIRST,
    "data": {"from_currency": "EUR", "to_currency": "USD", "rate": "1.25"},
}

Told: TypeAlias = Mapping[tuple[str, SubjectType, str, str], Value]
Play: TypeAlias = Callable[..., Told]
"""Plays batches of events in an empty workspace; returns every value of every KPI."""


def _pool() -> list[Event]:
    lines = [
        *chance.lines(seed=1, accounts=ACCOUNTS),
        *encounters.lines(seed=1, accounts=ACCOUNTS),
        *hazards.lines(seed=1, accounts=ACCOUNTS),
        *schooling.lines(seed=1, managers=PUPILS),
    ]
    return sorted((json.loads(line) for line in lines), key=lambda event: str(event["id"]))


POOL = _pool()
HISTORIES = st.lists(st.booleans(), min_size=len(POOL), max_size=len(POOL)).map(
    lambda chosen: [event for event, is_in in zip(POOL, chosen, strict=True) if is_in]
)
"""About half of the pool; one that breaks a promise shrinks to the events that it takes."""

RARELY = settings(
    max_examples=5,
    deadline=None,
    derandomize=True,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
"""An example replays whole logs, which takes seconds: to shrink one would take half an hour."""


@pytest.fixture
def play(registry: Registry, courier: Courier) -> Play:
    def played(*batches: Sequence[Event]) -> Told:
        batches = ([RATE, *batches[0]], *batches[1:])
        with tempfile.TemporaryDirectory() as folder:
            return _play(Workspace(Path(folder)), registry, courier, batches)

    return played


def _play(
    workspace: Workspace, registry: Registry, courier: Courier, batches: Iterable[Sequence[Event]]
) -> Told:
    """Append and replay batch by batch."""
    log = SQLiteEventLog(workspace.log_path, lambda: NOW)
    for batch in batches:
        lines = b"\n".join(json.dumps(event).encode() for event in batch)
        admission = Intake(registry, SETTINGS.calendar.time_zone, lambda: NOW).admit(lines)
        assert not admission.rejections
        log.append(admission.events)
        replayed = Replayer(workspace, registry, SETTINGS, courier).replay(NOW)
        assert replayed.parked == {}
    reader = Reader(workspace, registry, SETTINGS)
    return {
        (value.kpi, value.subject_type, value.subject, value.period): value
        for kpi in registry.kpis.values()
        for grain in SUBJECT_TYPES
        for value in reader.book.values(kpi, grain)
    }


@st.composite
def deliveries(draw: st.DrawFn) -> tuple[list[Event], list[list[Event]]]:
    """Draw a history, and another way to deliver it: any order, pieces, and repetitions."""
    history, dice = draw(HISTORIES), draw(st.randoms())
    delivered = [*history, *dice.sample(history, len(history) // 4)]
    dice.shuffle(delivered)
    cut = draw(st.integers(0, len(delivered)))
    return history, [delivered[:cut], delivered[cut:]]


@RARELY
@given(deliveries())
def test_any_delivery_gives_the_same_values(
    play: Play, delivery: tuple[list[Event], list[list[Event]]]
) -> None:
    """Order, pieces and repetitions of what is delivered can't be seen in any value."""
    history, pieces = delivery
    assert _plain(play(*pieces)) == _plain(play(history))


@RARELY
@given(HISTORIES)
def test_what_is_a_share_or_a_score_stays_one(play: Play, history: list[Event]) -> None:
    """Gross retention is at most 1 and at most net; nobody back, churn and retention make 1; NPS
    stays within 100 points either way."""
    told = play(history)
    for key, gross in _values(told, "gross_revenue_retention"):
        net = told["net_revenue_retention", *key]
        assert _exact(gross) <= min(Fraction(1), _exact(net))
    for key, churn in _values(told, "customer_churn_rate"):
        both = _exact(churn) + _exact(told["retention_rate", *key])
        # whoever left and came back is in both; an account by itself is in one, or in both
        assert both >= 1
        assert key[0] != "account" or both in (1, 2)
    for _, score in _values(told, "nps"):
        assert -100 <= _exact(score) <= 100


@RARELY
@given(HISTORIES)
def test_a_team_is_the_union_of_its_accounts(
    play: Play, registry: Registry, history: list[Event]
) -> None:
    """A team's values are those of an organisation to which nothing else ever happened."""
    owned = [*_openings(), *_owned(history)]
    told = play(owned)
    # what happens to the organisation alone, as visits to its website do, is no team's
    owned_kpis = {kpi_id for kpi_id, grain, _, _ in told if grain in {"account", "manager"}}
    for team, manager in TEAMS.items():
        alone = play([event for event in owned if event["manager_id"] in (manager, None)])
        expected = {
            (kpi_id, period): value
            for (kpi_id, grain, _, period), value in alone.items()
            if grain == "organisation"
        }
        found = {
            (kpi_id, period): value
            for (kpi_id, grain, subject, period), value in told.items()
            if (grain, subject) == ("team", team)
        }
        for key, value in found.items():
            if _is_its_own(registry, key[0]):
                assert (key, _numbers(value)) == (key, _numbers(expected[key]))
        counted = {key for key, value in expected.items() if value.count and key[0] in owned_kpis}
        assert counted <= found.keys()


def test_a_pooled_nps_is_not_the_mean_of_its_parts(play: Play) -> None:
    """One account with a promoter and one with three detractors: -50 in all, not the mean, 0."""
    told = play([_answer("a", 0, 10), *(_answer("b", n, 0) for n in range(3))])
    of = {
        key[1]: _exact(value)
        for key, value in _values(told, "nps")
        if key[2] == "2024-Q1" and key[0] in ("account", "organisation")
    }
    assert of == {"a": 100, "b": -100, "organisation": -50}
    assert of["organisation"] != (of["a"] + of["b"]) / 2


def _answer(account: str, number: int, score: int) -> Event:
    return {
        "id": f"{account}-{number}",
        "type": "survey.responded",
        "account_id": account,
        "occurred_at": "2024-02-01T00:00:00+00:00",
        "data": {"kind": "nps", "score": score, "contact_id": f"c{number}"},
    }


def _openings() -> Iterator[Event]:
    """Yield what puts every account and every pupil under one of the managers, and into a team."""
    for team, manager in TEAMS.items():
        yield _first("manager.team_assigned", None, manager, team=team)
    for number in range(ACCOUNTS):
        account = f"chance-{number}"
        yield _first("account.owner_assigned", account, _owner(account))


def _first(name: str, account: str | None, manager: str, **data: object) -> Event:
    return {
        "id": f"first {name} {account} {manager}",
        "type": name,
        "account_id": account,
        "manager_id": manager,
        "occurred_at": FIRST,
        "data": data,
    }


def _owned(history: Iterable[Event]) -> Iterator[Event]:
    """Yield the events as they are with one owner for each account, who never leaves."""
    for event in history:
        name, account = event["type"], event.get("account_id")
        anonymous = account is None and any(event["data"].get(name) for name in NAMED)
        if not (anonymous or name.startswith(("manager.", "account."))):
            yield event | {"account_id": account, "manager_id": _owner(_belongs_to(event))}


def _belongs_to(event: Event) -> str:
    """Return what an event belongs to: an account, the deal that has one in its name, a person."""
    deal = event["data"].get("deal_id")
    return str(event.get("account_id") or deal or event.get("manager_id") or event["id"])


def _owner(whose: str) -> str:
    return list(TEAMS.values())[int(whose[-1]) % len(TEAMS)]


def _is_its_own(registry: Registry, kpi_id: str) -> bool:
    """Whether a KPI speaks of its subject alone, and not of the whole organisation beside it."""
    value = registry.kpi(kpi_id).value
    return not isinstance(value, Formula) or all(
        operand.of == "subject" for operand in value.operands.values()
    )


def _values(told: Told, kpi_id: str) -> Iterator[tuple[tuple[SubjectType, str, str], Value]]:
    for (found, grain, subject, period), value in told.items():
        if found == kpi_id and value.status == "ok":
            yield (grain, subject, period), value


def _plain(told: Told) -> dict[tuple[str, SubjectType, str, str], tuple[object, ...]]:
    return {key: _numbers(value) for key, value in told.items()}


def _numbers(value: Value) -> tuple[Decimal | None, Decimal | None, int, float | None, str, object]:
    return (
        value.numerator,
        value.denominator,
        value.count,
        value.value,
        value.status,
        value.reason,
    )


def _exact(value: Value) -> Fraction:
    assert value.numerator is not None
    assert value.denominator is not None
    return Fraction(value.numerator) / Fraction(value.denominator)
