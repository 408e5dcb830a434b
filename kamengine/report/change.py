"""Why a value is another one than in the period before: what each part has to do with it.

A sum moves by what each part moves. For a quotient, a part is held against the former quotient
``r0 = N0 / D0``: what it has beyond that is its excess, and its share in the difference is its
excess now less its excess then::

    (n1 - r0 * d1) / D1  -  (n0 - r0 * d0) / D0

Added up over all parts this is ``N1 / D1 - N0 / D0``, the difference itself, to the last digit.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from fractions import Fraction

import msgspec

from kamengine.report.pooling import Sums, sum_of

SHOWN = 5
"""Causes that are named; the others are told together."""


class Cause(msgspec.Struct, frozen=True, kw_only=True):
    """What one part has to do with a difference.

    Attributes:
        kind: ``account``, ``event`` or ``kpi``.
        name: Which.
        share: How much of the difference is its doing, in the unit of the value.
        note: What happened to it, in a word or two.
        at: When it happened, of an event.
    """

    kind: str
    name: str
    share: Fraction
    note: str = ""
    at: dt.datetime | None = None


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """A value held against that of the period before.

    Attributes:
        before: The value then; None where there was none.
        difference: The value now less the value then; None where one of the two is missing.
        causes: What has the most to do with it, first; with ``rest`` they add up to it.
        rest: The doing of all others; None where causes can't be told apart.
        others: How many others there are; 0 where their doing cancels out.
        reason: Why there is no difference, or why it has no causes.
    """

    before: Fraction | None = None
    difference: Fraction | None = None
    causes: tuple[Cause, ...] = ()
    rest: Fraction | None = None
    others: int = 0
    reason: str | None = None


def shares(now: Mapping[str, Sums], then: Mapping[str, Sums]) -> dict[str, Fraction]:
    """Return what each part has to do with the difference between two pooled values.

    Args:
        now: What each part adds up to; the denominators must not add up to 0.
        then: Likewise, in the period before.
    """
    whole_now, whole_then = sum_of(now.values()), sum_of(then.values())
    level = whole_then.quotient
    if level is None or whole_now.quotient is None:
        raise ValueError("there is no difference without two values")
    names = dict.fromkeys([*now, *then])
    return {
        name: _excess(now.get(name), whole_now, level) - _excess(then.get(name), whole_then, level)
        for name in names
    }


def _excess(part: Sums | None, whole: Sums, level: Fraction) -> Fraction:
    if part is None:
        return Fraction(0)
    if part.denominator is None or whole.denominator is None:
        return part.numerator
    return (part.numerator - level * part.denominator) / whole.denominator


def told(difference: Fraction, causes: Iterable[Cause], count: int | None = None) -> Change:
    """Name the causes that weigh most, and put the others together.

    Args:
        difference: What all causes, named or not, add up to.
        causes: Those that are known one by one.
        count: How many causes there are at all, if more than are given.
    """
    given = list(causes)
    weighing = sorted((c for c in given if c.share), key=lambda c: (-abs(c.share), c.name))
    named = tuple(weighing[:SHOWN])
    whole = len(weighing) if count is None else count
    rest = difference - sum((c.share for c in named), Fraction(0))
    return Change(
        difference=difference,
        causes=named,
        rest=rest,
        others=whole - len(named) if rest else 0,
    )
