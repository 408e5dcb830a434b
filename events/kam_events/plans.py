"""Plans: reviews, account plans and their actions, collaboration, goals, referrals."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Literal

from kam_events.fields import (
    Count,
    Id,
    Measured,
    Number,
    OneToFive,
    Points,
    Weight,
    check_score,
)
from kam_events.touches import FAMILY
from kamengine.event import EventData
from kamengine.projection import Projection


class ReviewScheduled(EventData, frozen=True):
    """A review with the customer is to be held by a day."""

    review_id: Id
    due_on: dt.date
    kind: str | None = None


class ReviewHeld(EventData, frozen=True):
    """A review with the customer takes place."""

    review_id: Id
    attendees: Count | None = None
    rating: OneToFive | None = None


class PlanPublished(EventData, frozen=True):
    """A version of an account plan is published."""

    plan_id: Id
    version: Count


class PlanScored(Measured, frozen=True):
    """An account plan is rated on one criterion of the rubric."""

    plan_id: Id
    criterion: Id
    score: Points
    max: Points
    weight: Weight

    def __post_init__(self) -> None:
        super().__post_init__()
        check_score(self.score, self.max)


class PlanActionSet(Measured, frozen=True):
    """An action of an account plan is to be done by a day."""

    action_id: Id
    plan_id: Id
    due_on: dt.date
    weight: Weight = Decimal(1)


class PlanActionCompleted(EventData, frozen=True):
    """An action of an account plan is done."""

    action_id: Id


class CollaborationRated(Measured, frozen=True):
    """A colleague rates how a manager works with others, from 1 to ``scale_max``."""

    rater_id: Id
    score: Number
    scale_max: Number
    department: str | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 1 <= self.score <= self.scale_max or self.scale_max <= 1:
            raise ValueError(f"`score` {self.score} isn't on a scale from 1 to {self.scale_max}")


class GoalSet(Measured, frozen=True):
    """A measurable goal of the customer's, or of ours, is to be reached by a day."""

    goal_id: Id
    owner: Literal["customer", "us"]
    baseline: Number
    target: Number
    due_on: dt.date
    weight: Weight = Decimal(1)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.target == self.baseline:
            raise ValueError(f"`target` must differ from `baseline`; both are {self.target}")


class GoalProgressed(Measured, frozen=True):
    """The measure of a goal is taken anew."""

    goal_id: Id
    value: Number


class ReferralReceived(EventData, frozen=True):
    """A client refers somebody else to us."""

    referral_id: Id
    contact_id: Id | None = None


EVENT_TYPES = (
    FAMILY.event("review.scheduled", ReviewScheduled, manager="required"),
    FAMILY.event("review.held", ReviewHeld, manager="required"),
    FAMILY.event("plan.published", PlanPublished, manager="required"),
    FAMILY.event("plan.scored", PlanScored),
    FAMILY.event("plan.action_set", PlanActionSet),
    FAMILY.event("plan.action_completed", PlanActionCompleted),
    FAMILY.event("collaboration.rated", CollaborationRated, account="none", manager="required"),
    FAMILY.event("goal.set", GoalSet),
    FAMILY.event("goal.progressed", GoalProgressed),
    FAMILY.event("referral.received", ReferralReceived),
)

REVIEWS = Projection(
    name="reviews",
    doc="One row per review with the customer, due, held or both.",
    key=("account_id", "review_id"),
    sql="""
WITH scheduled AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY account_id, review_id ORDER BY occurred_at DESC, id DESC
        ) AS recency
    FROM review_scheduled
),

held AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY account_id, review_id ORDER BY occurred_at DESC, id DESC
        ) AS recency
    FROM review_held
),

latest_scheduled AS (SELECT * FROM scheduled WHERE recency = 1),

latest_held AS (SELECT * FROM held WHERE recency = 1)

SELECT
    account_id,
    coalesce(latest_held.manager_id, latest_scheduled.manager_id) AS manager_id,
    review_id,
    latest_scheduled.kind,
    latest_scheduled.due_on,
    local_start(latest_scheduled.due_on) AS due_at,
    latest_held.occurred_at AS held_at,
    local_date(latest_held.occurred_at) <= latest_scheduled.due_on AS on_time,
    latest_held.rating,
    latest_scheduled.event_id AS scheduled_event,
    latest_held.event_id AS held_event
FROM latest_scheduled
FULL JOIN latest_held USING (account_id, review_id)
""",
)

