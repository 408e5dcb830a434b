"""Selling more to customers: how many take more, how often we win, and what it brings in."""

from __future__ import annotations

from decimal import Decimal

from kamengine.kpi import KPI, Params, Ratio, Sum


def _by_accounts(kind: str) -> str:
    """Return SQL for the customers at a window's start and whether a deal of a kind was won."""
    return f"""
WITH starters AS (
    SELECT windows.period, spell.account_id, spell.start_event
    FROM windows
    INNER JOIN customer_spells AS spell
        ON spell.starts_at <= windows.t0
        AND (spell.ends_at IS NULL OR windows.t0 < spell.ends_at)
),

wins AS (
    SELECT
        windows.period,
        deal.account_id,
        deal.closed_at,
        deal.closed_event,
        row_number() OVER (
            PARTITION BY windows.period, deal.account_id ORDER BY deal.closed_at, deal.deal_id
        ) AS place
    FROM deals AS deal
    INNER JOIN windows
        ON deal.closed_at >= windows.t0
        AND deal.closed_at < windows.t1
    WHERE deal.outcome = 'won' AND deal.kind = '{kind}' AND deal.account_id IS NOT NULL
)

SELECT
    starter.period,
    starter.account_id,
    win.closed_at AS occurred_at,
    CASE WHEN win.closed_at IS NULL THEN 0 ELSE 1 END AS numerator,
    1 AS denominator,
    CASE
        WHEN win.closed_event IS NULL THEN [starter.start_event]
        ELSE [starter.start_event, win.closed_event]
    END AS event_id
FROM starters AS starter
LEFT JOIN wins AS win
    ON win.period = starter.period
    AND win.account_id = starter.account_id
    AND win.place = 1
"""


def _by_deals(kind: str) -> str:
    """Return SQL for the deals of a kind that were decided, and whether they were won."""
    return f"""
SELECT
    account_id,
    manager_id,
    closed_at AS occurred_at,
    CASE WHEN outcome = 'won' THEN 1 ELSE 0 END AS numerator,
    1 AS denominator,
    CASE WHEN opened_event IS NULL THEN [closed_event] ELSE [opened_event, closed_event] END
        AS event_id
FROM deals
WHERE closed_at IS NOT NULL AND kind = '{kind}'
"""


ACCOUNTS_DOC = """{meaning}

Inputs: deal.opened, deal.closed; customer_spells for who is a customer.

Shape: one row per window and account that was a customer at its first instant; numerator 1 where
it has a {kind} deal won in the window, else 0. The value is the ratio of the sums.

Unit: %, as a ratio (0.15 for 15 %).

Empty and null rule: no customer at the start leaves it undefined. A deal on an account that wasn't
a customer at the start counts nowhere.

Decisions: {decision}several deals won on one account count once, at the first. A customer who
bought counts for the owner at that moment, any other for the owner at the window's end: it is the
portfolio that is measured, whoever closed the deal. An account that left after it had bought
counts as one that bought.

Source: {source}

Example: {example}
"""

DEALS_DOC = """{meaning}

Inputs: deal.opened, deal.closed.

Shape: one row per closed {kind} deal at the moment it was closed; numerator 1 where it was won,
else 0. The value is the ratio of the sums.

Unit: %, as a ratio (0.4 for 40 %).

Empty and null rule: no {kind} deal closed in the window leaves it undefined. Open deals don't
count, nor does a deal whose kind isn't known because nobody opened it.

Decisions: {decision}a deal closed again counts once, as and when last closed. It counts for the
manager who closed it, else for the one who opened it.

Source: {source}

Example: {example}
"""

CROSS_SELL_RATE = KPI(
    id="cross_sell_rate",
    version=1,
    title="Cross-sell rate",
    doc=ACCOUNTS_DOC.format(
        meaning="The share of customers at the start of the window to whom we cross-sold in it.",
        kind="cross_sell",
        decision="",
        source="seeds 1 and 2 name it; the formula over accounts is the field's standard.",
        example="20 customers on 1 July, 3 of them with a cross-sell won in the quarter: 3/20.",
    ),
    family="revenue",
    timing="lagging",
    unit="%",
    better="higher",
    value=Ratio(),
    numerator="customers at the start with a cross-sell won",
    denominator="customers at the start",
    source="seeds 1 and 2",
    sql=_by_accounts("cross_sell"),
)

