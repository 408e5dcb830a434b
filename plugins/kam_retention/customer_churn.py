"""Which of the customers that we had at a window's start we lost, and which we still have."""

from __future__ import annotations

from kamengine import KPI, Ratio, Sum

CUSTOMER_CHURN_RATE = KPI(
    id="customer_churn_rate",
    version=1,
    title="Customer churn rate",
    doc="""
    The share of the customers at the start of the window that were lost in its course.

    Inputs: `contract.signed`, `contract.renewed` and `contract.ended`, by way of
    `customer_spells`; where accounts decide who is a customer, `account.opened` and
    `account.closed`.

    Shape: one row per window and account that was a customer at its first instant, `1` if the
    account was lost in the window and `0` if not, over `1`. `part` says how it was lost.

    Unit: % (kept as a ratio, 0.07 for 7 %).

    Empty and null rule: without a customer at the start there is no value. A contract's planned
    end that still lies ahead loses nobody.

    Decisions: an account is lost at the last instant that is covered: a contract that ends with
    December is a loss of December. A new contract from the very next day goes on with the old one;
    after a gap of even a day the account was lost, and counts as lost though it came back. A loss
    counts for the owner at that last instant, a customer who stayed for the owner at the window's
    end. An account won and lost inside the window is in neither sum; `customers_won_and_lost`
    counts them.

    Source: seed 2: lost over the period ÷ customers at its beginning; lost means cancelled, or not
    renewed by the last date.

    Example: 200 customers at the start, 14 of them lost, 3 more won and lost: 14/200 = 0.07.
    """,
    family="retention",
    timing="lagging",
    unit="%",
    better="lower",
    value=Ratio(),
    sql="""
WITH starters AS (
    SELECT
        windows.period,
        spell.account_id,
        spell.start_event,
        spell.end_event,
        spell.ended_reason,
        spell.ends_at - INTERVAL 1 MICROSECOND AS lost_at,
        coalesce(spell.ends_at <= windows.t1, FALSE) AS lost
    FROM windows
    INNER JOIN customer_spells AS spell
        ON spell.starts_at <= windows.t0
        AND (spell.ends_at IS NULL OR windows.t0 < spell.ends_at)
)

SELECT
    period,
    account_id,
    CASE WHEN lost THEN lost_at END AS occurred_at,
    CASE WHEN lost THEN 1 ELSE 0 END AS numerator,
    1 AS denominator,
    CASE WHEN lost THEN ended_reason ELSE 'kept' END AS part,
    CASE
        WHEN lost AND start_event <> end_event THEN [start_event, end_event]
        ELSE [start_event]
    END AS event_id
FROM starters
""",
    source="seeds 1 and 2",
    numerator="customers at the start who were lost",
    denominator="customers at the start",
)

CUSTOMERS_WON_AND_LOST = KPI(
    id="customers_won_and_lost",
    version=1,
    title="Customers won and lost again",
    doc="""
    How many accounts came after the window's start and were gone before its end.

    Inputs: as for `customer_churn_rate`.

    Shape: one row per window and account that wasn't a customer at the window's first instant,
    became one in its course, and was lost in its course. `part` says how it was lost.

    Unit: accounts.

    Empty and null rule: none is a true zero.

    Decisions: an account that came and went twice in a window counts once, at its last loss.

    Source: ours. It shows beside churn what churn must leave out: seed 2 measures the customers
    that there were at the beginning.

    Example: a customer from 3 to 20 May counts in May, in the quarter and in the year.
    """,
    family="retention",
    timing="lagging",
    unit="accounts",
    better="lower",
    value=Sum(),
    empty="zero",
    sql="""
WITH visits AS (
    SELECT
        windows.period,
        windows.t0,
        spell.account_id,
        spell.start_event,
        spell.end_event,
        spell.ended_reason,
        spell.ends_at - INTERVAL 1 MICROSECOND AS lost_at,
        row_number() OVER (
            PARTITION BY windows.period, spell.account_id ORDER BY spell.starts_at DESC
        ) AS recency
    FROM windows
    INNER JOIN customer_spells AS spell
        ON spell.starts_at > windows.t0
        AND spell.ends_at <= windows.t1
)

SELECT
    visit.period,
    visit.account_id,
    visit.lost_at AS occurred_at,
    1 AS numerator,
    visit.ended_reason AS part,
    CASE
        WHEN visit.start_event <> visit.end_event THEN [visit.start_event, visit.end_event]
        ELSE [visit.start_event]
    END AS event_id
FROM visits AS visit
LEFT JOIN customer_spells AS standing
    ON standing.account_id = visit.account_id
    AND standing.starts_at <= visit.t0
    AND (standing.ends_at IS NULL OR visit.t0 < standing.ends_at)
WHERE visit.recency = 1 AND standing.account_id IS NULL
""",
    source="ours",
    numerator="accounts won and lost in the window",
)

