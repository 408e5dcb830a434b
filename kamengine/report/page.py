"""A scorecard as one HTML page that is complete in itself."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import cache

import jinja2
import msgspec

from kamengine.config.levels import Goal, Target
from kamengine.kpi import KPI, Mean, Quantile, Sum
from kamengine.periods import Calendar
from kamengine.report import beside
from kamengine.report.change import Cause, Change
from kamengine.report.evidence import Row
from kamengine.report.pooling import Sums
from kamengine.report.readings import Number, Reading
from kamengine.report.wording import (
    NOTHING,
    STANDINGS,
    age,
    arrow,
    day,
    judgement,
    points,
    removal,
    score_text,
    scoring,
    signed,
    standing,
    stints,
    whom,
)
from kamengine.value import Value, measured_in, shown

PARTS = 30
"""Accounts shown under a pooled number; the page of each has the rest."""

Href = Callable[[str, str], str | None]
"""Where the page of a subject is, given its kind and id; None where there is none."""


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """A way to another page."""

    text: str
    href: str | None
    note: str = ""


class Frame(msgspec.Struct, frozen=True, kw_only=True):
    """What stands around the scorecards of one report.

    Attributes:
        organisation: Its name.
        calendar: Tells the local day of a moment.
        currency: The one that money is reported in.
        until: The last day that counts.
        position: The last event that the values know of.
        ids: Log position to the event's own id.
        href: Where other pages are.
        definitions: Where the page with the definitions is; empty where each stands in the page.
        index: Where the list of all pages is; empty for a page that stands alone.
        config: The folder whose files notes speak of; a page names them without it.
    """

    organisation: str
    calendar: Calendar
    currency: str
    until: dt.date
    position: int
    ids: Mapping[int, str] = {}
    href: Href = lambda _kind, _subject: None
    definitions: str = ""
    index: str = ""
    config: str = ""


def render(
    frame: Frame,
    reading: Reading,
    charts: Sequence[str],
    ways: Mapping[str, Sequence[Link]] | None = None,
) -> str:
    """Return a scorecard as an HTML page.

    Args:
        frame: What stands around it.
        reading: The scorecard.
        charts: The score's, then one for each of its numbers, as SVG.
        ways: Other pages, under what they are to this one.
    """
    own, *others = charts
    numbers = [
        _number(frame, reading, number, chart)
        for number, chart in zip(reading.numbers, others, strict=True)
    ]
    return (
        environment()
        .get_template("scorecard.html")
        .render(
            frame=frame,
            ways=ways or {},
            chart=own,
            numbers=numbers,
            **_head(frame, reading),
        )
    )


@cache
def environment() -> jinja2.Environment:
    """Return what renders the templates that come with this package."""
    return jinja2.Environment(
        loader=jinja2.PackageLoader("kamengine.report"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )


def _head(frame: Frame, reading: Reading) -> dict[str, object]:
    card, window = reading.card, reading.window
    still_open = frame.calendar.window(window.period).end > window.end
    return {
        "whom": whom(reading),
        "kind": reading.carrier,
        "subject": reading.subject,
        "title": card.resolved.title,
        "because": card.resolved.because,
        "period": window.period,
        "previous": reading.previous.period if reading.previous else None,
        "still_open": still_open,
        "score": None if card.score is None else score_text(float(card.score)),
        "score_width": 0 if card.score is None else min(float(card.score), 120) / 1.2,
        "score_before": None
        if reading.change.before is None
        else f"{float(reading.change.before):.1f}",
        "standing": _standing(reading.colour or ""),
        "reason": card.reason,
        "trend": [{"period": p.period, "value": score_text(p.value)} for p in reading.trend],
        "change": _change_of_score(frame, reading),
        "scoring": [_sentence(text) for text in (*scoring(card), *stints(card))],
        "notes": [f"{text.removeprefix(f'{frame.config}/')}." for text in card.resolved.notes],
        "removed": [removal(removed) for removed in card.resolved.removed],
        "reported": reading.reported and beside.sentence(reading.reported, frame.calendar),
        "explain": "" if reading.carrier == "organisation" else f" {reading.subject}",
    }


def _sentence(text: str) -> str:
    """Write what a line of the terminal says as a sentence."""
    return f"{text[:1].upper()}{text[1:]}."


def _number(frame: Frame, reading: Reading, number: Number, chart: str) -> dict[str, object]:
    line, kpi = number.line, number.line.kpi
    value = line.value
    return {
        "id": kpi.id,
        "title": kpi.title,
        "family": kpi.family or "other",
        "unit": measured_in(kpi.unit, frame.currency),
        "value": shown(value.value if value else None, kpi.unit),
        "reported": reading.reported and beside.column(reading.reported, line),
        "restated": bool(reading.reported and beside.is_restated(reading.reported, line)),
        "target": _target(kpi.goal, kpi.unit),
        "levels": _levels(kpi.goal, kpi.unit),
        "standing": _standing(standing(line)),
        "attained": None if line.attainment is None else f"{float(line.attainment):.0%}",
        "weight": shown(kpi.weight),
        "points": None if line.points is None else f"{float(line.points):.1f}",
        "left_out": line.left_out,
        "counted_as_zero": line.counted_as_zero,
        "reason": value.reason if value else None,
        "count": value.count if value else 0,
        "newest": _day(frame, number.newest),
        "age": age(number.newest, reading.window, frame.calendar),
        "chart": chart,
        "trend": [{"period": p.period, "value": shown(p.value, kpi.unit)} for p in number.trend],
        "change": _change(frame, number.change, kpi.unit, kpi.better),
        "notes": number.notes,
        "definition": _definition(kpi.kpi, value),
        "operands": [
            {
                "kpi": now.kpi,
                "now": shown(now.value, now.unit),
                "then": shown(then.value, then.unit),
            }
            for now, then in number.operands
        ],
        "parts": [
            _part(frame, kpi.unit, name, sums)
            for name, sums in itertools.islice(number.parts.items(), PARTS)
        ],
        "worst_first": kpi.better != "band",
        "more_parts": len(number.parts) - PARTS,
        "rows": [_row(frame, row) for row in number.rows],
        "more": number.rows_in_all - len(number.rows),
        "columns": _columns(number.rows),
    }


def _change(frame: Frame, change: Change, unit: str, better: object) -> dict[str, object]:
    way = judgement(change.difference, better)  # type: ignore[arg-type]
    return {
        "known": change.difference is not None,
        "difference": signed(change.difference, unit),
        "arrow": arrow(change.difference),
        "judgement": way,
        "reason": change.reason,
        "causes": [_cause(frame, cause, unit) for cause in change.causes],
        "rest": signed(change.rest, unit) if change.rest is not None and change.others else "",
        "others": change.others,
    }


def _change_of_score(frame: Frame, reading: Reading) -> dict[str, object]:
    change = reading.change
    titles = {number.line.kpi.id: number.line.kpi.title for number in reading.numbers}
    causes = [
        {
            "kind": "kpi",
            "name": titles.get(cause.name, cause.name),
            "href": f"#{cause.name}" if cause.name in titles else None,
            "share": points(cause.share),
            "note": "" if cause.name in titles else "no longer on the scorecard",
        }
        for cause in change.causes
    ]
    return _change(frame, change, "", "higher") | {
        "difference": points(change.difference),
        "causes": causes,
        "rest": points(change.rest) if change.others else "",
    }


def _cause(frame: Frame, cause: Cause, unit: str) -> dict[str, object]:
    name, href = cause.name, None
    if cause.kind == "event":
        name = frame.ids.get(int(cause.name), cause.name) if cause.name else "no event"
    elif cause.kind == "account":
        href = frame.href("account", cause.name)
    return {
        "kind": cause.kind,
        "name": name,
        "href": href,
        "share": signed(cause.share, unit),
        "note": ", ".join(filter(None, (cause.note, _day(frame, cause.at)))),
    }


def _definition(kpi: KPI | None, value: Value | None) -> dict[str, object]:
    if kpi is None or value is None:
        return {}
    return {
        "meaning": kpi.meaning,
        "numerator": (_plain(value.numerator), kpi.numerator),
        "denominator": (_plain(value.denominator), kpi.denominator),
        "rule": _rule(kpi),
        "label": value.definition,
        "better": kpi.better,
        "timing": kpi.timing,
        "sql": kpi.sql.strip(),
    }


def _rule(kpi: KPI) -> str:
    kind = type(kpi.value).__name__
    details = [f"{k}={v}" for k, v in msgspec.structs.asdict(kpi.value).items()]
    return f"{kind}({', '.join(details)})" if isinstance(kpi.value, Sum | Mean | Quantile) else kind


def _part(frame: Frame, unit: str, name: str, sums: Sums) -> dict[str, object]:
    value = sums.quotient
    return {
        "name": name,
        "href": frame.href("account", name),
        "value": shown(None if value is None else float(value), unit),
        "numerator": shown(float(sums.numerator)),
        "denominator": None if sums.denominator is None else shown(float(sums.denominator)),
    }


def _row(frame: Frame, row: Row) -> dict[str, object]:
    return {
        "when": _day(frame, row.occurred_at),
        "account": row.account_id,
        "href": row.account_id and frame.href("account", row.account_id),
        "what": " · ".join(text for text in (row.part, row.item) if text),
        "numerator": _plain(row.numerator),
        "denominator": _plain(row.denominator),
        "events": ", ".join(frame.ids.get(p, str(p)) for p in row.positions),
    }


def _columns(rows: Sequence[Row]) -> dict[str, bool]:
    """Tell which columns of the evidence say anything."""
    return {
        "what": any(row.part or row.item for row in rows),
        "numerator": any(row.numerator is not None for row in rows),
        "denominator": len({row.denominator for row in rows}) > 1
        or any(row.denominator not in (0, 1) for row in rows),
    }


def _target(goal: Goal | None, unit: str) -> str:
    if isinstance(goal, Target):
        return _level(goal.target, unit)
    return f"{_level(goal.low, unit)} to {_level(goal.high, unit)}" if goal else ""


def _level(level: Decimal, unit: str) -> str:
    """Write a level with no more digits than it has."""
    number, space, sign = shown(level, unit).partition(" ")
    return (number.rstrip("0").rstrip(".") if "." in number else number) + space + sign


def _levels(goal: Goal | None, unit: str) -> list[str]:
    """Write where attainment begins and ends, beside the target itself."""
    if isinstance(goal, Target):
        levels = {"floor": goal.floor, "stretch": goal.stretch}
        return [f"{name} {_level(at, unit)}" for name, at in levels.items() if at is not None]
    if goal is None:
        return []
    floors = [_level(at, unit) for at in (goal.floor_low, goal.floor_high) if at is not None]
    return ["inside is best", *([f"floor {' and '.join(floors)}"] if floors else [])]


def _standing(name: str) -> dict[str, str]:
    shape, words = STANDINGS[name]
    return {"name": name or "none", "shape": shape, "words": words}


def _day(frame: Frame, moment: dt.datetime | None) -> str:
    if moment is None:
        return ""
    return f"{day(moment, frame.calendar):%d %b %Y}"


def _plain(number: Decimal | None) -> str:
    if number is None:
        return NOTHING
    text = f"{number:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
