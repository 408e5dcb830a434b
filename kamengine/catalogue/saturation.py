"""Touch saturation: with which touch deals are won, and from which on they are won less often.

Of the deals that got a certain touch, some were won with it. That share is shown with its 95 %
interval (Wilson's, which holds for few deals as well), for all channels and for each. The touch
with the largest share is the peak, of those that enough deals got; the first one behind it with a
smaller share is flagged, since seed 2 asks for the number of touches beyond which conversion falls.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import groupby
from statistics import NormalDist
from typing import Literal, TypeAlias

import msgspec

from kamengine.errors import UnknownNameError
from kamengine.kpi import KPI, SubjectType
from kamengine.periods import Window
from kamengine.replay.reading import Reader
from kamengine.value import PartValue

Mark: TypeAlias = Literal["peak", "past the peak"]

EVERY_CHANNEL = "all"
ENOUGH = 5
"""Deals below which a share says too little to be the peak."""

MOST = 20
"""Touches after which a deal is an exception, whatever comes of it."""

CONFIDENCE = 0.95


class Count(msgspec.Struct, frozen=True, kw_only=True):
    """How many deals got a touch, and how many were won with it.

    Attributes:
        channel: Of the touch; ``all`` for whatever channel.
        touch: Its number on the deal, from 1.
        deals: Deals that got it.
        won: Deals won with it, without another one.
    """

    channel: str
    touch: int
    deals: int
    won: int


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """A touch number with its conversion.

    Attributes:
        count: What it is made of.
        share: Won of all that got the touch.
        low: The lower end of the interval.
        high: The upper end.
        mark: The peak, or the first touch past it.
        clear: For the touch past the peak, whether the two intervals are apart; None elsewhere.
    """

    count: Count
    share: Fraction
    low: float
    high: float
    mark: Mark | None = None
    clear: bool | None = None


def saturation(
    counts: Iterable[Count], enough: int = ENOUGH, most: int | None = MOST
) -> list[Step]:
    """Return every touch number's conversion, channel by channel, with the peak and what follows.

    Args:
        counts: One for each channel and touch number.
        enough: Deals below which a touch can't be the peak. Of equal ones the earlier is.
        most: The last touch that is looked at; None for all.
    """
    ordered = sorted(
        (count for count in counts if count.deals and (most is None or count.touch <= most)),
        key=lambda count: (count.channel != EVERY_CHANNEL, count.channel, count.touch),
    )
    found: list[Step] = []
    for _, steps in groupby(map(_step, ordered), key=lambda step: step.count.channel):
        found += _marked(list(steps), enough)
    return found


def wilson(won: int, deals: int, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Return the interval in which a share lies, after Wilson (1927).

    Args:
        won: Successes.
        deals: Trials, at least one.
        confidence: How sure to be, between 0 and 1.
    """
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    share, z2 = won / deals, z * z
    middle = (share + z2 / (2 * deals)) / (1 + z2 / deals)
    half = z / (1 + z2 / deals) * math.sqrt(share * (1 - share) / deals + z2 / (4 * deals**2))
    return max(0.0, middle - half), min(1.0, middle + half)


def counts_of(
    reader: Reader, kpi: KPI, subject_type: SubjectType, window: Window, subject: str
) -> list[Count]:
    """Count touches and wins by number, and by channel and number, from a KPI's evidence.

    Args:
        reader: Reads what was replayed.
        kpi: A ratio whose evidence has a touch in each row, its number as ``item`` and its
            channel as ``part``.
        subject_type: The grain.
        window: The period in which the deals were decided.
        subject: Whose deals.

    Raises:
        UnknownNameError: Its evidence isn't of that form.
    """
    whole = reader.parts(kpi, subject_type, [window], ("item",), subject)
    split = reader.parts(kpi, subject_type, [window], ("part", "item"), subject)
    told = [(f"{EVERY_CHANNEL} {value.part}", value) for value in whole]
    told += [(value.part or "", value) for value in split]
    return [_count(name, value, kpi) for name, value in told]


def _count(name: str, value: PartValue, kpi: KPI) -> Count:
    channel, _, touch = name.rpartition(" ")
    if not touch.isdecimal():
        raise UnknownNameError(
            "The evidence of this KPI isn't numbered touches",
            value=kpi.id,
            hint="each row needs the touch's number as `item` and its channel as `part`",
        )
    return Count(
        channel=channel,
        touch=int(touch),
        deals=int(value.denominator or 0),
        won=int(value.numerator or 0),
    )


def _step(count: Count) -> Step:
    low, high = wilson(count.won, count.deals)
    return Step(count=count, share=Fraction(count.won, count.deals), low=low, high=high)


def _marked(steps: Sequence[Step], enough: int) -> list[Step]:
    able = [step for step in steps if step.count.deals >= enough and step.count.won]
    if not able:
        return list(steps)
    peak = max(able, key=lambda step: (step.share, -step.count.touch))
    later = (step for step in steps if step.count.touch > peak.count.touch)
    past = next((step for step in later if step.share < peak.share), None)
    marks: dict[int, Step] = {peak.count.touch: msgspec.structs.replace(peak, mark="peak")}
    if past is not None:
        clear = past.high < peak.low
        flagged = msgspec.structs.replace(past, mark="past the peak", clear=clear)
        marks[past.count.touch] = flagged
    return [marks.get(step.count.touch, step) for step in steps]
