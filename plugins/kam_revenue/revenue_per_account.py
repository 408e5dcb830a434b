"""Revenue per account: what a customer brings in."""

from __future__ import annotations

from kamengine.kpi import KPI, Ratio

REVENUE_PER_ACCOUNT = KPI(
    id="revenue_per_account",
    version=1,
    title="Revenue per account",
    doc="""How much revenue an active account brings in during the period.

Inputs: revenue.recognized (with fx.rate_set); active_stretches for who is active.

Shape: one row per recognised amount and calendar month that it touches (the amount above the
line), and one row per active account, window and stretch without a change of owner, segment or
team (the part of the window that the stretch covers, below the line, without an event). The value
is the ratio of the sums.

Unit: money per account, in the reporting currency, for the length of the window: not annualised.

Empty and null rule: nobody active leaves it undefined; active accounts without revenue give 0. An
amount that can't be converted leaves the value undefined and says which rate is missing.

Decisions: "time-averaged" weighs by elapsed time: an account active for half of the window counts
as half an account. Revenue counts when it is recognised: from the first local day of its period,
month by month. Revenue of an account that isn't active counts too, since it was recognised. It
counts for the owner of the account at that moment.

Source: seed 1 names it; the time average is the field's standard.

Example: A is active all year with 100,000, B for its second half with 50,000: 150,000 / 1.5.
""",
    family="revenue",
    timing="lagging",
    unit="money/account",
    better="higher",
    value=Ratio(),
    numerator="recognised revenue",
    denominator="active accounts, averaged over the period",
    source="seed 1",
    sql="""
WITH pieces AS (
    SELECT
        stretch.account_id,
        windows.period,
        windows.t0,
        windows.t1,
        greatest(stretch.starts_at, windows.t0) AS starts_at,
        least(stretch.ends_at, windows.t1) AS ends_at
    FROM active_stretches AS stretch
    INNER JOIN windows
        ON stretch.starts_at < windows.t1
        AND (stretch.ends_at IS NULL OR stretch.ends_at > windows.t0)
),

timed AS (
    SELECT
        account_id,
        period,
        starts_at,
        starts_at = t0 AND ends_at = t1 AS whole,
        seconds_between(t0, starts_at) AS seconds_before,
        seconds_between(t0, ends_at) AS seconds_so_far,
        seconds_between(t0, t1) AS seconds
    FROM pieces
)

SELECT
    account_id,
    NULL AS period,
    occurred_at,
    amount AS numerator,
    0 AS denominator,
    event_id,
    product AS part,
    problem
FROM revenue
UNION ALL
-- the difference of two rounded positions: stretches that meet add up to the whole, to the digit
SELECT
    account_id,
    period,
    starts_at AS occurred_at,
    0 AS numerator,
    CASE
        WHEN whole THEN 1
        ELSE quotient(seconds_so_far, seconds) - quotient(seconds_before, seconds)
    END AS denominator,
    NULL AS event_id,
    NULL AS part,
    NULL AS problem
FROM timed
""",
)
