"""What holds when: half-open days on scorecards, goals, weights and differences."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

import pytest

from kamengine.config.folder import Reading
from kamengine.config.levels import Target
from kamengine.config.model import Config
from kamengine.config.reach import expired
from kamengine.config.resolution import resolve
from kamengine.config.resolved import ResolvedKPI, ResolvedScorecard
from kamengine.config.rules import Subject
from kamengine.config.section import When
from kamengine.errors import ConfigError
from kamengine.periods import Calendar
from kamengine.plugins import Registry

ReadFolder = Callable[..., Reading]

CARD = "usual:\n  kpis: {nps: 10, csat: 5}\n"
KPIS = "nps: {target: {floor: 0, target: 40}}\ncsat: {target: {floor: 0%, target: 80%}}\n"

DATED = """\
nps:
  target:
    - {floor: 0, target: 30}
    - {from: 2026-04-01, floor: 0, target: 40}
    - {from: 2026-07-01, until: 2026-10-01, floor: 0, target: 50}
    - {period: year, floor: 0, target: 60}
    - {period: 2026, floor: 0, target: 70}
csat: {target: {floor: 0%, target: 80%}}
"""


def sound(reading: Reading) -> Config:
    assert reading.config is not None, [str(c) for c in reading.complaints]
    return reading.config


def when(period: str) -> When:
    return When.of(Calendar().window(period))


@pytest.fixture
def resolved(reading: ReadFolder, registry: Registry) -> Callable[..., ResolvedScorecard]:
    """Write config, and resolve the scorecard of acme for a period."""

    def resolving(period: str, **files: str) -> ResolvedScorecard:
        config = sound(reading(**{"kpis": KPIS, "scorecards": CARD, **files}))
        return resolve(config, registry, Subject(id="acme"), when(period))

    return resolving


def on(card: ResolvedScorecard, kpi_id: str = "nps") -> ResolvedKPI:
    return next(kpi for kpi in card.kpis if kpi.id == kpi_id)


@pytest.mark.parametrize(
    ("period", "target"),
    [
        ("2026-Q1", 30),
        ("2026-03", 30),  # its last day is 31 March
        ("2026-04", 40),
        ("2026-Q2", 40),
        ("2026-06", 40),
        ("2026-Q3", 50),
        ("2026-09", 50),  # 30 September is the last day before `until`
        ("2026-10", 40),  # and what began before holds again
        ("2026-Q4", 40),
        ("2025", 60),  # a sort of period before any period
        ("2026", 70),  # one period before a sort
    ],
)
def test_a_period_has_the_goal_that_is_nearest_on_its_last_day(
    period: str, target: int, resolved: Callable[..., ResolvedScorecard]
) -> None:
    """One period, then a sort of period, then whatever began last; from is in, until is out."""
    goal = on(resolved(period, kpis=DATED)).goal

    assert goal == Target(floor=Decimal(0), target=Decimal(target))


def test_the_line_of_the_goal_that_holds_is_named(
    resolved: Callable[..., ResolvedScorecard],
) -> None:
    """One of several in a list is told by its own line."""
    aimed_by = on(resolved("2026-Q3", kpis=DATED)).aimed_by

    assert aimed_by is not None
    assert aimed_by.place is not None
    assert aimed_by.place.line == 5


def test_a_change_inside_the_period_is_told(resolved: Callable[..., ResolvedScorecard]) -> None:
    """A change on the first day is no change inside; one on 1 April is, in the half-year."""
    assert resolved("2026-Q2", kpis=DATED).notes == ()
    (note,) = resolved("trailing-6m@2026-06-30", kpis=DATED).notes

    assert "kpis.yaml:2: the target of nps changes on 2026-04-01" in note
    assert "scored with what holds on its last day, 2026-06-30" in note


def test_without_a_goal_for_the_period_there_is_none(
    resolved: Callable[..., ResolvedScorecard],
) -> None:
    """A quarter's target is no month's."""
    kpis = KPIS.replace("{floor: 0, target: 40}", "{period: quarter, floor: 0, target: 40}")

    assert on(resolved("2026-Q1", kpis=kpis)).goal is not None
    assert on(resolved("2026-01", kpis=kpis)).goal is None


def test_a_weight_may_change(resolved: Callable[..., ResolvedScorecard]) -> None:
    """15 until June, 20 from July; csat is on the card from July on only."""
    card = (
        "usual:\n  kpis:\n    nps: {weight: [15, {weight: 20, from: 2026-07-01}]}\n"
        "    csat: {weight: {weight: 5, from: 2026-07-01}}\n"
    )
    before, after = (resolved(period, scorecards=card) for period in ("2026-Q2", "2026-Q3"))

    assert [(k.id, k.weight) for k in before.kpis] == [("nps", Decimal(15))]
    assert [(k.id, k.weight) for k in after.kpis] == [("nps", Decimal(20)), ("csat", Decimal(5))]


def test_a_scorecard_may_follow_another(resolved: Callable[..., ResolvedScorecard]) -> None:
    """Where one ends the other begins, so they are never equally near."""
    cards = (
        "old:\n  until: 2026-07-01\n  kpis: {nps: 1}\nnew:\n  from: 2026-07-01\n  kpis: {csat: 1}\n"
    )

    assert resolved("2026-06", scorecards=cards).scorecard == "old"
    assert resolved("2026-07", scorecards=cards).scorecard == "new"


def test_before_the_first_scorecard_there_is_none(
    resolved: Callable[..., ResolvedScorecard],
) -> None:
    """The error says on which day."""
    with pytest.raises(ConfigError, match="No scorecard applies to account acme on 2026-06-30"):
        resolved("2026-06", scorecards="new:\n  from: 2026-07-01\n  kpis: {csat: 1}\n")


CHANGES = """\
acme:
  author: Dana
  until: 2027-01-01
  change:
    nps: {weight: 20, from: 2026-04-01, until: 2026-07-01, reason: A trial.}
