"""``kamengine kpis try``: a KPI that isn't installed yet, over the workspace as it is."""

from __future__ import annotations

import contextlib
import datetime as dt
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click
import msgspec

from kamengine.cli.asking import as_of_option
from kamengine.cli.context import App, pass_app
from kamengine.cli.explain import evidence_rows, print_evidence
from kamengine.cli.output import Format, format_option, note, print_json, print_rows
from kamengine.cli.values import COLUMNS
from kamengine.errors import KamengineError, PluginError, ReplayError
from kamengine.kpi import KPI, SUBJECT_TYPES, Composite, SubjectType
from kamengine.periods import FORMS, Window
from kamengine.value import shown

if TYPE_CHECKING:
    from kamengine.draft import Draft
    from kamengine.replay.contribution import Explanation
    from kamengine.replay.trial import Trial
    from kamengine.value import Value

LOOK_AGAIN = 0.3
"""Seconds between looks at whether a file was saved."""


class Tried(msgspec.Struct, frozen=True, kw_only=True):
    """What came of trying a KPI.

    Attributes:
        kpi: The KPI.
        values: Its values in the period, of each subject.
        whole: The organisation's value, with all its evidence.
        plan: How the engine gathers the evidence.
        seconds: How long that took.
    """

    kpi: KPI
    values: list[Value]
    whole: Explanation
    plan: str
    seconds: float


@click.command("try")
@pass_app
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--kpi", "kpi_id", metavar="ID", help="Only this one of the file's KPIs.")
@click.option("--period", help=f"{FORMS[0].upper()}{FORMS[1:]}; else the present quarter.")
@click.option(
    "--by",
    type=click.Choice(SUBJECT_TYPES),
    default="account",
    show_default=True,
    help="Whose values.",
)
@click.option(
    "--seconds",
    type=click.IntRange(min=1),
    help="When to stop a query that goes on and on; else after 30, or what `limits` allow.",
)
@click.option("--limit", default=10, show_default=True, help="Rows of the tables.")
@click.option("--plan/--no-plan", default=True, help="Whether to print the query's plan.")
@click.option("--watch", is_flag=True, help="Go on, each time the file is saved, until Ctrl-C.")
@as_of_option
@format_option
def try_command(
    app: App,
    file: Path,
    kpi_id: str | None,
    period: str | None,
    by: str,
    seconds: int | None,
    limit: int,
    plan: bool,
    watch: bool,
    as_of: str | None,
    output: Format,
) -> None:
    """Try the KPIs of FILE, which needn't be installed, on the events that were replayed.

    Prints values, evidence and the query's plan. Nothing is written: neither values nor state.
    """
    grain = cast("SubjectType", by)

    def run() -> None:
        for tried in _tried(app, file, kpi_id, period, grain, as_of, seconds):
            _print(app, tried, limit, output, plan=plan)

    if not watch:
        run()
        return
    for count, _ in enumerate(_saves(file)):
        if count:
            click.echo(f"\n{file} was saved.\n")
        try:
            run()
        except KamengineError as error:
            note(f"Error: {error}")


def _saves(file: Path) -> Iterator[None]:
    """Yield at once, and whenever a file beside it, or it itself, is another than before."""
    seen: dict[Path, int] = {}
    while True:
        found: dict[Path, int] = {}
        for path in file.parent.glob("*.py"):
            with contextlib.suppress(FileNotFoundError):  # an editor may be writing it anew
                found[path] = path.stat().st_mtime_ns
        if found != seen:
            seen = found
            yield
        time.sleep(LOOK_AGAIN)


