"""Whether settings that are each well written also make sense together."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping

import msgspec

from kamengine.config.applies import AppliesTo
from kamengine.config.complaint import Complaint, Place, Problem, complain
from kamengine.config.difference_checks import (
    check_changes,
    check_conflicts,
    check_reach,
    every_change,
)
from kamengine.config.goals import check_goals
from kamengine.config.levels import Entry, GoalSettings, Weighting
from kamengine.config.model import Organisation, Programme, ScorecardSettings
from kamengine.config.reader import Path
from kamengine.config.rules import LOOKED_AT, NAMES, rule_of, shared
from kamengine.config.section import Carrier, Held
from kamengine.kpi import HUNDRED
from kamengine.plugins import Registry


def check_organisation(
    organisation: Organisation, places: Mapping[Path, Place]
) -> Iterator[Complaint]:
    """Yield what is wrong with the organisation's own settings."""
    colours = organisation.colours
    path = ("organisation", "colours")
    if path in places and not 0 <= colours.margin <= colours.amber_from < colours.green_from:
        what = "The edges of the colours aren't in order"
        hint = "keep margin <= amber_from < green_from, such as 5%, 50% and 100%"
        yield complain(places[path], Problem(what=what, hint=hint))


def check_each(programme: Programme, registry: Registry) -> Iterator[Complaint]:
    """Yield what is wrong inside single settings; the rest of the config may be unreadable."""
    for path, settings in _goals(programme):
        kpi = registry.kpis.get(path[-1])
        if kpi:
            yield from check_goals(programme, settings, kpi, path)
    for path, entry in _entries(programme):
        yield from _check_weights(programme, path, entry.weight)
    for name, scorecard in programme.scorecards.items():
        yield from _check_scorecard(programme, name, scorecard)
        yield from _check_tenure(programme, registry, name, scorecard)
    for name, override in programme.overrides.items():
        path = ("overrides", name)
        yield from check_rule(programme, path, override.applies_to, override.carriers)
    for path, changes in every_change(programme):
        yield from check_changes(programme, path, changes)


def check_together(programme: Programme, registry: Registry) -> Iterator[Complaint]:
    """Yield what doesn't fit together between files that are each in order."""
    for first, second, whom in _ambiguities(programme.scorecards):
        what = f"Scorecards {first!r} and {second!r} are equally near to {whom}"
        hint = "narrow one of them, or add a scorecard for just these"
        place = programme.place("scorecards", second, "applies_to")
        yield complain(place, Problem(what=what, hint=hint))
    yield from _check_params(programme, registry)
    for path, entry in _entries(programme):
        counts = any(each.weight for each in entry.weight)
        if path[-1] in registry.kpis and counts and not _has_goal(programme, entry, path[-1]):
            what = f"{path[-1]!r} counts towards a score but has no target"
            hint = "give it one here or in kpis.yaml, or weight 0 to show it beside"
            yield complain(programme.place(*path), Problem(what=what, hint=hint))
    yield from check_conflicts(programme)
    yield from check_reach(programme)


def check_held(programme: Programme, path: Path, held: Held) -> Iterator[Complaint]:
    """Yield what is wrong with the days on which something holds."""
    if held.since is not None and held.until is not None and held.until <= held.since:
        what = f"This never holds: it begins on {held.since} and ends before {held.until}"
        hint = "`until` is the first day on which it holds no more; put it after `from`"
        yield complain(programme.place(*path, "until"), Problem(what=what, hint=hint))


def check_rule(
    programme: Programme, path: Path, applies_to: AppliesTo, carriers: tuple[Carrier, ...]
) -> Iterator[Complaint]:
    """Yield what is wrong with whom a scorecard or an override is for."""
    asked = {name for name in AppliesTo.__struct_fields__ if getattr(applies_to, name)}
    place = programme.place(*path, "applies_to")
    for carrier in carriers:
        strange = sorted(asked - LOOKED_AT[carrier])
        if strange:
            known = ", ".join(sorted(LOOKED_AT[carrier])) or "nothing"
            what = f"This is for {carrier}s too, which have no {strange[0]}"
            hint = f"a {carrier} can be told by {known}; split it in two, or leave `for` out"
            yield complain(place, Problem(what=what, hint=hint))
    named = asked & set(NAMES)
    if named and len(asked) > 1:
        other = ", ".join(sorted(asked - {min(named)}))
        what = f"What names {min(named)} can't ask for {other} too"
        yield complain(place, Problem(what=what, hint="keep the names or the rule"))
    tenure = applies_to.tenure
    if tenure and tenure.before_month is not None and tenure.before_month <= tenure.from_month:
        what = f"No tenure is from month {tenure.from_month} and before {tenure.before_month}"
        place = programme.place(*path, "applies_to", "tenure")
        yield complain(place, Problem(what=what, hint="put before_month after from_month"))


