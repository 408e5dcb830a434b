"""Numbers that were reported, beside those that are true now: worked out by hand."""

from __future__ import annotations

import csv
import io
import json
import shutil
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner

from kamengine.cli import main
from kamengine.cli.context import App
from kamengine.courier.client import Courier
from kamengine.errors import UnknownNameError
from kamengine.history.approval import Approval, new_record
from kamengine.history.publishing import reported
from kamengine.history.restated import ENGINE, restated
from kamengine.vocabulary import SCORECARD_PUBLISHED
from tests.bakery import event
from tests.history.office import KPIS_YAML, Office, asked

ACME = ("--account", "acme", "--period", "2026-01")
SHOW = ("restatements", "show", *ACME)


@pytest.fixture(scope="module")
def restating(tmp_path_factory: pytest.TempPathFactory, bakery_courier: Courier) -> Office:
    """Acme's 30 of 100 were reported; 40 came late, then orders below 35 ceased to count.

    Bolt's 50 are what they were.
    """
    office = Office(tmp_path_factory.mktemp("restating") / "office", bakery_courier)
    office.on("2026-01-31T09:00").deliver(
        event("a", "customer.assigned", "2026-01-01", "acme", "kim"),
        event("1", "order.placed", "2026-01-05", "acme", order="1", amount="30", bread="rye"),
        event("2", "order.placed", "2026-01-06", "bolt", order="2", amount="50", bread="rye"),
    )
    office.on("2026-02-01T09:00").deliver()
    office.publish("2026-01")
    office.on("2026-02-10T09:00").deliver(
        event("3", "order.placed", "2026-01-07", "acme", order="3", amount="40", bread="rye")
    )
    office.write(kpis=KPIS_YAML + "  params: {at_least: 35}\n")
    office.on("2026-02-11T09:00").apply("small orders are noise")
    return office


def run(office: Office, *words: str) -> str:
    done = CliRunner().invoke(main, words, obj=office.app)
    assert done.exit_code == 0, done.output
    return done.stdout


def test_show_tells_what_was_what_is_and_why(restating: Office) -> None:
    """30 and 40 late are 70; without the 30 they are 40: the parts are +40 and -30."""
    found = json.loads(run(restating, *SHOW, "--kpi", "turnover", "--format", "json"))
    moved = found["difference"]
    assert (moved["was"], moved["becomes"], moved["difference"]) == (30, 40, 10)
    parts = [(p["cause"], p["difference"], p["events"]) for p in moved["parts"]]
    assert parts == [("late events", 40, ["3"]), ("definition", -30, [])]
    assert (found["published_by"], found["published_why"]) == ("ada", "the books")
    assert (found["published_at"], found["closed"]) == ("2026-02-01T09:00:00Z", False)
    (label,) = moved["parts"][1]["detail"]
    assert label.startswith(f"{found['definition']} -> turnover@1#")
    applied = [(run["by"], run["why"]) for run in found["applied"]]
    assert applied == [("ada", "small orders are noise")]


