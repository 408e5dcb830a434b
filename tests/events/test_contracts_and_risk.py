"""Contracts, what they are worth over time, the cover that they give; issues."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from tests.events.history import History, Row, day

TERMS: dict[str, Any] = {"starts_on": "2025-01-01", "ends_on": "2026-01-01", "annual_value": 100}
NEXT: dict[str, Any] = {"starts_on": "2026-01-01", "ends_on": "2027-01-01", "annual_value": 120}


def sign(history: History, contract: str = "c1", **terms: Any) -> None:
    """State that a contract of 2025, or of other terms, was signed."""
    history.state(
        "contract.signed", "2024-12-01", id=f"sign {contract}", contract_id=contract,
        **(TERMS | terms),
    )  # fmt: skip


def renew(history: History, occurred_at: str = "2025-11-01", **terms: Any) -> None:
    """State that c2 renews c1 for 2026, or on other terms."""
    history.state(
        "contract.renewed", occurred_at, id="renew",
        **({"contract_id": "c2", "prior_contract_id": "c1"} | NEXT | terms),
    )  # fmt: skip


class TestContracts:
    def test_a_contract_that_nobody_renews_lapses(self, history_ahead: History) -> None:
        """It covers the local days up to, not including, ``ends_on``; no event says so."""
        sign(history_ahead, term_months=12)
        assert history_ahead.rows(
            "contracts",
            "contract_id, prior_contract_id, signed_at, starts_on, planned_ends_on, ends_on, "
            "starts_at, ends_at, annual_value, currency, term_months, renewed_by, rebid, "
            "ended_reason, event_id, end_event, problem",
        ) == [
            (
                "c1", None, day("2024-12-01"),
                dt.date(2025, 1, 1), dt.date(2026, 1, 1), dt.date(2026, 1, 1),
                day("2024-12-31T22:00"), day("2025-12-31T22:00"),
                Decimal(100), "USD", 12, None, None, "lapsed", "sign c1", "sign c1", None,
            )
        ]  # fmt: skip

    def test_a_renewal_names_the_contract_that_it_follows(self, history: History) -> None:
        """The old contract knows who renewed it, and whether it was put out to tender again."""
        sign(history)
        renew(history, rebid=True)
        assert history.rows(
            "contracts",
            "contract_id, prior_contract_id, renewed_by, renewed_at, rebid, ended_reason, ends_at",
        ) == [
            ("c1", None, "c2", day("2025-11-01"), True, "renewed", day("2026-01-01")),
            ("c2", "c1", None, None, None, "lapsed", day("2027-01-01")),
        ]

    def test_an_early_renewal_ends_the_old_contract_where_the_new_one_starts(
        self, history: History
    ) -> None:
        """The end that was planned stays on record."""
        sign(history)
        renew(history, starts_on="2025-10-01")
        assert history.rows("contracts", "contract_id, planned_ends_on, ends_on, end_event") == [
            ("c1", dt.date(2026, 1, 1), dt.date(2025, 10, 1), "renew"),
            ("c2", dt.date(2027, 1, 1), dt.date(2027, 1, 1), "renew"),
        ]

    def test_a_late_renewal_leaves_the_old_end_as_it_was(self, history: History) -> None:
        """Between the two there is no cover."""
        sign(history)
        renew(history, starts_on="2026-02-01")
        assert history.rows("contracts", "contract_id, starts_at, ends_at") == [
            ("c1", day("2025-01-01"), day("2026-01-01")),
            ("c2", day("2026-02-01"), day("2027-01-01")),
        ]

    def test_a_cancelled_contract_ends_when_that_takes_effect(self, history: History) -> None:
        """The last of several statements counts."""
        sign(history)
        ending = {"contract_id": "c1", "reason": "cancelled"}
        history.state("contract.ended", "2025-05-01", id="y", effective_on="2025-07-01", **ending)
        history.state("contract.ended", "2025-05-01", id="b", effective_on="2025-06-01", **ending)
        assert history.rows("contracts", "ends_at, ended_reason, end_event") == [
            (day("2025-07-01"), "cancelled", "y")
        ]

    def test_an_ending_after_the_last_day_doesnt_lengthen_a_contract(
        self, history: History
    ) -> None:
        """It says why the contract ended all the same."""
        sign(history)
        history.state(
            "contract.ended",
            "2026-01-05",
            id="end",
            contract_id="c1",
            reason="not_renewed",
            effective_on="2026-01-02",
        )
        assert history.rows("contracts", "ends_at, ended_reason, end_event") == [
            (day("2026-01-01"), "not_renewed", "end")
        ]

    def test_an_ending_before_the_first_day_leaves_no_cover(self, history: History) -> None:
        """A contract never ends before it starts."""
        sign(history)
        history.state(
            "contract.ended",
            "2024-12-05",
            contract_id="c1",
            reason="cancelled",
            effective_on="2024-12-05",
        )
        assert history.rows("contracts", "starts_at, ends_at") == [
            (day("2025-01-01"), day("2025-01-01"))
        ]
        assert history.rows("contract_values", "valid_from") == []
        assert history.rows("customer_spells", "starts_at") == []

    def test_a_contract_signed_again_has_the_terms_stated_last(self, history: History) -> None:
        """It was signed when it was first signed."""
        sign(history)
        history.state("contract.signed", "2024-12-02", contract_id="c1", **(TERMS | NEXT))
        assert history.rows("contracts", "signed_at, starts_on, annual_value, event_id") == [
            (day("2024-12-01"), dt.date(2026, 1, 1), Decimal(120), "e2")
        ]

    def test_a_contract_both_signed_and_renewed_is_one_contract(self, history: History) -> None:
        """Some systems say both: the terms are those said last, the ancestry stays."""
        sign(history)
        renew(history)
        history.state("contract.signed", "2025-11-02", contract_id="c2", **NEXT)
        assert history.rows("contracts", "contract_id, prior_contract_id, event_id") == [
            ("c1", None, "sign c1"),
            ("c2", "c1", "e3"),
        ]

    def test_a_renewal_stated_again_frees_the_contract_named_before(self, history: History) -> None:
        """Only the last statement says which contract is renewed."""
        sign(history)
        sign(history, "c0")
        renew(history, prior_contract_id="c0")
        history.state(
            "contract.renewed", "2025-11-02", contract_id="c2", prior_contract_id="c1", **NEXT
        )
        assert history.rows("contracts", "contract_id, renewed_by") == [
            ("c0", None),
            ("c1", "c2"),
            ("c2", None),
        ]


class TestContractValues:
    def test_amendments_change_the_value_from_their_day(self, history: History) -> None:
        """100, then 130 from April, then 125 from July to the end; two of one day add up."""
        sign(history)
        for change, effective in ((20, "2025-04-01"), (-5, "2025-07-01"), (10, "2025-04-01")):
            history.state(
                "contract.amended",
                "2025-03-01",
                contract_id="c1",
                effective_on=effective,
                annual_value_change=change,
            )
        assert history.rows("contract_values", "annual_value, valid_from, valid_to, event_id") == [
            (Decimal(100), day("2025-01-01"), day("2025-04-01"), "sign c1"),
            (Decimal(125), day("2025-07-01"), day("2026-01-01"), "e3"),
            (Decimal(130), day("2025-04-01"), day("2025-07-01"), "e4"),
        ]

    def test_amendments_outside_the_contract(self, history: History) -> None:
        """One from before the start counts at the start; one at the end comes too late."""
        sign(history)
        for effective in ("2024-12-15", "2026-01-01"):
            history.state(
                "contract.amended",
                "2024-12-10",
                contract_id="c1",
                effective_on=effective,
                annual_value_change=1,
            )
        history.state(
            "contract.amended",
            "2025-03-01",
            contract_id="unknown",
            effective_on="2025-04-01",
            annual_value_change=1,
        )
        assert history.rows("contract_values", "annual_value, valid_from, valid_to") == [
            (Decimal(101), day("2025-01-01"), day("2026-01-01"))
        ]

    def test_each_change_is_converted_at_its_own_rate(self, history: History) -> None:
        """100 EUR at 1.1 and 10 EUR more at 1.2 are worth 122 USD."""
        pair = {"from_currency": "EUR", "to_currency": "USD"}
        history.state("fx.rate_set", "2024-01-01", rate="1.1", **pair)
        history.state("fx.rate_set", "2025-02-01", rate="1.2", **pair)
        sign(history, currency="EUR")
        history.state(
            "contract.amended",
            "2025-03-01",
            contract_id="c1",
            effective_on="2025-04-01",
            annual_value_change=10,
        )
        assert history.rows("contracts", "annual_value, currency") == [(Decimal(110), "EUR")]
        assert history.rows("contract_values", "annual_value, valid_from") == [
            (Decimal(110), day("2025-01-01")),
            (Decimal(122), day("2025-04-01")),
        ]

    def test_a_value_that_lacks_one_rate_is_unknown_and_says_why(self, history: History) -> None:
        """A later rate helps the amendment, but not the sum."""
        sign(history, currency="EUR")
        history.state(
            "fx.rate_set", "2025-01-01", from_currency="EUR", to_currency="USD", rate="1.1"
        )
        history.state(
            "contract.amended",
            "2025-03-01",
            contract_id="c1",
            effective_on="2025-04-01",
            annual_value_change=10,
        )
        problem = "no rate EUR to USD on 2024-12-01"
        assert history.rows("contracts", "annual_value, problem") == [(None, problem)]
        assert history.rows("contract_values", "annual_value, problem") == [(None, problem)] * 2


class TestCustomerSpells:
    def test_a_renewal_without_a_gap_goes_on_with_the_spell(self, history: History) -> None:
        """Half open: the new contract starts at the instant at which the old one ends."""
        sign(history)
        renew(history)
        assert history.rows(
            "customer_spells", "starts_at, ends_at, start_event, end_event, ended_reason"
        ) == [(day("2025-01-01"), day("2027-01-01"), "sign c1", "renew", "lapsed")]

    def test_a_day_without_cover_ends_the_spell(self, history: History) -> None:
        """Who comes back begins another."""
        sign(history)
        renew(history, starts_on="2026-01-02")
        assert history.rows("customer_spells", "starts_at, ends_at, end_event") == [
            (day("2025-01-01"), day("2026-01-01"), "sign c1"),
            (day("2026-01-02"), day("2027-01-01"), "renew"),
        ]

    def test_a_long_contract_bridges_the_gap_between_short_ones(self, history: History) -> None:
        """The spell ends with the contract that ends last, though it didn't start last."""
        sign(history, "long", ends_on="2026-01-01")
        sign(history, "short", ends_on="2025-02-01")
        sign(history, "other", starts_on="2025-06-01", ends_on="2025-07-01")
        history.state(
            "contract.ended",
            "2025-08-01",
            id="end",
            contract_id="long",
            reason="cancelled",
            effective_on="2025-09-01",
        )
        assert history.rows("customer_spells", "starts_at, ends_at, end_event, ended_reason") == [
            (day("2025-01-01"), day("2025-09-01"), "end", "cancelled")
        ]

    def test_accounts_can_decide_instead_of_contracts(self, history_by_accounts: History) -> None:
        """Then an open account is a customer without an end, and contracts don't count."""
        history = history_by_accounts
        sign(history)
        history.state("account.opened", "2025-03-01", name="Acme")
        history.state("account.closed", "2025-04-01")
        history.state("account.opened", "2025-06-01", name="Acme")
        assert history.rows(
            "customer_spells", "starts_at, ends_at, start_event, end_event, ended_reason"
        ) == [
            (day("2025-03-01"), day("2025-04-01"), "e2", "e3", "closed"),
            (day("2025-06-01"), None, "e4", None, None),
        ]


