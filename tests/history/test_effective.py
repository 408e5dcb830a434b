"""What is applied from a day on: earlier periods keep what holds for them, worked out by hand."""

from __future__ import annotations

import datetime as dt
import tempfile
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kamengine.config.levels import Target
from kamengine.courier.client import Courier
from kamengine.errors import ConfigError
from kamengine.history.ledger import appliances, eras
from kamengine.history.standpoint import Question
from tests.bakery import FEW, KPIS, OrderPlaced, event, rows_of
from tests.history.office import CARDS, KPIS_YAML, ORGANISATION, Office, quiet, registry_with
from tests.history.test_applying import AT_LEAST_50, ORDERS, STANDING

JANUARY, FEBRUARY = dt.date(2026, 1, 1), dt.date(2026, 2, 1)
OPENED = event("0", "customer.changed", "2026-01-01", "acme", segment="big")
RATED = CARDS.replace("turnover: 1", STANDING)
LATE = event("9", "order.placed", "2026-01-20", "acme", order="9", amount="5", bread="bun")


class NotedOrder(OrderPlaced, frozen=True):
    """An order with a note, which no KPI reads."""

    note: str | None = None


@pytest.fixture
def parted(office: Office) -> Office:
    """An office in which orders below 50 don't count from February on."""
    office.deliver(*ORDERS)
    office.write(kpis=AT_LEAST_50)
    office.apply(effective_from=FEBRUARY)
    return office


def turnover(office: Office, *periods: str, **question: str) -> list[float | None]:
    return [office.value("turnover", "account", p, "acme", **question).value for p in periods]


def test_earlier_periods_keep_their_definition(parted: Office) -> None:
    """January counts both orders, February not the one of 10; the quarter began before."""
    assert turnover(parted, "2026-01", "2026-02", "2026-Q1", "2026") == [120, 0, 130, 130]
    labels = [
        parted.value("turnover", "account", period, "acme").definition
        for period in ("2026-01", "2026-02", "2026-Q1")
    ]
    assert labels[0] == labels[2] != labels[1]


def test_a_late_event_is_counted_as_its_period_counts(parted: Office) -> None:
    """An order of 5 that comes late counts in January, and a new one in February doesn't."""
    small = event("8", "order.placed", "2026-02-20", "acme", order="8", amount="5", bread="bun")
    parted.deliver(LATE, small)
    assert turnover(parted, "2026-01", "2026-02", "2026-Q1") == [125, 0, 140]


def test_a_plan_tells_of_periods_from_the_day_on(office: Office) -> None:
    """Only February is computed anew, and only February falls below the floor."""
    office.deliver(*ORDERS)
    office.write(kpis=AT_LEAST_50)
    found = office.plan(FEBRUARY)
    assert found.changes.parted == (FEBRUARY,)
    assert {m.period for m in found.largest} == {"2026-02"}
    assert [(c.subject_type, c.period) for c in found.crossings] == [
        ("account", "2026-02"),
        ("manager", "2026-02"),
    ]
    (extent,) = found.extents
    assert (extent.kpi, extent.periods, extent.accounts) == ("turnover", 1, 1)


def test_a_day_to_come_moves_nothing_yet(office: Office) -> None:
    """From April on, in March: nothing moves, and April is counted in the new way."""
    office.deliver(*ORDERS)
    office.write(kpis=AT_LEAST_50)
    found = office.plan(dt.date(2026, 4, 1))
    assert found.changes
    assert found.largest == ()
    office.apply(effective_from=dt.date(2026, 4, 1))
    office.on("2026-04-20").deliver(
        LATE, event("7", "order.placed", "2026-04-10", "acme", order="7", amount="40")
    )
    assert turnover(office, "2026-01", "2026-Q1", "2026-Q2", "2026") == [125, 135, 0, 175]


def test_targets_and_weights_are_those_of_the_period(office: Office) -> None:
    """A target of 200 from February on: January's 120 is past its 100, February's 10 far below."""
    office.deliver(OPENED, *ORDERS)
    office.write(kpis="turnover:\n  target: {floor: 0, target: 200}\n")
    assert {c.period for c in office.plan(FEBRUARY).crossings} == set()
    office.apply(effective_from=FEBRUARY)
    where = office.at()
    for period, target in (("2026-01", 100), ("2026-02", 200)):
        card = where.answers.scorecard("account", where.window(period), "acme")
        (line,) = card.lines
        assert isinstance(line.kpi.goal, Target)
        assert line.kpi.goal.target == target
    assert turnover(office, "2026-01", "2026-02") == [120, 10]


