"""The events that everything is measured on: made once, kept until the simulation changes."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

import msgspec

import kam_events.simulation
from kam_events.simulation import lines
from kamengine.hookspecs import SimulationPlan

PLAN = SimulationPlan(
    accounts=2_000,
    managers=100,
    teams=10,
    first_day="2021-07-01",
    years=5,
    events=2_000_000,
)
"""What the issue asks for: 2 million events over 2,000 accounts and 5 years."""


def scaled(events: int) -> SimulationPlan:
    """Return the plan for another number of events, with as many fewer (or more) accounts."""
    share = events / PLAN.events
    return msgspec.structs.replace(
        PLAN,
        events=events,
        accounts=max(20, round(PLAN.accounts * share)),
        managers=max(4, round(PLAN.managers * share)),
    )


def prepare(plan: SimulationPlan) -> Path:
    """Return a file of JSON lines, simulated now unless an earlier run left it."""
    path = folder() / f"events-{plan.events}-{_fingerprint(plan)}.jsonl"
    if not path.exists():
        partial = path.with_suffix(f".{os.getpid()}")
        with partial.open("wb") as file:
            file.writelines(line + b"\n" for line in lines(plan))
        partial.replace(path)
    return path


def folder() -> Path:
    """Return the folder for what may be used again, in the system's temporary one."""
    path = Path(tempfile.gettempdir()) / "kamengine-benchmarks"
    path.mkdir(exist_ok=True)
    return path


def _fingerprint(plan: SimulationPlan) -> str:
    source = Path(kam_events.simulation.__file__).parent
    digest = hashlib.sha256(msgspec.json.encode(plan))
    for module in sorted(source.glob("*.py")):
        digest.update(module.read_bytes())
    return digest.hexdigest()[:12]
