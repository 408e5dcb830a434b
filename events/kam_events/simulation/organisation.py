"""The organisation's history, a month at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from kam_events.simulation import accounts, lives, people
from kam_events.simulation.calendar import Month
from kam_events.simulation.contracts import follow_contracts
from kam_events.simulation.deals import convert_lead, find_leads, open_deals, target_and_score
from kam_events.simulation.finance import post_month, post_organisation
from kam_events.simulation.learning import follow_managers
from kam_events.simulation.names import EXCELLENT
from kam_events.simulation.openings import hire_managers, open_account
from kam_events.simulation.programme import (
    change_people,
    listen,
    plan_account,
    review_account,
    score_account,
    set_goals,
    vouch,
    welcome_people,
)
from kam_events.simulation.service import open_issues, take_calls, watch_market
from kam_events.simulation.surveys import ask_to_recommend
from kam_events.simulation.touches import touch_all
from kam_events.simulation.world import Stretch, World
from kamengine.hookspecs import SimulationPlan

EXCELLENT_LIFT = 0.2
LEAST_TOUCHED = 0.2
"""Touches make up at least this part of a month, however few events the plan asks for."""

PARTS: tuple[Callable[[World, Stretch], None], ...] = (
    change_people,
    target_and_score,
    open_deals,
    follow_contracts,
    post_month,
    open_issues,
    take_calls,
    watch_market,
    ask_to_recommend,
    score_account,
    plan_account,
    review_account,
    listen,
    set_goals,
    vouch,
)
"""What goes on with an account in a month, all but touches."""


def lines(plan: SimulationPlan) -> Iterator[bytes]:
    """Yield the organisation's events as JSON lines, in the order in which they occurred."""
    world = found(plan)
    shares = [_active(world, month) for month in world.calendar.months]
    world.density = plan.events / max(sum(shares), 1.0)
    hire_managers(world)
    for account in world.accounts:
        if account.opened_at < world.calendar.months[0].end:
            open_account(world, account)
        else:
            convert_lead(world, account)
    given = sum(world.timeline.count(month.index) for month in world.calendar.months)
    world.density = (plan.events - given) / max(sum(shares), 1.0)
    written = 0
    for month in world.calendar.months:
        ahead = shares[month.index] / (sum(shares[month.index :]) or 1.0)
        follow_month(world, month, round((plan.events - written) * ahead))
        written += world.timeline.count(month.index)
        yield from world.timeline.take(month.index)


def found(plan: SimulationPlan) -> World:
    """Invent the organisation: its managers, its accounts, who owns whom, who stays."""
    world = World(plan)
    world.managers = people.invent_managers(plan, world.calendar, world.dice)
    world.accounts = accounts.invent_accounts(plan, world.calendar, world.dice)
    people.assign_owners(world.accounts, world.managers, world.calendar, world.dice)
    for account in world.accounts:
        lift = EXCELLENT_LIFT if account.owners[0][1] == EXCELLENT else 0.0
        lives.live(account, world.calendar, world.dice, lift)
    lives.merge_some(world.accounts, world.calendar)
    return world


def follow_month(world: World, month: Month, events: int) -> None:
    """Put down all that happens in a month, with so many touches that the events add up."""
    if month.index:
        for account in world.accounts:
            if month.start <= account.opened_at < month.end:
                open_account(world, account)
    stretches = _stretches(world, month)
    for stretch in stretches:
        for part in PARTS:
            part(world, stretch)
    post_organisation(world, month)
    find_leads(world, month.start, month.end)
    follow_managers(world, month)
    missing = events - world.timeline.count(month.index)
    touch_all(world, stretches, month, max(missing, int(LEAST_TOUCHED * events)))
    for stretch in stretches:
        welcome_people(world, stretch)


def _stretches(world: World, month: Month) -> list[Stretch]:
    energy = {manager.id: manager.energy for manager in world.managers}
    stretches = []
    for turn, account in enumerate(world.accounts):
        for since, until in account.spans:
            start, end = max(since, month.start), min(until, month.end)
            if start >= end:
                continue
            owner = account.owner(start)
            share = (end - start) / (month.end - month.start)
            health = account.health[month.index]
            stretches.append(
                Stretch(account, month, start, end, share, health, owner, energy[owner], turn)
            )
    return stretches


def _active(world: World, month: Month) -> float:
    """Return how many accounts there are in a month, parts of months counted as such."""
    overlaps = (
        min(until, month.end) - max(since, month.start)
        for account in world.accounts
        for since, until in account.spans
    )
    return sum(max(0, overlap) for overlap in overlaps) / (31 * 24 * 3600)
