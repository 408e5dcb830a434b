"""Events drawn at random are such as the log takes, whatever their type."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import HealthCheck, find, given, settings
from hypothesis import strategies as st

from kamengine import plugins
from kamengine.errors import DefinitionError, UnknownNameError
from kamengine.event import EventData, EventType
from kamengine.log.intake import Intake
from kamengine.plugins import Registry
from kamengine.testing.cases import NOW
from kamengine.testing.invention import Event, Inventor
from kamengine.testing.strategies import deliveries, events, histories
from tests import bakery

REGISTRY = plugins.load()
TYPES = sorted(REGISTRY.fact_types)
INTAKE = Intake(REGISTRY, ZoneInfo("UTC"), lambda: NOW)
BRIEFLY = settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)


class Impossible(EventData, frozen=True):
    x: int

    def __post_init__(self) -> None:
        raise ValueError("nothing is right")


def faults(history: list[Event], intake: Intake = INTAKE) -> list[str]:
    lines = b"\n".join(msgspec.json.encode(event) for event in history)
    return [str(rejection.error) for rejection in intake.admit(lines).rejections]


@pytest.mark.parametrize("name", TYPES)
def test_every_type_is_drawn_as_the_log_takes_it(name: str) -> None:
    """For each registered type, coherent or not, in every version that it ever had."""
    drawn: list[Event] = []

    @BRIEFLY
    @given(events(REGISTRY, name) | events(REGISTRY, name, coherent=False))
    def draw(event: Event) -> None:
        drawn.append(event)
        assert event["type"] == name

    draw()
    assert len(drawn) > 1
    assert faults(drawn) == []


def test_earlier_versions_are_drawn_too() -> None:
    """A type with an upcast is drawn in the version before it."""
    old = find(events(REGISTRY, "survey.responded"), lambda event: event["version"] == 1)
    assert faults([old]) == []


def test_coherent_events_speak_of_the_same_things() -> None:
    """A contract that is signed can be one that is ended, of the same account."""
    history = find(
        histories(REGISTRY, "contract.signed", "contract.ended", accounts=2, max_size=4),
        lambda found: (
            {e["type"] for e in found} == {"contract.signed", "contract.ended"}
            and len({e["data"]["contract_id"] for e in found}) == 1
        ),
    )
    assert len({event["account_id"] for event in history}) == 1
    assert {event["account_id"] for event in history} <= {"account-1", "account-2"}


@BRIEFLY
@given(histories(REGISTRY, max_size=8))
def test_a_history_is_in_order(history: list[Event]) -> None:
    """It is told in the order of time, and no id is there twice."""
    moments = [event["occurred_at"] for event in history]
    assert moments == sorted(moments)
    assert len({event["id"] for event in history}) == len(history)
    assert faults(history) == []


@BRIEFLY
@given(st.data())
def test_a_delivery_loses_nothing(data: st.DataObject) -> None:
    """However it is cut and shuffled, each event is there."""
    history = data.draw(histories(REGISTRY, "touch.logged", max_size=6))
    pieces = data.draw(deliveries(history))
    delivered = [event for piece in pieces for event in piece]
    assert {e["id"] for e in delivered} == {e["id"] for e in history}
    assert len(pieces) == 2


def test_a_payload_may_be_drawn_by_a_strategy_of_ones_own() -> None:
    """A strategy given for a type is the one that its payloads come from."""
    own = {"issue.opened": st.just({"issue_id": "mine"})}
    event = find(events(REGISTRY, "issue.opened", payloads=own), lambda _: True)
    assert event["data"] == {"issue_id": "mine"}


def test_an_unknown_type_is_told() -> None:
    """A misspelt name costs one sentence, before anything is drawn."""
    with pytest.raises(UnknownNameError, match=r"did you mean 'touch\.logged'"):
        events(REGISTRY, "touch.loged")


def test_a_type_that_refuses_everything_is_told() -> None:
    """The sentence names the type and its last complaint."""
    registry = Registry()
    impossible = EventType(name="pig.flew", data=Impossible, doc="It flew.")
    registry.event_types[impossible.name] = impossible
    with pytest.raises(DefinitionError, match=r"pig\.flew: None of 400 .*nothing is right"):
        Inventor(registry).event("pig.flew")


def test_the_same_seed_invents_the_same() -> None:
    """A seed stands for its events; another one for others."""
    once, again, other = (
        list(Inventor(REGISTRY, seed).history(["touch.logged", "deal.opened"], 20))
        for seed in (1, 1, 2)
    )
    assert once == again != other
    assert faults(once) == []


def test_it_knows_types_of_any_pack() -> None:
    """Nothing rests on the vocabulary that ships."""
    registry = bakery.registry_of(bakery.Pack())
    drawn = list(Inventor(registry, 3).history(sorted(registry.fact_types), 40))
    assert faults(drawn, Intake(registry, ZoneInfo("UTC"), lambda: NOW)) == []
    assert {event["type"] for event in drawn} == set(registry.fact_types)
