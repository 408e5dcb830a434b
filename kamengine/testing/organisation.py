"""A small organisation with a year of invented history, to ask any KPI of."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import msgspec

from kamengine.courier.client import Courier
from kamengine.errors import UnknownNameError
from kamengine.hookspecs import SimulationPlan
from kamengine.kpi import SubjectType
from kamengine.months import add_months
from kamengine.periods import Window
from kamengine.plugins import Registry
from kamengine.settings import Settings
from kamengine.testing.story import Story

PLAN = SimulationPlan(accounts=12, managers=4, teams=2, years=1, events=3_000)


class Organisation(Story):
    """A story that is already told: a simulation's history, as of its last day but some.

    Two weeks are cut off the end, so that some windows are still open. More events may be told.

    Args:
        folder: An empty folder, its workspace.
        registry: The packs, one of which has a simulation.
        courier: Carries rows.
        plan: How large it is.

    Raises:
        UnknownNameError: No pack can invent an organisation.
    """

    def __init__(
        self,
        folder: Path,
        registry: Registry,
        courier: Courier,
        plan: SimulationPlan = PLAN,
    ) -> None:
        end = add_months(dt.date.fromisoformat(plan.first_day), 12 * plan.years)
        day = (end - dt.timedelta(days=15)).isoformat()
        super().__init__(folder, registry, courier, Settings(as_of=day))
        self.plan = plan
        self.events = invented(registry, plan)
        self.given(*self.events)

    @property
    def windows(self) -> list[Window]:
        """The months, quarters and years of its history."""
        calendar, first = self.settings.calendar, dt.date.fromisoformat(self.plan.first_day)
        cut = calendar.as_of(self.settings.as_of, dt.datetime.now(dt.UTC))
        return calendar.windows(self.settings.kinds, calendar.midnight(first), cut)

    def subjects(self, kpi_id: str, *, period: str, by: SubjectType = "account") -> list[str]:
        """Return whom a KPI has evidence of in a period."""
        return [value.subject for value in self.values(kpi_id, period=period, by=by)]


def invented(registry: Registry, plan: SimulationPlan = PLAN) -> tuple[dict[str, object], ...]:
    """Return the events that the first simulation found makes of a plan.

    Raises:
        UnknownNameError: No pack can invent an organisation.
    """
    simulation = next(iter(registry.simulations.values()), None)
    if simulation is None:
        raise UnknownNameError(
            "No loaded pack can invent an organisation",
            hint="`kamengine plugins list` says which packs are quarantined, and why",
        )
    decode = msgspec.json.Decoder(dict[str, object]).decode
    return tuple(decode(line) for line in simulation.lines(plan))
