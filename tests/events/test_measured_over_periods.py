"""What is measured, estimated, posted or counted for a period, month by month."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from tests.events.history import History, day

Q1: dict[str, Any] = {"period_start": "2026-01-01", "period_end": "2026-04-01"}
JANUARY: dict[str, Any] = {"period_start": "2026-01-01", "period_end": "2026-02-01"}


class TestUsage:
    def test_both_quantities_are_spread_over_the_days(self, history: History) -> None:
        """A quarter's use and entitlement fall to its months by their days."""
        history.state("usage.measured", "2026-04-02", product="crm", used=9, entitled=90, **Q1)
        assert history.rows(
            "product_usage", "account_id, month, occurred_at, product, used, entitled"
        ) == [
            ("acme", day("2026-01-01").date(), day("2026-01-01"), "crm", Decimal("3.1"), 31),
            ("acme", day("2026-02-01").date(), day("2026-02-01"), "crm", Decimal("2.8"), 28),
            ("acme", day("2026-03-01").date(), day("2026-03-01"), "crm", Decimal("3.1"), 31),
        ]

    def test_what_is_measured_again_takes_the_place_of_the_first(self, history: History) -> None:
        """Of one account, product and period; other periods, products, accounts stand beside it."""
        first: dict[str, Any] = {"product": "crm", "entitled": 10, **JANUARY}
        history.state("usage.measured", "2026-02-05", used=7, **first)
        history.state("usage.measured", "2026-02-01", used=4, **first)
        history.state("usage.measured", "2026-02-05", used=1, **first | {"product": "bi"})
        history.state("usage.measured", "2026-02-05", used=2, account="bolt", **first)
        later: dict[str, Any] = {"period_end": "2026-01-31"}
        history.state("usage.measured", "2026-02-05", used=3, **first | later)
        assert history.rows("product_usage", "account_id, product, used, event_id") == [
            ("acme", "bi", Decimal(1), "e3"),
            ("acme", "crm", Decimal(3), "e5"),
            ("acme", "crm", Decimal(7), "e1"),
            ("bolt", "crm", Decimal(2), "e4"),
        ]


class TestWallets:
    def test_of_overlapping_estimates_the_last_one_holds_month_by_month(
        self, history: History
    ) -> None:
        """The months that only the first one speaks of keep what it says."""
        history.state(
            "wallet.estimated", "2026-02-10", category="crm", total_spend=310,
            period_start="2026-02-01", period_end="2026-03-01",
        )  # fmt: skip
        history.state("wallet.estimated", "2026-01-10", category="crm", total_spend=900, **Q1)
        history.state("wallet.estimated", "2026-01-11", category="bi", total_spend=90, **JANUARY)
        assert history.rows("wallets", "category, month, occurred_at, amount, event_id") == [
            ("bi", day("2026-01-01").date(), day("2026-01-01"), Decimal(90), "e3"),
            ("crm", day("2026-01-01").date(), day("2026-01-01"), Decimal(310), "e2"),
            ("crm", day("2026-02-01").date(), day("2026-02-01"), Decimal(310), "e1"),
            ("crm", day("2026-03-01").date(), day("2026-03-01"), Decimal(310), "e2"),
        ]

    def test_an_estimate_in_another_currency_is_converted(self, history: History) -> None:
        """At the rate of the day on which it was made; without one it says so."""
        history.state(
            "fx.rate_set", "2026-01-01", from_currency="EUR", to_currency="USD", rate="1.1"
        )
        told: dict[str, Any] = {"total_spend": 100, **JANUARY}
        history.state("wallet.estimated", "2026-01-10", category="a", currency="EUR", **told)
        history.state("wallet.estimated", "2026-01-10", category="b", currency="CHF", **told)
        assert history.rows("wallets", "category, amount, currency, problem") == [
            ("a", Decimal(110), "EUR", None),
            ("b", None, "CHF", "no rate CHF to USD on 2026-01-10"),
        ]


