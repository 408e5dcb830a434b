"""A value as `explain` prints it: the number, both its sides, and what it is made by."""

from __future__ import annotations

from fractions import Fraction

import click
import msgspec

from kamengine.cli.context import App
from kamengine.cli.output import Format, print_json, print_rows
from kamengine.kpi import KPI, Composite, Mean, Quantile, Sum
from kamengine.scorecard.composite import Composed
from kamengine.scorecard.rows import group_rows, tenure_rows
from kamengine.value import Value, measured_in, shown


def print_value(kpi: KPI, value: Value, currency: str) -> None:
    """Print a value with what it means and what it was made of."""
    click.echo(f"{kpi.title} of {whom(value)}, {value.period}")
    click.echo(f"{kpi.meaning}\n")
    unit = "" if value.value is None else measured_in(kpi.unit, currency)
    click.echo(f"  value        {shown(value.value, value.unit)} {unit}".rstrip())
    if value.reason:
        click.echo(f"  {value.status:<12} {value.reason}")
    for side, words in (("numerator", kpi.numerator), ("denominator", kpi.denominator)):
        number = getattr(value, side)
        if number is not None:
            click.echo(f"  {side:<12} {number:,f}{'  ' + words if words else ''}")
    counted = "KPIs that count" if isinstance(kpi.value, Composite) else _ROWS
    click.echo(f"  count        {value.count:,} {counted}")
    click.echo(f"  definition   {value.definition}, {_rule(kpi)}")
    click.echo(f"  log position {value.log_position:,}\n")


def headed(app: App, title: str, unit: str) -> str:
    """Write what a table of values holds: the KPI, and what it is measured in."""
    percent = unit.startswith("%")
    what = unit if percent else measured_in(unit, app.settings.reporting_currency)
    return f"{title}, in {what}" if what else title


def whom(value: Value) -> str:
    """Write whose a value is."""
    if value.subject_type == "organisation":
        return "the organisation"
    return f"{value.subject_type} {value.subject}"


def explain_composite(app: App, kpi: KPI, composed: Composed, output: Format) -> None:
    """Print what a composite is made of: its KPIs by group, and the tenure behind the weights."""
    from kamengine.log.sqlite import SQLiteEventLog

    positions = {s.service.position for s in composed.stints if s.service.position is not None}
    tenure = tenure_rows(composed, SQLiteEventLog(app.workspace.log_path).ids(positions))
    groups = group_rows(composed)
    if output == "json":
        print_json(
            {
                "value": composed.value,
                "meaning": kpi.meaning,
                "scorecard": composed.scorecard,
                "kpis": groups,
                "tenure": tenure,
            }
        )
    elif output == "table":
        print_value(kpi, composed.value, app.settings.reporting_currency)
        _print_composite(composed, tenure)
    else:
        print_rows(groups, list(groups[0]) if groups else [], output)


def _print_composite(composed: Composed, tenure: list[dict[str, object]]) -> None:
    if composed.scorecard:
        click.echo(f"  from the scorecard {composed.scorecard}")
    rows = [
        {
            "group": group.name,
            "weight": f"{float(group.weight):.2f}",
            "group attained": _percent(group.attainment),
            "kpi": line.kpi.id,
            "value": shown(line.value.value if line.value else None, line.kpi.unit),
            "attained": _percent(line.attainment),
        }
        for group in composed.groups
        for line in group.lines
    ]
    if rows:
        print_rows(rows, list(rows[0]), "table")
    if tenure:
        click.echo("Weights by tenure: each day has those of its band.")
        columns = list(dict.fromkeys(column for row in tenure for column in row))
        print_rows(tenure, columns, "table")


def _percent(attained: Fraction | None) -> str:
    return "-" if attained is None else f"{float(attained):.0%}"


def _rule(kpi: KPI) -> str:
    kind = type(kpi.value).__name__
    details = ", ".join(f"{k}={v}" for k, v in msgspec.structs.asdict(kpi.value).items())
    return f"{kind}({details})" if isinstance(kpi.value, Sum | Mean | Quantile) else kind


_ROWS = "rows of evidence with an event"
