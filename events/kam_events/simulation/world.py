"""What every part of the simulation shares, and one account's month of it."""

from __future__ import annotations

import msgspec

from kam_events.simulation.accounts import Account, Contact
from kam_events.simulation.calendar import Calendar, Month
from kam_events.simulation.dice import Dice
from kam_events.simulation.people import Manager
from kam_events.simulation.timeline import Timeline
from kamengine.hookspecs import SimulationPlan

RHYTHMS = (1, 2, 3, 6, 12)
"""The numbers of months after which something regular may come round."""


class Stretch(msgspec.Struct, gc=False):
    """The part of a month in which an account is a customer, or about to become one.

    Attributes:
        account: The account.
        month: The month.
        start: The first second.
        end: The second after the last.
        share: Which part of the whole month that is.
        health: How well the account is, from 0 to 1.
        owner: Who owns it at the start.
        energy: How much that manager gets done.
        turn: A number that differs between accounts, so that not all have their turn at once.
    """

    account: Account
    month: Month
    start: int
    end: int
    share: float
    health: float
    owner: str
    energy: float
    turn: int

    def due(self, every: int) -> bool:
        """Return whether it is this account's turn for what happens every so many months."""
        return (self.month.index + self.turn) % every == 0


class World:
    """The organisation: its people, its accounts, its calendar, and chance.

    Attributes:
        density: About how many events an account is to have in a month.
    """

    def __init__(self, plan: SimulationPlan) -> None:
        self.plan = plan
        self.calendar = Calendar(plan)
        self.dice = Dice(f"{plan.seed}/{plan.accounts}/{plan.managers}/{plan.first_day}")
        self.timeline = Timeline(self.calendar)
        self.managers: list[Manager] = []
        self.accounts: list[Account] = []
        self.density = 0.0
        self._counters: dict[str, int] = {}

    def fresh(self, noun: str) -> str:
        """Return an id that nothing else of this kind has."""
        number = self._counters.get(noun, 0) + 1
        self._counters[noun] = number
        return f"{noun}-{number:05d}"

    def rate(self, share: float, events: float) -> float:
        """Return how often a thing happens to an account in a month.

        Args:
            share: The part of all events that this kind of thing is to make up.
            events: How many events one such thing brings.
        """
        return self.density * share / events

    def rhythm(self, share: float, events: float) -> int:
        """Return after how many months a regular thing comes round, to make up a share."""
        months = 1 / max(self.rate(share, events), 0.01)
        return min(RHYTHMS, key=lambda every: max(every / months, months / every))

    def moment(self, stretch: Stretch) -> int:
        """Return a moment in an account's month, in working hours."""
        return self.calendar.working_moment(self.dice, stretch.start, stretch.end)

    def present(self, start: int, end: int) -> list[Manager]:
        """Return the managers who are there from a second until another one."""
        end = min(end, self.calendar.end)
        there = [m for m in self.managers if m.joins_at <= start and m.leaves_at >= end]
        return there or self.managers[:1]

    def log(self, stretch: Stretch, at: int, kind: str, data: dict[str, object]) -> None:
        """Put down an event of an account."""
        self.timeline.add(at, kind, data, account=stretch.account.id)

    def contact(self, stretch: Stretch) -> Contact:
        """Return someone at the account."""
        return self.dice.pick(stretch.account.contacts)


def money(amount: float) -> str:
    """Write an amount as the log takes it: exact, with cents."""
    return f"{amount:.2f}"
