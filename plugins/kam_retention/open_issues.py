"""How old the problems are that nobody has solved yet."""

from __future__ import annotations

from kamengine import KPI, Mean

SECONDS_PER_HOUR = 3600

OPEN_ISSUE_AGE = KPI(
    id="open_issue_age",
    version=1,
    title="Age of open issues",
    doc="""
    How long the customers' problems that are open when the window ends have waited so far.

    Inputs: `issue.opened`, `issue.resolved` and `issue.reopened`, by way of `issue_stretches`.

    Shape: one row per window and issue that is open at the window's last instant, the seconds from
    its first opening to the window's end ("as of" while it is open). They are added up over the
    number of issues; `explain` lists them one by one. `part` is the severity.

    Unit: hours of the clock, nights and weekends included.

    Empty and null rule: without an open issue there is no value. An issue resolved before it was
    opened is never open.

    Decisions: an issue between its resolution and its reopening isn't open, so what is reopened
    later moves no past value; once reopened it has waited since its first opening. An issue stays
    open until it is resolved, also where the customer has gone. The owner at the window's end
    answers for it.

    Source: seeds 1 and 2 name the resolution time, which says nothing of what is never resolved;
    the age beside it is the field's standard.

    Example: open for 10 hours and for 50 when May ends: 60 hours over 2 issues = 30 hours.
    """,
    family="retention",
    timing="leading",
    unit="hours",
    better="lower",
    value=Mean(per=SECONDS_PER_HOUR),
    sql="""
SELECT
    stretch.account_id,
    windows.period,
    seconds_between(stretch.opened_at, windows.t1) AS numerator,
    stretch.severity AS part,
    CASE
        WHEN stretch.event_id = stretch.opened_event THEN [stretch.opened_event]
        ELSE [stretch.opened_event, stretch.event_id]
    END AS event_id
FROM windows
INNER JOIN issue_stretches AS stretch
    ON stretch.valid_from < windows.t1
    AND (stretch.valid_to IS NULL OR stretch.valid_to >= windows.t1)
""",
    controllable_by=("support", "manager"),
    source="seeds 1 and 2; field standard",
    numerator="seconds from the opening to the window's end",
    denominator="issues open at the window's end",
)
