"""What is there on the first day, and what a new account brings when it is opened."""

from __future__ import annotations

from kam_events.simulation import names
from kam_events.simulation.accounts import Account, Contact
from kam_events.simulation.calendar import DAY, HOUR, MINUTE
from kam_events.simulation.deals import win_account
from kam_events.simulation.dice import table
from kam_events.simulation.world import World

REVENUE = 0.12
"""The part of all events that is revenue, an event for each product and month."""

PRODUCTS_BOUGHT = {"enterprise": 1.5, "mid-market": 1.0, "small": 0.7}
CONTACTS = {"enterprise": (7, 12), "mid-market": (4, 8), "small": (2, 4)}
FIRST_ROLES = ("decision_maker", "champion", "exec_sponsor")
OTHER_ROLES = table({"user": 55, "champion": 15, "decision_maker": 15, "other": 15})
INFLUENCE = {"exec_sponsor": 9, "decision_maker": 8, "champion": 6, "user": 3, "other": 1}
MOVES_TEAM = 0.15


def hire_managers(world: World) -> None:
    """Put down each manager's career: hired, moved to another team, left."""
    dice, calendar, add = world.dice, world.calendar, world.timeline.add
    teams = sorted({m.team for m in world.managers})
    for manager in world.managers:
        hired: dict[str, object] = {
            "name": manager.name,
            "team": manager.team,
            "hired_on": manager.hired_on,
        }
        add(manager.joins_at, "manager.hired", hired, manager=manager.id)
        if manager.leaves_at < calendar.end:
            add(manager.leaves_at + HOUR, "manager.left", {}, manager=manager.id)
        elif dice.happens(MOVES_TEAM):
            at = calendar.working_moment(dice, manager.joins_at + 90 * DAY, calendar.end)
            add(at, "manager.team_assigned", {"team": dice.pick(teams)}, manager=manager.id)


def open_account(world: World, account: Account) -> None:
    """Put down an account's opening, its owners and the people to talk to there."""
    add, at = world.timeline.add, account.opened_at
    mean = world.rate(REVENUE, 1) * PRODUCTS_BOUGHT[account.segment]
    bought = min(max(world.dice.rounded(mean), 1), len(names.PRODUCTS))
    account.products = tuple(sorted(world.dice.some(names.PRODUCTS, bought)))
    opened: dict[str, object] = {
        "name": account.name,
        "segment": account.segment,
        "tier": account.tier,
        "industry": world.dice.pick(names.INDUSTRIES),
        "region": world.dice.pick(names.REGIONS),
    }
    add(at, "account.opened", opened, account=account.id)
    for since, manager in account.owners:
        if since < account.ends_at:
            add(since, "account.owner_assigned", {}, account=account.id, manager=manager)
    for number in range(world.dice.whole(*CONTACTS[account.segment])):
        role = FIRST_ROLES[number] if number < len(FIRST_ROLES) else world.dice.pick(OTHER_ROLES)
        add_contact(world, account, at + 2 * MINUTE + number, role)
    if account.opened_at >= DAY:
        win_account(world, account)


def add_contact(world: World, account: Account, at: int, role: str) -> None:
    """Put down a new contact of an account."""
    dice = world.dice
    influence = min(10, max(0, INFLUENCE[role] + dice.whole(-1, 1)))
    contact = Contact(world.fresh("contact"), role, influence, dice.real(-1, 1))
    account.contacts.append(contact)
    data: dict[str, object] = {
        "contact_id": contact.id,
        "name": f"{dice.pick(names.GIVEN_NAMES)} {dice.pick(names.FAMILY_NAMES)}",
        "role": role,
        "influence": influence,
        "department": dice.pick(names.DEPARTMENTS),
        "seniority": dice.pick(names.SENIORITIES),
    }
    world.timeline.add(at, "contact.added", data, account=account.id)
