"""Customer interaction: the time that we spend with an account."""

from __future__ import annotations

from kam_events.account_months import MEASURED_MONTHS
from kamengine.kpi import KPI, Ratio

CUSTOMER_INTERACTION_TIME = KPI(
    id="customer_interaction_time",
    version=1,
    title="Customer interaction time",
    doc="""How many hours a month we spend with an account that is our customer.

Inputs: touch.logged; active_stretches for the account-months.

Shape: one row per completed touch with an account and a stated length (its minutes above the
line), and one row per active account, window and stretch without a change of owner, segment or
team (60 times its account-months below the line, without an event). The value is the ratio of the
sums.

Unit: hours per account and month.

Empty and null rule: no active account-month leaves it undefined; active accounts nobody spent time
with give 0. A touch without minutes adds no time and isn't listed.

Decisions: an account-month is a calendar month throughout which the account is active; a part of a
month counts as the part that it is, so that 2024-02 and 2024-03 are one each. Time counts for the
owner of the account, whoever spent it: both sides of the ratio then speak of the same accounts.
Time spent on an account before it is a customer counts above the line, since it was spent. Time
with prospects, who have no account, doesn't.

Source: seeds 0 and 2 name it; the formula is ours.

Example: an account active all quarter, with touches of 90, 30 and 60 minutes: 180 / (60 · 3) = 1.
""",
    family="relationship",
    timing="leading",
    kind="activity",
    unit="hours/account/month",
    better="band",
    value=Ratio(),
    numerator="minutes of completed touches",
    denominator="60 times active account-months",
    source="seeds 0 and 2",
    sql=f"""
WITH {MEASURED_MONTHS}

SELECT
    account_id,
    NULL AS period,
    occurred_at,
    minutes AS numerator,
    0 AS denominator,
    event_id
FROM touches
WHERE completed AND account_id IS NOT NULL AND minutes IS NOT NULL
UNION ALL
SELECT
    account_id,
    period,
    min(starts_at) AS occurred_at,
    0 AS numerator,
    60 * sum(months) AS denominator,
    NULL AS event_id
FROM measured
GROUP BY account_id, period, stretch_start
""",
)
