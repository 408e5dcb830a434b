"""From evidence to values, at every grain and for every window, in one statement a KPI.

Roll-ups pool numerators and denominators; they never average what has been divided already.
"""

from __future__ import annotations

from kamengine.engine import distinct
from kamengine.engine.placement import GRAINS, OWNERS, SUBJECT, cells, placed, timed
from kamengine.engine.session import SHARED, quote
from kamengine.kpi import (
    KPI,
    Distinct,
    Latest,
    Mean,
    MeanOfParts,
    Overlap,
    Quantile,
    Ratio,
    Sum,
    Value,
)

REVISION = "2"
"""Raised when this module, or that of formulas or of distinct items, makes other values of the
same evidence."""

COLUMNS = (
    "kpi",
    "subject_type",
    "subject",
    "period",
    "numerator",
    "denominator",
    "count",
    "value",
    "status",
    "reason",
)


QUOTIENT = """CAST(CAST(numerator * 1000000 AS HUGEINT) AS DOUBLE)
            / CAST(CAST(denominator * 1000000 AS HUGEINT) AS DOUBLE)"""
"""Both sides as whole millionths: the quotient is rounded once, not three times."""


def valued(kpi: KPI, evidence: str) -> str:
    """Return the query that turns a KPI's evidence into values for the offered windows.

    Args:
        kpi: The KPI; its value must not be a `Formula`.
        evidence: The relation that holds the evidence.
    """
    match kpi.value:
        case Sum() | Ratio() | Mean():
            pooled = _pooled(kpi.value, evidence)
        case Quantile():
            pooled = _quantile(kpi.value, evidence)
        case Distinct():
            pooled = distinct.pooled(evidence)
        case Latest():
            pooled = _latest(kpi.value, evidence)
        case Overlap():
            pooled = _overlap(kpi.value, evidence)
        case MeanOfParts():
            pooled = _mean_of_parts(evidence)
        case _:
            raise TypeError(kpi.value)
    if kpi.min_items:
        return f"{pooled}{_varied(kpi.value, evidence)}\n{judged(kpi, 'varied')}"
    return f"{pooled}\n{judged(kpi)}"


def _pooled(value: Sum | Ratio | Mean, evidence: str) -> str:
    match value:
        case Ratio():
            denominator = "sum(denominator)"
        case Mean(per=per):
            denominator = f"CAST(sum(row_count) * {per} AS DECIMAL(38, 6))"
        case Sum(per=per):
            denominator = f"CAST({per} AS DECIMAL(38, 6))"
    return f"""
WITH {cells(evidence, OWNERS)},

pooled AS (
    SELECT
        {SUBJECT},
        period,
        sum(numerator) AS numerator,
        {denominator} AS denominator,
        CAST(sum(count) AS BIGINT) AS count,
        min(problem) AS problem,
        CAST(NULL AS VARCHAR) AS flag
    FROM placed
    {GRAINS}
)
"""


def _overlap(value: Overlap, evidence: str) -> str:
    """Pool each part at each grain, and only then compare: a team's mix isn't its accounts'."""
    return f"""
WITH {cells(evidence, f"{OWNERS}, part")},

parts AS (
    SELECT
        {SUBJECT},
        period,
        part,
        sum(numerator) AS numerator,
        sum(denominator) AS denominator,
        CAST(sum(count) AS BIGINT) AS count,
        min(problem) AS problem
    FROM placed
    GROUP BY GROUPING SETS (
        (period, part, account_id), (period, part, manager_id), (period, part, team),
        (period, part, segment), (period, part)
    )
),

-- least() would take what there should be for what isn't known
pooled AS (
    SELECT
        subject_type,
        subject,
        period,
        CAST(
            {value.scale} * sum(
                CASE WHEN numerator > denominator THEN denominator ELSE numerator END
            ) AS DECIMAL(38, 6)
        ) AS numerator,
        sum(denominator) AS denominator,
        CAST(sum(count) AS BIGINT) AS count,
        min(problem) AS problem,
        CAST(NULL AS VARCHAR) AS flag
    FROM parts
    GROUP BY subject_type, subject, period
)
"""


def _quantile(value: Quantile, evidence: str) -> str:
    """Interpolate with digits to spare: DuckDB does it in DOUBLE, and cuts what is left over."""
    columns = "account_id, manager_id, team, segment, numerator, event_id, problem"
    return f"""
WITH {placed(evidence, columns)},

pooled AS (
    SELECT
        {SUBJECT},
        period,
        CAST(
            round(quantile_cont(CAST(numerator AS DECIMAL(38, 9)), {value.q}), 6) AS DECIMAL(38, 6)
        ) AS numerator,
        CAST({value.per} AS DECIMAL(38, 6)) AS denominator,
        count(event_id) AS count,
        min(problem) AS problem,
        CAST(NULL AS VARCHAR) AS flag
    FROM placed
    {GRAINS}
)
"""


def _mean_of_parts(evidence: str) -> str:
    """Pool each part at each grain, and only then take the mean: parts count alike everywhere."""
    columns = (
        "account_id, manager_id, team, segment, part, numerator, denominator, event_id, problem"
    )
    return f"""
WITH {placed(evidence, columns)},

parts AS (
    SELECT
        {SUBJECT},
        period,
        part,
        sum(numerator) AS numerator,
        CASE WHEN sum(denominator) > 0 THEN sum(denominator) END AS denominator,
        count(event_id) AS count,
        min(problem) AS problem
    FROM placed
    GROUP BY GROUPING SETS (
        (period, part, account_id), (period, part, manager_id), (period, part, team),
        (period, part, segment), (period, part)
    )
),

pooled AS (
    SELECT
        subject_type,
        subject,
        period,
        sum(quotient(numerator, denominator)) AS numerator,
        CAST(count(denominator) AS DECIMAL(38, 6)) AS denominator,
        CAST(sum(count) AS BIGINT) AS count,
        min(problem) AS problem,
        CAST(NULL AS VARCHAR) AS flag
    FROM parts
    GROUP BY subject_type, subject, period
)
"""


