"""How long customers wait, from signing to being up and running."""

from __future__ import annotations

from kamengine import KPI, Mean

SECONDS_A_DAY = 86_400

TIME_TO_IMPLEMENT = KPI(
    id="time_to_implement",
    version=1,
    title="Time to implement",
    doc="""
    How many days it took on average from signing a contract to being up and running.

    Inputs: `contract.signed` and `onboarding.completed`, by way of `implementations`.

    Shape: one row per contract at the moment it went live, with the seconds since it was signed;
    the value is their mean.

    Unit: days, with fractions.

    Empty and null rule: without a contract going live there is no value. A contract that went live
    before it was signed has no such time and stays out, and so does one whose signing isn't known.

    Decisions: a contract was signed, and went live, when that was first said. A renewal counts if
    somebody says that it went live. Days are 24 hours, not working days. It counts for the owner of
    the account at going live. Projects still open are in `time_to_implement_open`.

    Source: seed 1 names it; the mean from signature to go-live is the field's standard.

    Example: contracts that went live after 20 and 50 days: 70/2 = 35.
    """,
    family="revenue",
    timing="lagging",
    unit="days",
    better="lower",
    value=Mean(per=SECONDS_A_DAY),
    numerator="seconds from signing to going live",
    denominator="86,400 seconds a day for each contract that went live",
    source="seed 1; field standard",
    sql="""
SELECT
    account_id,
    live_at AS occurred_at,
    seconds_between(signed_at, live_at) AS numerator,
    [signed_event, live_event] AS event_id
FROM implementations
WHERE signed_at <= live_at
""",
)

TIME_TO_IMPLEMENT_OPEN = KPI(
    id="time_to_implement_open",
    version=1,
    title="Age of open implementations",
    doc="""
    How many days the customers who aren't up and running yet have waited, at the window's end.

    Inputs: `contract.signed` and `onboarding.completed`, by way of `implementations`.

    Shape: one row per window and contract that is signed and not live at the window's end, with
    the seconds since it was signed; the value is their mean, the evidence the list of them.

    Unit: days, with fractions.

    Empty and null rule: with nothing open there is no value.

    Decisions: the end is the first instant after the window, or "as of" while it is open; what goes
    live at that instant is still open. A contract that has ended isn't waited for any more, and a
    renewal has nothing to implement. It counts for the owner of the account at the window's end.

    Source: seed 1; to list what is open beside the mean, so that the slowest aren't left out of it
    for as long as they last, is ours.

    Example: at the end of May one contract was signed 10 days ago and one 90: 100/2 = 50.
    """,
    family="revenue",
    timing="leading",
    unit="days",
    better="lower",
    value=Mean(per=SECONDS_A_DAY),
    numerator="seconds since signing",
    denominator="86,400 seconds a day for each contract not live yet",
    source="seed 1; ours",
    sql="""
SELECT
    windows.period,
    project.account_id,
    seconds_between(project.signed_at, windows.t1) AS numerator,
    project.signed_event AS event_id
FROM windows
INNER JOIN implementations AS project
    ON project.signed_at < windows.t1
    AND (project.live_at IS NULL OR project.live_at >= windows.t1)
    AND project.ends_at >= windows.t1
WHERE project.prior_contract_id IS NULL
""",
)
