"""Numbers, days and directions as pages and terminals write them."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from typing import Literal, TypeAlias

from kamengine.kpi import Direction
from kamengine.periods import Calendar, Window
from kamengine.report.readings import PERIODS, Number, Point, Reading
from kamengine.scorecard.card import Line
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

AMBER, GREEN = Fraction(1, 2), Fraction(1)
NOTHING, MINUS = "\N{EN DASH}", "\N{MINUS SIGN}"
BARS = "▁▂▃▄▅▆▇█"
GAP = "·"


def standing(line: Line) -> Standing | Literal[""]:
    """Return how good a line's value is; nothing where that can't be said."""
    return line.colour or ""


def standing_of_score(score: Fraction | None) -> Standing | Literal[""]:
    """Return how good a score is: 100 is what all targets together make."""
    return _standing(None if score is None else score / 100)


def _standing(attained: Fraction | None) -> Standing | Literal[""]:
    if attained is None:
        return ""
    if attained >= GREEN:
        return "green"
    return "amber" if attained >= AMBER else "red"


def unit_of(unit: str) -> str:
    """Return what stands behind a number; its percent sign is part of it."""
    return unit.removeprefix("%").strip(" /") if unit.startswith("%") else unit


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


def whom(reading: Reading) -> str:
    """Write whose scorecard it is."""
    if reading.carrier == "organisation":
        return "The organisation"
    return f"{reading.carrier.capitalize()} {reading.subject}"
