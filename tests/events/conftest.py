"""Small logs in memory, for the vocabulary alone."""

from __future__ import annotations

import pytest

import kam_events
from kamengine.plugins import Registry
from tests.events.history import History


@pytest.fixture(scope="session")
def registry() -> Registry:
    """The vocabulary alone."""
    found = Registry()
    pack = found.add("kam_events", kam_events)
    assert pack.reason is None
    return found


@pytest.fixture
def history(registry: Registry) -> History:
    """An empty log in UTC, where contracts decide who is a customer."""
    return History(registry, "contracts", 0)


@pytest.fixture
def history_by_accounts(registry: Registry) -> History:
    """An empty log where the opening and closing of accounts decide who is a customer."""
    return History(registry, "accounts", 0)


@pytest.fixture
def history_ahead(registry: Registry) -> History:
    """An empty log whose local days start two hours before those of UTC."""
    return History(registry, "contracts", 2)
