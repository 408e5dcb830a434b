"""Scorecards with what a reader asks next: what was before, why it moved, what it rests on."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Collection, Iterable, Mapping, Sequence
from fractions import Fraction
from functools import cached_property

import msgspec

from kamengine.config.section import Audience, Carrier
from kamengine.history.publishing import Reported
from kamengine.kpi import KPI, Composite, Formula
from kamengine.periods import Window
from kamengine.report.beside import reports
from kamengine.report.causes import cause_of_score, change_of, parts_of, reversals
from kamengine.report.change import Change
from kamengine.report.evidence import Gathered, Row, gather
from kamengine.report.pooling import Sums
from kamengine.report.surroundings import Surroundings, look_around
from kamengine.report.turned import Turned
from kamengine.scorecard.answers import Answers
from kamengine.scorecard.card import Line, Scorecard
from kamengine.scorecard.colour import Colour, last_colour
from kamengine.value import Value

PERIODS = 8
"""How far back a trend goes, the period asked for included."""

PUBLISHED_FOR: Audience = "internal"
"""Whose scorecards are published; others are never reported."""
FULL = 100
"""The score that all targets together make."""


class Point(msgspec.Struct, frozen=True):
    """A value of a trend; None where there was none."""

    period: str
    value: float | None


class Number(msgspec.Struct, frozen=True, kw_only=True):
    """A KPI on a scorecard, with its past and what it rests on.

    Attributes:
        line: The KPI as it counts.
        trend: From the first value on, ending with the present one.
        change: Against the period before.
        newest: The newest event that it may rest on; None where there is none, or nobody asked.
        rows: The newest evidence behind it.
        rows_in_all: How many rows there are.
        parts: For a pooled number, what each account has of it, the worst first; of a
            band, the lowest.
        operands: For a formula, the KPIs that it is made of, now and in the period before.
        notes: What to know before judging it.
    """

    line: Line
    trend: tuple[Point, ...] = ()
    change: Change = Change()
    newest: dt.datetime | None = None
    rows: tuple[Row, ...] = ()
    rows_in_all: int = 0
    parts: Mapping[str, Sums] = {}
    operands: tuple[tuple[Value, Value], ...] = ()
    notes: tuple[str, ...] = ()


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """A subject's scorecard, ready to be read.

    Attributes:
        card: The scorecard.
        window: The period.
        previous: The period before; None where nothing is held against it.
        before: The scorecard then, if there was one.
        change: Of the score: by how much each KPI moved it.
        trend: The scores from the first on, ending with the present one; none where nobody asked.
        colour: Of the score, where 100 is full attainment; kept within the margin as a KPI's is.
        numbers: One for each line of the scorecard.
        reported: The scorecard that was published last for the subject and the period, if any.
    """

    card: Scorecard
    window: Window
    previous: Window | None
    before: Scorecard | None
    change: Change
    trend: tuple[Point, ...] = ()
    colour: Colour | None = None
    numbers: tuple[Number, ...]
    reported: Reported | None = None

    @property
    def carrier(self) -> Carrier:
        """What kind of subject it is."""
        return self.card.resolved.subject.type

    @property
    def subject(self) -> str:
        """Whose scorecard it is."""
        return self.card.resolved.subject.id


class Desk:
    """Prepares readings of one period.

    Args:
        answers: Answers for values and scorecards.
        window: The period.
        carriers: The kinds of subject that are asked for.
        subject: Only this one.
        why: Whether causes and evidence are wanted, which takes seconds and not milliseconds.
        fresh: Whether the newest events are.
        audience: Who reads the scorecards.
    """

    def __init__(
        self,
        answers: Answers,
        window: Window,
        carriers: Sequence[Carrier],
        subject: str | None = None,
        *,
        why: bool = True,
        fresh: bool = True,
        audience: Audience = "internal",
    ) -> None:
        self._audience = audience
        self._answers, self._reader = answers, answers.reader
        self.window, self._carriers, self._subject, self._why = window, carriers, subject, why
        self.previous = self._previous()
        self.periods = self._periods()
        account = subject if list(carriers) == ["account"] else None
        self.surroundings = look_around(self._reader, window, account) if fresh else Surroundings()
        self._gathered: dict[str, Gathered] = {}
        self._turned: Turned | None = None
        self._reported: dict[str, Reported] = {}

    def readings(self, cards: Mapping[Carrier, Sequence[Scorecard]]) -> list[Reading]:
        """Return readings of scorecards, in their order.

        Args:
            cards: For each kind of subject that was named, its scorecards.
        """
        windows = [self.window, *([self.previous] if self.previous else [])]
        if self._why:
            kpis = _measured(card for some in cards.values() for card in some)
            self._gathered = gather(self._reader, kpis, windows, self._carriers, self._subject)
        return [reading for carrier, some in cards.items() for reading in self._read(carrier, some)]

    def scorecards(self, carrier: Carrier, window: Window, subject: str | None) -> list[Scorecard]:
        """Return the scorecards that the same audience reads of another period."""
        return self._answers.scorecards(carrier, window, subject, self._audience)

    def scores(self, carrier: Carrier, period: str, subject: str | None) -> dict[str, Fraction]:
        """Return the scores that the same audience was shown of an earlier period, by subject."""
        window = self._reader.settings.calendar.window(period)
        return self._answers.scores(carrier, window, subject, self._audience)

    def _read(self, carrier: Carrier, cards: Sequence[Scorecard]) -> list[Reading]:
        past = _Past(self, carrier, cards)
        if self._audience == PUBLISHED_FOR:
            self._reported = reports(self._reader, self.window.period, carrier, self._subject)
        return [self._reading(carrier, card, past) for card in cards]

    def _reading(self, carrier: Carrier, card: Scorecard, past: _Past) -> Reading:
        before = past.cards.get(card.resolved.subject.id)
        return Reading(
            card=card,
            window=self.window,
            previous=self.previous,
            before=before,
            change=cause_of_score(card, before),
            trend=past.scores(card) if self._why else (),
            colour=past.colour(card) if self._why else None,
            numbers=tuple(self._number(carrier, card, line, past) for line in card.lines),
            reported=self._reported.get(card.resolved.subject.id),
        )

    def _number(self, carrier: Carrier, card: Scorecard, line: Line, past: _Past) -> Number:
        kpi, subject = line.kpi.kpi, card.resolved.subject.id
        if kpi is None or line.value is None:
            return Number(line=line)
        then = past.value(line.kpi.id, subject)
        gathered = self._gathered.get(kpi.id, Gathered())
        rows = past.rows(kpi.id, subject)
        shown = tuple(row for row in rows if row.period == self.window.period)
        period = self.previous.period if self.previous else None
        return Number(
            line=line,
            trend=past.trend(line, subject),
            change=change_of(kpi, line.value, then, gathered, rows, period),
            newest=self._newest(kpi, carrier, subject),
            rows=shown,
            rows_in_all=shown[0].count if shown else 0,
            parts=parts_of(kpi, line.value, gathered),
            operands=past.operands(kpi, subject),
            notes=self._notes(carrier, subject, (kpi, line.value, then), gathered),
        )

    def _notes(
        self,
        carrier: Carrier,
        subject: str,
        held: tuple[KPI, Value, Value | None],
        gathered: Gathered,
    ) -> tuple[str, ...]:
        """Say where pooling turns a direction around: by evidence, or by kept values alone."""
        if self._why or self.previous is None or not self._reader.book.holds(self.previous):
            return tuple(reversals(*held, gathered))
        if self._turned is None:
            whose = carrier, subject, self.window, self.previous
            self._turned = Turned(self._reader, *whose)
        return tuple(self._turned.notes(*held))

    def _newest(self, kpi: KPI, carrier: Carrier, subject: str) -> dt.datetime | None:
        known = self._reader.definitions.get(kpi.id)
        tables = known.facts if known else ()
        return self.surroundings.newest_event(tables, carrier, subject)

    def _previous(self) -> Window | None:
        """Return the period before, if anything is known of it."""
        book, window = self._reader.book, self.window
        if window.kind == "trailing":
            return None
        calendar = self._reader.settings.calendar
        day = window.start - dt.timedelta(days=1)
        found = calendar.window(calendar.period_of(window.kind, day))
        return found if book.holds(found) or not book.holds(window) else None

    def _periods(self) -> list[str]:
        """Return the periods of a trend that are kept ready, oldest first."""
        kept = [period for period, _ in self._reader.book.periods(self.window.kind)]
        if self.window.period not in kept:
            return [self.window.period]
        return kept[: kept.index(self.window.period) + 1][-PERIODS:]


def read_one(
    answers: Answers,
    window: Window,
    carrier: Carrier,
    subject: str,
    *,
    why: bool = True,
    fresh: bool = True,
    audience: Audience = "internal",
) -> tuple[Reading, Surroundings]:
    """Read one subject's scorecard, and look around it, all of the same replay.

    Raises:
        ConfigError: No scorecard applies to the subject.
        UnknownNameError: No event names such a subject.
    """

    def ask() -> tuple[Reading, Surroundings]:
        card = answers.scorecard(carrier, window, subject, audience)
        desk = Desk(answers, window, [carrier], subject, why=why, fresh=fresh, audience=audience)
        return desk.readings({carrier: [card]})[0], desk.surroundings

    return answers.reader.at_once(ask)


def read_all(
    answers: Answers,
    window: Window,
    carriers: Sequence[Carrier],
    audience: Audience = "internal",
) -> tuple[list[Reading], Surroundings]:
    """Read the scorecards of everybody who has one and a value on it, all of the same replay."""

    def ask() -> tuple[list[Reading], Surroundings]:
        desk = Desk(answers, window, carriers, audience=audience)
        cards = {
            carrier: answers.scorecards(carrier, window, audience=audience) for carrier in carriers
        }
        return desk.readings(cards), desk.surroundings

    return answers.reader.at_once(ask)


class _Past:
    """What the numbers of one kind of subject were, and what they rest on."""

    def __init__(self, desk: Desk, carrier: Carrier, cards: Sequence[Scorecard]) -> None:
        self._desk, self._carrier = desk, carrier
        reader, subject = desk._answers.reader, desk._subject  # noqa: SLF001 - its other half
        self._subject = subject
        kpis = _measured(cards)
        wanted = {kpi.id: kpi for kpi in (*kpis, *_operands(kpis, reader.registry.kpis))}
        self.cards: dict[str, Scorecard] = {}
        self._then: dict[str, dict[str, Value]] = {}
        if desk.previous is not None:
            earlier = desk.scorecards(carrier, desk.previous, subject)
            self.cards = {card.resolved.subject.id: card for card in earlier}
            self._then = {
                name: {v.subject: v for v in reader.values(kpi, carrier, desk.previous, subject)}
                for name, kpi in wanted.items()
            }
        formulas = _operands(kpis, reader.registry.kpis)
        self._now = {
            kpi.id: {v.subject: v for v in reader.values(kpi, carrier, desk.window, subject)}
            for kpi in formulas
        }
        self._series = reader.book.series(wanted, carrier, desk.periods[:-1], subject)
        self._rows: dict[str, dict[str, list[Row]]] = {}
        for name, gathered in desk._gathered.items():  # noqa: SLF001
            by_subject = self._rows.setdefault(name, {})
            for row in gathered.rows.get(carrier, ()):
                by_subject.setdefault(row.subject, []).append(row)

    def value(self, kpi: str, subject: str) -> Value | None:
        """Return a KPI's value in the period before."""
        if (found := self._then.get(kpi, {}).get(subject)) is not None:
            return found
        card = self.cards.get(subject)
        lines = card.lines if card else ()
        return next((line.value for line in lines if line.kpi.id == kpi), None)

    def rows(self, kpi: str, subject: str) -> Sequence[Row]:
        """Return the evidence worth showing, of both periods."""
        return self._rows.get(kpi, {}).get(subject, ())

    def trend(self, line: Line, subject: str) -> tuple[Point, ...]:
        """Return how a value went."""
        kept = dict(self._series.get((line.kpi.id, subject), {}))
        if (then := self.value(line.kpi.id, subject)) and then.value is not None:
            kept.setdefault(then.period, then.value)
        return self._points(kept, line.value.value if line.value else None)

    def scores(self, card: Scorecard) -> tuple[Point, ...]:
        """Return how the score went."""
        kept = {period: float(score) for period, score in self._scores_before(card).items()}
        return self._points(kept, None if card.score is None else float(card.score))

    def colour(self, card: Scorecard) -> Colour | None:
        """Return the colour of the score, by those of the periods before."""
        before = self._scores_before(card)
        course = [*map(before.get, self._desk.periods[:-1]), card.score]
        return last_colour((s if s is None else s / FULL for s in course), card.edges)

    def _scores_before(self, card: Scorecard) -> dict[str, Fraction]:
        subject = card.resolved.subject.id
        return {p: found[subject] for p, found in self._scores.items() if subject in found}

    @cached_property
    def _scores(self) -> dict[str, dict[str, Fraction]]:
        """The scores of each earlier period, by subject."""
        desk = self._desk
        *earlier, _ = desk.periods
        return {period: desk.scores(self._carrier, period, self._subject) for period in earlier}

    def _points(self, kept: Mapping[str, float], now: float | None) -> tuple[Point, ...]:
        """Put what is known into the order of periods, from the first that knows anything on."""
        *earlier, present = self._desk.periods
        begun = itertools.dropwhile(lambda period: period not in kept, earlier)
        return (*(Point(period, kept.get(period)) for period in begun), Point(present, now))

    def operands(self, kpi: KPI, subject: str) -> tuple[tuple[Value, Value], ...]:
        """Return the values that a formula is made of, now and in the period before."""
        if not isinstance(kpi.value, Formula):
            return ()
        names = dict.fromkeys(o.kpi for o in kpi.value.operands.values() if o.of == "subject")
        pairs = [
            (self._now.get(name, {}).get(subject), self._then.get(name, {}).get(subject))
            for name in names
        ]
        return tuple((now, then) for now, then in pairs if now and then)


def _measured(cards: Iterable[Scorecard]) -> list[KPI]:
    """Return the KPIs on scorecards that a replay computes, by id."""
    found = {
        line.kpi.id: line.kpi.kpi
        for card in cards
        for line in card.lines
        if line.kpi.kpi is not None and not isinstance(line.kpi.kpi.value, Composite)
    }
    return [found[name] for name in sorted(found)]


def _operands(kpis: Collection[KPI], known: Mapping[str, KPI]) -> list[KPI]:
    names = {
        operand.kpi
        for kpi in kpis
        if isinstance(kpi.value, Formula)
        for operand in kpi.value.operands.values()
    }
    return [known[name] for name in sorted(names & known.keys())]
