"""Leads, deals, rates, revenue and costs."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from tests.events.history import History, day


class TestLeads:
    def test_a_lead_goes_from_created_to_converted(self, history: History) -> None:
        """Each step counts when it was first taken; the account is that of the conversion."""
        history.state(
            "lead.created",
            "2026-01-01",
            manager="kim",
            lead_id="l",
            source="referral",
            referring_account_id="zeta",
        )
        history.state("lead.qualified", "2026-01-09", lead_id="l")
        history.state("lead.qualified", "2026-01-05", lead_id="l")
        history.state("lead.converted", "2026-02-01", account="acme", lead_id="l")
        assert history.rows(
            "leads",
            "lead_id, lead_source, referring_account_id, converted_account_id, manager_id, "
            "created_at, qualified_at, converted_at, qualified_event",
        ) == [
            (
                "l", "referral", "zeta", "acme", "kim",
                day("2026-01-01"), day("2026-01-05"), day("2026-02-01"), "e3",
            )
        ]  # fmt: skip

    def test_a_lead_that_was_only_created_stays_open(self, history: History) -> None:
        """What hasn't happened is NULL."""
        history.state("lead.created", "2026-01-01", lead_id="l")
        assert history.rows("leads", "lead_id, manager_id, qualified_at, converted_at") == [
            ("l", None, None, None)
        ]


