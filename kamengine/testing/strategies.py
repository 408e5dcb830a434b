"""Hypothesis strategies for every registered event type; needs the extra ``testing``.

.. code-block:: python

    @given(histories(load(), "visit.logged", "visit.cancelled"))
    def test_no_visit_lasts_longer_than_a_day(history): ...

An event is drawn from its type's payload, field by field. Where the type's own checks refuse that
(an end before its beginning, a score off its scale), an `Inventor` makes a payload that passes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from hypothesis import strategies as st
from msgspec import inspect

from kamengine.event import EventType
from kamengine.plugins import Registry
from kamengine.testing.fields import TEXT, Around, field_value
from kamengine.testing.invention import FIRST, LAST, Event, Inventor, owner_of

Payloads: TypeAlias = Mapping[str, st.SearchStrategy[Any]]
"""Event type to a strategy for its payload, for a type that needs one of its own."""

Fields: TypeAlias = dict[str, st.SearchStrategy[Any]]

EARLIEST, LATEST = (dt.datetime(d.year, d.month, d.day) for d in (FIRST, LAST))  # noqa: DTZ001


def events(
    registry: Registry,
    *names: str,
    coherent: bool = True,
    accounts: int = 3,
    managers: int = 2,
    payloads: Payloads | None = None,
) -> st.SearchStrategy[Event]:
    """Return a strategy for events that the log's intake accepts.

    Args:
        registry: The packs.
        names: The event types to draw from; all that are registered where none is named.
        coherent: Whether ids come from a few, each thing belonging to one account or manager, so
            that events speak of the same things; else ids are any text.
        accounts: How many accounts there are, where ids are coherent.
        managers: How many managers there are, where ids are coherent.
        payloads: Strategies for payloads that are to be drawn in another way.

    Raises:
        UnknownNameError: A type isn't registered.
    """
    types = [registry.event_type(name) for name in names or sorted(registry.event_types)]
    inventor = Inventor(registry, accounts=accounts, managers=managers)
    return _events(types, inventor, payloads or {}, coherent=coherent)


@st.composite
def _events(
    draw: st.DrawFn,
    types: Sequence[EventType],
    inventor: Inventor,
    payloads: Payloads,
    *,
    coherent: bool,
) -> Event:
    event_type = draw(st.sampled_from(types))
    version = draw(st.just(event_type.version) | st.integers(1, event_type.version))
    event: Event = {
        "id": f"event-{draw(st.integers(1, 10**9))}",
        "type": event_type.name,
        "version": version,
        "occurred_at": draw(st.datetimes(EARLIEST, LATEST)).isoformat() + "Z",
    }
    for key, presence, count in (
        ("account_id", event_type.account, inventor.accounts),
        ("manager_id", event_type.manager, inventor.managers),
    ):
        if presence == "required" or (presence == "optional" and draw(st.booleans())):
            number = draw(st.integers(1, count))
            event[key] = f"{key[:-3]}-{number}" if coherent else draw(ANY_ID)
    around = Around(owner=owner_of(event), coherent=coherent, accounts=inventor.accounts)
    own = payloads.get(event_type.name)
    event["data"] = draw(payload_fields(event_type, version, around) if own is None else own)
    if inventor.complaint(event) is not None:
        inventor.begin(draw(st.integers(0, 2**16)))
        event["data"] = inventor.payload(event)
    return event


def histories(
    registry: Registry,
    *names: str,
    min_size: int = 0,
    max_size: int = 20,
    coherent: bool = True,
    accounts: int = 3,
    managers: int = 2,
    payloads: Payloads | None = None,
) -> st.SearchStrategy[list[Event]]:
    """Return a strategy for events in the order of time, each with an id of its own.

    Args:
        registry: The packs.
        names: The event types to draw from; all that are registered where none is named.
        min_size: How many there are at least.
        max_size: How many there are at most.
        coherent: As for `events`, and so are the other three.
        accounts: How many accounts there are.
        managers: How many managers there are.
        payloads: Strategies for payloads that are to be drawn in another way.

    Raises:
        UnknownNameError: A type isn't registered.
    """
    one = events(
        registry,
        *names,
        coherent=coherent,
        accounts=accounts,
        managers=managers,
        payloads=payloads,
    )
    return st.lists(one, min_size=min_size, max_size=max_size).map(_told)


@st.composite
def deliveries(draw: st.DrawFn, history: Sequence[Event]) -> list[list[Event]]:
    """Draw another way to deliver a history: in any order, in two pieces, some of it twice."""
    delivered = draw(st.permutations(history))
    again = draw(st.lists(st.sampled_from(history), max_size=3)) if history else []
    cut = draw(st.integers(0, len(delivered)))
    return [delivered[:cut], [*delivered[cut:], *again]]


def payload_fields(
    event_type: EventType, version: int, around: Around
) -> st.SearchStrategy[dict[str, Any]]:
    """Return a strategy for payloads whose fields have the right types, each by itself."""
    described = inspect.type_info(event_type.data_of(version))
    assert isinstance(described, inspect.StructType)
    required: Fields = {}
    optional: Fields = {}
    for field in described.fields:
        kept = required if field.required else optional
        kept[field.encode_name] = field_value(field.encode_name, field.type, around)
    return st.fixed_dictionaries(required, optional=optional)


def _told(drawn: list[Event]) -> list[Event]:
    told = sorted(drawn, key=lambda event: str(event["occurred_at"]))
    return [{**event, "id": f"event-{number}"} for number, event in enumerate(told, 1)]


ANY_ID = st.text(TEXT, min_size=1, max_size=12)
