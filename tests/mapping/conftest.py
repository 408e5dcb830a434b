"""A small vocabulary and a small mapping, enough for every key of a mapping file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Literal

import pytest

from kamengine.event import EventData, EventType
from kamengine.mapping.declaration import Mapping
from kamengine.mapping.reading import read_mapping


class Opened(EventData, frozen=True, kw_only=True):
    """A deal begins."""

    deal_id: str
    kind: Literal["new", "upsell"] = "new"
    amount: Decimal | None = None
    products: dict[str, Decimal] | None = None
    contact_ids: tuple[str, ...] = ()
    probability: int | None = None


class Hired(EventData, frozen=True, kw_only=True):
    """A manager begins."""

    name: str
    hired_on: dt.date


TYPES = {
    t.name: t
    for t in (
        EventType(name="deal.opened", data=Opened, doc="-", account="optional", manager="required"),
        EventType(name="manager.hired", data=Hired, doc="-", account="none", manager="required"),
    )
}

DEALS = """\
name: crm
sources:
  - files: deals*.csv
    skip:
      - {column: stage, equals: Junk, reason: junk}
    events:
      - type: deal.opened
        id: "deal-{id}"
        manager_id: {column: agent, slug: true}
        occurred_at: {column: opened, date: "%m/%d/%Y"}
        data:
          deal_id: "{id}"
          amount: {column: amount, number: true}
"""


Read = Callable[[str], tuple[Mapping | None, list[str]]]


@pytest.fixture
def types() -> dict[str, EventType]:
    """The small vocabulary."""
    return TYPES


@pytest.fixture
def deals() -> str:
    """The small mapping, as text."""
    return DEALS


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Reads a text as a mapping file; complaints come without the folder."""

    def read_text(text: str) -> tuple[Mapping | None, list[str]]:
        file = tmp_path / "m.yaml"
        file.write_text(text, encoding="utf-8")
        mapping, found = read_mapping(file, TYPES)
        assert (mapping is None) == bool(found)
        return mapping, [str(complaint).removeprefix(f"{tmp_path}/") for complaint in found]

    return read_text
