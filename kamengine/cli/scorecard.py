"""``kamengine scorecard``: the few numbers that count for one account, manager or team."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, Literal, TypeAlias

import click

from kamengine.cli.asking import (
    as_of_option,
    audience_option,
    one_subject,
    open_reader,
    past_options,
    period_option,
    window_of,
)
from kamengine.cli.context import App, pass_app
from kamengine.cli.output import FORMATS, PAGE, Format, FormatChoice, note, print_json, print_rows
from kamengine.config.section import Audience, Carrier
from kamengine.extensions import OutputFormat
from kamengine.history.standpoint import Question
from kamengine.scorecard.answers import on_scorecards
from kamengine.value import measured_in, shown

if TYPE_CHECKING:
    from kamengine.report.change import Change
    from kamengine.report.readings import Number, Reading

Output: TypeAlias = Format | Literal["html"]


@click.command()
@pass_app
@click.option("--account", metavar="ID", help="One account.")
@click.option("--manager", metavar="ID", help="One manager.")
@click.option("--team", metavar="ID", help="One team.")
@click.option("--organisation", is_flag=True, help="The whole organisation.")
@audience_option
@period_option
@past_options
@as_of_option
@click.option("--why", is_flag=True, help="Say what moved each number since the period before.")
@click.option(
    "--format",
    "output",
    type=FormatChoice((*FORMATS, PAGE)),
    default="table",
    show_default=True,
    help="A table for people, JSON or CSV for programs, or a page to send and print.",
)
def scorecard(
    app: App,
    account: str | None,
    manager: str | None,
    team: str | None,
    organisation: bool,
    audience: Audience,
    period: str,
    as_known: str | None,
    definition: str | None,
    as_of: str | None,
    why: bool,
    output: Output,
) -> None:
    """Print a scorecard: each KPI's value against its target, how it went, and the score.

    What has no value is left out of the score, and said to be, with the reason. A page
    (--format html) opens without a network and unfolds each number to its definition, to what
    moved it and to the events behind it.
    """
    given = {"account": account, "manager": manager, "team": team, "organisation": organisation}
    grain, subject = one_subject(given)
    carrier = CARRIERS[grain]
    question = Question(as_known=as_known, definition=definition, as_of=as_of)
    app.look_back(question, on_scorecards)
    open_reader(app)
    window = window_of(app, period, as_of)
    if output == "html":
        from kamengine.report.site import single_page

        click.echo(single_page(app.answers, window, carrier, subject, audience))
        return
    from kamengine.report.readings import read_one

    fresh = output != "table"
    reading, _ = read_one(
        app.answers, window, carrier, subject, why=why, fresh=fresh, audience=audience
    )
    _print(app, reading, output, why=why)


def _print(app: App, reading: Reading, output: Output, *, why: bool) -> None:
    from kamengine.report import rows

    if output == "json":
        print_json(rows.document(reading, _ids(app, reading) if why else {}, why=why))
    elif output == "csv" or isinstance(output, OutputFormat):
        flat = rows.rows(reading)
        print_rows(flat, list(flat[0]) if flat else [], output)
    else:
        print_scorecard(app, reading)
        if why:
            _print_causes(app, reading, _ids(app, reading))


def _ids(app: App, reading: Reading) -> dict[int, str]:
    from kamengine.report.site import frame_of

    return dict(frame_of(app.answers, reading.window, [reading]).ids)


def print_scorecard(app: App, reading: Reading) -> None:
    """Print a scorecard for people, what was reported beside what is true now."""
    from kamengine.report import beside
    from kamengine.report.wording import scoring, whom

    card = reading.card
    resolved = card.resolved
    click.echo(f"{resolved.title}: {whom(reading).lower()}, {card.period}")
    click.echo(_score(reading))
    if reading.reported is not None:
        click.echo(beside.sentence(reading.reported, app.settings.calendar))
    currency = app.settings.reporting_currency
    table = [_row(number, reading, currency) for number in reading.numbers]
    print_rows(table, list(table[0]) if table else [], "table")
    click.echo("  " + "   ".join(f"{shape} {words.lower()}" for shape, words in _legend()))
    for remark in _remarks(reading):
        click.echo(f"  {remark}")
    for sentence in scoring(card):
        click.echo(f"  {sentence}")
    for sentence in resolved.notes:
        note(f"Note: {sentence}.")


def _remarks(reading: Reading) -> Iterator[str]:
    """Say of each number what its row can't."""
    for number in reading.numbers:
        line = number.line
        if line.counted_as_zero:
            yield f"counted as nothing attained: {line.kpi.id}: {line.counted_as_zero}"
        elif line.left_out:
            yield f"left out: {line.kpi.id}: {line.left_out}"
        elif line.value and line.value.reason:
            yield f"{line.kpi.id}: {line.value.reason}"
        yield from (f"{line.kpi.id}: {warning}" for warning in number.notes)


