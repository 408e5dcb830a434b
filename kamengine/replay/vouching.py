"""What a replay found sound needn't be parsed again by those who only read what it left.

A replay leaves a digest of all definitions, to the letter, in the head of the book. Whoever finds
the same digest later knows, without a parser, that they are sound and that none has changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from importlib import metadata
from pathlib import Path

import msgspec

from kamengine.fingerprint import fingerprint
from kamengine.kpi import KPI
from kamengine.plugins import Registry, load
from kamengine.replay.book import Book, Head
from kamengine.settings import Settings
from kamengine.workspace import Workspace

JUDGES = ("kamengine", "sqlglot")
"""Whose versions decide what is sound, and what a definition's fingerprint is."""


def load_vouched(root: Path, taken: Mapping[str, Iterable[str]] | None = None) -> Registry:
    """Load the packs, without looking their SQL over where the last replay in a folder did.

    Args:
        root: The folder of a workspace, or any other.
        taken: Names that no pack may use.
    """
    head = Book(Workspace(root).values_path).head_if_readable()
    if head is not None and head.declared:
        registry = load(taken, inspecting=False)
        if declaration(registry) == head.declared:
            return registry
    return load(taken)


def unchanged(head: Head, registry: Registry, settings: Settings) -> bool:
    """Tell whether definitions and settings are, to the letter, those that were replayed."""
    return head.declared == declaration(registry) and head.settled == settlement(settings)


def declaration(registry: Registry) -> str:
    """Return the digest of all that decides how the registry's SQL is judged and named."""
    return fingerprint(
        *_versions(),
        *(f"{pack.name} {pack.status}" for pack in registry.packs),
        *sorted(event_type.table for event_type in registry.event_types.values()),
        *(repr(registry.projections[name]) for name in sorted(registry.projections)),
        *(_spelt(registry.kpis[kpi]) for kpi in sorted(registry.kpis)),
    )


def settlement(settings: Settings) -> str:
    """Return the digest of the parameters that definitions are bound to."""
    bound = [f"{kpi} {params!r}" for kpi, params in sorted(settings.params.items())]
    return fingerprint(repr(sorted(settings.shared_params.items())), *bound)


def _spelt(kpi: KPI) -> str:
    return repr(msgspec.structs.replace(kpi, doc=""))


@cache
def _versions() -> tuple[str, ...]:
    return tuple(f"{judge} {metadata.version(judge)}" for judge in JUDGES)
