"""Whether settings that are each well written also make sense together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from kamengine.config.complaint import Complaint, Problem, complain
from kamengine.config.goals import check_goal
from kamengine.config.model import (
    AccountSettings,
    AppliesTo,
    Entry,
    GoalSettings,
    Programme,
    ScorecardSettings,
)
from kamengine.config.reader import Path
from kamengine.config.rules import ambiguities
from kamengine.plugins import Registry
from kamengine.suggestions import suggest


def check_each(programme: Programme, registry: Registry) -> Iterator[Complaint]:
    """Yield what is wrong inside single settings; the rest of the config may be unreadable."""
    for path, settings in _goals(programme):
        kpi = registry.kpis.get(path[-1])
        if kpi:
            yield from check_goal(programme, settings, kpi, path)
    for name, scorecard in programme.scorecards.items():
        yield from _check_scorecard(programme, name, scorecard)
    for account, changes in programme.accounts.items():
        yield from _check_account(programme, account, changes)


def check_together(programme: Programme, registry: Registry) -> Iterator[Complaint]:
    """Yield what doesn't fit together between files that are each in order."""
    for first, second, whom in ambiguities(programme.scorecards):
        what = f"Scorecards {first!r} and {second!r} are equally near to {whom}"
        hint = "narrow one of them, or add a scorecard for just these"
        place = programme.place("scorecards", second, "applies_to")
        yield complain(place, Problem(what=what, hint=hint))
    yield from _check_params(programme, registry)
    for path, entry in _entries(programme):
        if path[-1] in registry.kpis and entry.weight and not _has_goal(programme, entry, path[-1]):
            what = f"{path[-1]!r} counts towards a score but has no target"
            hint = "give it one here or in kpis.yaml, or weight 0 to show it beside"
            yield complain(programme.place(*path), Problem(what=what, hint=hint))
    yield from _check_reach(programme)


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
    if not any(entry.weight for entry in scorecard.kpis.values()):
        what = f"Scorecard {name!r} has no KPI with a weight above 0"
        hint = "without one there is no score"
        yield complain(programme.place(*path, "kpis"), Problem(what=what, hint=hint))
    applies_to = scorecard.applies_to
    if applies_to == AppliesTo():
        return
    place = programme.place(*path, "applies_to")
    others = [carrier for carrier in scorecard.carriers if carrier != "account"]
    if others:
        what = f"Only a scorecard for accounts can choose by 'applies_to'; this is for {others[0]}"
        hint = "leave applies_to out, or split the scorecard in two"
        yield complain(place, Problem(what=what, hint=hint))
    if applies_to.accounts and (applies_to.tier or applies_to.segment):
        what = "A scorecard that names accounts can't ask for a tier or a segment too"
        hint = "keep the accounts or the rule"
        yield complain(place, Problem(what=what, hint=hint))


def _check_account(
    programme: Programme, account: str, settings: AccountSettings
) -> Iterator[Complaint]:
    path = ("accounts", account)
    buckets: dict[str, Iterable[str]] = {
        "add": settings.add,
        "remove": settings.remove,
        "change": settings.change,
    }
    seen: dict[str, str] = {}
    for bucket, kpis in buckets.items():
        for kpi in kpis:
            if kpi in seen:
                what = f"{account!r} has {kpi!r} under both {seen[kpi]!r} and {bucket!r}"
                problem = Problem(what=what, hint="keep one of the two")
                yield complain(programme.place(*path, bucket, kpi), problem)
            seen[kpi] = bucket
    for kpi, change in settings.change.items():
        if change.weight is None and change.goal is None:
            what = f"The change of {kpi!r} for {account!r} changes nothing"
            hint = "give a weight, a target or a band"
            yield complain(programme.place(*path, "change", kpi), Problem(what=what, hint=hint))


def _check_reach(programme: Programme) -> Iterator[Complaint]:
    """A change or removal of a KPI that no scorecard for accounts has can never take hold."""
    cards = [card for card in programme.scorecards.values() if "account" in card.carriers]
    on_cards = {kpi for card in cards for kpi in card.kpis}
    for account, settings in programme.accounts.items():
        wanted = {"remove": list(settings.remove), "change": list(settings.change)}
        for bucket, kpi in ((b, k) for b, kpis in wanted.items() for k in kpis):
            if kpi not in on_cards:
                what = f"No scorecard for accounts has {kpi!r}, so there is none to {bucket}"
                hint = suggest(kpi, on_cards) or "add it, or delete this entry"
                place = programme.place("accounts", account, bucket, kpi)
                yield complain(place, Problem(what=what, hint=hint))


def _goals(programme: Programme) -> Iterator[tuple[Path, GoalSettings]]:
    for kpi, settings in programme.kpis.items():
        yield ("kpis", kpi), settings
    for name, card in programme.scorecards.items():
        for kpi, entry in card.kpis.items():
            yield ("scorecards", name, "kpis", kpi), entry
    for account, changes in programme.accounts.items():
        for kpi, addition in changes.add.items():
            yield ("accounts", account, "add", kpi), addition
        for kpi, change in changes.change.items():
            yield ("accounts", account, "change", kpi), change


def _entries(programme: Programme) -> Iterator[tuple[Path, Entry]]:
    """Yield whatever puts a KPI onto a scorecard."""
    for path, settings in _goals(programme):
        if isinstance(settings, Entry):
            yield path, settings


def _has_goal(programme: Programme, entry: Entry, kpi: str) -> bool:
    return bool(entry.goal or (kpi in programme.kpis and programme.kpis[kpi].goal))
