"""What holds for one subject in the end, and which line of which file decided it.

What the organisation says of a KPI (``kpis.yaml``) comes first; over it what the scorecard says
that is nearest to the subject (``scorecards.yaml``); over it the differences for the subject:
those of rules (``overrides.yaml``), of the account (``accounts.yaml``) and of the manager
(``managers.yaml``). Weights and goals may be set on every layer; a goal is replaced as a whole,
never level by level. Parameters belong to the organisation alone, so that one KPI has one
definition.

All of it is as it holds on one day, the last of the scored period.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import msgspec

from kamengine.config import layers
from kamengine.config.changes import Addition, Change
from kamengine.config.layers import Difference
from kamengine.config.levels import Goal, GoalSettings, Weighting, latest, plain
from kamengine.config.model import Config, ScorecardSettings
from kamengine.config.reader import Path
from kamengine.config.resolved import Origin, RemovedKPI, ResolvedKPI, ResolvedScorecard
from kamengine.config.rules import Subject, describe, reason, rule_of
from kamengine.config.section import Audience, Held, When
from kamengine.errors import ConfigError
from kamengine.kpi import KPI
from kamengine.plugins import Registry

WHOLE = ("missing", "weigh_by", "tenure_bands")
"""What is settled for a scorecard as a whole."""


def resolve(
    config: Config,
    registry: Registry,
    subject: Subject,
    when: When,
    audience: Audience = "internal",
) -> ResolvedScorecard:
    """Return the scorecard that holds for a subject.

    Args:
        config: What is written.
        registry: What the loaded packs offer.
        subject: Who is scored.
        when: The period, and the day that decides.
        audience: Who reads the scorecard.

    Raises:
        ConfigError: No scorecard applies to the subject.
    """
    name = nearest(config.scorecards, subject, when, audience)
    if name is None:
        raise _nobody_applies(config, subject, when, audience)
    return _Resolution(config, registry, subject, when, name).scorecard()


def nearest(
    scorecards: Mapping[str, ScorecardSettings],
    subject: Subject,
    when: When,
    audience: Audience = "internal",
) -> str | None:
    """Return the name of the scorecard that is nearest to a subject; None where none is its."""
    matching = {
        name: rule.rank
        for name, card in scorecards.items()
        if card.audience == audience
        and card.holds_on(when.day)
        and (rule := rule_of(card.applies_to, card.carriers)).matches(subject)
    }
    return max(matching, key=lambda name: matching[name], default=None)


def params_by(config: Config, kpi: KPI) -> dict[str, Origin]:
    """Say for each parameter of a KPI what set it."""
    return {
        name: Origin(layer="organisation", place=config.places[path])
        if (path := ("kpis", kpi.id, "params", name)) in config.places
        else Origin(layer="default")
        for name in kpi.params.__struct_fields__
    }


class _Settled(msgspec.Struct):
    """What the layers looked at so far say of a KPI."""

    selected_by: Origin | None = None
    weight: Decimal = Decimal(0)
    weighted_by: Origin | None = None
    goal: Goal | None = None
    aimed_by: Origin | None = None
    min_count: int = 0
    counted_by: Origin | None = None


class _Resolution:
    def __init__(
        self, config: Config, registry: Registry, subject: Subject, when: When, name: str
    ) -> None:
        self._config, self._registry = config, registry
        self._subject, self._when, self._name = subject, when, name
        self._card = config.scorecards[name]
        self._settled: dict[str, _Settled] = {}
        self._removed: dict[str, Origin] = {}
        self._notes: list[str] = []

    def scorecard(self) -> ResolvedScorecard:
        card = self._card
        origin = Origin(
            layer="scorecard", place=self._config.place("scorecards", self._name), rule=self._name
        )
        self._tell_change(card, ("scorecards", self._name), f"scorecard {self._name}")
        for kpi in card.kpis:
            self._select(kpi, origin)
        for difference in layers.differences(self._config, self._subject, card.audience):
            self._lay_over(difference)
        self._tell_relationship()
        return ResolvedScorecard(
            subject=self._subject,
            scorecard=self._name,
            title=card.title or self._name,
            because=reason(card.applies_to, self._subject),
            origin=origin,
            kpis=tuple(self._kpi(kpi, settled) for kpi, settled in self._settled.items()),
            removed=tuple(RemovedKPI(id=kpi, origin=by) for kpi, by in self._removed.items()),
            notes=tuple(dict.fromkeys(self._notes)),
            audience=card.audience,
            missing=card.missing,
            bands=card.bands,
            when=self._when,
            settled_by=self._settled_by(origin),
        )

    def _settled_by(self, card: Origin) -> dict[str, Origin]:
        """Return the line of each setting of the scorecard as a whole that is written."""
        paths = {key: ("scorecards", self._name, key) for key in WHOLE}
        places = self._config.places
        return {
            key: msgspec.structs.replace(card, place=places[path])
            for key, path in paths.items()
            if path in places
        }

    def _select(self, kpi: str, card: Origin) -> None:
        """Put a KPI of the scorecard on it, where it has a weight on the day."""
        entry = self._card.kpis[kpi]
        path: Path = ("scorecards", self._name, "kpis", kpi)
        if latest(entry.weight, self._when.day) is None:
            return
        origin = msgspec.structs.replace(card, place=self._config.place(*path))
        self._add(kpi, entry, origin, path)

    def _add(self, kpi: str, entry: GoalSettings, origin: Origin, path: Path) -> None:
        settled = _Settled(selected_by=origin)
        self._settled[kpi] = settled
        if kpi in self._config.kpis:
            organisation: Path = ("kpis", kpi)
            by = Origin(layer="organisation", place=self._config.place(*organisation))
            self._settle(settled, self._config.kpis[kpi], by, organisation)
        self._settle(settled, entry, origin, path)

    def _lay_over(self, difference: Difference) -> None:
        """Apply a difference, or say why it changes nothing."""
        kpi, held, day = difference.kpi, difference.held, self._when.day
        what = f"{difference.bucket} {kpi}"
        if not held.holds_on(day):
            self._tell(difference.path, _outside(what, held, self._when))
            return
        self._tell_change(held, difference.path, what)
        entry = difference.entry
        if isinstance(entry, Addition) and kpi not in self._settled:
            self._removed.pop(kpi, None)
            self._add(kpi, entry, difference.origin, difference.path)
        elif kpi not in self._settled:
            self._tell(difference.path, f"{what} has no effect, because {self._absence(kpi)}")
        elif isinstance(entry, Addition | Change):
            if isinstance(entry, Addition):
                has = f"scorecard {self._name} has {kpi} already; the added weight and goal hold"
                self._tell(difference.path, has)
            self._settle(self._settled[kpi], entry, difference.origin, difference.path)
        else:
            del self._settled[kpi]
            self._removed[kpi] = difference.origin

    def _absence(self, kpi: str) -> str:
        removed = self._removed.get(kpi)
        return (
            f"{removed.place} removes it"
            if removed
            else (f"scorecard {self._name} doesn't have it")
        )

    def _settle(
        self, settled: _Settled, settings: GoalSettings, origin: Origin, path: Path
    ) -> None:
        """Let one more layer say what it has to say of a KPI."""
        key = "target" if settings.target else "band"
        if found := settings.goal(self._when):
            at, goal = found
            settled.goal = plain(goal)
            settled.aimed_by = self._at(origin, path, key, at)
        weights: tuple[Weighting, ...] = getattr(settings, "weight", ())
        if weight := latest(weights, self._when.day):
            settled.weight = weight[1].weight
            settled.weighted_by = self._at(origin, path, "weight", weight[0])
        for of, dated in ((key, settings.goals), ("weight", weights)):
            for held in dated:
                self._tell_change(held, (*path, of), f"the {of} of {path[-1]}")
        if settings.min_count is not None:
            settled.min_count = settings.min_count
            settled.counted_by = self._at(origin, path, "min_count")

    def _kpi(self, kpi_id: str, settled: _Settled) -> ResolvedKPI:
        kpi = self._registry.kpis.get(kpi_id)
        assert settled.selected_by is not None, "set where it is made"  # noqa: S101
        return ResolvedKPI(
            id=kpi_id,
            kpi=kpi,
            weight=settled.weight,
            goal=settled.goal,
            params=self._config.params_of(kpi) if kpi else None,
            selected_by=settled.selected_by,
            weighted_by=settled.weighted_by or settled.selected_by,
            aimed_by=settled.aimed_by,
            params_by=params_by(self._config, kpi) if kpi else {},
            min_count=settled.min_count,
            counted_by=settled.counted_by,
        )

    def _at(self, origin: Origin, path: Path, key: str, number: int | None = None) -> Origin:
        """Narrow an origin to the line of a key, and of one of several under it."""
        place = self._config.place(*path, key, *([] if number is None else [str(number)]))
        return msgspec.structs.replace(origin, place=place)

    def _tell_relationship(self) -> None:
        """By tenure, relationship never drops out: say so where a difference took it away."""
        families = {
            self._registry.kpis[kpi].family
            for kpi, settled in self._settled.items()
            if settled.weight and kpi in self._registry.kpis
        }
        if self._card.bands and "relationship" not in families:
            gone = "no relationship KPI is left, and the other families stand in for it"
            self._tell(("scorecards", self._name), gone)

    def _tell(self, path: Path, sentence: str) -> None:
        self._notes.append(f"{self._config.place(*path)}: {sentence}")

    def _tell_change(self, held: Held, path: Path, what: str) -> None:
        """Say so where the config of the period isn't the same from its first day to its last."""
        if day := self._when.changed_inside(held):
            period = self._when.period or "the period"
            sentence = f"{what} changes on {day}, inside {period}, which is scored with what holds"
            self._tell(path, f"{sentence} on its last day, {self._when.day}")


def _outside(what: str, held: Held, when: When) -> str:
    """Say that a difference doesn't hold on a day, yet or any longer."""
    if held.until is not None and held.until <= when.day:
        return f"{what} expired: it held until {held.until}, and doesn't on {when.day}"
    return f"{what} doesn't hold yet: it begins on {held.since}"


def _nobody_applies(
    config: Config, subject: Subject, when: When, audience: Audience
) -> ConfigError:
    known = describe(subject.attributes)
    whose = f"{subject.type} {subject.id}" + (f" ({known})" if known else "")
    if audience != "internal":
        whose, hint = f"{whose} for the audience {audience}", f"add one with `audience: {audience}`"
    elif subject.type == "account":
        hint = "add one without applies_to, which is for every account"
    else:
        hint = f"add one with `for: {subject.type}`"
    if any(not card.holds_on(when.day) for card in config.scorecards.values()):
        whose = f"{whose} on {when.day}"
    written = config.places.get(("scorecards",))
    return ConfigError(
        f"No scorecard applies to {whose}",
        where=written.file if written else "scorecards.yaml",
        hint=hint,
    )
