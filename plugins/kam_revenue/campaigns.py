"""Campaigns: who buys of those whom a campaign aimed at."""

from __future__ import annotations

from kamengine.kpi import KPI, Ratio

CAMPAIGN_CONVERSION_RATE = KPI(
    id="campaign_conversion_rate",
    version=1,
    title="Cross-sell and upsell campaign conversion",
    doc="""Of the accounts that campaigns targeted in the window, how many bought because of them.

Inputs: campaign.targeted, deal.opened, deal.closed.

Shape: one row per campaign and account at the moment the account became a target; numerator 1
where the account has a won deal tagged to that campaign by now, else 0. The value is the ratio of
the sums. `part` is the campaign.

Unit: %, as a ratio (0.08 for 8 %).

Empty and null rule: no account targeted in the window leaves it undefined.

Decisions: an account targeted again by the same campaign counts once, at the first time; by
another one, once more. The deal may be of any kind and be won at any time from then on, so the
rate of a past window still grows while its deals are open. Several deals won count once, at the
first. A deal tagged to a campaign that never targeted the account counts nowhere. A target counts
for the owner of the account at that moment.

Source: seed 1 names it; the formula is the field's standard.

Example: a campaign targets 50 accounts in March, 4 of which win us a deal tagged to it: 4/50.
""",
    family="revenue",
    timing="lagging",
    unit="%",
    better="higher",
    value=Ratio(),
    numerator="targeted accounts with a won deal tagged to the campaign",
    denominator="accounts targeted",
    source="seed 1",
    sql="""
WITH wins AS (
    SELECT
        target.account_id,
        target.campaign_id,
        deal.closed_event,
        row_number() OVER (
            PARTITION BY target.account_id, target.campaign_id
            ORDER BY deal.closed_at, deal.deal_id
        ) AS place
    FROM campaign_targets AS target
    INNER JOIN deals AS deal
        ON deal.account_id = target.account_id
        AND deal.campaign_id = target.campaign_id
        AND deal.closed_at >= target.occurred_at
    WHERE deal.outcome = 'won'
)

SELECT
    target.account_id,
    target.occurred_at,
    CASE WHEN win.closed_event IS NULL THEN 0 ELSE 1 END AS numerator,
    1 AS denominator,
    CASE
        WHEN win.closed_event IS NULL THEN [target.event_id]
        ELSE [target.event_id, win.closed_event]
    END AS event_id,
    target.campaign_id AS part
FROM campaign_targets AS target
LEFT JOIN wins AS win
    ON win.account_id = target.account_id
    AND win.campaign_id = target.campaign_id
    AND win.place = 1
""",
)
