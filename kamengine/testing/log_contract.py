"""The contract of an event log, as tests: whoever writes a log of their own subclasses it.

Example::

    class TestMyLog(LogContract):
        @pytest.fixture
        def make_log(self, tmp_path):
            return lambda clock: MyLog(tmp_path / "log", clock)
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import TypeAlias

import pytest

from kamengine.errors import ConflictingEventError
from kamengine.log.contract import EventFilter, EventLog, Head, NewEvent
from kamengine.log.instants import Clock, micros

NOON = dt.datetime(2026, 9, 3, 12, tzinfo=dt.UTC)
MakeLog: TypeAlias = Callable[[Clock], EventLog]


def new_event(
    event_id: str = "e1",
    *,
    type: str = "visit.noted",  # noqa: A002 - named like the field
    version: int = 1,
    account_id: str | None = "acme",
    manager_id: str | None = None,
    occurred_at: dt.datetime = NOON,
    recorded_at: dt.datetime | None = None,
    source: str | None = None,
    data: str = "{}",
) -> NewEvent:
    """Make a validated event as a log takes it."""
    recorded = None if recorded_at is None else micros(recorded_at)
    occurred = micros(occurred_at)
    return (event_id, type, version, account_id, manager_id, occurred, recorded, source, data)


def ids(log: EventLog, where: EventFilter | None = None) -> list[str]:
    """Return the ids of a log's events in their order."""
    return [event.id for event in log.events(where)]


