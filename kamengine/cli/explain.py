"""``kamengine explain``: what a number is made of, down to the events."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from fractions import Fraction

import click

from kamengine.cli.asking import (
    as_of_option,
    kpi_in_force,
    look_back,
    one_subject,
    open_reader,
    past_options,
    period_option,
    subject_options,
    window_of,
)
from kamengine.cli.context import App, pass_app
from kamengine.cli.output import Format, Row, format_option, note, print_json, print_rows
from kamengine.cli.valued import explain_composite, print_value, whom
from kamengine.cli.why import ENDS, explain_difference
from kamengine.errors import UnknownNameError
from kamengine.history.way import Asked
from kamengine.kpi import (
    KPI,
    Composite,
    Distinct,
    MeanOfParts,
    Overlap,
    Quantile,
    SubjectType,
    Sum,
)
from kamengine.periods import Window
from kamengine.replay.contribution import Contribution, Explanation
from kamengine.replay.reading import Reader
from kamengine.value import PartValue, shown

MILLION = 10**6

LISTS = ("events", "corrected_by")
EVIDENCE = (
    "events",
    "occurred_at",
    "account",
    "manager",
    "numerator",
    "denominator",
    "part",
    "item",
    "corrected_by",
)


@click.command()
@pass_app
@click.option("--kpi", "kpi_id", metavar="ID", help="Any registered KPI.")
@subject_options
@period_option
@click.option("--from", "start", metavar="END", help=f"Why it moved, from here: {ENDS}.")
@click.option("--to", "end", metavar="END", help="To here, likewise; now, where it is left out.")
@past_options
@as_of_option
@click.option(
    "--limit", default=20, show_default=True, help="Rows of the table; JSON and CSV have all."
)
@click.option("--part", is_flag=True, help="Print the values of its parts as well.")
@click.option("--sql", is_flag=True, help="Print the query behind it as well.")
@format_option
def explain(
    app: App,
    kpi_id: str | None,
    account: str | None,
    manager: str | None,
    team: str | None,
    segment: str | None,
    organisation: bool,
    period: str,
    start: str | None,
    end: str | None,
    as_known: str | None,
    definition: str | None,
    as_of: str | None,
    limit: int,
    part: bool,
    sql: bool,
    output: Format,
) -> None:
    """Explain a value: numerator, denominator, definition, and the events behind it.

    With --from, explain why it is another one than it was: what new and late events,
    corrections, ownership, the definition, targets and weights did, each with its events. Without
    --kpi, that of the score.
    """
    given = {
        "account": account,
        "manager": manager,
        "team": team,
        "segment": segment,
        "organisation": organisation,
    }
    grain, subject = one_subject(given)
    if start or end:
        open_reader(app)
        asked = Asked(subject_type=grain, subject=subject, period=period, kpi=kpi_id)
        explain_difference(app, asked, start, end, output)
        return
    if kpi_id is None:
        raise click.UsageError("Name a KPI with --kpi, or with --from a difference of the score.")
    look_back(app, kpi_id, as_known, definition, as_of)
    reader, window = open_reader(app), window_of(app, period, as_of)
    kpi = kpi_in_force(app, kpi_id, window)
    if isinstance(kpi.value, Composite):
        explain_composite(app, kpi, app.answers.composed(kpi, grain, window, subject), output)
        return
    explanation = reader.explain(kpi, grain, window, subject)
    parts = _parts(reader, kpi, grain, window, subject) if part or output == "json" else []
    rows = evidence_rows(app, explanation)
    if output == "json":
        print_json(
            {
                "value": explanation.value,
                "meaning": kpi.meaning,
                "operands": explanation.operands,
                "parts": parts,
                "evidence": rows,
                "total": _total(kpi, explanation),
                "query": explanation.query,
            }
        )
    elif output == "table":
        _print(app, kpi, explanation, rows[:limit], parts)
        if sql:
            click.echo(f"\n{explanation.query}")
    else:
        print_rows(rows, EVIDENCE, output)


def _parts(
    reader: Reader, kpi: KPI, grain: SubjectType, window: Window, subject: str
) -> list[PartValue]:
    """Return the values of the parts, where the KPI tells any apart."""
    try:
        found = reader.parts(kpi, grain, [window], subject=subject)
    except UnknownNameError:
        return []
    return found if any(value.part is not None for value in found) else []


def evidence_rows(app: App, explanation: Explanation) -> list[Row]:
    """Return the evidence of a value as it is printed, with the events' own ids."""
    from kamengine.log.sqlite import SQLiteEventLog

    positions = {p for c in explanation.evidence for p in c.positions}
    ids = SQLiteEventLog(app.workspace.log_path).ids(positions)
    return [_row(c, ids, explanation.corrections) for c in explanation.evidence]


