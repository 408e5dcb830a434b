"""`kamengine events import`: rows of other systems' files become events."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kamengine.cli import FAILED, LOOK
from kamengine.cli.context import App, pass_app
from kamengine.cli.loaded import row_of, tell_reasons
from kamengine.cli.output import Format, format_option, print_rows, printable
from kamengine.log.export import line_of
from kamengine.log.loading import REASONS_SHOWN, Loaded, load

if TYPE_CHECKING:  # the commands beside this one need not wait for a YAML reader
    from kamengine.mapping.declaration import Mapping
    from kamengine.mapping.importing import MappedFile

IMPORTED = (
    *("source", "rows", "skipped", "appended"),
    *("duplicates", "rejected", "conflicts", "rejects"),
)
EXAMPLES = 2
"""Events of each type that a dry run prints."""


@click.command("import")
@click.argument("mapping", type=click.Path(path_type=Path))
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--strict", is_flag=True, help="Import everything or, if a row is unfit, nothing.")
@click.option("--dry-run", is_flag=True, help="Print examples and counts; append nothing.")
@format_option
@pass_app
@click.pass_context
def import_(
    ctx: click.Context,
    app: App,
    *,
    mapping: Path,
    files: tuple[Path, ...],
    strict: bool,
    dry_run: bool,
    output: Format,
) -> None:
    """Turn the rows of FILES into events, as the file MAPPING says, and append them.

    Rows that can't be turned into events go to FILE.rejected.jsonl with their line and the
    reason. Importing the same rows again appends nothing.
    """
    supplies = _supplies(app, _read(ctx, app, mapping), files)
    if dry_run:
        failures = sum([_rehearse(app, supply) for supply in supplies])
    else:
        results = load(app.log, app.intake, supplies, strict=strict)
        pairs = list(zip(supplies, results, strict=True))
        print_rows([_row(supply, result) for supply, result in pairs], IMPORTED, output)
        for supply, result in pairs:
            _tell_skipped(supply)
            tell_reasons(result)
        failures = sum(result.failures for result in results)
    if failures:
        ctx.exit(LOOK)


def _read(ctx: click.Context, app: App, file: Path) -> Mapping:
    """Read the mapping; where it is at fault, say all that is wrong with it and leave."""
    from kamengine.mapping.reading import read_mapping

    mapping, complaints = read_mapping(file, app.registry.event_types, app.registry.importers)
    for complaint in complaints:
        click.echo(f"Error: {printable(complaint)}", err=True)
    if mapping is None:
        ctx.exit(FAILED)
    return mapping


def _supplies(app: App, mapping: Mapping, files: Sequence[Path]) -> list[MappedFile]:
    """Make sure that every file can be read before anything is appended."""
    from kamengine.mapping.importing import MappedFile

    supplies = []
    for file in files:
        beside = file.with_name(f"{file.name}.rejected.jsonl")
        spare = app.workspace.root / beside.name
        supplies.append(
            MappedFile(file, mapping, app.zone, app.registry.importers, rejects=beside, spare=spare)
        )
        supplies[-1].check()
    return supplies


def _rehearse(app: App, supply: MappedFile) -> int:
    """Do all but append: examples go to stdout, what is said of the rest to stderr.

    Returns:
        How many rows and events would be rejected.
    """
    shown: Counter[str] = Counter()
    reasons: list[str] = []
    for admission in supply.admissions(app.intake):
        for event in admission.events:
            shown[event[1]] += 1
            if shown[event[1]] <= EXAMPLES:
                click.echo(line_of(event))
        reasons += (f"{supply.name}, line {r.line}: {r.error}" for r in admission.rejections)
    for type_, count in supply.tally.events.items():
        click.echo(f"{supply.name}: {count:,} {type_}", err=True)
    _tell_skipped(supply)
    for reason in reasons[:REASONS_SHOWN]:
        click.echo(printable(reason), err=True)
    if more := len(reasons[REASONS_SHOWN:]):
        click.echo(f"{supply.name}: and {more:,} more.", err=True)
    return len(reasons)


def _row(supply: MappedFile, result: Loaded) -> dict[str, object]:
    tally = supply.tally
    counts = {"rows": tally.rows, "skipped": tally.skipped.total(), "events": dict(tally.events)}
    return {**row_of(result), **counts, "skipped_by_reason": dict(tally.skipped)}


def _tell_skipped(supply: MappedFile) -> None:
    for reason, count in supply.tally.skipped.items():
        click.echo(printable(f"{supply.name}: {count:,} skipped ({reason})"), err=True)
