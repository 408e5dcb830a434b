"""Scorecards over a small history that is worked out by hand: dates, rules, tenure, colours."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from shutil import rmtree

import msgspec
import pytest
from click.testing import CliRunner, Result

from kamengine import plugins
from kamengine.cli import main
from kamengine.cli.context import App
from kamengine.config.folder import SHAPES, load
from kamengine.config.section import Audience, Carrier
from kamengine.courier.client import Courier
from kamengine.errors import ConfigError
from kamengine.periods import Window
from kamengine.plugins import Registry
from kamengine.replay.narrowing import narrowed
from kamengine.replay.reading import Reader
from kamengine.replay.replay import Replayer
from kamengine.scorecard.answers import Answers
from kamengine.scorecard.card import Scorecard
from kamengine.scorecard.rows import document
from kamengine.scorecard.subjects import Directory
from kamengine.settings import Settings
from kamengine.testing.cases import NOW, append_events
from kamengine.workspace import Workspace

KPIS = ("sales_revenue", "inbound_interaction_share", "number_of_referrals", "csat")
ORGANISATION = "name: Acme\nreporting_currency: USD\ntime_zone: UTC\n"
TARGETS = """\
sales_revenue: {target: {floor: 0, target: 100}}
inbound_interaction_share: {target: {floor: 0%, target: 100%}}
number_of_referrals: {target: {floor: 0, target: 10}}
csat: {target: {floor: 0%, target: 100%}}
"""
ACCOUNT_CARD = "usual:\n  kpis: {sales_revenue: 1}\n"
MANAGER_CARD = """\
managers:
  for: [manager, account]
  weigh_by: tenure
  kpis: {inbound_interaction_share: 10, number_of_referrals: 5, csat: 5}
