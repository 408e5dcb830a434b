"""How long customers wait until their problems are solved: on average, and at worst."""

from __future__ import annotations

from decimal import Decimal

from kamengine import KPI, Mean, Quantile

SECONDS_PER_HOUR = 3600


def _resolution_time(
    kpi_id: str, title: str, value: Mean | Quantile, *, meaning: str, shape: str, example: str
) -> KPI:
    """Declare one way to sum up the same waits."""
    return KPI(
        id=kpi_id,
        version=1,
        title=title,
        doc=f"""
    {meaning}

    Inputs: `issue.opened`, `issue.resolved` and `issue.reopened`, by way of `issues`.

    Shape: one row per resolved issue, the seconds from its first opening to its final resolution,
    at the moment of that resolution. {shape} `part` is the severity.

    Unit: hours of the clock, nights and weekends included.

    Empty and null rule: without an issue resolved in the window there is no value. An issue still
    open, or reopened since, isn't in it. An issue resolved before it was opened leaves the value
    undefined until the log is put right: a negative wait would flatter it.

    Decisions: a reopening takes the issue out of the window in which it seemed to be solved; the
    whole wait counts where it ends for good.

    Source: seeds 1 and 2 name it; the formula is the field's standard.

    Example: {example}
    """,
        family="retention",
        timing="lagging",
        unit="hours",
        better="lower",
        value=value,
        sql="""
SELECT
    account_id,
    resolved_at AS occurred_at,
    CASE
        WHEN resolved_at >= opened_at THEN seconds_between(opened_at, resolved_at)
    END AS numerator,
    severity AS part,
    [opened_event, resolved_event] AS event_id,
    CASE
        WHEN resolved_at < opened_at
            THEN 'issue ' || issue_id || ' of ' || account_id || ' is resolved before it is opened'
    END AS problem
FROM issues
WHERE resolved_at IS NOT NULL
""",
        controllable_by=("support", "manager"),
        source="seeds 1 and 2; field standard",
        numerator="seconds from opening to final resolution",
        denominator="issues resolved",
    )


ISSUE_RESOLUTION_TIME = _resolution_time(
    "issue_resolution_time",
    "Issue resolution time",
    Mean(per=SECONDS_PER_HOUR),
    meaning="How long a customer waits on average until a problem is solved for good.",
    shape="They are added up over the number of issues.",
    example="10 hours, 20 hours and 90 hours: 120 hours over 3 issues = 40 hours.",
)

ISSUE_RESOLUTION_TIME_P50 = _resolution_time(
    "issue_resolution_time_p50",
    "Issue resolution time, median",
    Quantile(q=Decimal("0.5"), per=SECONDS_PER_HOUR),
    meaning="The time within which half of the customers' problems are solved for good.",
    shape="The value is their median; of an even number of issues, midway between the two in the"
    " middle.",
    example="10 hours, 20 hours and 90 hours: 20 hours.",
)

ISSUE_RESOLUTION_TIME_P90 = _resolution_time(
    "issue_resolution_time_p90",
    "Issue resolution time, 90th percentile",
    Quantile(q=Decimal("0.9"), per=SECONDS_PER_HOUR),
    meaning="The time within which nine in ten of the customers' problems are solved for good.",
    shape="The value lies 0.9 of the way from the shortest to the longest, counted in issues and"
    " interpolated between neighbours.",
    example="10 hours, 20 hours and 90 hours: 0.8 of the way from 20 to 90 = 76 hours.",
)
