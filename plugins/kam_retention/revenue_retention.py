"""What the customers that we had at a window's start are still worth at its end."""

from __future__ import annotations

from kamengine import KPI, Projection, Ratio

RECURRING_REVENUE = Projection(
    name="recurring_revenue",
    doc="One row per account and interval during which its annual recurring revenue stood still.",
    key=("account_id", "valid_from"),
    sql="""
WITH grounds AS (
    SELECT
        account_id,
        contract_id,
        valid_from,
        list_sort(coalesce(
            list(amended.event_id) FILTER (WHERE amended.event_id IS NOT NULL), []
        )) AS amended_events
    FROM contract_values
    LEFT JOIN contract_amended AS amended USING (account_id, contract_id)
    WHERE amended.event_id IS NULL OR local_start(amended.effective_on) <= valid_from
    GROUP BY account_id, contract_id, valid_from
),

-- a value rests on the contract and on every amendment so far
terms AS (
    SELECT
        worth.account_id,
        worth.contract_id,
        worth.annual_value,
        worth.valid_from,
        worth.valid_to,
        worth.problem,
        list_concat([contract.event_id], coalesce(grounds.amended_events, [])) AS event_ids
    FROM contract_values AS worth
    INNER JOIN contracts AS contract USING (account_id, contract_id)
    LEFT JOIN grounds USING (account_id, contract_id, valid_from)
),

turns AS (
    SELECT account_id, valid_from AS turned_at FROM terms
    UNION
    SELECT account_id, valid_to AS turned_at FROM terms
),

intervals AS (
    SELECT
        account_id,
        turned_at AS valid_from,
        lead(turned_at) OVER (PARTITION BY account_id ORDER BY turned_at) AS valid_to
    FROM turns
)

-- after its last contract an account is worth nothing, for as long as no other begins
SELECT
    step.account_id,
    step.valid_from,
    step.valid_to,
    CASE
        WHEN min(term.problem) IS NULL THEN coalesce(sum(term.annual_value), 0)
    END AS annual_value,
    list_sort(flatten(coalesce(
        list(term.event_ids) FILTER (WHERE term.event_ids IS NOT NULL), []
    ))) AS event_ids,
    min(term.problem) AS problem
FROM intervals AS step
LEFT JOIN terms AS term
    ON term.account_id = step.account_id
    AND term.valid_from <= step.valid_from
    AND step.valid_from < term.valid_to
GROUP BY step.account_id, step.valid_from, step.valid_to
""",
)


def _retained(kept: str) -> str:
    """Return SQL for what each customer at a window's start is still worth at its end.

    Args:
        kept: SQL over ``value_at_start`` and ``value_at_end``: the part that was retained.
    """
    return f"""
WITH starters AS (
    SELECT windows.period, windows.t0, windows.t1, spell.account_id, spell.start_event
    FROM windows
    INNER JOIN customer_spells AS spell
        ON spell.starts_at <= windows.t0
        AND (spell.ends_at IS NULL OR windows.t0 < spell.ends_at)
),

opened AS (
    SELECT
        starter.*,
        CASE
            WHEN opening.problem IS NULL THEN coalesce(opening.annual_value, 0)
        END AS value_at_start,
        coalesce(opening.event_ids, [starter.start_event]) AS start_events,
        opening.valid_from AS start_step,
        opening.problem AS start_problem
    FROM starters AS starter
    LEFT JOIN recurring_revenue AS opening
        ON opening.account_id = starter.account_id
        AND opening.valid_from <= starter.t0
        AND (opening.valid_to IS NULL OR starter.t0 < opening.valid_to)
),

closed AS (
    SELECT
        opened.*,
        CASE
            WHEN closing.problem IS NULL THEN coalesce(closing.annual_value, 0)
        END AS value_at_end,
        closing.event_ids AS end_events,
        closing.valid_from IS DISTINCT FROM opened.start_step AS moved,
        coalesce(opened.start_problem, closing.problem) AS problem
    FROM opened
    LEFT JOIN recurring_revenue AS closing
        ON closing.account_id = opened.account_id
        AND closing.valid_from <= opened.t1
        AND (closing.valid_to IS NULL OR opened.t1 < closing.valid_to)
),

spells AS (
    SELECT
        *,
        lead(starts_at) OVER (PARTITION BY account_id ORDER BY starts_at) AS next_starts_at
    FROM customer_spells
),

-- the last spell to begin by the window's end: it covers that end, or the customer is lost
fates AS (
    SELECT
        closed.*,
        last_spell.ends_at - INTERVAL 1 MICROSECOND AS lost_at,
        last_spell.end_event,
        coalesce(last_spell.ends_at <= closed.t1, FALSE) AS lost
    FROM closed
    INNER JOIN spells AS last_spell
        ON last_spell.account_id = closed.account_id
        AND last_spell.starts_at <= closed.t1
        AND (last_spell.next_starts_at IS NULL OR closed.t1 < last_spell.next_starts_at)
)

SELECT
    period,
    account_id,
    CASE WHEN lost THEN lost_at END AS occurred_at,
    CASE WHEN problem IS NULL THEN {kept} END AS numerator,
    value_at_start AS denominator,
    CASE
        WHEN lost THEN 'lost'
        WHEN value_at_end < value_at_start THEN 'contracted'
        WHEN value_at_end > value_at_start THEN 'expanded'
        ELSE 'kept'
    END AS part,
    CASE
        WHEN lost THEN list_sort(list_distinct(list_append(start_events, end_event)))
        WHEN moved THEN list_sort(list_distinct(
            list_concat(coalesce(start_events, []), coalesce(end_events, []))
        ))
        ELSE start_events
    END AS event_id,
    problem
FROM fates
"""


