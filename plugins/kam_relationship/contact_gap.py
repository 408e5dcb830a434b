"""Days since last contact: with the account, and with the key contact longest out of touch."""

from __future__ import annotations

from kamengine.kpi import KPI, Mean

SECONDS_A_DAY = 86_400

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
    denominator="active accounts",
    source="seeds 0 and 2",
    sql="""
WITH ends AS (
    SELECT DISTINCT t1 FROM windows
),

active AS (
    SELECT
        spell.account_id,
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

completed AS (
    SELECT account_id, occurred_at, event_id
    FROM touches
    WHERE completed AND account_id IS NOT NULL
),

last_moments AS (
    SELECT active.*, completed.occurred_at AS touched_at
    FROM active
    ASOF LEFT JOIN completed
        ON active.account_id = completed.account_id
        AND active.t1 > completed.occurred_at
),

-- touches may share a moment: then all of them stand for it, whichever was delivered first
last_touches AS (
    SELECT account_id, occurred_at AS touched_at, list(event_id ORDER BY event_id) AS event_ids
    FROM completed
    SEMI JOIN last_moments
        ON last_moments.account_id = completed.account_id
        AND last_moments.touched_at = completed.occurred_at
    GROUP BY account_id, occurred_at
),

waits AS (
    SELECT
        moment.account_id,
        moment.t1,
        coalesce(moment.touched_at, owned.owned_at, moment.starts_at) AS since,
        coalesce(
            touched.event_ids, [owned.event_id], [moment.start_event]
        ) AS event_ids
    FROM last_moments AS moment
    LEFT JOIN last_touches AS touched USING (account_id, touched_at)
    LEFT JOIN first_owned AS owned
        ON owned.account_id = moment.account_id
        AND owned.owned_at < moment.t1
)

SELECT
    waits.account_id,
    windows.period,
    seconds_between(waits.since, waits.t1) AS numerator,
    waits.event_ids AS event_id
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
    denominator="active accounts with a key contact",
    source="seeds 0 and 2",
    sql="""
WITH ends AS (
    SELECT DISTINCT t1 FROM windows
),

first_owned AS (
    SELECT account_id, min(valid_from) AS owned_at
    FROM ownership
    GROUP BY account_id
),

first_known AS (
    SELECT account_id, contact_id, min(valid_from) AS known_at
    FROM contacts
    GROUP BY account_id, contact_id
),

-- the last instant of a window is the one that ends before t1
due AS (
    SELECT contact.account_id, contact.contact_id, contact.event_id, ends.t1
    FROM contacts AS contact
    INNER JOIN ends
        ON contact.valid_from < ends.t1
        AND (contact.valid_to IS NULL OR contact.valid_to >= ends.t1)
    INNER JOIN customer_spells AS spell
        ON spell.account_id = contact.account_id
        AND spell.starts_at < ends.t1
        AND (spell.ends_at IS NULL OR spell.ends_at >= ends.t1)
    WHERE contact.role IN ('exec_sponsor', 'decision_maker', 'champion')
),

met AS (
    SELECT account_id, contact_id, occurred_at, event_id
    FROM touch_contacts
    WHERE completed AND account_id IS NOT NULL
),

last_moments AS (
    SELECT due.*, met.occurred_at AS met_at
    FROM due
    ASOF LEFT JOIN met
        ON due.account_id = met.account_id
        AND due.contact_id = met.contact_id
        AND due.t1 > met.occurred_at
),

waits AS (
    SELECT
        moment.account_id,
        moment.contact_id,
        moment.t1,
        moment.met_at,
        moment.event_id AS contact_event,
        coalesce(moment.met_at, greatest(known.known_at, owned.owned_at)) AS since
    FROM last_moments AS moment
    INNER JOIN first_known AS known USING (account_id, contact_id)
    LEFT JOIN first_owned AS owned
        ON owned.account_id = moment.account_id
        AND owned.owned_at < moment.t1
),

longest AS (
    SELECT *
    FROM waits
    QUALIFY row_number() OVER (PARTITION BY account_id, t1 ORDER BY since, contact_id) = 1
),

-- touches may share a moment: then all of them stand for it, whichever was delivered first
last_meetings AS (
    SELECT
        account_id, contact_id, occurred_at AS met_at, list(event_id ORDER BY event_id) AS event_ids
    FROM met
    SEMI JOIN longest
        ON longest.account_id = met.account_id
        AND longest.contact_id = met.contact_id
        AND longest.met_at = met.occurred_at
    GROUP BY account_id, contact_id, occurred_at
)

SELECT
    longest.account_id,
    windows.period,
    seconds_between(longest.since, longest.t1) AS numerator,
    coalesce(meeting.event_ids, [longest.contact_event]) AS event_id,
    longest.contact_id AS part
FROM longest
INNER JOIN windows USING (t1)
LEFT JOIN last_meetings AS meeting USING (account_id, contact_id, met_at)
""",
)