def test_a_later_apply_leaves_what_it_does_not_change(parted: Office) -> None:
    """Another KPI comes onto every scorecard; January's turnover stays what it is."""
    parted.write(scorecards=CARDS + f"    {STANDING}\n")
    parted.apply()
    parted.deliver(OPENED)
    assert turnover(parted, "2026-01", "2026-02") == [120, 0]
    where = parted.at()
    for period in ("2026-01", "2026-02"):
        card = where.answers.scorecard("account", where.window(period), "acme")
        assert {line.kpi.id for line in card.lines} == {"standing_ratings", "turnover"}


def test_an_earlier_day_does_not_move_a_later_change(parted: Office) -> None:
    """A rating's definition changes from January on; turnover goes on to change in February."""
    older = next(k for k in FEW if k.id == "standing_ratings")
    newer = msgspec.structs.replace(older, sql=older.sql.replace("10 AS", "5 AS"), version=2)
    parted.registry = registry_with(*(newer if k is older else k for k in FEW))
    rated = event("r", "bread.rated", "2026-01-03", "acme", bread="rye", score=4)
    parted.deliver(rated)
    parted.apply(effective_from=JANUARY)
    assert [era.since for era in eras(parted.app.log)] == [None, JANUARY, FEBRUARY]
    assert turnover(parted, "2026-01", "2026-02") == [120, 0]
    assert parted.value("standing_ratings", "account", "2026-01", "acme").value == 0.8


def test_a_return_brings_back_what_held_for_each_period(parted: Office) -> None:
    """Back to all periods alike, and back from there to what held from February on."""
    parted.roll_back()
    assert turnover(parted, "2026-01", "2026-02") == [120, 10]
    assert [era.since for era in eras(parted.app.log)] == [None]
    parted.roll_back()
    assert turnover(parted, "2026-01", "2026-02") == [120, 0]
    assert [era.since for era in eras(parted.app.log)] == [None, FEBRUARY]


def test_a_kpi_added_from_a_day_on(office: Office) -> None:
    """Earlier periods say since when there is one; removed from a day on, they keep theirs."""
    office.registry = registry_with(*FEW[1:])
    office.write(kpis="", scorecards=RATED)
    office.deliver(*ORDERS)
    office.registry = registry_with(*FEW)
    office.write(kpis=KPIS_YAML, scorecards=CARDS)
    office.apply(effective_from=FEBRUARY)
    value = office.value("turnover", "account", "2026-01", "acme")
    assert (value.value, value.reason) == (None, "it was added effective 2026-02-01")
    assert turnover(office, "2026-02") == [10]
    office.write(scorecards=CARDS + f"    {STANDING}\n")
    with pytest.raises(ConfigError, match=r"can't hold before 2026-02-01.*--effective-from"):
        office.apply()
    office.registry = registry_with(*FEW[1:])
    office.write(kpis="", scorecards=RATED)
    office.apply(effective_from=dt.date(2026, 3, 1))
    where = office.at()
    kpi = where.definitions.kpi("turnover")
    old, gone = (
        where.answers.value(kpi, "account", where.window(p), "acme") for p in ("2026-02", "2026-03")
    )
    assert (old.value, gone.reason) == (10, "it was removed effective 2026-03-01")


def test_the_calendar_has_no_day_to_take_effect_from(parted: Office) -> None:
    """One clear sentence says so, and nothing is on record."""
    parted.write(organisation=ORGANISATION.replace("UTC", "Europe/Berlin"))
    before = parted.app.log.head()
    with pytest.raises(ConfigError, match="The calendar holds for all periods"):
        parted.apply(effective_from=dt.date(2026, 3, 1))
    assert parted.app.log.head() == before
    parted.apply()
    assert [era.since for era in eras(parted.app.log)] == [None, FEBRUARY]


def test_the_past_is_asked_for_by_what_held_for_each_period(parted: Office) -> None:
    """As known before the apply February counts all; as known after it, as it does now."""
    parted.on("2026-03-05").deliver(LATE)
    assert turnover(parted, "2026-01", "2026-02", as_known="2026-03-04") == [120, 0]
    assert turnover(parted, "2026-01", "2026-02", as_known="2026-03-05") == [125, 0]


