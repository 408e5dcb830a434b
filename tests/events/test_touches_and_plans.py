"""Touches and who took part in them; reviews, plan actions and goals."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from tests.events.history import History, day


class TestTouches:
    def test_a_touch_without_an_id_is_a_touch_of_its_own(self, history: History) -> None:
        """It takes the event's id, and counts as completed where nothing else is said."""
        history.state("touch.logged", "2026-01-01", manager="kim", channel="call", minutes=30)
        history.state("touch.logged", "2026-01-01", manager="kim", channel="call", minutes=20)
        assert history.rows("touches", "touch_id, status, completed, minutes, event_id") == [
            ("e1", "completed", True, 30, "e1"),
            ("e2", "completed", True, 20, "e2"),
        ]

    def test_a_touch_stated_again_replaces_what_was_said(self, history: History) -> None:
        """Nothing of the plan is left once the touch is done, not even its contacts."""
        history.state(
            "touch.logged",
            "2026-01-05",
            manager="kim",
            touch_id="t",
            channel="meeting",
            status="planned",
            contact_ids=["c"],
        )
        history.state(
            "touch.logged", "2026-01-09", manager="lee", touch_id="t", channel="video", minutes=45
        )
        assert history.rows(
            "touches", "touch_id, manager_id, channel, completed, minutes, contact_ids, event_id"
        ) == [("t", "lee", "video", True, 45, [], "e2")]

    def test_a_touch_may_be_stated_again_by_the_first_events_id(self, history: History) -> None:
        """An event's id is the id of its touch where the event gives none."""
        history.state(
            "touch.logged", "2026-01-05", id="x", manager="kim", channel="call", status="planned"
        )
        history.state(
            "touch.logged",
            "2026-01-09",
            manager="kim",
            channel="call",
            touch_id="x",
            status="no_show",
        )
        assert history.rows("touches", "touch_id, status, completed, event_id") == [
            ("x", "no_show", False, "e2")
        ]

    def test_of_two_statements_at_one_instant_the_later_id_stands(self, history: History) -> None:
        """The tie goes to the greater id, in whichever order the two arrive."""
        for event_id, minutes in (("b", 20), ("a", 10)):
            history.state(
                "touch.logged",
                "2026-01-05",
                id=event_id,
                manager="kim",
                touch_id="t",
                channel="call",
                minutes=minutes,
            )
        assert history.rows("touches", "minutes, event_id") == [(20, "b")]

    def test_one_touch_id_at_two_accounts_names_two_touches(self, history: History) -> None:
        """An id is only as unique as the account makes it; no account is a place of its own."""
        for account in ("acme", "zeta", None):
            history.state(
                "touch.logged",
                "2026-01-05",
                account=account,
                manager="kim",
                touch_id="t",
                channel="chat",
            )
        assert history.rows("touches", "account_id, touch_id") == [
            ("acme", "t"),
            ("zeta", "t"),
            (None, "t"),
        ]

    @pytest.mark.parametrize(
        ("touch", "two_way"),
        [
            ({"channel": "call"}, True),
            ({"channel": "video", "direction": "outbound"}, True),
            ({"channel": "meeting", "status": "no_show"}, False),
            ({"channel": "email"}, False),
            ({"channel": "email", "direction": "outbound"}, False),
            ({"channel": "email", "direction": "inbound"}, True),
            ({"channel": "chat", "replied_at": "2026-01-02T00:00:00Z"}, True),
            ({"channel": "chat", "direction": "inbound", "status": "planned"}, False),
        ],
    )
    def test_two_way_means_that_the_customer_took_part(
        self, history: History, touch: dict[str, str], two_way: bool
    ) -> None:
        """They met or spoke, or wrote to us, or answered; and it did take place."""
        history.state("touch.logged", "2026-01-01", manager="kim", **touch)
        assert history.rows("touches", "two_way") == [(two_way,)]

    def test_the_first_completed_touch_starts_a_thread(self, history: History) -> None:
        """What was only planned starts nothing; a tie goes to the smaller id."""
        for event_id, instant, thread, status in (
            ("p", "2026-01-01", "t", "planned"),
            ("c", "2026-01-02", "t", "completed"),
            ("b", "2026-01-02", "t", "completed"),
            ("d", "2026-01-03", "t", "completed"),
            ("e", "2026-01-04", None, "completed"),
        ):
            history.state(
                "touch.logged",
                instant,
                id=event_id,
                manager="kim",
                channel="email",
                thread_id=thread,
                status=status,
            )
        assert history.rows("thread_starts", "thread_id, occurred_at, event_id") == [
            ("t", day("2026-01-02"), "b")
        ]


