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
