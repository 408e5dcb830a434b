"""Small charts of how values went, drawn by Vega as SVG that needs nothing else.

Starting Vega takes longer than drawing with it, and a page has a chart a KPI: so charts are drawn
by the hundreds, one beside the other, and then cut apart. Their colours are the page's, which
gives lines and dots a light and a dark form.
"""

from __future__ import annotations

import html
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator, Sequence

import msgspec

WIDTH, HEIGHT = 120, 28
MARGIN = 3
BATCH = 200
SVG = "{http://www.w3.org/2000/svg}"
NOISE = ("role", "aria-roledescription", "aria-label", "stroke", "fill")
"""What Vega says of each stroke: its colour is the page's, and the chart has a name as a whole."""


class Trend(msgspec.Struct, frozen=True):
    """What a chart shows.

    Attributes:
        title: What went which way, in words.
        text: Every point in words, for who can't see them.
        values: One for each period, oldest first; None where there is none.
        goal: A level to compare them with, if there is one.
    """

    title: str
    text: str
    values: tuple[float | None, ...]
    goal: float | None = None

    @property
    def drawable(self) -> bool:
        """Whether there is a line to draw: two points or more."""
        return sum(value is not None for value in self.values) > 1


def draw(trends: Sequence[Trend]) -> list[str]:
    """Return a chart for each trend as an SVG element; nothing for one without two points."""
    shown = [trend for trend in trends if trend.drawable]
    drawn = (svg for some in _batches(shown) for svg in _draw(some))
    return [next(drawn) if trend.drawable else "" for trend in trends]


def _batches(trends: Sequence[Trend]) -> Iterator[Sequence[Trend]]:
    for start in range(0, len(trends), BATCH):
        yield trends[start : start + BATCH]


def _draw(trends: Sequence[Trend]) -> list[str]:
    import vl_convert  # noqa: PLC0415 - it brings a JavaScript engine

    picture = ET.fromstring(vl_convert.vega_to_svg(_spec(trends)))  # noqa: S314 - Vega made it
    lines, goals, ends = (_marks(picture, name) for name in ("path", "goal", "last"))
    levels = iter(goals)
    return [
        _standing_alone(trend, [line, end] if trend.goal is None else [next(levels), line, end])
        for trend, line, end in zip(trends, lines, ends, strict=True)
    ]


def _marks(picture: ET.Element, name: str) -> list[ET.Element]:
    """Return what was drawn of one kind, a stroke for each trend that has it."""
    groups = (g for g in picture.iter(f"{SVG}g") if g.get("class", "").split()[-1:] == [name])
    return [stroke for group in groups for stroke in group]


def _points(number: int, trend: Trend) -> list[dict[str, object]]:
    """Place the values of one trend between 0, the lowest level in the picture, and 1."""
    known = [value for value in trend.values if value is not None]
    levels = known if trend.goal is None else [*known, trend.goal]
    low, high = min(levels), max(levels)

    def height(value: float) -> float:
        return (value - low) / (high - low) if high > low else 0.5

    across = len(trend.values) - 1
    points: list[dict[str, object]] = [
        {
            "chart": number,
            "x": place / across,
            "y": 0 if value is None else height(value),
            "known": value is not None,
        }
        for place, value in enumerate(trend.values)
    ]
    goal = {} if trend.goal is None else {"goal": height(trend.goal)}
    return [*points, {**next(p for p in reversed(points) if p["known"]), **goal, "end": True}]


def _spec(trends: Sequence[Trend]) -> dict[str, object]:
    points = [point for number, trend in enumerate(trends) for point in _points(number, trend)]
    ends = [point for point in points if point.get("end")]
    data = {
        "points": [point for point in points if not point.get("end")],
        "ends": ends,
        "goals": [point for point in ends if "goal" in point],
    }
    place = {"x": {"scale": "x", "field": "x"}, "y": {"scale": "y", "field": "y"}}
    goal = {
        "x": {"value": MARGIN},
        "x2": {"value": WIDTH - MARGIN},
        "y": {"scale": "y", "field": "goal"},
        "strokeDash": {"value": [2, 2]},
    }
    line = {**place, "defined": {"field": "known"}, "strokeWidth": {"value": 1.5}}
    return {
        "$schema": "https://vega.github.io/schema/vega/v5.json",
        "width": WIDTH,
        "height": HEIGHT,
        "padding": 0,
        "data": [{"name": name, "values": values} for name, values in data.items()],
        "scales": [
            {"name": "x", "domain": [0, 1], "range": [MARGIN, WIDTH - MARGIN]},
            {"name": "y", "domain": [0, 1], "range": [HEIGHT - MARGIN, MARGIN]},
        ],
        "marks": [
            {
                "type": "group",
                "from": {"facet": {"name": "chart", "data": "points", "groupby": "chart"}},
                "marks": [_mark("line", "path", "chart", line)],
            },
            _mark("rule", "goal", "goals", goal),
            _mark("symbol", "last", "ends", {**place, "size": {"value": 22}}),
        ],
    }


def _mark(kind: str, name: str, data: str, encode: dict[str, object]) -> dict[str, object]:
    return {"type": kind, "name": name, "from": {"data": data}, "encode": {"enter": encode}}


def _standing_alone(trend: Trend, strokes: Iterable[ET.Element]) -> str:
    """Make the strokes of one trend a picture of its own, with its name for screen readers."""
    return (
        f'<svg class="trend" role="img" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}"'
        f' height="{HEIGHT}"><title>{html.escape(trend.title)}</title>'
        f"<desc>{html.escape(trend.text)}</desc>{''.join(map(_plain, strokes))}</svg>"
    )


def _plain(stroke: ET.Element) -> str:
    """Write a stroke without the names that Vega gives its parts; what it is, its shape tells."""
    stroke.tag = stroke.tag.removeprefix(SVG)
    for attribute in NOISE:
        stroke.attrib.pop(attribute, None)
    return ET.tostring(stroke, encoding="unicode")
