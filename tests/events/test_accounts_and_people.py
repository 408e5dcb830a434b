"""Accounts, owners, contacts, managers and teams, as they were at any instant."""

from __future__ import annotations

import datetime as dt

from tests.events.history import History, day


class TestAccounts:
    def test_attributes_are_those_of_the_latest_change(self, history: History) -> None:
        """What a change leaves out stays as it was."""
        history.state("account.opened", "2026-01-01", name="Acme", segment="smb", tier="B")
        history.state("account.changed", "2026-02-01", segment="enterprise")
        history.state("account.changed", "2026-03-01", name="Acme AG", tier="A")
        assert history.rows(
            "accounts", "account_id, name, segment, tier, opened_at, closed_at, event_id"
        ) == [("acme", "Acme AG", "enterprise", "A", day("2026-01-01"), None, "e1")]

    def test_attributes_hold_in_half_open_intervals_from_the_opening(
        self, history: History
    ) -> None:
        """An interval ends at the instant at which the next one begins; the last one is open."""
        history.state("account.opened", "2026-01-01", name="Acme", segment="smb", region="north")
        history.state("account.changed", "2026-02-01", segment="enterprise")
        assert history.rows(
            "account_attributes", "segment, region, valid_from, valid_to, event_id"
        ) == [
            ("enterprise", "north", day("2026-02-01"), None, "e2"),
            ("smb", "north", day("2026-01-01"), day("2026-02-01"), "e1"),
        ]

    def test_of_two_changes_at_one_instant_the_later_id_stands(self, history: History) -> None:
        """Both are heard; the one with the greater id has the last word; no interval is empty."""
        history.state("account.opened", "2026-01-01", name="Acme")
        history.state("account.changed", "2026-02-01", id="z", segment="last")
        history.state("account.changed", "2026-02-01", id="b", segment="first", tier="A")
        assert history.rows("account_attributes", "segment, tier, valid_from, event_id") == [
            ("last", "A", day("2026-02-01"), "z"),
            (None, None, day("2026-01-01"), "e1"),
        ]

    def test_an_account_that_closes_and_opens_again_has_two_spells(self, history: History) -> None:
        """The account itself is open again, and was first opened when it first opened."""
        history.state("account.opened", "2026-01-01", name="Acme")
        history.state("account.closed", "2026-02-01")
        history.state("account.opened", "2026-04-01", name="Acme", tier="C")
        assert history.rows("account_spells", "opened_at, closed_at, open_event, close_event") == [
            (day("2026-01-01"), day("2026-02-01"), "e1", "e2"),
            (day("2026-04-01"), None, "e3", None),
        ]
        assert history.rows("accounts", "tier, opened_at, closed_at") == [
            ("C", day("2026-01-01"), None)
        ]

    def test_opening_an_open_account_changes_nothing(self, history: History) -> None:
        """An opening counts only where the account isn't open; so does a closing where it is."""
        history.state("account.closed", "2025-12-01")
        history.state("account.opened", "2026-01-01", name="Acme", tier="A")
        history.state("account.opened", "2026-02-01", name="Other", tier="C")
        history.state("account.closed", "2026-03-01")
        history.state("account.closed", "2026-04-01")
        assert history.rows("account_spells", "opened_at, closed_at") == [
            (day("2026-01-01"), day("2026-03-01"))
        ]
        assert history.rows("accounts", "name, tier, closed_at") == [
            ("Acme", "A", day("2026-03-01"))
        ]


class TestOwnership:
    def test_an_owner_holds_until_the_next_is_assigned(self, history: History) -> None:
        """Intervals are half open; who supports an account doesn't own it."""
        history.state("account.owner_assigned", "2026-01-01", manager="kim")
        history.state("account.owner_assigned", "2026-02-01", manager="sam", role="support")
        history.state("account.owner_assigned", "2026-03-01", manager="lee")
        assert history.rows("ownership", "manager_id, valid_from, valid_to, event_id") == [
            ("kim", day("2026-01-01"), day("2026-03-01"), "e1"),
            ("lee", day("2026-03-01"), None, "e3"),
        ]

    def test_who_opens_an_account_owns_it_until_somebody_is_assigned(
        self, history: History
    ) -> None:
        """The opening's manager is the first owner; closing the account ends nothing."""
        history.state("account.opened", "2026-01-01", manager="kim", name="Acme")
        history.state("account.owner_assigned", "2026-02-01", manager="lee")
        history.state("account.closed", "2026-03-01")
        assert history.rows("ownership", "manager_id, valid_from, valid_to") == [
            ("kim", day("2026-01-01"), day("2026-02-01")),
            ("lee", day("2026-02-01"), None),
        ]

    def test_an_assignment_at_the_opening_goes_before_the_opener(self, history: History) -> None:
        """An assignment says more than the opening of the same instant, whatever the ids."""
        history.state("account.owner_assigned", "2026-01-01", id="a", manager="lee")
        history.state("account.opened", "2026-01-01", id="z", manager="kim", name="Acme")
        assert history.rows("ownership", "manager_id, valid_from, valid_to") == [
            ("lee", day("2026-01-01"), None)
        ]

    def test_of_two_assignments_at_one_instant_the_later_id_stands(self, history: History) -> None:
        """The tie goes to the greater id, in whichever order the two arrive."""
        history.state("account.owner_assigned", "2026-01-01", id="b", manager="lee")
        history.state("account.owner_assigned", "2026-01-01", id="a", manager="kim")
        assert history.rows("ownership", "manager_id, valid_to") == [("lee", None)]


