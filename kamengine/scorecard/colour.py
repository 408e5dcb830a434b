"""Which colour an attainment has, and how it is kept from flickering.

Three bands of attainment, half open: red below ``amber_from``, amber from there to below
``green_from``, green from there on. An edge belongs to the better colour.

A colour is taken on reaching its edge, and kept until attainment is below that edge by more than
the margin. So a value that wavers about an edge keeps the better colour, and nobody who meets the
target is shown as if they didn't. What colour there was before follows from the periods before
alone: an attainment within no margin has its colour by itself, one within a margin has it by the
period before, and so on back to the first period that says. The same values always have the same
colours, whatever was asked when.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import Literal, TypeAlias

from kamengine.config.model import Colours

Colour: TypeAlias = Literal["red", "amber", "green"]

COLOURS: tuple[Colour, ...] = ("red", "amber", "green")
"""From worst to best."""


def colour(
    attained: Fraction, edges: Colours, before: Callable[[], Colour | None] = lambda: None
) -> Colour:
    """Return the colour of an attainment.

    Args:
        attained: From 0 to 1.2.
        edges: Where colours begin, and the margin in which they are kept.
        before: The colour in the period before; asked only where it decides.
    """
    by_itself = _alone(attained, edges)
    kept = _alone(attained + Fraction(edges.margin), edges)
    earlier = before() if kept != by_itself else None
    if earlier is None:
        return by_itself
    return COLOURS[min(COLOURS.index(kept), max(COLOURS.index(by_itself), COLOURS.index(earlier)))]


def last_colour(course: Iterable[Fraction | None], edges: Colours) -> Colour | None:
    """Return the colour with which a course of attainments ends.

    Args:
        course: Period by period, oldest first; None where there was none.
        edges: Where colours begin, and the margin in which they are kept.
    """
    kept: Colour | None = None
    for attained in course:
        before = kept
        kept = None if attained is None else colour(attained, edges, lambda: before)  # noqa: B023
    return kept


def _alone(attained: Fraction, edges: Colours) -> Colour:
    if attained >= Fraction(edges.green_from):
        return "green"
    return "amber" if attained >= Fraction(edges.amber_from) else "red"
