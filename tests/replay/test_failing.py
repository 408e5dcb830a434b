"""What fails is parked by a catch-up and ends a rebuild, and isn't tried over and over."""

from __future__ import annotations

from decimal import Decimal

import pytest

from kamengine.engine.session import Session
from kamengine.errors import ReplayError
from kamengine.event import EventData, EventType, Upcast
from kamengine.kpi import Formula, Operand
from tests.bakery import (
    EVENT_TYPES,
    TURNOVER,
    Pack,
    Shop,
    edited,
    edited_projection,
    event,
    registry_of,
)
from tests.replay.test_catching_up import EVENTS

NOT_A_NUMBER = TURNOVER.sql.replace("amount AS", "CAST('x' || amount AS DECIMAL(38, 6)) AS")
NO_ORDERS = "SELECT account_id, CAST('x' || amount AS DECIMAL(38, 6)) AS a FROM order_placed"
FAILING_FORMULA = Formula(
    operands={"money": Operand(kpi="turnover")}, numerator="CAST('x' || money AS DECIMAL(38, 6))"
)
ORDER = event("n1", "order.placed", "2026-02-12", "acme", order="5", amount="1")
RATING = event("n2", "bread.rated", "2026-02-12", "acme", bread="bun", score="4")


@pytest.fixture
def replayed(shop: Shop) -> Shop:
    """A shop with nothing left to do."""
    shop.deliver(*EVENTS)
    shop.replay()
    return shop


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The statements that DuckDB was told to run; cleared before what is watched."""
    statements: list[str] = []
    run, table = Session.run, Session.table

    def watched_run(self: Session, statement: str) -> None:
        if "state.mark" not in statement:
            statements.append(statement)
        run(self, statement)

    def watched_table(self: Session, query: str) -> object:
        statements.append(query)
        return table(self, query)

    monkeypatch.setattr(Session, "run", watched_run)
    monkeypatch.setattr(Session, "table", watched_table)
    return statements


class RatedWorse(EventData, frozen=True):
    """Ratings whose scores can't be had from those that there are."""

    bread: str
    score: int | None = None


RATED = next(t for t in EVENT_TYPES if t.name == "bread.rated")
WORSE = EventType(
    name="bread.rated",
    data=RatedWorse,
    doc="A rating.",
    version=2,
    upcasts=(
        Upcast(version=1, data=RATED.data, columns={"score": "CAST('x' || bread AS INTEGER)"}),
    ),
)

FAILING = {
    "a KPI": (Pack(kpis=edited("turnover", sql=NOT_A_NUMBER)), "'x' ||", "KPI turnover"),
    "a formula": (
        Pack(kpis=edited("per_bread", value=FAILING_FORMULA)),
        "'x' ||",
        "KPI per_bread",
    ),
    "a projection": (
        Pack(
            projections=edited_projection(
                "orders",
                "SELECT account_id, CAST('x' || amount AS DECIMAL(38, 6)) AS a FROM order_placed",
            )
        ),
        "'x' ||",
        "projection orders",
    ),
}


@pytest.mark.parametrize("failing", FAILING.values(), ids=FAILING)
def test_what_failed_is_tried_again_when_something_changed(
    replayed: Shop, asked: list[str], failing: tuple[Pack, str, str]
) -> None:
    """Nothing new: it stays parked with its reason. New events of what it reads: one more try."""
    pack, trace, _ = failing
    replayed.registry = registry_of(pack)
    parked = replayed.replay().parked

    def tries(*events: object, retry: bool = False) -> int:
        asked.clear()
        replayed.append(*events)  # type: ignore[arg-type]
        result = replayed.replay(retry=retry)
        assert set(result.parked) == set(parked)
        assert not set(result.recomputed) & set(parked)
        return len([s for s in asked if trace in s])

    assert parked
    assert tries() == tries() == 0
    assert tries(RATING) == tries() == 0
    assert tries(ORDER) > 0
    assert tries(retry=True) > 0
    known = replayed.reader().definitions
    assert {k for k, d in known.items() if d.problem} == {k for k in parked if k in known}


@pytest.mark.parametrize("failing", FAILING.values(), ids=FAILING)
def test_a_rebuild_ends_at_the_first_definition_that_fails(
    replayed: Shop, failing: tuple[Pack, str, str]
) -> None:
    """It names it, its error and what to do; readers see what they saw, and nothing is lost."""
    before, head = replayed.rows(), replayed.reader().head
    pack, _, named = failing
    replayed.registry = registry_of(pack)
    with pytest.raises(ReplayError, match=f"stopped at {named}, .*Conversion Error") as caught:
        replayed.replay(full=True)
    assert "`kamengine replay`" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert (replayed.rows(), replayed.reader().head) == (before, head)
    replayed.registry = registry_of()
    assert replayed.replay(full=True).events == 0  # they were decoded before it stopped
    assert replayed.rows() == before


def test_a_rebuild_does_not_even_begin_with_a_definition_that_cannot_be_read(
    replayed: Shop,
) -> None:
    """One that reads what nobody registers is named at once."""
    replayed.registry = registry_of(Pack(kpis=edited("turnover", sql="SELECT 1 AS one FROM deals")))
    with pytest.raises(ReplayError, match=r"stopped at turnover, .*deals, which no loaded pack"):
        replayed.replay(full=True)


def test_a_day_later_what_failed_is_tried_again(replayed: Shop, asked: list[str]) -> None:
    """Windows that moved are other data."""
    replayed.registry = registry_of(FAILING["a KPI"][0])
    replayed.replay()
    replayed.replay()
    asked.clear()
    replayed.replay(as_of="2026-12-30")
    assert any("'x' ||" in statement for statement in asked)


def test_events_that_cannot_be_decoded_are_not_decoded_over_and_over(
    replayed: Shop, asked: list[str]
) -> None:
    """The log won't change: only another schema of theirs, or somebody who insists, may help."""

    types = [WORSE if t.name == "bread.rated" else t for t in EVENT_TYPES]
    replayed.registry = registry_of(Pack(event_types=types))
    parked = replayed.replay().parked
    assert "bread_rated" in parked
    asked.clear()
    replayed.append(RATING)
    assert replayed.replay().parked == parked
    assert not [s for s in asked if "bread_rated" in s and "INSERT" in s]
    assert replayed.replay(retry=True).parked == parked
    assert [s for s in asked if "bread_rated" in s and "INSERT" in s]
    with pytest.raises(ReplayError, match="stopped at the events of bread_rated"):
        replayed.replay(full=True)
    replayed.registry = registry_of()
    assert replayed.replay().parked == {}
    # the last word on rye is 7, on bun 4
    assert replayed.value("last_ratings", "2026-02", "acme", "account")[0] == "11"


def test_values_that_cannot_be_kept_are_not_computed_over_and_over(
    shop: Shop, asked: list[str]
) -> None:
    """A sum that is too large is parked when values are computed, and stays so."""
    shop.deliver(*EVENTS)
    parked = shop.deliver(
        event("big", "order.placed", "2026-03-01", "acme", order="9", amount="9" * 32)
    ).parked
    assert "turnover" in parked
    asked.clear()
    assert set(shop.replay().parked) == set(parked)
    assert shop.replay().recomputed == ()
    assert Decimal(shop.value("breads_bought", "2026", "acme", "account")[0]) == 1  # type: ignore[arg-type]