@pytest.mark.parametrize(
    ("turns", "expected"),
    [
        ([], (None, False, None)),
        ([("resolved", 2)], (day("2026-01-02"), False, "resolved 2")),
        ([("resolved", 2), ("reopened", 3)], (None, True, None)),
        (
            [("resolved", 2), ("reopened", 3), ("resolved", 5)],
            (day("2026-01-05"), True, "resolved 5"),
        ),
        ([("resolved", 3), ("reopened", 3)], (day("2026-01-03"), True, "resolved 3")),
    ],
)
def test_an_issue_is_resolved_when_it_was_finally_resolved(
    history: History, turns: list[tuple[str, int]], expected: Row
) -> None:
    """While it is reopened it isn't; at one instant the greater id has the last word."""
    history.state("issue.opened", "2026-01-01", issue_id="i", severity="high")
    for turn, january in turns:
        history.state(f"issue.{turn}", f"2026-01-0{january}", id=f"{turn} {january}", issue_id="i")
    assert history.rows("issues", "resolved_at, reopened, resolved_event") == [expected]


def test_an_issue_opened_twice_is_as_old_as_its_first_opening(history: History) -> None:
    """Its severity is the one stated last; a resolution of something unknown is no issue."""
    history.state("issue.opened", "2026-01-02", issue_id="i", severity="low")
    history.state("issue.opened", "2026-01-01", issue_id="i", severity="high")
    history.state("issue.resolved", "2026-01-03", issue_id="other")
    assert history.rows("issues", "issue_id, severity, opened_at, opened_event") == [
        ("i", "low", day("2026-01-01"), "e2")
    ]


