"""Weights by tenure: who answered for a subject on which days, and what counted for them then.

A band of tenure begins on the day that completes its months, counted from the day of hiring; the
31st becomes the last day of a shorter month. Each day of a period has the weights of its band,
and a period has the mean of its days: days of several managers count alike.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

import msgspec

from kamengine.config.model import TenureBand
from kamengine.kpi import Family, TenureWeights
from kamengine.months import add_months


class Service(msgspec.Struct, frozen=True, kw_only=True):
    """Days during which a manager answered for a subject.

    Attributes:
        manager: The manager's id.
        hired_on: Their first day in the organisation; None where no event says so.
        start: The first day.
        end: The first day after it.
        position: The log position of the event that says when they were hired.
    """

    manager: str
    hired_on: dt.date | None
    start: dt.date
    end: dt.date
    position: int | None


class Stint(msgspec.Struct, frozen=True, kw_only=True):
    """Days of a service that lie in one band of tenure.

    Attributes:
        service: Whose.
        from_month: The completed months of tenure with which the band begins.
        days: How many.
        weights: Of each family.
    """

    service: Service
    from_month: int
    days: int
    weights: dict[str, Fraction]


def schedule(bands: Sequence[TenureBand]) -> TenureWeights:
    """Return the bands that a scorecard is weighed by as the weights of families."""

    def weights(family: Family) -> tuple[Decimal, ...]:
        return tuple(getattr(band, family) for band in bands)

    return TenureWeights(
        from_month=tuple(band.from_month for band in bands),
        relationship=weights("relationship"),
        revenue=weights("revenue"),
        retention=weights("retention"),
        learning=weights("learning"),
        business=weights("business"),
    )


def stints(services: Sequence[Service], weights: TenureWeights) -> list[Stint]:
    """Cut services at the days on which another band begins.

    Args:
        services: Each with a day of hiring, and not before it.
        weights: The bands.
    """
    return [
        Stint(service=service, from_month=month, days=days, weights=held)
        for service in services
        for month, days, held in _bands(service, weights)
        if days > 0
    ]


def mean_weights(cut: Sequence[Stint]) -> dict[str, Fraction]:
    """Return each family's weight, the mean over all days; nothing where there is no day."""
    days = sum(stint.days for stint in cut)
    families = cut[0].weights if cut else {}
    return {
        family: sum((stint.weights[family] * stint.days for stint in cut), Fraction(0)) / days
        for family in families
    }


def _bands(service: Service, weights: TenureWeights) -> list[tuple[int, int, dict[str, Fraction]]]:
    assert service.hired_on is not None, "asked for by whoever calls"  # noqa: S101
    begins = [add_months(service.hired_on, month) for month in weights.from_month]
    ends = [*begins[1:], dt.date.max]
    return [
        (
            month,
            (min(end, service.end) - max(begin, service.start)).days,
            {family: Fraction(each[band]) for family, each in weights.families().items()},
        )
        for band, (month, begin, end) in enumerate(
            zip(weights.from_month, begins, ends, strict=True)
        )
    ]
