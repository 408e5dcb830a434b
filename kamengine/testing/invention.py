"""Events at random for any registered event type: what its payload allows, and the log takes.

They are no plausible life. Ids come from a few, so that events speak of the same things, in every
order that can happen and in some that can't.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

import msgspec
from msgspec import inspect

from kamengine.errors import DefinitionError
from kamengine.event import EventType
from kamengine.log.intake import Intake
from kamengine.plugins import Registry

Event: TypeAlias = dict[str, Any]
"""An event as a line of ``events append`` has it, decoded."""

FIRST, LAST = dt.date(2024, 1, 1), dt.date(2025, 12, 31)
ATTEMPTS = 400
"""Payloads drawn until one must have passed the type's own checks."""

FEW = 3
"""Items of a list, and things of a kind that belong to one account."""

NUMBERS = ("0", "1", "5", "10")
"""What scales begin and end with."""


class Inventor:
    """Invents events; the same seed gives the same ones.

    Args:
        registry: The packs.
        seed: Another seed, other events.
        accounts: How many accounts there are.
        managers: How many managers there are.
    """

    def __init__(
        self, registry: Registry, seed: int = 0, accounts: int = 6, managers: int = 2
    ) -> None:
        self.registry = registry
        self.accounts = accounts
        self.managers = managers
        self._things = FEW
        self._dice = random.Random(seed)  # noqa: S311 - no secret
        end = dt.datetime(LAST.year + 1, 1, 1, tzinfo=dt.UTC)
        self._intake = Intake(registry, ZoneInfo("UTC"), lambda: end)

    def begin(self, seed: int) -> None:
        """Begin anew with a seed."""
        self._dice.seed(seed)

    def history(self, names: Sequence[str], count: int) -> Iterator[Event]:
        """Yield events of some types, as many of each, none twice, in no order.

        There are so many things of a kind that each has about two events of a type.

        Raises:
            UnknownNameError: A type isn't registered.
            DefinitionError: A type refuses every payload.
        """
        self._things = max(FEW, count // (2 * self.accounts * len(names)))
        for number in range(count):
            event = self.event(names[number % len(names)])
            yield {**event, "id": f"invented-{number}"}

    def event(self, name: str) -> Event:
        """Return an event of a type, of its present version or an earlier one.

        Raises:
            UnknownNameError: The type isn't registered.
            DefinitionError: It refuses every payload.
        """
        event_type = self.registry.event_type(name)
        version = self._dice.choice([event_type.version, self._dice.randint(1, event_type.version)])
        event = self._envelope(event_type, version)
        return event | {"data": self.payload(event)}

    def payload(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Return a payload with which the log takes an event.

        Args:
            event: The rest of it: type, version and whose it is.

        Raises:
            UnknownNameError: The type isn't registered.
            DefinitionError: It refuses every payload.
        """
        event_type = self.registry.event_type(str(event["type"]))
        described = inspect.type_info(event_type.data_of(int(event.get("version", 1))))
        assert isinstance(described, inspect.StructType)
        owner = owner_of(event)
        for _ in range(ATTEMPTS):
            data = {
                field.encode_name: self._value(field.encode_name, field.type, owner)
                for field in described.fields
                if field.required or self._dice.random() < 0.5
            }
            complaint = self.complaint({**event, "data": data})
            if complaint is None:
                return data
        raise DefinitionError(
            f"None of {ATTEMPTS} payloads at random passes the type's own checks",
            value=complaint,
            where=f"event type {event_type.name}",
        )

    def complaint(self, event: Mapping[str, Any]) -> str | None:
        """Return why the log would refuse an event, or None where it takes it."""
        rejections = self._intake.admit(msgspec.json.encode(event)).rejections
        return str(rejections[0].error) if rejections else None

    def _envelope(self, event_type: EventType, version: int) -> Event:
        days = (LAST - FIRST).days
        second = dt.timedelta(seconds=self._dice.randrange(days * 86_400))
        moment = dt.datetime(FIRST.year, FIRST.month, FIRST.day, tzinfo=dt.UTC) + second
        event: Event = {
            "id": f"invented-{self._dice.randrange(10**9)}",
            "type": event_type.name,
            "version": version,
            "occurred_at": moment.isoformat(),
        }
        for key, presence, count in (
            ("account_id", event_type.account, self.accounts),
            ("manager_id", event_type.manager, self.managers),
        ):
            if presence == "required" or (presence == "optional" and self._dice.random() < 0.8):
                event[key] = f"{key[:-3]}-{self._dice.randint(1, count)}"
        return event

    def _value(self, name: str, kind: inspect.Type, owner: str) -> Any:
        match kind:
            case inspect.UnionType():
                stated = [one for one in kind.types if not isinstance(one, inspect.NoneType)]
                return self._value(name, self._dice.choice(stated), owner)
            case inspect.StrType():
                return self._text(name, kind, owner)
            case inspect.ListType() | inspect.VarTupleType():
                count = max(kind.min_length or 0, self._dice.randint(0, FEW))
                return [self._value(name, kind.item_type, owner) for _ in range(count)]
            case inspect.DictType():
                keys = self._dice.sample(range(1, FEW + 1), self._dice.randint(1, FEW))
                return {f"{name} {n}": self._value(name, kind.value_type, owner) for n in keys}
            case _:
                return _SCALARS[type(kind)](kind, self._dice)

    def _text(self, name: str, kind: inspect.StrType, owner: str) -> str:
        if kind.pattern:
            letters = (kind.min_length or 3) * "x"
            return self._dice.choice(["USD", "EUR"]) if len(letters) == FEW else letters
        return thing(name, owner, (self.accounts, self._things), self._dice.randint)


def owner_of(event: Mapping[str, Any]) -> str:
    """Return what an event's things belong to: its account, else its manager."""
    return str(event.get("account_id") or event.get("manager_id") or "nobody")


def thing(
    name: str, owner: str, counts: tuple[int, int], between: Callable[[int, int], int]
) -> str:
    """Name one of a few things; what has an id belongs to the event's account or manager.

    Args:
        name: The field that names it: ``contract_id``, ``contact_ids`` or ``product``.
        owner: The account, or the manager, whose event it is.
        counts: How many accounts there are, and how many things of a kind each has.
        between: Picks a number from one to another.
    """
    kind, _, last = name.rpartition("_")
    if last not in {"id", "ids"}:
        return f"{name} {between(1, FEW)}"
    noun = kind.rpartition("_")[2]
    if noun == "account":
        return f"account-{between(1, counts[0])}"
    return f"{owner}-{noun}-{between(1, counts[1])}"


def bounds(kind: inspect.IntType, least: int, most: int) -> tuple[int, int]:
    """Return the least and the largest whole number that a type allows, where it says so."""
    low = kind.ge if kind.ge is not None else (kind.gt + 1 if kind.gt is not None else None)
    high = kind.le if kind.le is not None else (kind.lt - 1 if kind.lt is not None else None)
    lowest = int(low) if low is not None else min(least, int(high) if high is not None else least)
    return lowest, int(high) if high is not None else max(most, lowest)


def _whole(kind: inspect.Type, dice: random.Random) -> int:
    assert isinstance(kind, inspect.IntType)
    least, most = bounds(kind, 0, 10)
    return dice.randint(least, min(most, least + 10))


def _decimal(_: inspect.Type, dice: random.Random) -> str:
    share, whole = f"{dice.randint(0, 100) / 100}", str(dice.randint(1, 1_000))
    return dice.choice([dice.choice(NUMBERS), share, str(dice.randint(1, 10)), whole])


def _day(_: inspect.Type, dice: random.Random) -> dt.date:
    return FIRST + dt.timedelta(days=dice.randint(-180, (LAST - FIRST).days + 180))


def _instant(_: inspect.Type, dice: random.Random) -> str:
    return f"{_day(_, dice)}T{dice.randrange(24):02}:00:00Z"


def _choice(kind: inspect.Type, dice: random.Random) -> Any:
    assert isinstance(kind, inspect.LiteralType)
    return dice.choice(kind.values)


_SCALARS: dict[type[inspect.Type], Callable[[inspect.Type, random.Random], Any]] = {
    inspect.NoneType: lambda _kind, _dice: None,
    inspect.BoolType: lambda _, dice: dice.random() < 0.5,
    inspect.LiteralType: _choice,
    inspect.IntType: _whole,
    inspect.FloatType: lambda _, dice: dice.randint(0, 1_000) / 8,
    inspect.DecimalType: _decimal,
    inspect.DateType: lambda kind, dice: _day(kind, dice).isoformat(),
    inspect.DateTimeType: _instant,
}