CROSS_SELL_RATE_BY_DEALS = KPI(
    id="cross_sell_rate_by_deals",
    version=1,
    title="Cross-sell rate, by deals",
    doc=DEALS_DOC.format(
        meaning="Of the cross-sell deals decided in the window, how many were won.",
        kind="cross_sell",
        decision="a sibling of cross_sell_rate, on the basis of deals; ",
        source="seeds 1 and 2 name it; the formula over deals is the field's standard.",
        example="2 cross-sell deals won and 3 lost in May, whenever they were opened: 2/5.",
    ),
    family="revenue",
    timing="lagging",
    unit="%",
    better="higher",
    value=Ratio(),
    numerator="cross-sell deals won",
    denominator="cross-sell deals won or lost",
    source="seeds 1 and 2",
    sql=_by_deals("cross_sell"),
)

UPSELL_RATE = KPI(
    id="upsell_rate",
    version=1,
    title="Upsell rate",
    doc=DEALS_DOC.format(
        meaning="Of the upsell deals decided in the window, how many were won.",
        kind="upsell",
        decision="",
        source="seeds 1, 2 and 3 name it; the formula over deals is the field's standard.",
        example="2 upsell deals won and 3 lost in May, whenever they were opened: 2/5.",
    ),
    family="revenue",
    timing="lagging",
    unit="%",
    better="higher",
    value=Ratio(),
    numerator="upsell deals won",
    denominator="upsell deals won or lost",
    source="seeds 1, 2 and 3",
    sql=_by_deals("upsell"),
)

UPSELL_RATE_BY_ACCOUNTS = KPI(
    id="upsell_rate_by_accounts",
    version=1,
    title="Upsell rate, by accounts",
    doc=ACCOUNTS_DOC.format(
        meaning="The share of customers at the start of the window to whom we sold more in it.",
        kind="upsell",
        decision="a sibling of upsell_rate, on the basis of accounts; ",
        source="seeds 1, 2 and 3 name it; the formula over accounts is the field's standard.",
        example="20 customers on 1 July, 3 of them with an upsell won in the quarter: 3/20.",
    ),
    family="revenue",
    timing="lagging",
    unit="%",
    better="higher",
    value=Ratio(),
    numerator="customers at the start with an upsell won",
    denominator="customers at the start",
    source="seeds 1, 2 and 3",
    sql=_by_accounts("upsell"),
)

EXPANSION_REVENUE = KPI(
    id="expansion_revenue",
    version=1,
    title="Cross-sell and upsell revenue by product line",
    doc="""What the cross-sell and upsell deals won in the window are worth, product by product.

Inputs: deal.opened, deal.stage_changed, deal.closed, with fx.rate_set; deal_products.

Shape: one row per product of a won upsell or cross_sell deal at the moment it was won, with the
product's amount; the value is their sum. `part` is the product.

Unit: money, in the reporting currency.

Empty and null rule: no such deal is a true 0. An amount that can't be converted, or a deal won
without one, leaves the value undefined and says why.

Decisions: products count with the amounts last stated for them, at the rate of that day. What the
deal's own amount has beyond its products (or lacks: a discount on the whole) is a row without a
product, and so is a deal that names none: the products always add up to the deal. A deal that
states products and no amount is worth their sum. A deal counts for the manager who closed it, else
for the one who opened it.

Source: seed 1 names it; the sum by product line is the field's standard.

Example: an upsell won for 100, of which CRM 60 and ERP 40, and a cross-sell for 50, all CRM: 150,
of which CRM 110 and ERP 40.
""",
    family="revenue",
    timing="lagging",
    unit="money",
    better="higher",
    value=Sum(),
    empty="zero",
    numerator="amounts of the products on upsell and cross-sell deals won",
    source="seed 1",
    sql="""
SELECT
    deal.account_id,
    deal.manager_id,
    deal.closed_at AS occurred_at,
    line.amount AS numerator,
    CASE
        WHEN deal.opened_event IS NULL THEN [deal.closed_event]
        ELSE [deal.opened_event, deal.closed_event]
    END AS event_id,
    line.product AS part,
    line.problem
FROM deals AS deal
INNER JOIN deal_products AS line
    ON line.deal_id = deal.deal_id
    AND line.account_id IS NOT DISTINCT FROM deal.account_id
WHERE deal.outcome = 'won' AND deal.kind IN ('upsell', 'cross_sell')
""",
)


