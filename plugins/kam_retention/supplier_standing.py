"""Our standing as a supplier: whether we are preferred, and whether the field around us thins."""

from __future__ import annotations

from kamengine import KPI, Ratio

PREFERRED_SUPPLIER_SHARE = KPI(
    id="preferred_supplier_share",
    version=1,
    title="Preferred supplier share",
    doc="""
    The share of our customers for whom we are the preferred supplier, or the only one.

    Inputs: `supplier.status_changed`, by way of `supplier_statuses`; `customer_spells` for who is a
    customer.

    Shape: one row per window and account that is active at the window's last instant, `1` if our
    status there is then `preferred` or `sole` in at least one category and `0` if not, over `1`.
    `part` is the best status: `sole`, `preferred`, or `other`.

    Unit: % (kept as a ratio, 0.4 for 40 %).

    Empty and null rule: without an active account there is no value. An account of whose view of us
    nothing is known counts as one where we aren't preferred.

    Decisions: one category is enough: a customer calls us preferred for what we supply. A status
    holds until the next one in its category. The owner at the window's end answers for it.

    Source: seed 1 names the designation; the share of active accounts is ours.

    Example: 5 active accounts, preferred in 1, sole in 1, approved in 2, nothing known of 1:
    2/5 = 0.4.
    """,
    family="retention",
    timing="lagging",
    unit="%",
    better="higher",
    value=Ratio(),
    sql="""
WITH designations AS (
    SELECT
        windows.period,
        standing.account_id,
        max(CASE WHEN standing.status = 'sole' THEN 1 ELSE 0 END) AS sole,
        list_sort(list(standing.event_id)) AS event_ids
    FROM windows
    INNER JOIN supplier_statuses AS standing
        ON standing.valid_from < windows.t1
        AND (standing.valid_to IS NULL OR standing.valid_to >= windows.t1)
    WHERE standing.status IN ('preferred', 'sole')
    GROUP BY windows.period, standing.account_id
),

active AS (
    SELECT windows.period, spell.account_id, spell.start_event
    FROM windows
    INNER JOIN customer_spells AS spell
        ON spell.starts_at < windows.t1
        AND (spell.ends_at IS NULL OR spell.ends_at >= windows.t1)
)

SELECT
    active.account_id,
    active.period,
    CASE WHEN held.account_id IS NULL THEN 0 ELSE 1 END AS numerator,
    1 AS denominator,
    CASE
        WHEN held.account_id IS NULL THEN 'other' WHEN held.sole = 1 THEN 'sole' ELSE 'preferred'
    END AS part,
    coalesce(held.event_ids, [active.start_event]) AS event_id
FROM active
LEFT JOIN designations AS held
    ON held.period = active.period
    AND held.account_id = active.account_id
""",
    source="seed 1; the share is ours",
    numerator="active accounts that prefer us",
    denominator="active accounts",
)

SUPPLIER_CONSOLIDATION_RATE = KPI(
    id="supplier_consolidation_rate",
    version=1,
    title="Supplier consolidation rate",
    doc="""
    By how much our customers cut the number of their suppliers, where we stayed one of them.

    Inputs: `supplier.counted` and `supplier.status_changed`, by way of `supplier_counts` and
    `supplier_statuses`.

    Shape: one row per window, account and category in which suppliers had been counted at the
    window's start and we are a supplier at its end: the count at the start less the count at the
    end, over the count at the start. `part` is the category. A roll-up pools suppliers.

    Unit: % (kept as a ratio, 0.25 for 25 %; below 0 where there are more suppliers than before).

    Empty and null rule: without a category counted by the window's start there is no value. A
    category counted at 0 suppliers had nothing to consolidate and stays out.

    Decisions: a count holds until the next one in its category, so one not counted again has not
    changed. The end is the first instant after the window, so that one window's end is the next
    one's start. We are a supplier where the last word on our status in the category is `sole`,
    `preferred` or `approved`; without a word we can't be said to have stayed. The owner at the
    window's end answers for it.

    Source: seed 1 names it; the formula is ours.

    Example: 8 suppliers of paper at the start, 6 at the end, and we are one of them: 2/8 = 0.25.
    """,
    family="retention",
    timing="lagging",
    unit="%",
    better="higher",
    value=Ratio(),
    sql="""
WITH openings AS (
    SELECT
        windows.period, windows.t1, counted.account_id, counted.category, counted.count,
        counted.event_id
    FROM windows
    INNER JOIN supplier_counts AS counted
        ON counted.valid_from <= windows.t0
        AND (counted.valid_to IS NULL OR counted.valid_to > windows.t0)
    WHERE counted.count > 0
)

SELECT
    opening.account_id,
    opening.period,
    opening.count - closing.count AS numerator,
    opening.count AS denominator,
    opening.category AS part,
    CASE
        WHEN closing.event_id = opening.event_id THEN [opening.event_id, standing.event_id]
        ELSE [opening.event_id, closing.event_id, standing.event_id]
    END AS event_id
FROM openings AS opening
INNER JOIN supplier_counts AS closing
    ON closing.account_id = opening.account_id
    AND closing.category = opening.category
    AND closing.valid_from <= opening.t1
    AND (closing.valid_to IS NULL OR closing.valid_to > opening.t1)
INNER JOIN supplier_statuses AS standing
    ON standing.account_id = opening.account_id
    AND standing.category = opening.category
    AND standing.valid_from <= opening.t1
    AND (standing.valid_to IS NULL OR standing.valid_to > opening.t1)
WHERE standing.status <> 'none'
""",
    source="seed 1; the formula is ours",
    numerator="suppliers at the start less suppliers at the end",
    denominator="suppliers at the start",
)
