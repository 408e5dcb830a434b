"""What managers learn, what colleagues say of them, and how many people see the web site."""

from __future__ import annotations

import datetime as dt

from kam_events.simulation.calendar import DAY, Month
from kam_events.simulation.people import Manager
from kam_events.simulation.surveys import ask_managers
from kam_events.simulation.world import World

COMPETENCIES = ("discovery", "negotiation", "product", "stakeholders")
COURSES = ("data-protection", "value-selling", "negotiation-2", "contract-law")
CERTIFICATES = ("SAMA CSAM", "PRINCE2", "Cloud Practitioner")
DEPARTMENTS = ("finance", "marketing", "product", "support")
RATER_GROUPS = ("peer", "report", "superior")
QUARTER = 3


def follow_managers(world: World, month: Month) -> None:
    """Put down a month of every manager's learning, and quarterly what others say of them."""
    for place, manager in enumerate(world.present(month.start, month.end)):
        _coach_and_train(world, month, manager)
        if (month.index + place) % QUARTER == 0:
            _assess(world, month, manager)
    if month.index % QUARTER == 1:
        ask_managers(world, month.start, month.end)
    _count_visits(world, month)
    if month.number % QUARTER == 1:
        active = [a for a in world.accounts if a.spans[0][0] <= month.start < a.ends_at]
        biggest = sorted(active, key=lambda a: (-a.value, a.id))[: len(active) // 10 + 1]
        named: dict[str, object] = {
            "list_id": "strategic",
            "account_ids": sorted(a.id for a in biggest),
        }
        world.timeline.add(month.start + DAY // 2, "named_list.set", named)


def _coach_and_train(world: World, month: Month, manager: Manager) -> None:
    dice, add = world.dice, world.timeline.add
    at = world.calendar.working_moment(dice, month.start, month.end)
    minutes = 15 * dice.whole(2, 6)
    coach = {"coach_id": world.managers[0].id, "minutes": minutes}
    add(at, "coaching.held", dict(coach), manager=manager.id)
    if dice.happens(0.15):
        course: dict[str, object] = {"course_id": f"{dice.pick(COURSES)}-{month.first:%y%m}"}
        due_on = world.calendar.date(at) + dt.timedelta(dice.whole(20, 60))
        assigned = {**course, "mandatory": dice.happens(0.7), "due_on": due_on}
        add(at, "training.assigned", assigned, manager=manager.id)
        done_at = at + dice.whole(5, 70) * DAY
        if dice.happens(0.85) and done_at < manager.leaves_at:
            add(done_at, "training.completed", course, manager=manager.id)
    if dice.happens(0.03):
        award: dict[str, object] = {
            "name": dice.pick(CERTIFICATES),
            "expires_on": world.calendar.date(at) + dt.timedelta(730),
        }
        add(at, "certification.awarded", award, manager=manager.id)


def _assess(world: World, month: Month, manager: Manager) -> None:
    dice, add = world.dice, world.timeline.add
    at = world.calendar.working_moment(dice, month.start, month.end)
    for competency in COMPETENCIES:
        assessed: dict[str, object] = {
            "instrument": "kam-360",
            "competency": competency,
            "score": min(100, round(45 * manager.energy + dice.whole(0, 25))),
            "max": 100,
        }
        add(at, "assessment.completed", assessed, manager=manager.id)
    for number, group in enumerate(RATER_GROUPS):
        given: dict[str, object] = {
            "rater_id": f"rater-{number + 1}",
            "rater_group": group,
            "score": dice.whole(2, 5),
            "max": 5,
        }
        add(at, "feedback.given", given, manager=manager.id)
        rated: dict[str, object] = {
            "rater_id": f"colleague-{number + 1}",
            "department": dice.pick(DEPARTMENTS),
            "score": dice.whole(4, 10),
            "scale_max": 10,
        }
        add(at, "collaboration.rated", rated, manager=manager.id)


def _count_visits(world: World, month: Month) -> None:
    dice, at = world.dice, month.end - DAY // 2
    period = {"period_start": month.first, "period_end": month.after}
    visits = dice.whole(20_000, 40_000)
    counted: dict[str, object] = {"visits": visits, "unique": visits * 7 // 10, **period}
    world.timeline.add(at, "web.visits_counted", counted)
    reached: dict[str, object] = {"goal_id": "demo-request", "count": visits // 80, **period}
    world.timeline.add(at, "web.goal_counted", reached)
