"""The time that is spent at customers' sites."""

from __future__ import annotations

from kamengine import KPI, Params, Sum


class Errands(Params, frozen=True):
    """What is too short to be called a visit.

    Attributes:
        shortest: The least minutes that count.
    """

    shortest: int = 5


VISIT_HOURS = KPI(
    id="acme_visit_hours",
    version=1,
    title="Hours on site",
    doc="""
    How many hours we spent at the customer's site.

    Inputs: `acme_visit.logged`, as last stated of each visit.

    Shape: one row of evidence per visit of at least `shortest` minutes.

    Unit: hours.

    Empty and null rule: no visit is a true zero.

    Source: our own.

    Example: a visit of 90 minutes and one of 30 make 2 hours.
    """,
    family="relationship",
    timing="leading",
    kind="activity",
    unit="hours",
    better="higher",
    value=Sum(per=60),
    params=Errands(),
    empty="zero",
    source="our own",
    numerator="minutes on site",
    denominator="minutes of an hour",
    sql="""
SELECT
    account_id,
    manager_id,
    occurred_at,
    event_id,
    minutes AS numerator,
    purpose AS part
FROM acme_visits
WHERE minutes >= $shortest
""",
)
