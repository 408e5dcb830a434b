"""Executive sponsorship: how much of the influence at an account we are in touch with."""

from __future__ import annotations

from kam_relationship.window_ends import contacts_touched
from kamengine.kpi import KPI, Formula, Operand, Params, Sum


class Recency(Params, frozen=True):
    """How recent contact must be.

    Attributes:
        days: Length of the look-back in local days, counted back from the window's end.
    """

    days: int = 90


ENDS = """
ends AS (
    SELECT t1
    FROM windows
    GROUP BY t1
),
"""

DECIDERS = """
-- whoever was a customer and is none at the window's last instant, the one that ends before t1
customers AS (
    SELECT
        spell.account_id,
        ends.t1,
        max(CASE WHEN spell.ends_at IS NULL OR spell.ends_at >= ends.t1 THEN 1 ELSE 0 END) AS active
    FROM customer_spells AS spell
    INNER JOIN ends
        ON spell.starts_at < ends.t1
    GROUP BY spell.account_id, ends.t1
),

known AS (
    SELECT account_id, min(valid_from) AS known_at
    FROM contacts
    GROUP BY account_id
),

accounts_at_end AS (
    SELECT account_id, t1
    FROM customers
    WHERE active = 1
    UNION
    SELECT known.account_id, ends.t1
    FROM known
    INNER JOIN ends
        ON known.known_at < ends.t1
    LEFT JOIN customers
        ON customers.account_id = known.account_id
        AND customers.t1 = ends.t1
    WHERE customers.account_id IS NULL
),

deciders AS (
    SELECT
        contact.account_id,
        present.t1,
        contact.contact_id,
        contact.role,
        coalesce(contact.influence, 5) AS influence,
        contact.event_id
    FROM contacts AS contact
    INNER JOIN accounts_at_end AS present
        ON present.account_id = contact.account_id
        AND contact.valid_from < present.t1
        AND (contact.valid_to IS NULL OR contact.valid_to >= present.t1)
    WHERE contact.role IN ('exec_sponsor', 'decision_maker')
)
"""
"""CTEs after ``ends`` that end in ``deciders``: who decides at an account when a window ends, and
what they weigh; with ``accounts_at_end``, the accounts of which that is asked."""

EXECUTIVE_SPONSORSHIP = KPI(
    id="executive_sponsorship",
    version=1,
    title="Executive sponsorship",
    doc="""How much of the influence of those who decide at an account is with people we talk with.

Inputs: the KPIs executive_influence_engaged and executive_influence, both of the subject.

Shape: a formula, without evidence of its own: the influence of the decision makers and executive
sponsors in touch with us over the influence of all of them who are on file. Above the account both
sums are pooled first.

Unit: %, as a ratio (0.6 for 60 %).

Empty and null rule: where nobody who decides is on file, or none with any influence, the value is 0
and says so. An account of which nothing is known has no value.

Decisions: as for executive_influence and executive_influence_engaged.

Source: seed 1 names it; the formula is ours.

Example: a sponsor of influence 9 met last month, decision makers of 6 and 5 not since spring:
9/20 = 0.45.
""",
    family="relationship",
    timing="leading",
    kind="activity",
    unit="%",
    better="higher",
    value=Formula(
        operands={
            "known": Operand(kpi="executive_influence"),
            "engaged": Operand(kpi="executive_influence_engaged"),
        },
        numerator="engaged_numerator",
        denominator="CASE WHEN known_numerator = 0 THEN 1 ELSE known_numerator END",
        flag="CASE WHEN known_numerator = 0 THEN 'nobody who decides is on file' END",
    ),
    numerator="influence of those who decide and were in touch with us",
    denominator="influence of those who decide",
    source="seed 1",
)

