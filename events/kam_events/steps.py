"""Amounts added up by account and instant, for KPIs whose windows reach further than themselves.

Where windows look back a year or compare two stretches, each amount would be met once for every
window. Steps are fewer than amounts, and carry the events that they stand for.
"""

from __future__ import annotations

import textwrap


def steps(relation: str, *quantities: str) -> str:
    """Return the CTE ``steps``: what happened at an account at one instant, added up.

    A row has ``account_id``, ``occurred_at``, the sums under the quantities' own names, the
    ``problem`` of any of its amounts, and its events: the first in ``event_id``, all in
    ``event_ids``.

    Args:
        relation: What has the columns ``account_id``, ``occurred_at``, ``problem``, ``event_id``.
        quantities: Its columns that are added up.
    """
    sums = ",\n        ".join(f"sum({quantity}) AS {quantity}" for quantity in quantities)
    return f"""steps AS (
    SELECT
        account_id,
        occurred_at,
        {sums},
        min(problem) AS problem,
        min(event_id) AS event_id,
        list_sort(array_agg(event_id)) AS event_ids
    FROM {relation}
    GROUP BY account_id, occurred_at
)"""


def events_of(relation: str, indent: int = 4) -> str:
    """Return the columns ``event_id`` and ``more_events`` of rows that have ``event_ids``.

    Args:
        relation: The rows, which are grouped.
        indent: How far the query that selects the columns indents them.
    """
    columns = f"""
min({relation}.event_id) AS event_id,
list_sort(
    flatten(
        list_sort(
            coalesce(
                array_agg({relation}.event_ids) FILTER (WHERE {relation}.event_ids IS NOT NULL), []
            )
        )
    )
) AS more_events
"""
    return textwrap.indent(columns, " " * indent).strip()


def ratio_before(ledger: str) -> str:
    """Return the query for a ratio's evidence in the window just before each window.

    Args:
        ledger: The query for the ratio's own evidence, row by row.
    """
    return f"""
WITH ledger AS ({ledger}),

{steps("ledger", "numerator", "denominator")}

SELECT
    windows.period,
    steps.account_id,
    CASE WHEN min(steps.problem) IS NULL THEN sum(steps.numerator) END AS numerator,
    sum(steps.denominator) AS denominator,
    {events_of("steps")},
    min(steps.problem) AS problem
FROM windows
INNER JOIN steps
    ON steps.occurred_at >= windows.previous_t0
    AND steps.occurred_at < windows.previous_t1
GROUP BY windows.period, steps.account_id
"""
