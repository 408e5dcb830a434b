"""What packs add to the command line: forms of output, commands, rules, readers, notices."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from kamengine.cli import main
from kamengine.cli.context import App, pass_app
from kamengine.errors import ReplayError
from kamengine.extensions import (
    Importer,
    Linted,
    LintFinding,
    LintRule,
    Notice,
    Notifier,
    OutputFormat,
    Table,
)
from kamengine.hookspecs import hookimpl
from kamengine.plugins import Registry
from kamengine.replay.notifying import Notifying
from kamengine.workspace import Workspace
from tests.bakery import Pack as Bakery
from tests.bakery import Shop, event, kpi, registry_of

ORGANISATION = "name: Acme\nreporting_currency: USD\ntime_zone: UTC\nas_of: 2026-12-31\n"

KPIS = "turnover: {target: {floor: 0, target: 10}}\n"
SCORECARDS = "gold:\n  kpis: {turnover: 1}\n"

MAPPING = """\
name: till
sources:
  - files: "*.jsonl"
    reader: json-lines
    events:
      - type: order.placed
        id: "{order}"
        account_id: "{who}"
        occurred_at: {column: day, date: "%Y-%m-%d"}
        data: {order: "{order}", amount: {column: price, number: true}}
"""


def adding(registry: Registry, hook: str, *items: Any) -> None:
    """Let a pack register things by one hook."""
    plugin = SimpleNamespace(**{hook: hookimpl(lambda: items, specname=hook)})
    plugin.kamengine_api = "1.0"
    pack = registry.add(f"pack_of_{hook}", plugin)
    assert pack.reason is None


@pytest.fixture
def registry() -> Registry:
    return registry_of()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A workspace of the bakery's."""
    root = tmp_path / "ours"
    (root / "config").mkdir(parents=True)
    for name, text in (
        ("organisation", ORGANISATION),
        ("kpis", KPIS),
        ("scorecards", SCORECARDS),
    ):
        (root / "config" / f"{name}.yaml").write_text(text)
    return root


@pytest.fixture
def run(folder: Path, registry: Registry) -> Callable[..., Result]:
    """Run a command in this process, with the registry's packs."""

    def kamengine(*arguments: object) -> Result:
        app = App(folder, registry)
        return CliRunner().invoke(main, [str(a) for a in arguments], obj=app)

    return kamengine


def markdown(rows: Iterable[Any], columns: Sequence[str], out: Any) -> None:
    for row in rows:
        print("|".join(str(row.get(column)) for column in columns), file=out)


def test_a_form_of_output_is_asked_for_by_name(
    run: Callable[..., Result], registry: Registry
) -> None:
    """It gets rows and columns; one that nobody has is refused with all that there are."""
    form = OutputFormat(name="pipes", doc="Pipes.", write=markdown)
    adding(registry, "kamengine_output_formats", form)
    listed = run("kpis", "list", "--format", "pipes")
    assert listed.exit_code == 0
    assert "turnover|turnover|revenue|lagging|objective|money|higher|sum|pack_0" in listed.stdout
    refused = run("kpis", "list", "--format", "pipe")
    assert refused.exit_code == 2
    assert "'pipe' is not one of 'table', 'json', 'csv', 'pipes'." in refused.stderr


def silently(rows: Iterable[Any], columns: Sequence[str], out: Any) -> None:
    assert all(isinstance(row, dict) for row in rows)


@pytest.mark.parametrize(
    "command",
    [
        ("status",),
        ("replay",),
        ("kpis", "show", "turnover"),
        ("values", "--kpi", "turnover"),
        ("explain", "--kpi", "turnover", "--account", "ann", "--period", "2026-05"),
        ("scorecard", "--account", "ann", "--period", "2026-05"),
        ("config", "check"),
        ("config", "show", "--account", "ann"),
        ("events", "list"),
        ("plugins", "list"),
    ],
    ids=" ".join,
)
def test_every_command_that_prints_data_takes_it(
    run: Callable[..., Result], registry: Registry, folder: Path, command: Sequence[str]
) -> None:
    """What it is given are rows; nothing but what it writes goes to stdout."""
    adding(
        registry,
        "kamengine_output_formats",
        OutputFormat(name="silent", doc="Nothing.", write=silently),
    )
    common = {"account_id": "ann", "occurred_at": "2026-05-01T10:00:00Z"}
    events = [
        {"id": "c1", "type": "customer.changed", "data": {"segment": "cafes"}},
        {"id": "o1", "type": "order.placed", "data": {"order": "1", "amount": 3}},
    ]
    (folder / "orders.jsonl").write_text("\n".join(json.dumps(e | common) for e in events))
    assert run("events", "append", folder / "orders.jsonl").exit_code == 0
    assert run("replay").exit_code == 0
    found = run(*command, "--format", "silent")
    assert (found.exit_code, found.stdout) == (0, ""), found.stderr


