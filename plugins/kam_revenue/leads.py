"""Leads: how many prove worth pursuing, and how many clients sent us."""

from __future__ import annotations

from kamengine.kpi import KPI, Params, Ratio


class ClientSources(Params, frozen=True):
    """Which captured sources are existing clients.

    Attributes:
        sources: The words for them in ``source`` of a lead.
    """

    sources: tuple[str, ...] = ("referral", "client")


REFERRED_LEAD_SHARE = KPI(
    id="referred_lead_share",
    version=1,
    title="Leads referred by clients",
    doc="""Of the leads who said how they heard about us, how many heard it from an existing client.

Inputs: lead.created.

Shape: one row per lead with a captured source at the moment it was created; numerator 1 where the
source is a client, else 0. The value is the ratio of the sums. `part` is the source.

Unit: %, as a ratio (0.2 for 20 %).

Empty and null rule: no lead with a captured source in the window leaves it undefined. A lead that
states neither a source nor who referred it isn't counted.

Decisions: the source is a client where the lead names the account that referred it, or where its
source is one of `sources`, by default referral and client. That the account is still a customer
isn't asked. A lead created again counts once, at the first time. A lead has no account: it counts
for the manager whom its creation names, and for the organisation.

Source: seeds 0 and 2: "how did you hear about us"; the formula is the field's standard.

Example: of 12 leads in May 2 say nothing, 3 say "referral" and 7 other things: 3/10.
""",
    family="revenue",
    timing="leading",
    unit="%",
    better="higher",
    value=Ratio(),
    params=ClientSources(),
    numerator="leads whose source is an existing client",
    denominator="leads with a captured source",
    source="seeds 0 and 2",
    sql="""
SELECT
    manager_id,
    created_at AS occurred_at,
    CASE
        WHEN referring_account_id IS NOT NULL THEN 1
        WHEN list_contains($sources, lead_source) THEN 1
        ELSE 0
    END AS numerator,
    1 AS denominator,
    created_event AS event_id,
    coalesce(lead_source, 'client') AS part
FROM leads
WHERE created_at IS NOT NULL
    AND (lead_source IS NOT NULL OR referring_account_id IS NOT NULL)
""",
)

LONGEST = 3_650


class Ripening(Params, frozen=True):
    """How long a lead has to qualify.

    Attributes:
        days: Days of 24 hours from its creation.
    """

    days: int = 30

    def __post_init__(self) -> None:
        if not 1 <= self.days <= LONGEST:
            raise ValueError(f"`days` is {self.days}; it must lie between 1 and {LONGEST}")


LEAD_MANAGEMENT = KPI(
    id="lead_management",
    version=1,
    title="Lead management",
    doc="""Of the leads created in the window, how many qualified in the time that they were given.

Inputs: lead.created, lead.qualified.

Shape: one row per lead at the moment it was created, from the moment at which its `days` are over;
numerator 1 where it qualified within them, else 0. The value is the ratio of the sums. `part` is
the lead's source.

Unit: %, as a ratio (0.5 for 50 %).

Empty and null rule: no ripe lead created in the window leaves it undefined. A lead of which only
the qualification is known belongs to no cohort and stays out.

Decisions: a lead is ripe 30 days of 24 hours after its creation; until then it counts on neither
side, qualified or not, since to count the quick ones at once would flatter the rate. One that
qualifies at that very moment, or before its creation was logged, is in time; one that qualifies
later isn't. A lead created again counts once, at the first time. A lead has no account: it counts
for the manager whom its creation names, and for the organisation.

Source: seed 1 names it; the ripened cohort is ours.

Example: of 10 leads created in May 4 qualify within 30 days and 1 after 40: 4/10, from July on.
""",
    family="revenue",
    timing="leading",
    unit="%",
    better="higher",
    value=Ratio(),
    params=Ripening(),
    numerator="ripe leads that qualified in time",
    denominator="ripe leads created",
    source="seed 1",
    sql="""
SELECT
    manager_id,
    created_at AS occurred_at,
    created_at + $days * INTERVAL 1 DAY AS ripe_at,
    CASE WHEN qualified_at <= created_at + $days * INTERVAL 1 DAY THEN 1 ELSE 0 END AS numerator,
    1 AS denominator,
    CASE
        WHEN qualified_event IS NULL THEN [created_event]
        ELSE [created_event, qualified_event]
    END AS event_id,
    lead_source AS part
FROM leads
WHERE created_at IS NOT NULL
""",
)
