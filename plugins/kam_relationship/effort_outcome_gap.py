"""Effort against outcome: does what the manager puts in come back?"""

from __future__ import annotations

from decimal import Decimal

from kamengine.kpi import KPI, Composite

EFFORT_OUTCOME_GAP = KPI(
    id="effort_outcome_gap",
    version=1,
    title="Effort vs outcome gap",
    doc="""How much further the leading KPIs of a scorecard are than its lagging ones.

Inputs: the other KPIs on the subject's scorecard, with their targets from config.

Shape: no evidence of its own. The KPIs that count on the scorecard (weight above 0) are put into
leading and lagging ones; the value is 100 times the mean attainment of the leading ones less that
of the lagging ones. An attainment is 0 at the floor and worse, 1 at the target, and at most 1.2.

Unit: pp (percentage points), from -120 to 120.

Empty and null rule: a KPI without a value, or without a target, is left out and named; where no
leading KPI or no lagging one has a value there is no gap, and so where no scorecard applies.

Decisions: all KPIs count alike, whatever their weights on the scorecard; one that is only shown
beside it (weight 0) doesn't, and nor does another composite. Above 0 effort has not paid off yet,
below 0 results outrun the effort: either is a reason to talk, and never a penalty. A roll-up is
the gap on the manager's, team's or organisation's own scorecard, made of pooled values; it is not
a mean of gaps. It is computed when it is asked for, from the targets as they are then.

Source: seeds 0, 2 and 4 ask that good inputs with poor outputs be looked at together; the formula
is ours.

Example: leading KPIs at 100 % and 60 %, a lagging one at 50 %: 80 - 50 = 30.
""",
    family="relationship",
    timing="leading",
    unit="pp",
    better="band",
    value=Composite(by="timing", weights={"leading": Decimal(1), "lagging": Decimal(-1)}),
    numerator="mean attainment of leading KPIs less that of lagging ones, times 100",
    source="seeds 0, 2 and 4",
)
