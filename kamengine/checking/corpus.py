"""The events that a pack's numbers are tried on: its own cases, a simulation, and chance."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from kamengine.errors import KamengineError
from kamengine.hookspecs import SimulationPlan
from kamengine.log.intake import Intake
from kamengine.plugins import Registry
from kamengine.testing.cases import NOW, CaseFile
from kamengine.testing.invention import Event, Inventor
from kamengine.testing.organisation import invented

AS_OF = "2026-11-14"
"""A month before the simulation's last event, so that some windows are open, some to come."""

YEARS = ("2023", "2024", "2025", "2026")
"""Cases may tell of any year; each costs windows."""

PLAN = SimulationPlan(
    accounts=8, managers=3, teams=2, first_day="2025-12-15", years=1, events=1_200
)
LEAST, OF_EACH = 1_500, 40
"""Events by chance: at least so many, and of each type so many."""


def corpus(registry: Registry, files: Sequence[CaseFile]) -> list[Event]:
    """Return events of the types that a registry has, in the order of time.

    Args:
        registry: The packs, narrowed to the event types that matter.
        files: The cases whose events are to be among them, each in accounts of its own.
    """
    told = [*_of_cases(files), *_of_simulation(registry), *_of_chance(registry)]
    known = [event for event in told if event.get("type") in registry.fact_types]
    # what an inventor finds fit lies in its own past; cases and simulations go on after it
    intake = Intake(registry, ZoneInfo("UTC"), lambda: NOW)
    return sorted(
        (event for event in known if not intake.admit(msgspec.json.encode(event)).rejections),
        key=lambda event: (str(event["occurred_at"]), str(event["id"])),
    )


def _of_cases(files: Sequence[CaseFile]) -> Iterator[Event]:
    for file in files:
        for number, case in enumerate(file.cases, 1):
            prefix = f"{file.kpi}-{number}-"
            for position, event in enumerate(case.given):
                if str(event.get("occurred_at")).startswith(YEARS):
                    own = {"id": position} | dict(event)
                    yield {**_moved(own, prefix), "id": f"{prefix}{own['id']}"}


def _moved(value: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    """Let what has an id have another one in each case."""
    return {key: _renamed(key, item, prefix) for key, item in value.items()}


def _renamed(key: str, value: Any, prefix: str) -> Any:
    if isinstance(value, dict):
        return _moved(value, prefix)
    if key.endswith("_id") and isinstance(value, str):
        return f"{prefix}{value}"
    if key.endswith("_ids") and isinstance(value, list):
        return [f"{prefix}{item}" for item in value]
    return value


def _of_simulation(registry: Registry) -> Iterator[Event]:
    if registry.simulations:
        yield from invented(registry, PLAN)


def _of_chance(registry: Registry) -> Iterator[Event]:
    inventor, names = Inventor(registry, seed=1), []
    for name in sorted(registry.fact_types):
        try:
            inventor.event(name)
        except KamengineError:  # its payload refuses what chance makes; cases have to do
            continue
        names.append(name)
    if names:
        yield from inventor.history(names, max(LEAST, OF_EACH * len(names)))
