"""What is measured of visits."""

from __future__ import annotations

from kamengine import KPI, Params, Ratio, Sum


class Counted(Params, frozen=True):
    """Which visits count.

    Attributes:
        purposes: Those with one of these purposes.
    """

    purposes: tuple[str, ...] = ("repair", "inspection")


FIELD_HOURS = KPI(
    id="field_hours",
    version=1,
    title="Hours in the field",
    doc="How many hours technicians spent at an account's sites.",
    family="relationship",
    timing="leading",
    kind="activity",
    unit="hours",
    better="higher",
    value=Sum(per=60),
    empty="zero",
    params=Counted(),
    numerator="minutes at the site",
    sql="""
        SELECT
            account_id,
            occurred_at,
            minutes AS numerator,
            purpose AS part,
            event_id
        FROM site_visits_made
        WHERE list_contains($purposes, purpose)
    """,
)

FIRST_TIME_FIX_SHARE = KPI(
    id="first_time_fix_share",
    version=1,
    title="Fixed at the first visit",
    doc="The share of repairs that were done at the first visit.",
    family="retention",
    timing="lagging",
    unit="%",
    better="higher",
    value=Ratio(),
    numerator="repairs done",
    denominator="repairs",
    sql="""
        SELECT
            account_id,
            occurred_at,
            CASE WHEN fixed THEN 1 ELSE 0 END AS numerator,
            event_id
        FROM site_visits_made
        WHERE purpose = 'repair' AND fixed IS NOT NULL
    """,
)

SITE_VISITS = KPI(
    id="site_visits",
    version=1,
    title="Site visits",
    doc="How many visits there were, however short.",
    family="relationship",
    timing="leading",
    kind="activity",
    unit="visits",
    better="higher",
    value=Sum(),
    empty="zero",
    replaced_by="field_hours",
    sql="SELECT account_id, occurred_at, 1 AS numerator, event_id FROM site_visits_made",
)
