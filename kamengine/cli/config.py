"""``kamengine config``: is the YAML sound, and what holds for whom."""

from __future__ import annotations

import datetime as dt
import sys
from typing import TYPE_CHECKING, cast

import click
import msgspec

from kamengine.cli.asking import audience_option, one_subject
from kamengine.cli.context import App, pass_app
from kamengine.cli.output import Format, format_option, note, print_rows
from kamengine.cli.resolved import print_resolved
from kamengine.cli.schema import schema
from kamengine.config.complaint import Complaint
from kamengine.config.folder import Reading, read
from kamengine.config.linting import linted
from kamengine.config.reach import expired, unmatched, who
from kamengine.config.resolution import resolve
from kamengine.config.resolved import ResolvedKPI
from kamengine.config.rows import WHO_COLUMNS, who_row
from kamengine.config.rules import Subject
from kamengine.config.section import Audience, Carrier, When
from kamengine.errors import KamengineError
from kamengine.periods import FORMS

if TYPE_CHECKING:
    from kamengine.periods import Window
    from kamengine.scorecard.subjects import Directory

period_option = click.option(
    "--period", help=f"As it holds at the end of a period; else of this quarter. {FORMS[6:]}."
)


@click.group()
def config() -> None:
    """Check the YAML, and see what holds for whom."""


config.add_command(schema)


@config.command()
@pass_app
@format_option
def check(app: App, output: Format) -> None:
    """Name every mistake in the workspace's YAML, with its file and line.

    Differences that expired are named too and, once events were replayed, rules that match
    nobody. Rules that packs bring sign what they say with their name.

    Exit code 0: it can be followed; 1: it can't; 2: it can't be read.
    """
    reading = linted(read(app.workspace.config_dir, app.registry), app.registry)
    if reading.config is not None:
        reading = reading.with_more(_told(app, reading))
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


def _told(app: App, reading: Reading) -> list[Complaint]:
    """Return what isn't wrong, but reaches nobody or no longer does."""
    if reading.config is None:
        return []
    app.config = reading.config
    when = When.of(_window(app, None))
    found = list(expired(reading.config, when.day))
    if app.workspace.values_path.exists():
        try:
            everybody = _directory(app, _window(app, None), whole=True).everybody()
        except KamengineError as error:
            note(f"Note: whether rules match anybody isn't known. {error}")
        else:
            found += unmatched(reading.config, everybody, when)
    return found


@config.command()
@pass_app
@click.option("--account", metavar="ID", help="What holds for an account.")
@click.option("--manager", metavar="ID", help="What holds for a manager.")
@click.option("--team", metavar="ID", help="What holds for a team.")
@click.option("--organisation", is_flag=True, help="What holds for the organisation.")
@click.option("--tier", help="As if the account had this tier.")
@click.option("--segment", help="As if the account were in this segment.")
@audience_option
@period_option
@format_option
def show(
    app: App,
    account: str | None,
    manager: str | None,
    team: str | None,
    organisation: bool,
    tier: str | None,
    segment: str | None,
    audience: Audience,
    period: str | None,
    output: Format,
) -> None:
    """Print a subject's scorecard, and the line that decided each part of it."""
    given = {"account": account, "manager": manager, "team": team, "organisation": organisation}
    carrier, subject_id = one_subject(given)
    window = _window(app, period)
    known = known_of(app, cast("Carrier", carrier), subject_id, window)
    supposed = {"tier": tier, "segment": segment} if carrier == "account" else {}
    attributes = known | {name: value for name, value in supposed.items() if value}
    subject = Subject(id=subject_id, type=cast("Carrier", carrier), attributes=attributes)
    resolved = resolve(app.written.config, app.registry, subject, When.of(window), audience)
    print_resolved(resolved, output)


@config.command(name="who")
@pass_app
@click.option("--kpi", "kpi_id", metavar="ID", required=True, help="The KPI.")
@click.option(
    "--by",
    type=click.Choice(["account", "manager", "team", "organisation"]),
    help="Only accounts, say; else everybody.",
)
@period_option
@format_option
def who_has(app: App, kpi_id: str, by: str | None, period: str | None, output: Format) -> None:
    """Print who has a KPI on a scorecard, by which rule, and who was spared it, and why."""
    kpi = app.registry.kpi(kpi_id)
    window = _window(app, period)
    everybody = _directory(app, window, whole=True).everybody()
    asked = [subject for subject in everybody if by in {None, subject.type}]
    found = list(who(app.written.config, app.registry, asked, When.of(window), kpi.id))
    rows = [who_row(has) for has in found]
    print_rows(rows, WHO_COLUMNS, output)
    having = sum(isinstance(has.kpi, ResolvedKPI) for has in found)
    grain = f"{by}s" if by else "subjects"
    note(f"{having:,} scorecards of {len(asked):,} {grain} have {kpi.id} in {window.period}.")


def known_of(app: App, carrier: Carrier, subject: str, window: Window) -> dict[str, str]:
    """Return what the log knows of a subject; nothing, said aloud, before the first replay."""
    from kamengine.scorecard.subjects import looks_at_managers

    if carrier != "account" and not looks_at_managers(app.written.config):
        return {}
    try:
        if carrier == "account":
            app.reader.attributes(subject, window.t1)
        return dict(_directory(app, window).subject(carrier, subject).attributes)
    except KamengineError as error:
        what = "tier and segment" if carrier == "account" else "team and tenure"
        note(f"Note: {what} of {subject} aren't known here. {error}")
        return {}


def _directory(app: App, window: Window, *, whole: bool = False) -> Directory:
    from kamengine.scorecard.subjects import Directory

    return Directory(app.reader, app.written.config, window, whole=whole)


def _window(app: App, period: str | None) -> Window:
    """Return a period's window, or that of the quarter that holds the last day that counts."""
    calendar, as_of = app.settings.calendar, app.as_of(None)
    last = calendar.local_date(as_of - dt.timedelta(microseconds=1))
    return calendar.window(period or calendar.period_of("quarter", last), as_of)


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
