"""How much of a key account an account is, by what the organisation looks for in one."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from kamengine import KPI, Formula, Latest, Operand, Params

LARGEST_WEIGHT = Decimal(1_000_000)
SMALLEST_WEIGHT = Decimal("0.000001")


class KeyAccountScoreParams(Params, frozen=True):
    """How much each criterion counts.

    Attributes:
        weights: Criterion to weight; 1 for one that isn't named, 0 to leave it out.
    """

    weights: dict[str, Decimal] = msgspec.field(default_factory=dict)

    def __post_init__(self) -> None:
        for criterion, weight in self.weights.items():
            if not _is_weight(weight):
                raise ValueError(
                    f"the weight {weight} of {criterion!r} must lie between 0 and {LARGEST_WEIGHT}"
                    " and have at most 6 digits after the point"
                )


def _is_weight(weight: Decimal) -> bool:
    in_range = weight.is_finite() and 0 <= weight <= LARGEST_WEIGHT
    return in_range and not weight % SMALLEST_WEIGHT


KEY_ACCOUNT_SCORE = KPI(
    id="key_account_score",
    version=1,
    title="Key-account score",
    doc="""
    How well an account meets the criteria for a key account, from 1 (very low) to 10 (very high).

    Inputs: `key_account.scored`, by way of `key_account_scores`.

    Shape: one row per rating, weight times score over weight; of each criterion the latest rating
    up to the window's end counts, however old. A criterion that doesn't apply is `0` over `0` and
    so in neither sum. A roll-up pools the weighted ratings of its accounts.

    Unit: points from 1 to 10.

    Empty and null rule: before the first rating there is no value, nor where no criterion applies.

    Decisions: a rating stands until the same criterion is rated again, by whomever: two scorers
    don't count twice. Of two ratings at the same instant the higher one counts. A rating counts
    for the owner of the account when it was given. A criterion that `weights` doesn't name
    weighs 1.

    Source: seed 4: 1 to 10 per criterion, weighted, criteria that don't apply dropped, added up.
    To divide by the weights, which keeps accounts with other criteria comparable, is ours;
    `key_account_score_total` is seed 4's own sum.

    Example: 8 (weight 3), 5 (2), not applicable (4) and 10 (1): 44/6 = 7.3333.
    """,
    family="business",
    timing="leading",
    unit="points",
    better="higher",
    value=Latest(carried=True),
    params=KeyAccountScoreParams(),
    sql="""
WITH weighted AS (
    SELECT
        *,
        coalesce(CAST($weights AS MAP(VARCHAR, DECIMAL(18, 6)))[criterion], 1) AS weight
    FROM key_account_scores
)

SELECT
    account_id,
    occurred_at,
    criterion AS item,
    criterion AS part,
    coalesce(weight * score, 0) AS numerator,
    CASE WHEN score IS NULL THEN 0 ELSE weight END AS denominator,
    event_id
FROM weighted
""",
    controllable_by=(),
    source="seed 4",
    numerator="weight times score of each criterion that applies",
    denominator="weights of the criteria that apply",
)

KEY_ACCOUNT_SCORE_TOTAL = KPI(
    id="key_account_score_total",
    version=1,
    title="Key-account score, weighted total",
    doc="""
    The weighted ratings of an account on the criteria for a key account, added up.

    Inputs: `key_account_score`, whose numerator it is, with that KPI's weights.

    Shape: a formula over `key_account_score`. A roll-up adds up the totals of its accounts.

    Unit: points.

    Empty and null rule: as for `key_account_score`.

    Decisions: more criteria make a higher total; to compare accounts rated on different criteria,
    use `key_account_score`.

    Source: seed 4: 1 to 10 per criterion, weighted, criteria that don't apply dropped, added up.

    Example: 8 (weight 3), 5 (2), not applicable (4) and 10 (1): 24 + 10 + 10 = 44.
    """,
    family="business",
    timing="leading",
    unit="points",
    better="higher",
    value=Formula(
        operands={"score": Operand(kpi="key_account_score")},
        numerator="score_numerator",
    ),
    controllable_by=(),
    source="seed 4",
    numerator="weight times score of each criterion that applies",
)
