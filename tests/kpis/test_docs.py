"""Every KPI's documentation has the same parts in the same order, and says what it means first."""

from __future__ import annotations

import inspect

import pytest

from kamengine import plugins
from kamengine.kpi import KPI

KPIS = sorted(plugins.load().kpis.values(), key=lambda kpi: kpi.id)
PARTS = ("Inputs", "Shape", "Unit", "Empty and null rule", "Source", "Example")
LONGEST_MEANING = 200


@pytest.mark.parametrize("kpi", KPIS, ids=lambda kpi: kpi.id)
def test_parts(kpi: KPI) -> None:
    """Each part starts a paragraph; decisions come before the source, where there are any."""
    paragraphs = inspect.cleandoc(kpi.doc).split("\n\n")[1:]
    headings = [paragraph.split(":")[0] for paragraph in paragraphs]
    assert [heading for heading in headings if heading != "Decisions"] == list(PARTS)
    assert "Decisions" not in headings or headings.index("Decisions") == PARTS.index("Source")


@pytest.mark.parametrize("kpi", KPIS, ids=lambda kpi: kpi.id)
def test_meaning(kpi: KPI) -> None:
    """The meaning is one sentence that fits beside a number."""
    assert kpi.meaning.endswith(".")
    assert ". " not in kpi.meaning
    assert len(kpi.meaning) <= LONGEST_MEANING


@pytest.mark.parametrize("kpi", KPIS, ids=lambda kpi: kpi.id)
def test_words(kpi: KPI) -> None:
    """What is counted, and where the formula comes from, is said in words."""
    assert kpi.numerator
    assert kpi.source