RETENTION_RATE = KPI(
    id="retention_rate",
    version=1,
    title="Retention rate",
    doc="""
    The share of the customers at the start of the window that are customers at its end.

    Inputs: as for `customer_churn_rate`.

    Shape: one row per window and account that was a customer at its first instant, `1` if the
    account is one at its end and `0` if not, over `1`.

    Unit: % (kept as a ratio, 0.93 for 93 %).

    Empty and null rule: without a customer at the start there is no value.

    Decisions: the end is the first instant after the window, so that one window's end is the next
    one's start; of a window still open it is "as of". A customer who left and came back is
    retained, but churned all the same: only where nobody comes back do retention and churn add up
    to 1. A loss counts for the owner at the last covered instant, a customer who stayed for the
    owner at the window's end.

    Source: seeds 1, 3 and 4 name it; the formula is the field's standard.

    Example: 200 customers at the start of whom 14 left, and one of those came back: 187/200 =
    0.935.
    """,
    family="retention",
    timing="lagging",
    unit="%",
    better="higher",
    value=Ratio(),
    sql="""
WITH starters AS (
    SELECT windows.period, windows.t1, spell.account_id, spell.start_event
    FROM windows
    INNER JOIN customer_spells AS spell
        ON spell.starts_at <= windows.t0
        AND (spell.ends_at IS NULL OR windows.t0 < spell.ends_at)
),

spells AS (
    SELECT
        *,
        lead(starts_at) OVER (PARTITION BY account_id ORDER BY starts_at) AS next_starts_at
    FROM customer_spells
),

-- the last spell to begin by the window's end: it covers that end, or no spell does
finishers AS (
    SELECT
        starter.period,
        starter.account_id,
        starter.start_event,
        last_spell.start_event AS last_start_event,
        last_spell.end_event,
        last_spell.ends_at - INTERVAL 1 MICROSECOND AS lost_at,
        coalesce(last_spell.ends_at <= starter.t1, FALSE) AS lost
    FROM starters AS starter
    INNER JOIN spells AS last_spell
        ON last_spell.account_id = starter.account_id
        AND last_spell.starts_at <= starter.t1
        AND (last_spell.next_starts_at IS NULL OR starter.t1 < last_spell.next_starts_at)
),

explained AS (
    SELECT
        *,
        CASE WHEN lost THEN end_event ELSE last_start_event END AS deciding_event
    FROM finishers
)

SELECT
    period,
    account_id,
    CASE WHEN lost THEN lost_at END AS occurred_at,
    CASE WHEN lost THEN 0 ELSE 1 END AS numerator,
    1 AS denominator,
    CASE WHEN lost THEN 'lost' ELSE 'kept' END AS part,
    CASE
        WHEN start_event <> deciding_event THEN [start_event, deciding_event]
        ELSE [start_event]
    END AS event_id
FROM explained
""",
    source="seeds 1, 3 and 4; field standard",
    numerator="customers at the start who are customers at the end",
    denominator="customers at the start",
)
