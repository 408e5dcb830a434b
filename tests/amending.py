"""Logs with amendments in them, and what of such a log counts in the end, told the plain way."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

from hypothesis import strategies as st

from kamengine.log.contract import NewEvent

AMENDING = ("event.corrected", "event.retracted")


def said(event: NewEvent) -> dict[str, Any]:
    """Return the payload of an event."""
    payload: dict[str, Any] = json.loads(event[8])
    return payload


def amendment(event_id: str, type_name: str, target: NewEvent, **data: object) -> NewEvent:
    """Return an amendment of an event, recorded as if it had occurred together with it."""
    text = json.dumps({"target_id": target[0], "reason": "a test", **data})
    return (event_id, type_name, 1, target[3], target[4], target[5], None, "test", text)


def effective(log: Sequence[NewEvent]) -> list[NewEvent]:
    """Return the events of a log as they are once every amendment has had its say."""
    about = defaultdict(list)
    for event in log:
        if event[1] in AMENDING:
            about[said(event)["target_id"]].append(event)

    def holds(event: NewEvent) -> bool:
        return not any(a[1] == "event.retracted" and holds(a) for a in about[event[0]])

    found = []
    for event in log:
        if event[1] in AMENDING or not holds(event):
            continue
        corrections = [a for a in about[event[0]] if a[1] == "event.corrected" and holds(a)]
        for correction in corrections[-1:]:
            payload = said(correction)
            event = (  # noqa: PLW2901
                *event[:2], payload.get("version", event[2]), *event[3:8],
                json.dumps(payload["data"]),
            )  # fmt: skip
        found.append(event)
    return found


class Move(NamedTuple):
    """Where an amendment goes, what it speaks of, and what it says; numbers wrap around."""

    after: int
    of: int
    kind: Literal["correct", "retract", "retract an amendment"]
    like: int


def interspersed(events: Sequence[NewEvent], moves: Sequence[Move]) -> list[NewEvent]:
    """Put amendments of what has come before among the events of a log.

    A correction lends its event the payload of another of the same type and version.
    """
    due = defaultdict(list)
    for move in moves:
        due[move.after % len(events)].append(move)
    log: list[NewEvent] = []
    for number, event in enumerate(events):
        log.append(event)
        for move in due[number]:
            log.append(_amendment(f"a{len(log):04d}", move, log, events))
    return log


def _amendment(
    event_id: str, move: Move, log: Sequence[NewEvent], events: Sequence[NewEvent]
) -> NewEvent:
    amendments = [e for e in log if e[1] in AMENDING]
    if move.kind == "retract an amendment" and amendments:
        return amendment(event_id, "event.retracted", amendments[move.of % len(amendments)])
    stated = [e for e in log if e[1] not in AMENDING]
    target = stated[move.of % len(stated)]
    if move.kind != "correct":
        return amendment(event_id, "event.retracted", target)
    alike = [e for e in events if e[1:3] == target[1:3]]
    data = said(alike[move.like % len(alike)])
    return amendment(event_id, "event.corrected", target, data=data)


numbers = st.integers(0, 10_000)
moves = st.lists(
    st.builds(
        Move,
        numbers,
        numbers,
        st.sampled_from(["correct", "correct", "retract", "retract an amendment"]),
        numbers,
    ),
    min_size=1,
    max_size=16,
)