_RULES = """
    Inputs: `contract.signed`, `contract.amended`, `contract.renewed`, `contract.ended` and
    `fx.rate_set`, by way of `customer_spells`, `contract_values` and `recurring_revenue`.

    Shape: one row per window and account that was a customer at its first instant: what is
    retained of the account's annual recurring revenue, over what that was at the start. `part`
    says whether the account was lost, contracted, expanded or kept.

    Unit: % (kept as a ratio).

    Empty and null rule: without recurring revenue at the start there is no value. Where the worth
    of one account at either end can't be known for want of an exchange rate, the value is
    undefined, and says so.

    Decisions: annual recurring revenue at an instant is the sum of the annual values of the
    contracts that cover it, with the amendments effective by then; the end is the first instant
    after the window, or "as of" while the window is open. A value in another currency is converted
    at the rate of the day on which it was agreed, so that a rate that moves retains and loses
    nothing. Whoever left and came back counts with what the account is worth at the end. A loss
    counts for the owner at the last covered instant, all else for the owner at the window's end.
"""

GROSS_REVENUE_RETENTION = KPI(
    id="gross_revenue_retention",
    version=1,
    title="Gross revenue retention",
    doc=f"""
    The share of the recurring revenue at the start of the window that was neither lost nor cut.
{_RULES}
    Source: the field's standard; no seed names it. What one account gained never makes up for
    another's loss, so it is never above 1.

    Example: A, B and C were worth 100 each; at the end A is worth 120, B 80, C nothing, and a new
    D 50: (100 + 80 + 0)/300 = 0.60.
    """,
    family="retention",
    timing="lagging",
    unit="%",
    better="higher",
    value=Ratio(),
    sql=_retained("least(value_at_start, value_at_end)"),
    source="field standard",
    numerator="recurring revenue at the end, of each account at most what it was at the start",
    denominator="recurring revenue at the start",
)

NET_REVENUE_RETENTION = KPI(
    id="net_revenue_retention",
    version=1,
    title="Net revenue retention",
    doc=f"""
    What the customers at the start of the window are worth at its end, over what they were then.
{_RULES}
    Source: the field's standard; no seed names it. Customers won in the window stay out.

    Example: A, B and C were worth 100 each; at the end A is worth 120, B 80, C nothing, and a new
    D 50: (120 + 80 + 0)/300 = 0.6667.
    """,
    family="retention",
    timing="lagging",
    unit="%",
    better="higher",
    value=Ratio(),
    sql=_retained("value_at_end"),
    source="field standard",
    numerator="recurring revenue at the end, of the customers at the start",
    denominator="recurring revenue at the start",
)
