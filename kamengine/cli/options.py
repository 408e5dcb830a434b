"""Types of options that several commands take."""

from __future__ import annotations

import datetime as dt

import click


class Day(click.ParamType):  # type: ignore[type-arg]
    """A day, written 2027-01-01."""

    name = "date"

    def convert(
        self, value: str | dt.date, param: click.Parameter | None, ctx: click.Context | None
    ) -> dt.date:
        """Return the day that a text means."""
        if isinstance(value, dt.date):
            return value
        try:
            return dt.date.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no day; write 2027-01-01.", param, ctx)


DAY = Day()
