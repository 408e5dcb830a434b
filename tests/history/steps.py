"""What may happen in an organisation, drawn at random: days, each with a few things done on it.

A step is plain numbers, so that what breaks a promise shrinks to few small ones. What they point at
(an event to correct, a run to return to) wraps around: every step can be taken at any time.
"""

from __future__ import annotations

import datetime as dt
from typing import Literal, NamedTuple, TypeAlias

from hypothesis import strategies as st

from kamengine.log.contract import NewEvent
from tests.bakery import event
from tests.history.wordings import OPTIONS

ACCOUNTS = ("acme", "bolt", "cube")
MANAGERS = ("kim", "lee")
FIRST = dt.datetime(2025, 12, 15, tzinfo=dt.UTC)
DAYS = 110
"""Over how many days things happen, whenever they are told."""

KINDS = {
    "touch": "touch.logged",
    "answer": "survey.responded",
    "opening": "deal.opened",
    "closing": "deal.closed",
    "signature": "contract.signed",
    "end": "contract.ended",
    "start": "account.opened",
    "leave": "account.closed",
    "owner": "account.owner_assigned",
    "team": "manager.team_assigned",
    "merger": "account.merged",
}
"""What may be told, and the event type that tells it."""


class Telling(NamedTuple):
    """An event, all but its id: what happened to whom on which day, and two numbers more."""

    kind: str
    account: int
    manager: int
    day: int
    one: int
    two: int


class Deliver(NamedTuple):
    """Events come in, in any order."""

    tellings: tuple[Telling, ...]


class Amend(NamedTuple):
    """An event turns out to be wrong, or an amendment of one to be."""

    kind: Literal["correct", "retract", "retract an amendment"]
    of: int
    one: int
    two: int


class Turn(NamedTuple):
    """Packs and YAML are edited to say something else, and what they say is applied."""

    changes: tuple[tuple[str, int], ...]
    since: dt.date | None
    planned: bool


class Return(NamedTuple):
    """What was in force after an earlier run is put into force again."""

    to: int


class Publish(NamedTuple):
    """A period's scorecards are published, and the period may be closed."""

    period: str
    close: bool


class Replay(NamedTuple):
    """The log is replayed, though there may be nothing new in it."""

    kind: Literal["catch up", "full", "account"]


class BreakOff(NamedTuple):
    """Something is done, and the process is killed after so many steps of a replay."""

    doing: Turn | Return | Replay
    after: int


Step: TypeAlias = Deliver | Amend | Turn | Return | Publish | Replay | BreakOff


class Day(NamedTuple):
    """What is done on a day, and how many days go by until the next one, and at what time."""

    steps: tuple[Step, ...]
    nights: int
    hour: float


def told(telling: Telling, event_id: str, now: dt.datetime, survey: int) -> NewEvent:
    """Return an event of the version that is installed; nothing occurs after it is told."""
    occurred = min(FIRST + dt.timedelta(days=telling.day, hours=telling.one % 24), now)
    account = None if telling.kind == "team" else ACCOUNTS[telling.account]
    needs_manager = {"touch", "opening", "owner", "team", "start"}
    manager = MANAGERS[telling.manager] if telling.kind in needs_manager else None
    version = 1 + telling.two % survey if telling.kind == "answer" else 1
    data = payload(telling, version)
    return event(event_id, KINDS[telling.kind], occurred, account, manager, version, **data)


def payload(telling: Telling, version: int = 1) -> dict[str, object]:
    """Return what an event says."""
    _, account, _, day, one, two = telling
    on = (FIRST + dt.timedelta(days=day)).date()
    thing = f"{ACCOUNTS[account]}-{one % 2}"
    scale = {"scale_min": "0", "scale_max": "10"} if version > 1 else {}
    said: dict[str, dict[str, object]] = {
        "touch": {"channel": ("call", "meeting")[one % 2], "minutes": 10 * (1 + two % 6)},
        "answer": {"kind": "nps", "score": str(two % 11), "response_id": thing, **scale},
        "opening": {"deal_id": thing, "kind": "new", "amount": str(100 * one)},
        "closing": {"deal_id": thing, "outcome": ("won", "lost")[two % 2]},
        "signature": {
            "contract_id": thing,
            "starts_on": on,
            "ends_on": on + dt.timedelta(days=20 + 10 * two),
            "annual_value": str(100 * one),
        },
        "end": {"contract_id": thing, "effective_on": on, "reason": "cancelled"},
        "start": {"name": ACCOUNTS[account], "segment": ("big", "small")[one % 2]},
        "team": {"team": ("north", "south")[two % 2]},
        "merger": {"into_account_id": ACCOUNTS[two % len(ACCOUNTS)]},
    }
    return said.get(telling.kind, {})


numbers = st.integers(0, 40)
tellings = st.builds(
    Telling,
    kind=st.sampled_from(["touch", "answer", "signature", *KINDS]),
    account=st.integers(0, len(ACCOUNTS) - 1),
    manager=st.integers(0, len(MANAGERS) - 1),
    day=st.integers(0, DAYS),
    one=numbers,
    two=numbers,
)
deliveries = st.builds(Deliver, st.lists(tellings, min_size=1, max_size=6).map(tuple))
amendments = st.builds(
    Amend,
    st.sampled_from(["correct", "correct", "retract", "retract an amendment"]),
    numbers,
    numbers,
    numbers,
)
edits = st.tuples(st.sampled_from(sorted(OPTIONS)), st.integers(0, 1))
turns = st.builds(
    Turn,
    st.lists(edits, min_size=1, max_size=3).map(tuple),
    st.none() | st.sampled_from([dt.date(2026, month, 1) for month in (1, 2, 3, 4)]),
    st.booleans(),
)
returns = st.builds(Return, numbers)
replays = st.builds(Replay, st.sampled_from(["catch up", "full", "account"]))
steps = st.one_of(
    deliveries,
    deliveries,
    amendments,
    turns,
    turns,
    turns,
    turns,
    returns,
    st.builds(Publish, st.sampled_from(["2026-01", "2026-02", "2025-Q4"]), st.booleans()),
    replays,
    st.builds(BreakOff, st.one_of(turns, returns, replays), st.integers(1, 40)),
)
days = st.builds(
    Day,
    st.lists(steps, min_size=1, max_size=4).map(tuple),
    st.integers(1, 40),
    st.sampled_from([0.5, 9, 12, 23.5]),
)
first_days = st.builds(Day, deliveries.map(lambda step: (step,)), st.integers(1, 40), st.just(9))
histories = st.builds(
    lambda first, rest: [first, *rest], first_days, st.lists(days, min_size=2, max_size=5)
)
