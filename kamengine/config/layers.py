"""The layers of differences that lie over a subject's scorecard, from far to near.

Rules come first (``overrides.yaml``), those that look at fewer attributes before those that look
at more; then the account's own entry, then that of the manager who answers for the subject. A
later layer has its way over an earlier one.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from kamengine.config.changes import AnyChange, Changes
from kamengine.config.model import Config
from kamengine.config.reader import Path
from kamengine.config.resolved import Layer, Origin
from kamengine.config.rules import Rank, Subject, rule_of
from kamengine.config.section import Audience, Held


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """One addition, removal or change that is meant for a subject.

    Attributes:
        bucket: ``add``, ``remove`` or ``change``.
        kpi: The KPI's id.
        entry: What is written.
        path: Where.
        origin: The layer, the place, the reason and the author.
        held: When it holds.
    """

    bucket: str
    kpi: str
    entry: AnyChange
    path: Path
    origin: Origin
    held: Held


def differences(config: Config, subject: Subject, audience: Audience) -> Iterator[Difference]:
    """Yield all that is different for a subject, at any time, the later over the earlier."""
    for layer, path, changes in _layers(config, subject):
        if audience in changes.audience:
            yield from _entries(config, layer, path, changes)


def _layers(config: Config, subject: Subject) -> Iterator[tuple[Layer, Path, Changes]]:
    for name in _rules(config, subject):
        yield "rule", ("overrides", name), config.overrides[name]
    if subject.type == "account" and subject.id in config.accounts:
        yield "account", ("accounts", subject.id), config.accounts[subject.id]
    manager = subject.manager
    if manager in config.managers and subject.type in config.managers[manager].carriers:
        yield "manager", ("managers", manager), config.managers[manager]


def _rules(config: Config, subject: Subject) -> list[str]:
    """Return the overrides that take a subject, the nearest last."""
    found: list[tuple[Rank, str]] = []
    for name, override in config.overrides.items():
        rule = rule_of(override.applies_to, override.carriers)
        if rule.matches(subject):
            found.append((rule.rank, name))
    return [name for _, name in sorted(found, key=lambda ranked: ranked[0])]


def _entries(config: Config, layer: Layer, path: Path, changes: Changes) -> Iterator[Difference]:
    for bucket, kpi, entry in changes.entries():
        where = (*path, bucket, kpi)
        held = changes.span(entry)
        origin = Origin(
            layer=layer,
            place=config.place(*where),
            reason=entry.reason,
            author=entry.author or changes.author,
            until=held.until,
            rule=path[-1],
        )
        yield Difference(bucket=bucket, kpi=kpi, entry=entry, path=where, origin=origin, held=held)