"""


def event(kind: str, at: str, account: str | None = None, **data: object) -> dict[str, object]:
    manager = data.pop("manager", None)
    told: dict[str, object] = {"type": kind, "occurred_at": at, "data": data}
    told |= {"account_id": account} if account else {}
    return told | ({"manager_id": manager} if manager else {})


def revenue(account: str, **amounts: int) -> list[dict[str, object]]:
    days = {
        "A1": "2025-02-01",
        "A2": "2025-05-01",
        "Q3": "2025-08-01",
        "Q4": "2025-11-01",
        "Q1": "2026-02-01",
        "Q2": "2026-05-01",
    }
    return [
        event(
            "revenue.recognized",
            day,
            account,
            amount=amount,
            period_start=day,
            period_end=f"{day[:-1]}2",
        )
        for day, amount in ((days[quarter], amount) for quarter, amount in amounts.items())
    ]


EVENTS = (
    event("manager.hired", "2024-08-10", manager="kim", name="K", hired_on="2024-08-10"),
    event("manager.team_assigned", "2024-08-10", manager="kim", team="north"),
    event("manager.hired", "2010-01-04", manager="lee", name="L", hired_on="2010-01-04"),
    event("manager.team_assigned", "2010-01-04", manager="lee", team="south"),
    event("account.opened", "2025-01-01", "acme", manager="kim", name="A", segment="large"),
    event("account.opened", "2025-01-01", "globex", manager="lee", name="G", segment="small"),
    # at the midnight that ends Q2: it belongs to Q3
    event("account.changed", "2026-07-01", "acme", segment="small"),
    event("account.owner_assigned", "2026-07-01", "acme", manager="lee"),
    *revenue("acme", A1=60, A2=70, Q3=100, Q4=97, Q1=96, Q2=94),
    *revenue("globex", A1=80, A2=90, Q3=97, Q4=99, Q1=100, Q2=98),
    event("touch.logged", "2026-02-02", "acme", manager="kim", channel="call", direction="inbound"),
    event(
        "touch.logged", "2026-02-03", "acme", manager="kim", channel="call", direction="outbound"
    ),
    *(event("referral.received", "2026-02-04", "acme", referral_id=f"r{n}") for n in range(4)),
)

Ask = Callable[..., Scorecard]


@pytest.fixture(scope="module")
def registry() -> Registry:
    whole = plugins.load()
    narrow = narrowed(whole, KPIS, Settings())
    narrow.projections["managers"] = whole.projections["managers"]
    for name in ("manager.hired", "manager.left"):
        narrow.event_types[name] = whole.event_types[name]
    return narrow


@pytest.fixture(scope="module")
def reader(registry: Registry, tmp_path_factory: pytest.TempPathFactory) -> Reader:
    workspace = Workspace(tmp_path_factory.mktemp("scored"))
    settings = Settings(as_of="2026-09-30")
    append_events(workspace, plugins.load(), settings, EVENTS)
    with Courier() as courier:
        replayed = Replayer(workspace, registry, settings, courier).replay(NOW)
    assert not replayed.parked
    return Reader(workspace, registry, settings)


@pytest.fixture
def answers(reader: Reader, registry: Registry, tmp_path: Path) -> Callable[..., Answers]:
    def answering(**files: str) -> Answers:
        for name, text in {"organisation": ORGANISATION, "kpis": TARGETS, **files}.items():
            (tmp_path / f"{name}.yaml").write_text(text)
        return Answers(reader, load(tmp_path, registry))

    return answering


@pytest.fixture
def ask(answers: Callable[..., Answers], reader: Reader) -> Ask:
    def asking(
        carrier: Carrier, subject: str, period: str, audience: Audience = "internal", **files: str
    ) -> Scorecard:
        window = window_of(reader, period)
        return answers(**files).scorecard(carrier, window, subject, audience)

    return asking


def window_of(reader: Reader, period: str) -> Window:
    calendar = reader.settings.calendar
    return calendar.window(period, calendar.as_of("2026-09-30", NOW))


def test_a_colour_is_kept_by_the_periods_before(ask: Ask) -> None:
    """acme: 100, 97, 96, 94 of 100. 97 and 96 are kept green by the 100; 94 is out of reach."""
    colours = [
        ask("account", "acme", period, scorecards=ACCOUNT_CARD).lines[0].colour
        for period in ("2025-Q3", "2025-Q4", "2026-Q1", "2026-Q2")
    ]
    assert colours == ["green", "green", "green", "amber"]


def test_a_colour_that_was_never_reached_isnt_kept(ask: Ask) -> None:
    """globex: 97, 99, 100, 98. Only from the 100 on is it green."""
    colours = [
        ask("account", "globex", period, scorecards=ACCOUNT_CARD).lines[0].colour
        for period in ("2025-Q3", "2025-Q4", "2026-Q1", "2026-Q2")
    ]
    assert colours == ["amber", "amber", "green", "green"]


def test_colours_of_all_are_those_of_each(answers: Callable[..., Answers], reader: Reader) -> None:
    """However many are asked for, a colour is the same."""
    found = answers(scorecards=ACCOUNT_CARD).scorecards("account", window_of(reader, "2026-Q1"))
    assert {c.resolved.subject.id: c.lines[0].colour for c in found} == {
        "acme": "green",
        "globex": "green",
    }


def test_a_quarter_is_scored_with_the_target_that_held_in_it(ask: Ask) -> None:
    """200 from April on: 96 of 100 in the first quarter, 94 of 200 in the second."""
    targets = TARGETS.replace(
        "sales_revenue: {target: {floor: 0, target: 100}}",
        "sales_revenue:\n  target:\n    - {floor: 0, target: 100}\n"
        "    - {from: 2026-04-01, floor: 0, target: 200}",
    )
    scores = [
        ask("account", "acme", period, scorecards=ACCOUNT_CARD, kpis=targets).score
        for period in ("2026-Q1", "2026-Q2", "2026-03", "2026-05")
    ]
    assert scores == [96, 47, 0, 47]  # no revenue in March, all of the quarter's in May


def test_a_period_is_scored_with_what_its_accounts_were_in_it(ask: Ask) -> None:
    """acme is large to the last instant of June, and small from midnight on."""
    cards = (
        f"{ACCOUNT_CARD}small:\n  applies_to: {{segment: small}}\n  kpis: {{sales_revenue: 1}}\n"
    )
    assert ask("account", "acme", "2026-Q2", scorecards=cards).resolved.scorecard == "usual"
    assert ask("account", "acme", "2026-Q3", scorecards=cards).resolved.scorecard == "small"


@pytest.mark.parametrize(
    ("rule", "takes"),
    [
        ("{team: north}", {"2026-Q1", "2026-Q2"}),
        ("{managers: kim}", {"2026-Q1", "2026-Q2"}),
        ("{managers: lee}", {"2026-Q3"}),
        # 19 months are complete on 2026-03-10, and 22 on 2026-06-10
        ("{tenure: {from_month: 19, before_month: 22}}", {"2026-Q1"}),
        ("{tenure: {from_month: 20, before_month: 36}}", {"2026-Q2"}),
        ("{segment: large, team: [north, west]}", {"2026-Q1", "2026-Q2"}),
        ("{segment: large, team: south}", set()),
    ],
)
def test_rules_look_at_who_owns_the_account(rule: str, takes: set[str], ask: Ask) -> None:
    """kim of team north owns acme to the end of June, then lee of team south."""
    cards = f"{ACCOUNT_CARD}other:\n  applies_to: {rule}\n  kpis: {{sales_revenue: 1}}\n"
    found = {
        period
        for period in ("2026-Q1", "2026-Q2", "2026-Q3")
        if ask("account", "acme", period, scorecards=cards).resolved.scorecard == "other"
    }
    assert found == takes


def test_weights_by_tenure_are_those_of_the_days(ask: Ask) -> None:
    """440/9, 230/9, 230/9 in kim's first quarter of 2026: (440 * 0.5 + 230 * 0.4) / 670.

    Nobody answered a survey, so the two other families stand in for retention.
    """
    card = ask("manager", "kim", "2026-Q1", scorecards=MANAGER_CARD)
    assert card.weighing is not None
    assert card.weighing.families["relationship"] == Fraction(440, 9)
    assert card.weighing.families["revenue"] == Fraction(230, 9)
    assert card.score == Fraction(3120, 67)
    assert [line.share for line in card.lines] == [Fraction(44, 67), Fraction(23, 67), 0]
    assert card.missing_share == Fraction(23, 90)
    assert [(s.from_month, s.days) for s in card.weighing.stints] == [(0, 40), (18, 50)]


def test_what_is_missing_may_count_as_zero(ask: Ask) -> None:
    """(440 * 0.5 + 230 * 0.4 + 230 * 0) / 900, and it is said which KPI counted so, and why."""
    zero = MANAGER_CARD.replace("  weigh_by", "  missing: zero\n  weigh_by")
    card = ask("manager", "kim", "2026-Q1", scorecards=zero)
    csat = card.lines[2]
    assert card.score == Fraction(104, 3)
    assert csat.attainment == csat.points == 0
    assert csat.colour is None
    assert csat.counted_as_zero == "no evidence in this period"
    assert card.missing_share == 0
    assert card.policy == "a KPI without a value counts as nothing attained"


def test_other_bands_of_tenure_may_be_written(ask: Ask) -> None:
    """One band for all, 80/20/0: (80 * 0.5 + 20 * 0.4) / 100; retention is shown beside."""
    bands = "  tenure_bands: [{from_month: 0, relationship: 80, revenue: 20, retention: 0}]\n"
    card = ask("manager", "kim", "2026-Q1", scorecards=MANAGER_CARD + bands)
    assert card.score == 48
    assert card.lines[2].share == 0
    assert card.missing_share == 0


def test_an_account_is_weighed_by_the_tenure_of_its_owner(ask: Ask) -> None:
    """In the third quarter lee has acme, here since 2010: 30/40/30. No referral is a true 0."""
    card = ask("account", "acme", "2026-Q3", scorecards=MANAGER_CARD)
    assert card.weighing is not None
    assert [card.weighing.families[f] for f in ("relationship", "revenue", "retention")] == [
        30,
        40,
        30,
    ]
    assert card.score == 0


def test_without_a_known_tenure_there_is_no_score(ask: Ask) -> None:
    """Nobody is called mo, so weights by their tenure can't be known."""
    card = ask("manager", "mo", "2026-Q1", scorecards=MANAGER_CARD)
    assert (card.score, card.reason) == (None, "nobody answers for it in this period")


