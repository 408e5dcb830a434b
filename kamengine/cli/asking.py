"""What commands that ask for values have in common: whose, over which period, as of when."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from kamengine.cli.context import App
from kamengine.cli.output import note
from kamengine.errors import UnknownNameError
from kamengine.kpi import KPI, SubjectType
from kamengine.periods import FORMS, Window
from kamengine.replay.reading import Reader

Command = TypeVar("Command", bound=Callable[..., Any])

as_of_option = click.option(
    "--as-of", metavar="DATE", help="The last day that counts in a period still open; else today."
)


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


def asked_kpi(app: App, kpi_id: str) -> KPI:
    """Return a KPI by its id, after saying what replaces it where it is deprecated.

    Raises:
        UnknownNameError: No loaded pack registers it.
    """
    from kamengine.replay.attic import Attic

    try:
        kpi = app.registry.kpi(kpi_id)
    except UnknownNameError:
        if Attic(app.workspace.values_path).find(kpi_id) is None:
            raise
        raise UnknownNameError(
            "This KPI isn't installed any more, and what its values rested on went with it",
            value=kpi_id,
            hint=f"`kamengine values --kpi {kpi_id}` prints those that are kept",
        ) from None
    tell_deprecated(kpi)
    return kpi


def tell_deprecated(kpi: KPI) -> None:
    """Say on stderr what replaces a deprecated KPI."""
    if kpi.replaced_by:
        note(f"{kpi.id} is deprecated: {kpi.replaced_by} replaces it.")


def open_reader(app: App) -> Reader:
    """Return the reader, after saying what it doesn't know yet."""
    from kamengine.log.sqlite import SQLiteEventLog

    reader = app.reader
    behind = SQLiteEventLog(app.workspace.log_path).head().position - reader.head.position
    if behind > 0:
        note(f"{behind:,} events are not replayed yet; run `kamengine replay`.")
    for kpi in reader.drifted():
        note(
            f"The definition of {kpi} changed since the last replay, and its values are as"
            " before; run `kamengine replay`."
        )
    return reader


def window_of(app: App, period: str, as_of: str | None) -> Window:
    """Return the window of a period, cut at "as of"."""
    return app.settings.calendar.window(period, app.as_of(as_of))


def period_option(command: Command) -> Command:
    """Give a command ``--period``."""
    return click.option("--period", required=True, help=f"{FORMS[0].upper()}{FORMS[1:]}.")(command)


_GRAINS: tuple[SubjectType, ...] = ("account", "manager", "team", "segment", "organisation")
