"""KAM scorecard score: the 3R+1 in one number, weighed by how long the manager has been here."""

from __future__ import annotations

from decimal import Decimal

from kamengine.kpi import KPI, Composite, TenureWeights

KAM_SCORECARD_SCORE = KPI(
    id="kam_scorecard_score",
    version=1,
    title="KAM scorecard (3R+1) score",
    doc="""How well the targets for relationship, revenue and retention are met, weighed by tenure.

Inputs: the other KPIs on the subject's scorecard, with their targets from config; manager.hired,
by way of `managers`; `ownership` and `team_membership`.

Shape: no evidence of its own. The KPIs that count on the scorecard (weight above 0) are put into
their families; a family's attainment is the mean of its KPIs', each 0 at the floor and worse, 1
at the target, and at most 1.2. The value is 100 times the families' attainments, each times its
weight, added up, over the weights added up.

Unit: points, from 0 to 120; 100 where every target is just met.

Empty and null rule: a KPI without a value, or without a target, is left out and named. A family
in which none has a value is named too, and the others stand in for it in proportion to their
weights. Without any there is no score; nor where no scorecard applies, where nobody answers for
the subject in the period, or where no event says when somebody who does was hired.

Decisions: a band of tenure begins on the day that completes its months (18 months after 2023-01-15
is 2024-07-15, and that day is in the second band); of a day of hiring that a shorter month lacks,
on that month's last day. Each day of the period has the weights of its band, and the period their
mean; a mean that is a fraction is made whole on both sides of the value: 44,000/900 for 440/9,
which is 48.89. A manager's days are those of employment; an account has the days of whoever owned
it, a team those of all its members, the organisation those of all managers, each day of each
manager alike; a day of change belongs to who comes. Learning and business are shown beside with
weight 0 unless weights are set for them. Within a family all KPIs count alike; with `by_weight`
they count by their weights on the scorecard. A roll-up is the score of the manager's, team's or
organisation's own scorecard, made of pooled values; it is not a mean of scores. It is computed when
it is asked for, from the targets as they are then.

Source: seed 1: relationships, revenue and retention 60/20/20 in the first 18 months, 40/30/30 to
36 months, 30/40/30 after. To weigh by the day and to let families stand in are ours.

Example: weights 20, 15 and 22, attainments 47 %, 59 % and 21 %: 2287/57 = 40.1228.
""",
    family="business",
    timing="lagging",
    unit="points",
    better="higher",
    value=Composite(by="family"),
    params=TenureWeights(
        from_month=(0, 18, 36),
        relationship=(Decimal(60), Decimal(40), Decimal(30)),
        revenue=(Decimal(20), Decimal(30), Decimal(40)),
        retention=(Decimal(20), Decimal(30), Decimal(30)),
        learning=(Decimal(0), Decimal(0), Decimal(0)),
        business=(Decimal(0), Decimal(0), Decimal(0)),
    ),
    numerator="weight times mean attainment of each family, times 100",
    denominator="weights of the families that have a value",
    source="seed 1",
)
