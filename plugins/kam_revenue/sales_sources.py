"""Where sales come from: references, first-time buyers, repeat buyers, and the quota for all."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from kamengine.kpi import KPI, Params, Ratio

REFERRAL_SALES_SHARE = KPI(
    id="referral_sales_share",
    version=1,
    title="Sales via references",
    doc="""The share of what we sold in the window that came to us by a referral.

Inputs: deal.opened, deal.stage_changed, deal.closed, with fx.rate_set.

Shape: one row per won deal at the moment it was won: its amount below the line, and above it where
the deal names a referral. The value is the ratio of the sums. `part` is the kind of deal.

Unit: %, as a ratio (0.25 for 25 %).

Empty and null rule: nothing won in the window leaves it undefined, and so do deals won for 0 in
all. An amount that can't be converted, or a deal won without one, leaves the value undefined and
says why.

Decisions: a deal that states a referral_id is sourced by a referral. Whether that referral was
recorded isn't asked: it is an event of the account that referred us, and the deal is mostly one of
another account. A deal counts for the manager who closed it, else for the one who opened it.

Source: seed 2 names it; the formula is the field's standard.

Example: deals of 30 and 90 won in May, the first of them from a referral: 30/120 = 0.25.
""",
    family="revenue",
    timing="lagging",
    unit="%",
    better="higher",
    value=Ratio(),
    numerator="amounts of deals won that name a referral",
    denominator="amounts of deals won",
    source="seed 2",
    sql="""
SELECT
    account_id,
    manager_id,
    closed_at AS occurred_at,
    CASE WHEN referral_id IS NULL AND problem IS NULL THEN 0 ELSE amount END AS numerator,
    coalesce(amount, 0) AS denominator,
    CASE WHEN opened_event IS NULL THEN [closed_event] ELSE [opened_event, closed_event] END
        AS event_id,
    kind AS part,
    problem
FROM deals
WHERE outcome = 'won'
""",
)

NEW_TO_REPEAT_SALES_RATIO = KPI(
    id="new_to_repeat_sales_ratio",
    version=1,
    title="New to repeat sales",
    doc="""How much we sold to first-time buyers for each unit of money sold to repeat buyers.

Inputs: deal.opened, deal.stage_changed, deal.closed, with fx.rate_set.

Shape: one row per won deal of an account at the moment it was won, with its amount: above the line
where it is the account's first, below it where the account had bought before. The value is the
ratio of the sums. `part` is new or repeat.

Unit: ratio (0.5 means 1 new for 2 repeat).

Empty and null rule: without sales to repeat buyers there is nothing to divide by, and no value. An
amount that can't be converted, or a deal won without one, leaves the value undefined and says why.
A deal without an account has no buyer and stays out.

Decisions: the first purchase is the first won deal of the account in the log, whatever its kind;
deals won at that very instant belong to it. The account's next deal is a repeat, even in the same
window, so that months add up to quarters. A deal counts for the manager who closed it, else for
the one who opened it.

Source: seed 2 names it; to decide deal by deal is ours.

Example: A buys for 100, its first; B buys for 150 and C for 50, both again: 100/200 = 0.5.
""",
    family="revenue",
    timing="lagging",
    unit="ratio",
    better="band",
    value=Ratio(),
    numerator="amounts of first deals won",
    denominator="amounts of later deals won",
    source="seed 2",
    sql="""
WITH won AS (
    SELECT
        *,
        min(closed_at) OVER (PARTITION BY account_id) AS first_won_at
    FROM deals
    WHERE outcome = 'won' AND account_id IS NOT NULL
)

SELECT
    account_id,
    manager_id,
    closed_at AS occurred_at,
    CASE
        WHEN closed_at = first_won_at OR problem IS NOT NULL THEN amount
        ELSE 0
    END AS numerator,
    CASE WHEN closed_at = first_won_at THEN 0 ELSE coalesce(amount, 0) END AS denominator,
    closed_event AS event_id,
    CASE WHEN closed_at = first_won_at THEN 'new' ELSE 'repeat' END AS part,
    problem