PLAN_ACTIONS = Projection(
    name="plan_actions",
    doc="One row per action of an account plan, as last set.",
    key=("account_id", "action_id"),
    sql="""
WITH settings AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY account_id, action_id ORDER BY occurred_at DESC, id DESC
        ) AS recency
    FROM plan_action_set
),

-- an action is done once, however often that is said
completions AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY account_id, action_id ORDER BY occurred_at, id
        ) AS place
    FROM plan_action_completed
),

first_completions AS (SELECT * FROM completions WHERE place = 1)

SELECT
    account_id,
    action_id,
    settings.plan_id,
    settings.due_on,
    local_start(settings.due_on) AS due_at,
    settings.weight,
    done.occurred_at AS done_at,
    local_date(done.occurred_at) <= settings.due_on AS on_time,
    settings.event_id AS set_event,
    done.event_id AS done_event
FROM settings
LEFT JOIN first_completions AS done USING (account_id, action_id)
WHERE settings.recency = 1
""",
)

PLAN_SCORES = Projection(
    name="plan_scores",
    doc="One row per criterion of an account's published plan and interval in which a score held.",
    key=("account_id", "criterion", "valid_from"),
    sql="""
-- a version is published once, however often that is said
WITH statements AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY account_id, plan_id, version ORDER BY occurred_at, id
        ) AS place
    FROM plan_published
),

publications AS (
    SELECT
        account_id,
        plan_id,
        version,
        occurred_at AS published_at,
        lead(occurred_at) OVER (
            PARTITION BY account_id ORDER BY occurred_at, version, id
        ) AS replaced_at
    FROM statements
    WHERE place = 1
),

-- a score belongs to the plan that was in force when it was given, or to none
scores AS (
    SELECT
        plan.account_id,
        plan.plan_id,
        plan.version,
        scored.criterion,
        scored.score,
        scored.max,
        scored.weight,
        scored.occurred_at AS valid_from,
        coalesce(
            lead(scored.occurred_at) OVER (
                PARTITION BY plan.account_id, plan.published_at, scored.criterion
                ORDER BY scored.occurred_at, scored.id
            ),
            plan.replaced_at
        ) AS valid_to,
        scored.event_id
    FROM plan_scored AS scored
    INNER JOIN publications AS plan
        ON plan.account_id = scored.account_id
        AND plan.plan_id = scored.plan_id
        AND scored.occurred_at >= plan.published_at
        AND (plan.replaced_at IS NULL OR scored.occurred_at < plan.replaced_at)
)

SELECT *
FROM scores
WHERE valid_to IS NULL OR valid_from < valid_to
""",
)

GOALS = Projection(
    name="goals",
    doc="One row per goal, as last set, with the value that was measured last.",
    key=("account_id", "goal_id"),
    sql="""
WITH settings AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY account_id, goal_id ORDER BY occurred_at DESC, id DESC
        ) AS recency
    FROM goal_set
),

measurements AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY account_id, goal_id ORDER BY occurred_at DESC, id DESC
        ) AS recency
    FROM goal_progressed
),

latest_measurements AS (SELECT * FROM measurements WHERE recency = 1)

SELECT
    account_id,
    goal_id,
    settings.owner,
    settings.baseline,
    settings.target,
    settings.due_on,
    local_start(settings.due_on) AS due_at,
    settings.weight,
    measured.value,
    measured.occurred_at AS value_at,
    settings.event_id,
    measured.event_id AS progress_event
FROM settings
LEFT JOIN latest_measurements AS measured USING (account_id, goal_id)
WHERE settings.recency = 1
""",
)

REFERRALS = Projection(
    name="referrals",
    doc="One row per referral, at the instant it was first received.",
    key=("account_id", "referral_id"),
    sql="""
WITH ranked AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY account_id, referral_id ORDER BY occurred_at, id
        ) AS place
    FROM referral_received
)

SELECT account_id, referral_id, contact_id, occurred_at, event_id
FROM ranked
WHERE place = 1
""",
)

PROJECTIONS = (REVIEWS, PLAN_ACTIONS, PLAN_SCORES, GOALS, REFERRALS)
