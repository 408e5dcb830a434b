"""What customers and managers say when they are asked."""

from __future__ import annotations

from kam_events.simulation.accounts import Contact
from kam_events.simulation.calendar import DAY, HOUR
from kam_events.simulation.world import Stretch, World

ROUNDS = 0.022
"""The part of all events that the rounds of asking for a recommendation make up."""

ASKED_ABOUT_ISSUE = 0.5
ASKED_ABOUT_EFFORT = 0.2
CHANGES_MIND = 0.07
ASKED_AT_ONCE = 3


def ask_to_recommend(world: World, stretch: Stretch) -> None:
    """Ask some people at an account how likely they would recommend us; some answer twice."""
    dice = world.dice
    if not stretch.due(max(3, world.rhythm(ROUNDS, 1.5 * ASKED_AT_ONCE))):
        return
    sent_at = world.moment(stretch)
    for contact in dice.some(stretch.account.contacts, dice.whole(2, ASKED_AT_ONCE + 1)):
        survey = world.fresh("survey")
        sent: dict[str, object] = {"survey_id": survey, "kind": "nps", "contact_id": contact.id}
        world.log(stretch, sent_at, "survey.sent", sent)
        if not dice.happens(0.25 + 0.4 * stretch.health):
            continue
        at = sent_at + dice.whole(HOUR, 12 * DAY)
        whose = {"kind": "nps", "contact_id": contact.id, "survey_id": survey}
        score = _recommendation(world, stretch, contact)
        _answer(world, stretch, at, score=score, **whose)
        if dice.happens(CHANGES_MIND):
            at += dice.whole(HOUR, 9 * DAY)
            score = min(10, max(0, score + dice.pick((-2, -1, 1, 2, 3))))
            _answer(world, stretch, at, score=score, **whose)


def ask_about_issue(world: World, stretch: Stretch, at: int) -> None:
    """Ask how content someone is with how an issue was resolved, and how hard it was."""
    dice = world.dice
    if at >= stretch.account.ends_at or not dice.happens(ASKED_ABOUT_ISSUE * stretch.health):
        return
    contact = world.contact(stretch).id
    score = min(5, max(1, round(2 + 3 * stretch.health + dice.real(-1.3, 1.3))))
    _answer(world, stretch, at, kind="csat", score=score, contact_id=contact)
    if dice.happens(ASKED_ABOUT_EFFORT):
        scale = {"scale_min": 1, "scale_max": 7}
        _answer(world, stretch, at, kind="ces", score=score + 2, contact_id=contact, **scale)


def ask_managers(world: World, start: int, end: int) -> None:
    """Ask every manager how content they are with their own work."""
    for manager in world.present(start, end):
        at = world.calendar.working_moment(world.dice, start, end)
        score = min(5, max(1, round(3.6 + world.dice.real(-1.6, 1.4))))
        data: dict[str, object] = {"kind": "esat", "score": score}
        world.timeline.add(at, "survey.responded", data, manager=manager.id)


def _recommendation(world: World, stretch: Stretch, contact: Contact) -> int:
    feeling = 3.5 + 6 * stretch.health + 1.8 * contact.warmth + world.dice.real(-1.2, 1.2)
    return min(10, max(0, round(feeling)))


def _answer(world: World, stretch: Stretch, at: int, **answer: object) -> None:
    data = {"response_id": world.fresh("response"), **answer}
    world.log(stretch, at, "survey.responded", data)
