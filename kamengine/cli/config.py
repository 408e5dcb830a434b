"""``kamengine config``: is the YAML sound, and what holds for whom."""

from __future__ import annotations

import sys

import click
import msgspec

from kamengine.cli.asking import audience_option, one_subject
from kamengine.cli.context import App, pass_app
from kamengine.cli.holding import (
    directory,
    holding,
    subject_of,
    supposed,
    window_in,
    window_of,
)
from kamengine.cli.output import Format, format_option, note, print_rows
from kamengine.cli.resolved import print_resolved
from kamengine.cli.schema import schema
from kamengine.config.complaint import Complaint
from kamengine.config.folder import Reading, read
from kamengine.config.linting import linted
from kamengine.config.model import Config
from kamengine.config.reach import expired, unmatched, who
from kamengine.config.resolution import resolve
from kamengine.config.resolved import ResolvedKPI
from kamengine.config.rows import WHO_COLUMNS, who_row
from kamengine.config.section import Audience, When
from kamengine.errors import KamengineError
from kamengine.periods import FORMS

applied_option = click.option(
    "--applied", is_flag=True, help="By what was applied; else by what is written."
)
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
        reading = reading.with_more(_told(app, reading.config))
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


def _told(app: App, config: Config) -> list[Complaint]:
    """Return what isn't wrong, but reaches nobody or no longer does.

    Nothing is asked of what was applied: it is about what is written.
    """
    from kamengine.config.engine import settings_of
    from kamengine.replay.reading import Reader
    from kamengine.scorecard.subjects import Directory

    settings = settings_of(config, app.registry)
    window = window_in(settings, app.clock())
    when = When.of(window)
    found = list(expired(config, when.day))
    if app.workspace.values_path.exists():
        try:
            reader = Reader(app.workspace, app.registry, settings)
            everybody = Directory(reader, config, window, whole=True).everybody()
        except KamengineError as error:
            note(f"Note: whether rules match anybody isn't known. {error}")
        else:
            found += unmatched(config, everybody, when)
    return found


@config.command()
@pass_app
@click.option("--account", metavar="ID", help="What holds for an account.")
@click.option("--manager", metavar="ID", help="What holds for a manager.")
@click.option("--team", metavar="ID", help="What holds for a team.")
@click.option("--organisation", is_flag=True, help="What holds for the organisation.")
@click.option("--tier", help="As if the account had this tier.")
@click.option("--segment", help="As if the account were in this segment.")
@click.option("--industry", help="As if the account were in this industry.")
@click.option("--region", help="As if the account were in this region.")
@click.option("--owned-by", "owner", metavar="ID", help="As if this manager owned the account.")
@click.option("--in-team", metavar="ID", help="As if the manager, or the owner, were in this team.")
@click.option(
    "--tenure",
    metavar="MONTHS",
    type=click.IntRange(min=0),
    help="As if the manager, or the owner, had been here so many months.",
)
@audience_option
@period_option
@applied_option
@format_option
def show(
    app: App,
    account: str | None,
    manager: str | None,
    team: str | None,
    organisation: bool,
    tier: str | None,
    segment: str | None,
    industry: str | None,
    region: str | None,
    owner: str | None,
    in_team: str | None,
    tenure: int | None,
    audience: Audience,
    period: str | None,
    applied: bool,
    output: Format,
) -> None:
    """Print a subject's scorecard, and the line that decided each part of it.

    It goes by what is written; --applied goes by what scorecards go by. A period that keeps an
    earlier config is shown with that one. Attributes may be supposed, to see what rules would do.
    """
    given = {"account": account, "manager": manager, "team": team, "organisation": organisation}
    carrier, subject_id = one_subject(given)
    window = window_of(app, period)
    held = holding(app, window, applied=applied)
    known = subject_of(app, held.config, carrier, subject_id, window)
    as_if = {
        "tier": tier,
        "segment": segment,
        "industry": industry,
        "region": region,
        "manager": owner,
        "team": in_team,
        "tenure": tenure,
    }
    subject = supposed(app, held.config, known, window, as_if)
    resolved = resolve(held.config, held.registry, subject, When.of(window), audience)
    print_resolved(resolved, output, held.stands)


@config.command(name="who")
@pass_app
@click.option("--kpi", "kpi_id", metavar="ID", required=True, help="The KPI.")
@click.option(
    "--by",
    type=click.Choice(["account", "manager", "team", "organisation"]),
    help="Only accounts, say; else everybody.",
)
@period_option
@applied_option
@format_option
def who_has(
    app: App, kpi_id: str, by: str | None, period: str | None, applied: bool, output: Format
) -> None:
    """Print who has a KPI on a scorecard, by which rule, and who was spared it, and why.

    It goes by what is written; --applied goes by what scorecards go by. A period that keeps an
    earlier config is answered for by that one.
    """
    window = window_of(app, period)
    held = holding(app, window, applied=applied)
    kpi = held.registry.kpi(kpi_id)
    everybody = directory(app, held.config, window, whole=True).everybody()
    asked = [subject for subject in everybody if by in {None, subject.type}]
    found = list(who(held.config, held.registry, asked, When.of(window), kpi.id))
    rows = [who_row(has) for has in found]
    print_rows(rows, WHO_COLUMNS, output)
    having = sum(isinstance(has.kpi, ResolvedKPI) for has in found)
    grain = f"{by}s" if by else "subjects"
    note(f"{having:,} scorecards of {len(asked):,} {grain} have {kpi.id} in {window.period}.")


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
