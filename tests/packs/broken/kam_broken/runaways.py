"""Loads, and has KPIs that never end or take all memory."""

from __future__ import annotations

from kamengine import KPI, Sum, hookimpl

kamengine_api = "1.0"

ENDLESS = """
    WITH RECURSIVE numbers AS (
        SELECT 1 AS n
        UNION ALL
        SELECT n % 1000 + 1 FROM numbers
    )

    SELECT account_id, occurred_at, 1 AS numerator
    FROM touch_logged
    WHERE (SELECT max(n) FROM numbers) > 0
"""

HUGE = """
    WITH RECURSIVE bits AS (
        SELECT 0 AS n
        UNION ALL
        SELECT n + 1 FROM bits WHERE n < 10
    ),

    numbers AS (
        SELECT one.n + 11 * two.n + 121 * three.n + 1331 * four.n AS n
        FROM bits AS one
        CROSS JOIN bits AS two
        CROSS JOIN bits AS three
        CROSS JOIN bits AS four
    ),

    all_at_once AS (
        SELECT list_sort(list(one.n * other.n)) AS held
        FROM numbers AS one
        CROSS JOIN numbers AS other
    )

    SELECT account_id, occurred_at, len(held) AS numerator
    FROM touch_logged
    CROSS JOIN all_at_once
"""


def _kpi(kpi_id: str, sql: str) -> KPI:
    return KPI(
        id=kpi_id,
        version=1,
        title=kpi_id,
        doc="Broken.",
        family="business",
        timing="lagging",
        unit="count",
        better="higher",
        value=Sum(),
        sql=sql,
        duckdb_only="It is broken in any case.",
    )


@hookimpl
def kamengine_kpis() -> list[KPI]:
    return [_kpi("broken_endless", ENDLESS), _kpi("broken_huge", HUGE)]
