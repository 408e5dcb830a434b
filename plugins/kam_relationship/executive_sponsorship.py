"""Executive sponsorship: how much of the influence at an account we are in touch with."""

from __future__ import annotations

from kamengine.kpi import KPI, Formula, Operand, Params, Sum


class Recency(Params, frozen=True):
    """How recent contact must be.

    Attributes:
        days: Length of the look-back in local days, counted back from the window's end.
    """

    days: int = 90


DECIDERS = """
ends AS (
    SELECT t1, min(end_date) AS end_date
    FROM windows
    GROUP BY t1
),

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
"""CTEs that end in ``deciders``: who decides at an account when a window ends, and what they
weigh; with ``accounts_at_end``, the accounts of which that is asked."""

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
WITH {DECIDERS}
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

Inputs: touch.logged, by way of touch_contacts; contact.added, contact.changed, contact.left, by way
of contacts; customer_spells for who is a customer.

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
WITH {DECIDERS},

-- a touch at the very end of a window isn't in it: the end comes first
moments AS (
    SELECT account_id, contact_id, t1 AS moment, 0 AS turn, '' AS touch_id, NULL AS event_id
    FROM deciders
    UNION ALL
    SELECT account_id, contact_id, occurred_at AS moment, 1 AS turn, touch_id, event_id
    FROM touch_contacts AS touch
    WHERE completed
        AND EXISTS (
            SELECT 1
            FROM contacts AS contact
            WHERE contact.account_id = touch.account_id
                AND contact.contact_id = touch.contact_id
                AND contact.role IN ('exec_sponsor', 'decision_maker')
        )
),

looked_back AS (
    SELECT
        account_id,
        contact_id,
        moment,
        turn,
        last_value(CASE WHEN turn = 1 THEN moment END IGNORE NULLS) OVER so_far AS touched_at,
        last_value(event_id IGNORE NULLS) OVER so_far AS event_id
    FROM moments
    WINDOW so_far AS (
        PARTITION BY account_id, contact_id ORDER BY moment, turn, touch_id
        ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    )
),

met AS (
    SELECT looked_back.account_id, looked_back.contact_id, ends.t1, looked_back.event_id
    FROM looked_back
    INNER JOIN ends
        ON ends.t1 = looked_back.moment
        AND looked_back.touched_at >= local_start(CAST(ends.end_date - $days AS DATE))
    WHERE looked_back.turn = 0
)

SELECT
    deciders.account_id,
    windows.period,
    deciders.influence AS numerator,
    met.event_id,
    deciders.role AS part
FROM deciders
INNER JOIN met USING (account_id, contact_id, t1)
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
