"""Learning: coaching, assessments, feedback, certificates, trainings; and visits to the website."""

from __future__ import annotations

import datetime as dt

from kam_events.fields import Count, Dated, Id, Measured, Minutes, Quantity, check_score
from kam_events.spreading import latest_of, spread
from kam_events.surveys import FAMILY
from kamengine.event import EventData, EventType
from kamengine.projection import Projection


class CoachingHeld(EventData, frozen=True):
    """A manager is coached, one to one."""

    minutes: Minutes
    coach_id: Id | None = None


class AssessmentCompleted(Measured, frozen=True):
    """A manager's competency is measured with an instrument."""

    instrument: Id
    competency: Id
    score: Quantity
    max: Quantity

    def __post_init__(self) -> None:
        super().__post_init__()
        check_score(self.score, self.max)


class FeedbackGiven(Measured, frozen=True):
    """Somebody around a manager gives them a rating."""

    rater_id: Id
    rater_group: Id
    score: Quantity
    max: Quantity

    def __post_init__(self) -> None:
        super().__post_init__()
        check_score(self.score, self.max)


class CertificationAwarded(EventData, frozen=True):
    """A manager earns a certificate."""

    name: str
    expires_on: dt.date | None = None


class TrainingAssigned(EventData, frozen=True):
    """A manager is to complete a course by a day."""

    course_id: Id
    due_on: dt.date
    mandatory: bool = True


class TrainingCompleted(EventData, frozen=True):
    """A manager completes a course."""

    course_id: Id


class WebVisitsCounted(Dated, frozen=True):
    """The visits to the website in a period are counted."""

    visits: Count
    unique: Count | None = None


class WebGoalCounted(Dated, frozen=True):
    """The visits that reached a goal of the website in a period are counted."""

    goal_id: Id
    count: Count


def _about_manager(name: str, data: type[EventData]) -> EventType:
    return FAMILY.event(name, data, account="none", manager="required")


EVENT_TYPES = (
    _about_manager("coaching.held", CoachingHeld),
    _about_manager("assessment.completed", AssessmentCompleted),
    _about_manager("feedback.given", FeedbackGiven),
    _about_manager("certification.awarded", CertificationAwarded),
    _about_manager("training.assigned", TrainingAssigned),
    _about_manager("training.completed", TrainingCompleted),
    FAMILY.event("web.visits_counted", WebVisitsCounted, account="none", manager="none"),
    FAMILY.event("web.goal_counted", WebGoalCounted, account="none", manager="none"),
)

TRAININGS = Projection(
    name="trainings",
    doc="One row per manager and course, as last assigned, with its first completion.",
    key=("manager_id", "course_id"),
    sql="""
WITH assignments AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY manager_id, course_id ORDER BY occurred_at DESC, id DESC
        ) AS recency
    FROM training_assigned
),

completions AS (
    SELECT
        *,
        row_number() OVER (PARTITION BY manager_id, course_id ORDER BY occurred_at, id) AS place
    FROM training_completed
),

first_completions AS (SELECT * FROM completions WHERE place = 1)

SELECT
    manager_id,
    course_id,
    assigned.mandatory,
    assigned.due_on,
    local_start(assigned.due_on) AS due_at,
    done.occurred_at AS done_at,
    local_date(done.occurred_at) <= assigned.due_on AS on_time,
    assigned.event_id AS assigned_event,
    done.event_id AS done_event
FROM assignments AS assigned
LEFT JOIN first_completions AS done USING (manager_id, course_id)
WHERE assigned.recency = 1
""",
)

ASSESSMENTS = Projection(
    name="assessments",
    doc="One row per manager, instrument, competency and day: the last assessment of that day.",
    key=("manager_id", "instrument", "competency", "occurred_at"),
    sql="""
WITH ranked AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY manager_id, instrument, competency, local_date(occurred_at)
            ORDER BY occurred_at DESC, id DESC
        ) AS recency
    FROM assessment_completed
)

SELECT
    manager_id,
    instrument,
    competency,
    score,
    "max" AS max_score,
    quotient(100 * score, "max") AS points,
    occurred_at,
    event_id
FROM ranked
WHERE recency = 1
""",
)

WEB_VISITS = Projection(
    name="web_visits",
    doc="One row per count of visits to the website and month that it touches, as last stated.",
    key=("event_id", "month"),
    sql=spread(
        f"""
    SELECT event_id, period_start, period_end, CAST(visits AS DECIMAL(38, 6)) AS visits
    FROM web_visits_counted
    QUALIFY {latest_of("source", "period_start", "period_end")}
""",
        ("visits",),
        (),
    ),
)

WEB_GOALS = Projection(
    name="web_goals",
    doc="One row per count of visits that reached a goal and month it touches, as last stated.",
    key=("event_id", "month"),
    sql=spread(
        f"""
    SELECT
        event_id, period_start, period_end, goal_id, CAST(count AS DECIMAL(38, 6)) AS visits
    FROM web_goal_counted
    QUALIFY {latest_of("source", "goal_id", "period_start", "period_end")}
""",
        ("visits",),
        ("goal_id",),
    ),
)

PROJECTIONS = (TRAININGS, ASSESSMENTS, WEB_VISITS, WEB_GOALS)
