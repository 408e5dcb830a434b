"""Every KPI's documentation has the same parts in the same order, and says what it means first."""

from __future__ import annotations

import msgspec
import pytest

from kamengine import plugins
from kamengine.kpi import KPI
from kamengine.testing.documentation import LONGEST_MEANING, faults, faults_of_pack
from tests.bakery import Pack, kpi, registry_of

KPIS = sorted(plugins.load().kpis.values(), key=lambda kpi: kpi.id)
SOUND = next(kpi for kpi in KPIS if "\nDecisions:" in kpi.doc)


@pytest.mark.parametrize("kpi", KPIS, ids=lambda kpi: kpi.id)
def test_nothing_is_lacking(kpi: KPI) -> None:
    """A meaning of one sentence, every part in its place, and words for what is counted."""
    assert list(faults(kpi)) == []


def without(part: str, stand_in: str = "") -> str:
    """Return a sound documentation with one paragraph taken out, or another in its place."""
    paragraphs = SOUND.doc.split("\n\n")
    return "\n\n".join(
        stand_in if text.startswith(part) else text
        for text in paragraphs
        if stand_in or not text.startswith(part)
    )


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"doc": without("Source:")}, "there is no paragraph `Source:`"),
        ({"doc": without("Example:", "Examples: none")}, "there is no paragraph `Example:`"),
        ({"doc": without("Unit:", "Unit:")}, "the paragraph `Unit:` is empty"),
        (
            {"doc": f"{without('Shape:').rstrip()}\n\nShape: one row per answer.\n"},
            "the paragraphs aren't in this order: Inputs, Shape",
        ),
        (
            {"doc": f"{without('Decisions:').rstrip()}\n\nDecisions: none.\n"},
            "`Decisions:` must stand before `Source:`",
        ),
        ({"doc": without("Example:", "By the way, this.")}, "begins with none of the names: 'By"),
        ({"doc": f"Two. Sentences.\n\n{SOUND.doc}"}, "must be one sentence: 'Two. Sentences.'"),
        ({"doc": f"No sentence\n\n{SOUND.doc}"}, "must be one sentence: 'No sentence'"),
        ({"doc": f"{'x' * LONGEST_MEANING}.\n\n{SOUND.doc}"}, "has 201 characters, 200 at most"),
        ({"numerator": ""}, "`numerator` says nothing"),
        ({"source": ""}, "`source` says nothing"),
    ],
)
def test_what_is_lacking_is_named(changes: dict[str, str], complaint: str) -> None:
    """Each fault is one clause that says what to mend."""
    told = list(faults(msgspec.structs.replace(SOUND, **changes)))
    assert any(complaint in fault for fault in told), told


def test_a_pack_is_held_to_the_form() -> None:
    """Asked about a pack, only its own KPIs that lack something are named."""
    bare = kpi("bare", SOUND.value, "SELECT 1 AS numerator, NULL AS occurred_at")
    registry = registry_of(Pack(kpis=[SOUND]), Pack((), (), [bare]))
    assert faults_of_pack(registry, "pack_0") == {}
    assert list(faults_of_pack(registry, "pack_1")) == ["bare"]
    assert "there is no paragraph `Inputs:`" in faults_of_pack(registry, "pack_1")["bare"]
