"""What an operator waits for: one KPI edited, planned and applied; one account made anew.

    python -m benchmarks.operating applied foundation|catalogue FOLDER
    python -m benchmarks.operating account foundation|catalogue FOLDER

Both work on the folder that ``cold`` of `engine` left, by the commands that an operator types; the
start of Python alone is left out.
"""

from __future__ import annotations

import sys
import time
import uuid
from pathlib import Path
from statistics import median

import msgspec
from click.testing import CliRunner
from click.testing import Result as Ran

from benchmarks.engine import EDITED, own_log
from benchmarks.result import Result, tell
from benchmarks.selection import AS_OF
from benchmarks.selection import packs as packs_of
from kamengine.cli import main as command_line
from kamengine.cli.context import App
from kamengine.plugins import Registry
from kamengine.replay.book import Book
from kamengine.workspace import Workspace

ACCOUNTS = 5

CONFIG = {
    "organisation": "name: Benchmark\nreporting_currency: USD\ntime_zone: UTC\n"
    f"periods: [month]\nas_of: {AS_OF}\n",
    "kpis": f"{EDITED}: {{target: {{floor: 20%, target: 50%, stretch: 80%}}}}\n",
    "scorecards": f"everybody:\n  for: [account, manager, team]\n  kpis: {{{EDITED}: 1}}\n",
}
"""What `selection.SETTINGS` says, and a target that values may cross."""


def main() -> None:
    """Run one measurement."""
    what, selection, folder = sys.argv[1:]
    MEASUREMENTS[what](selection, Path(folder))


def applied(selection: str, folder: Path) -> None:
    """Edit one KPI's SQL, plan it, and apply it: two commands, one after the other."""
    packs = packs_of(selection)
    _put_into_force(folder, packs)
    kpi = packs.kpis[EDITED]
    condition = f"\nWHERE '{uuid.uuid4().hex}' <> ''"
    packs.kpis[EDITED] = msgspec.structs.replace(kpi, sql=f"SELECT * FROM ({kpi.sql}){condition}")
    start = time.perf_counter()
    planned = _run(folder, packs, "plan", "--format", "json")
    done = _run(folder, packs, "apply", "--yes", "--why", "a measurement")
    seconds = time.perf_counter() - start
    changes = msgspec.json.decode(planned.stdout)["changes"]["definitions"]
    if [c["name"] for c in changes] != [EDITED] or "Applied; 1 KPI" not in done.stdout:
        raise RuntimeError(done.output)
    head = Book(Workspace(folder).values_path).head()
    tell(Result(seconds=seconds, events=head.position if head else 0))


def account(selection: str, folder: Path) -> None:
    """Make one account anew from the log, each of several; the median."""
    packs = packs_of(selection)
    _put_into_force(folder, packs)
    values = _run(folder, packs, "values", "--kpi", EDITED, "--by", "account", "--format", "json")
    rows = msgspec.json.decode(values.stdout)
    taken = []
    for name in sorted({row["subject"] for row in rows})[:ACCOUNTS]:
        start = time.perf_counter()
        done = _run(folder, packs, "replay", "--account", name)
        taken.append(time.perf_counter() - start)
        if f"Made anew from the log: {name}" not in done.stdout:
            raise RuntimeError(done.output)
    tell(Result(seconds=median(taken), events=len(taken)))


def _put_into_force(folder: Path, packs: Registry) -> None:
    """Let the definitions be applied ones, in a log that no other folder shares."""
    own_log(Workspace(folder))
    (folder / "config").mkdir(exist_ok=True)
    for name, text in CONFIG.items():
        (folder / "config" / f"{name}.yaml").write_text(text)
    if not App(folder, packs).applied:
        _run(folder, packs, "replay")


def _run(folder: Path, packs: Registry, *words: str) -> Ran:
    done = CliRunner().invoke(command_line, words, obj=App(folder, packs))
    if done.exit_code not in {0, 1}:
        raise RuntimeError(done.output)
    return done


MEASUREMENTS = {"applied": applied, "account": account}

if __name__ == "__main__":
    main()