def _tried(
    app: App,
    file: Path,
    kpi_id: str | None,
    period: str | None,
    grain: SubjectType,
    as_of: str | None,
    seconds: int | None,
) -> Iterator[Tried]:
    from kamengine.draft import read_draft
    from kamengine.replay.trial import Trial, drafting

    draft = read_draft(file, app.registry)
    if kpi_id is not None and kpi_id not in draft.kpis:
        hint = f"it has {', '.join(draft.kpis)}"
        raise PluginError("The file has no KPI of that id", value=kpi_id, hint=hint)
    limits = drafting(app.settings.limits, seconds)
    settings = msgspec.structs.replace(app.settings, limits=limits)
    trial = Trial(app.workspace, draft, settings)
    cut = app.as_of(as_of)
    calendar = app.settings.calendar
    today = calendar.local_date(cut - dt.timedelta(microseconds=1))
    window = calendar.window(period or calendar.period_of("quarter", today), cut)
    for name in draft.kpis if kpi_id is None else (kpi_id,):
        yield _try(draft, trial, draft.registry.kpi(name), window, grain, file)


def _try(
    draft: Draft,
    trial: Trial,
    kpi: KPI,
    window: Window,
    grain: SubjectType,
    file: Path,
) -> Tried:
    if isinstance(kpi.value, Composite):
        raise PluginError(
            "What is made of scorecards can't be tried",
            value=kpi.id,
            hint="install its pack, and ask with `kamengine explain`",
        )
    started = time.monotonic()
    try:
        if reason := trial.reason(kpi):
            raise ReplayError(reason)
        values = trial.values(kpi, grain, window)
        whole = trial.explain(kpi, "organisation", window, "organisation")
        return Tried(
            kpi=kpi,
            values=values,
            whole=whole,
            plan=trial.plan(kpi, window),
            seconds=time.monotonic() - started,
        )
    except KamengineError as error:
        raise _placed(draft, kpi, file, error) from error


def _placed(draft: Draft, kpi: KPI, file: Path, error: KamengineError) -> KamengineError:
    """Say where in the file a KPI's SQL, or a projection's, stumbles over what isn't there."""
    from kamengine.checking.bench import Bench
    from kamengine.checking.subject import line_and_column
    from kamengine.engine.connection import LimitError

    if isinstance(error, LimitError):
        more = "raise `limits: memory` in organisation.yaml and apply that"
        if error.limit == "seconds":
            more = "give it longer with --seconds"
        hint = f"mend the query, or {more}"
        return ReplayError(error.what, where=error.where or kpi.id, hint=hint)
    text = file.read_text("utf-8", errors="replace")
    with Bench(draft.registry) as bench:
        for sql, params in (
            *((p.sql, {}) for n, p in draft.registry.projections.items() if n in draft.fresh),
            (kpi.sql, msgspec.structs.asdict(kpi.params)),
        ):
            stumble = bench.stumble(sql, params) if sql in text and sql else None
            if stumble is not None:
                line, column = line_and_column(text, text.find(sql) + stumble.offset)
                place = f"{file}:{line}:{column}"
                return ReplayError(stumble.message, where=place, hint=stumble.hint)
    return error if error.where else ReplayError(error.what, where=kpi.id, hint=error.hint)


def _print(app: App, tried: Tried, limit: int, output: Format, *, plan: bool) -> None:
    evidence = [dict(row) for row in evidence_rows(app, tried.whole)]
    values = [msgspec.structs.asdict(v) for v in (*tried.values, tried.whole.value)]
    if output == "json":
        print_json(
            {
                "kpi": tried.kpi.id,
                "values": values,
                "evidence": evidence,
                "operands": tried.whole.operands,
                "query": tried.whole.query,
                "plan": tried.plan,
            }
        )
        return
    if output != "table":
        print_rows(values, COLUMNS, output)
        return
    unit = tried.kpi.unit
    click.echo(f"{tried.kpi.title}, in {unit}; computed in {tried.seconds:.2f} s")
    rows = [row | {"value": shown(cast("float | None", row["value"]), unit)} for row in values]
    print_rows([*rows[:-1][:limit], rows[-1]], COLUMNS, "table")
    if len(rows) - 1 > limit:
        click.echo(f"... and {len(rows) - 1 - limit:,} more; --limit shows them.")
    click.echo(f"Evidence: {len(evidence):,} rows")
    if evidence:
        print_evidence(evidence[:limit])
    if plan and tried.plan:
        click.echo(tried.plan.rstrip())
