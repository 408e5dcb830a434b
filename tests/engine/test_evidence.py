"""How evidence is put together from a KPI's query."""

from __future__ import annotations

from kamengine.engine import evidence
from kamengine.engine.session import Session
from kamengine.engine.windows import set_windows
from kamengine.periods import Calendar

MIXED = """
SELECT 'acme' AS account_id, TIMESTAMP '2026-03-05' AS occurred_at, NULL AS period, 2 AS numerator
UNION ALL
SELECT 'acme' AS account_id, NULL AS occurred_at, '2026-02' AS period, 3 AS numerator
"""


def test_rows_without_a_period_are_not_held_all_at_once() -> None:
    """Whatever DuckDB makes of how many there are: a join that is turned around holds them."""
    calendar = Calendar()
    with Session(None, calendar) as session:
        set_windows(session, [calendar.window(f"2026-{month:02}", None) for month in range(1, 13)])
        query = evidence.attributed(MIXED, session.columns(MIXED), {}, "KPI x")
        plan = str(session.rows(f"EXPLAIN {query}")[0][1])
        placed = f"SELECT occurred_at, period, numerator FROM ({query}) ORDER BY occurred_at"
        rows = [(str(moment), *rest) for moment, *rest in session.rows(placed)]
    assert "RIGHT" not in plan
    assert rows == [("2026-02-28 23:59:59.999999", "2026-02", 3), ("2026-03-05 00:00:00", None, 2)]
