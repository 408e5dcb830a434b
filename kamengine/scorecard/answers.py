"""Values of every KPI: those that a replay computed, and composites, made when asked for."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Callable, Collection, Iterable, Sequence
from fractions import Fraction
from functools import cached_property, partial
from typing import TypeAlias

from kamengine.config.model import Colours, Config, TenureBand
from kamengine.config.resolution import resolve
from kamengine.config.section import CARRIERS, Audience, Carrier, When
from kamengine.errors import ConfigError
from kamengine.kpi import KPI, Composite, SubjectType, TenureWeights
from kamengine.periods import Window
from kamengine.replay.reading import Reader, unknown
from kamengine.scorecard.card import Scorecard, Weighing, colour_of, coloured, score
from kamengine.scorecard.colour import Colour
from kamengine.scorecard.composite import Asked, Composed, compose, without_value
from kamengine.scorecard.service import services
from kamengine.scorecard.subjects import Directory
from kamengine.scorecard.tenure import Service, Stint, mean_weights, schedule, stints
from kamengine.value import Value

Values = dict[str, dict[str, Value]]
"""KPI to subject to value."""


def on_scorecards(config: Config, carriers: Collection[str] = CARRIERS) -> set[str]:
    """Return the KPIs that are on anybody's scorecard, or on one for some kinds of subject."""
    cards = [card for card in config.scorecards.values() if set(carriers) & set(card.carriers)]
    wanted = {kpi for card in cards for kpi in card.kpis}
    differences = (*config.overrides.values(), *config.accounts.values(), *config.managers.values())
    return wanted | {kpi for own in differences for kpi in own.add}


class Answers:
    """Answers from what was replayed and from the config as it is.

    Args:
        reader: Reads what was replayed.
        config: Who is measured by what.
        config_at: Says it for periods that begin on a day, where that isn't the same for all.
    """

    def __init__(
        self, reader: Reader, config: Config, config_at: Callable[[dt.date], Config] | None = None
    ) -> None:
        self.reader = reader
        self.config = config
        self.config_at = config_at or (lambda _: config)
        self.registry = reader.registry
        self._desks: dict[_Question, _Desk] = {}
        self._desks_of = reader.head

    def values(
        self, kpi: KPI, subject_type: SubjectType, window: Window, subject: str | None = None
    ) -> list[Value]:
        """Return the values of a KPI in a window, by subject, where there is evidence."""
        if not isinstance(kpi.value, Composite):
            return self.reader.values(kpi, subject_type, window, subject)

        def ask() -> list[Value]:
            desk = self.desk(subject_type, window, subject)
            return [desk.composed(kpi, each).value for each in desk.subjects]

        return self.reader.at_once(ask)

    def value(self, kpi: KPI, subject_type: SubjectType, window: Window, subject: str) -> Value:
        """Return one value; where there is no evidence, what its absence means."""
        if not isinstance(kpi.value, Composite):
            return self.reader.value(kpi, subject_type, window, subject)
        return self.composed(kpi, subject_type, window, subject).value

    def composed(
        self, kpi: KPI, subject_type: SubjectType, window: Window, subject: str
    ) -> Composed:
        """Return a composite with all that it is made of."""
        return self.reader.at_once(
            lambda: self.desk(subject_type, window, subject).composed(kpi, subject)
        )

    def scorecard(
        self, carrier: Carrier, window: Window, subject: str, audience: Audience = "internal"
    ) -> Scorecard:
        """Return a subject's scorecard for an audience, with its values and colours.

        Raises:
            ConfigError: No scorecard applies to the subject.
            UnknownNameError: No event names such a subject.
        """

        def ask() -> Scorecard:
            desk = self.desk(carrier, window, subject, audience)
            if not desk.knows(subject):
                self._refuse_strangers(carrier, subject)
            return desk.card(subject)

        return self.reader.at_once(ask)

    def _refuse_strangers(self, carrier: Carrier, subject: str) -> None:
        known = self.reader.subjects(carrier)
        if known is not None and subject not in known:
            raise unknown(carrier, subject, known)

    def scorecards(
        self,
        carrier: Carrier,
        window: Window,
        subject: str | None = None,
        audience: Audience = "internal",
    ) -> list[Scorecard]:
        """Return the scorecards of everybody who has one and any value on it, by subject."""

        def ask() -> list[Scorecard]:
            desk = self.desk(carrier, window, subject, audience)
            found = (desk.card_if_any(each) for each in desk.subjects)
            return [card for card in found if card is not None]

        return self.reader.at_once(ask)

    def scores(
        self,
        carrier: Carrier,
        window: Window,
        subject: str | None = None,
        audience: Audience = "internal",
    ) -> dict[str, Fraction]:
        """Return the scores of everybody who has one, by subject."""

        def ask() -> dict[str, Fraction]:
            desk = self.desk(carrier, window, subject, audience)
            found = ((each, desk.score_if_any(each)) for each in desk.subjects)
            return {each: score for each, score in found if score is not None}

        return self.reader.at_once(ask)

    def desk(
        self,
        grain: SubjectType,
        window: Window,
        subject: str | None,
        audience: Audience = "internal",
    ) -> _Desk:
        """Return the desk for a question, laid once for all who ask it of the same replay."""
        if self._desks_of != self.reader.head:
            self._desks, self._desks_of = {}, self.reader.head
        asked = grain, window, subject, audience
        if asked not in self._desks:
            self._desks[asked] = _Desk(self, grain, window, subject, audience)
        return self._desks[asked]


