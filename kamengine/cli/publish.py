"""``kamengine publish`` and ``period``: what is reported stays on record."""

from __future__ import annotations

import getpass

import click

from kamengine.cli.asking import period_option
from kamengine.cli.context import App, pass_app
from kamengine.cli.output import note


@click.command()
@pass_app
@period_option
@click.option("--by", metavar="NAME", help="Who publishes; else the user of this machine.")
@click.option("--why", default="", metavar="TEXT", help="What for; kept on record.")
def publish(app: App, period: str, by: str | None, why: str) -> None:
    """Put everybody's scorecard of a period on record, as it is now.

    From then on a scorecard shows the number that was reported beside the one that is true. A
    period may be published again until it is closed; the last one counts, and all are kept.
    """
    from kamengine.history.approval import Approval
    from kamengine.history.publishing import publish as put_on_record

    approval = Approval(by or getpass.getuser(), why, app.clock())
    count, position = put_on_record(app.log, app.standpoint, period, approval)
    _catch_up(app)
    click.echo(f"Published {count:,} scorecards of {period}, up to position {position:,}.")
    note(f"`kamengine period close {period}` makes them final.")


@click.group()
def period() -> None:
    """Close periods whose numbers are final."""


@period.command()
@pass_app
@click.argument("name", metavar="PERIOD")
@click.option("--by", metavar="NAME", help="Who closes it; else the user of this machine.")
@click.option("--why", default="", metavar="TEXT", help="What for; kept on record.")
def close(app: App, name: str, by: str | None, why: str) -> None:
    """Make a period's published scorecards final: it can't be published again.

    Late events and new definitions still count; what they change is a restatement, shown beside
    what was reported.
    """
    from kamengine.history.approval import Approval
    from kamengine.history.publishing import close as make_final

    position = make_final(app.log, name, Approval(by or getpass.getuser(), why, app.clock()))
    _catch_up(app)
    click.echo(f"Closed {name}, at position {position:,}.")


def _catch_up(app: App) -> None:
    """Let values know of the records too, so that nothing looks as if it were missing."""
    from kamengine.cli.replay import carrying, catch_up

    with carrying() as courier:
        catch_up(app, courier)
    app.forget()
