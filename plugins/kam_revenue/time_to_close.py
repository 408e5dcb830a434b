"""How long won deals took, from opening to winning: on average, in the middle, at the slow end."""

from __future__ import annotations

from decimal import Decimal

from kamengine.kpi import KPI, Mean, Quantile

SECONDS_A_DAY = 86_400

WON_DEALS = """
SELECT
    account_id,
    manager_id,
    closed_at AS occurred_at,
    seconds_between(opened_at, closed_at) AS numerator,
    [opened_event, closed_event] AS event_id,
    kind AS part
FROM deals
WHERE outcome = 'won' AND opened_at <= closed_at
"""

DOC = """{meaning}

Inputs: deal.opened, deal.closed.

Shape: one row per won deal at the moment it was won, with the seconds since it was opened; the
value is {value}. `part` is the kind of deal.

Unit: days, with fractions.

Empty and null rule: no deal won in the period leaves it undefined. A won deal has no length where
its opening isn't known or lies after its closing: it stays out.

Decisions: a deal is as old as its first opening, and closed when last closed; days
are 24 hours, not working days. {decision}A deal counts for the manager who closed it, else
for the one who opened it.

Source: seed 1 names it; {source}.

Example: deals won after 10, 20 and 60 days: {example}.
"""

TIME_TO_CLOSE = KPI(
    id="time_to_close",
    version=1,
    title="Time to close",
    doc=DOC.format(
        meaning="How many days a won deal took on average, from opening to winning.",
        value="their mean",
        decision="",
        source="the mean is the field's standard",
        example="90/3 = 30",
    ),
    family="revenue",
    timing="lagging",
    unit="days",
    better="lower",
    value=Mean(per=SECONDS_A_DAY),
    numerator="seconds from opening to winning",
    denominator="86,400 seconds a day for each deal won",
    source="seed 1",
    sql=WON_DEALS,
)

TIME_TO_CLOSE_P50 = KPI(
    id="time_to_close_p50",
    version=1,
    title="Time to close, median",
    doc=DOC.format(
        meaning="How many days the won deal in the middle took: one slow deal doesn't move it.",
        value="their median",
        decision="Between the two middle deals it is their mean. ",
        source="the median is the field's standard",
        example="20",
    ),
    family="revenue",
    timing="lagging",
    unit="days",
    better="lower",
    value=Quantile(q=Decimal("0.5"), per=SECONDS_A_DAY),
    numerator="seconds from opening to winning, median",
    denominator="86,400 seconds a day",
    source="seed 1",
    sql=WON_DEALS,
)

TIME_TO_CLOSE_P90 = KPI(
    id="time_to_close_p90",
    version=1,
    title="Time to close, nine of ten",
    doc=DOC.format(
        meaning="How many days nine of ten won deals took at most: how slow the slow ones are.",
        value="the length below which nine tenths of them lie",
        decision="Between two deals it is interpolated along a straight line. ",
        source="the percentile is the field's standard",
        example="20 + 0.8 · 40 = 52, since nine tenths of the way from first to last is 1.8 steps",
    ),
    family="revenue",
    timing="lagging",
    unit="days",
    better="lower",
    value=Quantile(q=Decimal("0.9"), per=SECONDS_A_DAY),
    numerator="seconds from opening to winning, 90th percentile",
    denominator="86,400 seconds a day",
    source="seed 1",
    sql=WON_DEALS,
)
