"""Touch saturation: intervals worked out by hand, the peak, and what is flagged past it."""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kamengine.catalogue.saturation import Count, Step, counts_of, saturation, wilson
from kamengine.errors import UnknownNameError
from tests.kpis.conftest import Simulated
from tests.kpis.deals import deals
from tests.kpis.talk import completed
from tests.kpis.tally import Event


def counts(channel: str, *told: tuple[int, int, int]) -> list[Count]:
    return [Count(channel=channel, touch=n, deals=d, won=w) for n, d, w in told]


def marks(steps: list[Step]) -> list[tuple[str, int, str, bool | None]]:
    return [(s.count.channel, s.count.touch, s.mark, s.clear) for s in steps if s.mark]


@pytest.mark.parametrize(
    ("won", "deals_", "low", "high"),
    [
        # z = 1.959964, z2 = 3.841459. 1 of 4: middle (0.25 + 3.841459/8) / (1 + 3.841459/4)
        # = 0.730182/1.960365 = 0.372473; half 1.959964/1.960365 * sqrt(0.1875/4 + 3.841459/64)
        # = 0.999795 * sqrt(0.046875 + 0.060023) = 0.326885
        (1, 4, 0.045587, 0.699358),
        # 0 of 10: from 0 to z2/(10 + z2) = 3.841459/13.841459
        (0, 10, 0.0, 0.277533),
        # 10 of 10: its mirror
        (10, 10, 0.722467, 1.0),
        # 50 of 100: half 1.959964/1.038415 * sqrt(0.0025 + 0.0000960365) = 0.096170
        (50, 100, 0.403830, 0.596170),
    ],
)
def test_an_interval_worked_out_by_hand(won: int, deals_: int, low: float, high: float) -> None:
    """Wilson's interval, to six digits."""
    found = wilson(won, deals_)
    assert math.isclose(found[0], low, abs_tol=2e-6)
    assert math.isclose(found[1], high, abs_tol=2e-6)


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_an_interval_holds_its_share(pair: tuple[int, int]) -> None:
    """It lies between 0 and 1, around the share, and solves the equation that defines it."""
    won, trials = pair
    low, high = wilson(won, trials)
    assert 0 <= low <= won / trials + 1e-12
    assert won / trials - 1e-12 <= high <= 1
    for edge in (low, high):
        if 0 < edge < 1:
            away = (won / trials - edge) ** 2
            assert math.isclose(
                away, 1.959963984540054**2 * edge * (1 - edge) / trials, abs_tol=1e-9
            )


def test_the_first_touch_past_the_peak_is_flagged() -> None:
    """10 of 100, 30 of 80, 5 of 40: the second wins most, the third is one too many."""
    found = saturation(counts("all", (3, 40, 5), (1, 100, 10), (2, 80, 30), (4, 30, 4)))
    assert [step.share for step in found] == [
        Fraction(1, 10),
        Fraction(3, 8),
        Fraction(1, 8),
        Fraction(2, 15),
    ]
    # 30 of 80 lies above 0.27 and 5 of 40 below 0.27: 0.2769 and 0.2611
    assert marks(found) == [("all", 2, "peak", None), ("all", 3, "past the peak", True)]


def test_where_intervals_overlap_the_fall_isnt_clear() -> None:
    """3 of 8 and 2 of 7 may well be the same."""
    found = saturation(counts("all", (1, 8, 3), (2, 7, 2)))
    assert marks(found) == [("all", 1, "peak", None), ("all", 2, "past the peak", False)]


def test_every_channel_has_a_peak_of_its_own() -> None:
    """E-mails win with the first, calls with the second; all channels come first."""
    told = counts("email", (1, 20, 9), (2, 10, 1)) + counts("call", (1, 20, 1), (2, 10, 5))
    found = saturation([*told, *counts("all", (1, 40, 10), (2, 20, 6))])
    assert [step.count.channel for step in found] == [
        "all",
        "all",
        "call",
        "call",
        "email",
        "email",
    ]
    assert marks(found) == [
        ("all", 2, "peak", None),
        ("call", 2, "peak", None),
        ("email", 1, "peak", None),
        ("email", 2, "past the peak", False),
    ]


def test_what_doesnt_fall_isnt_flagged() -> None:
    """Past the peak comes the first touch that wins less often, not one that wins as often."""
    found = saturation(counts("all", (1, 10, 5), (2, 10, 5), (3, 2, 2), (4, 9, 1)))
    assert marks(found) == [("all", 1, "peak", None), ("all", 4, "past the peak", False)]


def test_exceptions_are_left_out() -> None:
    """The 21st touch wins most, but whoever got that far is no rule; asked for, it is looked at."""
    told = counts("all", (1, 90, 9), (2, 80, 4), (21, 10, 9))
    assert marks(saturation(told)) == [
        ("all", 1, "peak", None),
        ("all", 2, "past the peak", False),
    ]
    assert len(saturation(told)) == 2
    assert marks(saturation(told, most=None)) == [("all", 21, "peak", None)]
    assert len(saturation(told, most=21)) == 3


def test_too_few_deals_are_no_peak() -> None:
    """One deal won with its only touch says nothing; of equal shares the earlier touch is it."""
    told = counts("all", (1, 10, 2), (2, 10, 2), (3, 1, 1))
    assert marks(saturation(told)) == [("all", 1, "peak", None)]
    assert marks(saturation(told, enough=1)) == [("all", 3, "peak", None)]
    assert marks(saturation(counts("all", (1, 4, 4)))) == []
    assert marks(saturation(counts("all", (1, 40, 0)))) == []


def test_counts_are_those_of_the_raw_events(simulated: Simulated) -> None:
    """Of the simulated deals, those that got an n-th touch and those won with it, by channel."""
    reader = simulated.reader
    window = next(w for w in simulated.windows if w.period == "2024")
    kpi = reader.registry.kpi("conversion_per_touch")
    found = counts_of(reader, kpi, "organisation", window, "organisation")
    got: Counter[tuple[str, int]] = Counter()
    won: Counter[tuple[str, int]] = Counter()
    told = sorted(completed(simulated.events), key=_order)
    for deal in deals(simulated.events):
        if deal.closed_at is None or not window.t0 <= deal.closed_at < window.t1:
            continue
        channels = [
            touch["data"]["channel"]
            for touch in told
            if touch["data"].get("deal_id") == deal.deal_id
            and touch["account_id"] == deal.account
            and touch["data"]["channel"] in {"meeting", "video", "call", "email"}
            and (deal.opened_at or touch["occurred_at"]) <= touch["occurred_at"] <= deal.closed_at
        ]
        for number, channel in enumerate(channels, 1):
            for key in ((channel, number), ("all", number)):
                got[key] += 1
                won[key] += number == len(channels) and deal.outcome == "won"
    assert {(c.channel, c.touch): (c.deals, c.won) for c in found} == {
        key: (deals_, won[key]) for key, deals_ in got.items()
    }
    assert len({c.channel for c in found}) == 5


def test_evidence_of_another_kind_is_refused(simulated: Simulated) -> None:
    """A KPI whose items are contacts has no touch numbers."""
    reader = simulated.reader
    window = next(w for w in simulated.windows if w.period == "2024")
    with pytest.raises(UnknownNameError, match="'nps'; each row needs the touch's number"):
        counts_of(reader, reader.registry.kpi("nps"), "organisation", window, "organisation")


def _order(touch: Event) -> tuple[dt.datetime, str]:
    return touch["occurred_at"], touch["data"].get("touch_id") or touch["id"]