def test_a_minimum_count_takes_the_colour_and_the_weight(ask: Ask) -> None:
    """Two threads are fewer than three: the value stays, and 40 % of referrals is the score."""
    few = TARGETS.replace(
        "inbound_interaction_share: {", "inbound_interaction_share: {min_count: 3, "
    )
    cards = MANAGER_CARD.replace("  weigh_by: tenure\n", "")
    share = ask("manager", "kim", "2026-Q1", scorecards=cards, kpis=few).lines[0]
    assert share.value is not None
    assert share.value.value == 0.5
    assert (share.attainment, share.colour) == (None, None)
    assert share.left_out == "only 2 of at least 3 needed"
    assert ask("manager", "kim", "2026-Q1", scorecards=cards, kpis=few).score == 40


def test_each_audience_has_a_scorecard_of_its_own(ask: Ask) -> None:
    """The client sees what is meant for the client, and managers have nothing to show them."""
    client = "client:\n  audience: client-facing\n  kpis: {csat: 1}\n"
    cards = f"{ACCOUNT_CARD}{client}"
    shown = ask("account", "acme", "2026-Q1", "client-facing", scorecards=cards)
    assert [line.kpi.id for line in shown.lines] == ["csat"]
    assert ask("account", "acme", "2026-Q1", scorecards=cards).resolved.scorecard == "usual"
    with pytest.raises(ConfigError, match="for the audience client-facing"):
        ask("manager", "kim", "2026-Q1", "client-facing", scorecards=cards)