"""


@pytest.mark.parametrize(
    ("period", "weight", "told"),
    [
        ("2026-03", 10, "change nps doesn't hold yet: it begins on 2026-04-01"),
        ("2026-04", 20, None),
        ("2026-06", 20, None),
        ("2026-07", 10, "change nps expired: it held until 2026-07-01, and doesn't on 2026-07-31"),
    ],
)
def test_a_difference_holds_from_its_first_day_to_its_expiry(
    period: str, weight: int, told: str | None, resolved: Callable[..., ResolvedScorecard]
) -> None:
    """Its own days go before those of the whole entry, and what doesn't hold is told."""
    card = resolved(period, accounts=CHANGES)

    assert on(card).weight == weight
    assert [note.partition(": ")[2] for note in card.notes] == ([told] if told else [])


def test_a_difference_names_author_and_end(resolved: Callable[..., ResolvedScorecard]) -> None:
    """Whoever is measured by it reads who decided so, why, and until when."""
    by = on(resolved("2026-05", accounts=CHANGES)).weighted_by

    assert (by.layer, by.author, by.until, by.reason) == (
        "account",
        "Dana",
        dt.date(2026, 7, 1),
        "A trial.",
    )


@pytest.mark.parametrize(("day", "count"), [("2026-06-30", 0), ("2026-07-01", 1)])
def test_expired_differences_are_told(day: str, count: int, reading: ReadFolder) -> None:
    """The day in `until` is the first on which it is expired."""
    config = sound(reading(kpis=KPIS, scorecards=CARD, accounts=CHANGES))
    found = list(expired(config, dt.date.fromisoformat(day)))

    assert len(found) == count
    assert all(c.severity == "warning" and c.line == 5 for c in found)
    assert all("The change of 'nps' for 'acme' expired on 2026-07-01" in str(c) for c in found)