def test_a_form_of_output_that_fails_is_named(
    run: Callable[..., Result], registry: Registry
) -> None:
    """One sentence, exit code 2, and a way to the data."""

    def fail(*_: object) -> None:
        raise ValueError("no ink")

    form = OutputFormat(name="print-out", doc="Paper.", write=fail)
    adding(registry, "kamengine_output_formats", form)
    found = run("kpis", "list", "--format", "print-out")
    assert (found.exit_code, found.stderr) == (
        2,
        "Error: The output format print-out failed (ValueError: no ink);"
        " its pack is at fault; `--format json` has the same data.\n",
    )


@click.command()
@click.option("--how", default="well")
@pass_app
def greet(app: App, how: str) -> None:
    """Say how the workspace is met."""
    if how == "badly":
        raise ValueError("bad manners")
    if how == "not":
        raise ReplayError("Nobody is there", where=str(app.workspace.root.name), hint="knock")
    click.echo(f"{app.workspace.root.name} is met {how}")


def test_a_command_of_a_pack_stands_beside_ours(
    run: Callable[..., Result], registry: Registry, folder: Path
) -> None:
    """It is in the help, gets the workspace, takes its options, and fails as ours do."""
    adding(registry, "kamengine_commands", greet)
    shown = run("--help").stdout
    assert "Commands of packs:\n  greet  Say how the workspace is met." in shown
    assert run("greet", "--how", "warmly").stdout == "ours is met warmly\n"
    refused = run("greet", "--how", "not")
    assert (refused.exit_code, refused.stderr) == (2, "Error: ours: Nobody is there; knock.\n")
    failed = run("greet", "--how", "badly")
    assert (failed.exit_code, failed.stderr) == (
        2,
        "Error: Something unexpected failed (ValueError: bad manners); run it again with --debug"
        " to see where, and please report it to the authors of pack_of_kamengine_commands.\n",
    )
    assert isinstance(run("--debug", "greet", "--how", "badly").exception, ValueError)
    assert "No such command 'gree'" in run("gree").stderr


def few_kpis(linted: Linted) -> Iterable[LintFinding]:
    for name, card in linted.settings["scorecards"].items():
        assert isinstance(card, dict)
        for kpi_id in card["kpis"]:
            (weighting,) = card["kpis"][kpi_id]["weight"]
            yield LintFinding(
                path=("scorecards", name, "kpis", kpi_id),
                what=f"{linted.kpis[kpi_id].title} weighs {weighting['weight']}",
                hint="let it be",
                severity="error" if "strict" in name else "warning",
            )


def test_a_lint_rule_speaks_of_lines(
    run: Callable[..., Result], registry: Registry, folder: Path
) -> None:
    """Its findings stand where the settings are written, signed; an error makes the check fail."""
    adding(registry, "kamengine_lint_rules", LintRule(name="few-kpis", doc="Few.", check=few_kpis))
    found = run("config", "check")
    file = folder / "config" / "scorecards.yaml"
    assert found.exit_code == 0
    assert f"warning: {file}:2: turnover weighs 1 (few-kpis); let it be.\n" in found.stdout
    file.write_text(SCORECARDS.replace("gold", "strict"))
    found = run("config", "check")
    assert found.exit_code == 1
    assert found.stdout == f"{file}:2: turnover weighs 1 (few-kpis); let it be.\n"
    assert run("config", "show", "--account", "ann").exit_code == 0, "settings stay in force"


def raising(_: Linted) -> Iterable[LintFinding]:
    raise KeyError("gone")


def elsewhere(_: Linted) -> Iterable[LintFinding]:
    yield LintFinding(path=("nowhere", "at", "all"), what="Lost")


def words(_: Linted) -> Any:
    yield "This is bad"


