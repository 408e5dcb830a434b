"""The nearest scorecard holds, later layers win, and every setting names its line."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from kamengine.config.complaint import Place
from kamengine.config.folder import Reading, load
from kamengine.config.levels import Target
from kamengine.config.model import Config
from kamengine.config.resolution import resolve
from kamengine.config.resolved import Origin, ResolvedKPI, ResolvedScorecard
from kamengine.config.rows import setting_rows
from kamengine.config.rules import Subject
from kamengine.config.section import When
from kamengine.errors import ConfigError
from kamengine.plugins import Registry

ReadFolder = Callable[..., Reading]
WHEN = When(day=dt.date(2026, 6, 30))

KPIS = """\
nps:
  target: {floor: 0, target: 40}
csat:
  target: {floor: 50%, target: 80%}
win_rate:
  target: {floor: 30%, target: 60%}
customer_lifetime_value:
  params: {horizon_years: 7}
  target: {floor: 0, target: 9000}
"""

SCORECARDS = """\
standard:
  kpis:
    nps: 10
    csat: {weight: 20, target: {floor: 40%, target: 70%}}
    customer_lifetime_value: 5
small:
  applies_to: {segment: small}
  kpis: {nps: 1}
top:
  applies_to: {tier: [A, B]}
  kpis: {nps: 1}
both:
  applies_to: {tier: [A, B], segment: small}
  kpis: {nps: 1}
own:
  applies_to: {accounts: [acme, globex]}
  kpis: {nps: 1}
manager:
  title: Account manager
  for: [manager, team]
  kpis: {win_rate: 1}
"""

ACCOUNTS = """\
initech:
  author: Dana
  until: 2027-01-01
  add:
    win_rate: {weight: 7.5, reason: They tender everything.}
  remove:
    customer_lifetime_value: A pilot without a contract.
  change:
    csat:
      weight: 30
      reason: The contract names it.
"""


@pytest.fixture
def config(write: Callable[..., Path], registry: Registry) -> Config:
    return load(write(kpis=KPIS, scorecards=SCORECARDS, accounts=ACCOUNTS), registry)


@pytest.fixture
def initech(config: Config, registry: Registry) -> ResolvedScorecard:
    return resolve(config, registry, Subject(id="initech"), WHEN)


def kpi(resolved: ResolvedScorecard, kpi_id: str) -> ResolvedKPI:
    return next(k for k in resolved.kpis if k.id == kpi_id)


def line(origin: Origin | None) -> tuple[str, str, int]:
    assert origin is not None
    assert isinstance(origin.place, Place)
    return origin.layer, Path(origin.place.file).name, origin.place.line


@pytest.mark.parametrize(
    ("account", "attributes", "decided"),
    [
        ("x", {}, ("standard", "it is for every account")),
        ("x", {"segment": "large", "tier": "C"}, ("standard", "it is for every account")),
        ("x", {"segment": "small", "tier": "C"}, ("small", "segment small")),
        ("x", {"segment": "small"}, ("small", "segment small")),
        ("x", {"segment": "large", "tier": "B"}, ("top", "tier B")),
        ("x", {"segment": "small", "tier": "A"}, ("both", "segment small, tier A")),
        ("acme", {"segment": "small", "tier": "A"}, ("own", "it names the account")),
    ],
)
def test_the_nearest_scorecard_holds(
    account: str,
    attributes: dict[str, str],
    decided: tuple[str, str],
    config: Config,
    registry: Registry,
) -> None:
    """A name beats two attributes, two beat one, one beats none."""
    resolved = resolve(config, registry, Subject(id=account, attributes=attributes), WHEN)

    assert (resolved.scorecard, resolved.because) == decided


def test_managers_and_teams_have_their_own(config: Config, registry: Registry) -> None:
    """A scorecard for managers is no account's, and account changes don't touch it."""
    resolved = resolve(config, registry, Subject(id="initech", type="manager"), WHEN)

    assert (resolved.scorecard, resolved.title) == ("manager", "Account manager")
    assert [k.id for k in resolved.kpis] == ["win_rate"]
    assert resolved.removed == ()


def test_nobody_applies_is_told_with_what_is_known(config: Config, registry: Registry) -> None:
    """The error says whom nothing applies to and what to add."""
    with pytest.raises(ConfigError, match=r"No scorecard applies to organisation o; add one with"):
        resolve(config, registry, Subject(id="o", type="organisation"), WHEN)


def test_what_the_account_changes_is_in_force(initech: ResolvedScorecard) -> None:
    """Kept ones in the order of the scorecard, then what is added; the removed one is gone."""
    assert [(k.id, k.weight) for k in initech.kpis] == [
        ("nps", Decimal(10)),
        ("csat", Decimal(30)),
        ("win_rate", Decimal("7.5")),
    ]
    (removed,) = initech.removed
    assert (removed.id, removed.origin.reason) == (
        "customer_lifetime_value",
        "A pilot without a contract.",
    )
    assert line(removed.origin) == ("account", "accounts.yaml", 7)


def test_each_setting_names_the_line_that_decided_it(initech: ResolvedScorecard) -> None:
    """The three layers are told apart, setting by setting."""
    nps, csat, win_rate = initech.kpis

    assert line(initech.origin) == ("scorecard", "scorecards.yaml", 1)
    assert line(nps.selected_by) == ("scorecard", "scorecards.yaml", 3)
    assert line(nps.weighted_by) == ("scorecard", "scorecards.yaml", 3)
    assert line(nps.aimed_by) == ("organisation", "kpis.yaml", 2)

    assert line(csat.selected_by) == ("scorecard", "scorecards.yaml", 4)
    assert line(csat.weighted_by) == ("account", "accounts.yaml", 10)
    assert csat.weighted_by.reason == "The contract names it."
    assert line(csat.aimed_by) == ("scorecard", "scorecards.yaml", 4)
    assert csat.goal == Target(floor=Decimal("0.4"), target=Decimal("0.7"))

    assert line(win_rate.selected_by) == ("account", "accounts.yaml", 5)
    assert line(win_rate.aimed_by) == ("organisation", "kpis.yaml", 6)


def test_parameters_come_from_the_organisation_or_the_kpi(
    config: Config, registry: Registry
) -> None:
    """Given ones name their line; the others are the KPI's own."""
    value = kpi(resolve(config, registry, Subject(id="x"), WHEN), "customer_lifetime_value")

    assert line(value.params_by["horizon_years"]) == ("organisation", "kpis.yaml", 8)
    assert value.params_by["discount"] == Origin(layer="default")
    assert value.params == config.params_of(registry.kpis["customer_lifetime_value"])


