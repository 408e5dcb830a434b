"""``kamengine scorecard``: the few numbers that count for one account, manager or team."""

from __future__ import annotations

from collections.abc import Iterator

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
from kamengine.cli.output import Format, format_option, note, print_json, print_rows, shown
from kamengine.config.section import Audience, Carrier
from kamengine.history.standpoint import Question
from kamengine.scorecard.answers import on_scorecards
from kamengine.scorecard.card import Line, Scorecard
from kamengine.scorecard.rows import document, rows


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
@format_option
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
    output: Format,
) -> None:
    """Print a scorecard: each KPI's value against its target, and the score.

    What has no value is left out of the score, and said to be, with the reason.
    """
    given = {"account": account, "manager": manager, "team": team, "organisation": organisation}
    carrier, subject = one_subject(given)
    question = Question(as_known=as_known, definition=definition, as_of=as_of)
    app.look_back(question, on_scorecards)
    open_reader(app)
    card = app.answers.scorecard(
        CARRIERS[carrier], window_of(app, period, as_of), subject, audience
    )
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
        if line.counted_as_zero:
            click.echo(f"  counted as nothing attained: {line.kpi.id}: {line.counted_as_zero}")
        elif line.left_out:
            click.echo(f"  left out: {line.kpi.id}: {line.left_out}")
        elif line.value and line.value.reason:
            click.echo(f"  {line.kpi.id}: {line.value.reason}")
    for sentence in _told(card):
        click.echo(f"  {sentence}")
    for sentence in resolved.notes:
        note(f"Note: {sentence}.")


def _told(card: Scorecard) -> Iterator[str]:
    """Say how the score was weighed, what is missing from it, and where colours begin."""
    if card.weighing and card.weighing.families:
        weights = card.weighing.families.items()
        said = ", ".join(f"{family} {float(weight):.4g}" for family, weight in weights if weight)
        yield f"weighed by tenure: {said}"
    yield f"missing: {card.policy}"
    if card.missing_share and card.score is not None:
        yield f"{float(card.missing_share):.0%} of the weight is left out"
    edges = card.edges
    yield (
        f"colours: red below {edges.amber_from:.0%} attained, amber from there, green from"
        f" {edges.green_from:.0%}; one once reached is kept to {edges.margin:.0%} below its edge"
    )


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
        "colour": line.colour or "-",
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
