"""From the values of KPIs to the values of a formula over them."""

from __future__ import annotations

from kamengine.engine.session import name, quote
from kamengine.engine.valuation import judged
from kamengine.kpi import KPI, Formula

ORGANISATION = "organisation"


def formula(kpi: KPI, params: dict[str, str], operands: dict[str, str]) -> str:
    """Return the query that computes a formula from the values of its operands.

    Args:
        kpi: The KPI; its value must be a `Formula`.
        params: SQL literals of its parameters.
        operands: For each operand's name the relation that holds its values.
    """
    value = kpi.value
    if not isinstance(value, Formula):
        raise TypeError(value)
    own = [n for n, o in value.operands.items() if o.of == "subject"]
    subjects = "\n    UNION\n    ".join(
        f"SELECT subject_type, subject, period FROM {operands[n]}" for n in own
    )
    joins = "\n    ".join(_operand_join(n, operands[n], o.of) for n, o in value.operands.items())
    columns = ",\n        ".join(_operand_columns(n, o.empty) for n, o in value.operands.items())
    settings = "".join(f",\n        {literal} AS {name(p)}" for p, literal in params.items())
    problem = "\n            ".join(
        f"WHEN {name(n)} IS NULL THEN coalesce({quote(o.kpi + ' is missing: ')}"
        f" || {name(n + '_reason')}, {quote(o.kpi + ' has no value')})"
        for n, o in value.operands.items()
    )
    count = name(f"{own[0]}_count")
    return f"""
WITH subjects AS (
    {subjects}
),

joined AS (
    SELECT
        subjects.*,
        CAST(windows.years AS DECIMAL(18, 9)) AS years,
        {columns}{settings}
    FROM subjects
    INNER JOIN windows USING (period)
    {joins}
),

pooled AS (
    SELECT
        subject_type,
        subject,
        period,
        CAST({value.numerator} AS DECIMAL(38, 6)) AS numerator,
        CAST({value.denominator} AS DECIMAL(38, 6)) AS denominator,
        CAST(coalesce({count}, 0) AS BIGINT) AS count,
        CASE
            {problem}
        END AS problem,
        {value.flag or "CAST(NULL AS VARCHAR)"} AS flag
    FROM joined
)
{judged(kpi)}"""


def _operand_join(operand: str, relation: str, of: str) -> str:
    alias = name(f"of_{operand}")
    if of == ORGANISATION:
        return (
            f"LEFT JOIN {relation} AS {alias} ON {alias}.subject_type = 'organisation'"
            f" AND {alias}.period = subjects.period"
        )
    return (
        f"LEFT JOIN {relation} AS {alias} ON {alias}.subject_type = subjects.subject_type"
        f" AND {alias}.subject = subjects.subject AND {alias}.period = subjects.period"
    )


def _operand_columns(operand: str, empty: object) -> str:
    alias = name(f"of_{operand}")
    missing = f"CASE WHEN {alias}.period IS NULL THEN {empty} END" if empty is not None else None

    def filled(column: str, stand_in: str | None) -> str:
        return f"coalesce({alias}.{column}, {stand_in})" if stand_in else f"{alias}.{column}"

    usable = f"CASE WHEN {alias}.status = 'ok' THEN {alias}.value END"
    value = f"coalesce({usable}, {missing})" if missing else usable
    one = f"CASE WHEN {alias}.period IS NULL THEN 1 END" if missing else None
    return f"""{value} AS {name(operand)},
        {filled("numerator", missing)} AS {name(operand + "_numerator")},
        {filled("denominator", one)} AS {name(operand + "_denominator")},
        {alias}.reason AS {name(operand + "_reason")},
        {alias}.count AS {name(operand + "_count")}"""
