"""Two quarters of three accounts, two managers and a team, small enough to be worked out by hand.

Deals closed by quarter, won of all, make the win rate:

========  =======  =======
account   2026-Q1  2026-Q2
========  =======  =======
acme      2 of 3   1 of 1
bolt      0 of 1   1 of 4
kim       2 of 4   2 of 5
corn      1 of 2   1 of 2
all       3 of 6   3 of 7
========  =======  =======

Both of kim's accounts win a larger share in the second quarter, and kim wins a smaller one.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from kamengine.cli.context import App
from kamengine.periods import Window
from kamengine.report.readings import Reading, read_one

Run: TypeAlias = Callable[..., "subprocess.CompletedProcess[str]"]

ORGANISATION = """
name: Acorn & Oak <Ltd>
reporting_currency: USD
time_zone: America/New_York
active_by: accounts
as_of: 2026-06-30
"""
KPIS = """
win_rate: {target: {floor: 0%, target: 50%, stretch: 100%}}
contact_gap_days: {target: {floor: 200, target: 100}}
nps: {target: {floor: 0, target: 100}}
"""
SCORECARDS = """
everybody:
  title: What counts
  for: [account, manager, team, organisation]
  kpis: {win_rate: 3, contact_gap_days: 1, nps: 0}
"""
DEALS = {
    "2026-02": {"acme": "won won lost", "bolt": "lost", "corn": "won lost"},
    "2026-05": {"acme": "won", "bolt": "won lost lost lost", "corn": "won lost"},
}
OWNERS = {"acme": "kim", "bolt": "kim", "corn": "lee"}


def history() -> Iterator[dict[str, Any]]:
    """Yield the events of the whole history."""
    for manager in ("kim", "lee"):
        yield {
            "type": "manager.hired",
            "manager_id": manager,
            "occurred_at": "2025-01-01",
            "data": {"name": manager, "hired_on": "2025-01-01", "team": "north"},
        }
    for account, owner in OWNERS.items():
        yield {
            "type": "account.opened",
            "account_id": account,
            "manager_id": owner,
            "occurred_at": "2025-12-01",
            "data": {"name": account, "segment": "large"},
        }
    for month, closed in DEALS.items():
        for account, outcomes in closed.items():
            for number, outcome in enumerate(outcomes.split()):
                deal = {"deal_id": f"{account}-{month}-{number}"}
                whose = {"account_id": account, "manager_id": OWNERS[account]}
                yield {
                    "type": "deal.opened",
                    "occurred_at": f"{month}-01",
                    "data": {**deal, "kind": "new"},
                    **whose,
                }
                yield {
                    "type": "deal.closed",
                    "occurred_at": f"{month}-1{number}",
                    "data": {**deal, "outcome": outcome},
                    **whose,
                }
    yield {
        "type": "touch.logged",
        "occurred_at": "2026-06-20T15:00:00Z",
        "account_id": "acme",
        "manager_id": "kim",
        "data": {"channel": "call", "direction": "inbound"},
    }


@pytest.fixture(scope="session")
def orchard(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A replayed workspace with the history above."""
    root = tmp_path_factory.mktemp("orchard")
    config = root / "config"
    config.mkdir()
    (config / "organisation.yaml").write_text(ORGANISATION)
    (config / "kpis.yaml").write_text(KPIS)
    (config / "scorecards.yaml").write_text(SCORECARDS)
    lines = [json.dumps({"id": f"e{n}", **each}) for n, each in enumerate(history())]
    (root / "history.jsonl").write_text("\n".join(lines))
    for command in (("events", "append", str(root / "history.jsonl")), ("replay",)):
        done = kamengine(root, *command)
        assert done.returncode == 0, done.stderr
    return root


@pytest.fixture
def run(orchard: Path) -> Run:
    """Run the command line as a process on the workspace."""
    return lambda *arguments: kamengine(orchard, *map(str, arguments))


@pytest.fixture(scope="session")
def app(orchard: Path) -> App:
    """The workspace, in this process."""
    return App(orchard)


@pytest.fixture(scope="session")
def second_quarter(app: App) -> Window:
    return app.settings.calendar.window("2026-Q2", app.as_of(None))


@pytest.fixture(scope="session")
def read(app: App, second_quarter: Window) -> Callable[[Any, str], Reading]:
    """Read one scorecard of the second quarter, with causes."""

    def reading(carrier: Any, subject: str) -> Reading:
        return read_one(app.answers, second_quarter, carrier, subject)[0]

    return reading


def kamengine(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "kamengine", *arguments],
        capture_output=True,
        text=True,
        env={**os.environ, "KAMENGINE_WORKSPACE": str(root), "COLUMNS": "250"},
        timeout=120,
        check=False,
    )
