"""Inheritance: rules, then the account, then the manager; and whom config reaches."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest

from kamengine.config.folder import Reading
from kamengine.config.model import Config
from kamengine.config.reach import unmatched, who
from kamengine.config.resolution import resolve
from kamengine.config.resolved import ResolvedKPI, ResolvedScorecard
from kamengine.config.rules import Subject
from kamengine.config.section import When
from kamengine.plugins import Registry

ReadFolder = Callable[..., Reading]

WHEN = When(day=dt.date(2026, 6, 30))

KPIS = "\n".join(
    f"{kpi}: {{target: {{floor: 0, target: 1}}}}"
    for kpi in ("nps", "sales_revenue", "number_of_contacts", "key_account_score")
)
CARDS = """\
usual:
  kpis: {nps: 10, sales_revenue: 10, number_of_contacts: 10}
managers:
  for: manager
  kpis: {nps: 10, sales_revenue: 10}
client:
  audience: client-facing
  kpis: {nps: 1}
"""
DONE = "  author: Dana\n  until: 2027-01-01\n"
OVERRIDES = f"""\
both:
  applies_to: {{segment: large, tier: A}}
{DONE}  change:
    nps: {{weight: 12, reason: Large ones of tier A.}}
large:
  applies_to: {{segment: large}}
{DONE}  change:
    nps: {{weight: 11, reason: Large ones.}}
  remove:
    number_of_contacts: One office buys for all.
  add:
    key_account_score: {{weight: 5, reason: We chose them for it.}}
newcomers:
  for: [manager, account]
  applies_to: {{tenure: {{before_month: 18}}}}
{DONE}  remove:
    sales_revenue: Not in the first months.
"""
ACCOUNTS = f"""\
acme:
{DONE}  change:
    nps: {{weight: 13, reason: The account.}}
  add:
    number_of_contacts: {{weight: 7, reason: Here it matters.}}
"""
MANAGERS = f"""\
kim:
{DONE}  change:
    nps: {{weight: 14, reason: The manager.}}
lee:
  for: manager
{DONE}  change:
    nps: {{weight: 15, reason: Lee alone.}}
"""


@pytest.fixture
def config(reading: ReadFolder) -> Config:
    found = reading(
        kpis=KPIS, scorecards=CARDS, overrides=OVERRIDES, accounts=ACCOUNTS, managers=MANAGERS
    )
    assert found.config is not None, [str(c) for c in found.complaints]
    return found.config


def account(name: str, **attributes: str) -> Subject:
    return Subject(id=name, attributes=attributes)


def weights(card: ResolvedScorecard) -> dict[str, int]:
    return {kpi.id: int(kpi.weight) for kpi in card.kpis}


USUAL = {"nps": 10, "sales_revenue": 10, "number_of_contacts": 10}
LARGE = {"nps": 11, "sales_revenue": 10, "key_account_score": 5}


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        (account("x"), USUAL),
        (account("x", segment="large"), LARGE),
        (account("x", segment="large", tier="A"), LARGE | {"nps": 12}),
        (account("acme"), USUAL | {"nps": 13, "number_of_contacts": 7}),
        (
            account("acme", segment="large", tier="A"),
            LARGE | {"nps": 13, "number_of_contacts": 7},
        ),
        (account("acme", manager="kim"), USUAL | {"nps": 14, "number_of_contacts": 7}),
        (account("x", manager="lee"), USUAL),  # what is different for lee is for lee alone
        (account("x", manager="mo", tenure="17"), {"nps": 10, "number_of_contacts": 10}),
        (account("x", manager="mo", tenure="18"), USUAL),
        (Subject(id="kim", type="manager"), {"nps": 14, "sales_revenue": 10}),
        (Subject(id="lee", type="manager"), {"nps": 15, "sales_revenue": 10}),
        (Subject(id="mo", type="manager", attributes={"tenure": "0"}), {"nps": 10}),
    ],
)
def test_the_later_layer_has_its_way(
    subject: Subject, expected: dict[str, int], config: Config, registry: Registry
) -> None:
    """Organisation, scorecard, rules from far to near, account, manager."""
    assert weights(resolve(config, registry, subject, WHEN)) == expected


def test_what_the_client_sees_is_left_as_it_is(config: Config, registry: Registry) -> None:
    """A difference is about the internal scorecard, unless it says otherwise."""
    card = resolve(config, registry, account("acme", manager="kim"), WHEN, "client-facing")

    assert weights(card) == {"nps": 1}
    assert card.notes == ()


def test_each_layer_says_where_and_why(config: Config, registry: Registry) -> None:
    """A weight from a rule names the rule's line, reason, author and end; so does a removal."""
    card = resolve(config, registry, account("x", segment="large"), WHEN)
    nps = card.kpis[0].weighted_by
    (removed,) = card.removed

    assert (nps.layer, nps.rule, nps.reason) == ("rule", "large", "Large ones.")
    assert str(nps.place).endswith("overrides.yaml:12")
    assert (removed.id, removed.origin.layer, removed.origin.author) == (
        "number_of_contacts",
        "rule",
        "Dana",
    )


