"""Number of contacts: how many people at the account really talk with us."""

from __future__ import annotations

from kam_relationship.window_ends import contacts_touched
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
    sql=f"""
{contacts_touched("two_way AND account_id IS NOT NULL")}
places AS (
    SELECT max(place) AS last_place FROM ends
),

standing AS (
    SELECT
        contact.account_id,
        contact.contact_id,
        contact.seniority,
        contact.department,
        contact.valid_from,
        contact.valid_to,
        held.touched_at,
        held.event_id,
        unnest(range(held.place, coalesce(held.next_place, places.last_place + 1))) AS place
    FROM held
    INNER JOIN filed AS contact USING (person)
    CROSS JOIN places
)

-- on file at the window's last instant, the one that ends before t1
SELECT
    standing.account_id,
    windows.period,
    standing.contact_id AS item,
    standing.event_id,
    concat_ws(', ', standing.seniority, standing.department) AS part
FROM standing
INNER JOIN ends
    ON ends.place = standing.place
    AND standing.valid_from < ends.t1
    AND (standing.valid_to IS NULL OR standing.valid_to >= ends.t1)
INNER JOIN windows USING (t1)
WHERE standing.touched_at >= local_start(CAST(ends.end_date - $days AS DATE))
""",
)
