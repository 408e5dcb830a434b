"""What a reader is told of a number's past, on a history of two quarters."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from kamengine.cli.context import App
from kamengine.periods import Window
from kamengine.report.pooling import Sums
from kamengine.report.readings import Number, Reading, read_all
from kamengine.report.wording import MINUS
from tests.report.conftest import Run

Read = Callable[[Any, str], Reading]


def number(reading: Reading, kpi: str) -> Number:
    return next(each for each in reading.numbers if each.line.kpi.id == kpi)


def test_a_managers_change_is_shared_out_among_accounts(read: Read) -> None:
    """From 2 of 4 to 2 of 5: a tenth less, a quarter of it acme's doing."""
    change = number(read("manager", "kim"), "win_rate").change
    assert (change.before, change.difference) == (Fraction(1, 2), Fraction(-1, 10))
    assert [(c.name, c.share) for c in change.causes] == [
        ("bolt", Fraction(-3, 40)),
        ("acme", Fraction(-1, 40)),
    ]
    assert change.rest == 0
    assert change.others == 0
    assert change.causes[0].note == "0 % → 25 %"


def test_pooling_that_turns_a_direction_around_is_told(read: Read) -> None:
    """Both accounts of kim rose, and kim fell; lee has one account, which didn't move."""
    (note,) = number(read("manager", "kim"), "win_rate").notes
    assert "Each of the 2 accounts" in note
    assert number(read("manager", "lee"), "win_rate").notes == ()


@pytest.mark.parametrize(
    ("whose", "told"),
    [
        (("--manager", "kim"), True),
        (("--manager", "lee"), False),  # one account, which didn't move
        (("--team", "north"), True),  # by account: corn stayed as it was
        (("--organisation",), True),
        (("--account", "acme"), False),
    ],
)
def test_a_plain_scorecard_tells_of_it_too(whose: tuple[str, ...], told: bool, run: Run) -> None:
    """Without --why, from values that are kept: 2/3 and 0/1 rose to 1/1 and 1/4, 2/4 fell."""
    done = run("scorecard", *whose, "--period", "2026-Q2")
    assert done.returncode == 0, done.stderr
    sentence = "win_rate: Each of the 2 accounts with a value in both periods that moved rose"
    assert (sentence in done.stdout) == told
    assert ("and yet the whole fell" in done.stdout) == told


def test_an_accounts_change_is_shared_out_among_events(read: Read, app: App) -> None:
    """From 2/3 to 1: the deal won now, less the excess of two won and one lost then."""
    change = number(read("account", "acme"), "win_rate").change
    assert change.difference == Fraction(1, 3)
    found = sorted((c.share, c.note) for c in change.causes)
    assert found == [
        (Fraction(-1, 9), "counted then"),
        (Fraction(-1, 9), "counted then"),
        (Fraction(2, 9), "counted then"),
        (Fraction(1, 3), "counts now"),
    ]
    assert sum(share for share, _ in found) == Fraction(1, 3)
    events = app.log.ids({int(c.name) for c in change.causes})
    assert len(events) == 4


def test_the_score_moves_by_what_its_kpis_move(read: Read) -> None:
    """The differences in points add up to that of the score."""
    reading = read("organisation", "organisation")
    assert reading.before is not None
    assert reading.change.difference == (reading.card.score or 0) - (reading.before.score or 0)
    told = sum((cause.share for cause in reading.change.causes), Fraction(0))
    assert told + (reading.change.rest or 0) == reading.change.difference


def test_the_score_has_a_trend_of_its_own(read: Read) -> None:
    """It ends with the scores of the period before and of this one."""
    reading = read("manager", "kim")
    assert reading.before is not None
    scores = [reading.before.score, reading.card.score]
    assert None not in scores
    told = [(point.period, point.value) for point in reading.trend]
    assert told[-2:] == [
        (period, float(score or 0))
        for period, score in zip(("2026-Q1", "2026-Q2"), scores, strict=True)
    ]


def test_a_trend_ends_with_the_value_itself(read: Read) -> None:
    """Every period kept, oldest first, with the gaps that there are."""
    trend = number(read("account", "bolt"), "win_rate").trend
    assert [(p.period, p.value) for p in trend][-2:] == [("2026-Q1", 0.0), ("2026-Q2", 0.25)]


def test_a_pooled_number_is_taken_apart_by_account(read: Read) -> None:
    """The worst first; together they are the number. What is an account's own has no accounts."""
    parts = number(read("team", "north"), "win_rate").parts
    assert list(parts) == ["bolt", "corn", "acme"]
    assert parts["bolt"] == Sums(Fraction(1), Fraction(4))
    assert parts["corn"] == Sums(Fraction(1), Fraction(2))
    assert parts["acme"] == Sums(Fraction(1), Fraction(1))
    assert number(read("account", "acme"), "win_rate").parts == {}


def test_evidence_is_the_newest_first(read: Read) -> None:
    """A deal a row, with its event."""
    shown = number(read("account", "bolt"), "win_rate")
    assert shown.rows_in_all == len(shown.rows) == 4
    moments = [row.occurred_at for row in shown.rows]
    assert moments == sorted(moments, reverse=True, key=str)
    assert [row.numerator for row in shown.rows] == [0, 0, 0, 1]