class TestDeals:
    def test_a_deal_goes_from_its_opening_to_its_closing(self, history: History) -> None:
        """The closing's amount and manager go before those of the opening."""
        history.state(
            "deal.opened",
            "2026-01-01",
            manager="kim",
            deal_id="d",
            kind="upsell",
            amount=100,
            probability="0.2",
            referral_id="r",
        )
        history.state(
            "deal.stage_changed",
            "2026-01-15",
            deal_id="d",
            stage="proposal",
            amount=150,
            probability="0.6",
        )
        history.state(
            "deal.closed", "2026-02-01", manager="lee", deal_id="d", outcome="won", amount="120.50"
        )
        assert history.rows(
            "deals",
            "account_id, manager_id, kind, opened_at, closed_at, outcome, amount, currency, "
            "probability, stage, referral_id, opened_event, closed_event, problem",
        ) == [
            (
                "acme", "lee", "upsell", day("2026-01-01"), day("2026-02-01"), "won",
                Decimal("120.50"), "USD", Decimal("0.6"), "proposal", "r", "e1", "e3", None,
            )
        ]  # fmt: skip

    def test_an_open_deal_has_the_amount_stated_last(self, history: History) -> None:
        """A change of stage without an amount leaves it as it was."""
        history.state("deal.opened", "2026-01-01", manager="kim", deal_id="d", kind="new", amount=1)
        history.state("deal.stage_changed", "2026-01-02", deal_id="d", stage="a", amount=2)
        history.state("deal.stage_changed", "2026-01-03", deal_id="d", stage="b")
        assert history.rows("deals", "manager_id, amount, stage, outcome, closed_at") == [
            ("kim", Decimal(2), "b", None, None)
        ]

    def test_a_closing_amount_stands_against_later_stages(self, history: History) -> None:
        """A closing dated by its day alone may lie before a stage of the same day."""
        history.state("deal.opened", "2026-01-01", manager="kim", deal_id="d", kind="new")
        history.state("deal.closed", "2026-01-05", deal_id="d", outcome="won", amount=7)
        history.state("deal.stage_changed", "2026-01-05T10:00", deal_id="d", stage="z", amount=9)
        assert history.rows("deals", "manager_id, outcome, amount") == [("kim", "won", Decimal(7))]

    def test_of_two_closings_the_latest_counts(self, history: History) -> None:
        """Later by instant, then by id; the first opening says when the deal began."""
        history.state("deal.opened", "2026-01-03", manager="lee", deal_id="d", kind="new")
        history.state("deal.opened", "2026-01-01", manager="kim", deal_id="d", kind="upsell")
        history.state("deal.closed", "2026-02-01", id="z", deal_id="d", outcome="won", amount=5)
        history.state("deal.closed", "2026-02-01", id="b", deal_id="d", outcome="lost", amount=6)
        assert history.rows(
            "deals", "manager_id, kind, opened_at, outcome, amount, opened_event, closed_event"
        ) == [("kim", "new", day("2026-01-01"), "won", Decimal(5), "e2", "z")]

    def test_a_deal_known_only_from_its_closing_has_no_opening(self, history: History) -> None:
        """It counts as closed all the same."""
        history.state("deal.closed", "2026-02-01", deal_id="d", outcome="lost", manager="kim")
        assert history.rows("deals", "manager_id, kind, opened_at, closed_at, amount, problem") == [
            ("kim", None, None, day("2026-02-01"), None, None)
        ]

    def test_a_deal_belongs_to_the_account_that_any_of_its_events_names(
        self, history: History
    ) -> None:
        """A prospect's deal gets its account at the closing; one that never does has none."""
        opening: dict[str, Any] = {"manager": "kim", "account": None, "kind": "new", "amount": 5}
        history.state("deal.opened", "2026-01-01", deal_id="d", **opening)
        history.state("deal.opened", "2026-01-01", deal_id="e", **opening)
        history.state("deal.closed", "2026-02-01", account="acme", deal_id="d", outcome="won")
        assert history.rows("deals", "account_id, deal_id, opened_at, outcome, amount") == [
            ("acme", "d", day("2026-01-01"), "won", Decimal(5)),
            (None, "e", day("2026-01-01"), None, Decimal(5)),
        ]

    def test_amounts_are_converted_at_the_rate_of_the_event_that_states_them(
        self, history: History
    ) -> None:
        """A stage's amount is in the currency of the opening: 10 EUR at 1.20."""
        for instant, rate in (("2026-01-01", "1.1"), ("2026-02-01", "1.2"), ("2026-03-01", "1.3")):
            history.state("fx.rate_set", instant, from_currency="EUR", to_currency="USD", rate=rate)
        history.state(
            "deal.opened",
            "2026-01-15",
            manager="kim",
            deal_id="d",
            kind="new",
            amount=8,
            currency="EUR",
            products={"crm": 8},
        )
        history.state("deal.stage_changed", "2026-02-01", deal_id="d", stage="a", amount=10)
        history.state("deal.closed", "2026-03-15", deal_id="d", outcome="won")
        assert history.rows("deals", "amount, currency, products") == [
            (Decimal(12), "EUR", {"crm": Decimal(8)})
        ]

    def test_an_amount_without_a_rate_is_unknown_and_says_why(self, history_ahead: History) -> None:
        """The day in the sentence is the local one."""
        history_ahead.state(
            "deal.closed", "2026-02-28T22:00", deal_id="d", outcome="won", amount=1, currency="EUR"
        )
        assert history_ahead.rows("deals", "amount, problem") == [
            (None, "no rate EUR to USD on 2026-03-01")
        ]

    def test_products_without_an_amount_state_their_sum(self, history: History) -> None:
        """A later statement of products alone counts like one of an amount: 70 + 50."""
        history.state(
            "deal.opened", "2026-01-01", manager="kim", deal_id="d", kind="new", amount=100
        )
        history.state(
            "deal.closed", "2026-02-01", deal_id="d", outcome="won", products={"crm": 70, "erp": 50}
        )
        assert history.rows("deals", "amount, opened_by, problem") == [(Decimal(120), "kim", None)]

    def test_a_deal_won_without_an_amount_says_so(self, history: History) -> None:
        """An open or lost one needs none."""
        for deal_id, outcome in (("d", "won"), ("e", "lost")):
            history.state("deal.closed", "2026-02-01", deal_id=deal_id, outcome=outcome)
        assert history.rows("deals", "deal_id, amount, problem") == [
            ("d", None, "deal d was won without an amount"),
            ("e", None, None),
        ]

    @pytest.mark.parametrize("products", [{"a": 10**18, "b": 1}, {"a": 10**18, "b": -1}])
    def test_products_are_worth_no_more_than_an_amount_may_be(
        self, history: History, products: dict[str, int]
    ) -> None:
        """No sum of them on the way can break the deal of another."""
        with pytest.raises(msgspec.ValidationError, match="`products` must lie between"):
            history.state(
                "deal.closed", "2026-02-01", deal_id="d", outcome="won", products=products
            )


