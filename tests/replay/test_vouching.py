"""Definitions that a replay found sound are read again without a parser, and only those."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from kamengine import inspection, plugins
from kamengine.replay import vouching
from kamengine.replay.book import Book, Head
from kamengine.replay.head import head_statements
from kamengine.settings import Settings
from kamengine.workspace import Workspace
from tests.bakery import Pack, Shop, edited, event, registry_of


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The definitions whose SQL was looked over."""
    names: list[str] = []
    monkeypatch.setattr(inspection, "inspect", lambda definition: names.append(repr(definition)))
    return names


def test_what_the_last_replay_found_sound_is_not_parsed_again(
    tmp_path: Path, judged: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same definitions, to the letter, are taken as they are; by another judge, they aren't."""
    installed = plugins.load(inspecting=False)
    book = Book(Workspace(tmp_path).values_path)
    book.prepare()
    head = Head(
        state="a.duckdb",
        position=1,
        hash="",
        recorded_at=1,
        as_of=1,
        declared=vouching.declaration(installed),
    )
    with sqlite3.connect(book.path) as connection:
        for statement in head_statements(head, [], []):
            connection.execute(statement)
    assert vouching.load_vouched(tmp_path).kpis.keys() == installed.kpis.keys()
    assert judged == []
    monkeypatch.setattr(vouching, "_versions", lambda: ("sqlglot 0",))
    vouching.load_vouched(tmp_path)
    assert len(judged) == len(installed.kpis) + len(installed.projections)


def test_a_folder_without_values_vouches_for_nothing(tmp_path: Path, judged: list[str]) -> None:
    """Everything is looked over, and no file is made."""
    vouching.load_vouched(tmp_path)
    assert judged
    assert list(tmp_path.iterdir()) == []


def test_an_edited_query_is_told_from_the_one_replayed(shop: Shop) -> None:
    """One other letter in a query, or another parameter, and the definitions are compared."""
    shop.deliver(event("s1", "seller.joined", "2026-01-01", None, "kim", shop="north"))
    reader = shop.reader()
    assert vouching.unchanged(reader.head, shop.registry, shop.settings)
    turnover = "SELECT account_id, occurred_at, amount AS numerator, event_id FROM orders"
    other = registry_of(Pack(kpis=edited("turnover", sql=turnover)))
    assert not vouching.unchanged(reader.head, other, shop.settings)
    euros = Settings(reporting_currency="EUR")
    assert not vouching.unchanged(reader.head, shop.registry, euros)


def test_the_book_knows_which_events_a_kpi_rests_on(shop: Shop) -> None:
    """Be it by way of projections or of other KPIs."""
    shop.deliver(event("s1", "seller.joined", "2026-01-01", None, "kim", shop="north"))
    known = shop.reader().definitions
    assert known["last_ratings"].facts == ("bread_rated",)
    assert known["turnover"].facts == ("order_paid", "order_placed")
    assert known["per_bread"].facts == ("order_paid", "order_placed")