def test_a_change_that_the_scorecard_gives_no_ground_to_is_noted(
    write: Callable[..., Path], registry: Registry
) -> None:
    """What takes no effect for this account is said, with its line."""
    accounts = (
        "acme:\n  remove: {csat: a}\n  add: {nps: {weight: 3, reason: b}}\n"
        "  author: Dana\n  until: 2027-01-01\n"
    )
    config = load(write(kpis=KPIS, scorecards=SCORECARDS, accounts=accounts), registry)
    resolved = resolve(config, registry, Subject(id="acme"), WHEN)

    assert [k.id for k in resolved.kpis] == ["nps"]
    assert resolved.kpis[0].weight == 3
    doubled, idle = resolved.notes
    assert "accounts.yaml:2: remove csat has no effect, because scorecard own" in idle
    assert "accounts.yaml:3: scorecard own has nps already" in doubled


AMBIGUOUS = {
    "two rules over one attribute": ("{tier: [A, B]}", "{tier: [B, C]}", "tier B"),
    "tier here, segment there": ("{tier: A}", "{segment: small}", "segment small, tier A"),
    "one account, two scorecards": (
        "{accounts: [a, b]}",
        "{accounts: [b, c]}",
        "account b",
    ),
}


@pytest.mark.parametrize("case", AMBIGUOUS)
def test_two_scorecards_equally_near_are_an_error(case: str, reading: ReadFolder) -> None:
    """No score hangs on the order of the file."""
    one, other, whom = AMBIGUOUS[case]
    text = f"x:\n  applies_to: {one}\n  kpis: {{nps: 1}}\ny:\n  applies_to: {other}\n"
    (complaint,) = reading(kpis=KPIS, scorecards=f"{text}  kpis: {{nps: 1}}\n").complaints

    assert complaint.line == 5
    assert f"'x' and 'y' are equally near to {whom}" in str(complaint)


def test_a_nearer_scorecard_settles_what_two_others_share(reading: ReadFolder) -> None:
    """SCORECARDS has a rule by tier and one by segment; `both` decides wherever they meet."""
    assert reading(kpis=KPIS, scorecards=SCORECARDS).complaints == ()

    narrowed = SCORECARDS.replace("{tier: [A, B], segment", "{tier: [A], segment")
    (complaint,) = reading(kpis=KPIS, scorecards=narrowed).complaints
    assert "'small' and 'top' are equally near to segment small, tier B" in str(complaint)


def test_a_parameter_that_is_a_map_is_written_as_people_write_it(
    reading: ReadFolder, registry: Registry
) -> None:
    """Names and numbers, without the marks of the language that keeps them."""
    config = reading(
        kpis="quota_attainment: {params: {monthly: {kim: 100, lee: 50.5}}}\n"
        "nps: {target: {floor: 0, target: 1}}\n",
        scorecards="usual:\n  kpis: {nps: 1, quota_attainment: 0}\n",
    ).config
    assert config is not None
    card = resolve(config, registry, Subject(id="acme"), WHEN)
    (row,) = [r for r in setting_rows(card) if r["setting"] == "params.monthly"]
    assert row["value"] == "kim: 100, lee: 50.5"