@pytest.mark.parametrize(
    ("check", "said"),
    [
        (raising, "KeyError: 'gone'"),
        (elsewhere, "LookupError: no settings are at ('nowhere', 'at', 'all')"),
        (words, "TypeError: it yields 'This is bad' and no LintFinding"),
    ],
)
def test_a_lint_rule_that_fails_costs_itself(
    run: Callable[..., Result], registry: Registry, check: Any, said: str
) -> None:
    """It is a warning; other rules are heard."""
    rules = [
        LintRule(name="broken", doc="x", check=check),
        LintRule(name="few-kpis", doc="Few.", check=few_kpis),
    ]
    adding(registry, "kamengine_lint_rules", *rules)
    found = run("config", "check")
    assert found.exit_code == 0
    assert f"The lint rule broken failed ({said}); its pack is at fault." in found.stdout
    assert "(few-kpis)" in found.stdout


def json_lines(path: Path) -> Table:
    records = [json.loads(line) for line in path.read_text().splitlines()]
    columns = list(records[0])
    rows = [[record.get(column, "") for column in columns] for record in records]
    return Table(columns=columns, rows=enumerate(rows, 1))


def read_with(read: Callable[[Path], Any], registry: Registry) -> None:
    importer = Importer(name="json-lines", doc="JSON.", read=read)
    adding(registry, "kamengine_importers", importer)


def sold(order: str, price: object, who: str = "ann") -> str:
    return json.dumps({"order": order, "who": who, "day": "2026-05-01", "price": price})


def test_a_reader_of_a_pack_imports_files(
    run: Callable[..., Result], registry: Registry, folder: Path
) -> None:
    """Its rows become events as those of a CSV file do, and unfit ones are set aside."""
    read_with(json_lines, registry)
    (folder / "till.yaml").write_text(MAPPING)
    file = folder / "monday.jsonl"
    file.write_text("\n".join([sold("1", "2.50"), sold("2", "cheap"), sold("3", 4)]))
    found = run("events", "import", folder / "till.yaml", file, "--format", "json")
    assert found.exit_code == 1
    (row,) = json.loads(found.stdout)
    assert (row["rows"], row["appended"], row["rejected"]) == (3, 1, 2)
    rejects = Path(row["rejects"]).read_text().splitlines()
    assert [json.loads(line)["line"] for line in rejects] == [2, 3]
    assert "cheap" in rejects[0]
    assert "Column price holds no text; the importer gives 4" in rejects[1]
    events = json.loads(run("events", "list", "--format", "json").stdout)
    assert [(e["id"], e["data"]) for e in events] == [("till:1", {"order": "1", "amount": 2.5})]


def test_a_reader_that_no_pack_has_is_told_with_its_line(
    run: Callable[..., Result], folder: Path
) -> None:
    """So is a `format`, which only CSV has."""
    (folder / "till.yaml").write_text(
        MAPPING.replace("reader: json-lines", "reader: json\n    format: {delimiter: ';'}")
    )
    found = run("events", "import", folder / "till.yaml", folder / "monday.jsonl")
    assert found.exit_code == 2
    assert "till.yaml:4: No pack has an importer of this name: 'json'" in found.stderr
    assert "till.yaml:5: `format` is for CSV, and json reads these files" in found.stderr


def page_missing(_: Path) -> Table:
    raise KeyError("page")


def half_a_table(_: Path) -> Table:
    def rows() -> Iterable[tuple[int, Sequence[str]]]:
        yield 1, ["1", "ann", "2026-05-01", "1"]
        raise RuntimeError("torn page")

    return Table(columns=("order", "who", "day", "price"), rows=rows())


@pytest.mark.parametrize(
    ("read", "said"),
    [
        (lambda path: [], "it returns a list and no Table"),
        (page_missing, "before the first row: KeyError: 'page'"),
        (half_a_table, "after line 1: RuntimeError: torn page"),
        (lambda path: Table(columns=("order",), rows=[]), "no column 'who'"),
        (lambda path: Table(columns=("a", "a"), rows=[]), "the same name: 'a'"),
        (lambda path: (path / "x").read_text(), "This file can't be read (Not a directory)"),
    ],
)
def test_a_reader_that_fails_costs_the_import_alone(
    run: Callable[..., Result], registry: Registry, folder: Path, read: Any, said: str
) -> None:
    """One sentence says what went wrong; nothing is appended."""
    read_with(read, registry)
    (folder / "till.yaml").write_text(MAPPING)
    (folder / "monday.jsonl").write_text("")
    found = run("events", "import", folder / "till.yaml", folder / "monday.jsonl")
    assert found.exit_code == 2
    assert said in found.stderr
    assert "Traceback" not in found.stderr
    assert run("events", "list", "--format", "csv").stdout.count("\n") == 1