def test_the_document_says_policy_colours_and_tenure(ask: Ask) -> None:
    """Whoever reads the JSON sees how the score came about."""
    whole = document(ask("manager", "kim", "2026-Q1", scorecards=MANAGER_CARD))
    plain = msgspec.json.decode(msgspec.json.encode(whole))
    assert plain["missing_policy"] == "leave_out"
    assert plain["colours"] == {"amber_from": 0.5, "green_from": 1.0, "margin": 0.05}
    assert round(plain["family_weights"]["relationship"], 2) == 48.89
    assert [stint["days"] for stint in plain["tenure"]] == [40, 50]
    assert [kpi["colour"] for kpi in plain["kpis"]] == ["amber", "red", None]


def test_everybody_there_was(reader: Reader, answers: Callable[..., Answers]) -> None:
    """Accounts, managers with team and tenure, teams, and the organisation."""
    config = answers(scorecards=ACCOUNT_CARD).config
    found = Directory(reader, config, window_of(reader, "2026-Q2"), whole=True).everybody()
    assert [(s.type, s.id) for s in found] == [
        ("account", "acme"),
        ("account", "globex"),
        ("manager", "kim"),
        ("manager", "lee"),
        ("team", "north"),
        ("team", "south"),
        ("organisation", "organisation"),
    ]
    assert found[0].attributes == {
        "segment": "large",
        "manager": "kim",
        "team": "north",
        "tenure": "22",  # 2024-08-10 to 2026-06-30
    }


def test_who_wasnt_hired_yet_is_nobody(reader: Reader, answers: Callable[..., Answers]) -> None:
    """kim came on 2024-08-10."""
    config = answers(scorecards=ACCOUNT_CARD).config
    window = reader.settings.calendar.window("2024-07")
    assert list(Directory(reader, config, window, whole=True).managers) == ["lee"]
    assert window.end == dt.date(2024, 8, 1)


Invoke = Callable[..., Result]


