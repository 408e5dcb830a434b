"""Answers from the past: the log as it stood, and older definitions."""

from __future__ import annotations

import json

import msgspec
import pytest
from click.testing import CliRunner

from kamengine.cli import main
from kamengine.errors import PeriodError, ReplayError, UnknownNameError
from kamengine.history import past
from kamengine.history.standpoint import Question
from kamengine.replay import graph as graphs
from kamengine.replay.narrowing import narrowed
from kamengine.value import Value
from tests.bakery import FEW, KPIS, event
from tests.history.office import CARDS, KPIS_YAML, ORGANISATION, Office, registry_with
from tests.history.test_applying import STANDING

FIRST = (
    event("a", "customer.assigned", "2026-01-01", "acme", "kim"),
    event("1", "order.placed", "2026-01-05", "acme", order="1", amount="30", bread="rye"),
)
LATE = event("2", "order.placed", "2026-01-06", "acme", order="2", amount="90", bread="rye")


def january(office: Office, **question: str) -> Value:
    """Ask for Acme's turnover in January."""
    return office.value("turnover", "account", "2026-01", "acme", **question)


def test_a_day_of_the_past_knows_what_it_knew(office: Office) -> None:
    """A late order counts from the day on which it was recorded."""
    office.on("2026-02-01T09:00").deliver(*FIRST)
    office.on("2026-02-10T09:00").deliver(LATE)
    assert january(office).value == 120
    assert january(office, as_known="2026-02-09").value == 30
    assert january(office, as_known="2026-02-10").value == 120


def test_the_answer_given_then_is_the_answer_given_now(office: Office) -> None:
    """Whatever came since, events and definitions: label, position and number are the same."""
    office.on("2026-02-01T09:00").deliver(*FIRST)
    then = january(office)
    office.on("2026-02-10T09:00").deliver(LATE)
    office.write(kpis=KPIS_YAML + "  params: {at_least: 50}\n")
    office.on("2026-02-11T09:00").apply()
    assert january(office, as_known="2026-02-01") == then
    again = january(office.on("2026-02-20T09:00"), as_known="2026-02-01")
    assert again == then


def test_an_older_definition_over_all_that_is_known(office: Office) -> None:
    """Two orders by the first definition, one of at least 50 by the second."""
    office.on("2026-02-01T09:00").deliver(*FIRST, LATE)
    first = january(office).definition
    office.write(kpis=KPIS_YAML + "  params: {at_least: 50}\n")
    office.apply()
    second = january(office)
    older = january(office, definition=first)
    assert (second.value, older.value) == (90, 120)
    assert (older.definition, older.log_position) == (first, second.log_position)


def test_a_newer_definition_over_what_was_known_then(office: Office) -> None:
    """In any combination: nothing of at least 50 was known on the first day."""
    office.on("2026-02-01T09:00").deliver(*FIRST)
    office.write(kpis=KPIS_YAML + "  params: {at_least: 50}\n")
    office.on("2026-02-10T09:00").deliver(LATE)
    office.on("2026-02-11T09:00").apply()
    label = january(office).definition
    asked = {"as_known": "2026-02-01", "definition": label}
    assert january(office, **asked).value == 0


def test_open_periods_are_cut_at_the_day_that_is_asked_for(office: Office) -> None:
    """On 20 January an order of 25 January has been recorded by nobody."""
    office.on("2026-01-20T09:00").deliver(*FIRST)
    office.on("2026-01-26T09:00").deliver(
        event("3", "order.placed", "2026-01-25", "acme", order="3", amount="7", bread="rye")
    )
    assert office.at(as_known="2026-01-20").window("2026-01").end.isoformat() == "2026-01-21"
    assert january(office, as_known="2026-01-20").value == 30


@pytest.mark.parametrize(
    ("zone", "came", "known"),
    [("America/New_York", "2026-02-10T02:00", 30), ("Asia/Tokyo", "2026-02-09T20:00", 120)],
)
def test_a_day_of_the_past_ends_where_days_ended_then(
    office: Office, zone: str, came: str, known: int
) -> None:
    """Whether an order came by the end of 9 February is told by UTC, whatever is applied later."""
    office.on("2026-02-09T09:00").deliver(*FIRST)
    office.on(came).deliver(LATE)
    then = january(office.on("2026-02-11T09:00"), as_known="2026-02-09")
    office.write(organisation=ORGANISATION.replace("UTC", zone))
    office.on("2026-02-12T09:00").apply()
    assert then.value == known
    assert january(office, as_known="2026-02-09") == then


