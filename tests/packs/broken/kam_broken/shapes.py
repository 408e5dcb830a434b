"""Loads, and has KPIs whose SQL fails: at once, or on some rows alone."""

from __future__ import annotations

from kamengine import KPI, Sum, hookimpl

kamengine_api = "1.0"


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
    )


@hookimpl
def kamengine_kpis() -> list[KPI]:
    return [
        _kpi("broken_table", "SELECT 1 AS numerator FROM tuoches"),
        _kpi("broken_column", "SELECT account_id, occured_at, 1 AS numerator FROM touch_logged"),
        _kpi("broken_evidence", "SELECT account_id, occurred_at, 1 AS amount FROM touch_logged"),
        _kpi(
            "broken_number",
            "SELECT account_id, occurred_at, channel AS numerator FROM touch_logged",
        ),
        _kpi(
            "broken_on_some_rows",
            """
            SELECT
                account_id,
                occurred_at,
                event_id,
                CAST(
                    CASE WHEN channel = 'email' THEN 'many' ELSE '1' END AS DECIMAL(38, 6)
                ) AS numerator
            FROM touch_logged
            """,
        ),
    ]
