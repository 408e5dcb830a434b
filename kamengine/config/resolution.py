"""What holds for one subject in the end, and which line of which file decided it.

Three layers, the later over the earlier: what the organisation says of a KPI (``kpis.yaml``),
what the scorecard that is nearest to the subject says (``scorecards.yaml``), what the account's
own entry says (``accounts.yaml``). Weights and goals may be changed on every layer; a goal is
replaced as a whole, never level by level. Parameters belong to the organisation alone, so that
one KPI has one definition.
"""

from __future__ import annotations

import msgspec

from kamengine.config.model import AccountSettings, Config, Entry, Goal, GoalSettings
from kamengine.config.reader import Path
from kamengine.config.resolved import Layer, Origin, RemovedKPI, ResolvedKPI, ResolvedScorecard
from kamengine.config.rules import Subject, describe, nearest, reason
from kamengine.errors import ConfigError
from kamengine.kpi import KPI
from kamengine.plugins import Registry


def resolve(config: Config, registry: Registry, subject: Subject) -> ResolvedScorecard:
    """Return the scorecard that holds for a subject.

    Raises:
        ConfigError: No scorecard applies to the subject.
    """
    name = nearest(config.scorecards, subject)
    if name is None:
        raise _nobody_applies(config, subject)
    card = config.scorecards[name]
    own = config.accounts.get(subject.id) if subject.type == "account" else None
    changes = own or AccountSettings()
    resolver = _Resolver(config, registry, name, subject.id, changes)
    kept = [kpi for kpi in card.kpis if kpi not in changes.remove]
    added = [kpi for kpi in changes.add if kpi not in card.kpis]
    return ResolvedScorecard(
        subject=subject,
        scorecard=name,
        title=card.title or name,
        because=reason(card.applies_to, subject),
        origin=Origin(layer="scorecard", place=config.place("scorecards", name)),
        kpis=tuple(resolver.kpi(kpi) for kpi in (*kept, *added)),
        removed=tuple(resolver.removed(kpi) for kpi in changes.remove if kpi in card.kpis),
        notes=tuple(_idle(config, name, subject.id, changes)),
    )


def params_by(config: Config, kpi: KPI) -> dict[str, Origin]:
    """Say for each parameter of a KPI what set it."""
    return {
        name: Origin(layer="organisation", place=config.places[path])
        if (path := ("kpis", kpi.id, "params", name)) in config.places
        else Origin(layer="default")
        for name in kpi.params.__struct_fields__
    }


class _Resolver:
    def __init__(
        self, config: Config, registry: Registry, card: str, account: str, own: AccountSettings
    ) -> None:
        self._config = config
        self._registry = registry
        self._card = card
        self._account = account
        self._own = own

    def kpi(self, kpi_id: str) -> ResolvedKPI:
        layers = self._layers(kpi_id)
        selected_by, weight = next((o, s.weight) for s, o, _ in layers if isinstance(s, Entry))
        weighted_by = selected_by
        goal: Goal | None = None
        aimed_by: Origin | None = None
        for settings, origin, path in layers:
            if settings.goal is not None:
                goal, aimed_by = settings.goal, self._at(origin, path, "target", "band")
            given = getattr(settings, "weight", None)
            if given is not None:
                weight, weighted_by = given, self._at(origin, path, "weight")
        kpi = self._registry.kpis.get(kpi_id)
        return ResolvedKPI(
            id=kpi_id,
            kpi=kpi,
            weight=weight,
            goal=goal,
            params=self._config.params_of(kpi) if kpi else None,
            selected_by=selected_by,
            weighted_by=weighted_by,
            aimed_by=aimed_by,
            params_by=params_by(self._config, kpi) if kpi else {},
        )

    def removed(self, kpi_id: str) -> RemovedKPI:
        origin = self._origin(
            "account", self._own.remove[kpi_id].reason, self._path("remove", kpi_id)
        )
        return RemovedKPI(id=kpi_id, origin=origin)

    def _layers(self, kpi_id: str) -> list[tuple[GoalSettings, Origin, Path]]:
        """Return whatever settles something about a KPI here, the later over the earlier."""
        found: list[tuple[GoalSettings, Origin, Path]] = []
        if kpi_id in self._config.kpis:
            path: Path = ("kpis", kpi_id)
            found.append(
                (self._config.kpis[kpi_id], self._origin("organisation", None, path), path)
            )
        card = self._config.scorecards[self._card]
        if kpi_id in card.kpis:
            path = ("scorecards", self._card, "kpis", kpi_id)
            found.append((card.kpis[kpi_id], self._origin("scorecard", None, path), path))
        for bucket, entries in (("add", self._own.add), ("change", self._own.change)):
            if kpi_id in entries:
                entry, path = entries[kpi_id], self._path(bucket, kpi_id)
                found.append((entry, self._origin("account", entry.reason, path), path))
        return found

    def _path(self, bucket: str, kpi_id: str) -> Path:
        return ("accounts", self._account, bucket, kpi_id)

    def _origin(self, layer: Layer, why: str | None, path: Path) -> Origin:
        return Origin(layer=layer, place=self._config.place(*path), reason=why)

    def _at(self, origin: Origin, path: Path, *keys: str) -> Origin:
        """Narrow an origin to the line of a key."""
        key = next((k for k in keys if (*path, k) in self._config.places), None)
        place = self._config.place(*path, key) if key else origin.place
        return msgspec.structs.replace(origin, place=place)


def _idle(config: Config, name: str, account: str, own: AccountSettings) -> list[str]:
    """Name what an account's entry says to no effect, because of the scorecard it has."""
    card = config.scorecards[name]
    notes = [
        f"{config.place('accounts', account, bucket, kpi)}: {bucket} {kpi} has no effect, "
        f"because scorecard {name} doesn't have it"
        for bucket, kpis in (("remove", own.remove), ("change", own.change))
        for kpi in kpis
        if kpi not in card.kpis
    ]
    notes += [
        f"{config.place('accounts', account, 'add', kpi)}: scorecard {name} has {kpi} already; "
        "the account's weight and goal hold"
        for kpi in own.add
        if kpi in card.kpis
    ]
    return notes


def _nobody_applies(config: Config, subject: Subject) -> ConfigError:
    known = describe(subject.attributes)
    whose = f"{subject.type} {subject.id}" + (f" ({known})" if known else "")
    if subject.type == "account":
        hint = "add one without applies_to, which is for every account"
    else:
        hint = f"add one with `for: {subject.type}`"
    written = config.places.get(("scorecards",))
    return ConfigError(
        f"No scorecard applies to {whose}",
        where=written.file if written else "scorecards.yaml",
        hint=hint,
    )
