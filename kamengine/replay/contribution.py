"""What an explanation is made of: a value, and the evidence that it rests on."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import msgspec

from kamengine.engine import valuation
from kamengine.engine.placement import in_window
from kamengine.engine.session import quote
from kamengine.kpi import KPI, Distinct, Latest, Mean, Quantile, SubjectType, Sum
from kamengine.periods import Window
from kamengine.replay.book import decimal_of
from kamengine.value import Value

OWNER_COLUMNS = {"manager": "manager_id", "team": "team", "segment": "segment"}


class Contribution(msgspec.Struct, frozen=True, kw_only=True):
    """One piece of evidence that counts towards a value.

    Attributes:
        positions: Log positions of the events that it stands for.
        occurred_at: When it counts (UTC); None where only its period is known.
        account_id: Whose it is.
        manager_id: Who answered for it at that moment.
        numerator: What it adds.
        denominator: What it adds below the line.
        part: Its breakdown.
        item: What it is told apart by.
    """

    positions: tuple[int, ...]
    occurred_at: dt.datetime | None
    account_id: str | None
    manager_id: str | None
    numerator: Decimal | None
    denominator: Decimal
    part: str | None
    item: str | None


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """A value and all that it rests on.

    Attributes:
        value: The value explained.
        evidence: Every row that counts, oldest first; empty for a formula.
        operands: For a formula, its operands' values by the name that it knows them under.
        query: The SQL that gathered the evidence, parameters bound.
        corrections: Log position of an event behind the evidence to the id of the event that
            corrected it.
    """

    value: Value
    evidence: tuple[Contribution, ...]
    operands: dict[str, Value]
    query: str
    corrections: dict[int, str] = {}


OWNER_COLUMNS = {"manager": "manager_id", "team": "team", "segment": "segment"}


def behind(kpi: KPI, evidence: str, window: Window, subject_type: SubjectType, subject: str) -> str:
    """Return the query for the rows of evidence behind a value, oldest first.

    Args:
        kpi: The KPI; its value must not be a `Formula`.
        evidence: The relation that holds its evidence.
        window: The window of the value.
        subject_type: The grain.
        subject: Whose value it is.
    """
    ctes, relation = "", evidence
    where = [f"({in_window(window)})"]
    if isinstance(kpi.value, Latest):
        ctes, relation = f"WITH {valuation.latest_rows(kpi.value, evidence)}", "latest"
        where = ["TRUE"]
    if subject_type != "organisation":
        column = "account_id" if subject_type == "account" else OWNER_COLUMNS[subject_type]
        where.append(f"{column} = {quote(subject)}")
    return f"""
        {ctes}
        SELECT
            list_concat([event_id], coalesce(more_events, [])) AS positions,
            occurred_at,
            account_id,
            manager_id,
            numerator,
            denominator,
            part,
            item
        FROM {relation}
        WHERE {" AND ".join(where)}
        ORDER BY occurred_at, account_id, item, event_id
    """


def contribution(row: tuple[object, ...], kpi: KPI) -> Contribution:
    """Return a row of evidence as explanations show it."""
    positions, moment, account, manager, numerator, denominator, part, item = row
    below = denominator
    if isinstance(kpi.value, Mean | Quantile):
        below = kpi.value.per
    elif isinstance(kpi.value, Sum | Distinct):
        below = 0
    return msgspec.convert(
        {
            "positions": tuple(dict.fromkeys(p for p in positions if p is not None)),  # type: ignore[attr-defined]
            "occurred_at": moment.replace(tzinfo=dt.UTC) if moment else None,  # type: ignore[attr-defined]
            "account_id": account,
            "manager_id": manager,
            "numerator": decimal_of(numerator),
            "denominator": decimal_of(below) or Decimal(0),
            "part": part,
            "item": item,
        },
        Contribution,
    )