@pytest.mark.parametrize(
    ("turns", "expected"),
    [
        ([], [("2026-01-01", None, "opened")]),
        ([("resolved", "2026-01-02")], [("2026-01-01", "2026-01-02", "opened")]),
        (
            [("resolved", "2026-01-02"), ("reopened", "2026-01-04"), ("resolved", "2026-01-05")],
            [("2026-01-01", "2026-01-02", "opened"), ("2026-01-04", "2026-01-05", "turn 2")],
        ),
        (
            [("reopened", "2026-01-03")],
            [("2026-01-01", "2026-01-03", "opened"), ("2026-01-03", None, "turn 1")],
        ),
        ([("resolved", "2025-12-31")], []),
        ([("resolved", "2026-01-01")], []),
    ],
)
def test_an_issue_is_open_stretch_by_stretch(
    history: History, turns: list[tuple[str, str]], expected: list[tuple[str, str | None, str]]
) -> None:
    """From its opening or reopening to the next word; resolved too early, it never was open."""
    history.state("issue.opened", "2026-01-01", id="opened", issue_id="i", severity="high")
    for place, (turn, occurred_at) in enumerate(turns, start=1):
        history.state(f"issue.{turn}", occurred_at, id=f"turn {place}", issue_id="i")
    assert history.rows("issue_stretches", "valid_from, valid_to, event_id, opened_at") == [
        (day(start), end and day(end), event, day("2026-01-01")) for start, end, event in expected
    ]


