from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from benchmarks.fold import Cell, Fold


def folded(*events: tuple[str, str, dict[str, Any]]) -> dict[tuple[str, int], Cell]:
    fold = Fold()
    for kind, when, data in events:
        at = datetime.fromisoformat(f"{when}:00").replace(tzinfo=UTC)
        fold.take(kind, None if kind == "fx.rate_set" else "acme", at, data)
    fold.finish()
    return fold.cells


def month(cells: dict[tuple[str, int], Cell], year: int, number: int) -> Cell:
    return cells["acme", year * 12 + number - 1]


def test_touches_add_up_and_threads_count_once() -> None:
    """Minutes add up, a thread counts by its first message, and the gap runs to the month's end."""
    cells = folded(
        (
            "touch.logged",
            "2026-01-05T10:00",
            {"channel": "call", "minutes": 30, "direction": "outbound", "contact_ids": ["a"]},
        ),
        (
            "touch.logged",
            "2026-01-06T10:00",
            {"channel": "email", "thread_id": "t", "direction": "inbound", "contact_ids": ["b"]},
        ),
        (
            "touch.logged",
            "2026-01-07T10:00",
            {"channel": "email", "thread_id": "t", "direction": "outbound"},
        ),
        (
            "touch.logged",
            "2026-01-30T00:00",
            {"channel": "call", "minutes": 50, "status": "no_show"},
        ),
        ("touch.logged", "2026-03-01T12:00", {"channel": "meeting", "minutes": 60}),
    )
    january = month(cells, 2026, 1)
    assert (january.minutes, january.inbound, january.outbound) == (30, 1, 1)
    assert january.contacts_lately == 2
    assert january.gap_days == pytest.approx(24 + 14 / 24)
    assert month(cells, 2026, 2).gap_days == pytest.approx(52 + 14 / 24)
    assert month(cells, 2026, 3).gap_days == pytest.approx(30.5)


def test_a_won_deal_counts_in_its_cohort_and_where_it_closes() -> None:
    """A deal opened in January and won in February after two touches takes 30 days."""
    cells = folded(
        ("deal.opened", "2026-01-10T08:00", {"deal_id": "d"}),
        ("deal.opened", "2026-01-11T08:00", {"deal_id": "e"}),
        ("touch.logged", "2026-01-12T10:00", {"channel": "call", "deal_id": "d"}),
        ("touch.logged", "2026-02-01T10:00", {"channel": "email", "deal_id": "d"}),
        ("touch.logged", "2026-02-01T10:00", {"channel": "chat", "deal_id": "d"}),
        ("deal.closed", "2026-02-09T08:00", {"deal_id": "d", "outcome": "won"}),
        ("deal.closed", "2026-02-09T08:00", {"deal_id": "e", "outcome": "lost"}),
    )
    january, february = month(cells, 2026, 1), month(cells, 2026, 2)
    assert (january.opened, january.cohort_won) == (2, 1)
    assert (february.won, february.lost, february.touches_to_closure) == (1, 1, 2)
    assert february.days_to_close == [30.0]


def test_revenue_is_converted_at_the_rate_of_the_day() -> None:
    """100 EUR at 1.1 and 50 in the reporting currency are 160."""
    cells = folded(
        ("fx.rate_set", "2026-01-01T00:00", {"from_currency": "EUR", "rate": "1.1"}),
        ("revenue.recognized", "2026-01-31T18:00", {"amount": "100.00", "currency": "EUR"}),
        ("revenue.recognized", "2026-01-31T18:00", {"amount": "50.00"}),
    )
    assert month(cells, 2026, 1).revenue == Decimal(160)


def test_the_latest_answer_of_each_contact_counts() -> None:
    """10, 9, 9, 8, 7, 6 and a 0 that replaces a 10 are 3 promoters less 2 detractors of 7."""
    scores = [("a", 10), ("b", 9), ("c", 9), ("d", 8), ("e", 7), ("f", 6), ("g", 10), ("g", 0)]
    cells = folded(
        *(
            ("survey.responded", "2026-01-10T08:00", {"kind": "nps", "score": s, "contact_id": c})
            for c, s in scores
        )
    )
    assert month(cells, 2026, 1).nps == Decimal(100) / 7


def test_an_issue_takes_until_its_last_resolution() -> None:
    """Opened at noon, resolved, and resolved for good two days later: 48 hours."""
    cells = folded(
        ("issue.opened", "2026-01-30T12:00", {"issue_id": "i"}),
        ("issue.resolved", "2026-01-31T12:00", {"issue_id": "i"}),
        ("issue.resolved", "2026-02-01T12:00", {"issue_id": "i"}),
    )
    assert month(cells, 2026, 1).hours_to_resolve == []
    assert month(cells, 2026, 2).hours_to_resolve == [48.0]


def test_contracts_tell_what_an_account_is_worth_and_when_it_is_lost() -> None:
    """100, amended to 120, renewed at 90 by rebid, ended: kept 100, 90 and nothing."""
    cells = folded(
        (
            "contract.signed",
            "2026-01-02T09:00",
            {
                "contract_id": "1",
                "starts_on": "2026-01-15",
                "ends_on": "2026-03-15",
                "annual_value": "100",
            },
        ),
        (
            "contract.amended",
            "2026-02-10T09:00",
            {"contract_id": "1", "effective_on": "2026-02-11", "annual_value_change": "20"},
        ),
        (
            "contract.renewed",
            "2026-03-01T09:00",
            {
                "contract_id": "2",
                "prior_contract_id": "1",
                "starts_on": "2026-03-15",
                "ends_on": "2027-03-15",
                "annual_value": "90",
                "rebid": True,
            },
        ),
        (
            "contract.ended",
            "2026-04-20T09:00",
            {"contract_id": "2", "effective_on": "2026-04-21", "reason": "cancelled"},
        ),
    )
    worth = {n: month(cells, 2026, n) for n in (1, 2, 3, 4)}
    assert [int(cell.value_before) for cell in worth.values()] == [0, 100, 120, 90]
    assert [int(cell.value_after) for cell in worth.values()] == [100, 120, 90, 0]
    assert [int(cell.value_kept) for cell in worth.values()] == [0, 100, 90, 0]
    assert [c.lost_customer for c in worth.values()] == [False, False, False, True]
    march = worth[3]
    assert (march.due_to_renew, march.renewed, march.renewed_without_rebid) == (1, 1, 0)


def test_scores_are_carried_and_what_does_not_apply_is_left_out() -> None:
    """8, 5 and one that doesn't apply are 6.5, in the next month too."""
    cells = folded(
        ("key_account.scored", "2026-01-10T08:00", {"criterion": "a", "score": 8}),
        ("key_account.scored", "2026-01-10T08:00", {"criterion": "b", "score": 5}),
        ("key_account.scored", "2026-01-10T08:00", {"criterion": "c", "score": None}),
        ("touch.logged", "2026-02-10T08:00", {"channel": "call"}),
    )
    assert month(cells, 2026, 2).account_score == Decimal("6.5")
