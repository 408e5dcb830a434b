"""The form that a KPI's documentation has, so that a reader finds the same things everywhere.

The first paragraph is the meaning, in one sentence. Then come `PARTS`, each a paragraph that
begins with its name; ``Decisions:`` may stand before ``Source:``, where the formula left
something open.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator

from kamengine.kpi import KPI
from kamengine.plugins import Registry

PARTS = ("Inputs", "Shape", "Unit", "Empty and null rule", "Source", "Example")
DECISIONS = "Decisions"
LONGEST_MEANING = 200
"""Characters that fit beside a number."""


def faults(kpi: KPI) -> Iterator[str]:
    """Yield, in words, what a KPI's documentation lacks."""
    if not kpi.meaning.endswith(".") or ". " in kpi.meaning:
        yield f"the meaning must be one sentence: {kpi.meaning!r}"
    if len(kpi.meaning) > LONGEST_MEANING:
        yield f"the meaning has {len(kpi.meaning)} characters, {LONGEST_MEANING} at most"
    yield from _misplaced(kpi)
    for attribute in ("numerator", "source"):
        if not getattr(kpi, attribute):
            yield f"`{attribute}` says nothing"


def faults_of_pack(registry: Registry, pack: str) -> dict[str, list[str]]:
    """Return, for each KPI of a pack whose documentation lacks something, what it lacks.

    Args:
        registry: What the plugin manager loaded.
        pack: The pack's name, as in its entry point.
    """
    own = [kpi for kpi in registry.kpis.values() if registry.pack_of[f"kpis:{kpi.id}"] == pack]
    found = {kpi.id: list(faults(kpi)) for kpi in own}
    return {kpi_id: told for kpi_id, told in found.items() if told}


def _misplaced(kpi: KPI) -> Iterator[str]:
    paragraphs = [text.split(":", 1) for text in inspect.cleandoc(kpi.doc).split("\n\n")[1:]]
    names = [name for name, *_ in paragraphs]
    for part in PARTS:
        if part not in names:
            yield f"there is no paragraph `{part}:`"
    if unknown := [name for name in names if name not in {*PARTS, DECISIONS}]:
        yield f"a paragraph begins with none of the names: {unknown[0][:40]!r}"
    known = [name for name in names if name in PARTS]
    if set(known) == set(PARTS) and known != list(PARTS):
        yield f"the paragraphs aren't in this order: {', '.join(PARTS)}"
    if DECISIONS in names and names[names.index(DECISIONS) + 1 :][:1] != ["Source"]:
        yield f"`{DECISIONS}:` must stand before `Source:`"
    for name, *text in paragraphs:
        if name in PARTS and not "".join(text).strip():
            yield f"the paragraph `{name}:` is empty"