def test_a_sighting_waits_from_its_first_report_to_its_first_response(history: History) -> None:
    """Competitor and threat are those stated last; a response to nothing seen is none."""
    for occurred_at, told in (
        ("2026-01-02", {"threat": "low"}),
        ("2026-01-01", {"competitor": "rival"}),
        ("2026-01-03", {"threat": "high"}),
    ):
        history.state("competitor.sighted", occurred_at, sighting_id="s", **told)
    for occurred_at, sighting, action in (
        ("2026-01-09", "s", "second"),
        ("2026-01-08", "s", "first"),
        ("2026-01-08", "unseen", "none"),
    ):
        history.state("competitor.responded", occurred_at, sighting_id=sighting, action=action)
    history.state("competitor.sighted", "2026-01-05", sighting_id="alone")
    assert history.rows(
        "competitor_sightings",
        "sighting_id, competitor, threat, sighted_at, responded_at, action, sighted_event, "
        "responded_event",
    ) == [
        ("alone", None, None, day("2026-01-05"), None, None, "e7", None),
        ("s", "rival", "high", day("2026-01-01"), day("2026-01-08"), "first", "e2", "e5"),
    ]


def test_a_risk_stands_until_it_is_assessed_again(history: History) -> None:
    """In the reporting currency at the rate of its day; at one instant the greater id holds."""
    history.state("fx.rate_set", "2026-01-01", from_currency="EUR", to_currency="USD", rate="1.5")
    assessments: list[tuple[str, str, dict[str, Any]]] = [
        ("first", "2026-01-01", {"likelihood": "0.2", "impact": 100, "currency": "EUR"}),
        ("a", "2026-02-01", {"likelihood": "0.9", "impact": 1}),
        ("b", "2026-02-01", {"likelihood": "0.4", "impact": 80, "model": "m"}),
        ("last", "2026-03-01", {"likelihood": "0.5", "impact": 7, "currency": "XTS"}),
    ]
    for name, occurred_at, told in assessments:
        history.state("risk.assessed", occurred_at, id=name, **told)
    february, march = day("2026-02-01"), day("2026-03-01")
    unknown = "no rate XTS to USD on 2026-03-01"
    assert history.rows(
        "risks", "event_id, likelihood, impact, model, valid_from, valid_to, problem"
    ) == [
        ("b", Decimal("0.4"), Decimal(80), "m", february, march, None),
        ("first", Decimal("0.2"), Decimal(150), None, day("2026-01-01"), february, None),
        ("last", Decimal("0.5"), None, None, march, None, unknown),
    ]


def test_what_is_said_of_suppliers_holds_in_its_category(history: History) -> None:
    """Standing and count, each until the next word on the same category."""
    for name, occurred_at, category, status, count in (
        ("a", "2026-01-01", "paper", "approved", 5),
        ("b", "2026-02-01", "paper", "preferred", 4),
        ("c", "2026-02-01", "paper", "sole", 1),
        ("d", "2026-01-15", "ink", "none", 9),
    ):
        history.state(
            "supplier.status_changed", occurred_at, id=name, category=category, status=status
        )
        history.state(
            "supplier.counted", occurred_at, id=f"{name}2", category=category, count=count
        )
    january, middle, february = day("2026-01-01"), day("2026-01-15"), day("2026-02-01")
    assert history.rows(
        "supplier_statuses", "category, status, valid_from, valid_to, event_id"
    ) == [
        ("ink", "none", middle, None, "d"),
        ("paper", "approved", january, february, "a"),
        ("paper", "sole", february, None, "c"),
    ]
    assert history.rows("supplier_counts", "category, count, valid_from, valid_to, event_id") == [
        ("ink", 9, middle, None, "d2"),
        ("paper", 1, february, None, "c2"),
        ("paper", 5, january, february, "a2"),
    ]
