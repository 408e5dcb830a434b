"""A value: the number, what it was made of, and why it is missing where it is."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal, TypeAlias

import msgspec

from kamengine.kpi import SubjectType

LARGE = 100
"""From here on, one digit after the point is enough for people."""

Status: TypeAlias = Literal["ok", "undefined", "insufficient", "unavailable"]
"""``undefined``: nothing to divide by, or an amount that can't be known. ``insufficient``: fewer
rows than the KPI's minimum. ``unavailable``: the KPI can't be computed at all."""


class Value(msgspec.Struct, frozen=True, kw_only=True):
    """The value of a KPI for a subject and a period.

    Attributes:
        kpi: The KPI's id.
        subject_type: The grain.
        subject: Who or what is measured; the organisation is called ``organisation``.
        period: As written on the command line.
        value: ``numerator / denominator``, with all its digits; None unless ``status`` is ok.
        numerator: Exact.
        denominator: Exact.
        count: Rows of evidence.
        unit: ``%`` values are ratios.
        status: Whether there is a value.
        reason: Why there is none, or what to know beside it; None where all is plain.
        definition: ``id@version#fingerprint``.
        log_position: The last event that the value knows of.
    """

    kpi: str
    subject_type: SubjectType
    subject: str
    period: str
    value: float | None
    numerator: Decimal | None
    denominator: Decimal | None
    count: int
    unit: str
    status: Status
    reason: str | None
    definition: str
    log_position: int


class PartValue(Value, frozen=True, kw_only=True):
    """The value of one part of a KPI: of one channel, product or survey.

    Attributes:
        part: As the evidence tells it apart; None for what belongs to no part.
    """

    part: str | None


def measured_in(unit: str, currency: str) -> str:
    """Return what stands behind a number: a percent sign is part of it, and a count is bare.

    Args:
        unit: As a KPI declares it.
        currency: The one that money is reported in.
    """
    what, *each = unit.removeprefix("%").split("/")
    return " per ".join([{"money": currency, "count": ""}.get(what, what), *each]).strip()


def shown(value: float | Decimal | None, unit: str = "") -> str:
    """Write a value as people do: 7 % for a ratio of 0.07, thousands apart, few digits."""
    if value is None:
        return "-"
    percent = unit.startswith("%")
    number = Decimal(str(value)) * (100 if percent else 1)
    places = 0 if number == int(number) else (1 if abs(number) >= LARGE else 2)
    return f"{number:,.{places}f}" + (" %" if percent else "")
