"""Why a number moved, in parts that add up to the whole.

Both ends and every state between them are computed by the same replay, each with one cause more
than the one before: first the days that went by, then the events (new, late, corrections,
ownership), then the definition, then targets and weights. What a step moves is the part of its
cause. The order decides how an effect of two causes together is shared out; it is always the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise

import msgspec

from kamengine.history.restatements import rounded
from kamengine.history.standpoint import Endpoint, History
from kamengine.history.way import Asked, Stop, Way

MOST = 1_000
"""Events that are named for one cause."""


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """What one cause did, or several that can't be told apart.

    Attributes:
        cause: The cause, in words.
        was: The number before it; None where there was none.
        becomes: The number after it, likewise.
        difference: What it moved, with six digits after the point.
        events: The events behind it.
        detail: The definitions, or the days, behind it.
    """

    cause: str
    was: Decimal | None
    becomes: Decimal | None
    difference: Decimal | None
    events: tuple[str, ...] = ()
    detail: tuple[str, ...] = ()


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """Why a number is another one.

    Attributes:
        asked: Which number.
        start: From where, in words.
        end: To where, in words.
        was: The number there; None where there was none.
        becomes: The number here, likewise.
        difference: Here less there: the sum of the parts, to the last digit.
        parts: In the order in which they are added.
    """

    asked: Asked
    start: str
    end: str
    was: Decimal | None
    becomes: Decimal | None
    difference: Decimal | None
    parts: tuple[Part, ...]


def difference(history: History, asked: Asked, start: Endpoint, end: Endpoint) -> Difference:
    """Split the difference of a number between two ends into its causes.

    Args:
        history: The workspace's past.
        asked: The number.
        start: Where the difference starts.
        end: Where it ends; it may know less of the log than the start does.

    Raises:
        ReplayError: A state between them can't be made.
    """
    backwards = start.moment.position > end.moment.position
    way = Way(history, asked, *((end, start) if backwards else (start, end)))
    stops = list(way.stops())
    numbers = [rounded(stop.number(asked)) for stop in stops]
    parts = list(_parts(way, stops, numbers))
    if backwards:
        parts = [_turned(part) for part in reversed(parts)]
        numbers.reverse()
    return Difference(
        asked=asked,
        start=start.name,
        end=end.name,
        was=numbers[0],
        becomes=numbers[-1],
        difference=_less(numbers[-1], numbers[0]),
        parts=tuple(parts),
    )


def _parts(way: Way, stops: list[Stop], numbers: list[Decimal | None]) -> Iterator[Part]:
    """Yield what each step moved; one into a stop without a number is joined with the next."""
    ends = [0, *(i for i in range(1, len(stops)) if numbers[i] is not None)]
    if ends[-1] != len(stops) - 1:
        ends.append(len(stops) - 1)
    for one, other in pairwise(ends):
        was, becomes = numbers[one], numbers[other]
        if was == becomes:
            continue
        steps = stops[one + 1 : other + 1]
        kinds = [step.kind for step in steps if step.kind is not None]
        events = [e for kind in kinds for e in way.events(stops[one], stops[other], kind)]
        yield Part(
            cause=" and ".join(step.cause for step in steps),
            was=was,
            becomes=becomes,
            difference=_less(becomes, was),
            events=tuple(events[:MOST]),
            detail=tuple(line for step in steps for line in step.detail),
        )


def _turned(part: Part) -> Part:
    """Return a part as it is when the way is gone backwards."""
    return msgspec.structs.replace(
        part,
        was=part.becomes,
        becomes=part.was,
        difference=None if part.difference is None else -part.difference,
    )


def _less(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    return None if one is None or other is None else one - other
