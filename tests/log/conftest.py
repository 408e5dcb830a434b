from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from kamengine.log.intake import Intake
from kamengine.plugins import Registry
from kamengine.testing.log_contract import NOON
from tests.log import visits


@pytest.fixture
def registry() -> Registry:
    registry = Registry()
    assert registry.add("visits", visits).status == "loaded"
    return registry


@pytest.fixture
def intake(registry: Registry) -> Intake:
    """An intake in Berlin, where it is noon UTC on 3 September 2026."""
    return Intake(registry, ZoneInfo("Europe/Berlin"), lambda: NOON)