_Question: TypeAlias = tuple[SubjectType, Window, str | None, Audience]


class _Desk:
    """All that is asked of one replay for one grain and window, for one subject or for all."""

    def __init__(
        self,
        answers: Answers,
        grain: SubjectType,
        window: Window,
        subject: str | None,
        audience: Audience = "internal",
    ) -> None:
        self._answers, self._config = answers, answers.config_at(window.start)
        self._reader, self._grain, self._window = answers.reader.at(window), grain, window
        self._registry = self._reader.registry
        self._subject, self._audience = subject, audience
        self.directory = Directory(self._reader, self._config, window)
        self._values: Values = {}
        self._scored: dict[str, Scorecard] = {}
        self._log_position = self._reader.head.position

    @cached_property
    def subjects(self) -> list[str]:
        """Everybody who has a value of a KPI that is on a scorecard for such as them."""
        return sorted({subject for kpi in self._measured() for subject in self._of(kpi)})

    @cached_property
    def services(self) -> dict[str, list[Service]]:
        """Who answered for whom."""
        return services(self._reader, self._grain, self._window)

    @cached_property
    def before(self) -> _Desk | None:
        """The same for the period before, where its values are kept ready."""
        calendar, window = self._reader.settings.calendar, self._window
        if window.kind == "trailing":
            return None
        day = window.start - dt.timedelta(days=1)
        earlier = calendar.window(calendar.period_of(window.kind, day))
        if not self._reader.book.holds(earlier):
            return None
        return self._answers.desk(self._grain, earlier, self._subject, self._audience)

    def knows(self, subject: str) -> bool:
        """Tell whether the replay knows anything at all of a subject."""
        if self._grain == "account" and subject in self.directory.accounts:
            return True
        return subject in self.subjects

    def card(self, subject: str) -> Scorecard:
        """Return a subject's scorecard with its colours."""
        return coloured(self.scored(subject), self.edges, partial(self.colour_before, subject))

    @property
    def edges(self) -> Colours:
        """Where colours begin in this period."""
        return self._config.organisation.colours

    def scored(self, subject: str) -> Scorecard:
        """Return a subject's scorecard, its composites made of its other KPIs."""
        if subject not in self._scored:
            self._scored[subject] = self._score(subject)
        return self._scored[subject]

    def _score(self, subject: str) -> Scorecard:
        whose = self.directory.subject(self._grain, subject)
        when = When.of(self._window)
        resolved = resolve(self._config, self._registry, whose, when, self._audience)
        on_card = [line.kpi for line in resolved.kpis if line.kpi is not None]
        values = {
            kpi.id: self._measured_value(kpi, subject)
            for kpi in on_card
            if not isinstance(kpi.value, Composite)
        }
        weighing = self._weighing(subject, resolved.bands)
        card = score(resolved, values, self._window.period, weighing)
        composites = [kpi for kpi in on_card if isinstance(kpi.value, Composite)]
        if composites:
            made = {kpi.id: self._composed(kpi, subject, card).value for kpi in composites}
            card = score(resolved, values | made, self._window.period, weighing)
        return card

    def _weighing(self, subject: str, bands: Sequence[TenureBand]) -> Weighing | None:
        """Return the weights of families on a scorecard that is weighed by tenure."""
        if not bands:
            return None
        served = self.services.get(subject, [])
        if problem := _unknown_tenure(served):
            return Weighing(problem=problem)
        cut = stints(served, schedule(bands))
        return Weighing(families=mean_weights(cut), stints=tuple(cut))

    def colour_before(self, subject: str, kpi: str) -> Colour | None:
        """Return the colour that a KPI had in the period before, which may ask the one before."""
        desk = self.before
        if desk is None:
            return None
        with contextlib.suppress(ConfigError):
            lines = {line.kpi.id: line for line in desk.scored(subject).lines}
            edges, earlier = desk.edges, partial(desk.colour_before, subject)
            return colour_of(lines[kpi], edges, earlier) if kpi in lines else None
        return None

    def card_if_any(self, subject: str) -> Scorecard | None:
        """Return a subject's scorecard, if one applies."""
        with contextlib.suppress(ConfigError):
            return self.card(subject)
        return None

    def score_if_any(self, subject: str) -> Fraction | None:
        """Return a subject's score, if it has one."""
        with contextlib.suppress(ConfigError):
            return self.scored(subject).score
        return None

    def composed(self, kpi: KPI, subject: str) -> Composed:
        """Return a subject's composite."""
        kpi = self._registry.kpis.get(kpi.id, kpi)
        if self._grain == "segment":
            return Composed(value=without_value(self._asked(kpi, subject), NO_SEGMENT))
        try:
            card = self.scored(subject)
        except ConfigError as error:
            return Composed(value=without_value(self._asked(kpi, subject), error.what))
        if subject not in self.subjects:
            value = without_value(self._asked(kpi, subject), "no evidence in this period")
            return Composed(value=value, scorecard=card.resolved.scorecard)
        return self._composed(kpi, subject, card)

    def _composed(self, kpi: KPI, subject: str, card: Scorecard) -> Composed:
        asked = self._asked(kpi, subject)
        if not isinstance(asked.params, TenureWeights):
            assert isinstance(kpi.value, Composite), "asked for by whoever calls"  # noqa: S101
            fixed = {group: Fraction(weight) for group, weight in kpi.value.weights.items()}
            return compose(asked, card, fixed)
        served = self.services.get(subject, [])
        if problem := _unknown_tenure(served):
            return Composed(value=without_value(asked, problem), scorecard=card.resolved.scorecard)
        cut = stints(served, asked.params)
        return _with_stints(compose(asked, card, mean_weights(cut)), cut)

    def _asked(self, kpi: KPI, subject: str) -> Asked:
        return Asked(
            kpi=kpi,
            params=self._reader.settings.params_of(kpi),
            subject_type=self._grain,
            subject=subject,
            period=self._window.period,
            log_position=self._log_position,
        )

    def _measured(self) -> Iterable[KPI]:
        """The KPIs on any scorecard for this grain that a replay computes."""
        measured = self._registry.measured
        wanted = on_scorecards(self._config, [self._grain])
        return [measured[kpi] for kpi in sorted(wanted & measured.keys())]

    def _of(self, kpi: KPI) -> dict[str, Value]:
        """Return the values of a KPI that were asked for, by subject."""
        if kpi.id not in self._values:
            read = self._reader.values(kpi, self._grain, self._window, self._subject)
            self._values[kpi.id] = {value.subject: value for value in read}
        return self._values[kpi.id]

    def _measured_value(self, kpi: KPI, subject: str) -> Value:
        found = self._of(kpi).get(subject)
        return found or self._reader.absent(kpi, self._grain, self._window, subject)


NO_SEGMENT = "a segment has no scorecard"


def _unknown_tenure(served: list[Service]) -> str | None:
    if not served:
        return "nobody answers for it in this period"
    unknown = sorted({s.manager for s in served if s.hired_on is None})
    return f"no event says when {', '.join(unknown)} was hired" if unknown else None


def _with_stints(composed: Composed, cut: list[Stint]) -> Composed:
    return Composed(
        value=composed.value,
        groups=composed.groups,
        stints=tuple(cut),
        scorecard=composed.scorecard,
    )
