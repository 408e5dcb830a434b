from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from kamengine.courier.client import Courier
from tests.bakery import Shop

# how long an example takes says more about the machine's other work than about the code
settings.register_profile("steady", deadline=None)
# `pytest --hypothesis-profile thorough` looks for long where every other run looks in passing
settings.register_profile("thorough", deadline=None)
settings.load_profile("steady")


@pytest.fixture(scope="session")
def bakery_courier() -> Iterator[Courier]:
    with Courier() as running:
        yield running


@pytest.fixture
def shop(tmp_path: Path, bakery_courier: Courier) -> Shop:
    return Shop(tmp_path / "shop", bakery_courier)
