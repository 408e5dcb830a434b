from __future__ import annotations

from pathlib import Path

import pytest

from kamengine.courier.client import Courier
from tests.history.office import Office


@pytest.fixture
def office(tmp_path: Path, bakery_courier: Courier) -> Office:
    return Office(tmp_path / "office", bakery_courier)