EXECUTIVE_INFLUENCE = KPI(
    id="executive_influence",
    version=1,
    title="Influence of those who decide",
    doc="""How much influence those who decide at an account have together, as far as we know them.

Inputs: contact.added, contact.changed, contact.left, by way of contacts; customer_spells for who is
a customer.

Shape: one row per window and decision maker or executive sponsor who is on file at the window's
last instant, with their influence (0 to 10); and one row of nothing, without an event, per account,
so that it isn't missing where nobody is on file. The value is the sum. `part` is the role.

Unit: points of influence.

Empty and null rule: nobody on file is 0. An account of which nothing is known has no value.

Decisions: a contact whose influence isn't stated weighs 5, the middle of the scale. Former
customers stay out until they are customers again, else every account lost would weigh on the
organisation for good; accounts that never were customers count from their first contact on.
Contacts count for the owner of the account at the window's end.

Source: seed 1; the lower side of executive_sponsorship, which is ours.

Example: a sponsor of influence 9, decision makers of 6 and of unstated influence: 20.
""",
    family="relationship",
    timing="leading",
    unit="points",
    better="higher",
    value=Sum(),
    numerator="influence of decision makers and executive sponsors on file",
    source="seed 1",
    sql=f"""
WITH {ENDS}
{DECIDERS}
SELECT
    deciders.account_id,
    windows.period,
    deciders.influence AS numerator,
    deciders.event_id,
    deciders.role AS part
FROM deciders
INNER JOIN windows USING (t1)
UNION ALL
SELECT
    present.account_id,
    windows.period,
    0 AS numerator,
    NULL AS event_id,
    NULL AS part
FROM accounts_at_end AS present
INNER JOIN windows USING (t1)
""",
)

EXECUTIVE_INFLUENCE_ENGAGED = KPI(
    id="executive_influence_engaged",
    version=1,
    title="Influence of those who decide and talk with us",
    doc="""How much influence those have together who decide at an account and are in touch with us.

Inputs: touch.logged, by way of touches; contact.added, contact.changed, contact.left, by way of
contacts; customer_spells for who is a customer.

Shape: one row per window and decision maker or executive sponsor who is on file at the window's
last instant and took part in a completed touch in the 90 days before its end, with their influence
(0 to 10); it stands for the latest such touch. And one row of nothing, without an event, per
account. The value is the sum. `part` is the role.

Unit: points of influence.

Empty and null rule: nobody in touch is 0. An account of which nothing is known has no value.

Decisions: as for executive_influence. A touch counts whatever role the contact had at the time.
The look-back ends with the window, so a month, its quarter and its year that end together show the
same number.

Source: seed 1; the upper side of executive_sponsorship, which is ours.

Example: a sponsor of influence 9 met last month, a decision maker of 6 not since spring: 9.
""",
    family="relationship",
    timing="leading",
    kind="activity",
    unit="points",
    better="higher",
    value=Sum(),
    params=Recency(),
    numerator="influence of those who decide with a completed touch in the look-back",
    source="seed 1",
    sql=f"""
{contacts_touched("completed", among="role IN ('exec_sponsor', 'decision_maker')")}
{DECIDERS},

met AS (
    SELECT
        deciders.account_id,
        deciders.t1,
        deciders.role,
        deciders.influence,
        held.event_id
    FROM deciders
    INNER JOIN ends USING (t1)
    INNER JOIN people
        ON people.account_id = deciders.account_id
        AND people.contact_id = deciders.contact_id
    INNER JOIN held
        ON held.person = people.person
        AND held.place <= ends.place
        AND (held.next_place IS NULL OR ends.place < held.next_place)
    WHERE held.touched_at >= local_start(CAST(ends.end_date - $days AS DATE))
)

SELECT
    met.account_id,
    windows.period,
    met.influence AS numerator,
    met.event_id,
    met.role AS part
FROM met
INNER JOIN windows USING (t1)
UNION ALL
SELECT
    present.account_id,
    windows.period,
    0 AS numerator,
    NULL AS event_id,
    NULL AS part
FROM accounts_at_end AS present
INNER JOIN windows USING (t1)
""",
)
