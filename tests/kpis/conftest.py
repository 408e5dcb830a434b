from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from decimal import Decimal

import msgspec
import pytest

from kam_events import simulation
from kamengine import plugins
from kamengine.courier.client import Courier
from kamengine.hookspecs import SimulationPlan
from kamengine.log.intake import Intake
from kamengine.log.sqlite import SQLiteEventLog
from kamengine.periods import Window
from kamengine.plugins import Registry
from kamengine.replay.reading import Reader
from kamengine.replay.replay import Replayer
from kamengine.scorecard.answers import Answers
from kamengine.settings import Settings
from kamengine.testing.cases import NOW, Case, config_of
from kamengine.workspace import Workspace
from tests.kpis import care, chance, commerce, encounters, hazards, ledger, programme, schooling
from tests.kpis.tally import Event, of_type

PLAN = SimulationPlan(accounts=30, managers=6, teams=2, years=2, events=8_000)
AS_OF = "2025-06-15"
"""Two weeks before the simulation's end, so that some windows are still open."""


class Simulated(msgspec.Struct, frozen=True, kw_only=True):
    """An invented organisation, replayed: its raw events, and the engine's values of them.

    Everybody in it has the scorecard of `programme`.
    """

    events: list[Event]
    windows: list[Window]
    reader: Reader
    answers: Answers


@pytest.fixture(scope="session")
def registry() -> Registry:
    return plugins.load()


@pytest.fixture(scope="session")
def courier() -> Iterator[Courier]:
    with Courier() as running:
        yield running


@pytest.fixture(scope="session")
def simulated(
    registry: Registry, courier: Courier, tmp_path_factory: pytest.TempPathFactory
) -> Simulated:
    workspace = Workspace(tmp_path_factory.mktemp("simulated"))
    settings = Settings(as_of=AS_OF, params=commerce.PARAMS)
    cut = settings.calendar.as_of(AS_OF, NOW)
    lines = [*simulation.lines(PLAN), *chance.lines(), *encounters.lines(), *commerce.lines()]
    lines += [*hazards.lines(), *schooling.lines(), *care.lines(), *ledger.lines()]
    admission = Intake(registry, settings.calendar.time_zone, lambda: NOW).admit(b"\n".join(lines))
    assert not admission.rejections
    SQLiteEventLog(workspace.log_path, lambda: NOW).append(admission.events)
    Replayer(workspace, registry, settings, courier).replay(NOW)
    events = _merged([_read(line) for line in lines])
    first = min(event["occurred_at"] for event in events)
    reader = Reader(workspace, registry, settings)
    scorecards = Case(name="the simulated organisation", expect=(), config=programme.CONFIG)
    return Simulated(
        events=events,
        windows=settings.calendar.windows(settings.kinds, first, cut),
        reader=reader,
        answers=Answers(reader, config_of(scorecards, workspace, registry)),
    )


def _read(line: bytes) -> Event:
    """Read an event as it was written, but for its time, and with decimals kept exact."""
    event: Event = json.loads(line, parse_float=Decimal)
    return (
        {"account_id": None, "manager_id": None}
        | event
        | {"occurred_at": dt.datetime.fromisoformat(event["occurred_at"])}
    )


def _merged(events: list[Event]) -> list[Event]:
    """Put the events of accounts that became part of another under that other one.

    What account they first spoke of stays beside it as ``record_id``.
    """
    merges = of_type(events, "account.merged")
    into = {event["account_id"]: event["data"]["into_account_id"] for event in merges}

    def final(account: str | None) -> str | None:
        while account in into:
            account = into[account]
        return account

    return [
        event | {"account_id": final(event["account_id"]), "record_id": event["account_id"]}
        for event in events
    ]
