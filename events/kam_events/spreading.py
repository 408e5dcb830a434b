"""How every projection spreads what is stated for a period over its calendar months.

A period's first k of n days have ``quantity * k / n`` of it, rounded to six digits; a month gets
the difference of two such shares, so that the months add up to the whole, to the last digit.
"""

from __future__ import annotations

from collections.abc import Sequence

from kam_events.conversion import converted, problem, rate_of


def spread(source: str, quantities: Sequence[str], details: Sequence[str]) -> str:
    """Return SQL for the share of each calendar month that a statement's period touches.

    The rows have ``event_id``, ``month`` (its first day), ``occurred_at`` (the local start of the
    period's part of the month), the quantities, and the details.

    Args:
        source: A query with ``event_id``, ``period_start``, ``period_end`` and what follows.
        quantities: Its columns that are spread.
        details: Its other columns, to carry along.
    """
    carried = ", ".join(["event_id", *details])
    whole = ", ".join(quantities)
    shares = ",\n    ".join(f"{_part(q)} AS {q}" for q in quantities)
    return f"""
WITH stated AS ({source}),

bounded AS (
    SELECT
        *,
        CAST(date_trunc('month', period_start) AS DATE) AS first_month,
        CAST(date_trunc('month', period_end - 1) AS DATE) AS last_month
    FROM stated
),

touched AS (
    SELECT
        *,
        unnest(range(
            12 * (year(last_month) - year(first_month)) + month(last_month) - month(first_month) + 1
        )) AS step
    FROM bounded
    WHERE first_month <> last_month
),

months AS (
    SELECT
        *,
        months_after(first_month, step) AS month,
        date_diff('day', period_start, period_end) AS days
    FROM touched
),

cut AS (
    SELECT
        *,
        greatest(month, period_start) AS part_start,
        date_diff('day', period_start, greatest(month, period_start)) AS days_before,
        date_diff('day', period_start, least(months_after(month, 1), period_end)) AS days_so_far
    FROM months
)

SELECT {carried}, first_month AS month, local_start(period_start) AS occurred_at, {whole}
FROM bounded
WHERE first_month = last_month
UNION ALL
SELECT
    {carried}, month, local_start(part_start) AS occurred_at,
    {shares}
FROM cut
"""


def spread_amounts(facts: str, *details: str, amount: str = "amount") -> str:
    """Return SQL for amounts in the reporting currency, spread over their months.

    Beside the columns of `spread` the rows have ``currency`` and ``problem``.

    Args:
        facts: The fact table, with ``currency``, ``period_start`` and ``period_end``.
        details: The other columns to carry along.
        amount: What the fact table calls the amount.
    """
    carried = "".join(f"stated.{detail}, " for detail in details)
    source = f"""
    SELECT
        {carried}
        stated.event_id,
        stated.period_start,
        stated.period_end,
        stated.stated_currency AS currency,
        {converted(f"stated.{amount}")} AS amount,
        {problem(f"stated.{amount}", "stated.stated_currency", "stated.occurred_at")} AS problem
    FROM (
        SELECT *, occurred_at AS told_at, coalesce(currency, $reporting_currency) AS stated_currency
        FROM {facts}
    ) AS stated
    {rate_of("stated.stated_currency", "stated.occurred_at")}
"""
    return spread(source, ("amount",), (*details, "currency", "problem"))


def latest_of(*key: str) -> str:
    """Return the condition that keeps what was stated last of a thing."""
    return (
        f"row_number() OVER (PARTITION BY {', '.join(key)} ORDER BY occurred_at DESC, id DESC) = 1"
    )


def _part(quantity: str) -> str:
    """Return a month's part: the difference of two rounded shares, so that months add up."""
    return f"quotient({quantity} * days_so_far, days) - quotient({quantity} * days_before, days)"
