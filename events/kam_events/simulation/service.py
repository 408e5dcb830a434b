"""What goes wrong or might: issues, calls, competitors, risk, suppliers."""

from __future__ import annotations

from kam_events.simulation import names
from kam_events.simulation.calendar import DAY, HOUR, MINUTE
from kam_events.simulation.dice import table
from kam_events.simulation.surveys import ask_about_issue
from kam_events.simulation.world import Stretch, World, money

ISSUES, CALLS, COMPETITORS, RISKS, SUPPLIERS = 0.042, 0.02, 0.004, 0.007, 0.004
"""The part of all events that each of these makes up."""

SEVERITIES = table({"low": 45, "medium": 35, "high": 15, "critical": 5})
REOPENED = 0.08
NEVER_ANSWERED = 0.12
SUPPLIER_STATUS = table({"preferred": 45, "approved": 35, "sole": 12, "none": 8})


def open_issues(world: World, stretch: Stretch) -> None:
    """Open the month's issues of an account and put down how each is resolved."""
    dice = world.dice
    mean = world.rate(ISSUES, 2.2) * stretch.share * (1.9 - 1.5 * stretch.health)
    for _ in range(dice.arrivals(mean)):
        at, issue = world.moment(stretch), {"issue_id": world.fresh("issue")}
        opened = {**issue, "severity": dice.pick(SEVERITIES)}
        world.log(stretch, at, "issue.opened", dict(opened))
        at += _hours_to_resolve(world, stretch)
        world.log(stretch, at, "issue.resolved", dict(issue))
        if dice.happens(REOPENED):
            at += dice.whole(2 * HOUR, 6 * DAY)
            world.log(stretch, at, "issue.reopened", dict(issue))
            at += _hours_to_resolve(world, stretch)
            world.log(stretch, at, "issue.resolved", dict(issue))
        ask_about_issue(world, stretch, at + dice.whole(HOUR, 2 * DAY))


def take_calls(world: World, stretch: Stretch) -> None:
    """Put down the month's inbound calls of an account, most of them answered."""
    dice = world.dice
    for _ in range(dice.arrivals(world.rate(CALLS, 1.88) * stretch.share)):
        at, call = world.moment(stretch), world.fresh("call")
        world.log(stretch, at, "call.received", {"call_id": call})
        if not dice.happens(NEVER_ANSWERED):
            at += int(dice.skewed(5, 4 * HOUR))
            world.log(stretch, at, "call.answered", {"call_id": call, "by": stretch.owner})


def watch_market(world: World, stretch: Stretch) -> None:
    """Put down competitors sighted, risk assessed, and how the account sees its suppliers."""
    dice = world.dice
    for _ in range(dice.arrivals(world.rate(COMPETITORS, 1.7) * (1.5 - stretch.health))):
        at, sighting = world.moment(stretch), world.fresh("sighting")
        sighted: dict[str, object] = {
            "sighting_id": sighting,
            "competitor": dice.pick(names.COMPETITORS),
            "threat": dice.pick(("low", "medium", "high")),
        }
        world.log(stretch, at, "competitor.sighted", sighted)
        if dice.happens(0.4 + 0.5 * stretch.health):
            at += dice.whole(2 * HOUR, 9 * DAY)
            responded: dict[str, object] = {"sighting_id": sighting, "action": "offer reviewed"}
            world.log(stretch, at, "competitor.responded", responded)
    if stretch.due(world.rhythm(RISKS, 1)):
        likelihood = min(max(0.9 - stretch.health + dice.real(-0.1, 0.1), 0.01), 0.99)
        assessed: dict[str, object] = {
            "likelihood": round(likelihood, 2),
            "impact": money(stretch.account.value),
            "currency": stretch.account.currency,
            "model": "churn-3",
        }
        world.log(stretch, world.moment(stretch), "risk.assessed", assessed)
    if stretch.due(max(6, world.rhythm(SUPPLIERS, 2))):
        _count_suppliers(world, stretch)


def _count_suppliers(world: World, stretch: Stretch) -> None:
    at = world.moment(stretch)
    category = stretch.account.products[0]
    status: dict[str, object] = {
        "category": category,
        "status": world.dice.pick(SUPPLIER_STATUS),
    }
    world.log(stretch, at, "supplier.status_changed", status)
    count = {"category": category, "count": world.dice.whole(2, 9)}
    world.log(stretch, at + MINUTE, "supplier.counted", count)


def _hours_to_resolve(world: World, stretch: Stretch) -> int:
    return int(world.dice.skewed(HOUR, (20 - 14 * stretch.health) * DAY))
