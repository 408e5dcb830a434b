"""Readings as plain rows and one plain mapping, for JSON and CSV."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction

from kamengine.report import beside
from kamengine.report.change import Change
from kamengine.report.readings import Number, Point, Reading
from kamengine.report.wording import standing
from kamengine.scorecard import rows as scorecard_rows


def rows(reading: Reading) -> list[dict[str, object]]:
    """Return one row for each KPI, in the order of the scorecard, for a table of plain values.

    What was reported stands beside each value, empty where nothing was.
    """
    plain, report = scorecard_rows.rows(reading.card), reading.reported
    told = {"published_at": report.recorded_at if report else None}
    return [
        row | _flat(number, reading) | told
        for row, number in zip(plain, reading.numbers, strict=True)
    ]


def document(reading: Reading, ids: Mapping[int, str], *, why: bool) -> dict[str, object]:
    """Return the whole scorecard.

    Args:
        reading: The scorecard with its past.
        ids: Log position to the event's own id.
        why: Whether causes were asked for.
    """
    found = scorecard_rows.document(reading.card)
    plain = scorecard_rows.rows(reading.card)
    return found | {
        "previous_period": reading.previous.period if reading.previous else None,
        "change": _change(reading.change, ids, why=True),
        **({"trend": _trend(reading.trend)} if why else {}),
        "kpis": [
            row | _nested(number, reading, ids, why=why)
            for row, number in zip(plain, reading.numbers, strict=True)
        ],
        **beside.document(reading.reported),
    }


def _flat(number: Number, reading: Reading) -> dict[str, object]:
    change = number.change
    return {
        "reported": beside.value(reading.reported, number.line),
        "rating": standing(number.line) or None,
        "before": _float(change.before),
        "change": _float(change.difference),
        "newest_event": number.newest,
        "trend": [point.value for point in number.trend],
    }


def _nested(
    number: Number, reading: Reading, ids: Mapping[int, str], *, why: bool
) -> dict[str, object]:
    return _flat(number, reading) | {
        "change": _change(number.change, ids, why=why),
        "trend": _trend(number.trend),
        "warnings": list(number.notes),
    }


def _trend(points: Iterable[Point]) -> list[dict[str, object]]:
    return [{"period": point.period, "value": point.value} for point in points]


def _change(change: Change, ids: Mapping[int, str], *, why: bool) -> dict[str, object]:
    found: dict[str, object] = {
        "before": _float(change.before),
        "difference": _float(change.difference),
    }
    if not why:
        return found
    causes = [
        {
            cause.kind: ids.get(int(cause.name), cause.name)
            if cause.kind == "event" and cause.name
            else cause.name,
            "difference": float(cause.share),
            "note": cause.note,
            **({"occurred_at": cause.at} if cause.at else {}),
        }
        for cause in change.causes
    ]
    others = {"count": change.others, "difference": _float(change.rest)} if change.others else None
    return found | {"causes": causes, "others": others, "reason": change.reason}


def _float(number: Fraction | None) -> float | None:
    return None if number is None else float(number)