class TestDealProducts:
    def test_each_product_has_its_amount_at_the_rate_of_the_day(self, history: History) -> None:
        """2.5 times 0.333333: halves are rounded in the running sum, so the whole is exact.

        0.333333 · 2.5 = 0.8333325 → 0.833333; twice that much 1.666665; the difference 0.833332.
        """
        history.state(
            "fx.rate_set", "2026-01-01", from_currency="EUR", to_currency="USD", rate="2.5"
        )
        history.state(
            "deal.closed",
            "2026-02-01",
            deal_id="d",
            outcome="won",
            currency="EUR",
            products={"erp": "0.333333", "crm": "0.333333"},
        )
        assert history.rows("deal_products", "account_id, deal_id, product, amount, problem") == [
            ("acme", "d", "crm", Decimal("0.833333"), None),
            ("acme", "d", "erp", Decimal("0.833332"), None),
        ]
        assert history.rows("deals", "amount") == [(Decimal("1.666665"),)]

    def test_what_no_product_accounts_for_has_a_row_of_its_own(self, history: History) -> None:
        """Products of 100 and an amount of 90, stated later, leave a discount of 10."""
        history.state(
            "deal.opened",
            "2026-01-01",
            manager="kim",
            deal_id="d",
            kind="new",
            products={"crm": 60, "erp": 40},
        )
        history.state("deal.closed", "2026-02-01", deal_id="d", outcome="won", amount=90)
        history.state("deal.closed", "2026-02-01", deal_id="e", outcome="won", amount=5)
        assert history.rows("deal_products", "deal_id, product, amount") == [
            ("d", "crm", Decimal(60)),
            ("d", "erp", Decimal(40)),
            ("d", None, Decimal(-10)),
            ("e", None, Decimal(5)),
        ]

    def test_products_are_those_last_stated(self, history: History) -> None:
        """Stated again, they take the place of all that were stated before."""
        opening: dict[str, Any] = {"manager": "kim", "deal_id": "d", "kind": "new"}
        history.state("deal.opened", "2026-01-01", products={"crm": 60, "erp": 40}, **opening)
        history.state("deal.opened", "2026-01-02", id="z", products={"crm": 7}, **opening)
        history.state("deal.opened", "2026-01-02", id="b", products={"erp": 8}, **opening)
        assert history.rows("deal_products", "product, amount") == [("crm", Decimal(7))]

    def test_without_a_rate_each_product_says_why(self, history: History) -> None:
        """So does a won deal without an amount, which has no product to say it."""
        history.state(
            "deal.closed",
            "2026-02-01",
            deal_id="d",
            outcome="won",
            currency="EUR",
            products={"crm": 1},
        )
        history.state("deal.closed", "2026-02-01", deal_id="e", outcome="won")
        problem = "no rate EUR to USD on 2026-02-01"
        assert history.rows("deal_products", "deal_id, product, amount, problem") == [
            ("d", "crm", None, problem),
            ("d", None, None, problem),
            ("e", None, None, "deal e was won without an amount"),
        ]

    def test_a_prospects_products_follow_the_deal_to_its_account(self, history: History) -> None:
        """As the deal does, where only its closing names the account."""
        history.state(
            "deal.opened",
            "2026-01-01",
            account=None,
            manager="kim",
            deal_id="d",
            kind="new",
            products={"crm": 1},
        )
        history.state("deal.closed", "2026-02-01", deal_id="d", outcome="won")
        assert history.rows("deal_products", "account_id, product, amount") == [
            ("acme", "crm", Decimal(1))
        ]