EVERYBODY = [
    account("acme", segment="large", manager="kim"),
    account("bolt", segment="small", manager="lee"),
    Subject(id="kim", type="manager"),
    Subject(id="lee", type="manager"),
]


def test_who_has_a_kpi_and_by_which_rule(config: Config, registry: Registry) -> None:
    """Accounts by their scorecard, by a rule or by their own entry; and who was spared it."""
    found = [
        (
            has.scorecard.subject.id,
            has.scorecard.audience,
            isinstance(has.kpi, ResolvedKPI),
            (has.kpi.selected_by if isinstance(has.kpi, ResolvedKPI) else has.kpi.origin).layer,
        )
        for kpi in ("number_of_contacts", "key_account_score")
        for has in who(config, registry, EVERYBODY, WHEN, kpi)
    ]

    assert found == [
        ("acme", "internal", True, "account"),
        ("bolt", "internal", True, "scorecard"),
        ("acme", "internal", True, "rule"),
    ]
    spared = list(
        who(config, registry, [account("x", segment="large")], WHEN, "number_of_contacts")
    )
    assert [type(has.kpi).__name__ for has in spared] == ["RemovedKPI"]


def test_both_audiences_are_asked(config: Config, registry: Registry) -> None:
    """NPS is on what the client sees, too."""
    found = [has.scorecard.audience for has in who(config, registry, EVERYBODY[:1], WHEN, "nps")]

    assert found == ["internal", "client-facing"]


def test_rules_and_names_that_match_nobody_are_told(reading: ReadFolder) -> None:
    """A segment without accounts, a scorecard overtaken by nearer ones, a misspelt account."""
    cards = (
        f"{CARDS}moon:\n  applies_to: {{segment: moon}}\n  kpis: {{nps: 1}}\n"
        "large:\n  applies_to: {segment: large}\n  kpis: {nps: 1}\n"
        "acme:\n  applies_to: {accounts: [acme, blot]}\n  kpis: {nps: 1}\n"
    )
    overrides = f"north:\n  applies_to: {{region: north}}\n{DONE}  remove: {{nps: a}}\n"
    config = reading(kpis=KPIS, scorecards=cards, overrides=overrides).config
    assert config is not None

    assert [(c.line, c.severity, c.what, c.value) for c in unmatched(config, EVERYBODY, WHEN)] == [
        (16, "warning", "No event knows this account", "blot"),
        (10, "warning", "Scorecard 'moon' is nobody's: it matches no account", None),
        (
            13,
            "warning",
            "Scorecard 'large' is nobody's: all whom it matches have a nearer one",
            None,
        ),
        (2, "warning", "Override 'north' matches no account", None),
    ]


def test_names_that_are_far_off_in_numbers_get_no_guess(reading: ReadFolder) -> None:
    """Two thousand accounts of another log are no two thousand misspellings."""
    own = "".join(f"acme-{n}:\n{DONE}  remove: {{nps: a}}\n" for n in range(30))
    config = reading(kpis=KPIS, scorecards=CARDS, accounts=own).config
    assert config is not None

    found = [c for c in unmatched(config, EVERYBODY, WHEN) if c.value]
    assert len(found) == 30
    assert {c.hint for c in found} == {"check its spelling, or delete it"}
