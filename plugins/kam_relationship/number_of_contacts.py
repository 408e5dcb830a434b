"""Number of contacts: how many people at the account really talk with us."""

from __future__ import annotations

from kamengine.kpi import KPI, Distinct, Params


class Recency(Params, frozen=True):
    """How recent contact must be.

    Attributes:
        days: Length of the look-back in local days, counted back from the window's end.
    """

    days: int = 180


NUMBER_OF_CONTACTS = KPI(
    id="number_of_contacts",
    version=1,
    title="Number of contacts",
    doc="""How many people at the account talk with us: relationships that don't hang on one person.

Inputs: touch.logged, contact.added, contact.changed, contact.left.

Shape: one row per window and contact who is on file at the window's last instant and took part in
a two-way touch in the 180 days before its end; `item` is the contact, `part` seniority and
department. The value is the number of different contacts, those of different accounts apart.

Unit: count.

Empty and null rule: nobody to count is a true zero.

Decisions: two-way is a completed call, video or meeting, or a completed message that is inbound or
was replied to. The look-back ends with the window, so a month, its quarter and its year that end
together show the same number. A contact who left before the window's end doesn't count. The row
stands for the latest such touch.

Source: seed 1 names it; the 180 days are ours.

Example: of five contacts on file three took part in calls since March, one only got an unanswered
e-mail, one left: 3.
""",
    family="relationship",
    timing="leading",
    kind="activity",
    unit="count",
    better="higher",
    value=Distinct(),
    params=Recency(),
    empty="zero",
    numerator="contacts on file with a two-way touch in the look-back",
    source="seed 1",
    sql="""
WITH ends AS (
    SELECT DISTINCT t1, local_start(CAST(end_date - $days AS DATE)) AS since
    FROM windows
),

-- the last instant of a window is the one that ends before t1
present AS (
    SELECT
        contact.account_id,
        contact.contact_id,
        concat_ws(', ', contact.seniority, contact.department) AS place,
        ends.t1,
        ends.since
    FROM contacts AS contact
    INNER JOIN ends
        ON contact.valid_from < ends.t1
        AND (contact.valid_to IS NULL OR contact.valid_to >= ends.t1)
),

met AS (
    SELECT account_id, contact_id, occurred_at, event_id
    FROM touch_contacts
    WHERE two_way AND account_id IS NOT NULL
),

recent AS (
    SELECT present.*, met.occurred_at AS met_at
    FROM present
    ASOF INNER JOIN met
        ON present.account_id = met.account_id
        AND present.contact_id = met.contact_id
        AND present.t1 > met.occurred_at
    WHERE met.occurred_at >= present.since
),

-- touches may share a moment: then all of them stand for it, whichever was delivered first
last_meetings AS (
    SELECT
        account_id, contact_id, occurred_at AS met_at, list(event_id ORDER BY event_id) AS event_ids
    FROM met
    SEMI JOIN recent
        ON recent.account_id = met.account_id
        AND recent.contact_id = met.contact_id
        AND recent.met_at = met.occurred_at
    GROUP BY account_id, contact_id, occurred_at
)

SELECT
    recent.account_id,
    windows.period,
    recent.contact_id AS item,
    meeting.event_ids AS event_id,
    recent.place AS part
FROM recent
INNER JOIN windows USING (t1)
INNER JOIN last_meetings AS meeting USING (account_id, contact_id, met_at)
""",
)
