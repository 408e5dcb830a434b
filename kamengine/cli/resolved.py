"""Printing a resolved scorecard: what holds for a subject, and the line that decided each part."""

from __future__ import annotations

from typing import Literal

import click

from kamengine.cli.output import Format, Row, note, print_json, print_rows
from kamengine.config.resolved import ResolvedScorecard
from kamengine.config.rows import setting_rows


def print_resolved(
    resolved: ResolvedScorecard, output: Format, stands: Literal["applied", "written"]
) -> None:
    """Print a resolved scorecard.

    Args:
        resolved: The scorecard.
        output: The form of output.
        stands: Whether the config that it comes from was applied, or is only written.
    """
    rows: list[Row] = list(setting_rows(resolved))
    head = _head(resolved) | {"config": stands}
    if output == "json":
        print_json({**head, "settings": rows, "notes": resolved.notes})
        return
    if output == "table":
        audience = "" if resolved.audience == "internal" else f", {resolved.audience}"
        click.echo(f"{head['subject_type']} {head['subject']}: {resolved.title}{audience}")
        click.echo(f"{head['where']}: scorecard {resolved.scorecard}, because {resolved.because}")
        click.echo(f"as it holds on {head['holds_on']}, for {head['period']}, as {stands}")
        rows = _for_reading(rows)
    print_rows(rows, list(rows[0]) if rows else [], output)
    for sentence in resolved.notes:
        note(f"Note: {sentence}.")


def _head(resolved: ResolvedScorecard) -> dict[str, object]:
    when = resolved.when
    return {
        "subject_type": resolved.subject.type,
        "subject": resolved.subject.id,
        "attributes": dict(resolved.subject.attributes),
        "scorecard": resolved.scorecard,
        "title": resolved.title,
        "audience": resolved.audience,
        "because": resolved.because,
        "where": str(resolved.origin.place),
        "period": when.period if when else None,
        "holds_on": when.day if when else None,
        "missing": resolved.missing,
        "weigh_by": "tenure" if resolved.bands else "kpi",
    }


def _for_reading(rows: list[Row]) -> list[Row]:
    """Name each KPI once, leave out what no row has; which layer it is, the file says."""
    names = [row["kpi"] for row in rows]
    firsts = [
        "" if name == before else name for before, name in zip([None, *names], names, strict=False)
    ]
    empty = {name for name in ("reason", "author", "until") if not any(row[name] for row in rows)}
    return [
        {
            name: value
            for name, value in {**row, "kpi": first}.items()
            if name not in empty | {"layer"}
        }
        for first, row in zip(firsts, rows, strict=True)
    ]
