"""Numbers, days and directions as pages and terminals write them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from fractions import Fraction
from typing import Literal, TypeAlias

from kamengine.config.resolved import RemovedKPI
from kamengine.kpi import Direction
from kamengine.periods import Calendar, Window
from kamengine.report.readings import PERIODS, Number, Point, Reading
from kamengine.scorecard.card import Line, Scorecard
from kamengine.value import shown

Standing: TypeAlias = Literal["green", "amber", "red"]
"""How good a value is: at or above its target, some way there, or far from it."""

STANDINGS: dict[str, tuple[str, str]] = {
    "green": ("●", "On target"),
    "amber": ("▲", "Near target"),
    "red": ("■", "Off target"),
    "": ("○", "Not rated"),
}
"""For each standing a shape and words: colour alone says nothing to many."""

NOTHING, MINUS = "\N{EN DASH}", "\N{MINUS SIGN}"
BARS = "▁▂▃▄▅▆▇█"
GAP = "·"
FEW = 2
"""Managers whose tenure is written out."""


def standing(line: Line) -> Standing | Literal[""]:
    """Return how good a line's value is; nothing where that can't be said."""
    return line.colour or ""


def signed(difference: Fraction | None, unit: str = "") -> str:
    """Write a difference with its sign; that of ratios in percentage points."""
    if difference is None:
        return NOTHING
    percent = unit.startswith("%")
    text = shown(abs(float(difference)), unit).removesuffix(" %")
    if difference and not text.strip("0.,"):  # too small for the usual digits
        text = f"{abs(float(difference)) * (100 if percent else 1):.1g}"
    sign = "+" if difference > 0 else MINUS if difference < 0 else "±"
    return f"{sign}{text}" + (" pp" if percent else "")


def points(difference: Fraction | None) -> str:
    """Write a difference in points of the score, always with as many digits."""
    if difference is None:
        return NOTHING
    return f"{MINUS if difference < 0 else '+'}{abs(float(difference)):.2f}"


def arrow(difference: Fraction | None) -> str:
    """Return the way that a value went, as a shape."""
    if difference is None:
        return ""
    return "↑" if difference > 0 else "↓" if difference < 0 else "→"


def judgement(difference: Fraction | None, better: Direction | None) -> str:
    """Say whether a difference is for the better; nothing where that depends."""
    if not difference or better not in {"higher", "lower"}:
        return "unchanged" if difference == 0 else ""
    return "better" if (difference > 0) == (better == "higher") else "worse"


def day(moment: dt.datetime, calendar: Calendar) -> dt.date:
    """Return the local day of a moment; what counts at the end of a period is of its last day."""
    return calendar.local_date(moment - dt.timedelta(microseconds=1))


def age(moment: dt.datetime | None, window: Window, calendar: Calendar) -> str:
    """Say how many days before the end of its period the newest event lies."""
    if moment is None:
        return "no event"
    days = (day(window.t1, calendar) - calendar.local_date(moment)).days
    if days <= 0:
        return "on the last day"
    return f"{days:,} day{'s' if days > 1 else ''} before the end"


def bars(points: tuple[Point, ...]) -> str:
    """Draw a trend in one line of text."""
    known = [point.value for point in points if point.value is not None]
    if not known:
        return ""
    low, high = min(known), max(known)
    step = (high - low) / (len(BARS) - 1) if high > low else 0

    def bar(value: float | None) -> str:
        if value is None:
            return GAP
        return BARS[round((value - low) / step)] if step else BARS[len(BARS) // 2]

    return "".join(bar(point.value) for point in points).rjust(PERIODS)


def in_words(number: Number) -> str:
    """Write a trend out, a period after the other."""
    unit = number.line.kpi.unit
    return "; ".join(
        f"{point.period}: {shown(point.value, unit) if point.value is not None else 'no value'}"
        for point in number.trend
    )


def score_text(score: float | None) -> str:
    """Write a score as it stands on a scorecard."""
    return NOTHING if score is None else f"{score:.1f}"


def scores_in_words(reading: Reading) -> str:
    """Write the trend of a score out, a period after the other."""
    return "; ".join(
        f"{point.period}: {'no score' if point.value is None else score_text(point.value)}"
        for point in reading.trend
    )


def scoring(card: Scorecard) -> Iterator[str]:
    """Say how a score was weighed, what is missing from it, and where colours begin."""
    if card.weighing and card.weighing.families:
        weights = card.weighing.families.items()
        said = ", ".join(f"{family} {float(weight):.4g}" for family, weight in weights if weight)
        yield f"weighed by tenure: {said}"
    yield f"missing: {card.policy}"
    if card.missing_share and card.score is not None:
        yield f"{float(card.missing_share):.0%} of the weight is left out"
    edges = card.edges
    yield (
        f"colours: red below {edges.amber_from:.0%} attained, amber from there, green from"
        f" {edges.green_from:.0%}; one once reached is kept to {edges.margin:.0%} below its edge"
    )


def stints(card: Scorecard) -> Iterator[str]:
    """Say whose days in which bands of tenure make the weights, where that takes few words."""
    found = card.weighing.stints if card.weighing else ()
    if len(found) == 1 or len({stint.service.manager for stint in found}) > FEW:
        return
    for stint in found:
        weights = ", ".join(f"{name} {float(w):g}" for name, w in stint.weights.items() if w)
        days = f"{stint.days} day{'s' if stint.days > 1 else ''}"
        yield f"{days} of {stint.service.manager} from month {stint.from_month} on: {weights}"


def removal(removed: RemovedKPI) -> str:
    """Say what the subject does without, why, who decided so, and until when."""
    origin = removed.origin
    until = f", until {origin.until}" if origin.until else ""
    by = f" ({origin.author}{until})" if origin.author else ""
    return f"Without {removed.id}: {origin.reason}{by}"


def whom(reading: Reading) -> str:
    """Write whose scorecard it is."""
    if reading.carrier == "organisation":
        return "The organisation"
    return f"{reading.carrier.capitalize()} {reading.subject}"
