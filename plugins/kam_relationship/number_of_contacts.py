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
    SELECT
        t1,
        min(local_start(CAST(end_date - $days AS DATE))) AS since,
        row_number() OVER (ORDER BY t1) AS place
    FROM windows
    GROUP BY t1
),

-- one touch stands for all between one window's end and the next: the last
last_touches AS (
    SELECT
        touch.account_id,
        touch.contact_id,
        ends.place,
        max(touch.occurred_at) AS met_at,
        arg_max(touch.event_id, (touch.occurred_at, touch.touch_id)) AS event_id
    FROM touch_contacts AS touch
    ASOF INNER JOIN ends
        ON touch.occurred_at < ends.t1
    WHERE touch.two_way AND touch.account_id IS NOT NULL
    GROUP BY touch.account_id, touch.contact_id, ends.place
),

-- it holds for every end until a later touch takes its place
held AS (
    SELECT
        *,
        lead(place, 1, (SELECT count(*) + 1 FROM ends)) OVER (
            PARTITION BY account_id, contact_id ORDER BY place
        ) AS next_place
    FROM last_touches
),

standing AS (
    SELECT account_id, contact_id, met_at, event_id, unnest(range(place, next_place)) AS place
    FROM held
),

recent AS (
    SELECT standing.account_id, standing.contact_id, standing.event_id, ends.t1
    FROM standing
    INNER JOIN ends USING (place)
    WHERE standing.met_at >= ends.since
)

-- on file at the window's last instant, the one that ends before t1
SELECT
    recent.account_id,
    windows.period,
    recent.contact_id AS item,
    recent.event_id,
    concat_ws(', ', contact.seniority, contact.department) AS part
FROM recent
INNER JOIN contacts AS contact
    ON contact.account_id = recent.account_id
    AND contact.contact_id = recent.contact_id
    AND contact.valid_from < recent.t1
    AND (contact.valid_to IS NULL OR contact.valid_to >= recent.t1)
INNER JOIN windows USING (t1)
""",
)