class TestProbabilities:
    def test_a_deal_is_as_probable_as_last_said_while_it_is_open(self, history: History) -> None:
        """A stage that says nothing of it, or comes after the closing, changes nothing."""
        opening: dict[str, Any] = {"manager": "kim", "deal_id": "d", "kind": "upsell"}
        history.state("deal.opened", "2026-01-01", probability="0.1", **opening)
        history.state("deal.stage_changed", "2026-01-05", deal_id="d", stage="a", probability="0.6")
        history.state("deal.stage_changed", "2026-01-07", deal_id="d", stage="b")
        history.state("deal.closed", "2026-01-09", deal_id="d", outcome="lost")
        history.state("deal.stage_changed", "2026-01-11", deal_id="d", stage="z", probability=1)
        assert history.rows(
            "deal_probabilities", "account_id, kind, probability, valid_from, valid_to, event_id"
        ) == [
            ("acme", "upsell", Decimal("0.1"), day("2026-01-01"), day("2026-01-05"), "e1"),
            ("acme", "upsell", Decimal("0.6"), day("2026-01-05"), day("2026-01-09"), "e2"),
        ]

    def test_a_propensity_stands_until_its_kind_is_scored_again(self, history: History) -> None:
        """By whatever model; of two at one instant the greater id stands."""
        history.state("propensity.scored", "2026-01-01", kind="upsell", probability="0.4")
        history.state("propensity.scored", "2026-01-02", kind="churn", probability="0.9")
        history.state("propensity.scored", "2026-01-05", id="z", kind="upsell", probability="0.7")
        history.state("propensity.scored", "2026-01-05", id="b", kind="upsell", probability="0.1")
        assert history.rows("propensities", "kind, probability, valid_from, valid_to") == [
            ("churn", Decimal("0.9"), day("2026-01-02"), None),
            ("upsell", Decimal("0.4"), day("2026-01-01"), day("2026-01-05")),
            ("upsell", Decimal("0.7"), day("2026-01-05"), None),
        ]

    def test_an_account_is_a_target_from_the_first_time_on(self, history: History) -> None:
        """Whoever is targeted twice is one target."""
        history.state("campaign.targeted", "2026-01-05", campaign_id="spring")
        history.state("campaign.targeted", "2026-01-02", campaign_id="spring")
        assert history.rows("campaign_targets", "account_id, campaign_id, occurred_at") == [
            ("acme", "spring", day("2026-01-02"))
        ]


class TestRates:
    def test_a_rate_holds_until_the_next(self, history: History) -> None:
        """Of two at one instant the greater id stands; the reporting currency is worth itself."""
        pair = {"from_currency": "EUR", "to_currency": "USD"}
        history.state("fx.rate_set", "2026-01-01", rate="1.1", **pair)
        history.state("fx.rate_set", "2026-02-01", id="z", rate="1.2", **pair)
        history.state("fx.rate_set", "2026-02-01", id="b", rate="9", **pair)
        assert history.rows(
            "fx_rates", "from_currency, to_currency, rate, valid_from, valid_to, event_id"
        ) == [
            ("EUR", "USD", Decimal("1.1"), day("2026-01-01"), day("2026-02-01"), "e1"),
            ("EUR", "USD", Decimal("1.2"), day("2026-02-01"), None, "z"),
            ("USD", "USD", Decimal(1), day("0001-01-01"), None, None),
        ]


