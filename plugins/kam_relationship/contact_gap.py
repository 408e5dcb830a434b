"""Days since last contact: with the account, and with the key contact longest out of touch."""

from __future__ import annotations

from kam_relationship.window_ends import accounts_touched, contacts_touched
from kamengine.kpi import KPI, Mean

SECONDS_A_DAY = 86_400

KEY_ROLES = "role IN ('exec_sponsor', 'decision_maker', 'champion')"

CONTACT_GAP_DAYS = KPI(
    id="contact_gap_days",
    version=1,
    title="Days since last contact",
    doc="""How many days have passed, at the end of the period, since we last had contact.

Inputs: touch.logged; customer_spells for who is a customer, ownership for those never contacted.

Shape: one row per window and account that is active at the window's last instant, with the
seconds from its last completed touch to the window's end ("as of" while it is open). An account's
value is its own gap; a manager's, team's, segment's or the organisation's is the mean over
accounts.

Unit: days, with fractions.

Empty and null rule: an account that isn't active when the window ends has no gap, so no value.
Planned, cancelled and missed touches are no contact.

Decisions: an account never contacted has waited since it first had an owner (a change of owner is
no contact); where it had none by then, since it became a customer. A touch at the very end of the
window belongs to the next one. The mean over accounts is ours.

Source: seeds 0 and 2 name it; the formula is the field's.

Example: last touch on 3 September at 12:00, asked for September: 27.5 days.
""",
    family="relationship",
    timing="leading",
    kind="activity",
    unit="days",
    better="lower",
    value=Mean(per=SECONDS_A_DAY),
    numerator="seconds since the last completed touch",
    denominator="86,400 seconds a day for each active account",
    source="seeds 0 and 2",
    sql=f"""
{accounts_touched("completed AND account_id IS NOT NULL")}
active AS (
    SELECT
        spell.account_id,
        ends.place,
        ends.t1,
        spell.starts_at,
        spell.start_event
    FROM customer_spells AS spell
    INNER JOIN ends
        ON spell.starts_at < ends.t1
        AND (spell.ends_at IS NULL OR spell.ends_at >= ends.t1)
),

first_owned AS (
    SELECT account_id, valid_from AS owned_at, event_id
    FROM ownership
    QUALIFY row_number() OVER (PARTITION BY account_id ORDER BY valid_from) = 1
),

waits AS (
    SELECT
        active.account_id,
        active.t1,
        coalesce(held.touched_at, owned.owned_at, active.starts_at) AS since,
        coalesce(held.event_id, owned.event_id, active.start_event) AS event_id
    FROM active
    LEFT JOIN first_owned AS owned
        ON owned.account_id = active.account_id
        AND owned.owned_at < active.t1
    LEFT JOIN held
        ON held.account_id = active.account_id
        AND held.place <= active.place
        AND (held.next_place IS NULL OR active.place < held.next_place)
)

SELECT
    waits.account_id,
    windows.period,
    seconds_between(waits.since, waits.t1) AS numerator,
    waits.event_id
FROM waits
INNER JOIN windows USING (t1)
""",
)

KEY_CONTACT_GAP_DAYS = KPI(
    id="key_contact_gap_days",
    version=1,
    title="Days since last contact with the key contact longest out of touch",
    doc="""How many days, at the end of the period, the most neglected key contact has waited.

Inputs: touch.logged, contact.added, contact.changed, contact.left; customer_spells and ownership.

Shape: one row per window and account that is active at the window's last instant and has a key
contact (exec_sponsor, decision_maker, champion) on file then: the seconds since the last completed
touch with the key contact who has waited longest, named in `part`. Above the account, the mean
over accounts.

Unit: days, with fractions.

Empty and null rule: an account without a key contact on file has no value.

Decisions: a contact never met has waited since they came on file or the account first had an
owner, whichever is later. A touch counts from whatever role the contact had at the time. A touch
that names no contact is nobody's.

Source: seeds 0 and 2; the per-contact variant in kpis.md is ours.

Example: at the end of September the sponsor was last met on 21 September and the champion on
31 August, both at midnight: 10 and 31 days, so 31.
""",
    family="relationship",
    timing="leading",
    kind="activity",
    unit="days",
    better="lower",
    value=Mean(per=SECONDS_A_DAY),
    numerator="seconds since the last completed touch with the key contact who waited longest",
    denominator="86,400 seconds a day for each active account with a key contact",
    source="seeds 0 and 2",
    sql=f"""
{contacts_touched("completed", among=KEY_ROLES)}
active AS (
    SELECT spell.account_id, ends.place, ends.t1
    FROM customer_spells AS spell
    INNER JOIN ends
        ON spell.starts_at < ends.t1
        AND (spell.ends_at IS NULL OR spell.ends_at >= ends.t1)
),

first_owned AS (
    SELECT account_id, min(valid_from) AS owned_at
    FROM ownership
    GROUP BY account_id
),

-- the last instant of a window is the one that ends before t1
due AS (
    SELECT
        contact.account_id,
        contact.contact_id,
        contact.person,
        contact.known_at,
        contact.event_id,
        active.place,
        active.t1
    FROM filed AS contact
    INNER JOIN active
        ON active.account_id = contact.account_id
        AND contact.valid_from < active.t1
        AND (contact.valid_to IS NULL OR contact.valid_to >= active.t1)
    WHERE {KEY_ROLES}
),

places AS (
    SELECT max(place) AS last_place FROM ends
),

standing AS (
    SELECT
        held.person,
        held.touched_at,
        held.event_id,
        unnest(range(held.place, coalesce(held.next_place, places.last_place + 1))) AS place
    FROM held
    CROSS JOIN places
),

waits AS (
    SELECT
        due.account_id,
        due.contact_id,
        due.t1,
        coalesce(standing.touched_at, greatest(due.known_at, owned.owned_at)) AS since,
        coalesce(standing.event_id, due.event_id) AS event_id
    FROM due
    LEFT JOIN first_owned AS owned
        ON owned.account_id = due.account_id
        AND owned.owned_at < due.t1
    LEFT JOIN standing
        ON standing.person = due.person
        AND standing.place = due.place
),

longest AS (
    SELECT account_id, contact_id, t1, since, event_id
    FROM waits
    QUALIFY row_number() OVER (PARTITION BY account_id, t1 ORDER BY since, contact_id) = 1
)

SELECT
    longest.account_id,
    windows.period,
    seconds_between(longest.since, longest.t1) AS numerator,
    longest.event_id,
    longest.contact_id AS part
FROM longest
INNER JOIN windows USING (t1)
""",
)
