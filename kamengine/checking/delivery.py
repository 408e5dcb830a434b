"""The same events delivered in several ways: whatever the way, the values must be the same."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypeAlias

import msgspec

from kamengine.checking.corpus import AS_OF
from kamengine.checking.finding import Finding
from kamengine.courier.client import Courier
from kamengine.kpi import KPI, SUBJECT_TYPES
from kamengine.plugins import Registry
from kamengine.replay.reading import Reader
from kamengine.replay.replay import Replayer
from kamengine.settings import Limits, Settings
from kamengine.testing.cases import NOW, append_events
from kamengine.testing.invention import Event
from kamengine.workspace import Workspace

SETTINGS = Settings(as_of=AS_OF, limits=Limits(seconds=60))
"""Over a few thousand events, whatever takes a minute has no end."""

GROUPS, BATCHES = 3, 3

Key: TypeAlias = tuple[str, str, str, str]
"""KPI, kind of subject, subject, period."""

Told: TypeAlias = dict[Key, tuple[object, ...]]


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """A way to deliver events.

    Attributes:
        check: The check that it is for.
        words: What it is called in a finding.
        mend: What is amiss where it gives other values.
    """

    check: str
    words: str
    mend: str


BY_ACCOUNT = Way(
    check="parts",
    words="account by account",
    mend="a row of an account may rest on that account's events and on those of no account:"
    " partition windows by account_id, and compare with no other account",
)
BY_BATCH = Way(
    check="parts",
    words="batch by batch",
    mend="a row may rest on events alone, not on how many there were so far: no row number over"
    " all, and every event that decides it joined in",
)
REORDERED = Way(
    check="order",
    words="in another order",
    mend="order by (occurred_at, id), never by event_id or recorded_at, and until nothing is tied",
)


class Trial:
    """A corpus, delivered and replayed.

    Args:
        folder: An empty folder.
        registry: The KPIs to try, and what they rest on.
        courier: Carries rows.
        events: The corpus, in the order of time.
    """

    def __init__(
        self, folder: Path, registry: Registry, courier: Courier, events: Sequence[Event]
    ) -> None:
        self.folder = folder
        self.registry = registry
        self.courier = courier
        self.events = events
        self.parked: dict[str, str] = {}
        self.whole = self._replayed("whole", [events])

    @property
    def reader(self) -> Reader:
        """What answers for the events delivered at once."""
        return Reader(Workspace(self.folder / "whole"), self.registry, SETTINGS)

    def differing(self, kpis: Sequence[KPI]) -> Iterator[Finding]:
        """Yield, for each KPI and way, where other values come of it than of all at once."""
        ways = (
            (BY_ACCOUNT, _by_account(self.events)),
            (BY_BATCH, _batches(self.events)),
            (REORDERED, [_shuffled(self.events)]),
        )
        for way, batches in ways:
            found = self._replayed(way.words.replace(" ", "-"), batches)
            for kpi in kpis:
                yield from _compared(kpi, way, self.whole, found)

    def _replayed(self, name: str, batches: Sequence[Sequence[Event]]) -> Told:
        workspace = Workspace(self.folder / name)
        workspace.root.mkdir(parents=True)
        for batch in batches:
            append_events(workspace, self.registry, SETTINGS, tuple(batch))
            done = Replayer(workspace, self.registry, SETTINGS, self.courier).replay(NOW)
            self.parked |= done.parked
        book = Reader(workspace, self.registry, SETTINGS).book
        return {
            (v.kpi, v.subject_type, v.subject, v.period): (
                v.status, v.value, v.numerator, v.denominator, v.count, v.reason
            )
            for kpi in self.registry.measured.values()
            for grain in SUBJECT_TYPES
            for v in book.values(kpi, grain)
        }  # fmt: skip


def _compared(kpi: KPI, way: Way, whole: Told, found: Told) -> Iterator[Finding]:
    keys = sorted(key for key in whole.keys() | found.keys() if key[0] == kpi.id)
    other = [key for key in keys if whole.get(key) != found.get(key)]
    if not other:
        return
    _, grain, subject, period = other[0]
    one, two = (_said(told.get(other[0])) for told in (whole, found))
    yield Finding(
        check=way.check,
        of=f"KPI {kpi.id}",
        what=f"{len(other)} of {len(keys)} values are others {way.words} than at once:"
        f" of {grain} {subject} in {period} {two}, and {one} at once",
        mend=way.mend,
    )


def _said(value: tuple[object, ...] | None) -> str:
    if value is None:
        return "none"
    status, number, above, below, *_ = value
    return f"{number} ({above}/{below})" if status == "ok" else str(status)


def _by_account(events: Sequence[Event]) -> list[list[Event]]:
    """Deliver what belongs to no account first; then some accounts at a time, the last alone."""
    accounts = sorted({e["account_id"] for e in events if e.get("account_id")})
    last = accounts[len(accounts) // 2 : len(accounts) // 2 + 1]
    others = [account for account in accounts if account not in last]
    groups = [set(others[n::GROUPS]) for n in range(GROUPS)]
    nobody = [e for e in events if not e.get("account_id")]
    of = [[e for e in events if e.get("account_id") in group] for group in (*groups, set(last))]
    return [batch for batch in (nobody, *of) if batch]


def _batches(events: Sequence[Event]) -> list[Sequence[Event]]:
    size = -(-len(events) // BATCHES) or 1
    return [events[start : start + size] for start in range(0, len(events), size)] or [[]]


def _shuffled(events: Sequence[Event]) -> list[Event]:
    mixed = list(events)
    random.Random(3).shuffle(mixed)  # noqa: S311 - no secret
    return mixed
