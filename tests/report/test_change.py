"""Shares in a difference, by hand, and that they always add up to it."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from kamengine.report.change import Cause, shares, told
from kamengine.report.pooling import Sums, sum_of
from kamengine.report.reversal import reversal


def ratio(numerator: int, denominator: int) -> Sums:
    return Sums(Fraction(numerator), Fraction(denominator))


THEN = {"acme": ratio(2, 3), "bolt": ratio(0, 1)}
NOW = {"acme": ratio(1, 1), "bolt": ratio(1, 4)}


def test_shares_of_a_quotient_by_hand() -> None:
    """From 1/2 to 2/5: acme (1 - .5)/5 - (2 - 1.5)/4, bolt (1 - 2)/5 - (0 - .5)/4."""
    assert shares(NOW, THEN) == {"acme": Fraction(-1, 40), "bolt": Fraction(-3, 40)}


def test_shares_of_a_sum_are_what_each_part_moved() -> None:
    """One that came counts whole, and so does one that went."""
    now = {"acme": Sums(Fraction(7)), "corn": Sums(Fraction(2))}
    then = {"acme": Sums(Fraction(4)), "bolt": Sums(Fraction(10))}
    assert shares(now, then) == {"acme": 3, "corn": 2, "bolt": -10}


parts = st.dictionaries(
    st.sampled_from("abcdef"),
    st.tuples(st.integers(-50, 50), st.integers(1, 40)).map(lambda pair: ratio(*pair)),
    min_size=1,
)


@given(now=parts, then=parts)
def test_shares_add_up_to_the_difference(now: dict[str, Sums], then: dict[str, Sums]) -> None:
    """To the last digit, whichever parts come and go."""
    after, before = sum_of(now.values()).quotient, sum_of(then.values()).quotient
    assert after is not None
    assert before is not None
    assert sum(shares(now, then).values()) == after - before


def test_the_causes_that_weigh_most_are_named_and_the_others_told_together() -> None:
    """Named causes and the rest add up; what did nothing isn't named."""
    causes = [Cause(kind="account", name=str(n), share=Fraction(n)) for n in range(-7, 3)]
    change = told(Fraction(-25), causes)
    assert [cause.name for cause in change.causes] == ["-7", "-6", "-5", "-4", "-3"]
    assert change.rest == 0 - 25 + 25
    assert change.others == 0
    assert told(Fraction(-28), causes).others == 4


def test_a_direction_that_pooling_turns_around_is_told() -> None:
    """Both accounts rose, from 2/3 to 1 and from 0 to 1/4, and together they fell."""
    said = reversal(NOW, THEN, "accounts")
    assert said is not None
    assert said.startswith("Each of the 2 accounts with a value in both periods that moved rose")
    assert "and yet the whole fell" in said
    assert "values are lower" in said


def test_the_same_history_backwards_turns_the_other_way() -> None:
    """Both fell, and together they rose."""
    said = reversal(THEN, NOW, "accounts")
    assert said is not None
    assert "moved fell" in said
    assert "values are higher" in said


def test_parts_that_disagree_among_themselves_turn_nothing_around() -> None:
    """One that moved with the whole is enough; so is a single part; so is a whole at rest."""
    assert reversal({**NOW, "corn": ratio(0, 9)}, {**THEN, "corn": ratio(1, 9)}, "x") is None
    assert reversal({"acme": ratio(1, 1)}, {"acme": ratio(2, 3), "bolt": ratio(9, 9)}, "x") is None
    assert reversal(THEN, THEN, "x") is None
    assert reversal({}, THEN, "x") is None
