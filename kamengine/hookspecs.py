"""What a plugin may register. Each hook is called once, when the plugin is loaded.

The examples are whole modules, and tests run them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import click
import msgspec
import pluggy

from kamengine.event import EventType
from kamengine.extensions import Importer, LintRule, Notifier, OutputFormat
from kamengine.kpi import KPI
from kamengine.projection import Projection

PROJECT = "kamengine"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


class SimulationPlan(msgspec.Struct, frozen=True, kw_only=True):
    """How large a simulated organisation is to be.

    Attributes:
        seed: The same seed and plan give the same bytes.
        accounts: Number of accounts.
        managers: Number of key account managers.
        teams: Number of teams.
        first_day: ISO date of the first simulated day.
        years: Length of the history.
        events: About how many events to produce in all.
    """

    seed: int = 7
    accounts: int = 200
    managers: int = 20
    teams: int = 4
    first_day: str = "2023-07-01"
    years: int = 3
    events: int = 200_000


class Simulation(msgspec.Struct, frozen=True, kw_only=True):
    """A source of invented events, for demonstrations, benchmarks and tests.

    Attributes:
        name: How it is asked for.
        doc: What it simulates, in one sentence.
        lines: Given a plan, yields JSON lines without line ends, as `events append` takes
            them, in the order of ``occurred_at``.
    """

    name: str
    doc: str
    lines: Callable[[SimulationPlan], Iterator[bytes]]


@hookspec
def kamengine_event_types() -> Iterable[EventType]:  # type: ignore[empty-body]
    """Return the event types that this plugin adds to the vocabulary, old versions included.

    Example:
        from kamengine import EventData, EventType, Upcast, hookimpl

        kamengine_api = "1.0"


        class DemoGiven(EventData, frozen=True):
            product: str
            minutes: int


        class DemoGivenBefore(EventData, frozen=True):
            product: str
            hours: int


        DEMO_GIVEN = EventType(
            name="demo.given",
            data=DemoGiven,
            doc="A product was shown to a customer.",
            version=2,
            upcasts=(Upcast(version=1, data=DemoGivenBefore, columns={"minutes": "hours * 60"}),),
        )


        @hookimpl
        def kamengine_event_types():
            return [DEMO_GIVEN]
    """


@hookspec
def kamengine_projections() -> Iterable[Projection]:  # type: ignore[empty-body]
    """Return the projections that this plugin derives from facts.

    Example:
        from kamengine import Projection, hookimpl

        kamengine_api = "1.0"

        LAST_TOUCHES = Projection(
            name="last_touches",
            doc="One row per account: when somebody last spoke to it.",
            key=("account_id",),
            sql='''
                SELECT account_id, max(occurred_at) AS last_at
                FROM touch_logged
                WHERE account_id IS NOT NULL
                GROUP BY account_id
            ''',
        )


        @hookimpl
        def kamengine_projections():
            return [LAST_TOUCHES]
    """


@hookspec
def kamengine_kpis() -> Iterable[KPI]:  # type: ignore[empty-body]
    """Return the KPIs that this plugin defines.

    Example:
        from kamengine import KPI, Sum, hookimpl

        kamengine_api = "1.0"

        CALLS = KPI(
            id="calls",
            version=1,
            title="Calls",
            doc="How many calls we had with an account.",
            family="relationship",
            timing="leading",
            unit="calls",
            better="higher",
            value=Sum(),
            empty="zero",
            sql='''
                SELECT account_id, manager_id, occurred_at, event_id, 1 AS numerator
                FROM touch_logged
                WHERE channel = 'call'
            ''',
        )


        @hookimpl
        def kamengine_kpis():
            return [CALLS]
    """


@hookspec
def kamengine_simulations() -> Iterable[Simulation]:  # type: ignore[empty-body]
    """Return the simulated organisations that this plugin can invent.

    Example:
        import json
        from datetime import date, timedelta

        from kamengine import Simulation, hookimpl

        kamengine_api = "1.0"


        def lines(plan):
            first = date.fromisoformat(plan.first_day)
            for day in range(plan.events):
                event = {
                    "id": f"call-{day}",
                    "type": "touch.logged",
                    "account_id": f"account-{day % plan.accounts}",
                    "manager_id": f"manager-{day % plan.managers}",
                    "occurred_at": f"{first + timedelta(days=day)}T10:00:00Z",
                    "data": {"channel": "call"},
                }
                yield json.dumps(event).encode()


        @hookimpl
        def kamengine_simulations():
            return [Simulation(name="callers", doc="One call a day, in turn.", lines=lines)]
    """


@hookspec
def kamengine_lint_rules() -> Iterable[LintRule]:  # type: ignore[empty-body]
    """Return the rules that `config check` holds an organisation's settings to.

    Example:
        from kamengine import LintFinding, LintRule, hookimpl

        kamengine_api = "1.0"


        def check(linted):
            for name, scorecard in linted.settings["scorecards"].items():
                if len(scorecard["kpis"]) > 10:
                    yield LintFinding(
                        path=("scorecards", name, "kpis"),
                        what=f"Scorecard {name!r} has {len(scorecard['kpis'])} KPIs",
                        hint="nobody steers by more than ten",
                    )


        @hookimpl
        def kamengine_lint_rules():
            return [LintRule(name="ten-at-most", doc="A scorecard has ten KPIs.", check=check)]
    """


@hookspec
def kamengine_importers() -> Iterable[Importer]:  # type: ignore[empty-body]
    """Return the readers of other files than CSV that `events import` may use.

    A mapping asks for one by its name, `reader: json-lines`, in one of its `sources`.

    Example:
        import json

        from kamengine import Importer, Table, hookimpl

        kamengine_api = "1.0"


        def read(path):
            records = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
            columns = list(dict.fromkeys(key for record in records for key in record))
            rows = [[str(record.get(column, "")) for column in columns] for record in records]
            return Table(columns=columns, rows=enumerate(rows, 1))


        @hookimpl
        def kamengine_importers():
            return [Importer(name="json-lines", doc="One JSON object a line.", read=read)]
    """


@hookspec
def kamengine_notifiers() -> Iterable[Notifier]:  # type: ignore[empty-body]
    """Return who is told after each replay.

    Example:
        from kamengine import Notifier, hookimpl

        kamengine_api = "1.0"


        def notify(notice):
            with (notice.workspace / "parked.log").open("a", encoding="utf-8") as log:
                for name in notice.newly_parked:
                    print(f"{notice.position}: {name}: {notice.parked[name]}", file=log)


        @hookimpl
        def kamengine_notifiers():
            return [Notifier(name="parked-log", doc="A file beside the values.", notify=notify)]
    """


@hookspec
def kamengine_output_formats() -> Iterable[OutputFormat]:  # type: ignore[empty-body]
    """Return the forms that `--format` knows beside `table`, `json` and `csv`.

    Example:
        from kamengine import OutputFormat, hookimpl

        kamengine_api = "1.0"


        def write(rows, columns, out):
            print("| " + " | ".join(columns) + " |", file=out)
            print("| " + " | ".join("---" for _ in columns) + " |", file=out)
            for row in rows:
                print("| " + " | ".join(str(row.get(c)) for c in columns) + " |", file=out)


        @hookimpl
        def kamengine_output_formats():
            return [OutputFormat(name="markdown", doc="A table in Markdown.", write=write)]
    """


@hookspec
def kamengine_commands() -> Iterable[click.Command]:  # type: ignore[empty-body]
    """Return the commands that stand beside `kamengine`'s own.

    Any `click.Command` will do; one that is called like a built-in is refused. A command that
    needs the workspace takes it from `pass_app`, prints by `print_rows`, and fails by raising
    a `KamengineError`: all three as `kamengine`'s own commands do.

    Example:
        import click

        from kamengine import hookimpl
        from kamengine.cli.context import pass_app
        from kamengine.cli.output import format_option, print_rows

        kamengine_api = "1.0"


        @click.command("packs-by-version")
        @format_option
        @pass_app
        def packs_by_version(app, output):
            '''List the packs with their versions.'''
            rows = [{"pack": pack.name, "version": pack.version} for pack in app.registry.packs]
            print_rows(rows, ("pack", "version"), output)


        @hookimpl
        def kamengine_commands():
            return [packs_by_version]
    """