FROM won
""",
)

LARGEST_QUOTA = Decimal(10) ** 12
SMALLEST_QUOTA = Decimal("0.000001")


class Quotas(Params, frozen=True):
    """What each manager is to sell.

    Attributes:
        monthly: Manager to the quota for a calendar month, in the reporting currency; 0 for one
            who carries none.
    """

    monthly: dict[str, Decimal] = msgspec.field(default_factory=dict)

    def __post_init__(self) -> None:
        for manager, quota in self.monthly.items():
            if not (quota.is_finite() and 0 <= quota <= LARGEST_QUOTA) or quota % SMALLEST_QUOTA:
                raise ValueError(
                    f"the quota {quota} of {manager!r} must lie between 0 and {LARGEST_QUOTA}"
                    " and have at most 6 digits after the point"
                )


QUOTA_ATTAINMENT = KPI(
    id="quota_attainment",
    version=1,
    title="Sales quota attainment",
    doc="""How much of the quota for the window was sold.

Inputs: deal.opened, deal.stage_changed, deal.closed, with fx.rate_set; managers, ownership; the
setting `monthly`.

Shape: one row per won deal at the moment it was won, with its amount above the line, and one row
per window, calendar month and manager with a quota, with the quota for that time below it, without
an event. The value is the ratio of the sums. `part` is the kind of deal.

Unit: %, as a ratio (1.1 for 110 %).

Empty and null rule: a manager with a quota who sold nothing attains 0. A manager whose quota is
set to 0 carries none: neither the quota nor the deals count. A deal won by a manager for whom no
quota is set leaves the value undefined and says whose is missing, and so does a deal won without
an amount, or with one that can't be converted. Accounts and segments carry no quota and have no
value.

Decisions: a quota is set for a calendar month; a window has the sum over its months, a part of a
month the same part of its quota, and a window still open the quota up to "as of". A manager
carries a quota while employed: from the day of hiring, up to leaving. A deal counts for the manager
who closed it, else for the one who opened it, else for the owner of the account at that moment;
one that is nobody's counts towards no quota.

Source: seeds 0 and 4 name it (as insufficient alone); the formula is the field's standard.

Example: a quota of 100 a month, and deals of 150 and 120 won in the quarter: 270/300 = 0.9.
""",
    family="revenue",
    timing="lagging",
    unit="%",
    better="higher",
    value=Ratio(),
    params=Quotas(),
    numerator="amounts of deals won",
    denominator="quota for the time employed",
    source="seeds 0 and 4; field standard",
    sql="""
WITH won AS (
    SELECT
        coalesce(deal.manager_id, owner.manager_id) AS manager_id,
        deal.deal_id,
        deal.closed_at,
        deal.closed_event,
        deal.kind,
        deal.amount,
        deal.problem
    FROM deals AS deal
    LEFT JOIN ownership AS owner
        ON owner.account_id = deal.account_id
        AND deal.manager_id IS NULL
        AND owner.valid_from <= deal.closed_at
        AND (owner.valid_to IS NULL OR deal.closed_at < owner.valid_to)
    WHERE deal.outcome = 'won'
),

carried AS (
    SELECT
        *,
        CAST($monthly AS MAP(VARCHAR, DECIMAL(38, 6)))[manager_id] AS quota
    FROM won
    WHERE manager_id IS NOT NULL
),

employed AS (
    SELECT
        *,
        CAST($monthly AS MAP(VARCHAR, DECIMAL(38, 6)))[manager_id] AS quota
    FROM managers
),

pieces AS (
    SELECT
        employed.manager_id,
        employed.quota,
        months.period,
        months.share,
        months.t0,
        months.t1,
        greatest(employed.hired_at, months.t0) AS starts_at,
        least(employed.left_at, months.t1) AS ends_at
    FROM employed
    INNER JOIN window_months AS months
        ON employed.hired_at < months.t1
        AND (employed.left_at IS NULL OR employed.left_at > months.t0)
    WHERE employed.quota > 0
)

SELECT
    manager_id,
    NULL AS period,
    closed_at AS occurred_at,
    CASE WHEN quota IS NULL THEN NULL ELSE amount END AS numerator,
    0 AS denominator,
    closed_event AS event_id,
    kind AS part,
    CASE WHEN quota IS NULL THEN 'no quota is set for ' || manager_id ELSE problem END AS problem
FROM carried
WHERE quota IS NULL OR quota > 0
UNION ALL
-- the difference of two rounded positions: parts of a month add up to the month
SELECT
    manager_id,
    period,
    starts_at AS occurred_at,
    0 AS numerator,
    CAST(quota * CAST(
        quotient(share * seconds_between(t0, ends_at), seconds_between(t0, t1))
        - quotient(share * seconds_between(t0, starts_at), seconds_between(t0, t1))
        AS DECIMAL(10, 6)
    ) AS DECIMAL(38, 6)) AS denominator,
    NULL AS event_id,
    NULL AS part,
    NULL AS problem
FROM pieces
""",
)
