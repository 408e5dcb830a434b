"""Managing the account on purpose: scores, plans, reviews, needs, proposals, goals, references."""

from __future__ import annotations

import datetime as dt

from kam_events.simulation.accounts import TIERS
from kam_events.simulation.calendar import DAY, HOUR
from kam_events.simulation.dice import table
from kam_events.simulation.openings import add_contact
from kam_events.simulation.timeline import NULL
from kam_events.simulation.world import Stretch, World

SCORES, PLANS, ACTIONS, REVIEWS = 0.014, 0.01, 0.012, 0.01
NEEDS, PROPOSALS, GOALS, MENTIONS, REFERENCES, PEOPLE = 0.005, 0.004, 0.006, 0.008, 0.002, 0.006
"""The part of all events that each of these makes up."""

CRITERIA = (
    *("revenue_potential", "strategic_fit", "relationship", "profitability"),
    *("innovation", "reference_value"),
)
NOT_APPLICABLE = 0.12
RUBRIC = (("insight", 3), ("objectives", 2), ("stakeholders", 2), ("actions", 3))
CHANNELS = ("news", "linkedin", "x", "review_site", "conference")
SENTIMENTS = ((0.65, "positive"), (0.35, "neutral"), (-1.0, "negative"))
FEWEST_CONTACTS = 2
ROLES = table({"user": 60, "champion": 20, "decision_maker": 20})


def score_account(world: World, stretch: Stretch) -> None:
    """Score an account on each criterion; one that doesn't apply gets null."""
    if not stretch.due(world.rhythm(SCORES, len(CRITERIA))):
        return
    dice, at = world.dice, world.moment(stretch)
    for criterion in CRITERIA:
        score = round(1 + 9 * stretch.health + dice.real(-2, 2))
        data: dict[str, object] = {
            "criterion": criterion,
            "score": min(10, max(1, score)),
            "scorer_id": stretch.owner,
        }
        if dice.happens(NOT_APPLICABLE):
            data["score"] = NULL
        world.log(stretch, at, "key_account.scored", data)


def plan_account(world: World, stretch: Stretch) -> None:
    """Publish and rate an account's plan when its turn comes, and set actions on it."""
    dice, account = world.dice, stretch.account
    every = max(6, world.rhythm(PLANS, 1 + len(RUBRIC)))
    plan = f"{account.id}-plan"
    if stretch.due(every) or stretch.start <= account.opened_at < stretch.end:
        version = stretch.month.index // every + 1
        at = world.moment(stretch)
        published: dict[str, object] = {"plan_id": plan, "version": version}
        world.timeline.add(
            at, "plan.published", published, account=account.id, manager=account.owner(at)
        )
        for criterion, weight in RUBRIC:
            level = min(5, max(0, round(5 * stretch.health * stretch.energy + dice.real(-1, 1))))
            scored: dict[str, object] = {
                "plan_id": plan,
                "criterion": criterion,
                "score": level,
                "max": 5,
                "weight": weight,
            }
            world.log(stretch, at + HOUR, "plan.scored", scored)
    if account.opened_at >= stretch.start or stretch.month.index < every:
        return
    for _ in range(dice.arrivals(world.rate(ACTIONS, 1.75))):
        at, due_on = _due(world, stretch, 20, 90)
        action: dict[str, object] = {"action_id": world.fresh("action")}
        details = {"plan_id": plan, "due_on": due_on, "weight": dice.whole(1, 3)}
        world.log(stretch, at, "plan.action_set", {**action, **details})
        if dice.happens(min(0.95, 0.45 + 0.4 * stretch.health * stretch.energy)):
            done_at = at + int((world.calendar.at(due_on) - at) * dice.real(0.4, 1.2))
            world.log(stretch, done_at, "plan.action_completed", action)


def review_account(world: World, stretch: Stretch) -> None:
    """Schedule a review of the business with an account; most are held, not all in time."""
    dice, account = world.dice, stretch.account
    often = {"A": 1, "B": 2, "C": 4}[account.tier]
    if not stretch.due(max(3, world.rhythm(REVIEWS, 1.8) * often)):
        return
    at, due_on = _due(world, stretch, 15, 60)
    review = world.fresh("review")
    scheduled: dict[str, object] = {"review_id": review, "kind": "qbr", "due_on": due_on}
    manager = account.owner(at)
    world.timeline.add(at, "review.scheduled", scheduled, account=account.id, manager=manager)
    held_at = at + int((world.calendar.at(due_on) - at) * dice.real(0.6, 1.15)) // DAY * DAY
    held_at += dice.whole(0, 3) * HOUR
    if held_at < account.ends_at and dice.happens(0.5 + 0.45 * stretch.health):
        held: dict[str, object] = {
            "review_id": review,
            "attendees": dice.whole(2, 8),
            "rating": min(5, max(1, round(2 + 3 * stretch.health + dice.real(-1, 1)))),
        }
        manager = account.owner(held_at)
        world.timeline.add(held_at, "review.held", held, account=account.id, manager=manager)