def _row(contribution: Contribution, ids: dict[int, str], corrections: dict[int, str]) -> Row:
    return {
        "events": [ids[p] for p in contribution.positions],
        "occurred_at": contribution.occurred_at,
        "account": contribution.account_id,
        "manager": contribution.manager_id,
        "numerator": contribution.numerator,
        "denominator": contribution.denominator,
        "part": contribution.part,
        "item": contribution.item,
        "corrected_by": [corrections[p] for p in contribution.positions if p in corrections],
    }


def _total(kpi: KPI, explanation: Explanation) -> dict[str, object]:
    """Add the evidence up once more, here, and say whether that is the value."""
    value, rows = explanation.value, explanation.evidence
    if explanation.operands or value.status != "ok" or value.value is None:
        return {"matches": None}
    top: Fraction | float
    if isinstance(kpi.value, Quantile):
        top = _quantile([Fraction(r.numerator or 0) for r in rows], Fraction(kpi.value.q))
        below = Fraction(kpi.value.per)
    elif isinstance(kpi.value, Distinct):
        top, below = Fraction(len({(r.account_id, r.item) for r in rows})), Fraction(1)
    elif isinstance(kpi.value, Overlap):
        top, below = _overlap(kpi.value, rows)
    elif isinstance(kpi.value, MeanOfParts):
        top, below = _mean_of_parts(rows)
    else:
        top = sum((Fraction(r.numerator or 0) for r in rows), Fraction(0))
        below = sum((Fraction(r.denominator) for r in rows), Fraction(0))
        below = Fraction(kpi.value.per) if isinstance(kpi.value, Sum) else below
    exact = Fraction(value.numerator or 0) == round(top, 6)
    return {
        "numerator": float(top),
        "denominator": float(below),
        "matches": exact and Fraction(value.denominator or 0) == below,
    }


def _overlap(value: Overlap, rows: Sequence[Contribution]) -> tuple[Fraction, Fraction]:
    """Add up what each part has of what it should have, and all that there should be."""
    has: dict[str | None, Fraction] = defaultdict(Fraction)
    should: dict[str | None, Fraction] = defaultdict(Fraction)
    for row in rows:
        has[row.part] += Fraction(row.numerator or 0)
        should[row.part] += Fraction(row.denominator)
    fits = (min(has[part], whole) for part, whole in should.items())
    return value.scale * sum(fits, Fraction(0)), sum(should.values(), Fraction(0))


def _mean_of_parts(rows: Sequence[Contribution]) -> tuple[Fraction, Fraction]:
    """Add up what each part comes to, and count the parts."""
    sums: dict[str | None, list[Fraction]] = defaultdict(lambda: [Fraction(0), Fraction(0)])
    for row in rows:
        sums[row.part][0] += Fraction(row.numerator or 0)
        sums[row.part][1] += Fraction(row.denominator)
    quotients = [_six_digits(above / below) for above, below in sums.values() if below > 0]
    return sum(quotients, Fraction(0)), Fraction(len(quotients))


def _six_digits(number: Fraction) -> Fraction:
    """Round halves away from zero."""
    digits = math.floor(abs(number) * MILLION + Fraction(1, 2))
    return Fraction(digits if number > 0 else -digits, MILLION)


def _quantile(numbers: list[Fraction], q: Fraction) -> Fraction:
    """Interpolate between the two neighbours of the place that ``q`` points at."""
    ordered = sorted(numbers)
    place = q * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def _print(
    app: App, kpi: KPI, explanation: Explanation, rows: list[Row], parts: list[PartValue]
) -> None:
    print_value(kpi, explanation.value, app.settings.reporting_currency)
    for name, operand in explanation.operands.items():
        click.echo(
            f"  {name} = {operand.kpi} of {whom(operand)}:"
            f" {shown(operand.value, operand.unit)}"
            + (f" ({operand.reason})" if operand.reason else "")
        )
    if parts:
        _print_parts(parts)
    if rows:
        print_evidence(rows)
        more = len(explanation.evidence) - len(rows)
        if more > 0:
            note(f"... and {more:,} more; --limit {len(explanation.evidence)} shows all.")
        total = _total(kpi, explanation)
        if total["matches"] is not None:
            click.echo(f"The evidence adds up to the value: {'yes' if total['matches'] else 'NO'}.")


def _print_parts(parts: list[PartValue]) -> None:
    rows = [
        {
            "part": value.part or "(none)",
            "value": shown(value.value, value.unit),
            "numerator": value.numerator,
            "denominator": value.denominator,
            "count": value.count,
        }
        for value in parts
    ]
    print_rows(rows, list(rows[0]), "table")


def print_evidence(rows: Sequence[Row]) -> None:
    """Print evidence without the columns that say nothing here."""
    used = [c for c in EVIDENCE if any(row[c] not in (None, []) for row in rows)]
    print_rows(
        [{**row, **{c: ", ".join(map(str, _list(row[c]))) for c in LISTS}} for row in rows],
        used,
        "table",
    )


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