def _check_params(programme: Programme, registry: Registry) -> Iterator[Complaint]:
    """Let each KPI look at its settings as a whole, as it does when it is made."""
    for name, settings in programme.kpis.items():
        kpi = registry.kpis.get(name)
        try:
            if kpi and settings.params:
                msgspec.structs.replace(kpi.params, **settings.params)
        except ValueError as error:
            yield complain(programme.place("kpis", name, "params"), Problem(what=str(error)))


def _check_scorecard(
    programme: Programme, name: str, scorecard: ScorecardSettings
) -> Iterator[Complaint]:
    path = ("scorecards", name)
    yield from check_held(programme, path, scorecard)
    weights = [each.weight for entry in scorecard.kpis.values() for each in entry.weight]
    if not any(weights):
        what = f"Scorecard {name!r} has no KPI with a weight above 0"
        hint = "without one there is no score"
        yield complain(programme.place(*path, "kpis"), Problem(what=what, hint=hint))
    yield from check_rule(programme, path, scorecard.applies_to, scorecard.carriers)


def _check_tenure(
    programme: Programme, registry: Registry, name: str, scorecard: ScorecardSettings
) -> Iterator[Complaint]:
    place = programme.place("scorecards", name, "tenure_bands")
    if scorecard.tenure_bands and scorecard.weigh_by != "tenure":
        what = f"Scorecard {name!r} has bands of tenure, and isn't weighed by tenure"
        yield complain(place, Problem(what=what, hint="add `weigh_by: tenure`, or delete them"))
    months = [band.from_month for band in scorecard.bands]
    if months and (months[0] != 0 or months != sorted(set(months))):
        what = f"Bands of tenure begin with month 0 and rise, and these are {months}"
        yield complain(place, Problem(what=what, hint="put them in order, the first from month 0"))
    for band in scorecard.bands:
        families = (band.relationship, band.revenue, band.retention, band.learning, band.business)
        if sum(families) != HUNDRED:
            what = f"The weights from month {band.from_month} add up to {sum(families)}, not 100"
            yield complain(place, Problem(what=what, hint="each band adds up to 100"))
        if not band.relationship:
            what = f"Relationship has no weight from month {band.from_month} on"
            yield complain(place, Problem(what=what, hint="relationship never drops out"))
    counting = {kpi for kpi, entry in scorecard.kpis.items() if any(w.weight for w in entry.weight)}
    known = [registry.kpis[kpi].family for kpi in counting if kpi in registry.kpis]
    if scorecard.bands and "relationship" not in known and len(known) == len(counting):
        what = f"Scorecard {name!r} is weighed by tenure, and no relationship KPI counts on it"
        hint = "relationship never drops out: give one a weight above 0"
        yield complain(programme.place("scorecards", name, "kpis"), Problem(what=what, hint=hint))


def _ambiguities(
    scorecards: Mapping[str, ScorecardSettings],
) -> Iterator[tuple[str, str, str]]:
    """Yield each two scorecards that are equally near to someone, and to whom, in words."""
    rules = {name: rule_of(card.applies_to, card.carriers) for name, card in scorecards.items()}
    for (a, one), (b, other) in itertools.combinations(scorecards.items(), 2):
        if one.audience != other.audience or not one.meets(other):
            continue
        both = Held(
            since=max(filter(None, (one.since, other.since)), default=None),
            until=min(filter(None, (one.until, other.until)), default=None),
        )
        settling = [
            rules[name]
            for name, card in scorecards.items()
            if card.audience == one.audience and card.covers(both)
        ]
        if whom := shared(rules[a], rules[b], settling):
            yield a, b, whom


def _check_weights(
    programme: Programme, path: Path, weights: tuple[Weighting, ...]
) -> Iterator[Complaint]:
    """An entry needs a weight, and never two that begin on the same day."""
    if not weights:
        problem = Problem(what=f"{path[-1]!r} has no weight", hint="0 shows it beside the score")
        yield complain(programme.place(*path), problem)
    seen: dict[object, str] = {}
    for at, each in enumerate(weights):
        place = programme.place(*path, "weight", str(at))
        if each.since in seen:
            what = f"Two weights of {path[-1]!r} begin at the same time"
            hint = f"see {seen[each.since]}; give one a `from`"
            yield complain(place, Problem(what=what, hint=hint))
        seen[each.since] = str(place)


def _goals(programme: Programme) -> Iterator[tuple[Path, GoalSettings]]:
    for kpi, settings in programme.kpis.items():
        yield ("kpis", kpi), settings
    for name, card in programme.scorecards.items():
        for kpi, entry in card.kpis.items():
            yield ("scorecards", name, "kpis", kpi), entry
    for path, changes in every_change(programme):
        for bucket, kpi, each in changes.entries():
            if isinstance(each, GoalSettings):
                yield (*path, bucket, kpi), each


def _entries(programme: Programme) -> Iterator[tuple[Path, Entry]]:
    """Yield whatever puts a KPI onto a scorecard."""
    for path, settings in _goals(programme):
        if isinstance(settings, Entry):
            yield path, settings


def _has_goal(programme: Programme, entry: Entry, kpi: str) -> bool:
    return bool(entry.goals or (kpi in programme.kpis and programme.kpis[kpi].goals))
