"""``kamengine scorecard``: the few numbers that count for one account, manager or team."""

from __future__ import annotations

import click

from kamengine.cli.asking import (
    as_of_option,
    one_subject,
    open_reader,
    period_option,
    window_of,
)
from kamengine.cli.context import App, pass_app
from kamengine.cli.output import Format, format_option, note, print_json, print_rows, shown
from kamengine.config.model import Carrier
from kamengine.scorecard.card import Line, Scorecard
from kamengine.scorecard.rows import document, rows


@click.command()
@pass_app
@click.option("--account", metavar="ID", help="One account.")
@click.option("--manager", metavar="ID", help="One manager.")
@click.option("--team", metavar="ID", help="One team.")
@click.option("--organisation", is_flag=True, help="The whole organisation.")
@period_option
@as_of_option
@format_option
def scorecard(
    app: App,
    account: str | None,
    manager: str | None,
    team: str | None,
    organisation: bool,
    period: str,
    as_of: str | None,
    output: Format,
) -> None:
    """Print a scorecard: each KPI's value against its target, and the score.

    What has no value is left out of the score, and said to be, with the reason.
    """
    given = {"account": account, "manager": manager, "team": team, "organisation": organisation}
    carrier, subject = one_subject(given)
    open_reader(app)
    card = app.answers.scorecard(CARRIERS[carrier], window_of(app, period, as_of), subject)
    if output == "json":
        print_json(document(card))
    elif output == "table":
        print_scorecard(card)
    else:
        found = rows(card)
        print_rows(found, list(found[0]) if found else [], output)


def print_scorecard(card: Scorecard) -> None:
    """Print a scorecard for people."""
    resolved = card.resolved
    click.echo(f"{resolved.title}: {resolved.subject.type} {resolved.subject.id}, {card.period}")
    points = "no score" if card.score is None else f"score {float(card.score):.1f}"
    click.echo(f"{points}{': ' + card.reason if card.reason else ''}")
    table = [_row(line) for line in card.lines]
    print_rows(table, list(table[0]) if table else [], "table")
    for line in card.lines:
        if line.left_out:
            click.echo(f"  left out: {line.kpi.id}: {line.left_out}")
        elif line.value and line.value.reason:
            click.echo(f"  {line.kpi.id}: {line.value.reason}")
    if card.missing and card.score is not None:
        click.echo(
            f"  {float(card.missing_share):.0%} of the weight is left out;"
            " the other KPIs stand in for it in proportion"
        )
    for sentence in resolved.notes:
        note(f"Note: {sentence}.")


def _row(line: Line) -> dict[str, object]:
    from kamengine.config.goals import goal_text

    kpi, value = line.kpi, line.value
    attained = "-" if line.attainment is None else f"{float(line.attainment):.0%}"
    return {
        "family": kpi.family,
        "kpi": kpi.id,
        "value": shown(value.value if value else None, kpi.unit),
        "unit": "" if kpi.unit == "%" else kpi.unit,
        "target": goal_text(kpi.goal, kpi.kpi) if kpi.goal else "-",
        "attained": attained,
        "weight": shown(kpi.weight),
        "points": "-" if line.points is None else f"{float(line.points):.1f}",
        "count": value.count if value else 0,
    }


CARRIERS: dict[str, Carrier] = {
    "account": "account",
    "manager": "manager",
    "team": "team",
    "organisation": "organisation",
}
