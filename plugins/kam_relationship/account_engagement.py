"""Account engagement: how often we talk with the people who matter there, and how well."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from kam_events.account_months import MEASURED_MONTHS
from kamengine.kpi import KPI, Formula, Mean, Operand, Params, Ratio

SMALLEST_TARGET, LARGEST_TARGET = Decimal("0.000001"), Decimal(1_000)

KEY_TOUCHES = """
key_touches AS (
    SELECT DISTINCT account_id, occurred_at, event_id
    FROM touch_contacts
    WHERE completed AND key_contact
)
"""


def _touches_over(stretches: str, expected: str) -> str:
    """Return the query for a row of each key touch, and one below the line for each stretch."""
    return f"""
SELECT
    account_id,
    NULL AS period,
    occurred_at,
    1 AS numerator,
    0 AS denominator,
    event_id
FROM key_touches
UNION ALL
SELECT
    account_id,
    period,
    min(starts_at) AS occurred_at,
    0 AS numerator,
    {expected} AS denominator,
    NULL AS event_id
FROM {stretches}
GROUP BY account_id, period, stretch_start
"""


class TouchTargets(Params, frozen=True):
    """How many touches a month an account's key contacts should have.

    Attributes:
        targets: Tier to touches a month.
        other: Touches a month for an account of another tier, or of none.
    """

    targets: dict[str, Decimal] = msgspec.field(
        default_factory=lambda: {"A": Decimal(4), "B": Decimal(2), "C": Decimal(1)}
    )
    other: Decimal = Decimal(2)

    def __post_init__(self) -> None:
        for name, target in {**self.targets, "other": self.other}.items():
            in_range = target.is_finite() and SMALLEST_TARGET <= target <= LARGEST_TARGET
            if not in_range or target % SMALLEST_TARGET:
                raise ValueError(
                    f"the target {target} of {name!r} must lie between {SMALLEST_TARGET} and"
                    f" {LARGEST_TARGET} and have at most 6 digits after the point"
                )


ACCOUNT_ENGAGEMENT = KPI(
    id="account_engagement",
    version=1,
    title="Account engagement",
    doc="""How closely we are in touch with the people who matter at an account: how often and well.

Inputs: the KPIs account_engagement_attainment (touches over expected touches) and
account_engagement_quality (the mean of the ratings), both of the subject.

Shape: a formula, without evidence of its own: 50 · min(1, attainment) + 50 · (quality - 1) / 4. Its
quotient is made of the sums of the two, so that nothing is rounded on the way.

Unit: index from 0 to 100.

Empty and null rule: undefined where no touch with a key contact was rated, or no account was
active. How often we were in touch stands alone then, in account_engagement_frequency.

Decisions: a roll-up pools touches, expected touches and ratings first and makes one index of them;
it doesn't average indices. Frequency beyond the target adds nothing, but pooled it makes up for
too little elsewhere.

Source: seed 1 names it; the formula is ours.

Example: 9 touches where 12 were expected, rated 3 and 5: 50 · 0.75 + 50 · 3/4 = 75.
""",
    family="relationship",
    timing="leading",
    unit="index 0-100",
    better="higher",
    value=Formula(
        operands={
            "frequency": Operand(kpi="account_engagement_attainment"),
            "quality": Operand(kpi="account_engagement_quality"),
        },
        numerator="""
            200 * least(frequency_numerator, frequency_denominator) * quality_denominator
            + 50 * (quality_numerator - quality_denominator) * frequency_denominator""",
        denominator="4 * frequency_denominator * quality_denominator",
    ),
    numerator="frequency up to the target, and quality, 50 points each",
    denominator="expected touches times ratings",
    source="seed 1",
)

ACCOUNT_ENGAGEMENT_FREQUENCY = KPI(
    id="account_engagement_frequency",
    version=1,
    title="Touches with key contacts",
    doc="""How often in a month we are in touch with the people who matter at an account.

Inputs: touch.logged, by way of touch_contacts; contact.added, contact.changed and contact.left for
the roles; active_stretches for the account-months.

Shape: one row per completed touch that a key contact (exec_sponsor, decision_maker, champion)
attended (numerator 1), and one row per active account, window and stretch without a change of
owner, segment or team (its account-months below the line, without an event). The value is the ratio
of the sums.

Unit: touches per account and month.

Empty and null rule: no active account-month leaves it undefined; active accounts whose key contacts
heard nothing give 0.

