"""Colours by hand: half-open bands, and a margin in which the better colour is kept."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kamengine.config.model import Colours
from kamengine.scorecard.colour import COLOURS, Colour, colour, last_colour

EDGES = Colours(amber_from=Decimal("0.5"), green_from=Decimal(1), margin=Decimal("0.05"))


@pytest.mark.parametrize(
    ("attained", "expected"),
    [
        ("0", "red"),
        ("0.499999", "red"),
        ("0.5", "amber"),  # the edge belongs to the better colour
        ("0.999999", "amber"),
        ("1", "green"),
        ("1.2", "green"),
    ],
)
def test_bands_are_half_open(attained: str, expected: Colour) -> None:
    """Without a period before, the attainment alone decides."""
    assert colour(Fraction(attained), EDGES) == expected


@pytest.mark.parametrize(
    ("before", "attained", "expected"),
    [
        ("green", "0.95", "green"),  # at the end of the margin, inside
        ("green", "0.949999", "amber"),
        ("amber", "0.999", "amber"),  # the margin keeps a colour, it doesn't give one
        ("amber", "1", "green"),  # reaching the edge is enough, at once
        ("red", "0.97", "amber"),
        ("amber", "0.45", "amber"),
        ("green", "0.46", "amber"),  # no longer green, and amber is as near as it was kept
        ("red", "0.46", "red"),
        ("green", "0.449999", "red"),
    ],
)
def test_a_colour_once_reached_is_kept_within_the_margin(
    before: Colour, attained: str, expected: Colour
) -> None:
    """A colour ends where its edge is missed by more than five points."""
    assert colour(Fraction(attained), EDGES, lambda: before) == expected


def test_the_period_before_is_asked_only_where_it_decides() -> None:
    """0.7 lies in no margin, whatever was before."""

    def never() -> Colour:
        raise AssertionError("asked")

    assert colour(Fraction(7, 10), EDGES, never) == "amber"


@pytest.mark.parametrize(
    ("course", "expected"),
    [
        ("1 0.97 0.96", "green"),
        ("1 0.94", "amber"),
        ("0.97", "amber"),
        ("1 - 0.97", "amber"),  # without a score in between nothing is kept
        ("1 -", None),
        ("", None),
    ],
)
def test_a_course_ends_in_a_colour(course: str, expected: Colour | None) -> None:
    """Each period may keep the colour of the one before it."""
    attained = [None if each == "-" else Fraction(each) for each in course.split()]
    assert last_colour(attained, EDGES) == expected


def test_without_a_margin_nothing_is_kept() -> None:
    """A margin of 0 is how an organisation does without."""
    strict = Colours(margin=Decimal(0))
    assert colour(Fraction(999, 1000), strict, lambda: "green") == "amber"


@given(st.lists(st.fractions(Fraction(95, 100), Fraction(105, 100)), min_size=1, max_size=20))
def test_a_value_that_wavers_about_an_edge_turns_once_at_most(course: list[Fraction]) -> None:
    """Within five points about 100 %, amber may become green, and never amber again."""
    seen: list[Colour] = []
    for attained in course:
        before = seen[-1] if seen else None
        seen.append(colour(attained, EDGES, lambda before=before: before))  # type: ignore[misc]
    assert seen == sorted(seen, key=COLOURS.index)


@given(st.fractions(0, Fraction(6, 5)), st.fractions(0, Fraction(6, 5)), st.sampled_from(COLOURS))
def test_a_better_value_never_has_a_worse_colour(
    one: Fraction, other: Fraction, before: Colour
) -> None:
    """Whatever was before, colours rise with attainment."""
    low, high = sorted((one, other))
    found = [COLOURS.index(colour(a, EDGES, lambda: before)) for a in (low, high)]
    assert found == sorted(found)