def test_the_day_of_a_change_ends_where_days_began_before_it(office: Office) -> None:
    """Days begin in New York from 01:00 UTC on 10 February: it is the 9th there once more."""
    office.on("2026-02-09T09:00").deliver(*FIRST)
    office.write(organisation=ORGANISATION.replace("UTC", "America/New_York"))
    office.on("2026-02-10T01:00").apply()
    office.on("2026-02-10T02:00").deliver(LATE)
    assert january(office.on("2026-02-12"), as_known="2026-02-09").value == 30
    assert january(office, as_known="2026-02-10").value == 120


def test_a_day_that_is_pinned_was_pinned_then(office: Office) -> None:
    """Whoever pins the last day to one that is to come has the same answer for it later."""
    office.write(organisation=ORGANISATION + "as_of: 2026-06-30\n")
    office.on("2026-02-01T09:00").deliver(*FIRST)
    half = office.value("orders_a_month", "account", "2026", "acme")
    office.on("2026-02-10T09:00").deliver(LATE)
    again = office.value("orders_a_month", "account", "2026", "acme", as_known="2026-02-01")
    assert again == half
    assert again.denominator == 6  # months from January to June


@pytest.mark.parametrize(
    ("question", "error", "words"),
    [
        ({"as_known": "2027-01-01"}, PeriodError, "Nobody can tell"),
        ({"as_known": "yesterday"}, PeriodError, "no day"),
        ({"as_known": "2025-01-01"}, ReplayError, "Nothing was known"),
        ({"definition": "turnover@1#00000000"}, UnknownNameError, "turnover@1#"),
    ],
)
def test_what_can_t_be_asked(
    office: Office, question: dict[str, str], error: type[Exception], words: str
) -> None:
    """A day to come, no day, a day before everything, a label that never was."""
    office.deliver(*FIRST)
    with pytest.raises(error, match=words):
        january(office, **question)


def test_a_label_stands_for_a_calendar_too(office: Office) -> None:
    """The year begins in April now: the first quarter of 2026 was another one by the old label."""
    office.on("2026-02-01T09:00").deliver(*FIRST, LATE)
    older = office.value("turnover", "account", "2026-Q1", "acme")
    office.write(organisation=ORGANISATION + "fiscal_year: {starts: 4, named_by: end}\n")
    office.apply()
    newer = office.value("turnover", "account", "2026-Q1", "acme")
    assert (older.value, newer.value) == (120, 0)
    label = older.definition
    again = office.value("turnover", "account", "2026-Q1", "acme", definition=label)
    assert (again.value, again.definition) == (120, label)
    where = office.at(definition=label)
    explained = where.reader.explain(FEW[0], "account", where.window("2026-Q1"), "acme")
    assert len(explained.evidence) == 2


@pytest.mark.parametrize("command", ["values --by account", "explain --account acme"])
def test_a_definition_outlives_its_kpi(office: Office, command: str) -> None:
    """What is in force no more can be asked for by its label, over all that is known since."""
    office.on("2026-02-01T09:00").deliver(*FIRST)
    label = january(office).definition
    office.registry = registry_with(*FEW[1:])
    office.write(kpis="{}\n", scorecards=CARDS.replace("turnover: 1", STANDING))
    office.apply()
    office.on("2026-02-10T09:00").deliver(LATE)
    asked = [*command.split(), "--kpi", "turnover", "--period", "2026-01", "--definition", label]
    done = CliRunner().invoke(main, [*asked, "--format", "json"], obj=office.app)
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    value = found[0] if isinstance(found, list) else found["value"]
    assert (value["value"], value["definition"]) == (120, label)


@pytest.mark.parametrize("kpi", [k.id for k in KPIS])
def test_a_narrow_registry_means_the_same(office: Office, kpi: str) -> None:
    """With all else left out, a KPI has the same label."""
    office.registry = registry_with(*KPIS)
    definitions = office.app.written
    kept = narrowed(definitions.registry, [kpi], definitions.settings, beside=past.ALWAYS)
    assert len(kept.kpis) <= 3
    alone = graphs.build(kept, definitions.settings)
    assert alone.definition(kept.kpi(kpi)) == definitions.labels[kpi]


def test_past_states_are_kept_and_forgotten(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same question makes no second state; others push the oldest out."""
    monkeypatch.setattr(past, "KEPT", 2)
    office.deliver(*FIRST)
    january(office, as_known="2026-03-01")
    january(office, as_known="2026-03-01")
    states = office.app.workspace.past_dir
    assert len(list(states.iterdir())) == 1
    for day in ("2026-01-05", "2026-01-06"):
        january(office, as_known="2026-03-01", as_of=day)
    assert len(list(states.iterdir())) == 2


def test_which_questions_look_back() -> None:
    """A day that was known, or an older definition, does; another cut doesn't."""
    assert not Question().looks_back
    assert not Question(as_of="2026-01-01").looks_back
    assert msgspec.structs.replace(Question(), as_known="2026-01-01").looks_back
