"""What every section of the YAML is made of: kinds of words, and the days on which they hold."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Annotated, Literal, TypeAlias

import msgspec
from msgspec import Meta

from kamengine.periods import Kind, Window

Text: TypeAlias = Annotated[str, Meta(min_length=1)]
KPIId: TypeAlias = Annotated[str, Meta(extra={"check": "kpi"})]
Weight: TypeAlias = Annotated[Decimal, Meta(extra={"check": "weight"})]
Level: TypeAlias = Annotated[Decimal, Meta(extra={"percent": True})]
Tier: TypeAlias = Annotated[str, Meta(extra={"check": "tier"})]
Segment: TypeAlias = Annotated[str, Meta(extra={"check": "segment"})]
Size: TypeAlias = Annotated[str, Meta(extra={"check": "size"})]
GoalPeriod: TypeAlias = Annotated[str, Meta(extra={"check": "goal_period"})]
Months: TypeAlias = Annotated[int, Meta(ge=0)]
Count: TypeAlias = Annotated[int, Meta(ge=0)]

Carrier: TypeAlias = Literal["account", "manager", "team", "organisation"]
"""Who can have a scorecard."""

CARRIERS: tuple[Carrier, ...] = ("account", "manager", "team", "organisation")

Audience: TypeAlias = Literal["internal", "client-facing"]
"""Who reads a scorecard; a subject may have one for each."""

AUDIENCES: tuple[Audience, ...] = ("internal", "client-facing")


class When(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked of config that changes over time: the scored period, and the day that decides.

    A period is scored with what holds on its last day, as it is with the attributes that its
    accounts have then. A period still open has "as of" for its last day.

    Attributes:
        day: The day that decides.
        start: The first day of the period.
        period: As written on the command line; None where no period is meant.
        kind: Which sort of period it is.
    """

    day: dt.date
    start: dt.date | None = None
    period: str | None = None
    kind: Kind | None = None

    @classmethod
    def of(cls, window: Window) -> When:
        """Return what decides how a window is scored."""
        last = window.end - dt.timedelta(days=1)
        return cls(day=last, start=window.start, period=window.period, kind=window.kind)

    def changed_inside(self, held: Held) -> dt.date | None:
        """Return the day inside the period, if any, on which something began or ceased to hold."""
        edges = [edge for edge in (held.since, held.until) if edge is not None]
        first = self.start or self.day
        return next((edge for edge in edges if first < edge <= self.day), None)


class Section(msgspec.Struct, frozen=True, kw_only=True):
    """A mapping in YAML whose keys are known."""


class Held(Section, frozen=True, kw_only=True):
    """What may hold for a time only.

    Attributes:
        since: ``from``: the first day on which it holds; always so far where it is left out.
        until: The first day on which it holds no more; for good where it is left out.
    """

    since: dt.date | None = msgspec.field(name="from", default=None)
    until: dt.date | None = None

    def holds_on(self, day: dt.date) -> bool:
        """Tell whether it holds on a day: from ``from``, and before ``until``."""
        begun = self.since is None or self.since <= day
        return begun and (self.until is None or day < self.until)

    def meets(self, other: Held) -> bool:
        """Tell whether there is a day on which both hold."""
        return _before(self.since, other.until) and _before(other.since, self.until)

    def covers(self, other: Held) -> bool:
        """Tell whether it holds on every day on which another does."""
        begins = self.since is None or (other.since is not None and self.since <= other.since)
        ends = self.until is None or (other.until is not None and other.until <= self.until)
        return begins and ends


def _before(start: dt.date | None, end: dt.date | None) -> bool:
    return start is None or end is None or start < end
