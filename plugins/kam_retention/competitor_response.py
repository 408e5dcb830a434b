"""How fast we answer a competitor's move, and whether in time."""

from __future__ import annotations

from decimal import Decimal

from kamengine import KPI, Params, Quantile, Ratio

SECONDS_PER_HOUR = 3600

COMPETITOR_RESPONSE_TIME = KPI(
    id="competitor_response_time",
    version=1,
    title="Competitor response time",
    doc="""
    The time within which half of the competitors sighted at an account are responded to.

    Inputs: `competitor.sighted` and `competitor.responded`, by way of `competitor_sightings`.

    Shape: one row per sighting that was responded to, the seconds from the sighting to the first
    response, at the moment of the sighting. The value is their median; of an even number, midway
    between the two in the middle. `part` is the competitor.

    Unit: hours of the clock, nights and weekends included.

    Empty and null rule: without a sighting that was responded to there is no value. A response
    before the sighting leaves the value undefined until the log is put right: a negative wait would
    flatter it.

    Decisions: a sighting counts in the window in which it was made, so the value of a past window
    still moves while sightings of it are open. How long nobody responded can't be known while
    nobody does: such sightings aren't in the median, and `competitor_response_on_time` counts them
    as late. It counts for the owner of the account at the sighting.

    Source: seed 1 names it; the median of first responses is the field's standard.

    Example: responses after 4, 10 and 30 hours and none to a fourth sighting: 10 hours.
    """,
    family="retention",
    timing="leading",
    unit="hours",
    better="lower",
    value=Quantile(q=Decimal("0.5"), per=SECONDS_PER_HOUR),
    sql="""
SELECT
    account_id,
    sighted_at AS occurred_at,
    CASE
        WHEN responded_at >= sighted_at THEN seconds_between(sighted_at, responded_at)
    END AS numerator,
    competitor AS part,
    [sighted_event, responded_event] AS event_id,
    CASE
        WHEN responded_at < sighted_at
            THEN 'sighting ' || sighting_id || ' of ' || account_id
                || ' is responded to before it is made'
    END AS problem
FROM competitor_sightings
WHERE responded_at IS NOT NULL
""",
    source="seed 1; field standard",
    numerator="seconds from the sighting to the first response, at the median",
    denominator="3,600 seconds an hour",
)


class Promise(Params, frozen=True):
    """What we promise ourselves.

    Attributes:
        sla_hours: The time that we give ourselves to respond.
    """

    sla_hours: int = 48

    def __post_init__(self) -> None:
        if self.sla_hours < 0:
            raise ValueError(f"`sla_hours` is {self.sla_hours}; it must be 0 or more")


COMPETITOR_RESPONSE_ON_TIME = KPI(
    id="competitor_response_on_time",
    version=1,
    title="Competitors responded to in time",
    doc="""
    The share of the competitors sighted at an account that we respond to in time.

    Inputs: `competitor.sighted` and `competitor.responded`, by way of `competitor_sightings`.

    Shape: one row per sighting at the moment when the time to respond is up, `1` if the first
    response came by then and `0` if not, over `1`. `part` is the competitor.

    Unit: % (kept as a ratio, 0.8 for 80 %).

    Empty and null rule: without a sighting whose time is up there is no value. A sighting that
    nobody responds to counts as late. A response before the sighting is in time.

    Decisions: a case is judged when it is ripe: a sighting counts in the window in which its
    `sla_hours` (48) run out, answered or not, and for the owner of the account then. So no open
    case is counted as a failure before its time, and no past value moves. A response at the very
    end of the time is in time.

    Source: seed 1 names the response; the share within a promised time is the field's standard.

    Example: responses after 4, 10 and 60 hours and none to a fourth sighting: 2/4 = 0.5.
    """,
    family="retention",
    timing="leading",
    unit="%",
    better="higher",
    value=Ratio(),
    params=Promise(),
    sql="""
SELECT
    account_id,
    sighted_at + INTERVAL 1 HOUR * $sla_hours AS occurred_at,
    CASE
        WHEN responded_at <= sighted_at + INTERVAL 1 HOUR * $sla_hours THEN 1 ELSE 0
    END AS numerator,
    1 AS denominator,
    competitor AS part,
    CASE
        WHEN responded_event IS NULL THEN [sighted_event]
        ELSE [sighted_event, responded_event]
    END AS event_id
FROM competitor_sightings
""",
    source="seed 1; field standard",
    numerator="sightings responded to in time",
    denominator="sightings whose time to respond is up",
)
