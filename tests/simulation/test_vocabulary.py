"""The simulation speaks the vocabulary: every line is one that the log would take."""

from __future__ import annotations

import msgspec
import pytest

from kamengine.event import EventData, EventType
from kamengine.plugins import load
from tests.simulation.conftest import Event


@pytest.fixture(scope="module")
def types() -> dict[str, EventType]:
    registry = load()
    ours = {key for key, pack in registry.pack_of.items() if pack == "kam_events"}
    return {n: t for n, t in registry.event_types.items() if f"event types:{n}" in ours}


def test_every_payload_is_valid(events: list[Event], types: dict[str, EventType]) -> None:
    """Each event's data is what its declared type, in the version it states, accepts."""
    decoders: dict[tuple[str, int], msgspec.json.Decoder[EventData]] = {}
    for event in events:
        key = (event["type"], event.get("version", 1))
        if key not in decoders:
            data = types[key[0]].data_of(key[1])
            assert data is not None, key
            decoders[key] = msgspec.json.Decoder(data)
        decoders[key].decode(msgspec.json.encode(event["data"]))


def test_two_versions_of_an_answer_are_in_the_history(events: list[Event]) -> None:
    """Upcasting is at work in every simulated log: answers state their scale from some day on."""
    versions = [e.get("version", 1) for e in events if e["type"] == "survey.responded"]
    assert set(versions) == {1, 2}
    assert versions == sorted(versions)


def test_no_payload_has_an_undeclared_field(
    events: list[Event], types: dict[str, EventType]
) -> None:
    """A field that the vocabulary doesn't know would be kept and never read."""
    fields = {
        name: {f.encode_name for f in msgspec.structs.fields(t.data)} for name, t in types.items()
    }
    unknown = {(e["type"], f) for e in events for f in e["data"] if f not in fields[e["type"]]}
    assert unknown == set()


def test_envelopes_carry_what_their_type_asks_for(
    events: list[Event], types: dict[str, EventType]
) -> None:
    """Account and manager are there where they are required, and absent where there are none."""
    for event in events:
        declared = types[event["type"]]
        for key, presence in (("account_id", declared.account), ("manager_id", declared.manager)):
            if presence != "optional":
                assert (key in event) == (presence == "required"), event


def test_every_event_type_is_simulated(events: list[Event], types: dict[str, EventType]) -> None:
    """A KPI over any event type of the vocabulary has something to show in a demonstration."""
    assert {e["type"] for e in events} == set(types)
