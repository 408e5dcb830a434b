"""``kamengine targets``: what would be a good target, by what was reached so far."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Sequence
from pathlib import Path
from shutil import copytree

import click
import msgspec

from kamengine.cli.asking import open_reader
from kamengine.cli.context import App, pass_app
from kamengine.cli.output import Format, Row, format_option, note, print_rows, shown
from kamengine.config.editing import with_goal, write
from kamengine.config.folder import read
from kamengine.config.goals import goal_text
from kamengine.config.section import Carrier
from kamengine.periods import KINDS
from kamengine.scorecard.history import History, closed_windows
from kamengine.scorecard.proposal import Proposal

COLUMNS = ("kpi", "unit", "values", "p50", "p90", "proposed", "met", "present", "present_met")


@click.group()
def targets() -> None:
    """Find targets that people can reach."""


@targets.command()
@pass_app
@click.option("--kpi", "kpi_ids", metavar="ID", multiple=True, help="Only this KPI; repeatable.")
@click.option("--scorecard", metavar="NAME", help="Only who had this scorecard.")
@click.option(
    "--by",
    type=click.Choice(["account", "manager", "team", "organisation"]),
    help="Whose values; else those of the scorecard's subjects, or accounts.",
)
@click.option("--kind", type=click.Choice(KINDS), default="quarter", show_default=True)
@click.option(
    "--periods", type=click.IntRange(1, 60), default=4, show_default=True, help="How many closed."
)
@click.option("--write", "writes", is_flag=True, help="Write the targets of each --kpi.")
@click.option(
    "--from",
    "since",
    type=click.DateTime(["%Y-%m-%d"]),
    help="With --write: the first day on which they hold; else that of the next period.",
)
@format_option
def suggest(
    app: App,
    kpi_ids: tuple[str, ...],
    scorecard: str | None,
    by: Carrier | None,
    kind: str,
    periods: int,
    writes: bool,
    since: dt.datetime | None,
    output: Format,
) -> None:
    """Propose a target per KPI from the organisation's own history.

    The target lies between the 50th and the 90th percentile of what was reached in closed
    periods, and it is said how many values would have met it, and how many meet the present one.
    """
    if writes and not kpi_ids:
        raise click.UsageError("Name each KPI whose target is to be written with --kpi.")
    open_reader(app)
    calendar, as_of = app.settings.calendar, app.as_of(None)
    windows = closed_windows(calendar, kind, periods, as_of)
    card = app.config.scorecards.get(scorecard or "")
    history = History(
        app.answers, by or (card.carriers[0] if card else "account"), windows, scorecard
    )
    kpis = [app.registry.kpi(kpi) for kpi in kpi_ids] or history.kpis
    found = history.proposals(kpis)
    print_rows([_row(proposal, output) for proposal in found], COLUMNS, output)
    note(f"From {windows[0].period} to {windows[-1].period}.")
    for proposal in found:
        if proposal.reason:
            note(f"{proposal.kpi.id}: {proposal.reason}.")
    if writes:
        begins = since.date() if since else windows[-1].end
        _write(app, found, scorecard, begins)


def _row(proposal: Proposal, output: Format) -> Row:
    kpi, whole = proposal.kpi, proposal.count
    spread = {"p50": proposal.median, "p90": proposal.best}
    met: dict[str, object] = {"met": proposal.met, "present_met": proposal.present_met}
    levels = {name: None if v is None else float(v) for name, v in spread.items()}
    shares: dict[str, object] = {**levels}
    if output == "table":
        shares = {name: shown(value, kpi.unit) for name, value in levels.items()}
        met = {name: f"{count} ({_percent(count, whole)})" for name, count in met.items()}
    return {
        "kpi": kpi.id,
        "unit": kpi.unit,
        "values": whole,
        **shares,
        "proposed": goal_text(proposal.goal, kpi) if proposal.goal else "-",
        "present": goal_text(proposal.present, kpi) if proposal.present else "-",
        "met": met["met"] if proposal.goal else None,
        "present_met": met["present_met"] if proposal.present else None,
    }


def _percent(count: object, whole: int) -> str:
    return f"{int(str(count)) / whole:.0%}" if whole else "-"


def _write(app: App, proposals: Sequence[Proposal], scorecard: str | None, since: dt.date) -> None:
    """Add the proposed goals to the YAML, after making sure that it can still be followed."""
    folder = app.workspace.config_dir
    file = folder / ("scorecards.yaml" if scorecard else "kpis.yaml")
    text = file.read_text(encoding="utf-8") if file.exists() else ""
    told: list[str] = []
    for proposal in proposals:
        if proposal.goal is None:
            continue
        path = (scorecard, "kpis", proposal.kpi.id) if scorecard else (proposal.kpi.id,)
        begins = since if proposal.present else None
        text = with_goal(text, path, proposal.kpi, proposal.goal, begins)
        holds = f", which holds from {begins} on" if begins else ""
        told.append(f"Wrote a target of {proposal.kpi.id} to {file}{holds}.")
    _try_out(app, folder, file.name, text)
    write(file, text)
    for sentence in told:
        note(sentence)


def _try_out(app: App, folder: Path, name: str, text: str) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        copied = copytree(folder, Path(scratch) / "config")
        (copied / name).write_text(text, encoding="utf-8")
        errors = read(copied, app.registry).errors
    if errors:
        raise msgspec.structs.replace(errors[0], file=str(folder / name)).error
