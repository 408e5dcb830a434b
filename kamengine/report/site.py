"""A whole report: a page for everybody who has a scorecard, linked, and a list of them all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from urllib.parse import quote

import msgspec

from kamengine.config.section import Audience, Carrier
from kamengine.errors import ReportError
from kamengine.log.sqlite import SQLiteEventLog
from kamengine.periods import Window
from kamengine.report.chart import draw
from kamengine.report.page import Frame, Link, environment, render
from kamengine.report.readings import Reading, read_all, read_one
from kamengine.report.surroundings import Surroundings, Tie
from kamengine.report.trends import trends
from kamengine.report.wording import STANDINGS, arrow, day, points, standing
from kamengine.scorecard.answers import Answers

CARRIERS: tuple[Carrier, ...] = ("organisation", "team", "manager", "account")
FOLDERS = {"team": "teams", "manager": "managers", "account": "accounts"}
INDEX, DEFINITIONS = "index.html", "definitions.html"


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """What came of writing a report.

    Attributes:
        index: The page to open.
        pages: How many scorecards of each kind there are.
    """

    index: Path
    pages: dict[str, int]


def frame_of(answers: Answers, window: Window, readings: Iterable[Reading]) -> Frame:
    """Return what stands around the pages of a workspace."""
    reader = answers.reader
    calendar = reader.settings.calendar
    return Frame(
        organisation=answers.config.organisation.name,
        calendar=calendar,
        currency=reader.settings.reporting_currency,
        until=day(window.t1, calendar),
        position=reader.head.position,
        config=str(reader.workspace.config_dir),
        ids=SQLiteEventLog(reader.workspace.log_path).ids(_positions(readings)),
    )


def single_page(
    answers: Answers,
    window: Window,
    carrier: Carrier,
    subject: str,
    audience: Audience = "internal",
) -> str:
    """Return one subject's scorecard as a page that stands alone.

    Raises:
        ConfigError: No scorecard applies to the subject.
        UnknownNameError: No event names such a subject.
    """
    reading, around = read_one(answers, window, carrier, subject, audience=audience)
    frame = frame_of(answers, window, [reading])
    ways = _ways(reading, around, {})
    return render(frame, reading, draw(trends([reading])), ways)


def write(
    answers: Answers, window: Window, folder: Path, audience: Audience = "internal"
) -> Written:
    """Write a report of a period into a folder.

    Raises:
        ReportError: The folder can't be written to, or nobody has a scorecard.
    """
    readings, around = read_all(answers, window, CARRIERS, audience)
    if not readings:
        raise ReportError(
            "Nobody has a scorecard with a value in this period",
            value=window.period,
            hint="`kamengine status` says what was replayed, `kamengine config show` what applies",
        )
    places = _places(readings)
    frame = frame_of(answers, window, readings)
    try:
        for name, text in _pages(frame, readings, around, places):
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ReportError(
            f"The report can't be written ({error.strerror})",
            where=str(error.filename or folder),
            hint="name another folder with --out",
        ) from error
    return Written(
        index=folder / INDEX,
        pages=dict(Counter(reading.carrier for reading in readings)),
    )


def _places(readings: Iterable[Reading]) -> dict[tuple[str, str], str]:
    """Give every scorecard a file; ids may hold what no file may be called.

    Where a file system tells no cases apart, two ids that differ in case alone get two names.
    """
    taken: set[str] = set()
    places: dict[tuple[str, str], str] = {}
    for reading in readings:
        name = "organisation.html"
        if reading.carrier in FOLDERS:
            name = f"{FOLDERS[reading.carrier]}/{_file_name(reading.subject)}.html"
        while name.lower() in taken:
            name = name.removesuffix(".html") + "~.html"
        taken.add(name.lower())
        places[reading.carrier, reading.subject] = name
    return places


def _file_name(subject: str) -> str:
    """Write an id so that it is one name in a folder, on every system."""
    name = quote(subject, safe="").replace("%", "=")
    return f"={name}" if name.startswith(".") or not name else name[:200]


def _pages(
    frame: Frame,
    readings: Sequence[Reading],
    around: Surroundings,
    places: Mapping[tuple[str, str], str],
) -> Iterator[tuple[str, str]]:
    charts = iter(draw(trends(readings)))
    for reading in readings:
        name = places[reading.carrier, reading.subject]
        up = "../" * name.count("/")
        here = msgspec.structs.replace(
            frame,
            href=lambda kind, subject, up=up: _href(places, up, kind, subject),
            index=f"{up}{INDEX}",
            definitions=f"{up}{DEFINITIONS}",
        )
        own = [next(charts) for _ in (reading, *reading.numbers)]
        yield name, render(here, reading, own, _ways(reading, around, places, up))
    inside = msgspec.structs.replace(frame, index=INDEX, definitions=DEFINITIONS)
    yield INDEX, _index(inside, readings, around, places)
    yield DEFINITIONS, _definitions(inside, readings)


def _href(places: Mapping[tuple[str, str], str], up: str, kind: str, subject: str) -> str | None:
    place = places.get((kind, subject))
    return f"{up}{quote(place)}" if place else None


def _ways(
    reading: Reading,
    around: Surroundings,
    places: Mapping[tuple[str, str], str],
    up: str = "",
) -> dict[str, list[Link]]:
    """Return who stands above and below a subject in the period."""

    def links(kind: str, ties: Iterable[tuple[str, Tie]]) -> list[Link]:
        return [
            Link(
                text=name,
                href=_href(places, up, kind, name),
                note=f"until {tie.until:%d %b}" if tie.until else "",
            )
            for name, tie in ties
        ]

    own = reading.subject
    above = around.owners if reading.carrier == "account" else around.members
    wholes = [(tie.whole, tie) for tie in above if tie.part == own]
    match reading.carrier:
        case "account":
            return {"Managed by": links("manager", wholes)}
        case "manager":
            accounts = [(tie.part, tie) for tie in around.owners if tie.whole == own]
            return {"Team": links("team", wholes), "Accounts": links("account", accounts)}
        case "team":
            managers = [(tie.part, tie) for tie in around.members if tie.whole == own]
            return {"Managers": links("manager", managers)}
    teams = {tie.whole: Tie(part=tie.whole, whole="") for tie in around.members}
    return {"Teams": links("team", sorted(teams.items()))}


def _index(
    frame: Frame,
    readings: Sequence[Reading],
    around: Surroundings,
    places: Mapping[tuple[str, str], str],
) -> str:
    managers: dict[str, list[str]] = {}
    for tie in around.owners:
        managers.setdefault(tie.part, []).append(tie.whole)
    for tie in around.members:
        managers.setdefault(f"manager {tie.part}", []).append(tie.whole)
    rows = [_entry(reading, managers, places) for reading in readings]
    tally = Counter(str(row["standing"]) for row in rows if row["kind"] == "account")
    first = readings[0]
    return (
        environment()
        .get_template("index.html")
        .render(
            frame=frame,
            period=first.window.period,
            previous=first.previous.period if first.previous else None,
            rows=rows,
            published=any(reading.reported for reading in readings),
            standings=STANDINGS,
            tally=[(name, *STANDINGS[name], tally[name]) for name in STANDINGS],
            kinds=[carrier for carrier in CARRIERS if any(r["kind"] == carrier for r in rows)],
            segments=sorted({str(row["segment"]) for row in rows if row["segment"]}),
        )
    )


def _entry(
    reading: Reading, managers: Mapping[str, list[str]], places: Mapping[tuple[str, str], str]
) -> dict[str, object]:
    card, change, report = reading.card, reading.change, reading.reported
    attributes = card.resolved.subject.attributes
    key = reading.subject if reading.carrier == "account" else f"manager {reading.subject}"
    above = managers.get(key, []) if reading.carrier in {"account", "manager"} else []
    off = [line.kpi.title for line in card.lines if standing(line) == "red"]
    return {
        "kind": reading.carrier,
        "name": reading.subject,
        "href": quote(places[reading.carrier, reading.subject]),
        "above": ", ".join(above),
        "segment": attributes.get("segment", ""),
        "tier": attributes.get("tier", ""),
        "score": None if card.score is None else float(card.score),
        "standing": reading.colour or "",
        "difference": None if change.difference is None else float(change.difference),
        "moved": points(change.difference),
        "arrow": arrow(change.difference),
        "reported": None if report is None or report.score is None else float(report.score),
        "off": off,
        "missing": float(card.missing_share),
    }


def _definitions(frame: Frame, readings: Iterable[Reading]) -> str:
    kpis = {
        number.line.kpi.id: number.line.kpi.kpi
        for reading in readings
        for number in reading.numbers
        if number.line.kpi.kpi is not None
    }
    labels = {
        number.line.kpi.id: number.line.value.definition
        for reading in readings
        for number in reading.numbers
        if number.line.value is not None
    }
    return (
        environment()
        .get_template("definitions.html")
        .render(frame=frame, kpis=[kpis[name] for name in sorted(kpis)], labels=labels)
    )


def _positions(readings: Iterable[Reading]) -> set[int]:
    found: set[int] = set()
    for reading in readings:
        for number in reading.numbers:
            found.update(position for row in number.rows for position in row.positions)
            found.update(
                int(cause.name)
                for cause in number.change.causes
                if cause.kind == "event" and cause.name
            )
    return found
