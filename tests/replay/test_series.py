"""The book's values lie as points of numbered series, and nobody who reads them sees it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from kamengine.replay.attic import Attic
from kamengine.replay.series import FEW, Scope, Series
from tests.bakery import Pack, Shop, event, registry_of, rows_of
from tests.replay.test_catching_up import EVENTS

Name = tuple[str, str, str]

GONE = "turnover_in_dozens"
REST = Pack(kpis=tuple(kpi for kpi in Pack().parts[2] if kpi.id != GONE))


@pytest.fixture
def replayed(shop: Shop) -> Shop:
    shop.deliver(*EVENTS)
    return shop


def numbers(shop: Shop) -> dict[Name, int]:
    with sqlite3.connect(shop.workspace.values_path) as connection:
        found = connection.execute("SELECT kpi, subject_type, period, series FROM series")
        return {(kpi, grain, period): series for kpi, grain, period, series in found}


def run(values: Path, *statements: str) -> None:
    connection = sqlite3.connect(values)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


def test_a_series_keeps_its_number(replayed: Shop) -> None:
    """Later replays number on, be it for periods that are new or for a KPI that came back."""
    before = numbers(replayed)
    assert sorted(before.values()) == list(range(1, len(before) + 1))
    replayed.deliver(event("n1", "order.placed", "2025-02-12", "acme", order="9", amount="1"))
    after = numbers(replayed)
    assert {name: after[name] for name in before} == before
    added = {number for name, number in after.items() if name not in before}
    assert min(added) == len(before) + 1
    assert len(set(after.values())) == len(after)
    assert replayed.replay(full=True).full
    assert numbers(replayed) == after


def test_a_kpi_that_goes_takes_its_series_along(replayed: Shop) -> None:
    """Neither points nor names of it stay; everything else is as it was."""
    before, rows = numbers(replayed), replayed.rows(f"kpi <> '{GONE}'")
    replayed.registry = registry_of(REST)
    replayed.replay()
    assert numbers(replayed) == {n: s for n, s in before.items() if n[0] != GONE}
    assert replayed.rows() == rows
    with sqlite3.connect(replayed.workspace.values_path) as connection:
        query = "SELECT count(*) FROM points WHERE series NOT IN (SELECT series FROM series)"
        assert connection.execute(query).fetchone() == (0,)


def test_periods_that_go_take_their_series_along(replayed: Shop) -> None:
    """Where quarters aren't kept ready any more, no series of theirs is."""
    kinds = tuple(kind for kind in replayed.settings.kinds if kind != "quarter")
    assert any("-Q" in period for _, _, period in numbers(replayed))
    replayed.settings = type(replayed.settings)(as_of=replayed.settings.as_of, kinds=kinds)
    replayed.replay()
    assert not any("-Q" in period for _, _, period in numbers(replayed))
    assert replayed.rows("period LIKE '%Q%'") == []


def one_table(values: Path) -> None:
    """Make a book as it was when its values lay in one table."""
    run(
        values,
        'CREATE TABLE whole AS SELECT * FROM "values"',
        'DROP VIEW "values"',
        'ALTER TABLE whole RENAME TO "values"',
        "DROP TABLE points",
        "DROP TABLE series",
        "PRAGMA user_version = 5",
    )


def later(values: Path) -> None:
    """Make a book of a format that isn't known yet."""
    run(values, "ALTER TABLE points ADD COLUMN more TEXT", "PRAGMA user_version = 99")


@pytest.mark.parametrize("turn", [one_table, later])
def test_a_book_of_another_format_is_made_anew(
    replayed: Shop, turn: Callable[[Path], None]
) -> None:
    """All of it comes back, and what is in the attic, which nothing could bring back, stays."""
    replayed.registry = registry_of(REST)
    replayed.replay()
    values = replayed.workspace.values_path
    attic = Attic(values)
    retired = attic.find(GONE)
    assert retired is not None
    rows, kept = replayed.rows(), attic.kept(retired, "account")
    assert kept
    turn(values)
    assert replayed.rows() == rows
    replayed.replay()
    assert replayed.rows() == rows
    assert attic.find(GONE) == retired
    assert attic.kept(retired, "account") == kept


GRAINS = ("account", "team")
NUMBERED = [("a", grain, period) for grain in GRAINS for period in ("1", "2", "3")]


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """Two KPIs with values of six subjects, at two grains in three periods."""
    values = tmp_path / "values.db"
    Series(values).prepare()
    names = NUMBERED + [("b", grain, period) for _, grain, period in NUMBERED]
    run(
        values,
        *(f"INSERT INTO series VALUES ({n}, '{k}', '{g}', '{p}')"
          for n, (k, g, p) in enumerate(names, start=1)),
        *(f"INSERT INTO points VALUES ({n}, 's{s}', '1', '1', 1, 1.0, 'ok', NULL)"
          for n in range(1, 13) for s in range(6)),
    )  # fmt: skip
    return values


@pytest.mark.parametrize("others", [0, FEW])
@pytest.mark.parametrize(
    ("scope", "gone"),
    [
        (Scope(series="kpi = 'a'"), 36),
        (Scope(series="kpi = 'a' AND period IN ('1', '2')"), 24),
        (Scope(series="kpi = 'a'", entire="subject_type <> 'account'"), 18),
        # beside these, two subjects in each of three periods
        (Scope(series="kpi = 'a'", entire="subject_type <> 'account'", subjects=("s1", "s3")), 24),
        (Scope(series="kpi = 'a'", entire="period = '3'", subjects=("s1",)), 16),
        (Scope(series="kpi = 'c'", subjects=("s1",)), 0),
    ],
)
def test_a_scope_deletes_what_it_picks(book: Path, scope: Scope, gone: int, others: int) -> None:
    """Be it of few subjects, which are looked up, or of so many that series are read through."""
    absent = tuple(f"x{n}" for n in range(others)) if scope.subjects else ()
    scope = Scope(series=scope.series, entire=scope.entire, subjects=scope.subjects + absent)
    picked, rest = rows_of(book, scope.condition), rows_of(book, f"NOT ({scope.condition})")
    assert (len(picked), len(rest)) == (gone, 72 - gone)
    run(book, *scope.deletions())
    assert rows_of(book) == rest


@pytest.mark.parametrize("more", ["", " AND period = '1'", " AND period = '1' AND subject = 's1'"])
def test_values_are_looked_up(book: Path, more: str) -> None:
    """By the name of their series, then by its number; nothing is scanned, nothing sorted."""
    query = f"""
        EXPLAIN QUERY PLAN SELECT * FROM "values"
        WHERE kpi = 'a' AND subject_type = 'account'{more} ORDER BY period, subject
    """
    with sqlite3.connect(book) as connection:
        series, points = (row[3] for row in connection.execute(query))
    assert series.startswith("SEARCH series USING COVERING INDEX")
    assert points.startswith("SEARCH points USING PRIMARY KEY (series=?")


def test_what_has_a_number_keeps_it_and_the_rest_is_numbered_on(book: Path) -> None:
    """The numbers asked for hold for all grains, and only those of new series are to be told."""
    found = Series(book).numbered({"b": {"3", "4"}})
    names = [(row["subject_type"], row["period"]) for row in found.series.to_pylist()]
    assert names == [
        (grain, period)
        for grain in ("account", "manager", "team", "segment", "organisation")
        for period in ("3", "4")
    ]
    assert found.series["series"].to_pylist() == [9, 13, 14, 15, 12, 16, 17, 18, 19, 20]
    assert found.added["series"].to_pylist() == list(range(13, 21))
    assert Series(book).numbered({}).series.num_rows == 0
