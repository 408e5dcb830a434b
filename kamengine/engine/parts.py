"""From evidence to the values of its parts: by channel, by product, by survey.

A breakdown is one grain more. Whom the evidence belongs to and which part it is take the place
of its segment, and the valuation pools them as it pools everything else.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias

from kamengine.engine import valuation
from kamengine.engine.session import quote
from kamengine.errors import UnknownNameError
from kamengine.kpi import KPI, Composite, Formula, Ratio, SubjectType

Key: TypeAlias = Literal["part", "item"]
"""A column of evidence that can tell parts apart."""

GRAIN = "segment"
"""The grain that stands aside for the parts."""

SUBJECTS: dict[SubjectType, str] = {
    "account": "account_id",
    "manager": "manager_id",
    "team": "team",
    "segment": "segment",
    "organisation": "'organisation'",
}


def query(
    kpi: KPI, evidence: str, subject_type: SubjectType, by: Sequence[Key], subject: str | None
) -> str:
    """Return the query for a KPI's values by part, for the offered windows.

    Its columns are those of values, and the part behind them.

    Args:
        kpi: The KPI; its value must not be a `Formula`.
        evidence: The relation that holds its evidence.
        subject_type: The grain whose subjects are broken down.
        by: What tells parts apart.
        subject: Only this subject.
    """
    wanted = "" if subject is None else f"AND subject ->> 0 = {quote(subject)}"
    return f"""
SELECT * REPLACE ({quote(subject_type)} AS subject_type, subject ->> 0 AS subject),
    subject ->> 1 AS part
FROM ({valuation.valued(kpi, _parted(kpi, evidence, subject_type, by))})
WHERE subject_type = {quote(GRAIN)} {wanted}
    AND (count > 0 OR numerator <> 0)
ORDER BY period, subject, part
"""


def _parted(kpi: KPI, evidence: str, subject_type: SubjectType, by: Sequence[Key]) -> str:
    """Rows that carry their subject and part in place of the segment."""
    whose = SUBJECTS[subject_type]
    part = " || ' ' || ".join(by)
    named = f"""CASE
        WHEN {whose} IS NOT NULL THEN CAST(to_json([{whose}, {part}]) AS VARCHAR)
    END AS {GRAIN}"""
    rows = _shared(evidence, by) if isinstance(kpi.value, Ratio) else evidence
    return f"(SELECT * REPLACE ({named}) FROM {rows})"


def _shared(evidence: str, by: Sequence[Key]) -> str:
    """Rows among which every part has its own copy of those that stand for no event.

    Hours by channel are hours on that channel over all the account-months: what is only there to
    be divided by belongs to every part.
    """
    apart = " AND ".join(f"{column} IS NULL" for column in by)
    scaffold = f"(event_id IS NULL AND numerator = 0 AND {apart})"
    copied = ", ".join(f"kinds.{column} AS {column}" for column in by)
    return f"""(
    SELECT * FROM {evidence} WHERE {scaffold} IS NOT TRUE
    UNION ALL
    SELECT rows.* REPLACE ({copied})
    FROM (SELECT * FROM {evidence} WHERE {scaffold}) AS rows
    CROSS JOIN (
        SELECT DISTINCT {", ".join(by)} FROM {evidence} WHERE {scaffold} IS NOT TRUE
    ) AS kinds
)"""


def indivisible(kpi: KPI) -> UnknownNameError:
    """Return the error for a KPI that has no parts: what to ask instead."""
    if isinstance(kpi.value, Formula):
        operands = ", ".join(sorted({o.kpi for o in kpi.value.operands.values()}))
        hint = f"it is made of other values; ask for theirs: {operands}"
    elif isinstance(kpi.value, Composite):
        hint = "it is made of the KPIs on a scorecard; `kamengine explain` shows them"
    else:
        hint = "its evidence tells no parts apart; `kamengine kpis show` says what each has"
    return UnknownNameError("This KPI has no breakdown", value=kpi.id, hint=hint)
