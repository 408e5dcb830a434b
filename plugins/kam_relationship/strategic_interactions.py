"""Strategic interactions: talk with those who decide, or about where to go."""

from __future__ import annotations

from kamengine.kpi import KPI, Sum

STRATEGIC_INTERACTIONS = KPI(
    id="strategic_interactions",
    version=1,
    title="Strategic interactions",
    doc="""How often we talked with those who decide at the account, or about its strategy.

Inputs: touch.logged, by way of touches and touch_contacts; contact.added, contact.changed and
contact.left for the roles.

Shape: one row per completed touch with an account that a decision maker or an executive sponsor
attended, or whose purpose is strategic; numerator 1. `part` is the highest role that attended, or
"purpose" where nobody who decides did.

Unit: count.

Empty and null rule: no such touch is a true zero.

Decisions: a contact counts in the role that they had when the touch took place, so a later
promotion makes no past touch strategic. A touch counts once, however many attended and whatever
its purpose, for the manager who logged it. Touches with prospects, who have no account, stay out.

Source: seed 1 (FAQ) names it; what makes a touch strategic is ours.

Example: a call with a decision maker, a workshop with users on the strategy, and a support call
with a user: 2.
""",
    family="relationship",
    timing="leading",
    kind="activity",
    unit="count",
    better="higher",
    value=Sum(),
    empty="zero",
    numerator="completed touches with somebody who decides, or with a strategic purpose",
    source="seed 1",
    sql="""
-- exec_sponsor comes after decision_maker in the alphabet as well
WITH decided AS (
    SELECT event_id, max(role) AS highest_role
    FROM touch_contacts
    WHERE completed AND decision_maker
    GROUP BY event_id
)

SELECT
    touch.account_id,
    touch.manager_id,
    touch.occurred_at,
    1 AS numerator,
    touch.event_id,
    coalesce(decided.highest_role, 'purpose') AS part
FROM touches AS touch
LEFT JOIN decided USING (event_id)
WHERE touch.completed
    AND touch.account_id IS NOT NULL
    AND (decided.event_id IS NOT NULL OR touch.purpose = 'strategic')
""",
)