class LogContract:
    """What every event log must do; a subclass provides the fixture ``make_log``."""

    @pytest.fixture
    def make_log(self) -> MakeLog:
        """Return a function that opens the same log anew with a clock of its own."""
        raise NotImplementedError

    @pytest.fixture
    def log(self, make_log: MakeLog) -> EventLog:
        """An empty log whose clock stands at noon."""
        return make_log(lambda: NOON)

    def test_an_empty_log_ends_at_position_0(self, log: EventLog) -> None:
        """An empty log has no events and a head of zeros."""
        assert log.head() == Head(0, bytes(32), 0)
        assert ids(log) == []
        assert log.get("e1") is None

    def test_positions_have_no_gap(self, log: EventLog) -> None:
        """Batches continue each other's positions, also behind duplicates and refusals."""
        log.append([new_event("a"), new_event("b")])
        log.append([new_event("a"), new_event("b", account_id="other"), new_event("c")])
        assert [(e.position, e.id) for e in log.events()] == [(1, "a"), (2, "b"), (3, "c")]

    def test_an_event_comes_back_as_it_was_given(self, log: EventLog) -> None:
        """Every field is kept, the payload to the letter."""
        given = new_event(
            "a", version=2, manager_id="kim", source="crm", data='{"b": 1.50, "a":"ü\\u00e9"}'
        )
        log.append([given])
        event = log.get("a")
        assert event is not None
        assert (event.id, event.type, event.version) == ("a", "visit.noted", 2)
        assert (event.account_id, event.manager_id, event.source) == ("acme", "kim", "crm")
        assert event.occurred_at == event.recorded_at == micros(NOON)
        assert event.data == '{"b": 1.50, "a":"ü\\u00e9"}'

    def test_the_same_event_again_is_a_duplicate(self, log: EventLog) -> None:
        """A payload is the same whatever the order of its fields and the form of its numbers."""
        log.append([new_event("a", data='{"x": 1, "y": [1.0, true]}')])
        receipt = log.append([new_event("a", data='{"y":[1,true],"x":1}')])
        assert (receipt.appended, receipt.duplicates, receipt.refusals) == (0, 1, ())

    @pytest.mark.parametrize(
        ("other", "field"),
        [
            (new_event("a", type="visit.planned", data='{"x": 1}'), "type"),
            (new_event("a", version=2, data='{"x": 1}'), "version"),
            (new_event("a", account_id=None, data='{"x": 1}'), "account_id"),
            (new_event("a", manager_id="kim", data='{"x": 1}'), "manager_id"),
            (
                new_event("a", occurred_at=NOON - dt.timedelta(microseconds=1), data='{"x": 1}'),
                "occurred_at",
            ),
            (new_event("a", source="crm", data='{"x": 1}'), "source"),
            (new_event("a", data='{"x": true}'), "data.x"),
            (new_event("a", data='{"x": "1"}'), "data.x"),
            (new_event("a", data='{"x": 1.00000000000000000001}'), "data.x"),
            (new_event("a", data='{"x": 1, "y": null}'), "data.y"),
        ],
    )
    def test_the_same_id_with_other_content_is_refused(
        self, log: EventLog, other: NewEvent, field: str
    ) -> None:
        """The error names the stored event's position and time, and what differs."""
        log.append([new_event("zero"), new_event("a", data='{"x": 1}')])
        receipt = log.append([other, new_event("b")])
        assert (receipt.appended, receipt.duplicates) == (1, 0)
        (refusal,) = receipt.refusals
        assert refusal.index == 0
        assert isinstance(refusal.error, ConflictingEventError)
        message = str(refusal.error)
        assert "position 2, recorded 2026-09-03T12:00:00Z" in message
        assert f"another {field}:" in message
        assert ids(log) == ["zero", "a", "b"]

    def test_duplicates_within_a_batch_count_too(self, log: EventLog) -> None:
        """A batch that repeats itself or contradicts itself is sorted out event by event."""
        batch = [new_event("a"), new_event("a"), new_event("a", source="crm"), new_event("b")]
        receipt = log.append(batch)
        assert (receipt.appended, receipt.duplicates) == (2, 1)
        assert [refusal.index for refusal in receipt.refusals] == [2]
        assert "position 1" in str(receipt.refusals[0].error)
        assert ids(log) == ["a", "b"]

    def test_an_empty_batch_changes_nothing(self, log: EventLog) -> None:
        """Appending nothing is no error."""
        log.append([new_event("a")])
        assert log.append([]).appended == 0
        assert log.head().position == 1

    def test_recorded_at_is_the_clock_of_the_log(self, make_log: MakeLog) -> None:
        """Each batch is recorded at the instant at which it came in."""
        make_log(lambda: NOON).append([new_event("a")])
        make_log(lambda: NOON + dt.timedelta(hours=1)).append([new_event("b")])
        recorded = [event.recorded_at for event in make_log(lambda: NOON).events()]
        assert recorded == [micros(NOON), micros(NOON) + 3_600_000_000]

    def test_recorded_at_never_decreases(self, make_log: MakeLog) -> None:
        """A clock that was set back gives the instant of the last event again."""
        make_log(lambda: NOON).append([new_event("a")])
        log = make_log(lambda: NOON - dt.timedelta(hours=1))
        log.append([new_event("b")])
        assert [event.recorded_at for event in log.events()] == [micros(NOON), micros(NOON)]
        assert log.verify().position == 2

    def test_a_given_recorded_at_is_kept(self, log: EventLog) -> None:
        """An importer may say when the source learnt of a fact, in order."""
        earlier = [NOON - dt.timedelta(days=days) for days in (3, 2, 1)]
        events = [new_event(f"e{i}", recorded_at=at) for i, at in enumerate(earlier)]
        receipt = log.append([events[0], events[2], events[1]])
        assert (receipt.appended, [r.index for r in receipt.refusals]) == (2, [2])
        assert "recorded_at is before 2026-09-02T12:00:00Z" in str(receipt.refusals[0].error)
        assert [e.recorded_at for e in log.events()] == [micros(earlier[0]), micros(earlier[2])]

    def test_when_an_event_became_known_is_not_its_content(self, log: EventLog) -> None:
        """The same fact told again later is a duplicate."""
        log.append([new_event("a", recorded_at=NOON - dt.timedelta(days=2))])
        again = [new_event("a"), new_event("a", recorded_at=NOON - dt.timedelta(days=3))]
        assert log.append(again).duplicates == 2

    def test_a_transaction_is_kept_whole(self, log: EventLog) -> None:
        """What is appended in one transaction is there when it ends."""
        with log.transaction() as transaction:
            transaction.append([new_event("a")])
            receipt = transaction.append([new_event("a"), new_event("b")])
        assert (receipt.appended, receipt.duplicates, receipt.head) == (1, 1, log.head())
        assert ids(log) == ["a", "b"]

    def test_a_transaction_that_fails_leaves_nothing(self, log: EventLog) -> None:
        """An exception undoes what was appended since the last commit, and no more."""
        with pytest.raises(ZeroDivisionError), log.transaction() as transaction:  # noqa: PT012
            transaction.append([new_event("a")])
            transaction.commit()
            transaction.append([new_event("b")])
            raise ZeroDivisionError
        assert ids(log) == ["a"]

    def test_a_transaction_can_be_rolled_back(self, log: EventLog) -> None:
        """What was rolled back may be appended again."""
        with log.transaction() as transaction:
            transaction.append([new_event("a")])
            transaction.rollback()
            transaction.append([new_event("b")])
        assert ids(log) == ["b"]
        assert log.verify().position == 1

    def test_a_transaction_finds_what_it_appended(self, log: EventLog) -> None:
        """Events are found by id, those that aren't committed yet included."""
        log.append([new_event("a"), new_event("b")])
        with log.transaction() as transaction:
            transaction.append([new_event("c")])
            found = transaction.find(["a", "c", "d"])
        assert {e.id: e.position for e in found.values()} == {"a": 1, "c": 3}
        assert found.keys() == {"a", "c"}

    @pytest.mark.parametrize(
        ("where", "expected"),
        [
            (EventFilter(type="visit.planned"), ["c"]),
            (EventFilter(account_id="acme"), ["a", "c"]),
            (EventFilter(manager_id="kim"), ["b"]),
            (EventFilter(source="crm"), ["c"]),
            (EventFilter(since=micros(NOON)), ["a", "c", "d"]),
            (EventFilter(until=micros(NOON)), ["b"]),
            (EventFilter(after=1), ["b", "c", "d"]),
            (EventFilter(after=1, account_id="acme"), ["c"]),
            (EventFilter(after=9), []),
            (EventFilter(type="event.retracted", after=3), ["d"]),
            (EventFilter(type="event.corrected"), []),
        ],
    )
    def test_events_are_filtered(
        self, log: EventLog, where: EventFilter, expected: Sequence[str]
    ) -> None:
        """Every part of a filter narrows; ``since`` is included and ``until`` is not."""
        early = NOON - dt.timedelta(microseconds=1)
        log.append(
            [
                new_event("a"),
                new_event("b", account_id=None, manager_id="kim", occurred_at=early),
                new_event("c", type="visit.planned", source="crm"),
                new_event("d", type="event.retracted", account_id="cube", source="hand"),
            ]
        )
        assert ids(log, where) == expected

    def test_reading_ends_where_the_log_ended(self, log: EventLog) -> None:
        """Who appends while reading doesn't read forever."""
        log.append([new_event("a"), new_event("b")])
        seen = []
        for event in log.events():
            seen.append(event.id)
            log.append([new_event(f"{event.id}-again")])
        assert seen == ["a", "b"]

    def test_many_events_are_read_in_order(self, log: EventLog) -> None:
        """More events than fit a page come out complete and in order."""
        count = 12_345
        log.append([new_event(f"e{i}") for i in range(count)])
        assert [e.position for e in log.events()] == list(range(1, count + 1))
        assert ids(log, EventFilter(after=count - 1)) == [f"e{count - 1}"]

    def test_a_head_of_the_past_is_what_it_was_then(self, log: EventLog) -> None:
        """Where the log ended when it was shorter doesn't change as it grows."""
        earlier = log.append([new_event("a"), new_event("b")]).head
        log.append([new_event("c")])
        assert log.head(upto=2) == earlier
        assert log.head(upto=99) == log.head()
        assert log.head(upto=0) == Head()

    def test_verify_returns_the_head(self, log: EventLog) -> None:
        """An untouched log verifies, whatever the batches that it came in."""
        for size in (1, 40, 101, 2_500):
            log.append([new_event(f"{size}-{i}", data='{"n": null}') for i in range(size)])
        assert log.verify() == log.head()
        assert log.head().position == 2_642