def test_a_formula_of_later_periods_is_explained_in_earlier_ones(office: Office) -> None:
    """From February on: 10 of turnover over one bread; January has neither it nor its operands."""
    office.registry = registry_with(*FEW[1:])
    office.write(kpis="", scorecards=RATED)
    office.deliver(*ORDERS)
    formula = next(k for k in KPIS if k.id == "per_bread")
    bought = next(k for k in KPIS if k.id == "breads_bought")
    office.registry = registry_with(*FEW, formula, bought)
    office.apply(effective_from=FEBRUARY)
    where = office.at()
    january, february = (
        where.reader.explain(formula, "account", where.window(period), "acme")
        for period in ("2026-01", "2026-02")
    )
    assert january.value.reason == "it was added effective 2026-02-01"
    assert january.operands == {}
    assert february.value.value == 10
    assert {name: value.value for name, value in february.operands.items()} == {
        "money": 10,
        "breads": 1,
    }


def test_a_newer_definition_can_be_asked_for_in_any_period(parted: Office) -> None:
    """By what holds from February on, January counts the order of 90 alone, and the year too."""
    newer = parted.value("turnover", "account", "2026-02", "acme").definition
    older = parted.value("turnover", "account", "2026-01", "acme").definition
    for label, expected in ((newer, [90, 0, 90]), (older, [120, 10, 130])):
        question = Question(definition=label)
        where = parted.app.history.at(question, lambda _: ["turnover"], parted.now)
        values = [
            where.answers.value(FEW[0], "account", where.window(p), "acme")
            for p in ("2026-01", "2026-02", "2026")
        ]
        assert [(v.value, v.definition) for v in values] == [(n, label) for n in expected]


def test_a_label_of_earlier_periods_can_be_asked_for(parted: Office) -> None:
    """What an order is told by changes: January's values have a label that no record names."""
    types = dict(parted.registry.event_types)
    types["order.placed"] = msgspec.structs.replace(types["order.placed"], data=NotedOrder)
    parted.registry.event_types = types
    parted.apply()
    value = parted.value("turnover", "account", "2026-01", "acme")
    assert value.definition not in {
        d.label for run in appliances(parted.app.log) for d in run.definitions
    }
    assert turnover(parted, "2026-01", "2026-02", definition=value.definition) == [120, 10]
    again = parted.value("turnover", "account", "2026-01", "acme", definition=value.definition)
    assert again == value


amounts = st.integers(1, 9).map(lambda tens: tens * 10)
days = st.none() | st.sampled_from([dt.date(2026, month, 1) for month in (1, 2, 3)])
steps = st.lists(
    st.tuples(amounts, days, st.lists(st.tuples(st.integers(0, 85), amounts), max_size=3)),
    min_size=1,
    max_size=4,
)


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=steps)
def test_any_applies_give_each_period_what_was_last_said_of_it(
    steps: list[tuple[int, dt.date | None, list[tuple[int, int]]]],
    tmp_path: Path,
    bakery_courier: Courier,
) -> None:
    """Orders count from an amount on that each apply sets for periods from a day on."""
    office = Office(Path(tempfile.mkdtemp(dir=tmp_path)), bakery_courier, today="2026-03-31")
    office.deliver(*ORDERS)
    least = dict.fromkeys(("2026-01", "2026-02", "2026-03", "2026-Q1"), 0)
    orders = [("2026-01", 30), ("2026-01", 90), ("2026-02", 10)]
    newest = 0
    for number, (amount, day, placed) in enumerate(steps):
        if amount != newest:
            office.write(kpis=f"{KPIS_YAML}  params: {{at_least: {amount}}}\n")
            office.apply(effective_from=day)
            newest = amount
            for period in least:
                start = dt.date(2026, int(period[-1]), 1)
                least[period] = amount if day is None or start >= day else least[period]
        for count, (later, size) in enumerate(placed):
            when, name = JANUARY + dt.timedelta(days=later), f"{number}-{count}"
            orders.append((f"{when:%Y-%m}", size))
            placed_on = when.isoformat()
            order = event(name, "order.placed", placed_on, "acme", order=name, amount=size)
            office.deliver(order)
    for period, lowest in least.items():
        mine = [size for month, size in orders if period in {month, "2026-Q1"} and size >= lowest]
        found = office.value("turnover", "organisation", period, "organisation")
        assert found.numerator == Decimal(sum(mine)), period
    caught_up = rows_of(office.app.workspace.values_path)
    app = office.app
    app.replayer(bakery_courier, quiet).replay(office.now, full=True)
    assert rows_of(app.workspace.values_path) == caught_up
