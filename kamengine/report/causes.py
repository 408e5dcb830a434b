"""What moved a number: the accounts of a pooled one, the events of an account's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

from kamengine.kpi import KPI, Composite, Formula
from kamengine.report.change import Cause, Change, shares, told
from kamengine.report.evidence import Gathered, Row
from kamengine.report.pooling import (
    ADDITIVE,
    Cell,
    Sums,
    adds_up,
    pooled,
    sum_of,
    sums_of,
)
from kamengine.report.reversal import reversal
from kamengine.scorecard.card import Scorecard, exact
from kamengine.value import Value, shown

NOBODY = "(no account)"

PARTS = {
    "manager": ("account",),
    "team": ("manager", "account"),
    "organisation": ("team", "manager", "account"),
}
"""What a pooled number may be taken apart into, the largest parts first."""

COLUMNS = {"account": "account_id", "manager": "manager_id", "team": "team"}


def cause_of_score(card: Scorecard, before: Scorecard | None) -> Change:
    """Say by how many points each KPI moved the score."""
    if before is None or before.score is None:
        return Change(reason="there is no score of the period before")
    if card.score is None:
        return Change(before=before.score, reason="there is no score")
    now = {line.kpi.id: line.points or Fraction(0) for line in card.lines}
    then = {line.kpi.id: line.points or Fraction(0) for line in before.lines}
    causes = [
        Cause(kind="kpi", name=kpi, share=now.get(kpi, Fraction(0)) - then.get(kpi, Fraction(0)))
        for kpi in dict.fromkeys([*now, *then])
    ]
    change = told(card.score - before.score, causes)
    return _since(change, before.score)


def change_of(
    kpi: KPI,
    now: Value,
    then: Value | None,
    gathered: Gathered,
    rows: Sequence[Row],
    period: str | None,
) -> Change:
    """Hold a value against that of the period before, and say what moved it.

    Args:
        kpi: The KPI.
        now: Its value.
        then: Its value in the period before.
        gathered: Its evidence in both periods.
        rows: For an account, the rows that weigh most.
        period: The period before.
    """
    after, before = exact(now), exact(then) if then else None
    if period is None:
        return Change(reason="nothing is known of the period before")
    if after is None or before is None:
        missing = "no value" if before is None else "had a value, and has none now"
        return Change(before=before, reason=f"{missing} in {period}" if before is None else missing)
    difference = after - before
    if not difference:
        return Change(before=before, difference=difference)
    assert then is not None  # noqa: S101 - it has an exact value
    found = _moved(kpi, now, then, gathered, rows)
    if found is None:
        return Change(before=before, difference=difference, reason=_indivisible(kpi))
    return _since(found, before)


def reversals(kpi: KPI, now: Value, then: Value | None, gathered: Gathered) -> Iterator[str]:
    """Yield where all parts of a pooled number went the other way than it did."""
    if then is None or now.subject_type not in PARTS or not isinstance(kpi.value, ADDITIVE):
        return
    for part in PARTS[now.subject_type]:
        one, other = _both(kpi, now, then, gathered, COLUMNS[part])
        if one and other and sum_of(one.values()).denominator is not None:
            said = reversal(one, other, f"{part}s")
            if said:
                yield said
                return


def parts_of(kpi: KPI, now: Value, gathered: Gathered) -> dict[str, Sums]:
    """Return what each account has of a pooled value, those with the worst values first.

    Where a band is best, those with the lowest come first.
    Nothing where accounts don't make up exactly the value.
    """
    if now.subject_type not in PARTS or not isinstance(kpi.value, ADDITIVE):
        return {}
    found = _made_of(kpi, now, gathered, "account_id")
    sign = -1 if kpi.better == "lower" else 1

    def badness(item: tuple[str, Sums]) -> tuple[Fraction, str]:
        return (item[1].quotient or Fraction(0)) * sign, item[0]

    return dict(sorted(found.items(), key=badness))


def _moved(
    kpi: KPI, now: Value, then: Value, gathered: Gathered, rows: Sequence[Row]
) -> Change | None:
    if not isinstance(kpi.value, ADDITIVE):
        return None
    one, other = _both(kpi, now, then, gathered, "account_id")
    if not one or not other:
        return None
    if now.subject_type != "account":
        return _by_account(kpi, one, other)
    return _by_event(kpi, now, sum_of(one.values()), sum_of(other.values()), rows)


def _by_account(kpi: KPI, one: Mapping[str, Sums], other: Mapping[str, Sums]) -> Change:
    parts = shares(one, other)
    causes = [
        Cause(
            kind="account",
            name=name,
            share=share,
            note=_went(kpi, one.get(name), other.get(name)),
        )
        for name, share in parts.items()
    ]
    return told(sum(parts.values(), Fraction(0)), causes)


def _by_event(kpi: KPI, now: Value, one: Sums, other: Sums, rows: Sequence[Row]) -> Change | None:
    """Hold the rows that weigh most against the quotient before; others are told together."""
    level, whole = other.quotient, one.quotient
    if level is None or whole is None or any(row.numerator is None for row in rows):
        return None
    causes, counts = [], {}
    for row in rows:
        here = row.period == now.period
        counts[here] = row.count
        alone = sums_of(kpi, row.numerator or Decimal(0), row.denominator, 1)
        share = _weight(alone, one if here else other, level)
        causes.append(
            Cause(
                kind="event",
                name=str(row.positions[0]) if row.positions else "",
                share=share if here else -share,
                note="counts now" if here else "counted then",
                at=row.occurred_at,
            )
        )
    return told(whole - level, causes, sum(counts.values()))


def _weight(alone: Sums, whole: Sums, level: Fraction) -> Fraction:
    if alone.denominator is None or not whole.denominator:
        return alone.numerator
    return (alone.numerator - level * alone.denominator) / whole.denominator


def _both(
    kpi: KPI, now: Value, then: Value, gathered: Gathered, by: str
) -> tuple[dict[str, Sums], dict[str, Sums]]:
    """Return what the parts add up to in both periods; nothing unless it is exactly the value."""
    one, other = (_made_of(kpi, value, gathered, by) for value in (now, then))
    return (one, other) if one and other else ({}, {})


def _made_of(kpi: KPI, value: Value, gathered: Gathered, by: str) -> dict[str, Sums]:
    own = [c for c in _cells(gathered.cells, value) if c.period == value.period]
    parts = pooled(own, by)
    if not adds_up(kpi, value, parts):
        return {}
    return {name or NOBODY: sums for name, sums in parts.items()}


def _cells(cells: Iterable[Cell], value: Value) -> Iterable[Cell]:
    if value.subject_type == "organisation":
        return cells
    column = COLUMNS[value.subject_type]
    return [cell for cell in cells if getattr(cell, column) == value.subject]


def _went(kpi: KPI, now: Sums | None, then: Sums | None) -> str:
    if now is None or then is None:
        return "counted then" if now is None else "counts now"
    before, after = (_figure(sums.quotient, kpi) for sums in (then, now))
    return f"{before} → {after}" if before != after else f"{after}, its weight changed"


def _figure(quotient: Fraction | None, kpi: KPI) -> str:
    return shown(None if quotient is None else float(quotient), kpi.unit)


def _indivisible(kpi: KPI) -> str:
    if isinstance(kpi.value, Formula):
        return "it is made of other values; see what they were"
    if isinstance(kpi.value, Composite):
        return "it is made of the other KPIs on the scorecard"
    return "its difference can't be shared out exactly"


def _since(change: Change, before: Fraction) -> Change:
    return Change(
        before=before,
        difference=change.difference,
        causes=change.causes,
        rest=change.rest,
        others=change.others,
        reason=change.reason,
    )
