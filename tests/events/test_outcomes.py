"""Needs, proposals, mentions and references; rated plans, named lists, employments."""

from __future__ import annotations

from decimal import Decimal

from tests.events.history import History, day

PLAN = {"manager": "kim", "plan_id": "p"}


def score(history: History, at: str, criterion: str, points: int, plan: str = "p") -> None:
    history.state(
        "plan.scored", at, plan_id=plan, criterion=criterion, score=points, max=5, weight=2
    )


class TestPlanScores:
    def test_a_score_holds_until_the_criterion_is_scored_again(self, history: History) -> None:
        """Each criterion on its own; of two scores at one instant that of the greater id."""
        history.state("plan.published", "2026-01-01", version=1, **PLAN)
        score(history, "2026-01-02", "insight", 3)
        score(history, "2026-01-02", "insight", 4)
        score(history, "2026-01-05", "insight", 5)
        score(history, "2026-01-03", "actions", 1)
        assert history.rows("plan_scores", "criterion, score, valid_from, valid_to, event_id") == [
            ("actions", Decimal(1), day("2026-01-03"), None, "e5"),
            ("insight", Decimal(4), day("2026-01-02"), day("2026-01-05"), "e3"),
            ("insight", Decimal(5), day("2026-01-05"), None, "e4"),
        ]

    def test_a_new_version_or_another_plan_ends_every_score(self, history: History) -> None:
        """A score at the instant of publication is the new version's."""
        history.state("plan.published", "2026-01-01", version=1, **PLAN)
        score(history, "2026-01-02", "insight", 3)
        history.state("plan.published", "2026-02-01", version=2, **PLAN)
        score(history, "2026-02-01", "insight", 4)
        history.state("plan.published", "2026-03-01", manager="kim", plan_id="q", version=1)
        score(history, "2026-03-02", "insight", 5)
        score(history, "2026-03-03", "insight", 2, plan="q")
        assert history.rows("plan_scores", "plan_id, version, score, valid_from, valid_to") == [
            ("p", 1, Decimal(3), day("2026-01-02"), day("2026-02-01")),
            ("p", 2, Decimal(4), day("2026-02-01"), day("2026-03-01")),
            ("q", 1, Decimal(2), day("2026-03-03"), None),
        ]

    def test_a_version_is_published_once(self, history: History) -> None:
        """To say it again ends nothing; what was scored before it was published is no score."""
        history.state("plan.published", "2026-01-05", version=1, **PLAN)
        history.state("plan.published", "2026-02-01", version=1, **PLAN)
        score(history, "2026-01-04", "insight", 3)
        score(history, "2026-01-06", "actions", 4)
        assert history.rows("plan_scores", "criterion, valid_from, valid_to") == [
            ("actions", day("2026-01-06"), None)
        ]


class TestNeeds:
    def test_an_assessment_holds_until_the_next(self, history: History) -> None:
        """Needs are told apart by id; of two assessments at one instant the greater id's holds."""
        for event_id, at, need, understanding in (
            ("a", "2026-01-01", "n", 1),
            ("c", "2026-02-01", "n", 2),
            ("b", "2026-02-01", "n", 3),
            ("d", "2026-01-15", "m", 4),
        ):
            history.state(
                "needs.assessed",
                at,
                id=event_id,
                need_id=need,
                importance=5,
                understanding=understanding,
                validated_by_customer=need == "m",
            )
        assert history.rows(
            "needs", "need_id, understanding, validated, valid_from, valid_to, event_id"
        ) == [
            ("m", 4, True, day("2026-01-15"), None, "d"),
            ("n", 1, False, day("2026-01-01"), day("2026-02-01"), "a"),
            ("n", 2, False, day("2026-02-01"), None, "c"),
        ]


class TestProposals:
    def test_the_customers_rating_stands_before_the_managers(self, history: History) -> None:
        """Even where the manager's is later; among ratings of one side the last one stands."""
        history.state("proposal.submitted", "2026-01-02", proposal_id="p")
        history.state("proposal.submitted", "2026-01-01", proposal_id="p")
        for event_id, at, points, rater in (
            ("c1", "2026-01-10", 2, "customer"),
            ("c2", "2026-01-11", 3, "customer"),
            ("m", "2026-01-12", 5, "manager"),
        ):
            history.state(
                "proposal.rated", at, id=event_id, proposal_id="p", score=points, rater=rater
            )
        assert history.rows(
            "proposals", "submitted_at, score, rater, rated_at, submitted_event, rated_event"
        ) == [(day("2026-01-01"), 3, "customer", day("2026-01-11"), "e2", "c2")]

    def test_a_proposal_may_lack_either_half(self, history: History) -> None:
        """One may wait for its rating, and one be rated that nobody said was submitted."""
        history.state("proposal.submitted", "2026-01-01", proposal_id="p")
        history.state("proposal.rated", "2026-01-01", proposal_id="q", score=4, rater="manager")
        assert history.rows("proposals", "proposal_id, score, submitted_event, rated_event") == [
            ("p", None, "e1", None),
            ("q", 4, None, "e2"),
        ]


class TestMentions:
    def test_a_mention_has_the_class_that_was_given_last(self, history: History) -> None:
        """It counts when it was last classified; an id names a mention of one account."""
        for at, sentiment, account in (
            ("2026-02-01", "negative", "acme"),
            ("2026-01-01", "positive", "acme"),
            ("2026-01-01", "neutral", "zeta"),
        ):
            history.state(
                "mention.captured",
                at,
                account=account,
                mention_id="m",
                channel="news",
                sentiment=sentiment,
            )
        assert history.rows("mentions", "account_id, sentiment, occurred_at") == [
            ("acme", "negative", day("2026-02-01")),
            ("zeta", "neutral", day("2026-01-01")),
        ]


