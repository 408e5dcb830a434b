"""What people wait for: commands that read, each as the process that they start.

    python -m benchmarks.office account|manager|check|report EVENTS.db FOLDER

The first of them makes a workspace of the benchmark's log, as an organisation would have it: the
example's config, with a target for every KPI there is and changes for every tenth account, put
into force by the first replay, and changed by an ``apply`` since. What is told is how long a
process takes, from its start to its end, the median of several.
"""

from __future__ import annotations

import datetime as dt
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from benchmarks.result import Result, tell
from benchmarks.selection import AS_OF, packs
from kamengine.config.example import copy_example
from kamengine.config.folder import load
from kamengine.kpi import KPI

PERIOD = "2026-Q2"
TIMES = 7
EVERY = 10
READY = "ready"
LIMITS = "limits: {memory: 2GB}\n"
TARGET = "  target: {{floor: {low}, target: {high}}}\n"
BAND = "  band: {low: 0, high: 1000}\n"
CHANGE = """\
{account}:
  author: Dana Whitfield
  until: 2030-01-01
  change: {{contact_gap_days: {{weight: 25, reason: They went quiet for months.}}}}
"""


def main() -> None:
    """Run one measurement."""
    what, database, folder = sys.argv[1:]
    workspace = Path(folder)
    if not (workspace / READY).exists():
        _prepare(Path(database), workspace)
    MEASUREMENTS[what](workspace)


def account(folder: Path) -> None:
    """Print the scorecard of one account."""
    subject = _subject(folder, "account")
    _measure(folder, 1, "scorecard", "--account", subject, "--period", PERIOD)


def manager(folder: Path) -> None:
    """Print the scorecard of one manager, which is weighed by tenure."""
    subject = _subject(folder, "manager")
    _measure(folder, 1, "scorecard", "--manager", subject, "--period", PERIOD)


def check(folder: Path) -> None:
    """Check the config, and whom its rules match."""
    _measure(folder, 1, "config", "check")


def report(folder: Path) -> None:
    """Write the scorecards of the whole organisation as pages."""
    out = folder / "report"
    start = time.perf_counter()
    _kamengine(folder, "report", "--period", PERIOD, "--out", str(out))
    seconds = time.perf_counter() - start
    tell(Result(seconds=seconds, events=sum(1 for _ in out.rglob("*.html"))))


def _measure(folder: Path, count: int, *command: str) -> None:
    taken = []
    for _ in range(TIMES):
        start = time.perf_counter()
        _kamengine(folder, *command)
        taken.append(time.perf_counter() - start)
    tell(Result(seconds=median(taken), events=count))


def _prepare(database: Path, folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    copy_example(folder, as_of=dt.date.fromisoformat(AS_OF))
    shutil.copyfile(database, folder / "events.db")
    with (folder / "config" / "organisation.yaml").open("a") as file:
        file.write(LIMITS)
    _define_all(folder / "config")
    _change_accounts(folder)
    _kamengine(folder, "replay")
    file = folder / "config" / "kpis.yaml"
    file.write_text(file.read_text().replace("target: 40, stretch: 60", "target: 45, stretch: 60"))
    _kamengine(folder, "apply", "--why", "NPS is to rise.", "--yes")
    (folder / READY).touch()


def _kamengine(folder: Path, *command: str) -> None:
    subprocess.run(
        [sys.executable, "-m", "kamengine", *command],
        env={**os.environ, "KAMENGINE_WORKSPACE": str(folder)},
        stdout=subprocess.DEVNULL,
        check=True,
    )


def _define_all(config: Path) -> None:
    """Give every KPI that the example leaves out a goal."""
    registry = packs("catalogue")
    known = load(config, registry).kpis
    others = [kpi for name, kpi in sorted(registry.kpis.items()) if name not in known]
    with (config / "kpis.yaml").open("a") as file:
        file.writelines(f"{kpi.id}:\n{_goal(kpi)}" for kpi in others)


def _goal(kpi: KPI) -> str:
    if kpi.better == "band":
        return BAND
    low, high = ("1%", "50%") if kpi.unit.startswith("%") else ("1", "100")
    if kpi.better == "lower":
        low, high = high, low
    return TARGET.format(low=low, high=high)


def _change_accounts(folder: Path) -> None:
    """Write changes for every tenth account."""
    with sqlite3.connect(folder / "events.db") as log:
        query = "SELECT DISTINCT account_id FROM events WHERE type = 'account.opened' ORDER BY 1"
        accounts = [account for (account,) in log.execute(query)]
    text = "".join(CHANGE.format(account=each) for each in accounts[::EVERY])
    (folder / "config" / "accounts.yaml").write_text(text)


def _subject(folder: Path, kind: str) -> str:
    with sqlite3.connect(folder / "values.db") as book:
        query = 'SELECT min(subject) FROM "values" WHERE subject_type = ? AND period = ?'
        (subject,) = book.execute(query, (kind, PERIOD)).fetchone()
    return str(subject)


MEASUREMENTS: dict[str, Callable[..., None]] = {
    "account": account,
    "manager": manager,
    "check": check,
    "report": report,
}

if __name__ == "__main__":
    main()
