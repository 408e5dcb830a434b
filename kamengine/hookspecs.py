"""What a plugin may register. Each hook is called once, when the plugin is loaded."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import msgspec
import pluggy

from kamengine.event import EventType
from kamengine.kpi import KPI
from kamengine.projection import Projection

PROJECT = "kamengine"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


class SimulationPlan(msgspec.Struct, frozen=True, kw_only=True):
    """How large a simulated organisation is to be.

    Attributes:
        seed: The same seed and plan give the same bytes.
        accounts: Number of accounts.
        managers: Number of key account managers.
        teams: Number of teams.
        first_day: ISO date of the first simulated day.
        years: Length of the history.
        events: About how many events to produce in all.
    """

    seed: int = 7
    accounts: int = 200
    managers: int = 20
    teams: int = 4
    first_day: str = "2023-07-01"
    years: int = 3
    events: int = 200_000


class Simulation(msgspec.Struct, frozen=True, kw_only=True):
    """A source of invented events, for demonstrations, benchmarks and tests.

    Attributes:
        name: How it is asked for.
        doc: What it simulates, in one sentence.
        lines: Given a plan, yields JSON lines without line ends, as `events append` takes
            them, in the order of ``occurred_at``.
    """

    name: str
    doc: str
    lines: Callable[[SimulationPlan], Iterator[bytes]]


@hookspec
def kamengine_event_types() -> Iterable[EventType]:  # type: ignore[empty-body]
    """Return the event types that this plugin adds to the vocabulary."""


@hookspec
def kamengine_projections() -> Iterable[Projection]:  # type: ignore[empty-body]
    """Return the projections that this plugin derives from facts."""


@hookspec
def kamengine_kpis() -> Iterable[KPI]:  # type: ignore[empty-body]
    """Return the KPIs that this plugin defines."""


@hookspec
def kamengine_simulations() -> Iterable[Simulation]:  # type: ignore[empty-body]
    """Return the simulated organisations that this plugin can invent."""