class TestReferenceConsents:
    def test_a_consent_up_to_a_day_holds_on_that_day(self, history_ahead: History) -> None:
        """The day is a local one: here it ends at 22:00 UTC. Without a day there is no end."""
        history_ahead.state("reference.agreed", "2026-01-01", contact_id="c", valid_to="2026-06-30")
        history_ahead.state("reference.agreed", "2026-01-01", contact_id="d")
        assert history_ahead.rows("reference_consents", "contact_id, valid_from, valid_to") == [
            ("c", day("2026-01-01"), day("2026-06-30T22:00")),
            ("d", day("2026-01-01"), None),
        ]

    def test_a_contact_takes_back_their_own_consent(self, history: History) -> None:
        """The first withdrawal after it ends it, if that comes before its day; not one before."""
        history.state("reference.withdrawn", "2025-12-01", contact_id="c")
        history.state("reference.agreed", "2026-01-01", contact_id="c", valid_to="2026-06-30")
        history.state("reference.agreed", "2026-01-01", contact_id="d", valid_to="2026-01-31")
        history.state("reference.withdrawn", "2026-03-01", contact_id="c")
        history.state("reference.withdrawn", "2026-04-01", contact_id="c")
        history.state("reference.withdrawn", "2026-04-01", contact_id="d")
        history.state("reference.agreed", "2026-05-01", contact_id="c")
        assert history.rows("reference_consents", "contact_id, valid_from, valid_to, event_id") == [
            ("c", day("2026-01-01"), day("2026-03-01"), "e2"),
            ("c", day("2026-05-01"), None, "e7"),
            ("d", day("2026-01-01"), day("2026-02-01"), "e3"),
        ]

    def test_a_withdrawal_without_a_contact_ends_every_consent(self, history: History) -> None:
        """At one instant the statement of the greater id comes after; others' stay."""
        history.state("reference.agreed", "2026-01-01", id="a", contact_id="c")
        history.state("reference.agreed", "2026-01-01", id="b")
        history.state("reference.agreed", "2026-02-01", id="y", contact_id="d")
        history.state("reference.agreed", "2026-01-01", id="o", account="zeta", contact_id="c")
        history.state("reference.withdrawn", "2026-02-01", id="x")
        assert history.rows("reference_consents", "valid_to, event_id") == [
            (None, "o"),
            (None, "y"),
            (day("2026-02-01"), "a"),
            (day("2026-02-01"), "b"),
        ]


class TestNamedAccounts:
    def test_a_list_holds_until_the_next_of_its_name(self, history: History) -> None:
        """Another list has a life of its own; to name an account twice says nothing more."""
        for at, list_id, accounts in (
            ("2026-01-01", "a", ["acme", "zeta", "acme"]),
            ("2026-02-01", "a", ["acme"]),
            ("2026-01-15", "b", ["zeta"]),
            ("2026-03-01", "a", []),
        ):
            history.state("named_list.set", at, list_id=list_id, account_ids=accounts)
        assert history.rows("named_accounts", "list_id, member_id, valid_from, valid_to") == [
            ("a", "acme", day("2026-01-01"), day("2026-02-01")),
            ("a", "acme", day("2026-02-01"), day("2026-03-01")),
            ("a", "zeta", day("2026-01-01"), day("2026-02-01")),
            ("b", "zeta", day("2026-01-15"), None),
        ]

    def test_a_merged_account_stands_as_the_one_that_goes_on(self, history: History) -> None:
        """Along a chain of eight, whenever it was merged; who merges in a circle stays as named."""
        for account, into in (
            ("1", "2"),
            ("2", "wrong"),
            *((f"{n}", f"{n + 1}") for n in range(2, 9)),
            ("left", "right"),
            ("right", "left"),
        ):
            history.state("account.merged", "2026-05-01", account=account, into_account_id=into)
        history.state(
            "named_list.set", "2026-01-01", list_id="a", account_ids=["1", "4", "9", "left"]
        )
        assert history.rows("named_accounts", "member_id, event_id") == [
            ("9", "e12"),
            ("left", "e12"),
        ]


class TestEmployments:
    def test_who_comes_back_is_employed_anew(self, history: History) -> None:
        """From the first local day on; a second leaving changes nothing."""
        kim = {"manager": "kim", "name": "Kim"}
        history.state("manager.hired", "2026-01-10", hired_on="2026-01-01", **kim)
        history.state("manager.left", "2026-03-31T16:00", manager="kim")
        history.state("manager.left", "2026-04-02", manager="kim")
        history.state("manager.hired", "2026-06-01", hired_on="2026-06-01", **kim)
        assert history.rows("employments", "manager_id, starts_at, ends_at, event_id") == [
            ("kim", day("2026-01-01"), day("2026-03-31T16:00"), "e1"),
            ("kim", day("2026-06-01"), None, "e4"),
        ]

    def test_a_hiring_stated_again_corrects_the_day(self, history: History) -> None:
        """The statement that is latest holds, also where it moves the day back."""
        kim = {"manager": "kim", "name": "Kim"}
        history.state("manager.hired", "2026-01-02", hired_on="2026-02-01", **kim)
        history.state("manager.hired", "2026-01-03", hired_on="2026-01-15", **kim)
        history.state("manager.hired", "2026-01-01", hired_on="2026-01-01", **kim)
        assert history.rows("employments", "starts_at, ends_at, event_id") == [
            (day("2026-01-15"), None, "e2")
        ]
