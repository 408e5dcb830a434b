"""How often customers need help, and whether more often than they used to."""

from __future__ import annotations

from kam_events.account_months import MEASURED_MONTHS
from kamengine import KPI, Formula, Operand, Ratio

SUPPORT_CASE_RATE = KPI(
    id="support_case_rate",
    version=1,
    title="Support issues per account",
    doc="""
    How many issues an account that is our customer opens in a month.

    Inputs: `issue.opened`, by way of `issues`; `active_stretches` for the account-months.

    Shape: one row per issue at the moment it was first opened (1 above the line), and one row per
    active account, window and stretch without a change of owner, segment or team (its
    account-months below the line, without an event). The value is the ratio of the sums. `part` is
    the severity.

    Unit: cases per account and month.

    Empty and null rule: no active account-month leaves it undefined; active accounts without an
    issue give 0.

    Decisions: an account-month is a calendar month throughout which the account is active; a part
    of a month counts as the part that it is. An issue reopened is no new one. An issue counts for
    the owner at its opening, also while the account isn't active. Against the account's own history
    it is held by `support_case_rate_change`.

    Source: seed 1's FAQ names it; cases per account-month are the field's standard.

    Example: 6 issues in a quarter from two accounts active throughout: 6/6 = 1.
    """,
    family="retention",
    timing="leading",
    unit="cases/account/month",
    better="lower",
    value=Ratio(),
    sql=f"""
WITH {MEASURED_MONTHS}
SELECT
    account_id,
    NULL AS period,
    opened_at AS occurred_at,
    1 AS numerator,
    0 AS denominator,
    opened_event AS event_id,
    severity AS part
FROM issues
UNION ALL
SELECT
    account_id,
    period,
    min(starts_at) AS occurred_at,
    0 AS numerator,
    sum(months) AS denominator,
    NULL AS event_id,
    NULL AS part
FROM measured
GROUP BY account_id, period, stretch_start
""",
    source="seed 1; field standard",
    numerator="issues opened",
    denominator="active account-months",
)

MONTH_PLACE = """12 * year({day}) + month({day})
        + quotient(day({day}) - 1, day(last_day({day})))"""
"""SQL for how many months there were from year 0 to a day, with what part of its month is past."""

SUPPORT_CASE_RATE_BEFORE = KPI(
    id="support_case_rate_before",
    version=1,
    title="Support issues per account, the year before",
    doc="""
    How many issues an account opened in a month during the twelve months before the window.

    Inputs: `issue.opened`, by way of `issues`; `customer_spells` for the account-months.

    Shape: one row per window and account that was active in the twelve months before the window:
    the issues that it opened in them, over the account-months. The row stands for these issues.

    Unit: cases per account and month.

    Empty and null rule: an account that wasn't active in those twelve months has no history, and no
    value; one that was and had no issue has 0.

    Decisions: twelve months are enough to even out the seasons, and end where the window begins, so
    that what the window brings isn't in its own yardstick. They are counted in days of the
    calendar, an account-month as for `support_case_rate`. The whole history of an account counts
    for whoever owns it at the window's end, since it is the yardstick of that account.

    Source: seed 1's FAQ asks for the change against the account's own history; the twelve months
    are ours.

    Example: asked for July 2026, an account active since January with 3 issues by the end of June:
    3 issues over 6 months = 0.5.
    """,
    family="retention",
    timing="leading",
    unit="cases/account/month",
    better="lower",
    value=Ratio(),
    sql=f"""
-- windows that start together share a history
WITH starts AS (
    SELECT DISTINCT t0, start_date FROM windows
),

yardsticks AS (
    SELECT t0, {MONTH_PLACE.format(day="start_date")} AS place
    FROM starts
),

opened_on AS (
    SELECT account_id, opened_at, opened_event, local_date(opened_at) AS day
    FROM issues
),

opened AS (
    SELECT
        account_id, opened_at, opened_event,
        {MONTH_PLACE.format(day="day")} AS place
    FROM opened_on
),

cases AS (
    SELECT
        yard.t0,
        opened.account_id,
        count(*) AS cases,
        list_sort(
            coalesce(list(opened.opened_event) FILTER (WHERE opened.opened_event IS NOT NULL), [])
        ) AS event_ids
    FROM yardsticks AS yard
    INNER JOIN opened
        ON opened.opened_at < yard.t0
        AND opened.place >= yard.place - 12
    GROUP BY yard.t0, opened.account_id
),

spell_days AS (
    SELECT account_id, local_date(starts_at) AS starts_on, local_date(ends_at) AS ends_on
    FROM customer_spells
),

spells AS (
    SELECT
        account_id,
        {MONTH_PLACE.format(day="starts_on")} AS starts,
        {MONTH_PLACE.format(day="ends_on")} AS ends
    FROM spell_days
),

active AS (
    SELECT
        yard.t0,
        spell.account_id,
        sum(
            least(spell.ends, yard.place) - greatest(spell.starts, yard.place - 12)
        ) AS months
    FROM yardsticks AS yard
    INNER JOIN spells AS spell
        ON spell.starts < yard.place
        AND (spell.ends IS NULL OR spell.ends > yard.place - 12)
    GROUP BY yard.t0, spell.account_id
)

SELECT
    active.account_id,
    windows.period,
    coalesce(cases.cases, 0) AS numerator,
    active.months AS denominator,
    cases.event_ids AS event_id
FROM active
INNER JOIN windows
    ON windows.t0 = active.t0
LEFT JOIN cases
    ON cases.t0 = active.t0
    AND cases.account_id = active.account_id
""",
    source="seed 1; the twelve months are ours",
    numerator="issues opened in the twelve months before",
    denominator="active account-months in the twelve months before",
)

SUPPORT_CASE_RATE_CHANGE = KPI(
    id="support_case_rate_change",
    version=1,
    title="Change in support issues per account",
    doc="""
    How much more often than in the year before an account opens issues; what an alert looks at.

    Inputs: the KPIs `support_case_rate` and `support_case_rate_before`, both of the subject.

    Shape: a formula, without evidence of its own: the rate less the rate before, over the rate
    before. Both sides of the quotient are products of the operands' own, so that nothing is rounded
    on the way.

    Unit: % (kept as a ratio: 1 for twice as many as before, -1 for none any more).

    Empty and null rule: without a history, or a history without an issue, there is nothing to
    measure a change by, and no value.

    Decisions: an alert is a target on this KPI: a floor of 100 % warns where issues have doubled.
    The change is relative, so that one limit serves accounts that ask often and accounts that
    hardly do. Of a manager or a team it compares all their accounts with these accounts' history.

    Source: seed 1's FAQ asks for the change against the account's own history; the formula is ours.

    Example: 1.5 issues a month after 0.5 a month in the year before: (1.5 - 0.5)/0.5 = 2.
    """,
    family="retention",
    timing="leading",
    unit="%",
    better="lower",
    value=Formula(
        operands={
            "now": Operand(kpi="support_case_rate"),
            "before": Operand(kpi="support_case_rate_before"),
        },
        numerator="now_numerator * before_denominator - before_numerator * now_denominator",
        denominator="before_numerator * now_denominator",
    ),
    source="seed 1; the formula is ours",
    numerator="issues opened beyond what the year before lets expect",
    denominator="issues that the year before lets expect",
)
