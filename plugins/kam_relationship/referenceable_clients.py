"""Referenceable clients: who lets us name them."""

from __future__ import annotations

from decimal import Decimal

from kamengine.kpi import KPI, Formula, Operand, Ratio

REFERENCEABLE_CLIENTS = KPI(
    id="referenceable_clients",
    version=1,
    title="Referenceable clients",
    doc="""How many of our customers let us name them as a reference.

Inputs: reference.agreed, reference.withdrawn, by way of reference_consents; customer_spells for who
is a customer.

Shape: one row per window and account that is active at the window's last instant ("as of" while it
is open); numerator 1 where a consent of its holds then, else 0. The value is the ratio of the sums.

Unit: %, as a ratio (0.2 for 20 %).

Empty and null rule: nobody active leaves it undefined. Active accounts without consent give 0.

Decisions: a consent up to a day holds on that day; one without a day until it is withdrawn. A
contact who withdraws takes back what they agreed to themselves; a withdrawal that names no contact
takes back everything that the account agreed to. One consent is enough, of whatever kind. Who is no
customer any more doesn't count, whatever they agreed to. An account counts for its owner at the
window's end.

Source: seeds 0, 2 and 3 name it; the formula is ours.

Example: of 20 customers on 30 September five agreed once, one of those until June, and one
withdrew: 3/20.
""",
    family="relationship",
    timing="lagging",
    unit="%",
    better="higher",
    value=Ratio(),
    numerator="active accounts with a consent that holds",
    denominator="active accounts",
    source="seeds 0, 2 and 3",
    sql="""
WITH ends AS (
    SELECT DISTINCT t1 FROM windows
),

active AS (
    SELECT spell.account_id, ends.t1, spell.start_event
    FROM customer_spells AS spell
    INNER JOIN ends
        ON spell.starts_at < ends.t1
        AND (spell.ends_at IS NULL OR spell.ends_at >= ends.t1)
),

-- of several consents the one given first stands for all
consenting AS (
    SELECT consent.account_id, ends.t1, consent.event_id
    FROM reference_consents AS consent
    INNER JOIN ends
        ON consent.valid_from < ends.t1
        AND (consent.valid_to IS NULL OR consent.valid_to >= ends.t1)
    QUALIFY row_number() OVER (
        PARTITION BY consent.account_id, ends.t1
        ORDER BY consent.valid_from, consent.contact_id, consent.kind, consent.event_id
    ) = 1
)

SELECT
    active.account_id,
    windows.period,
    CASE WHEN consenting.event_id IS NULL THEN 0 ELSE 1 END AS numerator,
    1 AS denominator,
    coalesce(consenting.event_id, active.start_event) AS event_id
FROM active
INNER JOIN windows USING (t1)
LEFT JOIN consenting
    ON consenting.account_id = active.account_id
    AND consenting.t1 = active.t1
""",
)

REFERENCEABLE_CLIENTS_COUNT = KPI(
    id="referenceable_clients_count",
    version=1,
    title="Number of referenceable clients",
    doc="""How many customers let us name them as a reference.

Inputs: referenceable_clients, whose numerator it is.

Shape: a formula over referenceable_clients, without evidence of its own.

Unit: count.

Empty and null rule: nobody active, and so nobody to name, is a true zero.

Decisions: as for referenceable_clients.

Source: seeds 0, 2 and 3; the count beside the share is the same formula.

Example: of 20 customers on 30 September three have a consent that holds: 3.
""",
    family="relationship",
    timing="lagging",
    unit="count",
    better="higher",
    value=Formula(
        operands={"share": Operand(kpi="referenceable_clients", empty=Decimal(0))},
        numerator="share_numerator",
    ),
    empty="zero",
    numerator="active accounts with a consent that holds",
    source="seeds 0, 2 and 3",
)
