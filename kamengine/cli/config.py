"""``kamengine config``: is the YAML sound, and what holds for whom."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Literal, TypeAlias

import click
import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

from kamengine import plugins
from kamengine.config.complaint import Complaint
from kamengine.config.folder import Reading, load, read
from kamengine.config.model import Carrier
from kamengine.config.resolution import resolve
from kamengine.config.resolved import ResolvedScorecard
from kamengine.config.rows import Row, setting_rows
from kamengine.config.rules import Subject
from kamengine.workspace import Workspace, find_workspace

AttributeLookup: TypeAlias = Callable[[Workspace, str], Mapping[str, str]]
"""What a workspace's log knows of an account: its ``tier`` and ``segment``, where it has them."""

Format: TypeAlias = Literal["table", "json", "csv"]

WIDE = 1000
REASON_WIDTH = 40

workspace_option = click.option(
    "-w",
    "--workspace",
    "root",
    type=click.Path(path_type=Path),
    default=".",
    envvar="KAMENGINE_WORKSPACE",
    help="The workspace's folder.  [default: the current one]",
)
format_option = click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json", "csv"]),
    default="table",
    show_default=True,
    help="How to print.",
)


def config_group(attributes_of: AttributeLookup) -> click.Group:
    """Return the commands of ``kamengine config``.

    Args:
        attributes_of: Asked for an account's tier and segment where the command line gives none.
    """
    group = click.Group("config", help="Check the YAML, and see what holds for whom.")
    group.add_command(check)
    group.add_command(_show(attributes_of))
    return group


@click.command()
@workspace_option
@format_option
def check(root: Path, form: Format) -> None:
    """Name every mistake in the workspace's YAML, with its file and line.

    Exit code 0: it can be followed; 1: it can't; 2: it can't be read.
    """
    reading = read(find_workspace(root).config_dir, plugins.load())
    if form == "table":
        for complaint in reading.complaints:
            click.echo(_sentence(complaint))
        click.echo(_verdict(reading), err=bool(reading.complaints))
    else:
        _print([msgspec.to_builtins(c) for c in reading.complaints], form, Complaint)
    sys.exit(1 if reading.errors else 0)


def _show(attributes_of: AttributeLookup) -> click.Command:
    @click.command()
    @click.option("--account", metavar="ID", help="What holds for an account.")
    @click.option("--manager", metavar="ID", help="What holds for a manager.")
    @click.option("--team", metavar="ID", help="What holds for a team.")
    @click.option("--organisation", is_flag=True, help="What holds for the organisation.")
    @click.option("--tier", help="As if the account had this tier.")
    @click.option("--segment", help="As if the account were in this segment.")
    @workspace_option
    @format_option
    def show(  # noqa: PLR0917 - click passes every option by name
        account: str | None,
        manager: str | None,
        team: str | None,
        organisation: bool,
        tier: str | None,
        segment: str | None,
        root: Path,
        form: Format,
    ) -> None:
        """Print a subject's scorecard, and the line that decided each part of it."""
        workspace, registry = find_workspace(root), plugins.load()
        settled = load(workspace.config_dir, registry)
        asked: dict[Carrier, str | None] = {
            "account": account,
            "manager": manager,
            "team": team,
            "organisation": "organisation" if organisation else None,
        }
        subject = _subject(asked)
        if subject.type == "account":
            given = {"tier": tier, "segment": segment}
            wanted = {name: value for name, value in given.items() if value}
            known = {**attributes_of(workspace, subject.id), **wanted}
            subject = msgspec.structs.replace(subject, attributes=known)
            if not known:
                click.echo(f"Note: tier and segment of {subject.id} aren't known here.", err=True)
        _print_resolved(resolve(settled, registry, subject), form)

    return show


def _subject(asked: Mapping[Carrier, str | None]) -> Subject:
    named = [(carrier, name) for carrier, name in asked.items() if name]
    if len(named) != 1:
        options = ", ".join(f"--{carrier}" for carrier in asked)
        raise click.UsageError(f"Name one subject: {options}.")
    return Subject(type=named[0][0], id=named[0][1])


def _print_resolved(resolved: ResolvedScorecard, form: Format) -> None:
    rows = setting_rows(resolved)
    head = {
        "subject_type": resolved.subject.type,
        "subject": resolved.subject.id,
        "attributes": dict(resolved.subject.attributes),
        "scorecard": resolved.scorecard,
        "title": resolved.title,
        "because": resolved.because,
        "where": str(resolved.origin.place),
    }
    if form == "json":
        click.echo(json.dumps({**head, "settings": rows, "notes": resolved.notes}, indent=2))
        return
    if form == "table":
        click.echo(f"{head['subject_type']} {head['subject']}: {resolved.title}")
        click.echo(f"{head['where']}: scorecard {resolved.scorecard}, because {resolved.because}\n")
        rows = _for_reading(rows)
    _print(rows, form)
    for note in resolved.notes:
        click.echo(f"Note: {note}.", err=True)


def _for_reading(rows: list[Row]) -> list[Row]:
    """Name each KPI once; which layer it is, the file says."""
    names = [row["kpi"] for row in rows]
    firsts = [
        name if name != before else "" for before, name in zip(["", *names], names, strict=False)
    ]
    return [
        {name: value for name, value in {**row, "kpi": first}.items() if name != "layer"}
        for first, row in zip(firsts, rows, strict=True)
    ]


def _sentence(complaint: Complaint) -> str:
    return f"warning: {complaint}" if complaint.severity == "warning" else str(complaint)


def _verdict(reading: Reading) -> str:
    errors = len(reading.errors)
    warnings = len(reading.complaints) - errors
    found = [_count(errors, "error")] if errors else []
    found += [_count(warnings, "warning")] if warnings else []
    if reading.config is None:
        return f"{', '.join(found)}."
    config = reading.config
    kpis, cards = _count(len(config.kpis), "KPI"), _count(len(config.scorecards), "scorecard")
    own = _count(len(config.accounts), "account")
    return f"{', '.join(found) or 'Sound'}: {kpis}, {cards}, {own} with changes of its own."


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _print(
    rows: Sequence[Mapping[str, object]], form: Format, shape: type[msgspec.Struct] | None = None
) -> None:
    columns = list(shape.__struct_fields__ if shape else rows[0] if rows else ())
    if form == "json":
        click.echo(json.dumps(rows, indent=2))
    elif form == "csv":
        writer = csv.DictWriter(sys.stdout, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    else:
        table = Table(box=None, pad_edge=False)
        for column in columns:
            table.add_column(column, max_width=REASON_WIDTH if column == "reason" else None)
        for row in rows:
            table.add_row(*(Text(str(row[column])) for column in columns))
        Console(width=WIDE, highlight=False).print(table)  # a place cut short can't be opened