Decisions: a contact counts in the role that they had when the touch took place. A touch counts
once, however many attended, and for the owner of the account, whoever logged it: both sides of the
ratio then speak of the same accounts. A part of a month counts as the part that it is. A touch
before the account is a customer counts above the line, since it took place.

Source: seed 1; the part f of the formula of account_engagement, which is ours.

Example: an account active all quarter, with six calls of which four were with its sponsor: 4/3.
""",
    family="relationship",
    timing="leading",
    kind="activity",
    unit="touches/account/month",
    better="higher",
    value=Ratio(),
    numerator="completed touches with key contacts",
    denominator="active account-months",
    source="seed 1",
    sql=f"""
WITH {MEASURED_MONTHS},
{KEY_TOUCHES}
{_touches_over("measured", "sum(months)")}""",
)

ACCOUNT_ENGAGEMENT_ATTAINMENT = KPI(
    id="account_engagement_attainment",
    version=1,
    title="Touches with key contacts against target",
    doc="""How many of the touches that an account's tier calls for its key contacts really had.

Inputs: touch.logged, by way of touch_contacts; contact.added, contact.changed and contact.left for
the roles; active_stretches for the account-months; account_attributes for the tier.

Shape: as for account_engagement_frequency, but below the line stand expected touches:
account-months times the target of the account's tier. The value is the ratio of the sums.

Unit: %, as a ratio (1.25 for 125 %).

Empty and null rule: no active account-month leaves it undefined; active accounts whose key contacts
heard nothing give 0.

Decisions: a month in which the tier changes expects a part of each. An account whose tier has no
target, or that has no tier, takes `other`. The targets are ours: 4, 2 and 1 touches a month for
tiers A, B and C, and 2 for others; an organisation sets its own. It isn't cut at 1 here:
account_engagement does that.

Source: seed 1; the part f/f* of the formula of account_engagement, which is ours.

Example: a tier A account active all quarter, with nine touches: 9 / (3 · 4) = 0.75.
""",
    family="relationship",
    timing="leading",
    kind="activity",
    unit="%",
    better="higher",
    value=Ratio(),
    params=TouchTargets(),
    numerator="completed touches with key contacts",
    denominator="touches expected: active account-months times the tier's target",
    source="seed 1",
    sql=f"""
WITH {MEASURED_MONTHS},
{KEY_TOUCHES},
-- a stretch has one tier
expected AS (
    SELECT
        measured.account_id,
        measured.period,
        measured.stretch_start,
        measured.starts_at,
        measured.months
        * coalesce(
            CAST($targets AS MAP(VARCHAR, DECIMAL(18, 6)))[attributes.tier],
            CAST($other AS DECIMAL(18, 6))
        ) AS touches
    FROM measured
    LEFT JOIN account_attributes AS attributes
        ON attributes.account_id = measured.account_id
        AND attributes.valid_from <= measured.stretch_start
        AND (attributes.valid_to IS NULL OR measured.stretch_start < attributes.valid_to)
)

{_touches_over("expected", "CAST(round(sum(touches), 6) AS DECIMAL(38, 6))")}""",
)

ACCOUNT_ENGAGEMENT_QUALITY = KPI(
    id="account_engagement_quality",
    version=1,
    title="Quality of touches with key contacts",
    doc="""How good the touches with the people who matter at an account were found to be.

Inputs: touch.logged, by way of touches and touch_contacts; contact.added, contact.changed and
contact.left for the roles.

Shape: one row per completed touch that a key contact attended and that was rated: its quality. The
value is the mean. `part` is the channel.

Unit: points from 1 to 5.

Empty and null rule: no rated touch leaves it undefined. A touch that nobody rated stays out.

Decisions: as for account_engagement_frequency: the role of the moment, each touch once, for the
owner of the account.

Source: seed 1; the part q of the formula of account_engagement, which is ours.

Example: four calls with the sponsor, of which two were rated, 3 and 5: 4.
""",
    family="relationship",
    timing="leading",
    unit="points",
    better="higher",
    value=Mean(),
    numerator="quality of the touches rated",
    denominator="touches rated",
    source="seed 1",
    sql="""
SELECT
    account_id,
    occurred_at,
    quality AS numerator,
    event_id,
    channel AS part
FROM touches
WHERE quality IS NOT NULL
    AND event_id IN (SELECT event_id FROM touch_contacts WHERE completed AND key_contact)
""",
)