@pytest.fixture
def invoke(reader: Reader, registry: Registry) -> Invoke:
    """Write config into the workspace, and run a command there."""

    def invoking(*arguments: str, **files: str) -> Result:
        folder = reader.workspace.config_dir
        rmtree(folder, ignore_errors=True)
        folder.mkdir()
        pinned = f"{ORGANISATION}as_of: 2026-06-30\n"
        for name, written in {"organisation": pinned, "kpis": TARGETS, **files}.items():
            (folder / f"{name}.yaml").write_text(written)
        app = App(reader.workspace.root, registry=registry, clock=lambda: NOW)
        return CliRunner(env={"COLUMNS": "300"}).invoke(main, arguments, obj=app)

    return invoking


BOTH = f"{ACCOUNT_CARD}small:\n  applies_to: {{segment: small}}\n  kpis: {{sales_revenue: 1}}\n"
REMOVED = "globex:\n  author: D\n  until: 2027-01-01\n  remove: {sales_revenue: A pilot.}\n"


def test_who_prints_who_has_a_kpi_and_why(invoke: Invoke) -> None:
    """acme by the card for all, and globex was spared it, by the line that says so."""
    arguments = ("config", "who", "--kpi", "sales_revenue", "--by", "account", "--format", "json")
    shown = invoke(*arguments, scorecards=BOTH, accounts=REMOVED)
    acme, globex = json.loads(shown.stdout)
    assert (acme["subject"], acme["scorecard"], acme["weight"]) == ("acme", "usual", "1")
    assert (acme["because"], acme["goal"]) == ("it is for every account", "0 < 100")
    assert acme["where"].endswith("scorecards.yaml:2")
    assert (globex["subject"], globex["weight"]) == ("globex", "removed")
    assert (globex["because"], globex["reason"]) == ("account globex", "A pilot.")
    assert "1 scorecards of 2 accounts have sales_revenue in 2026-Q2." in shown.stderr


def test_who_refuses_a_misspelt_kpi(invoke: Invoke) -> None:
    """With the nearest one there is."""
    shown = invoke("config", "who", "--kpi", "sales_revenu", scorecards=ACCOUNT_CARD)
    assert shown.exit_code == 2
    assert "did you mean 'sales_revenue'?" in shown.stderr


def test_check_tells_what_expired_and_what_matches_nobody(invoke: Invoke) -> None:
    """As of the last day that counts; warnings leave the exit code at 0."""
    gone = REMOVED.replace("2027-01-01", "2026-06-30")
    rule = BOTH.replace("segment: small", "team: nowhere")
    shown = invoke("config", "check", "--format", "json", scorecards=rule, accounts=gone)
    assert shown.exit_code == 0
    assert [(c["line"], c["severity"], c["what"]) for c in json.loads(shown.stdout)] == [
        (4, "warning", "The removal of 'sales_revenue' for 'globex' expired on 2026-06-30"),
        (4, "warning", "Scorecard 'small' is nobody's: it matches no account"),
    ]


KPI_LINE = "  kpis: {sales_revenue: 2}\n"


def test_show_is_as_of_the_end_of_a_period(invoke: Invoke) -> None:
    """A card from April on is shown for the second quarter, and not for the first."""
    cards = f"{ACCOUNT_CARD}  until: 2026-04-01\nnew:\n  from: 2026-04-01\n{KPI_LINE}"
    arguments = ("config", "show", "--account", "acme", "--format", "json")
    shown = {
        period: json.loads(invoke(*arguments, "--period", period, scorecards=cards).stdout)
        for period in ("2026-Q1", "2026-Q2")
    }
    assert {period: each["scorecard"] for period, each in shown.items()} == {
        "2026-Q1": "usual",
        "2026-Q2": "new",
    }
    assert shown["2026-Q1"]["holds_on"] == "2026-03-31"
    assert json.loads(invoke(*arguments, scorecards=cards).stdout)["period"] == "2026-Q2"


def test_show_prints_what_is_settled_for_the_whole(invoke: Invoke) -> None:
    """Policy and bands of tenure, each with its line."""
    cards = MANAGER_CARD.replace("  weigh_by", "  missing: zero\n  weigh_by")
    shown = invoke("config", "show", "--manager", "kim", "--format", "json", scorecards=cards)
    rows = [
        (r["setting"], r["value"], r["where"][-2:]) for r in json.loads(shown.stdout)["settings"]
    ]
    assert rows[:5] == [
        ("missing", "zero", ":3"),
        ("weigh_by", "tenure", ":4"),
        ("from month 0", "relationship 60, revenue 20, retention 20", ""),
        ("from month 18", "relationship 40, revenue 30, retention 30", ""),
        ("from month 36", "relationship 30, revenue 40, retention 30", ""),
    ]