class TestTouchContacts:
    def test_a_contact_has_the_role_of_that_moment(self, history: History) -> None:
        """Roles hold in half-open intervals: at the instant of a change the new one counts."""
        history.state("contact.added", "2026-01-01", contact_id="c", role="user", influence=2)
        history.state("contact.changed", "2026-02-01", contact_id="c", role="champion")
        history.state("contact.left", "2026-03-01", contact_id="c")
        for instant in ("2025-12-31", "2026-01-31T23:59:59", "2026-02-01", "2026-03-01"):
            history.state(
                "touch.logged",
                instant,
                id=instant,
                manager="kim",
                channel="call",
                contact_ids=["c"],
            )
        assert history.rows(
            "touch_contacts", "event_id, role, influence, key_contact, decision_maker"
        ) == [
            ("2025-12-31", None, None, False, False),
            ("2026-01-31T23:59:59", "user", 2, False, False),
            ("2026-02-01", "champion", 2, True, False),
            ("2026-03-01", None, None, False, False),
        ]

    def test_each_contact_of_a_touch_counts_once(self, history: History) -> None:
        """Saying a contact twice says nothing more; a contact of another account isn't ours."""
        history.state(
            "contact.added", "2026-01-01", account="zeta", contact_id="d", role="decision_maker"
        )
        history.state("contact.added", "2026-01-01", contact_id="c", role="exec_sponsor")
        history.state(
            "touch.logged",
            "2026-01-02",
            manager="kim",
            channel="email",
            contact_ids=["d", "c", "c"],
        )
        assert history.rows("touch_contacts", "contact_id, role, decision_maker, two_way") == [
            ("c", "exec_sponsor", True, False),
            ("d", None, False, False),
        ]


class TestPlans:
    def test_a_review_held_on_its_last_day_is_on_time(self, history_ahead: History) -> None:
        """The day is a local one: here it ends at 22:00 UTC."""
        for review, held in (("r", "2026-03-31T21:59:59"), ("s", "2026-03-31T22:00:00")):
            history_ahead.state(
                "review.scheduled",
                "2026-01-01",
                manager="kim",
                review_id=review,
                due_on="2026-03-31",
            )
            history_ahead.state("review.held", held, manager="kim", review_id=review, rating=4)
        assert history_ahead.rows("reviews", "review_id, due_at, held_at, on_time") == [
            ("r", day("2026-03-30T22:00"), day("2026-03-31T21:59:59"), True),
            ("s", day("2026-03-30T22:00"), day("2026-03-31T22:00"), False),
        ]

    def test_a_review_may_be_held_unplanned_or_not_at_all(self, history: History) -> None:
        """Either half makes a row; scheduling it again moves the day."""
        history.state("review.held", "2026-01-05", manager="kim", review_id="a", attendees=3)
        for event_id, due in (("x", "2026-02-01"), ("y", "2026-03-01")):
            history.state(
                "review.scheduled",
                "2026-01-01",
                id=event_id,
                manager="lee",
                review_id="b",
                due_on=due,
            )
        assert history.rows("reviews", "review_id, manager_id, due_on, held_at, on_time") == [
            ("a", "kim", None, day("2026-01-05"), None),
            ("b", "lee", dt.date(2026, 3, 1), None, None),
        ]

    def test_an_action_is_done_when_it_was_first_completed(self, history: History) -> None:
        """The last setting says what is due, with weight 1 where none is stated."""
        action = {"action_id": "a", "plan_id": "p"}
        history.state("plan.action_set", "2026-01-01", due_on="2026-02-01", weight=5, **action)
        history.state("plan.action_set", "2026-01-02", due_on="2026-03-01", **action)
        history.state("plan.action_completed", "2026-03-02", action_id="a")
        history.state("plan.action_completed", "2026-03-01T23:00", action_id="a")
        history.state("plan.action_completed", "2026-01-05", action_id="never set")
        assert history.rows(
            "plan_actions", "due_on, weight, done_at, on_time, set_event, done_event"
        ) == [(dt.date(2026, 3, 1), Decimal(1), day("2026-03-01T23:00"), True, "e2", "e4")]

    def test_a_goal_has_the_value_measured_last(self, history: History) -> None:
        """Of two at one instant, that of the greater id."""
        history.state(
            "goal.set",
            "2026-01-01",
            goal_id="g",
            owner="customer",
            baseline=10,
            target="4.5",
            due_on="2026-06-30",
        )
        history.state("goal.progressed", "2026-02-01", id="z", goal_id="g", value=7)
        history.state("goal.progressed", "2026-02-01", id="b", goal_id="g", value=9)
        assert history.rows("goals", "baseline, target, value, value_at, progress_event") == [
            (Decimal(10), Decimal("4.5"), Decimal(7), day("2026-02-01"), "z")
        ]

    def test_a_referral_counts_when_it_was_first_received(self, history: History) -> None:
        """Hearing of it again is no second referral."""
        history.state("referral.received", "2026-02-01", referral_id="r", contact_id="d")
        history.state("referral.received", "2026-01-01", referral_id="r", contact_id="c")
        assert history.rows("referrals", "referral_id, contact_id, event_id") == [("r", "c", "e2")]


def test_a_call_waits_from_its_arrival_to_its_first_answer(history: History) -> None:
    """A call stated again came when it first came; an answer to no call is none."""
    history.state("call.received", "2026-01-01T10:00", call_id="c")
    history.state("call.received", "2026-01-01T09:00", call_id="c")
    history.state("call.answered", "2026-01-01T11:00", call_id="c", by="lee")
    history.state("call.answered", "2026-01-01T10:30", call_id="c", by="kim")
    history.state("call.answered", "2026-01-01T10:30", call_id="other")
    history.state("call.received", "2026-01-02", call_id="missed")
    assert history.rows(
        "calls", "call_id, received_at, answered_at, answered_by, received_event, answered_event"
    ) == [
        ("c", day("2026-01-01T09:00"), day("2026-01-01T10:30"), "kim", "e2", "e4"),
        ("missed", day("2026-01-02"), None, None, "e6", None),
    ]
