"""The way from one state of knowledge to another, with one cause more at every stop."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from fractions import Fraction
from functools import cached_property
from typing import cast

import msgspec

from kamengine.config.section import Carrier
from kamengine.engine.session import listed
from kamengine.errors import ConfigError, UnknownNameError
from kamengine.history.causes import KINDS, Between, Kind, owners_of
from kamengine.history.standpoint import Endpoint, History
from kamengine.kpi import KPI, Composite, Formula, SubjectType
from kamengine.periods import Window
from kamengine.replay.contribution import Contribution
from kamengine.replay.reading import Reader
from kamengine.scorecard.answers import Answers, on_scorecards
from kamengine.scorecard.card import exact


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """The number that is asked about.

    Attributes:
        subject_type: The grain.
        subject: Whose number.
        period: Of which period.
        kpi: The KPI; None for the score.
    """

    subject_type: SubjectType
    subject: str
    period: str
    kpi: str | None


class Stop:
    """A state on the way.

    Args:
        cause: What was added to the stop before it, in words.
        answers: What is true there.
        window: The period, cut as it is there.
        kind: The events that were added, where it was events.
        detail: The definitions or the days that were added.
    """

    def __init__(
        self,
        cause: str,
        answers: Answers,
        window: Window,
        kind: Kind | None = None,
        detail: tuple[str, ...] = (),
    ) -> None:
        self.cause = cause
        self.answers = answers
        self.window = window
        self.kind = kind
        self.detail = detail

    def number(self, asked: Asked) -> Fraction | None:
        """Return the number that is asked about, exact; None where there is none."""
        registry = self.answers.registry
        if asked.kpi is None:
            return self._score(asked)
        if asked.kpi not in registry.kpis:
            return None
        kpi = registry.kpi(asked.kpi)
        return exact(self.answers.value(kpi, asked.subject_type, self.window, asked.subject))

    def _score(self, asked: Asked) -> Fraction | None:
        carrier = cast("Carrier", asked.subject_type)
        try:
            return self.answers.scorecard(carrier, self.window, asked.subject).score
        except (ConfigError, UnknownNameError):  # nobody's scorecard is theirs, or not yet there
            return None

    def evidence(self, asked: Asked, kpis: Collection[str]) -> Counter[Contribution]:
        """Return every piece of evidence that the number rests on."""
        reader, rows = self.answers.reader, Counter[Contribution]()
        for kpi in _measured(reader, kpis):
            found = reader.explain(kpi, asked.subject_type, self.window, asked.subject)
            rows.update(found.evidence)
        return rows


class Way:
    """The way between two ends of a question.

    Args:
        history: The workspace's past.
        asked: The number.
        earlier: The end that knows less of the log.
        later: The other one.
    """

    def __init__(self, history: History, asked: Asked, earlier: Endpoint, later: Endpoint) -> None:
        self.history = history
        self.asked = asked
        self.earlier = earlier
        self.later = later

    @cached_property
    def kpis(self) -> list[str]:
        """The KPIs that the number rests on."""
        asked, registry = self.asked.kpi, self.later.definitions.registry
        kpi = registry.kpis.get(asked) if asked else None
        if asked is not None and not (kpi and isinstance(kpi.value, Composite)):
            return [asked]
        ends = (self.earlier, self.later)
        found = {kpi for end in ends for kpi in on_scorecards(end.definitions.config)}
        return sorted(found | ({asked} if asked else set()))

    @cached_property
    def between(self) -> Between:
        """The stretch of the log that only the later end knows."""
        return Between(
            after=self.earlier.moment.position,
            upto=self.later.moment.position,
            known=self.earlier.known,
            owners=owners_of(self.earlier.definitions, self.kpis),
        )

    def stops(self) -> Iterator[Stop]:
        """Yield every stop, both ends included; a cause that isn't there makes none."""
        first, last = self.earlier, self.later
        yield self._stop("", first, first, selecting="TRUE")
        have: list[Kind] = []
        if first.moment.as_of != last.moment.as_of:
            days = (f"as of {first.moment.as_of}, then {last.moment.as_of}",)
            selecting = self.between.selecting(have)
            yield self._stop("time", first, last, selecting=selecting, detail=days)
        for kind in KINDS:
            if self.history.log.ids_where(self.between.of_kind(kind), limit=1):
                have.append(kind)
                selecting = self.between.selecting(have)
                yield self._stop(kind, first, last, selecting=selecting, kind=kind)
        if changed := tuple(self._relabelled()):
            yield self._stop("definition", last, last, config=first, detail=changed)
        composed = self.kpis != [self.asked.kpi]
        if composed and first.definitions.files != last.definitions.files:
            yield self._stop("targets and weights", last, last)

    def events(self, before: Stop, after: Stop, kind: Kind) -> list[str]:
        """Name the events of a kind behind what came, went or changed between two stops."""
        old, new = (stop.evidence(self.asked, self.kpis) for stop in (before, after))
        changed = (old - new) + (new - old)
        positions = sorted({position for row in changed for position in row.positions})
        condition = self.between.of_kind(kind)
        named = f"position IN ({', '.join(map(str, positions)) or '-1'})"
        if found := self.history.log.ids_where(f"{condition} AND {named}"):
            return found
        accounts = {row.account_id for row in changed if row.account_id is not None}
        if self.asked.subject_type == "account":
            accounts.add(self.asked.subject)
        return self.history.log.ids_where(f"{condition} AND account_id IN ({listed(accounts)})")

    def _stop(
        self,
        cause: str,
        defining: Endpoint,
        knowing: Endpoint,
        *,
        selecting: str = "TRUE",
        config: Endpoint | None = None,
        kind: Kind | None = None,
        detail: tuple[str, ...] = (),
    ) -> Stop:
        """Make a stop: by whose definitions and config, and with what of the log."""
        apply = defining.moment.apply
        moment = msgspec.structs.replace(knowing.moment, apply=apply, selecting=selecting)
        reader = self.history.reader(defining.definitions, moment, self.kpis)
        if defining.label is not None:
            reader = self.history.overruled(reader, defining.label, moment)
        settled = (config or defining).definitions
        calendar = defining.definitions.settings.calendar
        window = calendar.window(self.asked.period, calendar.after(moment.as_of))
        answers = Answers(reader, settled.config, settled.config_at)
        return Stop(cause, answers, window, kind, detail)

    def _relabelled(self) -> Iterator[str]:
        for kpi in self.kpis:
            old, new = self._label(self.earlier, kpi), self._label(self.later, kpi)
            if old != new:
                yield f"{old} -> {new}"

    def _label(self, end: Endpoint, kpi: str) -> str:
        """Return what the KPI's values carry in the period, at one end."""
        if end.label is not None and end.label.partition("@")[0] == kpi:
            return end.label
        calendar = end.definitions.settings.calendar
        holding = end.definitions.at(calendar.window(self.asked.period).start)
        if kpi not in holding.registry.kpis:
            return "none"
        return holding.labels.get(kpi, f"{kpi}@{holding.registry.kpis[kpi].version}")


def _measured(reader: Reader, kpis: Collection[str]) -> list[KPI]:
    """Return the KPIs with evidence of their own that others rest on."""
    known, found = reader.registry.kpis, dict[str, KPI]()
    for kpi in (known[k] for k in kpis if k in known):
        if isinstance(kpi.value, Formula):
            operands = [o.kpi for o in kpi.value.operands.values() if o.kpi in known]
            found |= {name: known[name] for name in operands}
        elif not isinstance(kpi.value, Composite):
            found[kpi.id] = kpi
    return list(found.values())
