"""``kamengine demo``: a whole organisation, invented, replayed and scored, in one command."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from pathlib import Path

import click

from kamengine.cli.asking import window_of
from kamengine.cli.context import App, pass_app
from kamengine.cli.output import note, print_rows
from kamengine.cli.replay import progress_bar
from kamengine.cli.scorecard import print_scorecard
from kamengine.config.example import copy_example
from kamengine.courier.client import Courier
from kamengine.errors import ConfigError, EventError, UnknownNameError, WorkspaceError
from kamengine.hookspecs import Simulation, SimulationPlan
from kamengine.months import add_months
from kamengine.periods import Window
from kamengine.replay.reading import Reader
from kamengine.replay.staleness import Progress
from kamengine.report.readings import Reading
from kamengine.scorecard.card import Scorecard
from kamengine.value import shown

SHOWN = 8


@click.command()
@pass_app
@click.argument("root", metavar="DIR", default="demo", type=click.Path(path_type=Path))
@click.option("--seed", default=7, show_default=True, help="Another seed, another organisation.")
@click.option("--events", default=200_000, show_default=True, help="About how many.")
def demo(app: App, root: Path, seed: int, events: int) -> None:
    """Invent an organisation in DIR, append its history, replay and score it."""
    app.root = root
    plan = SimulationPlan(seed=seed, events=events)
    last_day = _end(plan) - dt.timedelta(days=1)
    if (root / "events.db").exists():
        raise WorkspaceError(
            "There is a log in this folder already",
            value=str(root),
            hint="name another folder, or delete this one",
        )
    copy_example(root, as_of=last_day)
    with progress_bar() as progress:
        count = _append(app, _simulation(app), plan, progress)
        with Courier() as courier:
            app.adopt()
            done = app.replayer(courier, progress).replay(app.clock())
    click.echo(
        f"{count:,} events of {plan.accounts} accounts and {plan.managers} managers,"
        f" {plan.first_day} to {last_day}; replayed in {done.seconds:.1f} s.\n"
    )
    for name, reason in done.parked.items():
        note(f"parked: {name}: {reason}")
    period = app.settings.calendar.period_of("quarter", last_day)
    _show(app, window_of(app, period, None))


def _simulation(app: App) -> Simulation:
    found = next(iter(app.registry.simulations.values()), None)
    if found is None:
        raise UnknownNameError(
            "No loaded pack can invent an organisation",
            hint="`kamengine plugins list` says which packs are quarantined, and why",
        )
    return found


def _append(app: App, simulation: Simulation, plan: SimulationPlan, progress: Progress) -> int:
    """Write the history beside the log, as a user would have it, and append that file."""
    from kamengine.log.loading import Source, load

    path = app.root / "history.jsonl"
    with path.open("wb") as file:
        file.writelines(line + b"\n" for line in simulation.lines(plan))
    size = path.stat().st_size
    rejects = path.with_suffix(".rejected.jsonl")
    source = Source(str(path), lambda: path.open("rb"), rejects, rejects)
    done = 0

    def advance(count: int) -> None:
        nonlocal done
        done += count
        progress("appending bytes", done, size)

    loaded = load(app.log, app.intake, [source], progress=advance)[0]
    if loaded.failures:
        raise EventError("An invented event isn't fit for the log", value=loaded.reasons[0])
    return loaded.appended


def _end(plan: SimulationPlan) -> dt.date:
    return add_months(dt.date.fromisoformat(plan.first_day), 12 * plan.years)


def _show(app: App, window: Window) -> None:
    reader = app.reader
    managers = reader.book.subjects("manager")
    cards = [card for m in managers if (card := _card(app, m, window)) and card.score]
    if cards:
        best = max(cards, key=lambda card: (card.score or 0, card.resolved.subject.id))
        print_scorecard(app, _read(app, best, window))
    click.echo("\nAccounts that need attention: long unheard, and unhappy or at an end")
    worst = list(_needing_attention(app, reader, window))
    print_rows(worst[:SHOWN], list(worst[0]) if worst else [], "table")
    account = str(worst[0]["account"]) if worst else "ACCOUNT"
    manager = cards[0].resolved.subject.id if cards else "MANAGER"
    _print_next(app.root, account, manager, window.period)


def _card(app: App, manager: str, window: Window) -> Scorecard | None:
    try:
        return app.answers.scorecard("manager", window, manager)
    except ConfigError:
        return None


def _read(app: App, card: Scorecard, window: Window) -> Reading:
    from kamengine.report.readings import read_one

    whose = card.resolved.subject
    reading, _ = read_one(app.answers, window, whose.type, whose.id, why=False, fresh=False)
    return reading


def _needing_attention(app: App, reader: Reader, window: Window) -> Iterable[dict[str, object]]:
    """The accounts with the longest silence, with what else is known of them."""
    wanted = ("contact_gap_days", "nps", "issue_resolution_time", "net_revenue_retention")
    known = [app.registry.kpis[k] for k in wanted if k in app.registry.kpis]
    values = {k.id: {v.subject: v for v in reader.values(k, "account", window)} for k in known}
    gaps = values.get("contact_gap_days", {}).values()
    for gap in sorted(gaps, key=lambda v: (-(v.value or 0), v.subject)):
        row: dict[str, object] = {"account": gap.subject}
        for kpi in known:
            value = values[kpi.id].get(gap.subject)
            row[kpi.id] = shown(value.value if value else None, kpi.unit)
        yield row


def _print_next(root: Path, account: str, manager: str, period: str) -> None:
    place = f"-w {root}"
    click.echo(f"""
Try next:
  kamengine scorecard {place} --account {account} --period {period}
  kamengine explain {place} --kpi contact_gap_days --account {account} --period {period}
  kamengine values {place} --kpi net_revenue_retention --by segment --period {period}
  kamengine scorecard {place} --manager {manager} --period {period} --why
  kamengine report {place} --period {period} --out {root / "report"}
  kamengine config show {place} --account {account}
  kamengine events list {place} --account {account} --limit 10
  kamengine status {place}""")