def _varied(value: Value, evidence: str) -> str:
    """Count at each grain how many different items the rows have that count there."""
    columns = "account_id, manager_id, team, segment, item"
    rows, counted = placed(evidence, columns), "placed"
    if isinstance(value, Latest):
        rows, counted = latest_rows(value, evidence), "latest"
    return f"""
, variety AS (
    WITH {rows}

    SELECT
        {SUBJECT},
        period,
        count(DISTINCT (coalesce(account_id, ''), item)) FILTER (WHERE item IS NOT NULL) AS items
    FROM {counted}
    {GRAINS}
),

varied AS (
    SELECT pooled.*, variety.items
    FROM pooled
    LEFT JOIN variety USING (subject_type, subject, period)
)"""


def _latest(value: Latest, evidence: str) -> str:
    """Keep the last row of each account and item; same-instant rows are told apart by content."""
    return f"""
WITH {latest_rows(value, evidence)},

pooled AS (
    SELECT
        {SUBJECT},
        period,
        sum(numerator) AS numerator,
        sum(denominator) AS denominator,
        count(event_id) AS count,
        min(problem) AS problem,
        CAST(NULL AS VARCHAR) AS flag
    FROM latest
    {GRAINS}
)
"""


def latest_rows(value: Latest, evidence: str) -> str:
    """Return the CTEs that end in ``latest``: the rows that count, with their window."""
    owners = "account_id, manager_id, team, segment"
    columns = (
        f"{owners}, occurred_at, numerator, denominator, event_id, more_events, item, part, problem"
    )
    if value.carried:  # at each window's end one row of an account and item stands, and no more
        return f"{_carried(evidence, columns)},\n\nlatest AS (\n    SELECT *\n    FROM placed\n)"
    order = """occurred_at DESC, numerator DESC, denominator DESC, manager_id DESC, part DESC,
            problem DESC, event_id DESC"""
    # what isn't the last of its slot is the last of no window
    return f"""{timed(evidence)},

slot_latest AS (
    SELECT slot, {columns}
    FROM timed
    QUALIFY row_number() OVER (PARTITION BY slot, account_id, item ORDER BY {order}) = 1
),

placed AS (
    SELECT window_slots.period, {columns}
    FROM slot_latest
    INNER JOIN {SHARED}.window_slots USING (slot)
    UNION ALL
    SELECT period, {columns}
    FROM {evidence}
    WHERE period IN (SELECT period FROM windows)
),

latest AS (
    SELECT period, {columns}
    FROM placed
    QUALIFY row_number() OVER (PARTITION BY period, account_id, item ORDER BY {order}) = 1
)"""


def _carried(evidence: str, columns: str) -> str:
    """Rows with every window at whose end they still stand.

    A row stands from its moment until the next one of its account and item: at a run of window
    ends, which is told by the first and the last of them.
    """
    return f"""ends AS (
    SELECT t1, row_number() OVER (ORDER BY t1) AS place
    FROM windows
    GROUP BY t1
),

spans AS (
    SELECT
        *,
        lead(occurred_at, 1, TIMESTAMP '9999-12-31') OVER (
            PARTITION BY account_id, item
            ORDER BY
                occurred_at, numerator, denominator, manager_id, part, problem, event_id
        ) AS replaced_at
    FROM {evidence}
),

-- from the first end behind its moment to the last one before it is replaced
runs AS (
    SELECT spans.*, unnest(range(first_end.place, last_end.place + 1)) AS place
    FROM spans
    ASOF INNER JOIN ends AS first_end ON spans.occurred_at < first_end.t1
    ASOF INNER JOIN ends AS last_end ON spans.replaced_at >= last_end.t1
),

placed AS (
    SELECT windows.period, {", ".join(f"runs.{c.strip()}" for c in columns.split(","))}
    FROM runs
    INNER JOIN ends USING (place)
    INNER JOIN windows USING (t1)
)"""


def judged(kpi: KPI, pooled: str = "pooled") -> str:
    """Return the query that divides what was pooled where it can, and says why where it can't."""
    few = f"'only ' || count || {quote(f' of at least {kpi.min_count} needed')}"
    alike, too_alike = "FALSE", "NULL"
    if kpi.min_items:
        alike = f"items < {kpi.min_items}"
        too_alike = f"'only ' || items || {quote(f' different of at least {kpi.min_items} needed')}"
    return f"""
, judged AS (
    SELECT
        *,
        CASE
            WHEN problem IS NOT NULL OR numerator IS NULL OR coalesce(denominator, 0) = 0
                THEN 'undefined'
            WHEN count < {kpi.min_count} OR {alike} THEN 'insufficient'
            ELSE 'ok'
        END AS status,
        CASE
            WHEN problem IS NOT NULL THEN problem
            WHEN numerator IS NULL OR coalesce(denominator, 0) = 0
                THEN {quote("nothing to divide by: " + (kpi.denominator or "no rows"))}
            WHEN count < {kpi.min_count} THEN {few}
            WHEN {alike} THEN {too_alike}
            ELSE flag
        END AS reason
    FROM {pooled}
    WHERE subject IS NOT NULL
)

SELECT
    {quote(kpi.id)} AS kpi,
    subject_type,
    subject,
    period,
    numerator,
    denominator,
    count,
    CASE WHEN status = 'ok' THEN {QUOTIENT} END AS value,
    status,
    reason
FROM judged"""
