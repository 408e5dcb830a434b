"""Values of every KPI: those that a replay computed, and composites, made when asked for."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from fractions import Fraction
from functools import cached_property
from typing import cast

from kamengine.config.model import Carrier, Config
from kamengine.config.resolution import resolve
from kamengine.config.rules import Subject
from kamengine.errors import ConfigError
from kamengine.kpi import KPI, Composite, SubjectType, TenureWeights
from kamengine.periods import Window
from kamengine.replay.reading import Reader, unknown
from kamengine.scorecard.card import Scorecard, score
from kamengine.scorecard.composite import Asked, Composed, compose, without_value
from kamengine.scorecard.service import services
from kamengine.scorecard.tenure import Service, Stint, mean_weights, stints
from kamengine.value import Value

Values = dict[str, dict[str, Value]]
"""KPI to subject to value."""


class Answers:
    """Answers from what was replayed and from the config as it is.

    Args:
        reader: Reads what was replayed.
        config: Who is measured by what.
    """

    def __init__(self, reader: Reader, config: Config) -> None:
        self.reader = reader
        self.config = config
        self.registry = reader.registry

    def values(
        self, kpi: KPI, subject_type: SubjectType, window: Window, subject: str | None = None
    ) -> list[Value]:
        """Return the values of a KPI in a window, by subject, where there is evidence."""
        if not isinstance(kpi.value, Composite):
            return self.reader.values(kpi, subject_type, window, subject)
        desk = self.reader.at_once(lambda: _Desk(self, subject_type, window, subject))
        subjects = [subject] if subject is not None else desk.subjects
        found = [desk.composed(kpi, each) for each in subjects if each in desk.subjects]
        return [composed.value for composed in found]

    def value(self, kpi: KPI, subject_type: SubjectType, window: Window, subject: str) -> Value:
        """Return one value; where there is no evidence, what its absence means."""
        if not isinstance(kpi.value, Composite):
            return self.reader.value(kpi, subject_type, window, subject)
        return self.composed(kpi, subject_type, window, subject).value

    def composed(
        self, kpi: KPI, subject_type: SubjectType, window: Window, subject: str
    ) -> Composed:
        """Return a composite with all that it is made of."""
        desk = self.reader.at_once(lambda: _Desk(self, subject_type, window, subject))
        return desk.composed(kpi, subject)

    def scorecard(self, carrier: Carrier, window: Window, subject: str) -> Scorecard:
        """Return a subject's scorecard with its values.

        Raises:
            ConfigError: No scorecard applies to the subject.
            UnknownNameError: No event names such a subject.
        """
        desk = self.reader.at_once(lambda: _Desk(self, carrier, window, subject))
        if not desk.knows(subject):
            self._refuse_strangers(carrier, subject)
        return desk.card(subject)

    def _refuse_strangers(self, carrier: Carrier, subject: str) -> None:
        known = self.reader.subjects(carrier)
        if known is not None and subject not in known:
            raise unknown(carrier, subject, known)

    def scorecards(
        self, carrier: Carrier, window: Window, subject: str | None = None
    ) -> list[Scorecard]:
        """Return the scorecards of everybody who has one and any value on it, by subject."""
        desk = self.reader.at_once(lambda: _Desk(self, carrier, window, subject))
        found = (desk.card_if_any(each) for each in desk.subjects)
        return [card for card in found if card is not None]


class _Desk:
    """All that is asked of one replay for one grain and window, for one subject or for all."""

    def __init__(
        self, answers: Answers, grain: SubjectType, window: Window, subject: str | None
    ) -> None:
        self._config, self._registry = answers.config, answers.registry
        self._reader, self._grain, self._window = answers.reader, grain, window
        self._values: Values = {
            kpi.id: {v.subject: v for v in self._reader.values(kpi, grain, window, subject)}
            for kpi in self._measured()
        }
        self._attributes: Mapping[str, Mapping[str, str | None]] = (
            self._reader.all_attributes(window.t1) if grain == "account" else {}
        )
        self._log_position = self._reader.head.position

    @cached_property
    def subjects(self) -> list[str]:
        """Everybody who has a value of a KPI that is on a scorecard for such as them."""
        return sorted({subject for values in self._values.values() for subject in values})

    @cached_property
    def services(self) -> dict[str, list[Service]]:
        """Who answered for whom."""
        return services(self._reader, self._grain, self._window)

    def knows(self, subject: str) -> bool:
        """Tell whether the replay knows anything at all of a subject."""
        return subject in self._attributes or subject in self.subjects

    def card(self, subject: str) -> Scorecard:
        """Return a subject's scorecard, its composites made of its other KPIs."""
        known = self._attributes.get(subject, {})
        attributes = {name: value for name, value in known.items() if value is not None}
        whose = Subject(id=subject, type=cast("Carrier", self._grain), attributes=attributes)
        resolved = resolve(self._config, self._registry, whose)
        on_card = [line.kpi for line in resolved.kpis if line.kpi is not None]
        values = {
            kpi.id: self._measured_value(kpi, subject)
            for kpi in on_card
            if not isinstance(kpi.value, Composite)
        }
        card = score(resolved, values, self._window.period)
        composites = [kpi for kpi in on_card if isinstance(kpi.value, Composite)]
        if composites:
            made = {kpi.id: self._composed(kpi, subject, card).value for kpi in composites}
            card = score(resolved, values | made, self._window.period)
        return card

    def card_if_any(self, subject: str) -> Scorecard | None:
        """Return a subject's scorecard, if one applies."""
        with contextlib.suppress(ConfigError):
            return self.card(subject)
        return None

    def composed(self, kpi: KPI, subject: str) -> Composed:
        """Return a subject's composite."""
        if self._grain == "segment":
            return Composed(value=without_value(self._asked(kpi, subject), NO_SEGMENT))
        try:
            card = self.card(subject)
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
        cards = [c for c in self._config.scorecards.values() if self._grain in c.carriers]
        wanted = {kpi for card in cards for kpi in card.kpis}
        if self._grain == "account":
            wanted |= {kpi for own in self._config.accounts.values() for kpi in own.add}
        measured = self._registry.measured
        return [measured[kpi] for kpi in sorted(wanted & measured.keys())]

    def _measured_value(self, kpi: KPI, subject: str) -> Value:
        found = self._values[kpi.id].get(subject)
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
