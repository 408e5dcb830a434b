"""``kamengine plan``: what packs and YAML would change, before they change it."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Sequence
from functools import partial

import click
import msgspec

from kamengine.cli.context import App, pass_app
from kamengine.cli.options import DAY
from kamengine.cli.output import Row, note, print_json, print_rows
from kamengine.cli.replay import carrying, progress_bar
from kamengine.courier.client import Courier
from kamengine.history.changes import Change, Changes
from kamengine.history.crossings import Crossing
from kamengine.history.definitions import Definitions
from kamengine.history.moves import Move
from kamengine.history.plan import Plan
from kamengine.value import shown

NOTHING = "Nothing to apply: definitions and config are as they were applied."

effective_option = click.option(
    "--effective-from",
    type=DAY,
    metavar="DATE",
    help="Periods that begin before that day keep what holds for them; else all change.",
)

SIGNS = {"added": "+", "changed": "~", "removed": "-", "rests": "."}


@click.command()
@pass_app
@click.option(
    "--limit", default=10, show_default=True, help="Rows of each table; JSON has all of them."
)
@effective_option
@click.option("--no-values", is_flag=True, help="Only what changed, not what would move.")
@click.option(
    "--format",
    "output",
    type=click.Choice(["table", "json"]),
    default="table",
    show_default=True,
    help="A report for people, JSON for programs.",
)
def plan(
    app: App, limit: int, effective_from: dt.date | None, no_values: bool, output: str
) -> None:
    """Show what would change, and which values would move, if packs and YAML were applied.

    Nothing changes by it. Both sides are computed over the same events, so whatever moves is
    due to the definitions. Exit code 1 where there is something to apply.
    """
    from kamengine.history.apply import unfinished

    if last := unfinished(app.workspace, app.log):
        note(
            f"What {last.by} applied ({last.why}) is on record, and values don't rest on it yet:"
            " run `kamengine replay` first, or what it moves is told as well."
        )
    with carrying() as courier:
        before, after = app.history.in_force(None), app.history.planned(effective_from)
        found = compute(app, before, after, courier, values=not no_values)
    if output == "json":
        print_json(found)
    else:
        print_plan(found, after, limit)
    if found.changes:
        sys.exit(1)


def compute(
    app: App, before: Definitions, after: Definitions, courier: Courier, *, values: bool = True
) -> Plan:
    """Compute a plan; without values where nothing was replayed yet."""
    from kamengine.history.changes import changes
    from kamengine.history.kept import kept
    from kamengine.history.plan import plan as planned
    from kamengine.replay.book import Book

    if not app.applied:
        note("Nothing was applied yet: the first `kamengine replay` applies what is written.")
        return Plan(changes=changes(None, after))
    if not values or Book(app.workspace.values_path).head() is None:
        return Plan(changes=changes(before, after))
    at = app.workspace
    with progress_bar() as progress:
        make = partial(planned, at, before, after, courier, progress, on_step=app.on_step)
        return kept(at, before, after, make)


def print_plan(found: Plan, after: Definitions, limit: int) -> None:
    """Print a plan for people."""
    if not found.changes:
        click.echo(NOTHING)
        return
    _print_changes(found.changes, limit)
    units = {kpi.id: kpi.unit for kpi in after.registry.kpis.values()}
    if found.compared_at is not None:
        _print_moves(found, units, limit)
    for name, reason in sorted(found.problems.items()):
        note(f"can't be applied: {name}: {reason}")


def _print_days(changes: Changes) -> None:
    for day in changes.parted:
        click.echo(f"Periods that begin before {day} keep what holds for them.")
    for day in changes.joined:
        click.echo(f"Periods that begin before {day} keep nothing of their own any more.")


def _print_changes(changes: Changes, limit: int) -> None:
    _print_days(changes)
    own = [c for c in changes.definitions if c.change != "rests"]
    resting = [c for c in changes.definitions if c.change == "rests"]
    for change in own[:limit]:
        _print_change(change)
    if len(own) > limit:
        click.echo(f"... and {len(own) - limit} more definitions; --limit {len(own)} shows all.")
    for change in resting[:limit]:
        click.echo(f"  . kpi {change.name}: {'; '.join(change.reasons)}")
    if len(resting) > limit:
        click.echo(f"  . ... and {len(resting) - limit} more KPIs that rest on them")
    for part in changes.config[:limit]:
        click.echo(f"  ~ config {part}")
    if len(changes.config) > limit:
        click.echo(f"  ~ config: ... and {len(changes.config) - limit} more settings")


def _print_change(change: Change) -> None:
    labels = ""
    if change.label and change.replaces:
        labels = f"  {change.replaces} -> {change.label}"
    elif change.label:
        labels = f"  {change.label}"
    click.echo(f"  {SIGNS[change.change]} {change.sort} {change.name}{labels}")
    for reason in change.reasons:
        click.echo(f"      {reason}")
    for name, (old, new) in change.params.items():
        click.echo(f"      ${name}: {old} -> {new}")
    for line in change.sql.splitlines()[2:]:
        click.echo(f"      {line}")
    if change.unversioned:
        note(f"{change.name} changed, and its version number didn't: raise it with its meaning.")


def _print_moves(found: Plan, units: dict[str, str], limit: int) -> None:
    moved = sum(extent.moved for extent in found.extents)
    computed = sum(extent.computed for extent in found.extents)
    click.echo(
        f"\n{moved:,} values would be other ones, {computed:,} computed anew"
        f" ({found.rows:,} rows read, events up to position {found.compared_at:,})."
    )
    moving = [extent for extent in found.extents if extent.moved]
    _table("", [msgspec.structs.asdict(e) for e in moving], limit)
    _table("Largest movers", [_moved(m, units) for m in found.largest], limit)
    crossed = [_crossed(c, units) for c in found.crossings]
    _table("Targets and bands that would be crossed", crossed, limit)
    _table("Statuses that would change", [_state(m) for m in found.statuses], limit)


def _table(title: str, rows: Sequence[Row], limit: int) -> None:
    if not rows:
        return
    if title:
        click.echo(f"\n{title}: {len(rows):,}")
    print_rows(rows[:limit], list(rows[0]), "table")
    if len(rows) > limit:
        note(f"... and {len(rows) - limit:,} more; --limit {len(rows)} shows all.")


def _moved(move: Move, units: dict[str, str]) -> Row:
    unit = units.get(move.kpi, "")
    difference = (move.becomes or 0) - (move.was or 0)
    return {
        "kpi": move.kpi,
        "whose": f"{move.subject_type} {move.subject}",
        "period": move.period,
        "was": shown(move.was, unit),
        "becomes": shown(move.becomes, unit),
        "difference": shown(difference, unit),
    }


def _crossed(crossing: Crossing, units: dict[str, str]) -> Row:
    unit = units.get(crossing.kpi, "")
    return {
        "kpi": crossing.kpi,
        "whose": f"{crossing.subject_type} {crossing.subject}",
        "period": crossing.period,
        "was": shown(crossing.was, unit),
        "becomes": shown(crossing.becomes, unit),
        "from": crossing.level,
        "to": crossing.new_level,
    }


def _state(move: Move) -> Row:
    return {
        "kpi": move.kpi,
        "whose": f"{move.subject_type} {move.subject}",
        "period": move.period,
        "status": move.status,
        "becomes": move.new_status,
        "reason": move.new_reason or "",
    }
