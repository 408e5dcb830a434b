"""``kamengine config``: is the YAML sound, and what holds for whom."""

from __future__ import annotations

import sys

import click
import msgspec

from kamengine.cli.asking import one_subject
from kamengine.cli.context import App, pass_app
from kamengine.cli.output import Format, Row, format_option, note, print_json, print_rows
from kamengine.config.complaint import Complaint
from kamengine.config.folder import Reading, read
from kamengine.config.linting import linted
from kamengine.config.resolution import resolve
from kamengine.config.resolved import ResolvedScorecard
from kamengine.config.rows import setting_rows
from kamengine.config.rules import Subject
from kamengine.errors import KamengineError


@click.group()
def config() -> None:
    """Check the YAML, and see what holds for whom."""


@config.command()
@pass_app
@format_option
def check(app: App, output: Format) -> None:
    """Name every mistake in the workspace's YAML, with its file and line.

    Rules that packs bring sign what they say with their name.

    Exit code 0: it can be followed; 1: it can't; 2: it can't be read.
    """
    reading = linted(read(app.workspace.config_dir, app.registry), app.registry)
    if output == "table":
        for complaint in reading.complaints:
            click.echo(_sentence(complaint))
        click.echo(_verdict(reading), err=bool(reading.complaints))
    else:
        print_rows(
            [msgspec.to_builtins(c) for c in reading.complaints],
            Complaint.__struct_fields__,
            output,
        )
    sys.exit(1 if reading.errors else 0)


@config.command()
@pass_app
@click.option("--account", metavar="ID", help="What holds for an account.")
@click.option("--manager", metavar="ID", help="What holds for a manager.")
@click.option("--team", metavar="ID", help="What holds for a team.")
@click.option("--organisation", is_flag=True, help="What holds for the organisation.")
@click.option("--tier", help="As if the account had this tier.")
@click.option("--segment", help="As if the account were in this segment.")
@format_option
def show(
    app: App,
    account: str | None,
    manager: str | None,
    team: str | None,
    organisation: bool,
    tier: str | None,
    segment: str | None,
    output: Format,
) -> None:
    """Print a subject's scorecard, and the line that decided each part of it."""
    given = {"account": account, "manager": manager, "team": team, "organisation": organisation}
    carrier, subject_id = one_subject(given)
    attributes: dict[str, str] = {}
    if carrier == "account":
        supposed = {"tier": tier, "segment": segment}
        attributes = known_of(app, subject_id) | {k: v for k, v in supposed.items() if v}
    subject = msgspec.convert(
        {"id": subject_id, "type": carrier, "attributes": attributes}, Subject
    )
    _print_resolved(resolve(app.config, app.registry, subject), output)


def known_of(app: App, account: str) -> dict[str, str]:
    """Return what the log knows of an account; nothing, said aloud, before the first replay."""
    try:
        found = app.reader.attributes(account, app.as_of(None))
    except KamengineError as error:
        note(f"Note: tier and segment of {account} aren't known here. {error}")
        return {}
    return {name: value for name, value in found.items() if value is not None}


def _print_resolved(resolved: ResolvedScorecard, output: Format) -> None:
    rows: list[Row] = list(setting_rows(resolved))
    head = {
        "subject_type": resolved.subject.type,
        "subject": resolved.subject.id,
        "attributes": dict(resolved.subject.attributes),
        "scorecard": resolved.scorecard,
        "title": resolved.title,
        "because": resolved.because,
        "where": str(resolved.origin.place),
    }
    if output == "json":
        print_json({**head, "settings": rows, "notes": resolved.notes})
        return
    if output == "table":
        click.echo(f"{head['subject_type']} {head['subject']}: {resolved.title}")
        click.echo(f"{head['where']}: scorecard {resolved.scorecard}, because {resolved.because}")
        rows = _for_reading(rows)
    print_rows(rows, list(rows[0]) if rows else [], output)
    for sentence in resolved.notes:
        note(f"Note: {sentence}.")


def _for_reading(rows: list[Row]) -> list[Row]:
    """Name each KPI once; which layer it is, the file says."""
    names = [row["kpi"] for row in rows]
    firsts = [
        "" if name == before else name for before, name in zip([None, *names], names, strict=False)
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
    settled = reading.config
    kpis, cards = _count(len(settled.kpis), "KPI"), _count(len(settled.scorecards), "scorecard")
    own = _count(len(settled.accounts), "account")
    return f"{', '.join(found) or 'Sound'}: {kpis}, {cards}, {own} with changes of its own."


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