@pytest.mark.parametrize(
    ("carrier", "subject", "day"),
    [
        ("account", "acme", "2026-06-20"),
        ("account", "bolt", None),
        ("manager", "kim", "2026-06-20"),
        ("manager", "lee", None),
        ("team", "north", "2026-06-20"),
        ("organisation", "organisation", "2026-06-20"),
    ],
)
def test_the_newest_event_is_of_those_whom_the_number_is_about(
    read: Read, carrier: str, subject: str, day: str | None
) -> None:
    """A call with acme is news for kim, the team and the organisation, and nobody else."""
    newest = number(read(carrier, subject), "contact_gap_days").newest
    assert (newest is not None and f"{newest:%Y-%m-%d}" == "2026-06-20") == (day is not None)


def test_a_report_reads_as_single_scorecards_do(
    app: App, second_quarter: Window, read: Read
) -> None:
    """Gathered all at once or one by one, the readings are the same."""
    carriers: list[Any] = ["organisation", "team", "manager", "account"]
    found, _ = read_all(app.answers, second_quarter, carriers)
    assert [r.subject for r in found] == [
        "organisation", "north", "kim", "lee", "acme", "bolt", "corn",
    ]  # fmt: skip
    for each in found:
        assert each == read(each.carrier, each.subject)


def test_json_has_trend_change_and_rating(run: Run) -> None:
    """And the causes where they are asked for."""
    arguments = ("scorecard", "--manager", "kim", "--period", "2026-Q2", "--format", "json")
    plain, reasons = (json.loads(run(*arguments, *why).stdout) for why in ((), ("--why",)))
    won = plain["kpis"][0]
    assert (won["value"], won["before"], won["rating"]) == (0.4, 0.5, "amber")
    assert won["change"] == {"before": 0.5, "difference": -0.1}
    assert won["trend"][-2:] == [
        {"period": "2026-Q1", "value": 0.5},
        {"period": "2026-Q2", "value": 0.4},
    ]
    causes = reasons["kpis"][0]["change"]["causes"]
    assert [(c["account"], c["difference"]) for c in causes] == [("bolt", -0.075), ("acme", -0.025)]
    assert "and yet the whole fell" in reasons["kpis"][0]["warnings"][0]


def test_csv_is_a_row_a_kpi(run: Run) -> None:
    """With the value before and the difference beside the value."""
    done = run("scorecard", "--team", "north", "--period", "2026-Q2", "--format", "csv")
    rows = {row["kpi"]: row for row in csv.DictReader(io.StringIO(done.stdout))}
    assert rows["win_rate"]["before"] == "0.5"
    assert float(rows["win_rate"]["change"]) == pytest.approx(3 / 7 - 1 / 2)
    assert rows["win_rate"]["rating"] == "amber"


def test_the_terminal_says_why(run: Run) -> None:
    """The table shows rating and trend; --why names what moved each number."""
    done = run("scorecard", "--manager", "kim", "--period", "2026-Q2", "--why")
    assert done.returncode == 0, done.stderr
    assert "▲ 80%" in done.stdout
    assert f"↓ {MINUS}10 pp" in done.stdout
    assert "What moved since 2026-Q1" in done.stdout
    assert f"{MINUS}7.50 pp  bolt  0 % → 25 %" in done.stdout


def test_the_first_period_has_nothing_to_be_held_against(run: Run) -> None:
    """There is a page and a table, and both say so."""
    for output in ("table", "html", "json"):
        done = run("scorecard", "--account", "acme", "--period", "2025-Q1", "--format", output)
        assert done.returncode == 0, done.stderr


def test_a_scorecard_waits_for_no_library_that_it_does_without(orchard: Path) -> None:
    """Read from the book alone: no parser, no DuckDB, no browser's engine is imported for it."""
    asked = ("scorecard", "--account", "acme", "--period", "2026-Q2")
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "kamengine", *asked],
        capture_output=True,
        text=True,
        env={**os.environ, "KAMENGINE_WORKSPACE": str(orchard)},
        check=True,
    )
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "kamengine.report.readings" in imported
    slow = {"duckdb", "sqlglot", "pyarrow", "structlog", "jinja2", "vl_convert"}
    assert imported & slow == set()


@pytest.mark.parametrize("period", ["2026-W20", "trailing-3m@2026-06-30", "2026"])
def test_periods_that_are_not_kept_are_read_as_well(run: Run, period: str) -> None:
    """Weeks and trailing windows are computed when they are asked for, whatever is asked."""
    for output in ("table", "json", "csv", "html"):
        done = run("scorecard", "--manager", "kim", "--period", period, "--format", output)
        assert done.returncode == 0, done.stderr
        assert "win_rate" in done.stdout


def test_an_open_period_says_that_it_is(run: Run) -> None:
    """In the middle of a quarter its page warns that sums will look short."""
    arguments = ("--organisation", "--period", "2026-Q2", "--as-of", "2026-05-31")
    done = run("scorecard", *arguments, "--format", "html")
    assert done.returncode == 0, done.stderr
    assert "2026-Q2 is still open and is held against the whole of 2026-Q1" in done.stdout
