"""How many of those whom we asked are satisfied."""

from __future__ import annotations

import re
from decimal import Decimal

import msgspec

from kamengine import KPI, Params, Ratio

_NUMBER = r"(-?[0-9]+(?:\.[0-9]+)?)"
_SCALE = re.compile(f"{_NUMBER} to {_NUMBER}")


class CsatParams(Params, frozen=True):
    """Which answers mean "satisfied".

    Attributes:
        top_box: For each scale that counts (``1 to 5``) the lowest satisfied answer.
    """

    top_box: dict[str, Decimal] = msgspec.field(default_factory=lambda: {"1 to 5": Decimal(4)})

    def __post_init__(self) -> None:
        if not self.top_box:
            raise ValueError("`top_box` must name at least one scale, such as `1 to 5: 4`")
        for scale, lowest in self.top_box.items():
            ends = _SCALE.fullmatch(scale)
            if ends is None:
                raise ValueError(f"`top_box` has {scale!r} where a scale such as `1 to 5` must be")
            low, high = Decimal(ends[1]), Decimal(ends[2])
            if not (lowest.is_finite() and low < lowest <= high):
                raise ValueError(
                    f"`top_box` of {scale} is {lowest}; it must be above {low} and at most {high}"
                )


CSAT = KPI(
    id="csat",
    version=1,
    title="Customer satisfaction",
    doc="""
    The share of answers that are satisfied ones: 4 or 5 where the scale runs from 1 to 5.

    Inputs: `survey.responded` of kind `csat`, by way of `survey_responses`.

    Shape: one row per answer, `1` where it is satisfied and `0` where it isn't, over `1`. `part`
    is the scale. A roll-up pools answers; it never averages percentages.

    Unit: % (kept as a ratio, 0.6 for 60 %).

    Empty and null rule: without a valid answer in the window there is no value. An answer on a
    scale that `top_box` doesn't name counts neither above nor below the line: no scale is ever
    rescaled to another.

    Decisions: every answer counts, also the second one of a contact, since satisfaction is asked
    about an occasion. An answer between two marks (4.5) counts by whether it reaches the lowest
    satisfied one. An answer counts for the owner of the account when it was given; only where it
    names no account does it count for the manager it names.

    Source: named by all seeds; the top-two-box share is the field's standard.

    Example: 5, 4, 3, 2 and 5 from 1 to 5 are 3 satisfied answers of 5: 0.6.
    """,
    family="retention",
    timing="lagging",
    unit="%",
    better="higher",
    value=Ratio(),
    params=CsatParams(),
    sql="""
WITH scales AS (
    SELECT unnest(map_entries($top_box)) AS marks
),

known_scales AS (
    SELECT
        marks.key AS scale,
        CAST(split_part(marks.key, ' to ', 1) AS DECIMAL(38, 6)) AS scale_min,
        CAST(split_part(marks.key, ' to ', 2) AS DECIMAL(38, 6)) AS scale_max,
        CAST(marks.value AS DECIMAL(38, 6)) AS lowest_satisfied
    FROM scales
)

SELECT
    response.account_id,
    CASE WHEN response.account_id IS NULL THEN response.manager_id END AS manager_id,
    response.occurred_at,
    CASE WHEN response.score >= known.lowest_satisfied THEN 1 ELSE 0 END AS numerator,
    1 AS denominator,
    known.scale AS part,
    response.event_id
FROM survey_responses AS response
INNER JOIN known_scales AS known
    ON known.scale_min = response.scale_min
    AND known.scale_max = response.scale_max
WHERE response.kind = 'csat'
""",
    source="seeds 0 to 4; field standard",
    numerator="satisfied answers",
    denominator="answers on a known scale",
)
