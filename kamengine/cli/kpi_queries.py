"""``kamengine kpis saturation`` and ``kpis quadrant``: questions over several KPIs."""

from __future__ import annotations

from fractions import Fraction

import click

from kamengine.catalogue.quadrant import HIGH, Placed, placed
from kamengine.catalogue.saturation import (
    ENOUGH,
    EVERY_CHANNEL,
    MOST,
    Step,
    counts_of,
    saturation,
)
from kamengine.cli.asking import (
    as_of_option,
    kpi_in_force,
    one_subject,
    open_reader,
    period_option,
    subject_options,
    window_of,
)
from kamengine.cli.context import App, pass_app
from kamengine.cli.output import Format, Row, format_option, note, print_rows, shown

PER_TOUCH = "conversion_per_touch"
"""The KPI that is asked where no other is named; a pack of one's own may have a better one."""


@click.command("saturation")
@pass_app
@click.option(
    "--kpi",
    "kpi_id",
    default=PER_TOUCH,
    show_default=True,
    metavar="ID",
    help="A ratio whose evidence is touches, by number and channel.",
)
@subject_options
@click.option(
    "--at-least",
    type=click.IntRange(min=1),
    default=ENOUGH,
    show_default=True,
    help="Deals that must have got a touch for it to be the peak.",
)
@click.option(
    "--up-to",
    type=click.IntRange(min=1),
    default=MOST,
    show_default=True,
    help="The last touch that is looked at.",
)
@period_option
@as_of_option
@format_option
def saturation_command(
    app: App,
    kpi_id: str,
    account: str | None,
    manager: str | None,
    team: str | None,
    segment: str | None,
    organisation: bool,
    at_least: int,
    up_to: int,
    period: str,
    as_of: str | None,
    output: Format,
) -> None:
    """Show with which touch deals are won, and from which on that falls.

    Of the deals decided in the period: how many got each touch, and how many were won with it,
    with a 95 % interval, over all channels and for each. The peak is marked, and so is the first
    touch past it; "clear" says that their intervals are apart.
    """
    given: dict[str, str | bool | None] = {
        "account": account,
        "manager": manager,
        "team": team,
        "segment": segment,
    }
    named = any(given.values())
    grain, subject = one_subject(given | {"organisation": organisation or not named})
    reader = open_reader(app)
    window = window_of(app, period, as_of)
    counts = counts_of(reader, kpi_in_force(app, kpi_id), grain, window, subject)
    rows = [_step_row(step, output) for step in saturation(counts, at_least, up_to)]
    print_rows(rows, list(rows[0]) if rows else [], output)
    if not rows:
        note("No deal with a touch was decided in this period.")
    longer = [c.deals for c in counts if c.channel == EVERY_CHANNEL and c.touch == up_to + 1]
    if longer:
        note(f"{longer[0]:,} deals got more than {up_to} touches; --up-to shows those as well.")


@click.command("quadrant")
@pass_app
@click.option(
    "--by",
    type=click.Choice(["manager", "team", "account", "organisation"]),
    default="manager",
    show_default=True,
    help="Whose scorecards.",
)
@click.option("--subject", metavar="ID", help="Only this manager, team or account.")
@click.option(
    "--high",
    type=click.FloatRange(0, 120),
    default=float(100 * HIGH),
    show_default=True,
    metavar="PERCENT",
    help="The attainment from which on effort or outcome is high.",
)
@period_option
@as_of_option
@format_option
def quadrant_command(
    app: App,
    by: str,
    subject: str | None,
    high: float,
    period: str,
    as_of: str | None,
    output: Format,
) -> None:
    """Show where effort and outcome part, for each manager and family.

    Effort is the mean attainment of the leading KPIs on the scorecard, outcome that of the
    lagging ones. High effort with low outcome says "discuss": a talk, never a penalty.
    """
    from kamengine.cli.scorecard import CARRIERS

    open_reader(app)
    window = window_of(app, period, as_of)
    cards = app.answers.scorecards(CARRIERS[by], window, subject)
    rows = [_placed_row(p, output) for p in placed(cards, Fraction(repr(high)) / 100)]
    print_rows(rows, list(rows[0]) if rows else [], output)
    if not rows:
        note(f"No scorecard for a {by} has a value in this period.")


def _step_row(step: Step, output: Format) -> Row:
    people = output == "table"
    count = step.count
    return {
        "channel": count.channel,
        "touch": count.touch,
        "deals": count.deals,
        "won": count.won,
        "conversion": _percent(step.share) if people else float(step.share),
        "low": _percent(step.low) if people else step.low,
        "high": _percent(step.high) if people else step.high,
        "mark": step.mark,
        "clear": step.clear,
    }


def _placed_row(found: Placed, output: Format) -> Row:
    people = output == "table"
    return {
        "subject": found.subject,
        "family": found.family,
        "effort": _percent(found.effort) if people else _float(found.effort),
        "outcome": _percent(found.outcome) if people else _float(found.outcome),
        "leading": found.leading,
        "lagging": found.lagging,
        "quadrant": found.quadrant,
    }


def _percent(share: Fraction | float | None) -> str:
    return shown(_float(share), "%")


def _float(share: Fraction | float | None) -> float | None:
    return None if share is None else float(share)
