"""Customer needs analysis: how well we understand what the customer needs."""

from __future__ import annotations

from kamengine.kpi import KPI, Params, Ratio


class Freshness(Params, frozen=True):
    """How long an assessment says something.

    Attributes:
        days: Length of the look-back in local days, counted back from the window's end.
    """

    days: int = 180


CUSTOMER_NEEDS_ANALYSIS = KPI(
    id="customer_needs_analysis",
    version=1,
    title="Customer needs analysis",
    doc="""How well we understand what the customer needs, where it matters and the customer agrees.

Inputs: needs.assessed, by way of needs.

Shape: one row per window and need whose latest assessment before the window's end lies in the 180
days before that end: importance times understanding over importance times 5. The value is the ratio
of the sums.

Unit: %, as a ratio (0.6 for 60 %).

Empty and null rule: no need assessed in the look-back leaves it undefined. An understanding that
the customer hasn't validated counts as 0.

Decisions: a need counts once, as last assessed, also where that took back what the customer had
validated. The look-back ends with the window, so a month, its quarter and its year that end
together show the same number. A need counts for the owner of the account at the window's end: who
takes an account over takes over what is known of it.

Source: seed 1 names it; the formula is ours.

Example: a need of importance 5 understood at 4 and validated, one of importance 3 understood at 5
but not validated: 20 / (25 + 15) = 0.5.
""",
    family="relationship",
    timing="leading",
    unit="%",
    better="higher",
    value=Ratio(),
    params=Freshness(),
    numerator="importance times validated understanding, over needs assessed in the look-back",
    denominator="importance times 5, over needs assessed in the look-back",
    source="seed 1",
    sql="""
-- the assessment that stands at the window's last instant, the one that ends before t1
SELECT
    need.account_id,
    windows.period,
    CASE WHEN need.validated THEN need.importance * need.understanding ELSE 0 END AS numerator,
    need.importance * 5 AS denominator,
    need.event_id
FROM needs AS need
INNER JOIN windows
    ON need.valid_from < windows.t1
    AND need.valid_from >= local_start(CAST(windows.end_date - $days AS DATE))
    AND (need.valid_to IS NULL OR need.valid_to >= windows.t1)
""",
)
