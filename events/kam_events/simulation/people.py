"""Managers: who they are, which accounts they own when, and what they learn."""

from __future__ import annotations

import datetime as dt

import msgspec

from kam_events.simulation import names
from kam_events.simulation.accounts import Account
from kam_events.simulation.calendar import DAY, HOUR, Calendar
from kam_events.simulation.dice import Dice
from kamengine.hookspecs import SimulationPlan

HANDOVER_AFTER = 0.6
"""The part of the history after which the leaver's accounts change hands."""
DAYS_INTO_QUARTER = 40
JOIN_LATER = 0.1
NEEDED_FOR_HANDOVER = 3


class Manager(msgspec.Struct):
    """A key account manager; ``energy`` is how much they get done, 1 being usual."""

    id: str
    name: str
    team: str
    hired_on: dt.date
    joins_at: int
    leaves_at: int
    energy: float


def invent_managers(plan: SimulationPlan, calendar: Calendar, dice: Dice) -> list[Manager]:
    """Invent the managers: one is excellent, one leaves, one takes over, some join later."""
    handover = _handover(calendar)
    managers = []
    for place in range(plan.managers):
        given = names.GIVEN_NAMES[place % len(names.GIVEN_NAMES)]
        manager = Manager(
            id=names.slug(given, place + 1),
            name=f"{given} {dice.pick(names.FAMILY_NAMES)}",
            team=_team(place % plan.teams),
            hired_on=calendar.first_day - dt.timedelta(dice.whole(60, 3000)),
            joins_at=5 * HOUR + place * 20,
            leaves_at=calendar.end,
            energy=dice.real(0.75, 1.2),
        )
        later = calendar.working_moment(dice, 60 * DAY, calendar.end - 200 * DAY)
        if manager.id == names.EXCELLENT:
            manager.energy = 1.5
        elif manager.id == names.LEAVER and plan.managers >= NEEDED_FOR_HANDOVER:
            manager.leaves_at = handover
        elif manager.id == names.HEIR:
            _join(manager, handover - 21 * DAY, calendar)
        elif dice.happens(JOIN_LATER):
            _join(manager, later, calendar)
        managers.append(manager)
    return managers


def assign_owners(
    accounts: list[Account], managers: list[Manager], calendar: Calendar, dice: Dice
) -> None:
    """Settle who owns which account when: at the opening, as managers join, as one leaves."""
    portfolios: dict[str, list[Account]] = {
        m.id: [] for m in managers if m.joins_at < DAY or len(managers) == 1
    }
    moves: list[tuple[int, int, Account | Manager]] = [
        *((a.opened_at + 60, place, a) for place, a in enumerate(accounts)),
        *((m.joins_at + 14 * DAY, place, m) for place, m in enumerate(managers)),
        *((m.leaves_at, place, m) for place, m in enumerate(managers)),
    ]
    for at, _, who in sorted(moves, key=lambda move: move[:2]):
        if isinstance(who, Account):
            manager = min(portfolios, key=lambda m: len(portfolios[m]))
            _give(portfolios, who, manager, at)
        elif at >= calendar.end:
            continue
        elif at == who.leaves_at:
            for account in portfolios.pop(who.id):
                _give(portfolios, account, names.HEIR, at)
        elif who.id not in portfolios:
            portfolios[who.id] = []
            if who.id != names.HEIR:
                _share(portfolios, who.id, at, dice)


def _team(place: int) -> str:
    name = names.TEAMS[place % len(names.TEAMS)]
    return name if place < len(names.TEAMS) else f"{name}-{place // len(names.TEAMS) + 1}"


def _handover(calendar: Calendar) -> int:
    """Return a moment in the middle of the quarter in which the leaver leaves."""
    month = calendar.months[int(HANDOVER_AFTER * len(calendar.months))]
    quarter = dt.date(month.first.year, (month.first.month - 1) // 3 * 3 + 1, 1)
    return calendar.at(quarter + dt.timedelta(DAYS_INTO_QUARTER)) + 8 * HOUR


def _join(manager: Manager, at: int, calendar: Calendar) -> None:
    manager.joins_at = at
    manager.hired_on = calendar.date(at)


def _give(portfolios: dict[str, list[Account]], account: Account, to: str, at: int) -> None:
    portfolios[to].append(account)
    account.owners.append((at, to))


def _share(portfolios: dict[str, list[Account]], newcomer: str, at: int, dice: Dice) -> None:
    """Give a newcomer accounts from the largest portfolios, up to two thirds of a usual one."""
    usual = sum(len(accounts) for accounts in portfolios.values()) / len(portfolios)
    for _ in range(int(usual * 2 / 3)):
        largest = max(portfolios.values(), key=len)
        account = largest.pop(dice.whole(0, len(largest) - 1))
        _give(portfolios, account, newcomer, at)