SUGGEST = ("targets", "suggest", "--kpi", "sales_revenue", "--periods", "8", "--format", "json")


def test_a_target_is_suggested_from_closed_periods(invoke: Invoke) -> None:
    """60 70 80 90 94 96 97 97 98 99 100 100: the third, the ninth and the eleventh of twelve."""
    shown = invoke(*SUGGEST, scorecards=ACCOUNT_CARD)
    (row,) = json.loads(shown.stdout)
    assert (row["values"], row["proposed"], row["met"]) == (12, "80 < 98 < 100", 4)
    assert (row["present"], row["present_met"]) == ("0 < 100", 2)
    assert (row["p50"], row["p90"]) == (96.0, 100.0)
    assert "From 2024-Q3 to 2026-Q2." in shown.stderr


def test_only_the_subjects_of_a_scorecard_may_be_asked(invoke: Invoke) -> None:
    """globex alone is small: six values say too little, and two of them meet its own 99."""
    cards = BOTH.replace(
        "segment: small}\n  kpis: {sales_revenue: 1}",
        "segment: small}\n  kpis: {sales_revenue: {weight: 1, target: {floor: 0, target: 99}}}",
    )
    shown = invoke(*SUGGEST, "--scorecard", "small", scorecards=cards)
    (row,) = json.loads(shown.stdout)
    assert (row["values"], row["proposed"]) == (6, "-")
    assert (row["present"], row["present_met"]) == ("0 < 99", 2)  # 99 and 100
    assert "sales_revenue: only 6 of at least 10 values needed." in shown.stderr


def test_a_suggested_target_is_written_beside_the_present_one(
    invoke: Invoke, reader: Reader
) -> None:
    """It holds from the first day that no closed period has, or from the day that is named."""
    file = reader.workspace.config_dir / "kpis.yaml"
    shown = invoke(*SUGGEST, "--write", scorecards=ACCOUNT_CARD)
    assert shown.exit_code == 0, shown.stderr
    present, proposed = (
        "{floor: 0, target: 100}",
        "{from: DAY, floor: 80, target: 98, stretch: 100}",
    )
    line = f"sales_revenue: {{target: [{present}, {proposed}]}}"
    rest = TARGETS.splitlines()[1:]
    assert file.read_text().splitlines() == [line.replace("DAY", "2026-07-01"), *rest]
    invoke(*SUGGEST, "--write", "--from", "2027-01-01", scorecards=ACCOUNT_CARD)
    assert file.read_text().splitlines() == [line.replace("DAY", "2027-01-01"), *rest]


def test_writing_wants_its_kpis_named(invoke: Invoke) -> None:
    """Nobody changes every target by accident."""
    shown = invoke("targets", "suggest", "--write", scorecards=ACCOUNT_CARD)
    assert shown.exit_code == 2
    assert "Name each KPI" in shown.stderr


def test_an_unknown_scorecard_is_refused(invoke: Invoke) -> None:
    """With those that there are."""
    shown = invoke("targets", "suggest", "--scorecard", "usuall", scorecards=ACCOUNT_CARD)
    assert shown.exit_code == 2
    assert "did you mean 'usual'?" in shown.stderr


def test_schemas_are_printed_and_written(invoke: Invoke, reader: Reader) -> None:
    """One to stdout, or all beside the config."""
    shown = invoke("config", "schema", "kpis")
    assert json.loads(shown.stdout)["title"] == "kamengine: kpis.yaml"
    assert invoke("config", "schema").exit_code == 2
    assert invoke("config", "schema", "--write").exit_code == 0
    names = sorted(file.name for file in (reader.workspace.config_dir / ".schema").iterdir())
    assert names == sorted(f"{name}.json" for name in SHAPES)
