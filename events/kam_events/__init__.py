"""The vocabulary of key account management: its event types and the projections over them."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain

from kam_events import (
    accounts,
    contracts,
    deals,
    learning,
    money,
    outcomes,
    outreach,
    people,
    plans,
    risk,
    simulation,
    surveys,
    touches,
)
from kamengine.event import EventType
from kamengine.hookspecs import Simulation, hookimpl
from kamengine.projection import Projection

FAMILIES = (
    *(accounts, people, touches, plans, outcomes, deals, outreach, money, contracts, risk),
    *(surveys, learning),
)

kamengine_api = "1.0"


@hookimpl
def kamengine_event_types() -> Iterable[EventType]:
    """Register every event type."""
    return chain.from_iterable(family.EVENT_TYPES for family in FAMILIES)


@hookimpl
def kamengine_projections() -> Iterable[Projection]:
    """Register every projection."""
    return chain.from_iterable(family.PROJECTIONS for family in FAMILIES)


@hookimpl
def kamengine_simulations() -> Iterable[Simulation]:
    """Register the organisation that can be invented."""
    return simulation.SIMULATIONS
