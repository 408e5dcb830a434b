"""Every KPI beside a second way to its number: plain Python over the raw events.

An oracle is a module ``oracles/<kpi>.py`` with

``expected(events, windows) -> {(subject_type, subject, period): Fraction}``
    the exact value of every account and of the organisation, for each of the windows in which
    it is defined. It shares no projection and no SQL with the KPI.
``GRAINS: tuple[SubjectType, ...]``
    optional, where it speaks of other subjects than accounts and the organisation.
``TOLERANCE: Fraction``
    optional, and only for a value that the engine itself must round.
"""

from __future__ import annotations

import importlib
from fractions import Fraction
from pathlib import Path

import pytest

from kamengine.kpi import KPI, Composite, SubjectType
from kamengine.plugins import Registry
from kamengine.value import Value
from tests.kpis.conftest import Simulated
from tests.kpis.tally import Values

ORACLES = sorted(path.stem for path in (Path(__file__).parent / "oracles").glob("*.py"))
COMPARED: tuple[SubjectType, ...] = ("account", "organisation")


@pytest.mark.parametrize("kpi", ORACLES)
def test_oracle(kpi: str, simulated: Simulated) -> None:
    """Engine and oracle have the same values for the same accounts, months, quarters, years."""
    oracle = importlib.import_module(f"tests.kpis.oracles.{kpi}")
    expected: Values = oracle.expected(simulated.events, simulated.windows)
    tolerance: Fraction = getattr(oracle, "TOLERANCE", Fraction(0))
    grains: tuple[SubjectType, ...] = getattr(oracle, "GRAINS", COMPARED)
    found = _found(kpi, simulated, grains)
    assert expected, "an oracle that expects nothing shows nothing"
    assert set(found) == set(expected)
    assert _differing(found, expected, tolerance) == {}


def test_every_kpi_has_an_oracle(registry: Registry) -> None:
    """No KPI goes without an independent check."""
    assert set(ORACLES) == set(registry.kpis)


def _found(kpi_id: str, simulated: Simulated, grains: tuple[SubjectType, ...]) -> Values:
    reader = simulated.reader
    kpi = reader.registry.kpi(kpi_id)
    return {
        (value.subject_type, value.subject, value.period): Fraction(value.numerator)
        / Fraction(value.denominator)
        for subject_type in grains
        for value in _values(kpi, subject_type, simulated)
        if value.status == "ok" and value.numerator is not None and value.denominator is not None
    }


def _values(kpi: KPI, subject_type: SubjectType, simulated: Simulated) -> list[Value]:
    if isinstance(kpi.value, Composite):
        asked = simulated.answers.values
        return [v for window in simulated.windows for v in asked(kpi, subject_type, window)]
    assert simulated.reader.definitions[kpi.id].problem is None
    return simulated.reader.book.values(kpi, subject_type)


def _differing(
    found: Values, expected: Values, tolerance: Fraction
) -> dict[tuple[str, str, str], tuple[str, str]]:
    return {
        key: (f"found {found[key]}", f"expected {expected[key]}")
        for key in sorted(expected)
        if abs(found[key] - expected[key]) > tolerance
    }