def test_show_is_a_table_for_people_and_rows_for_programs(restating: Office) -> None:
    """The table says who applied what; CSV has a row a cause."""
    told = run(restating, *SHOW, "--kpi", "turnover")
    assert "reported 2026-02-01 by ada (the books): 30" in told
    assert "now: 40" in told
    assert "applied 2026-02-11 by ada: small orders are noise" in told
    text = run(restating, *SHOW, "--kpi", "turnover", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [(r["subject"], r["kpi"], r["cause"], float(r["difference"])) for r in rows] == [
        ("acme", "turnover", "late events", 40.0),
        ("acme", "turnover", "definition", -30.0),
    ]


def test_show_splits_a_score(restating: Office) -> None:
    """30 of 100 became 70 of 100, then 40 of 100."""
    found = json.loads(run(restating, *SHOW, "--kpi", "score", "--format", "json"))
    parts = [(p["cause"], p["difference"]) for p in found["difference"]["parts"]]
    assert parts == [("late events", 40), ("definition", -30)]
    assert found["definition"] is None


def test_a_number_that_stands_has_no_causes(restating: Office) -> None:
    """Bolt's 50 are as they were reported, though another definition made them now."""
    whose = ("--account", "bolt", "--period", "2026-01")
    done = CliRunner().invoke(
        main, ["restatements", "show", *whose, "--kpi", "turnover"], obj=restating.app
    )
    assert "It is as it was reported." in done.stderr


@pytest.mark.parametrize(
    ("subject", "kpi", "words"),
    [("acme", "standing_ratings", "doesn't have this KPI"), ("nobody", None, "No scorecard")],
)
def test_what_was_not_reported_is_refused(
    restating: Office, subject: str, kpi: str | None, words: str
) -> None:
    """One sentence says whether it is the subject or the KPI."""
    with pytest.raises(UnknownNameError, match=words):
        restated(restating.app.history, asked(subject, "2026-01", kpi), restating.now)


def test_what_no_replay_brings_back_is_a_cause_of_its_own(
    restating: Office, tmp_path: Path
) -> None:
    """A report of 31, of which a replay makes 30, moved by -1 before anything else came."""
    app = App(Path(shutil.copytree(restating.root, tmp_path / "office")), restating.registry)
    report = next(reported(app.log, "2026-01", "account", "acme"))
    (line,) = report.card.lines
    other = msgspec.structs.replace(line, value=31.0, numerator=Decimal(31))
    card = msgspec.structs.replace(report.card, lines=(other,))
    about = msgspec.structs.replace(report.about, card=msgspec.json.encode(card).decode())
    approval = Approval("ada", "", restating.now)
    app.log.append([new_record(SCORECARD_PUBLISHED, "again", about, approval.at, account="acme")])
    found = restated(app.history, asked("acme", "2026-01", "turnover"), restating.now).difference
    assert [found.was, found.becomes, found.difference] == [31, 40, 9]
    parts: list[tuple[str, object]] = [(p.cause, p.difference) for p in found.parts]
    assert parts == [(ENGINE, -1), ("late events", 40), ("definition", -30)]


def test_every_form_of_a_scorecard_shows_both_numbers(restating: Office) -> None:
    """40 now and 30 as reported: in the table, in JSON, in CSV and on the page."""
    table = run(restating, "scorecard", *ACME)
    assert "reported on 2026-02-01 with a score of 30.0" in table
    (row,) = csv.DictReader(io.StringIO(run(restating, "scorecard", *ACME, "--format", "csv")))
    assert (row["value"], row["reported"]) == ("40.0", "30.0")
    assert row["published_at"] == "2026-02-01T09:00:00Z"
    found: dict[str, Any] = json.loads(run(restating, "scorecard", *ACME, "--format", "json"))
    assert found["reported"]["score"] == 30
    assert (found["kpis"][0]["value"], found["kpis"][0]["reported"]) == (40, 30)
    page = run(restating, "scorecard", *ACME, "--format", "html")
    assert "It was reported on 2026-02-01 with a score of 30.0." in page
    assert '<td data-label="Reported" class="num">30<span class="quiet">restated since' in page


@pytest.mark.parametrize(
    "period", [("2026-Q1",), ("2026-01", "--as-known", "2026-01-31")], ids=["another", "before"]
)
def test_where_nothing_was_reported_nothing_stands_beside(
    restating: Office, period: tuple[str, ...]
) -> None:
    """The quarter wasn't published; neither was January by the end of January."""
    about = ("scorecard", "--account", "acme", "--period", *period)
    (row,) = csv.DictReader(io.StringIO(run(restating, *about, "--format", "csv")))
    assert (row["reported"], row["published_at"]) == ("", "")
    assert "eported" not in run(restating, *about)
    assert "Reported" not in run(restating, *about, "--format", "html")


def test_a_report_for_readers_shows_both_numbers(restating: Office) -> None:
    """On everybody's page, and the score in the list."""
    run(restating, "report", "--period", "2026-01", "--out", str(restating.root / "pages"))
    page = (restating.root / "pages" / "accounts" / "acme.html").read_text()
    assert "restated since" in page
    assert "restated since" not in (restating.root / "pages" / "accounts" / "bolt.html").read_text()
    index = (restating.root / "pages" / "index.html").read_text()
    assert '<td class="num" data-sort="30.0">30.0</td>' in index