class Likelihood(Params, frozen=True):
    """What counts as likely.

    Attributes:
        threshold: The lowest probability that does, from 0 to 1.
    """

    threshold: Decimal = Decimal("0.5")

    def __post_init__(self) -> None:
        if not (self.threshold.is_finite() and 0 <= self.threshold <= 1):
            raise ValueError(f"the threshold {self.threshold} must lie between 0 and 1")


EXPANSION_PROPENSITY_SHARE = KPI(
    id="expansion_propensity_share",
    version=1,
    title="Accounts likely to buy more",
    doc="""The share of customers at the end of the window who are likely to buy more.

Inputs: propensity.scored, deal.opened, deal.stage_changed, deal.closed; customer_spells.

Shape: one row per window and account that is a customer at the window's last instant ("as of"
while it is open); numerator 1 where an upsell or cross-sell is likely then, else 0. The value is
the ratio of the sums. `part` says what it rests on: a score, a deal, or nothing.

Unit: %, as a ratio (0.3 for 30 %).

Empty and null rule: no customer at the end leaves it undefined. A customer whom nobody scored and
who has no open deal isn't likely to buy.

Decisions: likely is a probability of at least `threshold`, 0.5 where nothing else is set. It holds
as last said before the window's end: a score until its kind is scored again (by whatever model),
a deal's probability until its next stage or its closing. Propensities to leave don't count, nor do
deals of other kinds. Where several make it likely, the likeliest is shown, a score before a deal.
The owner at the window's end answers for the account.

Source: seed 2 names it; threshold and formula are ours.

Example: of 10 customers 2 are scored 0.5 and 0.8 for an upsell, and a third, scored 0.2, has a
cross-sell in negotiation at 0.75: 3/10.
""",
    family="revenue",
    timing="leading",
    unit="%",
    better="higher",
    value=Ratio(),
    params=Likelihood(),
    numerator="customers with an upsell or cross-sell that is likely",
    denominator="customers at the end",
    source="seed 2",
    sql="""
WITH ends AS (
    SELECT DISTINCT t1 FROM windows
),

active AS (
    SELECT spell.account_id, ends.t1, spell.start_event
    FROM customer_spells AS spell
    INNER JOIN ends
        ON spell.starts_at < ends.t1
        AND (spell.ends_at IS NULL OR spell.ends_at >= ends.t1)
),

signals AS (
    SELECT account_id, 'score' AS ground, probability, valid_from, valid_to, event_id, kind AS name
    FROM propensities
    WHERE kind IN ('upsell', 'cross_sell') AND probability >= $threshold
    UNION ALL
    SELECT account_id, 'deal', probability, valid_from, valid_to, event_id, deal_id
    FROM deal_probabilities
    WHERE kind IN ('upsell', 'cross_sell')
        AND probability >= $threshold
        AND account_id IS NOT NULL
),

standing AS (
    SELECT
        signals.*,
        ends.t1,
        row_number() OVER (
            PARTITION BY signals.account_id, ends.t1
            ORDER BY signals.probability DESC, signals.ground DESC, signals.name
        ) AS place
    FROM signals
    INNER JOIN ends
        ON signals.valid_from < ends.t1
        AND (signals.valid_to IS NULL OR signals.valid_to >= ends.t1)
)

SELECT
    active.account_id,
    windows.period,
    CASE WHEN standing.ground IS NULL THEN 0 ELSE 1 END AS numerator,
    1 AS denominator,
    CASE
        WHEN standing.event_id IS NULL THEN [active.start_event]
        ELSE [active.start_event, standing.event_id]
    END AS event_id,
    coalesce(standing.ground, 'nothing') AS part
FROM active
INNER JOIN windows
    ON windows.t1 = active.t1
LEFT JOIN standing
    ON standing.account_id = active.account_id
    AND standing.t1 = active.t1
    AND standing.place = 1
""",
)
