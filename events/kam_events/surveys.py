"""Surveys: who was asked, what they answered, and on which scale."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal, TypeAlias

from kam_events.declaration import Family
from kam_events.fields import Id, Measured, Number
from kamengine.event import EventData, Upcast
from kamengine.projection import Projection

FAMILY = Family("surveys and learning")

SurveyKind: TypeAlias = Literal["nps", "csat", "ces", "esat"]

SCALES: dict[SurveyKind, tuple[Decimal, Decimal]] = {
    "nps": (Decimal(0), Decimal(10)),
    "csat": (Decimal(1), Decimal(5)),
    "ces": (Decimal(1), Decimal(7)),
    "esat": (Decimal(1), Decimal(5)),
}
"""The scale of an answer that states none; that of `nps` is the only one it may have."""


class SurveySent(EventData, frozen=True):
    """A contact is asked to answer a survey."""

    survey_id: Id
    kind: SurveyKind
    contact_id: Id | None = None


class SurveyRespondedV1(Measured, frozen=True):
    """A survey is answered; a scale that isn't stated is the usual one of its kind."""

    kind: SurveyKind
    score: Number
    scale_min: Number | None = None
    scale_max: Number | None = None
    response_id: Id | None = None
    contact_id: Id | None = None
    survey_id: Id | None = None
    comment: str | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        low, high = SCALES[self.kind]
        check_answer(
            self.kind,
            self.score,
            low if self.scale_min is None else self.scale_min,
            high if self.scale_max is None else self.scale_max,
        )


class SurveyResponded(Measured, frozen=True):
    """A survey is answered, on the scale that the answer states."""

    kind: SurveyKind
    score: Number
    scale_min: Number
    scale_max: Number
    response_id: Id | None = None
    contact_id: Id | None = None
    survey_id: Id | None = None
    comment: str | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        check_answer(self.kind, self.score, self.scale_min, self.scale_max)


def check_answer(kind: SurveyKind, score: Decimal, low: Decimal, high: Decimal) -> None:
    """Refuse an answer that its scale doesn't hold.

    Raises:
        ValueError: Says which answer and which scale.
    """
    if low >= high:
        raise ValueError(f"`scale_max` {high} must be above `scale_min` {low}")
    if kind == "nps" and (low, high) != SCALES["nps"]:
        raise ValueError(f"an nps answer is on a scale from 0 to 10, not from {low} to {high}")
    if not low <= score <= high:
        raise ValueError(f"`score` {score} isn't on the {kind} scale from {low} to {high}")
    if kind == "nps" and score % 1:
        raise ValueError(f"`score` {score} of an nps answer must be a whole number")


EVENT_TYPES = (
    FAMILY.event("survey.sent", SurveySent, account="optional"),
    FAMILY.event(
        "survey.responded",
        SurveyResponded,
        account="optional",
        version=2,
        upcasts=(
            Upcast(
                version=1,
                data=SurveyRespondedV1,
                columns={
                    "scale_min": "coalesce(scale_min, CASE kind WHEN 'nps' THEN 0 ELSE 1 END)",
                    "scale_max": """
                        coalesce(
                            scale_max,
                            CASE kind WHEN 'nps' THEN 10 WHEN 'ces' THEN 7 ELSE 5 END
                        )
                    """,
                },
            ),
        ),
    ),
)

SURVEY_RESPONSES = Projection(
    name="survey_responses",
    doc="One row per answer to a survey, as last stated.",
    key=("account_id", "response_id"),
    sql="""
WITH ranked AS (
    SELECT
        *,
        coalesce(response_id, id) AS answer_id,
        row_number() OVER (
            PARTITION BY account_id, coalesce(response_id, id) ORDER BY occurred_at DESC, id DESC
        ) AS recency
    FROM survey_responded
)

SELECT
    account_id,
    manager_id,
    answer_id AS response_id,
    kind,
    score,
    scale_min,
    scale_max,
    contact_id,
    survey_id,
    CASE
        WHEN kind <> 'nps' THEN NULL
        WHEN score >= 9 THEN 'promoter'
        WHEN score >= 7 THEN 'passive'
        ELSE 'detractor'
    END AS promoter_group,
    occurred_at,
    event_id
FROM ranked
WHERE recency = 1
""",
)

PROJECTIONS = (SURVEY_RESPONSES,)
