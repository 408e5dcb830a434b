"""Touches that begin with us, counted on the way to a sale."""

from __future__ import annotations

from tests.events.history import History

COLUMNS = "event_id, pursuit, touch_number, won_event"


def touch(history: History, instant: str, /, **rest: object) -> None:
    data = {"manager": "kim", "channel": "call", "direction": "outbound"} | rest
    history.state("touch.logged", instant, **data)  # type: ignore[arg-type]


def test_touches_are_counted_up_to_a_sale_and_then_anew(history: History) -> None:
    """A touch at the moment of the winning still led to it; a lost deal ends nothing."""
    touch(history, "2026-01-01", id="a")
    touch(history, "2026-01-02", id="b")
    history.state("deal.closed", "2026-01-03", deal_id="d0", outcome="lost")
    touch(history, "2026-01-05", id="c")
    history.state("deal.closed", "2026-01-05", id="won", deal_id="d1", outcome="won")
    touch(history, "2026-01-06", id="d")
    assert history.rows("outreach", COLUMNS) == [
        ("a", 1, 1, None),
        ("b", 1, 2, None),
        ("c", 1, 3, "won"),
        ("d", 2, 1, None),
    ]


def test_only_what_took_place_and_began_with_us_is_outreach(history: History) -> None:
    """An unknown direction is taken for ours; a touch with nobody known isn't counted."""
    touch(history, "2026-01-01", id="a", direction="inbound")
    touch(history, "2026-01-02", id="b", status="planned")
    touch(history, "2026-01-03", id="c", direction=None)
    touch(history, "2026-01-04", id="d", account=None)
    assert history.rows("outreach", COLUMNS) == [("c", 1, 1, None)]


def test_a_prospect_has_a_pursuit_of_their_own(history: History) -> None:
    """It ends with a deal without an account that was spoken of with the prospect."""
    touch(history, "2026-01-01", id="a", account=None, prospect_id="p", deal_id="d1")
    touch(history, "2026-01-02", id="b", account=None, prospect_id="q")
    touch(history, "2026-01-03", id="c", account=None, prospect_id="p", deal_id="d1")
    touch(history, "2026-01-04", id="d", prospect_id="p")
    history.state("deal.closed", "2026-01-05", id="won", account=None, deal_id="d1", outcome="won")
    assert history.rows("outreach", f"account_id, prospect_id, {COLUMNS}") == [
        ("acme", None, "d", 1, 1, None),
        (None, "p", "a", 1, 1, None),
        (None, "p", "c", 1, 2, "won"),
        (None, "q", "b", 1, 1, None),
    ]