def test_rows_that_are_none_are_rejected(
    run: Callable[..., Result], registry: Registry, folder: Path
) -> None:
    """A row that isn't a list of cells, or has too few, is set aside with the reason."""
    columns = ("order", "who", "day", "price")
    rows: Any = [(1, "1;ann"), (2, ["2", "ann"]), (3, ["", " ", "", ""])]
    read_with(lambda path: Table(columns=columns, rows=rows), registry)
    (folder / "till.yaml").write_text(MAPPING)
    (folder / "monday.jsonl").write_text("")
    found = run("events", "import", folder / "till.yaml", folder / "monday.jsonl")
    assert found.exit_code == 1
    assert "The importer gives no row of cells: '1;ann'" in found.stderr
    assert "It has 2 cells where 4 have a name" in found.stderr


@pytest.fixture
def notices() -> list[Notice]:
    return []


def test_notifiers_are_told_what_a_replay_did(shop: Shop, notices: list[Notice]) -> None:
    """New events, recomputed KPIs, and what was parked or came back since the last one."""
    broken = kpi("broken", shop.registry.kpis["turnover"].value, "SELECT nothing FROM orders")
    shop.registry = registry_of(Bakery(), Bakery((), (), [broken]))
    adding(
        shop.registry,
        "kamengine_notifiers",
        Notifier(name="ear", doc="Ours.", notify=notices.append),
    )
    notifying = Notifying(shop.workspace, shop.registry)
    placed = [
        event(f"o{i}", "order.placed", "2026-05-01", "ann", order=str(i), amount=1) for i in (1, 2)
    ]
    assert notifying.tell(shop.deliver(placed[0])) == []
    shop.registry.kpis["broken"] = shop.registry.kpis["turnover_in_dozens"]
    shop.registry.kpis["broken"] = kpi(
        "broken", broken.value, shop.registry.kpis["turnover_in_dozens"].sql
    )
    assert notifying.tell(shop.deliver(placed[1])) == []
    first, second = notices
    assert (first.position, first.events) == (1, 1)
    assert set(first.parked) == set(first.newly_parked) == {"broken"}
    assert "turnover" in first.recomputed
    assert (second.position, second.events) == (2, 1)
    assert (second.newly_parked, second.recovered, dict(second.parked)) == ((), ("broken",), {})
    assert first.workspace == shop.workspace.root


def test_a_notifier_that_fails_is_named_and_the_others_are_told(
    shop: Shop, notices: list[Notice]
) -> None:
    """Whatever it raises, and however long it takes."""

    def fail(_: Notice) -> None:
        raise ConnectionError("no route")

    def leave(_: Notice) -> None:
        raise SystemExit(3)

    held = threading.Event()

    def wait(_: Notice) -> None:
        held.wait(20)

    named = {"a-fails": fail, "b-leaves": leave, "c-waits": wait, "d-hears": notices.append}
    notifiers = [Notifier(name=name, doc="x", notify=tell) for name, tell in named.items()]
    adding(shop.registry, "kamengine_notifiers", *notifiers)
    done = shop.replay()
    said = Notifying(shop.workspace, shop.registry, patience=0.05).tell(done)
    held.set()
    assert said == [
        "The notifier a-fails failed (ConnectionError: no route).",
        "The notifier b-leaves failed (SystemExit: 3).",
        "The notifier c-waits isn't done after 0.05 s; nobody waits for it.",
    ]
    assert len(notices) == 1


def test_replay_tells_notifiers_and_says_which_failed(
    run: Callable[..., Result], registry: Registry, folder: Path, notices: list[Notice]
) -> None:
    """On stderr, beside the JSON; the exit code is that of the replay."""

    def fail(notice: Notice) -> None:
        notices.append(notice)
        raise RuntimeError("mailbox full")

    adding(registry, "kamengine_notifiers", Notifier(name="post", doc="Letters.", notify=fail))
    found = run("replay", "--format", "json")
    assert found.exit_code == 0
    assert json.loads(found.stdout)["position"] == notices[0].position
    failed = "The notifier post failed (RuntimeError: mailbox full).\n"
    assert found.stderr.startswith("Applied ")
    assert found.stderr.endswith(failed)
    assert run("apply", "--yes", "--why", "more").stderr == ""
    assert len(notices) == 1
    few = folder / "config" / "kpis.yaml"
    few.write_text(KPIS.replace("10", "20"))
    assert run("apply", "--yes", "--why", "a note").stderr.endswith(failed)
    assert len(notices) == 2
    assert {n.workspace for n in notices} == {Workspace(folder).root}