def listen(world: World, stretch: Stretch) -> None:
    """Put down needs assessed, proposals made, and what the account says of us in public."""
    dice = world.dice
    for _ in range(dice.arrivals(world.rate(NEEDS, 1))):
        need: dict[str, object] = {
            "need_id": world.fresh("need"),
            "importance": dice.whole(1, 5),
            "understanding": min(5, round(5 * stretch.health * dice.real(0.6, 1.3))),
            "validated_by_customer": dice.happens(0.6),
        }
        world.log(stretch, world.moment(stretch), "needs.assessed", need)
        if dice.happens(min(1.0, PROPOSALS / NEEDS / 1.7)):
            _propose(world, stretch, str(need["need_id"]))
    for _ in range(dice.arrivals(world.rate(MENTIONS, 1) * stretch.share)):
        feeling = stretch.health + dice.real(-0.4, 0.4)
        mention: dict[str, object] = {
            "mention_id": world.fresh("mention"),
            "channel": dice.pick(CHANNELS),
            "sentiment": next(word for least, word in SENTIMENTS if feeling > least),
        }
        world.log(stretch, world.moment(stretch), "mention.captured", mention)


def set_goals(world: World, stretch: Stretch) -> None:
    """Agree goals with an account, and put down how far they get."""
    dice = world.dice
    for _ in range(dice.arrivals(world.rate(GOALS, 3))):
        at, due_on = _due(world, stretch, 120, 300)
        baseline, target = dice.whole(10, 40), dice.whole(50, 100)
        goal: dict[str, object] = {"goal_id": world.fresh("goal")}
        terms = {
            "owner": "customer" if dice.happens(0.7) else "us",
            "baseline": baseline,
            "target": target,
            "due_on": due_on,
            "weight": dice.whole(1, 3),
        }
        world.log(stretch, at, "goal.set", {**goal, **terms})
        reached = (target - baseline) * min(1.2, stretch.health * dice.real(0.7, 1.5))
        for part in (0.4, 0.9):
            progressed = {**goal, "value": round(baseline + reached * part / 0.9, 1)}
            progressed_at = at + int((world.calendar.at(due_on) - at) * part)
            if progressed_at < stretch.account.ends_at:
                world.log(stretch, progressed_at, "goal.progressed", progressed)


def vouch(world: World, stretch: Stretch) -> None:
    """Put down accounts that agree to be named as a reference, and some that change their mind."""
    dice = world.dice
    if not dice.happens(min(0.2, world.rate(REFERENCES, 1.3)) * stretch.health):
        return
    at, contact = world.moment(stretch), world.contact(stretch).id
    agreed: dict[str, object] = {
        "contact_id": contact,
        "kind": dice.pick(("call", "case_study", "logo")),
        "valid_to": world.calendar.date(at) + dt.timedelta(365),
    }
    world.log(stretch, at, "reference.agreed", agreed)
    if dice.happens(0.5 * (1 - stretch.health)):
        withdrawn: dict[str, object] = {"contact_id": contact}
        world.log(stretch, at + dice.whole(30, 200) * DAY, "reference.withdrawn", withdrawn)


def change_people(world: World, stretch: Stretch) -> None:
    """Let contacts come, change and go, and accounts change their segment or tier.

    Whoever comes is talked to from the next month on, whoever goes no more from this one on.
    """
    dice, account = world.dice, stretch.account
    mean = world.rate(PEOPLE, 1) / 3
    if dice.happens(min(mean, 0.3)) and len(account.contacts) > FEWEST_CONTACTS:
        gone = account.contacts.pop(dice.whole(0, len(account.contacts) - 1))
        world.log(stretch, world.moment(stretch), "contact.left", {"contact_id": gone.id})
    if dice.happens(min(mean, 0.3)):
        contact = world.contact(stretch)
        contact.role, contact.influence = "decision_maker", min(10, contact.influence + 2)
        changed: dict[str, object] = {
            "contact_id": contact.id,
            "role": contact.role,
            "influence": contact.influence,
            "seniority": "director",
        }
        world.log(stretch, world.moment(stretch), "contact.changed", changed)
    if dice.happens(0.006):
        account.tier = dice.pick(TIERS[account.segment])
        world.log(stretch, world.moment(stretch), "account.changed", {"tier": account.tier})


def welcome_people(world: World, stretch: Stretch) -> None:
    """Put down new contacts, after everything that could already have spoken with them."""
    if world.dice.happens(min(world.rate(PEOPLE, 1) / 2.5, 0.4)):
        role = world.dice.pick(ROLES)
        add_contact(world, stretch.account, world.moment(stretch), role)


def _propose(world: World, stretch: Stretch, need: str) -> None:
    dice, at = world.dice, world.moment(stretch) + DAY
    proposal: dict[str, object] = {"proposal_id": world.fresh("proposal")}
    world.log(stretch, at, "proposal.submitted", {**proposal, "need_ids": [need]})
    if dice.happens(0.7):
        rated: dict[str, object] = {
            **proposal,
            "score": min(5, max(1, round(1 + 4 * stretch.health + dice.real(-1, 1)))),
            "rater": "customer" if dice.happens(0.6) else "manager",
        }
        world.log(stretch, at + dice.whole(1, 12) * DAY, "proposal.rated", rated)


def _due(world: World, stretch: Stretch, least: int, most: int) -> tuple[int, dt.date]:
    """Return a moment in the month, and a day that many days later."""
    at = world.moment(stretch)
    return at, world.calendar.date(at) + dt.timedelta(world.dice.whole(least, most))
