"""What commands that ask for values have in common: whose, over which period, as of when."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from kamengine.cli.context import App
from kamengine.cli.kept import kept_of
from kamengine.cli.output import note
from kamengine.config.section import AUDIENCES
from kamengine.errors import UnknownNameError
from kamengine.kpi import KPI, Composite, SubjectType
from kamengine.periods import FORMS, Window

if TYPE_CHECKING:
    from kamengine.replay.reading import Reader

Command = TypeVar("Command", bound=Callable[..., Any])

FEW = 3

as_of_option = click.option(
    "--as-of", metavar="DATE", help="The last day that counts in a period still open; else today."
)

audience_option = click.option(
    "--audience",
    type=click.Choice(AUDIENCES),
    default="internal",
    show_default=True,
    help="Who reads the scorecard.",
)


def past_options(command: Command) -> Command:
    """Give a command ``--as-known`` and ``--definition``."""
    for option in (
        click.option(
            "--definition",
            metavar="LABEL",
            help="An older definition, as `kamengine definitions list --kpi ID` shows them.",
        ),
        click.option(
            "--as-known",
            metavar="DATE",
            help="As it was known when that day ended: the events recorded, and what was applied.",
        ),
    ):
        command = option(command)
    return command


def kpi_in_force(app: App, kpi_id: str, window: Window | None = None) -> KPI:
    """Return a KPI as it is in force for a window, or for other periods where only they have it.

    Where it is asked for by an older definition, it is returned as it was then. What replaces it
    is said where it is deprecated.

    Raises:
        UnknownNameError: There is none of that name, or none that was applied.
    """
    if app.looks_back and (older := app.reader.older(kpi_id)):
        return older.registry.kpi(kpi_id)
    found = app.definitions
    known = [kpi for spell in found.spells for kpi in spell.registry.kpis]
    if kept_of(app, kpi_id) is not None:
        raise UnknownNameError(
            "This KPI isn't in force any more, and what its values rested on went with it",
            value=kpi_id,
            hint=f"`kamengine values --kpi {kpi_id}` prints those that are kept; with --as-known"
            " DATE, it is asked for as of a day on which it was in force",
        )
    if kpi_id in app.registry.kpis and kpi_id not in known:
        raise UnknownNameError(
            "This KPI isn't in force: it was never applied, or not yet then",
            value=kpi_id,
            hint="`kamengine plan` shows what would be applied",
        )
    kpi = found.kpi(kpi_id, window.start if window else None)
    tell_deprecated(kpi)
    return kpi


def look_back(
    app: App, kpi_id: str, as_known: str | None, definition: str | None, as_of: str | None
) -> None:
    """Answer about one KPI from the past, where that is asked for."""
    from kamengine.history.standpoint import Question
    from kamengine.scorecard.answers import on_scorecards

    question = Question(as_known=as_known, definition=definition, as_of=as_of)
    if question.kpi is not None and question.kpi != kpi_id:
        raise click.UsageError(f"{definition} is a definition of {question.kpi}, not of {kpi_id}.")
    if not question.looks_back:
        return
    known = app.registry.kpis.get(kpi_id) or app.definitions.registry.kpis.get(kpi_id)
    composite = known is not None and isinstance(known.value, Composite)
    app.look_back(question, on_scorecards if composite else lambda _: [kpi_id])


def subject_options(command: Command) -> Command:
    """Give a command an option for each grain, ``--account`` to ``--organisation``."""
    command = click.option("--organisation", is_flag=True, help="All accounts pooled.")(command)
    for grain in ("segment", "team", "manager", "account"):
        command = click.option(f"--{grain}", metavar="ID", help=f"One {grain}.")(command)
    return command


def one_subject(given: dict[str, str | bool | None]) -> tuple[SubjectType, str]:
    """Return the one subject that the options name.

    Raises:
        click.UsageError: They name none, or several.
    """
    named = [(grain, value) for grain, value in given.items() if value]
    if len(named) != 1:
        names = ", ".join(f"--{grain}" for grain in given)
        raise click.UsageError(f"Name exactly one subject: {names}.")
    grain, value = named[0]
    kind: SubjectType = next(t for t in _GRAINS if t == grain)
    return kind, value if isinstance(value, str) else "organisation"


def tell_deprecated(kpi: KPI) -> None:
    """Say on stderr what replaces a deprecated KPI."""
    if kpi.replaced_by:
        note(f"{kpi.id} is deprecated: {kpi.replaced_by} replaces it.")


def open_reader(app: App) -> Reader:
    """Return the reader, after saying what it doesn't know yet."""
    from kamengine.log.sqlite import SQLiteEventLog

    if app.looks_back:
        return app.reader
    reader = app.reader
    behind = SQLiteEventLog(app.workspace.log_path).head().position - reader.head.position
    if behind > 0:
        note(f"{behind:,} events are not replayed yet; run `kamengine replay`.")
    if names := app.drift():
        more = f" and {len(names) - FEW} more" if len(names) > FEW else ""
        note(
            f"Not as it was applied: {', '.join(names[:FEW])}{more}. Values are by what was"
            " applied; `kamengine plan` shows what would move."
        )
    return reader


def window_of(app: App, period: str, as_of: str | None) -> Window:
    """Return the window of a period, cut at "as of"."""
    return app.settings.calendar.window(period, app.as_of(as_of))


def period_option(command: Command) -> Command:
    """Give a command ``--period``."""
    return click.option("--period", required=True, help=f"{FORMS[0].upper()}{FORMS[1:]}.")(command)


_GRAINS: tuple[SubjectType, ...] = ("account", "manager", "team", "segment", "organisation")