class TestPnl:
    def test_postings_are_spread_and_all_of_them_count(self, history: History) -> None:
        """A second posting to a line is one more, not another version of the first."""
        history.state("pnl.posted", "2026-04-02", line="net_income", amount=-90, **Q1)
        history.state("pnl.posted", "2026-04-03", line="net_income", amount=5, **JANUARY)
        assert history.rows("pnl", "line, month, amount, event_id, problem") == [
            ("net_income", day("2026-01-01").date(), Decimal(-31), "e1", None),
            ("net_income", day("2026-01-01").date(), Decimal(5), "e2", None),
            ("net_income", day("2026-02-01").date(), Decimal(-28), "e1", None),
            ("net_income", day("2026-03-01").date(), Decimal(-31), "e1", None),
        ]


class TestWeb:
    def test_visits_are_spread_and_counted_once_a_period(self, history: History) -> None:
        """Whoever counts a period again means the same visits."""
        history.state("web.visits_counted", "2026-02-01", visits=10, **JANUARY)
        history.state("web.visits_counted", "2026-02-03", visits=12, **JANUARY)
        week: dict[str, Any] = {"period_start": "2026-01-30", "period_end": "2026-02-02"}
        history.state("web.visits_counted", "2026-02-03", visits=10, **week)
        assert history.rows("web_visits", "month, occurred_at, visits, event_id") == [
            (day("2026-01-01").date(), day("2026-01-01"), Decimal(12), "e2"),
            (day("2026-01-01").date(), day("2026-01-30"), Decimal("6.666667"), "e3"),
            (day("2026-02-01").date(), day("2026-02-01"), Decimal("3.333333"), "e3"),
        ]

    def test_goals_are_counted_each_for_itself(self, history: History) -> None:
        """One goal's count says nothing of another's."""
        history.state("web.goal_counted", "2026-02-01", goal_id="demo", count=3, **JANUARY)
        history.state("web.goal_counted", "2026-02-02", goal_id="demo", count=4, **JANUARY)
        history.state("web.goal_counted", "2026-02-01", goal_id="trial", count=5, **JANUARY)
        assert history.rows("web_goals", "goal_id, visits, event_id") == [
            ("demo", Decimal(4), "e2"),
            ("trial", Decimal(5), "e3"),
        ]

    def test_the_largest_count_there_may_be_is_spread(self, history: History) -> None:
        """No step of the way overflows."""
        history.state("web.visits_counted", "2026-04-01", visits=10**15, **Q1)
        rows = history.rows("web_visits", "visits")
        assert sum(Decimal(str(visits)) for (visits,) in rows) == 10**15


class TestImplementations:
    def test_a_contract_goes_from_its_signing_to_being_up_and_running(
        self, history: History
    ) -> None:
        """The first time that it is said counts; what was never said is NULL."""
        terms: dict[str, Any] = {
            "starts_on": "2026-02-01",
            "ends_on": "2027-02-01",
            "annual_value": 1,
        }
        history.state("contract.signed", "2026-01-10", contract_id="k1", **terms)
        history.state("contract.signed", "2026-01-12", contract_id="k1", **terms)
        history.state("contract.renewed", "2026-01-11", contract_id="k2", **terms,
                      prior_contract_id="k1")  # fmt: skip
        history.state("onboarding.completed", "2026-03-05", contract_id="k1")
        history.state("onboarding.completed", "2026-03-01", contract_id="k1")
        history.state("onboarding.completed", "2026-03-01", contract_id="unknown")
        assert history.rows(
            "implementations",
            "contract_id, prior_contract_id, signed_at, live_at, signed_event, live_event",
        ) == [
            ("k1", None, day("2026-01-10"), day("2026-03-01"), "e2", "e5"),
            ("k2", "k1", day("2026-01-11"), None, "e3", None),
        ]
