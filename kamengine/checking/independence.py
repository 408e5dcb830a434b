"""Does a query written independently of a KPI lead to the same numbers?"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import TypeAlias

import msgspec

from kamengine import sql
from kamengine.checking.delivery import SETTINGS
from kamengine.checking.finding import Finding
from kamengine.errors import KamengineError
from kamengine.kpi import KPI, Composite, Formula, MeanOfParts, Overlap, Quantile, SubjectType
from kamengine.plugins import ENGINE_RELATIONS, Registry
from kamengine.replay.reading import Reader
from kamengine.testing.cases import NOW, CaseFile
from kamengine.value import Value

ROUNDED = Fraction(1, 10**6)
"""What the engine's own rounding may cost, where it has to round."""

NAMED: dict[SubjectType, str] = {"account": "account_id", "manager": "manager_id"}
"""Whom a query may speak of, and the column that names them; else it is the organisation."""

WHOLE: SubjectType = "organisation"

Numbers: TypeAlias = dict[tuple[str, str], Fraction]
"""Subject and period to value."""


def independent(kpi: KPI, file: CaseFile | None, reader: Reader) -> Iterator[Finding]:
    """Find a KPI without an independent query, or with one that leads to other numbers."""
    if isinstance(kpi.value, Composite):
        return
    if file is None or file.independent is None:
        yield _finding(
            kpi,
            "no independent query says the same",
            "write one from event types and windows alone, as `independent:` in its file of cases",
            missing=True,
        )
        return
    try:
        grain, expected = _asked(kpi, file.independent, reader)
    except KamengineError as error:
        what = error.what + (f": {error.value}" if error.value else "")
        yield _finding(kpi, f"its independent query: {what}", error.hint or "mend it")
        return
    yield from _compared(kpi, grain, expected, reader)


def _asked(kpi: KPI, text: str, reader: Reader) -> tuple[SubjectType, Numbers]:
    """Return what the query says, and whether of accounts or of the organisation."""
    params = SETTINGS.shared_params | msgspec.structs.asdict(kpi.params)
    query = sql.parse(text, params, where="independent")
    own = sorted(set(query.reads) - _offered(reader.registry))
    if own:
        raise KamengineError(
            f"It reads {own[0]}",
            hint="let it read event types, `windows` and `window_months`, and no projection",
        )
    cut = SETTINGS.calendar.as_of(SETTINGS.as_of, NOW)
    kept = [SETTINGS.calendar.window(period, cut) for period, _ in reader.book.periods()]
    with reader.asking(*kept) as session:
        columns = list(session.columns(query.text))
        rows = session.rows(query.text)
    if not {"period", "numerator"} <= set(columns):
        raise KamengineError(
            "It returns no `period` or no `numerator`",
            hint="return period, numerator, denominator where that isn't 1, and account_id"
            " (or manager_id)",
        )
    records = [dict(zip(columns, row, strict=True)) for row in rows]
    grain: SubjectType = next((g for g, column in NAMED.items() if column in columns), WHOLE)
    return grain, _numbers(records, NAMED.get(grain))


def _numbers(records: list[dict[str, object]], named: str | None) -> Numbers:
    found: Numbers = {}
    for record in records:
        below = _exact(record.get("denominator", 1))
        above = _exact(record["numerator"])
        subject = record[named] if named else "organisation"
        if below and above is not None and subject is not None:
            found[str(subject), str(record["period"])] = above / below
    return found


def _exact(number: object) -> Fraction | None:
    if isinstance(number, int | Decimal | float):
        return Fraction(number)
    return None


def _offered(registry: Registry) -> set[str]:
    return {t.table for t in registry.fact_types.values()} | ENGINE_RELATIONS


def _compared(kpi: KPI, grain: SubjectType, expected: Numbers, reader: Reader) -> Iterator[Finding]:
    values = {(v.subject, v.period): v for v in reader.book.values(kpi, grain)}
    rounds = isinstance(kpi.value, Quantile | MeanOfParts | Overlap | Formula)
    tolerance = ROUNDED if rounds else Fraction(0)
    differing = [
        key
        for key in sorted(values.keys() | expected.keys())
        if not _same(values.get(key), expected.get(key), tolerance)
    ]
    if not expected:
        what, mend = "its independent query returns nothing", "see that it reads what happens"
        yield _finding(kpi, what, mend)
    elif differing:
        subject, period = differing[0]
        engine, query = values.get(differing[0]), expected.get(differing[0])
        yield _finding(
            kpi,
            f"its independent query says otherwise {len(differing)} times of {len(values)}:"
            f" of {grain} {subject} in {period} {_said(query)}, the KPI {_said_by(engine)}",
            "one of the two is wrong: work that one out by hand, and make it a case",
        )


def _same(value: Value | None, expected: Fraction | None, tolerance: Fraction) -> bool:
    if value is None or value.status == "undefined":
        return expected is None
    if value.status != "ok":
        return True
    if expected is None or value.numerator is None or value.denominator is None:
        return False
    return abs(Fraction(value.numerator) / Fraction(value.denominator) - expected) <= tolerance


def _said(number: Fraction | None) -> str:
    return "nothing" if number is None else str(number)


def _said_by(value: Value | None) -> str:
    if value is None:
        return "nothing"
    return f"{value.numerator}/{value.denominator}" if value.status == "ok" else value.status


def _finding(kpi: KPI, what: str, mend: str, *, missing: bool = False) -> Finding:
    return Finding(
        check="independence",
        of=f"KPI {kpi.id}",
        what=what,
        mend=mend,
        kind="missing" if missing else "fault",
    )
