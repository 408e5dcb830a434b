"""Numbers, times and types: where the engines compute something else, and where alike."""

from __future__ import annotations

import re

from sqlglot import exp

from kamengine.portability.finding import Fault, Rule

FIXED_UNITS = frozenset({"MICROSECOND", "MILLISECOND", "SECOND", "MINUTE", "HOUR", "DAY", "WEEK"})
TRUNCATIONS = frozenset({"YEAR", "QUARTER", "MONTH", "WEEK", "DAY"})
EXTRACTIONS = frozenset({"YEAR", "QUARTER", "MONTH", "DAY"})
TYPES = frozenset(
    {
        exp.DType.ARRAY, exp.DType.BIGINT, exp.DType.BOOLEAN, exp.DType.DATE, exp.DType.DECIMAL,
        exp.DType.INT, exp.DType.MAP, exp.DType.SMALLINT, exp.DType.STRUCT, exp.DType.TEXT,
        exp.DType.TIMESTAMP, exp.DType.TIMESTAMPNTZ, exp.DType.VARCHAR,
    }
)  # fmt: skip
WHOLE = frozenset({exp.DType.BIGINT, exp.DType.INT, exp.DType.SMALLINT})
INSTANT = re.compile(r"(_at|_on|_date|_from|_to|period_start|period_end|^t[01])$")


def _division(_: exp.Expr) -> Fault | None:
    return Fault(
        "divides: by zero inf or an error, and of decimals a DOUBLE or a rounded decimal",
        "let the engine divide numerator by denominator, or call quotient(a, b)",
    )


def _whole_division(node: exp.Expr) -> Fault | None:
    if isinstance(node.expression, exp.Literal | exp.Nullif):
        return None
    return Fault("divides: by zero NULL or an error", "divide by nullif(x, 0)")


def _difference(node: exp.Expr) -> Fault | None:
    both = [side for side in (node.this, node.expression) if isinstance(side, exp.Column)]
    if len(both) > 1 and all(INSTANT.search(side.name) for side in both):
        return Fault(
            "subtracts times: a number or an interval",
            "call seconds_between(from, to), or date_diff('day', from, to) of dates",
        )
    return None


def _interval(node: exp.Expr) -> Fault | None:
    unit = str(node.args.get("unit") or "").upper().removesuffix("S")
    if unit not in FIXED_UNITS:
        return Fault("is an interval of no fixed length", "call months_after(date, n)")
    if not isinstance(node.this, exp.Literal):
        return Fault("is an interval that is computed", "add days to a DATE: date + n")
    return None


def _type(node: exp.Expr) -> Fault | None:
    if isinstance(node, exp.DataType) and node.this not in TYPES:
        return Fault(
            "is a type that the engines don't share, or that isn't exact",
            "DECIMAL(38, 6), BIGINT, VARCHAR, BOOLEAN, DATE, TIMESTAMP, and lists of them",
        )
    return None


def _cast(node: exp.Expr) -> Fault | None:
    whole = (exp.Floor, exp.Ceil, exp.Round, exp.Literal, exp.Null, exp.Predicate, exp.Connector,
             exp.Not, exp.Paren, exp.Count, exp.DateDiff, exp.TryCast)  # fmt: skip
    if node.args["to"].this in WHOLE and not isinstance(node.this, whole):
        return Fault(
            "makes a whole number by rounding or by cutting off", "say which: round or floor"
        )
    return None


def _date_diff(node: exp.Expr) -> Fault | None:
    if str(node.args.get("unit")).upper() != "DAY":
        return Fault(
            "counts boundaries on one engine and whole units on the other",
            "in days between dates, or seconds_between(from, to)",
        )
    return None


def _truncation(node: exp.Expr) -> Fault | None:
    if str(node.args.get("unit")).upper() not in TRUNCATIONS:
        return Fault("cuts to another unit", "year, quarter, month, week or day")
    if isinstance(node.parent, exp.Cast) and node.parent.to.this in (exp.DType.DATE,):
        return None
    return Fault("gives each engine's own type", "CAST(date_trunc(...) AS DATE)")


def _extraction(node: exp.Expr) -> Fault | None:
    if node.this.name.upper() not in EXTRACTIONS:
        return Fault(
            "means another number on each engine", "year, quarter, month, day; or iso_weekday(date)"
        )
    return None


RULES: dict[type[exp.Expr], Rule] = {
    exp.Cast: _cast,
    exp.DataType: _type,
    exp.DateDiff: _date_diff,
    exp.Div: _division,
    exp.Extract: _extraction,
    exp.IntDiv: _whole_division,
    exp.Interval: _interval,
    exp.Mod: _whole_division,
    exp.Sub: _difference,
    exp.TimestampTrunc: _truncation,
    exp.TryCast: _cast,
}
