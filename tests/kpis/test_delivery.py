"""Whatever order events come in, and in however many pieces, the values are the same."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Sequence
from pathlib import Path

from kamengine.courier.client import Courier
from kamengine.kpi import SUBJECT_TYPES
from kamengine.log.intake import Intake
from kamengine.log.sqlite import SQLiteEventLog
from kamengine.plugins import Registry
from kamengine.replay.reading import Reader
from kamengine.replay.replay import Replayer
from kamengine.settings import Settings
from kamengine.testing.cases import NOW
from kamengine.workspace import Workspace
from tests.kpis import care, chance, commerce, ledger

SETTINGS = Settings(as_of="2025-03-15", params=commerce.PARAMS)
BATCHES = 4


def test_any_path_leads_to_the_same_values(
    registry: Registry, tmp_path: Path, courier: Courier
) -> None:
    """All at once in no order; batch by batch in time; batch by batch backwards: one answer."""
    invented = (chance, commerce, care, ledger)
    shuffled = [line for story in invented for line in story.lines(seed=5, accounts=8)]
    random.Random(5).shuffle(shuffled)
    in_time = sorted(shuffled, key=lambda line: str(json.loads(line)["occurred_at"]))
    paths: dict[str, list[Sequence[bytes]]] = {
        "shuffled": [shuffled],
        "in_time": _batches(in_time),
        "backwards": _batches(in_time[::-1]),
    }
    found = {
        name: _replayed(Workspace(tmp_path / name), registry, courier, batches)
        for name, batches in paths.items()
    }
    assert len(found["shuffled"]) > 2000
    assert found["in_time"] == found["shuffled"]
    assert found["backwards"] == found["shuffled"]


def _batches(lines: Sequence[bytes]) -> list[Sequence[bytes]]:
    size = -(-len(lines) // BATCHES)
    return [lines[start : start + size] for start in range(0, len(lines), size)]


def _replayed(
    workspace: Workspace,
    registry: Registry,
    courier: Courier,
    batches: Iterable[Sequence[bytes]],
) -> dict[tuple[str, ...], tuple[object, ...]]:
    """Append and replay batch by batch; return every value with what it was made of."""
    workspace.root.mkdir()
    log = SQLiteEventLog(workspace.log_path, lambda: NOW)
    for batch in batches:
        intake = Intake(registry, SETTINGS.calendar.time_zone, lambda: NOW)
        log.append(intake.admit(b"\n".join(batch)).events)
        Replayer(workspace, registry, SETTINGS, courier).replay(NOW)
    reader = Reader(workspace, registry, SETTINGS)
    return {
        (v.kpi, v.subject_type, v.subject, v.period): (
            v.numerator,
            v.denominator,
            v.count,
            v.value,
            v.status,
            v.reason,
        )
        for kpi in registry.kpis.values()
        for grain in SUBJECT_TYPES
        for v in reader.book.values(kpi, grain)
    }
