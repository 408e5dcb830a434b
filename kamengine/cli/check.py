"""``kamengine plugins check``: what is wrong with a pack, how to mend it, and its badge."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from kamengine.cli.context import App, pass_app
from kamengine.cli.output import Format, format_option, print_json, print_rows

if TYPE_CHECKING:
    from kamengine.checking.finding import Report


@click.command("check")
@pass_app
@click.argument("package", required=False)
@click.option(
    "--badge",
    type=click.Choice(["bronze", "silver", "gold"]),
    help="The badge that is wanted: what is missing for it counts as a finding.",
)
@format_option
def check_command(app: App, package: str | None, badge: str | None, output: Format) -> None:
    """Look over the pack PACKAGE, or every pack that is installed.

    Each finding says how to mend it. What comes of it is a badge, and what is missing for the
    next: docs/checks.md says what each stands for.
    """
    from kamengine.checking.finding import BADGES
    from kamengine.checking.gate import check_pack
    from kamengine.cli.replay import progress_bar
    from kamengine.courier.client import Courier

    packs = app.registry.packs if package is None else [app.registry.pack(package)]
    with Courier() as courier, progress_bar() as progress:
        reports = [check_pack(app.registry, pack, courier, progress) for pack in packs]
    if output == "json":
        print_json(reports)
    elif output == "table":
        for report in reports:
            print_report(report)
    else:
        columns = ("pack", "kind", "check", "where", "what", "mend")
        print_rows([row for report in reports for row in _finding_rows(report)], columns, output)
    wanted = BADGES.index(next(name for name in BADGES if name == (badge or "none")))
    if any(report.faults or BADGES.index(report.badge) < wanted for report in reports):
        sys.exit(1)


def print_report(report: Report) -> None:
    """Print what is wrong with a pack, its badge, and what is missing for the next."""
    from kamengine.checking.checks import CHECKS

    badges = {c.name: c.badge for c in CHECKS}
    for finding in (*report.faults, *report.warnings):
        place = f"{finding.where}: " if finding.where != finding.of else ""
        whose = f"{finding.of}: " if finding.of != finding.file else ""
        kind = ", a warning" if finding.kind == "warning" else ""
        click.echo(f"{place}{whose}{finding.what} [{finding.check}{kind}]")
        click.echo(f"    {finding.mend}")
    tried = f", tried on {report.events:,} events" if report.events else ""
    click.echo(f"{report.pack} {report.version}: {report.badge}{tried}")
    if report.next is None:
        return
    lacking = [f for f in report.findings if badges[f.check] == report.next]
    for what, mend in dict.fromkeys((f.what, f.mend) for f in lacking if f.kind == "missing"):
        of = [f.of for f in lacking if f.what == what]
        listed = ", ".join(of[:_NAMED]) + (f" and {len(of) - _NAMED} more" if of[_NAMED:] else "")
        click.echo(f"  for {report.next}: {what}: {listed}\n    {mend}")
    if wrong := sum(finding.kind == "fault" for finding in lacking):
        faults = "fault above that stands" if wrong == 1 else f"{wrong} faults above that stand"
        click.echo(f"  for {report.next}: mend the {faults} in its way")


def _finding_rows(report: Report) -> list[dict[str, object]]:
    return [
        {
            "pack": report.pack,
            "kind": finding.kind,
            "check": finding.check,
            "where": finding.where,
            "what": finding.what,
            "mend": finding.mend,
        }
        for finding in report.findings
    ]


_NAMED = 3
"""Definitions that lack the same are named up to here."""