def _legend() -> Iterable[tuple[str, str]]:
    from kamengine.report.wording import STANDINGS

    return STANDINGS.values()


def _score(reading: Reading) -> str:
    from kamengine.report.wording import signed

    card, change = reading.card, reading.change
    points = "no score" if card.score is None else f"score {float(card.score):.1f}"
    if card.reason:
        return f"{points}: {card.reason}"
    if change.difference is None or reading.previous is None:
        return points
    return f"{points}, {signed(change.difference)} since {reading.previous.period}"


def _row(number: Number, reading: Reading, currency: str) -> dict[str, object]:
    from kamengine.config.goals import goal_text
    from kamengine.report import beside
    from kamengine.report.wording import STANDINGS, bars, standing

    line = number.line
    kpi, value = line.kpi, line.value
    since = f"since {reading.previous.period}" if reading.previous else "since before"
    shape, _ = STANDINGS[standing(line)]
    attained = "-" if line.attainment is None else f"{float(line.attainment):.0%}"
    unit = measured_in(kpi.unit, currency) if value and value.value is not None else ""
    report = reading.reported
    return {
        "kpi": kpi.id,
        "value": f"{shown(value.value if value else None, kpi.unit)} {unit}".rstrip(),
        **({"reported": beside.column(report, line)} if report else {}),
        "target": goal_text(kpi.goal, kpi.kpi) if kpi.goal else "-",
        "attained": f"{shape} {attained}",
        "trend": bars(number.trend),
        since: _since(number.change.difference, kpi.unit),
        "weight": shown(kpi.weight),
        "points": "-" if line.points is None else f"{float(line.points):.1f}",
        "count": value.count if value else 0,
    }


def _since(difference: Fraction | None, unit: str) -> str:
    from kamengine.report.wording import arrow, signed

    if not difference:
        return "-" if difference is None else "unchanged"
    return f"{arrow(difference)} {signed(difference, unit)}"


def _print_causes(app: App, reading: Reading, ids: dict[int, str]) -> None:
    if reading.previous is None:
        click.echo("\nNothing is known of the period before.")
        return
    click.echo(f"\nWhat moved since {reading.previous.period}")
    changes = [("the score", reading.change, "")]
    changes += [(n.line.kpi.id, n.change, n.line.kpi.unit) for n in reading.numbers]
    for name, change, unit in changes:
        if change.difference != 0:
            _print_change(app, (name, change, unit), ids)


def _print_change(app: App, told: tuple[str, Change, str], ids: dict[int, str]) -> None:
    from kamengine.report.wording import day, signed

    name, change, unit = told
    reason = f" ({change.reason})" if change.reason else ""
    click.echo(f"  {name}: {signed(change.difference, unit)}{reason}")
    for cause in change.causes:
        who = ids.get(int(cause.name), cause.name) if cause.kind == "event" else cause.name
        when = f", {day(cause.at, app.settings.calendar)}" if cause.at else ""
        click.echo(f"    {signed(cause.share, unit):>12}  {who}  {cause.note}{when}".rstrip())
    if change.others:
        others = f"{change.others:,} other{'s' if change.others > 1 else ''} together"
        click.echo(f"    {signed(change.rest, unit):>12}  {others}")


CARRIERS: dict[str, Carrier] = {
    "account": "account",
    "manager": "manager",
    "team": "team",
    "organisation": "organisation",
}