class TestRevenue:
    def test_an_amount_within_a_month_stays_whole(self, history_ahead: History) -> None:
        """It counts from the start of its first day, here at 22:00 UTC on the day before."""
        history_ahead.state(
            "revenue.recognized",
            "2026-04-02",
            amount="100.25",
            product="crm",
            period_start="2026-03-01",
            period_end="2026-04-01",
        )
        assert history_ahead.rows(
            "revenue", "account_id, month, occurred_at, amount, currency, product, problem"
        ) == [
            (
                "acme", dt.date(2026, 3, 1), day("2026-02-28T22:00"), Decimal("100.25"), "USD",
                "crm", None,
            )
        ]  # fmt: skip

    def test_a_longer_period_is_spread_evenly_over_its_days(self, history: History) -> None:
        """30 January up to 3 March has 2 + 28 + 2 of 32 days."""
        history.state(
            "revenue.recognized",
            "2026-03-05",
            amount=64,
            period_start="2026-01-30",
            period_end="2026-03-03",
        )
        assert history.rows("revenue", "month, occurred_at, amount, event_id") == [
            (dt.date(2026, 1, 1), day("2026-01-30"), Decimal(4), "e1"),
            (dt.date(2026, 2, 1), day("2026-02-01"), Decimal(56), "e1"),
            (dt.date(2026, 3, 1), day("2026-03-01"), Decimal(4), "e1"),
        ]

    def test_the_parts_add_up_to_the_amount(self, history: History) -> None:
        """1 over 90 days: 31/90, 59/90 less 31/90, and the rest, each sum rounded to six digits.

        31/90 = 0.344444, 59/90 = 0.655556; so 0.344444, 0.311112 and 0.344444. A credit note
        is its mirror image.
        """
        for amount in (1, -1):
            history.state(
                "revenue.recognized",
                "2026-04-01",
                id=f"of {amount}",
                amount=amount,
                period_start="2026-01-01",
                period_end="2026-04-01",
            )
        parts = [Decimal("0.344444"), Decimal("0.311112"), Decimal("0.344444")]
        assert history.rows("revenue", "event_id, month, amount") == [
            (f"of {sign}", dt.date(2026, month, 1), sign * part)
            for sign in (-1, 1)
            for month, part in enumerate(parts, start=1)
        ]

    def test_the_whole_is_converted_at_the_events_rate(self, history: History) -> None:
        """Two months of one amount have one rate, whatever the rate does in between."""
        history.state(
            "fx.rate_set", "2026-01-01", from_currency="EUR", to_currency="USD", rate="1.1"
        )
        history.state("fx.rate_set", "2026-02-01", from_currency="EUR", to_currency="USD", rate="2")
        history.state(
            "revenue.recognized",
            "2026-01-31T23:59:59",
            amount=59,
            currency="EUR",
            period_start="2026-01-01",
            period_end="2026-03-01",
        )
        assert history.rows("revenue", "month, amount, currency") == [
            (dt.date(2026, 1, 1), Decimal("34.1"), "EUR"),
            (dt.date(2026, 2, 1), Decimal("30.8"), "EUR"),
        ]

    def test_without_a_rate_each_month_says_why(self, history: History) -> None:
        """A rate that begins after the event is none."""
        history.state(
            "revenue.recognized",
            "2026-03-01",
            amount=1,
            currency="EUR",
            period_start="2026-01-31",
            period_end="2026-02-02",
        )
        history.state(
            "fx.rate_set", "2026-03-01T00:00:01", from_currency="EUR", to_currency="USD", rate=2
        )
        problem = "no rate EUR to USD on 2026-03-01"
        assert history.rows("revenue", "month, amount, problem") == [
            (dt.date(2026, 1, 1), None, problem),
            (dt.date(2026, 2, 1), None, problem),
        ]

    def test_the_largest_amount_at_the_largest_rate_stays_exact(self, history: History) -> None:
        """No amount that the door lets in can break the month of another."""
        history.state(
            "fx.rate_set", "2026-01-01", from_currency="EUR", to_currency="USD", rate=10**8
        )
        history.state(
            "revenue.recognized",
            "2026-02-01",
            amount=-(10**18) + 1,
            currency="EUR",
            period_start="1926-01-01",
            period_end="2026-01-01",
        )
        assert history.rows("revenue", "sum(amount)") == [((-(10**18) + 1) * Decimal(10**8),)]

    def test_costs_are_spread_likewise(self, history: History) -> None:
        """They may belong to no account."""
        history.state(
            "cost.recorded",
            "2026-02-01",
            account=None,
            kind="cogs",
            amount=3,
            period_start="2026-01-31",
            period_end="2026-02-03",
        )
        assert history.rows("costs", "account_id, kind, month, amount") == [
            (None, "cogs", dt.date(2026, 1, 1), Decimal(1)),
            (None, "cogs", dt.date(2026, 2, 1), Decimal(2)),
        ]
