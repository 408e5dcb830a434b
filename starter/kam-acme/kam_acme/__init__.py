"""What this pack adds to kamengine: hook implementations, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable

from kamengine import KPI, EventType, Projection, hookimpl

from kam_acme.visit_hours import VISIT_HOURS
from kam_acme.visits import VISIT_LOGGED, VISITS

kamengine_api = "1.0"
"""The version of the contract between engine and packs that this one was written for."""


@hookimpl
def kamengine_event_types() -> Iterable[EventType]:
    """Add to the vocabulary of events."""
    return [VISIT_LOGGED]


@hookimpl
def kamengine_projections() -> Iterable[Projection]:
    """Add the tables that are derived from events."""
    return [VISITS]


@hookimpl
def kamengine_kpis() -> Iterable[KPI]:
    """Add the KPIs."""
    return [VISIT_HOURS]
