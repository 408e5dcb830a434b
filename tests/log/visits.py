"""A tiny vocabulary of the tests' own, so that they don't move with the real one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from typing import Annotated, Literal

import msgspec

from kamengine.event import EventData, EventType, Upcast
from kamengine.hookspecs import hookimpl


class VisitNoted(EventData, frozen=True, kw_only=True):
    """A visit, with a field of each kind."""

    channel: Literal["office", "video", "fair"]
    minutes: Annotated[int, msgspec.Meta(ge=0)] | None = None
    people: tuple[str, ...] = ()
    ended_at: dt.datetime | None = None
    follow_up_on: dt.date | None = None
    rating: Annotated[int, msgspec.Meta(ge=1, le=5)] | None = None
    calls: int = 0
    useful: bool = True

    def __post_init__(self) -> None:
        if self.channel == "fair" and not self.people:
            raise ValueError("a visit at a fair needs people")
        if self.minutes == 666:
            raise KeyError("a mistake in the pack itself")


class FeeChargedV1(EventData, frozen=True, kw_only=True):
    """What a fee was, once."""

    cents: int


class FeeCharged(EventData, frozen=True, kw_only=True):
    """What a fee is."""

    amount: Decimal
    parts: dict[str, Decimal] = msgspec.field(default_factory=dict)


class BadgeLost(EventData, frozen=True, kw_only=True):
    """Nothing to say."""


@hookimpl
def kamengine_event_types() -> Iterable[EventType]:
    """Return the types that the tests use."""
    return (
        EventType(name="visit.noted", data=VisitNoted, doc="Somebody went.", account="optional"),
        EventType(
            name="fee.charged",
            data=FeeCharged,
            doc="Money was asked for.",
            version=2,
            upcasts=(Upcast(version=1, data=FeeChargedV1, columns={"amount": "cents / 100"}),),
        ),
        EventType(
            name="badge.lost", data=BadgeLost, doc="Gone.", account="none", manager="required"
        ),
    )
