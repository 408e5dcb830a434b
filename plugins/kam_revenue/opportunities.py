"""What may become business: opportunities found, and clients who send us others."""

from __future__ import annotations

from kamengine.kpi import KPI, Sum

NEW_BUSINESS_OPPORTUNITIES = KPI(
    id="new_business_opportunities",
    version=1,
    title="New business opportunities",
    doc="""How many opportunities for new business were opened on our accounts.

Inputs: deal.opened.

Shape: one row per deal of kind new_stream, reactivation or cross_sell at the moment it was opened;
the value is their number. `part` is the kind.

Unit: deals.

Empty and null rule: none is a true 0.

Decisions: a deal opened again counts once, at its first opening, with the kind last stated. A deal
without an account isn't one on a key account and doesn't count. It counts for the manager who
opened it, whoever closes it.

Source: seed 1 names it; the kinds that count are ours.

Example: a reactivation and two cross-sells opened in May, beside an upsell: 3.
""",
    family="revenue",
    timing="leading",
    unit="deals",
    better="higher",
    value=Sum(),
    empty="zero",
    numerator="deals opened for a new stream, a reactivation or a cross-sell",
    source="seed 1",
    sql="""
SELECT
    account_id,
    opened_by AS manager_id,
    opened_at AS occurred_at,
    1 AS numerator,
    opened_event AS event_id,
    kind AS part
FROM deals
WHERE opened_at IS NOT NULL
    AND account_id IS NOT NULL
    AND kind IN ('new_stream', 'reactivation', 'cross_sell')
""",
)

NUMBER_OF_REFERRALS = KPI(
    id="number_of_referrals",
    version=1,
    title="Number of referrals",
    doc="""How many referrals our clients gave us.

Inputs: referral.received.

Shape: one row per referral of an account at the moment it was first received; the value is their
number.

Unit: referrals.

Empty and null rule: none is a true 0.

Decisions: a referral received again, under the same id from the same account, counts once, at the
first time. It need not name the contact: the event is the account's. It counts for the owner of
the account at that moment.

Source: seed 1 names it; the count is the field's standard.

Example: two contacts refer one prospect each in May, and one of them is logged twice: 2.
""",
    family="revenue",
    timing="leading",
    unit="referrals",
    better="higher",
    value=Sum(),
    empty="zero",
    numerator="distinct referrals received",
    source="seed 1",
    sql="""
SELECT account_id, occurred_at, 1 AS numerator, event_id
FROM referrals
""",
)