class TestContacts:
    def test_a_contact_is_there_from_added_to_left(self, history: History) -> None:
        """A change splits the interval and keeps what it leaves out; leaving ends it."""
        history.state(
            "contact.added", "2026-01-01", contact_id="c", role="user", name="Ann", influence=3
        )
        history.state("contact.changed", "2026-02-01", contact_id="c", role="champion")
        history.state("contact.left", "2026-03-01", contact_id="c")
        assert history.rows("contacts", "name, role, influence, valid_from, valid_to") == [
            ("Ann", "champion", 3, day("2026-02-01"), day("2026-03-01")),
            ("Ann", "user", 3, day("2026-01-01"), day("2026-02-01")),
        ]

    def test_who_comes_back_is_the_same_person(self, history: History) -> None:
        """There is a gap while they were away, and their name is still known."""
        history.state("contact.added", "2026-01-01", contact_id="c", role="user", name="Ann")
        history.state("contact.left", "2026-02-01", contact_id="c")
        history.state("contact.changed", "2026-03-01", contact_id="c", seniority="vp")
        history.state("contact.added", "2026-04-01", contact_id="c", role="exec_sponsor")
        assert history.rows("contacts", "name, role, seniority, valid_from, valid_to") == [
            ("Ann", "exec_sponsor", "vp", day("2026-04-01"), None),
            ("Ann", "user", None, day("2026-01-01"), day("2026-02-01")),
        ]

    def test_a_change_of_somebody_never_added_adds_nobody(self, history: History) -> None:
        """Only contact.added says that somebody is there."""
        history.state("contact.changed", "2026-01-01", contact_id="c", role="champion")
        assert history.rows("contacts", "contact_id") == []


class TestManagers:
    def test_tenure_counts_from_the_day_of_hiring(self, history_ahead: History) -> None:
        """``hired_at`` is the start of that local day, not the instant of the event."""
        history_ahead.state(
            "manager.hired", "2026-05-05", manager="kim", name="Kim", hired_on="2023-01-15"
        )
        assert history_ahead.rows("managers", "name, hired_on, hired_at, left_at, event_id") == [
            ("Kim", dt.date(2023, 1, 15), day("2023-01-14T22:00"), None, "e1")
        ]

    def test_who_is_hired_again_hasnt_left(self, history: History) -> None:
        """The latest hiring counts, and a leaving only where it comes after it."""
        history.state("manager.hired", "2020-01-01", manager="kim", name="K", hired_on="2020-01-01")
        history.state("manager.left", "2021-01-01", manager="kim")
        history.state("manager.hired", "2023-01-01", manager="kim", name="K", hired_on="2023-01-01")
        history.state("manager.hired", "2020-01-01", manager="lee", name="L", hired_on="2020-01-01")
        history.state("manager.left", "2022-01-01", manager="lee")
        assert history.rows("managers", "manager_id, hired_at, left_at") == [
            ("kim", day("2023-01-01"), None),
            ("lee", day("2020-01-01"), day("2022-01-01")),
        ]

    def test_a_manager_is_in_one_team_at_a_time(self, history: History) -> None:
        """The team of the hiring comes first; a leaving ends the last."""
        history.state(
            "manager.hired", "2026-01-01", manager="kim", name="K", hired_on="2026-01-01", team="n"
        )
        history.state("manager.team_assigned", "2026-02-01", manager="kim", team="s")
        history.state("manager.left", "2026-03-01", manager="kim")
        assert history.rows("team_membership", "team, valid_from, valid_to, event_id") == [
            ("n", day("2026-01-01"), day("2026-02-01"), "e1"),
            ("s", day("2026-02-01"), day("2026-03-01"), "e2"),
        ]

    def test_a_team_assigned_at_the_hiring_goes_before_the_hirings_team(
        self, history: History
    ) -> None:
        """At one instant a hiring comes first, whatever the ids."""
        history.state("manager.team_assigned", "2026-01-01", id="a", manager="kim", team="s")
        history.state(
            "manager.hired",
            "2026-01-01",
            id="z",
            manager="kim",
            name="K",
            hired_on="2026-01-01",
            team="n",
        )
        assert history.rows("team_membership", "team, valid_from, valid_to") == [
            ("s", day("2026-01-01"), None)
        ]


def test_a_rating_said_twice_at_one_instant_counts_once(history: History) -> None:
    """The greater id stands; a null score is kept: the criterion doesn't apply."""
    history.state("key_account.scored", "2026-01-01", id="b", criterion="fit", score=8)
    history.state("key_account.scored", "2026-01-01", id="a", criterion="fit", score=3)
    history.state("key_account.scored", "2026-02-01", id="c", criterion="fit", score=None)
    assert history.rows("key_account_scores", "criterion, score, occurred_at, event_id") == [
        ("fit", 8, day("2026-01-01"), "b"),
        ("fit", None, day("2026-02-01"), "c"),
    ]
